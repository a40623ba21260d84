/* What newlib and the tests ask of a system: a heap, guarded pages. For test images only: the firmware has
 * no heap. */
#include "semihost.h"

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 256u
#define GUARDS 6 /* regions 1..6 of the MPU; 0 guards the stack */
#define MPU_CTRL (*(volatile uint32_t *)0xE000ED94u)
#define MPU_RNR (*(volatile uint32_t *)0xE000ED98u)
#define MPU_RBAR (*(volatile uint32_t *)0xE000ED9Cu)
#define MPU_RASR (*(volatile uint32_t *)0xE000EDA0u)

extern char image_heap_start[], image_heap_end[];
static char *brk_now;
static uintptr_t guards[GUARDS];

void *_sbrk(ptrdiff_t n)
{
    if (brk_now == NULL)
        brk_now = image_heap_start;
    if (n > image_heap_end - brk_now) {
        errno = ENOMEM;
        return (void *)-1;
    }
    void *at = brk_now;
    brk_now += n;
    return at;
}

void _exit(int code)
{
    semihost_exit(code);
}

long sysconf(int name)
{
    return name == _SC_PAGESIZE ? (long)PAGE : -1;
}

void *mmap(void *at, size_t n, int protection, int flags, int file, long offset)
{
    (void)at;
    (void)protection;
    (void)flags;
    (void)file;
    (void)offset;
    char *p = memalign(PAGE, n);
    if (p == NULL)
        return MAP_FAILED;
    memset(p, 0, n);
    /* The last page is the one behind the buffer: while a region of the MPU is free, it bites. */
    for (unsigned i = 0; i < GUARDS; i++) {
        if (guards[i] == 0) {
            guards[i] = (uintptr_t)p + n - PAGE;
            MPU_RNR = i + 1;
            MPU_RBAR = (uint32_t)guards[i];
            MPU_RASR = 1u << 28 | 7u << 1 | 1u; /* 256 bytes, no access */
            __asm__ volatile("dsb\n\tisb" ::: "memory");
            break;
        }
    }
    return p;
}

int mprotect(void *at, size_t n, int protection)
{
    (void)at;
    (void)n;
    (void)protection;
    return 0;
}

int munmap(void *at, size_t n)
{
    for (unsigned i = 0; i < GUARDS; i++) {
        if (guards[i] == (uintptr_t)at + n - PAGE) {
            guards[i] = 0;
            MPU_RNR = i + 1;
            MPU_RASR = 0;
            __asm__ volatile("dsb\n\tisb" ::: "memory");
        }
    }
    free(at);
    return 0;
}

/* newlib's own stdio is linked where something refers to stderr; nothing is written through it. */
int _write(int file, const char *data, int n);
int _read(int file, char *to, int n);
int _close(int file);
int _lseek(int file, int offset, int whence);
int _fstat(int file, void *status);
int _isatty(int file);

int _write(int file, const char *data, int n)
{
    (void)file;
    (void)data;
    return n;
}

int _read(int file, char *to, int n)
{
    (void)file;
    (void)to;
    (void)n;
    return 0;
}

int _close(int file)
{
    return file;
}

int _lseek(int file, int offset, int whence)
{
    (void)file;
    (void)whence;
    return offset;
}

int _fstat(int file, void *status)
{
    (void)file;
    (void)status;
    return -1;
}

int _isatty(int file)
{
    return file >= 0;
}
