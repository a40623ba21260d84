/* What "encode" and "encode_rare" have in common: rows of parameters, a request that has its members where they say, and
 * what is taken for granted. */
#ifndef TINYIAM_TESTS_PROOF_ROWS_H
#define TINYIAM_TESTS_PROOF_ROWS_H

#include "sinks.h"
#include "utf8_elsewhere.h"

#include <tinyiam/parts/form.h>

#include "core/model/shape.h"

enum { rows = 8 }; /* of AssumeRole */
static struct iam_span members[rows];
static struct iam_param row[rows];

static void any_rows(void)
{
    for (int i = 0; i < rows; i++) {
        row[i] = (struct iam_param){any_bytes(65), nondet_uint(), i * sizeof *members,
                                    nondet_uint(), nondet_uint()};
        members[i] = nondet_bool() ? any_span() : (struct iam_span){NULL, 0};
        if ((row[i].kind & 0x7F) == IAM_PARAM_COUNT || (row[i].kind & 0x7F) == IAM_PARAM_BOOL)
            *(uint16_t *)(void *)&members[i] = (uint16_t)nondet_uint();
    }
}

/* Of characters of a text. */
#define MEASURE \
    CONTRACT(INSIDE(p, s.p, end) && n >= 0 && (size_t)n <= (size_t)(p - s.p), end - p, n, p)

/* Where a name ends; behind it there is a NUL more, or words. */
static inline size_t length_of(const char *text)
{
    size_t n = nondet_size();
    ASSUME(n < 64 && __CPROVER_r_ok(text, n + 2) && text[n] == '\0');
    return n;
}
#define strlen(text) length_of(text)

static inline const char *found_in(const char *text, size_t n)
{
    PROVE(__CPROVER_r_ok(text, n), "what is looked through lies somewhere");
    return nondet_bool() ? text : NULL;
}
#define memchr(text, c, n) found_in(text, n)

static inline int any_verdict(void)
{
    return nondet_bool() ? IAM_OK : IAM_ERR_ARGUMENT;
}

#endif
