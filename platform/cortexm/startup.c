/* The stack with its paint, and memory as C wants it: nothing of one CPU, which has its reset and faults in a
 * file of its own (vectors.c). */
#include "startup.h"

#include "semihost.h"

#include <stdint.h>
#include <string.h>
#include <tinyiam/port_config.h>

#define STACK_PAINT 0xA5A5A5A5u

/* From image.ld. */
extern uint32_t image_data_load[], image_data_start[], image_data_end[];
extern uint32_t image_bss_start[], image_bss_end[];

/* image.ld puts it at the bottom of RAM and knows its ends. */
STARTUP_IN_SECTION(".stack") static _Alignas(8) unsigned char stack[CONFIG_TINYIAM_STACK_SIZE];

void startup_tell(const char *label, uint32_t value)
{
    char text[9];
    for (unsigned i = 0; i < 8; i++)
        text[i] = "0123456789abcdef"[value >> (28 - 4 * i) & 15];
    text[8] = '\0';
    semihost_puts(label);
    semihost_puts(text);
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

_Noreturn void startup_begin(void)
{
    paint_stack();
    memcpy(image_data_start, image_data_load,
           (size_t)(image_data_end - image_data_start) * sizeof *image_data_start);
    memset(image_bss_start, 0, (size_t)(image_bss_end - image_bss_start) * sizeof *image_bss_start);
    startup_guard(image_stack_limit);
    semihost_exit(main());
}
