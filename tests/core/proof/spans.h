/* What looks at a text, for harnesses whose proofs do not depend on its bytes: the text has to lie somewhere, and any
 * answer may come. Included before the code, behind copies.h. */
#ifndef TINYIAM_TESTS_PROOF_SPANS_H
#define TINYIAM_TESTS_PROOF_SPANS_H

#include "copies.h"

#include <tinyiam/parts/datetime.h>
#include <tinyiam/parts/utf8.h>

static struct iam_span passed; /* what was looked through last, and let pass */

static inline bool is_readable(struct iam_span s)
{
    PROVE(s.n == 0 || __CPROVER_r_ok(s.p, s.n), "text that is looked at lies somewhere");
    return nondet_bool();
}

int iam_time_parse(struct iam_span s, struct iam_time *t)
{
    t->us = (int64_t)nondet_uint64();
    t->present = true;
    return is_readable(s) ? IAM_OK : IAM_ERR_VALUE;
}

bool iam_span_within(struct iam_span s, char least, char most)
{
    (void)least, (void)most;
    if (!is_readable(s))
        return false;
    passed = s;
    return true;
}

bool iam_span_is(struct iam_span s, const char *text)
{
    (void)text;
    return is_readable(s);
}

struct iam_span iam_span_trim(struct iam_span s)
{
    size_t before = nondet_size(), n = nondet_size();
    is_readable(s);
    ASSUME(before <= s.n && n <= s.n - before);
    return (struct iam_span){s.p + before, n};
}

bool iam_keys_code(struct iam_span code)
{
    return is_readable(code);
}

#endif
