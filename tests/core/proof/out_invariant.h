/* A sink between two puts, and in the loops that put. For out.c. */
#ifndef TINYIAM_TESTS_PROOF_OUT_INVARIANT_H
#define TINYIAM_TESTS_PROOF_OUT_INVARIANT_H

#include "proof.h"

#include <tinyiam/parts/out.h>

#define MOST (UINT32_MAX >> 1)
static struct iam_out *o;   /* the sink */
static struct iam_span put; /* what is put, */
static size_t before;       /* and where in the stream */
static size_t copied;

/* The window has of the stream what lies behind skip, as far as it has room. */
#define IS_WINDOW (o->p != NULL && o->sha == NULL)
#define BEHIND(n) (o->total <= o->skip ? 0 : o->total - o->skip < n ? o->total - o->skip : n)
#define INVARIANT (o->n == (IS_WINDOW ? BEHIND(o->cap) : 0))

#ifdef PUT
#define ANY_PUT
#else /* what calls it takes for granted that it keeps to the text and the sink */
#define ANY_PUT                                                       \
    PROVE(n == 0 || __CPROVER_r_ok(p, n), "what is put can be read"); \
    o->total += n;                                                    \
    if (true)                                                         \
        return;
#endif
#define EACH \
    CONTRACT(INSIDE(p, s.p, end), end - p, p, run, t, o->total, __CPROVER_object_whole(text))
#define RUN CONTRACT(INSIDE(p, run, end), end - p, p)

#endif
