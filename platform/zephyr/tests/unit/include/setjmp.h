/* As much as the small cmocka needs, for Zephyr's minimal C library: out of a failed test. */
#ifndef TINYIAM_ZEPHYR_SETJMP_H
#define TINYIAM_ZEPHYR_SETJMP_H

typedef void *jmp_buf[5];
#define setjmp(where) __builtin_setjmp(where)
#define longjmp(where, value) __builtin_longjmp((where), (value))

#endif
