/* --checkpoint FILE: the place in what is read and in the output, kept so that it never lies ahead of what has
 * been written. Replaced as a whole, whatever happens in between: replace.h. */
#ifndef HOST_CHECKPOINT_FILE_H
#define HOST_CHECKPOINT_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include <tinyiam/tinyiam.h>

#include "args/args.h"
#include "args/formats.h"
#include "out.h"
#include "text/sink.h"
#include "text/token.h"

enum checkpoint_phase {
    PHASE_STARTED = 0, /* nothing of the list has been written */
    PHASE_LIST,        /* something has been, up to place */
    PHASE_DONE         /* the output is complete */
};

/* Of a list of the account: where its NextToken would be, and what counts towards --max-items. */
struct checkpoint_list {
    uint64_t items;                 /* shown so far, by all runs */
    uint64_t shown, skip;           /* of the page at hand: items looked at; not to be shown */
    char marker[TOKEN_MARKER_SIZE]; /* of that page */
};

struct checkpoint {
    const char *path; /* NULL: there is none */
    char *target;     /* path, or what it is a link to; malloc'ed */
    enum checkpoint_phase phase;
    struct iam_checkpoint place; /* of a list; an audit keeps what it needs in these bytes */
    struct out_state state;      /* of the format */
    uint64_t offset, tail;       /* read: of the output, and a digest of what lies before it */
    uint64_t was;                /* read: inode of the output, */
    bool in_file;                /* and was it a regular file? */
    int reader;                  /* the output, for reading its end back; -1: it cannot be */
    uint64_t inode;              /* of an output that is a regular file */
    struct checkpoint_list list;
    uint64_t request; /* digest of what was asked for, and in which format */
    uint32_t sum;     /* of the file as this run read or wrote it last; 0: not yet */
    bool moved;       /* something was handed out since the last save */
};

/* A number in n bytes, the little end first. */
static inline void checkpoint_put(uint8_t *p, uint64_t v, int n)
{
    for (int i = 0; i < n; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}
static inline uint64_t checkpoint_get(const uint8_t *p, int n)
{
    uint64_t v = 0;
    while (n-- > 0)
        v = v << 8 | p[n];
    return v;
}

/* What was asked for, in which format; of options that may be given several times every value counts. */
uint64_t checkpoint_request(const struct args *, const struct format *, const enum option *,
                            size_t n);
/* Reads the file: *found, phase, place and state are those of an earlier run with this request. 0, or an exit code
 * after saying what is wrong. */
int checkpoint_open(struct checkpoint *, const char *path, uint64_t request, struct sink *,
                    bool *found);
/* After that: the output goes back to where the file has it. 0, or an exit code likewise. */
int checkpoint_take_back(struct checkpoint *, struct sink *);
/* Writes out what the sink holds, then place and state. Only where the format is settled (out_settled()); at the
 * very beginning as well, so that a folder that cannot be written is found then. 0, or an exit code after
 * saying what is wrong; an output that failed is left to the caller. */
int checkpoint_save(struct checkpoint *, enum checkpoint_phase, struct sink *);
void checkpoint_close(struct checkpoint *);

#endif
