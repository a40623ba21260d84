/* Milliseconds by SysTick, and the time of day on top of them. */
#include "clock.h"

#include "startup.h"

#define SYST_CSR (*(volatile uint32_t *)0xE000E010u)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014u)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018u)

static volatile uint32_t ticks;
static bool known;
static int64_t unix_base; /* the time of day at tick base_ms */
static uint32_t base_ms;

void clock_start(void)
{
    SYST_RVR = BOARD_CPU_HZ / 1000u - 1u;
    SYST_CVR = 0;
    SYST_CSR = 7; /* CPU clock, interrupt, on */
}

void clock_tick(void)
{
    ticks++;
}

uint32_t clock_ms(void)
{
    return ticks;
}

/* SysTick counts down; a tick between the two readings shows. */
uint64_t clock_cycles(void)
{
    uint32_t before, left;
    do {
        before = ticks;
        left = SYST_CVR;
    } while (before != ticks);
    return (uint64_t)(before + 1) * (BOARD_CPU_HZ / 1000u) - left - 1;
}

/* With interrupts masked between the test and WFI none can slip through: WFI wakes on a pending one. */
void clock_wait(const volatile bool *pending)
{
    __asm__ volatile("cpsid i" ::: "memory");
    if (!*pending)
        __asm__ volatile("dsb\n\twfi" ::: "memory");
    __asm__ volatile("cpsie i\n\tisb" ::: "memory");
}

/* The base moves along, so that a wrap of the ticks after 49 days does no harm. */
int64_t clock_unix_ms(void)
{
    if (!known)
        return -1;
    uint32_t now = clock_ms();
    unix_base += now - base_ms;
    base_ms = now;
    return unix_base;
}

void clock_set_unix_ms(int64_t unix_ms)
{
    unix_base = unix_ms;
    base_ms = clock_ms();
    known = true;
}
