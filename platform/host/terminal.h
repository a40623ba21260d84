/* The controlling terminal, lent to a helper that runs in a process group of its own. */
#ifndef HOST_TERMINAL_H
#define HOST_TERMINAL_H

#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>

struct terminal {
    int fd;      /* -1: there is none */
    bool lent;   /* keys go to the helper, Ctrl-C too */
    bool wanted; /* the helper stands still until it gets it */
    bool known, helper_known;
    struct termios modes, helper_modes; /* before it was lent; of a helper that was stopped */
};

void terminal_open(struct terminal *);
/* The helper was stopped by this signal: because it wants the terminal (SIGTTIN, SIGTTOU), or because whoever
 * sits there has stopped it (Ctrl-Z), which then stops the command as well. Either way the helper goes on,
 * with the terminal, as soon as the command is in the foreground: terminal_turn() looks. */
void terminal_stopped(struct terminal *, int by);
void terminal_turn(struct terminal *, pid_t helper);
enum terminal_state { TERMINAL_AS_IT_IS, TERMINAL_AS_IT_WAS };
/* Takes it back from the helper, and closes. AS_IT_WAS: its modes too, for one that had no time to do it. */
void terminal_close(struct terminal *, enum terminal_state);

#endif
