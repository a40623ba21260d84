/* A file that nobody can name, and that is gone with the process: in TMPDIR, or /tmp. */
#ifndef HOST_TEMPORARY_H
#define HOST_TEMPORARY_H

#include <stddef.h>
#include <stdint.h>

/* Open for reading and writing, not for programs that are started; -1: errno. */
int temporary_file(void);
/* All of the bytes, at a place of the file. 0, or errno; EIO where fewer are there. */
int temporary_write(int fd, uint64_t at, const void *, size_t);
int temporary_read(int fd, uint64_t at, void *, size_t);
/* Says that it failed, by errno. Gives the exit code. */
int temporary_failed(int number);

#endif
