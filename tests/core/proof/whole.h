/* A text of any length, and any place of it: what holds there holds everywhere. For decode_values.c and texts.c. Statics
 * are set in main(): for CBMC's loop contracts they begin as anything. */
#ifndef TINYIAM_TESTS_PROOF_WHOLE_H
#define TINYIAM_TESTS_PROOF_WHOLE_H

#include "proof.h"

#include <tinyiam/parts/utf8.h>

static struct iam_span whole; /* the text */
static size_t some;           /* the place */
#define FROM __CPROVER_POINTER_OFFSET
#define IN_WHOLE(s)                                                     \
    (__CPROVER_same_object((s).p, whole.p) && FROM((s).p) <= whole.n && \
     (s).n <= whole.n - FROM((s).p))
#define HAS_SOME(s) (some >= FROM((s).p) && some - FROM((s).p) < (s).n)

static void any_text(void)
{
    whole.n = nondet_size();
    some = nondet_size();
    ASSUME(whole.n <= UINT32_MAX);
    whole.p = any_bytes(whole.n);
}

#endif
