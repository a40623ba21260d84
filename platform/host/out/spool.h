/* Items that have to wait: packed, in memory while they are few, in an unlinked temporary file after
 * that, so that memory does not grow with a report. */
#ifndef HOST_SPOOL_H
#define HOST_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <tinyiam/types.h>

#define SPOOL_MEMORY 65536

/* A record: an item, and a number that its user keeps with it. */
struct spool {
    FILE *file;            /* NULL: everything is in memory */
    unsigned char *memory; /* SPOOL_MEMORY bytes, from the first record on */
    size_t used, at;
    uint64_t records, left;
    unsigned char *record; /* the one being packed or read */
    size_t record_room;
    int error; /* errno of what failed; 0: nothing */
};

/* A zeroed struct is an empty spool. */
void spool_add(struct spool *, const struct iam_item *, uint32_t number);
/* Reading begins at the first record. */
void spool_rewind(struct spool *);
/* The next record; its text is valid until the next call. false: the end, or an error. */
bool spool_next(struct spool *, struct iam_item *, uint32_t *number);
/* Empty again. */
void spool_clear(struct spool *);
void spool_end(struct spool *);

/* One item kept outside the client's buffer. A zeroed struct holds none. */
struct kept {
    struct iam_item item;
    unsigned char *bytes;
    size_t n;
};
void kept_set(struct kept *, const struct iam_item *);
/* What was said of it later joins what is there. */
void kept_merge(struct kept *, const struct iam_item *late);
void kept_end(struct kept *);

#endif
