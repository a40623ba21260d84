/* Pages for tests/core/unit/guard.h on a machine without a memory manager. Who implements it says whether
 * the guards bite. */
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
