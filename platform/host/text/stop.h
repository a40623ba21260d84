/* Is the run to end? SIGINT and SIGTERM are noted, so that what is under way can be put right first. */
#ifndef HOST_STOP_H
#define HOST_STOP_H

#include <stdbool.h>

/* From now on; SIGPIPE is an error of the write. Asked a second time, or where nothing could be noted, the run ends
 * at once. */
void stop_watch(void);
bool stop_asked(void);
/* The exit code for it: 128 and the signal's number. */
int stop_code(void);

#endif
