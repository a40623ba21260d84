/* Signals that end the command, kept for as long as something has to be put right first: a terminal that shows
 * nothing, a helper with a process group of its own. Not nested. */
#ifndef HOST_INTERRUPT_H
#define HOST_INTERRUPT_H

/* From now on SIGINT, SIGTERM, SIGHUP and SIGQUIT are only noted, and interrupt system calls. One that was
 * ignored before (nohup) stays so. */
void interrupt_hold(void);
/* The first one noted; 0: none. */
int interrupt_seen(void);
/* As it was before. Whoever had a handler for the signal that was noted gets it now; where it would have ended
 * the process, that is left to the caller: the result is the exit code for it, 128 + number. 0: none came. */
int interrupt_release(void);

#endif
