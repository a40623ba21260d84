/* ARNs are printed in the order of the input, each when it is whole. What is whole before its turn waits; how far ahead
 * of the first that is not one may be is bounded, and with it the memory. */
#ifndef HOST_AUDIT_TURNS_H
#define HOST_AUDIT_TURNS_H

#include "hold.h"
#include "input.h"
#include "row.h"

#define TURNS_AHEAD 4096
#define TURN_NAMESPACE_MAX 64

/* What is known of an ARN, and its rows. */
struct turn {
    bool whole;
    bool gone;            /* unknown, since it is not there */
    struct audit_arn arn; /* its text and newest_namespace are filled in when it is printed */
    char newest_namespace[TURN_NAMESPACE_MAX + 1];
    struct held rows;
};

struct turns {
    struct input *input;
    struct audit_out *out;
    struct hold hold;
    struct turn *ring; /* by the number of the ARN modulo TURNS_AHEAD */
    uint64_t first;    /* that is not printed yet */
    uint64_t found;    /* rows that are unused or never, of ARNs that are not young */
    struct audit_totals totals;
    bool wait;  /* nothing is printed for now */
    bool begun; /* the document has a beginning */
};

/* first: what was printed by an earlier run lies before it. */
void turns_begin(struct turns *, struct input *, struct audit_out *, uint64_t first);
/* May this ARN be begun? */
bool turns_have_room(const struct turns *, uint64_t number);
/* An ARN is whole: what is known of it, its rows among that, goes over to here. Prints what may be printed. */
void turns_give(struct turns *, uint64_t number, const struct turn *);
/* Prints those whose turn has come. */
void turns_print(struct turns *);
/* The beginning of the document, where there is none yet: before the first ARN, or the end. */
void turns_begin_output(struct turns *);
void turns_end(struct turns *);

#endif
