/* Xtensa lx106 (ESP8266) in QEMU's machine sim: reset, exceptions, and the part of semihost.h that is used, by the
 * simulator's own calls (SIMCALL). The rest of the start is platform/cortexm/startup.c. The CPU has nothing that
 * could guard the stack. */
#include "semihost.h"
#include "startup.h"

#include <string.h>

enum simcall { SIM_EXIT = 1, SIM_WRITE = 4 };

_Noreturn void startup_exception(void);

/* The first instruction is where the machine begins; behind it, from VECBASE on, are places of exceptions: of the kernel,
 * of programs, in exceptions. An underscore: as written, without a literal that the assembler would put in front. */
__asm__(
    ".section .vectors, \"ax\"\n"
    ".balign 256\n"
    "vectors:\n\tj startup_reset\n"
    ".org vectors + 0x30\n\tj exception\n"
    ".org vectors + 0x50\n\tj exception\n"
    ".org vectors + 0x70\n\tj exception\n"
    ".balign 4\n"
    "top: .word image_stack_top\n"
    "base: .word vectors\n"
    "exception:\n\tl32r a1, top\n\t_call0 startup_exception\n"
    ".balign 4\n"
    ".global startup_reset\n"
    "startup_reset:\n"
    "\tl32r a1, top\n"
    "\tl32r a2, base\n\twsr a2, vecbase\n"
    "\tmovi a2, 0x20\n\twsr a2, ps\n\trsync\n" /* a program's exceptions are no longer double ones */
    "\t_call0 startup_begin\n"
    ".text\n");

static int32_t call(enum simcall operation, uint32_t a, const void *b, uint32_t c)
{
    register uint32_t a2 __asm__("a2") = (uint32_t)operation;
    register uint32_t a3 __asm__("a3") = a;
    register const void *a4 __asm__("a4") = b;
    register uint32_t a5 __asm__("a5") = c;
    __asm__ volatile("simcall" : "+r"(a2), "+r"(a3) : "r"(a4), "r"(a5) : "memory");
    return (int32_t)a2;
}

int semihost_open(const char *path, enum semihost_mode mode)
{
    (void)path;
    return mode == SEMIHOST_WRITE ? 1 : 2;
}

int semihost_write(int handle, const void *from, size_t n)
{
    const char *p = from;
    while (n > 0) {
        int32_t moved = call(SIM_WRITE, (uint32_t)handle, p, (uint32_t)n);
        if (moved <= 0 || (size_t)moved > n)
            return -1;
        p += moved;
        n -= (size_t)moved;
    }
    return 0;
}

void semihost_puts(const char *text)
{
    (void)semihost_write(2, text, strlen(text));
}

_Noreturn void semihost_exit(int code)
{
    for (;;)
        (void)call(SIM_EXIT, (uint32_t)code, NULL, 0);
}

STARTUP_BY_ASSEMBLY _Noreturn void startup_exception(void)
{
    uint32_t cause, pc, at;
    __asm__ volatile("rsr %0, exccause\n\trsr %1, epc1\n\trsr %2, excvaddr"
                     : "=r"(cause), "=r"(pc), "=r"(at));
    startup_tell("\nexception: cause ", cause);
    startup_tell(" pc ", pc);
    startup_tell(" address ", at);
    semihost_puts("\n");
    semihost_exit(255);
}

void startup_guard(const void *limit)
{
    (void)limit;
}
