/* Arm's "Semihosting for AArch32 and AArch64": operation in r0, its block in r1, BKPT 0xAB. RISC-V has taken the
 * operations over ("RISC-V Semihosting"): in a0 and a1, and EBREAK between two instructions that do nothing. */
#include "semihost.h"

#include <string.h>

enum operation {
    SYS_OPEN = 0x01,
    SYS_CLOSE = 0x02,
    SYS_WRITE0 = 0x04,
    SYS_WRITE = 0x05,
    SYS_READ = 0x06,
    SYS_CLOCK = 0x10,
    SYS_TIME = 0x11,
    SYS_GET_CMDLINE = 0x15,
    SYS_EXIT_EXTENDED = 0x20
};

#define ADP_STOPPED_APPLICATION_EXIT 0x20026u

#ifdef __riscv
static int32_t call(enum operation operation, const void *block)
{
    register uint32_t a0 __asm__("a0") = (uint32_t)operation;
    register const void *a1 __asm__("a1") = block;
    /* the three have to lie in one page, and have 4 bytes each */
    __asm__ volatile(".balign 16\n\t.option push\n\t.option norvc\n\t"
                     "slli x0, x0, 0x1f\n\tebreak\n\tsrai x0, x0, 7\n\t.option pop"
                     : "+r"(a0)
                     : "r"(a1)
                     : "memory");
    return (int32_t)a0;
}
#else
static int32_t call(enum operation operation, const void *block)
{
    register uint32_t r0 __asm__("r0") = (uint32_t)operation;
    register const void *r1 __asm__("r1") = block;
    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return (int32_t)r0;
}
#endif

int semihost_open(const char *path, enum semihost_mode mode)
{
    uint32_t block[3] = {(uint32_t)(uintptr_t)path, (uint32_t)mode, (uint32_t)strlen(path)};
    return call(SYS_OPEN, block);
}

void semihost_close(int handle)
{
    uint32_t block[1] = {(uint32_t)handle};
    (void)call(SYS_CLOSE, block);
}

/* SYS_READ and SYS_WRITE answer with the bytes that were not moved. */
int semihost_read(int handle, void *to, size_t n)
{
    uint32_t block[3] = {(uint32_t)handle, (uint32_t)(uintptr_t)to, (uint32_t)n};
    int32_t left = call(SYS_READ, block);
    return left < 0 || (size_t)left > n ? -1 : (int)(n - (size_t)left);
}

int semihost_write(int handle, const void *from, size_t n)
{
    const char *p = from;
    while (n > 0) {
        uint32_t block[3] = {(uint32_t)handle, (uint32_t)(uintptr_t)p, (uint32_t)n};
        int32_t left = call(SYS_WRITE, block);
        if (left < 0 || (size_t)left >= n)
            return -1;
        p += n - (size_t)left;
        n = (size_t)left;
    }
    return 0;
}

void semihost_puts(const char *text)
{
    (void)call(SYS_WRITE0, text);
}

int semihost_cmdline(char *to, size_t size)
{
    uint32_t block[2] = {(uint32_t)(uintptr_t)to, (uint32_t)size};
    return call(SYS_GET_CMDLINE, block) == 0 ? 0 : -1;
}

uint32_t semihost_time(void)
{
    return (uint32_t)call(SYS_TIME, NULL);
}

uint32_t semihost_clock(void)
{
    return (uint32_t)call(SYS_CLOCK, NULL);
}

_Noreturn void semihost_exit(int code)
{
    uint32_t block[2] = {ADP_STOPPED_APPLICATION_EXIT, (uint32_t)code};
    for (;;)
        (void)call(SYS_EXIT_EXTENDED, block);
}
