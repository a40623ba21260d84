/* Signals that end the command are kept while something has to be put right first. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "interrupt.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
#define NUMBERS (sizeof numbers / sizeof *numbers)

static struct sigaction before[NUMBERS];
static volatile sig_atomic_t seen;
volatile sig_atomic_t interrupt_at_once;

static void note(int number)
{
    if (!seen)
        seen = number;
}

void interrupt_hold(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note; /* without SA_RESTART */
    sigemptyset(&action.sa_mask);
    seen = 0;
    for (size_t i = 0; i < NUMBERS; i++) {
        sigaction(numbers[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
}

int interrupt_seen(void)
{
    return seen;
}

int interrupt_release(void)
{
    bool handled = false;
    for (size_t i = 0; i < NUMBERS; i++) {
        sigaction(numbers[i], &before[i], NULL);
        handled |= numbers[i] == seen && before[i].sa_handler != SIG_DFL;
    }
    if (seen && handled)
        raise(seen);
    return seen ? 128 + (int)seen : 0;
}
