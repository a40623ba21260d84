/* Places of a path that is signed, and what the loops that look through it keep. */
#ifndef TINYIAM_TESTS_SIGV4_PATH_H
#define TINYIAM_TESTS_SIGV4_PATH_H

#include "sinks.h"

static size_t next_segment(const char **, const char *end);

/* At each place of the path: how many segments follow before the next ".."; NONE: there is none. */
#define NONE SIZE_MAX
static const char *start;
extern size_t follow[__CPROVER_constant_infinity_uint];
#define FOLLOW(p) follow[(p)-start]
#ifdef SEGMENT
#define EACH
#define COUNT
#define SEARCH                                                                                     \
    CONTRACT(INSIDE(*p, from, end) && INSIDE(from, __CPROVER_loop_entry(from), end), end - *p, *p, \
             from, n)
#else
#define SEARCH
/* The next segments, as many as "lasting" says, lie before it. */
#define EACH                                                                                     \
    CONTRACT(INSIDE(p, start, end) && lasting <= FOLLOW(p), end - p, p, n, lasting, depth, q, m, \
             o->total)
/* From p on depth - 1 of them have been counted; then a ".." has come. */
#define COUNTED                            \
    (FOLLOW(p) == NONE ? FOLLOW(q) == NONE \
                       : depth >= 1 && FOLLOW(q) != NONE && FOLLOW(p) == FOLLOW(q) + (depth - 1))
#define COUNT                                                        \
    CONTRACT(INSIDE(q, p, end) && depth <= (size_t)(q - p) + 1 &&    \
                 (lasting == NONE ? COUNTED : lasting <= FOLLOW(p)), \
             end - q, q, m, lasting, depth)
#endif

#endif
