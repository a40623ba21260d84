/* Columns for people. The first rows wait, so that the columns fit them; later rows follow at once. Where only few are
 * known when somebody wants to see them, columns are as wide as they usually get. Where the terminal
 * is narrow columns are dropped, in an order that each has; then what rows are told apart by is cut in the middle, and
 * a row with such a cut ends in "~" and a hash of all of it: no two different rows look the same. */
#ifndef HOST_AUDIT_GRID_H
#define HOST_AUDIT_GRID_H

#include <stdbool.h>
#include <stdint.h>

#include <tinyiam/types.h>

#include "text/sink.h"

#define GRID_COLUMNS 8
#define GRID_FIRST_ROWS 100

struct grid_column {
    const char *title;
    uint8_t drop; /* 1 goes first; 0: stays */
    /* rows are told apart by it, and so many columns of it are always shown; 0: it is not cut */
    uint8_t least;
    uint8_t usual; /* columns that it usually takes */
    bool number;   /* stands to the right */
};

struct grid_row {
    struct iam_span cell[GRID_COLUMNS];
    /* p != NULL: stands in the place of every column but the last; the other where it has no room for it. */
    struct iam_span across, across_short;
    const char *color; /* an escape sequence, or NULL */
    uint32_t hash;     /* of what it is told apart by, whole */
};

struct grid {
    struct sink *sink;
    const struct grid_column *columns; /* the last one takes what is left of the line */
    unsigned n;
    uint32_t left_out; /* bits of columns that are not wanted at all */
    unsigned width;    /* of the terminal; 0: it is none, and nothing is dropped or cut */
    bool color;
    bool shown;                    /* the titles stand there */
    bool was_cut;                  /* a row ended in its hash */
    unsigned widths[GRID_COLUMNS]; /* 0: dropped */
    struct grid_kept *kept;
    unsigned kept_n;
};

/* Text is copied where the row has to wait. */
void grid_put(struct grid *, const struct grid_row *);
/* What waits is shown. all: no others will come. */
void grid_show(struct grid *, bool all);
void grid_end(struct grid *);

#endif
