/* In which states a provider of keys can be, and where its texts lie: in the room that the caller gave, or anywhere else.
 * Shared by the harnesses of creds.c and of what it asks. */
#ifndef TINYIAM_TESTS_CREDS_INVARIANT_H
#define TINYIAM_TESTS_CREDS_INVARIANT_H

#include "proof.h"

#include <tinyiam/creds.h>

#define CLOCK_MOST (INT64_MAX >> 2)

static struct iam_creds p, base; /* main() makes them any */

static bool in_room(struct iam_span s)
{
    return s.n > 0 && __CPROVER_same_object(s.p, p.room);
}

static bool inside(struct iam_span s, size_t from, size_t to)
{
    return s.n == 0 || (in_room(s) && s.n <= p.room_size && __CPROVER_POINTER_OFFSET(s.p) >= from &&
                        __CPROVER_POINTER_OFFSET(s.p) + s.n <= to);
}

static bool apart(struct iam_span a, struct iam_span b)
{
    size_t i = __CPROVER_POINTER_OFFSET(a.p), k = __CPROVER_POINTER_OFFSET(b.p);
    return !in_room(a) || !in_room(b) || i + a.n <= k || k + b.n <= i;
}

/* Those of three that lie in the room lie there, none in another. */
static bool all_inside(struct iam_span *in[3], size_t from, size_t to)
{
    for (int i = 0; i < 3; i++)
        if (in_room(*in[i]) && !inside(*in[i], from, to))
            return false;
    return apart(*in[0], *in[1]) && apart(*in[0], *in[2]) && apart(*in[1], *in[2]);
}

static struct iam_span any_inside(uint32_t from, uint32_t to)
{
    uint32_t at = nondet_uint(), n = nondet_uint();
    ASSUME(from <= at && at <= to && n <= to - at);
    return nondet_bool() ? (struct iam_span){p.room + at, n} : (struct iam_span){NULL, 0};
}

static void any_room(void)
{
    p.room_size = nondet_uint();
    ASSUME(p.room_size >= 1 && p.room_size <= INT32_MAX);
    p.room = any_bytes(p.room_size);
}

#endif
