/* Cortex-M: vector table, reset, faults. A fault is reported on the console and ends the run with exit code 255;
 * on a board this is the place for a log record and a reset. */
#include "semihost.h"
#include "startup.h"

#include <stdbool.h>
#include <stdint.h>

#define SCB_AIRCR (*(volatile uint32_t *)0xE000ED0Cu)
#define SCB_SHCSR (*(volatile uint32_t *)0xE000ED24u)
#define SCB_CFSR (*(volatile uint32_t *)0xE000ED28u)
#define CFSR_STKOF (1u << 20) /* Armv8-M: what would have run over the limit was not done */
#define SCB_BFAR (*(volatile uint32_t *)0xE000ED38u)

/* An interrupt whose handler no other file has: it is a fault if it comes. */
#define ELSE_A_FAULT __attribute__((weak, alias("fault")))

_Noreturn void startup_reset(void);
void startup_fault_report(const uint32_t *frame, uint32_t exception);

/* The frame may be missing where the stack itself overflowed: below its end, or, on Armv8-M, just at it. */
static int frame_readable(const uint32_t *frame)
{
    return frame > image_stack_limit && frame + 8 <= image_stack_top;
}

STARTUP_BY_ASSEMBLY void startup_fault_report(const uint32_t *frame, uint32_t exception)
{
    startup_tell("\nfault: exception ", exception);
    startup_tell(" cfsr ", SCB_CFSR);
    startup_tell(" bfar ", SCB_BFAR);
    if (frame_readable(frame)) {
        startup_tell(" pc ", frame[6]);
        startup_tell(" lr ", frame[5]);
    }
    startup_tell(" sp ", (uint32_t)(uintptr_t)frame);
    bool over = frame <= image_stack_limit || (SCB_CFSR & CFSR_STKOF) != 0;
    semihost_puts(over ? " (stack overflow)\n" : "\n");
    semihost_exit(255);
}

/* Reports on a fresh stack: the old one may be what failed. */
STARTUP_NO_FRAME static void fault(void)
{
    __asm__ volatile("mrs r0, msp\n"
                     "mrs r1, ipsr\n"
                     "ldr r2, =image_stack_top\n"
                     "mov sp, r2\n"
                     "b startup_fault_report\n");
}

void clock_tick(void) ELSE_A_FAULT;
void lan9118_interrupt(void) ELSE_A_FAULT;

_Noreturn void startup_restart(void)
{
    __asm__ volatile("dsb" ::: "memory");
    SCB_AIRCR = 0x05FA0004u; /* SYSRESETREQ */
    for (;;) {
    }
}

_Noreturn void startup_reset(void)
{
    SCB_SHCSR |= 7u << 16; /* memory, bus and usage faults by their own names */
    startup_begin();
}

typedef void (*vector)(void);

/* The first entry is the initial stack pointer; the rest are handlers, by exception number. */
STARTUP_IN_SECTION(".vectors")
static const vector vectors[16 + BOARD_LAN9118_IRQ + 1] = {
    [0] = (vector)(uintptr_t)image_stack_top,
    [1] = (vector)startup_reset,
    [2] = fault,  /* NMI */
    [3] = fault,  /* HardFault */
    [4] = fault,  /* MemManage */
    [5] = fault,  /* BusFault */
    [6] = fault,  /* UsageFault */
    [11] = fault, /* SVCall */
    [12] = fault, /* DebugMonitor */
    [14] = fault, /* PendSV */
    [15] = clock_tick,
    [16 + BOARD_LAN9118_IRQ] = lan9118_interrupt,
};
