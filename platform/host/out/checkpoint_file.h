/* --checkpoint FILE: the place in a list and in the output, kept so that it never lies ahead of what has
 * been written. Replaced as a whole, whatever happens in between: replace.h. */
#ifndef HOST_CHECKPOINT_FILE_H
#define HOST_CHECKPOINT_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include <tinyiam/tinyiam.h>

#include "args/args.h"
#include "out.h"
#include "text/sink.h"

enum checkpoint_phase {
    PHASE_STARTED = 0, /* nothing of the list has been written */
    PHASE_LIST,        /* place is valid */
    PHASE_DONE         /* the output is complete */
};

struct checkpoint {
    const char *path; /* NULL: there is none */
    char *target;     /* path, or what it is a link to; malloc'ed */
    enum checkpoint_phase phase;
    struct iam_checkpoint place;   /* now */
    struct iam_checkpoint resumed; /* where this run began, which the client borrows */
    int reader;                    /* the output, for reading its end back; -1: it cannot be */
    uint64_t inode;                /* of an output that is a regular file */
    uint64_t request;              /* digest of what was asked for, and in which format */
    uint32_t sum;                  /* of the file as this run read or wrote it last; 0: not yet */
    bool moved;                    /* something was handed out since the last save */
};

/* Reads the file, takes the output back to its place, and readies the formatter; or makes the file, so
 * that a folder that cannot be written is found now. 0, or an exit code after saying what is wrong. */
int checkpoint_open(struct checkpoint *, const struct args *, enum out_format, struct sink *,
                    struct out *);
/* Writes out what the sink holds, then the place. Only where out_settled(). 0, or an exit code after
 * saying what is wrong; an output that failed is left to the caller. */
int checkpoint_save(struct checkpoint *, enum checkpoint_phase, const struct iam_client *,
                    struct sink *, const struct out *);
void checkpoint_close(struct checkpoint *);

#endif
