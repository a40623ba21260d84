/* The two protocols, what they call, and in which states they can be between two pieces of a body. For body.c. */
#ifndef TINYIAM_TESTS_PROOF_BODY_PARTS_H
#define TINYIAM_TESTS_PROOF_BODY_PARTS_H

#include "sinks.h"

#define MOST (UINT32_MAX >> 1)
#define memchr(text, c, n) any_place(text, n)

/* Any place of a text, or none. */
static const char *any_place(const char *text, size_t n)
{
    size_t i = nondet_size();
    PROVE(n == 0 || __CPROVER_r_ok(text, n), "the text can be read");
    return i < n ? text + i : NULL;
}

#ifdef DOCUMENT
#include "core/flow/document.c"
#define IS_STATE (o.n <= BODY_MAX)
#else
#include "core/flow/query.c"
#define IS_STATE (o.began_n <= sizeof o.began)
#endif

int iam_decode_next(struct iam_decode *d, const struct iam_sink *to, const char **p,
                    const char *end)
{
    size_t n = nondet_size();
    PROVE(__CPROVER_r_ok(*p, end - *p) && __CPROVER_w_ok(to->p, to->n), "a piece, and room");
    (void)d;
    ASSUME(n <= (size_t)(end - *p));
    *p += n;
    return (int)(nondet_uint() % 100) - 90; /* an error, and what is none */
}

struct iam_span iam_span_trim(struct iam_span text)
{
    size_t n = nondet_size(), from = nondet_size();
    PROVE(text.n == 0 || __CPROVER_r_ok(text.p, text.n), "the text can be read");
    ASSUME(from <= text.n && n <= text.n - from);
    return (struct iam_span){text.p + from, n};
}

#endif
