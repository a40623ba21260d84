/* Runs the unit tests of core/ one after the other; programs.h is made by CMakeLists.txt. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "semihost.h"

#define PROGRAM(name) int unit_##name(void);
#include "programs.h"
#undef PROGRAM

/* The small cmocka tells how long a test took, in hundredths of a second. */
uint32_t semihost_clock(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)(now.tv_sec * 100 + now.tv_nsec / 10000000);
}

void app_main(void)
{
    int failed = 0;
    sigset_t all;

    /* FreeRTOS ticks by a signal here, which would be handled on the stacks that the tests measure. */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, NULL);
#define PROGRAM(name) failed += unit_##name() != 0;
#include "programs.h"
    printf("unit tests: %s\n", failed == 0 ? "all passed" : "FAILED");
    (void)fflush(NULL);
    _exit(failed != 0);
}
