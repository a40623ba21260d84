/* Vector table, reset, faults. A fault is reported on the console and ends the run with exit code 255;
 * on a board this is the place for a log record and a reset. */
#include "startup.h"

#include "clock.h"
#include "lan9118.h"
#include "semihost.h"

#include <stdint.h>
#include <string.h>
#include <tinyiam/port_config.h>

#define STACK_PAINT 0xA5A5A5A5u
#define SCB_AIRCR (*(volatile uint32_t *)0xE000ED0Cu)
#define SCB_SHCSR (*(volatile uint32_t *)0xE000ED24u)
#define SCB_CFSR (*(volatile uint32_t *)0xE000ED28u)
#define SCB_BFAR (*(volatile uint32_t *)0xE000ED38u)

/* From image.ld. */
extern uint32_t image_stack_limit[], image_stack_top[];
extern uint32_t image_data_load[], image_data_start[], image_data_end[];
extern uint32_t image_bss_start[], image_bss_end[];

/* In a section that image.ld places; and kept by the compiler, although no C code names it. */
#define IN_SECTION(name) __attribute__((section(name), used))
/* Called from assembly alone: the compiler would leave it out. */
#define CALLED_FROM_ASSEMBLY __attribute__((used))
/* Without the code that saves registers on the stack: the stack may be what failed. */
#define WITHOUT_A_FRAME __attribute__((naked))

/* image.ld puts it at the bottom of RAM and knows its ends. */
IN_SECTION(".stack") static _Alignas(8) unsigned char stack[CONFIG_TINYIAM_STACK_SIZE];

_Noreturn void startup_reset(void);
void startup_fault_report(const uint32_t *frame, uint32_t exception);

static void put_hex(const char *label, uint32_t value)
{
    char text[9];
    for (unsigned i = 0; i < 8; i++)
        text[i] = "0123456789abcdef"[value >> (28 - 4 * i) & 15];
    text[8] = '\0';
    semihost_puts(label);
    semihost_puts(text);
}

/* The frame may be missing where the stack itself overflowed: below its end, or, on Armv8-M, just at it. */
static int frame_readable(const uint32_t *frame)
{
    return frame > image_stack_limit && frame + 8 <= image_stack_top;
}

CALLED_FROM_ASSEMBLY void startup_fault_report(const uint32_t *frame, uint32_t exception)
{
    put_hex("\nfault: exception ", exception);
    put_hex(" cfsr ", SCB_CFSR);
    put_hex(" bfar ", SCB_BFAR);
    if (frame_readable(frame)) {
        put_hex(" pc ", frame[6]);
        put_hex(" lr ", frame[5]);
    }
    put_hex(" sp ", (uint32_t)(uintptr_t)frame);
    semihost_puts(frame <= image_stack_limit ? " (stack overflow)\n" : "\n");
    semihost_exit(255);
}

/* Reports on a fresh stack: the old one may be what failed. */
WITHOUT_A_FRAME static void fault(void)
{
    __asm__ volatile("mrs r0, msp\n"
                     "mrs r1, ipsr\n"
                     "ldr r2, =image_stack_top\n"
                     "mov sp, r2\n"
                     "b startup_fault_report\n");
}

static void paint_stack(void)
{
    register uint32_t *sp __asm__("sp");
    for (volatile uint32_t *p = image_stack_limit; (uint32_t *)p < sp; p++)
        *p = STACK_PAINT;
}

size_t startup_stack_size(void)
{
    return (size_t)(image_stack_top - image_stack_limit) * sizeof *image_stack_top;
}

size_t startup_stack_peak(void)
{
    const uint32_t *p = image_stack_limit;
    while (p < image_stack_top && *p == STACK_PAINT)
        p++;
    return (size_t)(image_stack_top - p) * sizeof *p;
}

_Noreturn void startup_restart(void)
{
    __asm__ volatile("dsb" ::: "memory");
    SCB_AIRCR = 0x05FA0004u; /* SYSRESETREQ */
    for (;;) {
    }
}

_Noreturn void startup_reset(void)
{
    paint_stack();
    memcpy(image_data_start, image_data_load,
           (size_t)(image_data_end - image_data_start) * sizeof *image_data_start);
    memset(image_bss_start, 0, (size_t)(image_bss_end - image_bss_start) * sizeof *image_bss_start);
    SCB_SHCSR |= 7u << 16; /* memory, bus and usage faults by their own names */
    startup_guard(image_stack_limit);
    semihost_exit(main());
}

typedef void (*vector)(void);

/* The first entry is the initial stack pointer; the rest are handlers, by exception number. */
IN_SECTION(".vectors")
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
