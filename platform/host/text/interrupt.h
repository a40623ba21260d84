/* Signals that end the command, kept for as long as something has to be put right first: a terminal that shows
 * nothing, a helper with a process group of its own. Not nested. */
#ifndef HOST_INTERRUPT_H
#define HOST_INTERRUPT_H

#include <signal.h>

/* From now on SIGINT, SIGTERM, SIGHUP and SIGQUIT are only noted, and interrupt system calls. One that was
 * ignored before (nohup) stays so. */
void interrupt_hold(void);
/* The first one noted; 0: none. */
int interrupt_seen(void);
/* While it is set the run is inside a call that nothing cuts short (a name server that does not answer): a handler
 * that would only note its signal ends the process. */
extern volatile sig_atomic_t interrupt_at_once;

/* As it was before. Whoever had a handler for the signal that was noted gets it now; where it would have ended
 * the process, that is left to the caller: the result is the exit code for it, 128 + number. 0: none came. */
int interrupt_release(void);

#endif
