/* The size of a page, for tests/core/unit/guard.h. */
#ifndef TINYIAM_ZEPHYR_UNISTD_H
#define TINYIAM_ZEPHYR_UNISTD_H

#define _SC_PAGESIZE 1
long sysconf(int name);

#endif
