/* clock.h - milliseconds by SysTick, sleep by WFI, and the time of day where it is known. */
#ifndef CORTEXM_CLOCK_H
#define CORTEXM_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

void clock_start(void);
/* Milliseconds since clock_start(); wraps at 2^32. */
uint32_t clock_ms(void);
/* The same in cycles of the CPU's clock; never wraps. */
uint64_t clock_cycles(void);
/* Sleeps until the next tick or interrupt, unless *pending (set by an interrupt) already is. */
void clock_wait(const volatile bool *pending);

/* Milliseconds since 1970, or -1 while unset. */
int64_t clock_unix_ms(void);
void clock_set_unix_ms(int64_t unix_ms);

#endif
