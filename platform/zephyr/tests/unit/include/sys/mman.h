/* Pages for tests/core/unit/guard.h on a board: they come from the heap and are not guarded. Running over the
 * end is found by the same tests on a host. */
#ifndef TINYIAM_ZEPHYR_SYS_MMAN_H
#define TINYIAM_ZEPHYR_SYS_MMAN_H

#include <stddef.h>

#define PROT_NONE 0
#define PROT_READ 1
#define PROT_WRITE 2
#define MAP_PRIVATE 2
#define MAP_ANONYMOUS 0x20
#define MAP_FAILED ((void *)-1)

void *mmap(void *at, size_t n, int protection, int flags, int file, long offset);
int mprotect(void *at, size_t n, int protection);
int munmap(void *at, size_t n);

#endif
