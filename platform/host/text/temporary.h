/* A file that nobody can name, and that is gone with the process: in TMPDIR, or /tmp. */
#ifndef HOST_TEMPORARY_H
#define HOST_TEMPORARY_H

/* Open for reading and writing, not for programs that are started; -1: errno. */
int temporary_file(void);

#endif
