/* Pages for tests/core/unit/guard.h on a machine without a memory manager. mprotect() puts a region of the MPU
 * over a page that must not be touched while one is free, so guards bite here as well. */
#ifndef CORTEXM_SYS_MMAN_H
#define CORTEXM_SYS_MMAN_H

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
