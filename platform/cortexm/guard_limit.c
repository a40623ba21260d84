/* The end of the stack by the limit register of Armv8-M: a push below it faults before anything is written. */
#include "startup.h"

void startup_guard(const void *limit)
{
    __asm__ volatile("msr msplim, %0" ::"r"(limit));
}
