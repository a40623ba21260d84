/* A program that shows what is longer than the screen, page by page. Bytes wait until it is known whether they are; the
 * pager gets them through a pipe, as they come. It reads its keys from the terminal, and whoever has started it waits for
 * its end: two programs cannot share one terminal. */
#ifndef HOST_PAGER_H
#define HOST_PAGER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct pager {
    const char *command;    /* NULL: none is wanted */
    bool usual;             /* nobody has named it: where it is missing nobody misses it */
    unsigned rows, columns; /* of the screen */
    pid_t pid;              /* 0: it has not been started, or has ended */
    bool ended, was_left;   /* it has; before everything was written */
    /* what has been looked at: bytes, rows that are full, the column in the last one */
    size_t looked;
    unsigned full, column;
};

/* From now on what fits the screen of this terminal waits. command: as a shell splits it, without one; NULL or without
 * words: no pager is wanted. */
void pager_begin(struct pager *, int terminal, const char *command, bool usual);
/* Do these bytes, and a line below them, fit? They have to begin with those of the call before. */
bool pager_fits(struct pager *, const char *text, size_t n);
/* Starts it: the descriptor to write to, or -1 after saying that it cannot be started. What is said on standard error
 * waits for its end. */
int pager_start(struct pager *);
/* Has it ended by itself? */
bool pager_ended(struct pager *);
/* There is no more: closes the descriptor, waits for its end. */
void pager_end(struct pager *, int fd);

#endif
