/* RISC-V in QEMU's machine virt: reset, and traps, which are reported on the console and end the run with exit code 255.
 * The rest of the start is platform/cortexm/startup.c. */
#include "semihost.h"
#include "startup.h"

#include <stdint.h>

_Noreturn void startup_reset(void);
_Noreturn void startup_trap(void);

#define GUARD_SIZE 0x10000u
#define READ_CSR(name, to) __asm__ volatile("csrr %0, " name : "=r"(to))

STARTUP_BY_ASSEMBLY __attribute__((aligned(4))) _Noreturn void startup_trap(void)
{
    uint32_t cause, pc, value, limit = (uint32_t)(uintptr_t)image_stack_limit;
    READ_CSR("mcause", cause);
    READ_CSR("mepc", pc);
    READ_CSR("mtval", value);
    startup_tell("\ntrap: cause ", cause);
    startup_tell(" pc ", pc);
    startup_tell(" value ", value);
    semihost_puts(limit - value <= GUARD_SIZE ? " (stack overflow)\n" : "\n");
    semihost_exit(255);
}

/* At the first address of the code, where the machine begins. */
STARTUP_IN_SECTION(".vectors") STARTUP_NO_FRAME _Noreturn void startup_reset(void)
{
    __asm__ volatile("la sp, image_stack_top\n"
                     "la t0, startup_trap\n"
                     "csrw mtvec, t0\n"
                     "j startup_begin\n");
}

/* By physical memory protection: no access to the 64 KB below, not for machine mode either (locked). */
void startup_guard(const void *limit)
{
    uint32_t below = (uint32_t)(uintptr_t)limit - GUARD_SIZE;
    uint32_t naturally_aligned = below >> 2 | 0x1FFFu, locked_none = 0x80u | 3u << 3;
    __asm__ volatile("csrw pmpaddr0, %0\n\tcsrw pmpcfg0, %1" ::"r"(naturally_aligned),
                     "r"(locked_none));
}
