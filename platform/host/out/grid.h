/* Columns for people. The first rows wait, so that the columns fit them; later rows follow at once. Where only few are
 * known when somebody wants to see them, columns are as wide as they usually get. Where the terminal is narrow names for
 * people give way, then columns are dropped, in an order that each has; only then what rows are told apart by is cut, in
 * the middle, and a row with such a cut ends in "~" and a hash of all of it: no two different rows look the same. No line
 * is wider than the terminal. */
#ifndef HOST_GRID_H
#define HOST_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tinyiam/types.h>

#include "text/sink.h"

#define GRID_COLUMNS 8
#define GRID_FIRST_ROWS 100
#define GRID_FIRST_BYTES 262144u /* of text that waits at most, but for one row */
#define GRID_LATE 100 /* a column's drop: only where what stays could not be cut enough */

struct grid_column {
    const char *title;
    uint8_t drop; /* 1 goes first; 0: stays */
    /* it may be cut, and so many columns of it are always shown; 0: it is not cut where the last column has room */
    uint8_t least;
    uint8_t usual; /* columns that it usually takes; what is soft gives way down to these first */
    bool number;   /* stands to the right */
    /* rows are not told apart by it, unless they say so; of others with a least, and the last one, they are */
    bool soft;
};

struct grid_row {
    struct iam_span cell[GRID_COLUMNS];
    /* p != NULL: stands in the place of every column but the last; the other where it has no room for it. */
    struct iam_span across, across_short;
    const char *color; /* an escape sequence, or NULL */
    uint32_t hash;     /* of what it is told apart by, whole */
    uint32_t tells;    /* bits of soft columns that it is told apart by */
};

struct grid {
    struct sink *sink;
    const struct grid_column *columns;
    unsigned n;
    uint32_t left_out; /* bits of columns that are not wanted at all */
    unsigned width;    /* of the terminal; 0: it is none, and nothing is dropped or cut */
    bool color;
    bool shown;   /* the titles stand there */
    bool was_cut; /* a row ended in its hash */
    /* 0: dropped. The last of the others takes what is left of the line */
    unsigned widths[GRID_COLUMNS];
    struct grid_kept *kept;
    unsigned kept_n;
    size_t kept_bytes;
};

/* Text is copied where the row has to wait. */
void grid_put(struct grid *, const struct grid_row *);
/* What waits is shown. all: no others will come. */
void grid_show(struct grid *, bool all);
/* What stands below: whether a row was cut. */
void grid_foot(struct grid *);
/* What the next run needs to go on below the rows that stand there. */
void grid_save(const struct grid *, uint32_t state[GRID_COLUMNS / 2]);
void grid_load(struct grid *, const uint32_t state[GRID_COLUMNS / 2]);
void grid_end(struct grid *);

/* A cell in at most limit columns (0: all), the middle left out. An escape, or a wide letter, is shown whole or not at
 * all, so that it may be fewer: how many they are. */
unsigned grid_cell(struct sink *, struct iam_span, unsigned limit);

/* ---- ARNs on a terminal ---- */

/* "arn:aws:iam::123456789012:", which ARNs are shown without; a zeroed one has not met any yet. */
struct grid_account {
    char text[40];
    size_t n, partition_n; /* of the text, and of "arn:aws:iam::" in it */
    bool has_aws;          /* one of AWS's own was met */
};
/* "role/team/build", "aws:policy/ReadOnlyAccess". The first one says whose account it is; those of others stay whole. */
struct iam_span grid_arn(struct grid_account *, struct iam_span arn);
/* What they have been shown without. */
void grid_account_foot(const struct grid_account *, struct sink *);

#endif
