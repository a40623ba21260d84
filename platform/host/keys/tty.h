/* The controlling terminal, lent to a helper that runs in a process group of its own. */
#ifndef HOST_TTY_H
#define HOST_TTY_H

#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>

struct tty {
    int fd;      /* -1: there is none */
    bool lent;   /* keys go to the helper, Ctrl-C too */
    bool wanted; /* the helper stands still until it gets it */
    bool known, helper_known;
    struct termios modes, helper_modes; /* before it was lent; of a helper that was stopped */
};

void tty_open(struct tty *);
/* The helper was stopped by this signal: because it wants the terminal (SIGTTIN, SIGTTOU), or because whoever
 * sits there has stopped it (Ctrl-Z), which then stops the command as well. Either way the helper goes on,
 * with the terminal, as soon as the command is in the foreground: tty_turn() looks. */
void tty_stopped(struct tty *, int by);
void tty_turn(struct tty *, pid_t helper);
enum tty_state { TTY_AS_IT_IS, TTY_AS_IT_WAS };
/* Takes it back from the helper, and closes. AS_IT_WAS: its modes too, for one that had no time to do it. */
void tty_close(struct tty *, enum tty_state);

#endif
