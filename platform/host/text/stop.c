/* SIGINT and SIGTERM end a run at a place where it can be put right. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "stop.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "interrupt.h"

static volatile sig_atomic_t stopped_by, paged;

static void on_signal(int number)
{
    if (paged && number == SIGINT) {
        if (paged == STOP_PAGED && !stopped_by)
            stopped_by = number;
        return;
    }
    if (paged && stopped_by != SIGTERM) {
        stopped_by = number; /* the pager is ended first */
        return;
    }
    if (stopped_by || interrupt_at_once)
        _exit(128 + number); /* asked twice, or where nothing could be noted: at once */
    stopped_by = number;
}

void stop_watch(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

void stop_for_pager(enum stop_when when)
{
    paged = (sig_atomic_t)when;
}

bool stop_asked(void)
{
    return stopped_by != 0;
}

int stop_code(void)
{
    return 128 + (int)stopped_by;
}
