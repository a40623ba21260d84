/* Instructions a byte on a Cortex-M4 without a board: QEMU's mps2-an386 with -icount shift=0 takes 1 ns
 * an instruction, and its SysTick runs at 25 MHz. A program of its own: vectors, reset, output by
 * semihosting. bench_xml.py builds and runs it. */
#include "bench_page.h"
#include "bench_read.h"

#include <string.h>

#define SYST_CSR (*(volatile uint32_t *)0xE000E010u)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014u)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018u)
#define SYST_MAX 0xffffffu
#define TICK 40u /* instructions */

enum { SYS_WRITE0 = 0x04, SYS_EXIT_EXTENDED = 0x20 };

static char page[100000];
static uint32_t stack[1024];

static void semihost(uint32_t operation, const void *block)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = block;
    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
}

static void put(const char *s)
{
    semihost(SYS_WRITE0, s);
}

static void put_number(uint32_t v)
{
    char text[11];
    unsigned i = sizeof(text) - 1;

    text[i] = '\0';
    do {
        text[--i] = (char)('0' + v % 10);
        v /= 10;
    } while (v != 0);
    put(text + i);
}

static void measure(const char *parser, const char *layout, bench_next *next, size_t n,
                    size_t piece)
{
    struct bench_sum sum;
    uint32_t ticks;

    SYST_RVR = SYST_MAX;
    SYST_CVR = 0;
    SYST_CSR = 5;
    sum = bench_read(next, page, n, piece);
    ticks = SYST_MAX - SYST_CVR;
    put("{\"target\":\"cortex-m4\",\"parser\":\"");
    put(parser);
    put("\",\"page\":\"");
    put(layout);
    put("\",\"bytes\":");
    put_number((uint32_t)n);
    put(",\"piece\":");
    put_number((uint32_t)piece);
    put(",\"instructions\":");
    put_number(ticks * TICK);
    put(",\"events\":");
    put_number(sum.events);
    put(",\"text\":");
    put_number(sum.text);
    put(",\"result\":");
    put_number((uint32_t)-sum.result);
    put("}\n");
}

static int run(void)
{
    struct bench_page b = {page, 0, sizeof(page), 0, 0, NULL};

    for (b.indented = 0; b.indented < 2; b.indented++) {
        const char *layout = b.indented ? "indented" : "minified";
        bench_page(&b, 100);
        measure("fast", layout, iam_xml_next, b.n, 1460);
        measure("byte", layout, iam_xml_bytes, b.n, 1460);
        measure("fast", layout, iam_xml_next, b.n, 64);
        measure("fast", layout, iam_xml_next, b.n, 1);
        measure("byte", layout, iam_xml_bytes, b.n, 1);
    }
    return b.n == sizeof(page);
}

_Noreturn void bench_reset(void);
_Noreturn void bench_reset(void)
{
    uint32_t block[2] = {0x20026u, (uint32_t)run()};

    for (;;)
        semihost(SYS_EXIT_EXTENDED, block);
}

typedef void (*vector)(void);
__attribute__((section(".vectors"), used)) static const vector vectors[16] = {
    [0] = (vector)(uintptr_t)(stack + sizeof(stack) / sizeof(stack[0])),
    [1] = (vector)bench_reset,
};
