/* Is the run to end? SIGINT and SIGTERM are noted, so that what is under way can be put right first. */
#ifndef HOST_STOP_H
#define HOST_STOP_H

#include <stdbool.h>

/* Who gets Ctrl-C? A pager is told as well, and shows what it has. */
enum stop_when {
    STOP_USUAL,
    STOP_PAGED,    /* the run ends, but waits for the pager */
    STOP_PAGED_ALL /* everything has been shown: the pager alone */
};
void stop_for_pager(enum stop_when);
/* From now on; SIGPIPE is an error of the write. Asked a second time, or where nothing could be noted, the run ends
 * at once. */
void stop_watch(void);
bool stop_asked(void);
/* The exit code for it: 128 and the signal's number; 128: it is not. */
int stop_code(void);

#endif
