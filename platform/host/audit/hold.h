/* Rows that have to wait: until their ARN is whole, and until it is its turn. They are packed into blocks of one
 * temporary file, and blocks that were read are used again: neither memory nor the file grows with the audit. An ARN
 * that is being read has one block in memory; what fits into it never meets the file, where its turn has come. */
#ifndef HOST_AUDIT_HOLD_H
#define HOST_AUDIT_HOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "row.h"

#define HOLD_BLOCK 4096

/* The file. A zeroed struct, but for fd -1, is an empty one. */
struct hold {
    int fd;          /* -1: nothing had to go there yet */
    int error;       /* errno of what failed first; 0: nothing has */
    uint32_t blocks; /* of the file; they count from 1 */
    uint32_t free;   /* the first that is free; each holds the number of the next; 0: none */
    struct hold_room {
        unsigned char *bytes;
        size_t size;
    } packed, unpacked; /* the record being packed, and the one that was read last */
};

/* The records of one ARN, in order. A zeroed struct holds none. */
struct held {
    uint32_t first, last; /* blocks in the file, each with the number of the next; 0: none */
    uint32_t used;        /* bytes in the last block */
    uint32_t records;
    unsigned char *block; /* the last one, where it is in memory still */
};

/* Which of a row's members are kept: text, dates and numbers, but not whose report it is. */
void hold_row(struct hold *, struct held *, const struct audit_row *);
/* Any bytes. */
void hold_bytes(struct hold *, struct held *, const void *, size_t);
/* Nothing more will come, and it has to wait: all of it goes to the file. */
void hold_seal(struct hold *, struct held *);
/* Gives all of it back. */
void hold_drop(struct hold *, struct held *);
void hold_end(struct hold *);

/* Reading, from the first record on. */
struct hold_reader {
    struct hold *hold;
    const struct held *from;
    uint32_t at, next; /* of the block in memory: bytes read, and which comes behind it */
    uint32_t number;   /* the block in memory; 0: from->block itself */
    uint32_t left;     /* records */
    unsigned char bytes[HOLD_BLOCK];
};

void hold_read(struct hold_reader *, struct hold *, const struct held *);
/* The next record; valid until the next call, with whichever reader. false: there is none, or hold.error. */
bool hold_next(struct hold_reader *, const unsigned char **, size_t *);
bool hold_next_row(struct hold_reader *, struct audit_row *);

#endif
