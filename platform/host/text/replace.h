/* A file replaced as a whole: written beside under a fresh name, synced, renamed, and the folder synced. Whoever
 * reads it, and whoever comes after a crash, finds the old bytes or the new ones. */
#ifndef HOST_REPLACE_H
#define HOST_REPLACE_H

#include <stddef.h>

enum replace_mode {
    REPLACE_LIKE, /* mode and, where that is allowed, owner of the file that is there; 0600 for a new one */
    REPLACE_PRIVATE, /* 0600, and this user's, whatever is there */
    REPLACE_LOSABLE /* the same, and not synced: after a crash there may be nothing, or what makes no sense */
};

/* Follows a link at the end of a path, for a file that is to stay where it is: the malloc'ed name of a regular
 * file, or of one that can be made. NULL: there is something else, errno says what: EISDIR a folder, ELOOP a
 * link to nothing, ENODEV a device, FIFO or socket. */
char *replace_target(const char *path);
/* 0 or errno; then what was there still is. The fresh name is PATH.tinyiam- and six letters, opened so that
 * nothing that somebody else has put there is opened, followed or written to. */
int replace_file(const char *path, enum replace_mode, const void *bytes, size_t n);
/* The same of what write() puts into the file: 0, or errno. */
int replace_file_by(const char *path, enum replace_mode, int (*write)(int fd, void *arg),
                    void *arg);
/* Removes such names where their runs were killed before the end. Those of runs that are at work stay. */
void replace_sweep(const char *path);

#endif
