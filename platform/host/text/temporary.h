/* What has to wait, waits in a file without a name, so that memory does not grow and nothing is left behind. */
#ifndef HOST_TEMPORARY_H
#define HOST_TEMPORARY_H

/* For reading and writing, in the folder that TMPDIR names, or /tmp; no helper inherits it. -1: errno says why not. */
int temporary_open(void);

#endif
