/* A request in parts, and an exchange that sends it. For parts.c. */
#ifndef TINYIAM_TESTS_PROOF_PARTS_INVARIANT_H
#define TINYIAM_TESTS_PROOF_PARTS_INVARIANT_H

#include "proof.h"

enum { MOST_PARTS = 5 }; /* of a query */
#define MOST (UINT32_MAX >> 2)

/* A request that is the same whenever it is written: where each of its parts begins, and the last one ends. */
static uint32_t begin[MOST_PARTS + 1];
static uint8_t parts;
static uint32_t place; /* in the request, of the first byte of tx */

/* The part at hand does not end before that place. */
#define IS_PART_OF(e, at)                                                             \
    ((e)->part < parts && (e)->part_at == begin[(e)->part] && (e)->part_at <= MOST && \
     (at) <= begin[(e)->part + 1])
#define BEHIND(e) ((e)->tx_done + ((e)->tx_n - (e)->tx_pos)) /* tx */
#define INVARIANT(e)                                                                     \
    ((e)->tx_pos <= (e)->tx_n && (e)->tx_n <= (e)->cfg.tx_size && place <= MOST &&       \
     place + (e)->tx_pos == (e)->tx_done && (e)->tx_done <= MOST && BEHIND(e) <= MOST && \
     ((e)->tx_more ? IS_PART_OF(e, BEHIND(e)) && (e)->part_at <= BEHIND(e)               \
                   : BEHIND(e) == begin[parts]))

/* What the window has after so many bytes of the stream: "out" proves it. */
#define LESS(a, b) ((a) < (b) ? (a) : (b))
#define SHOWN(o) ((o)->total <= (o)->skip ? 0 : LESS((o)->total - (o)->skip, (o)->cap))

#endif
