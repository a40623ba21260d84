/* In which states a pace can be, and what it calls. For pace.c beside this. */
#ifndef TINYIAM_TESTS_PROOF_PACE_INVARIANT_H
#define TINYIAM_TESTS_PROOF_PACE_INVARIANT_H

#include <tinyiam/pace.h>

#include "proof.h"

static uint32_t filling(const struct iam_pace *, uint64_t tokens);

#include "core/flow/pace.c"

/* Of 64 bits of milliseconds a clock that begins below 2^32 reaches 2^62 in 146 million years. */
#define AGE (UINT64_MAX >> 2)

void iam_exchange_pause(struct iam_exchange *e, uint32_t ms)
{
    PROVE(ms >= 1, "is told to wait");
    e->stage = IAM_STAGE_PAUSE;
}

bool iam_throttled_code(struct iam_span code)
{
    (void)code;
    return nondet_bool();
}

static uint32_t last; /* that filling() said */

/* How long so many tokens take: "filling" proves what the others take for granted. */
static uint32_t filling(const struct iam_pace *p, uint64_t tokens)
{
    PROVE(tokens >= 1 && tokens <= 2 * IAM_PACE_ONE && p->rate >= 1, "of no more than a bucket");
#ifdef FILLING
    return filling_code(p, tokens);
#endif
    last = nondet_uint();
    ASSUME(last >= 1);
    return last;
}

static uint32_t least_of(const struct iam_pace *p)
{
    return p->most != 0 ? smaller(p->most, RATE_LEAST) : RATE_LEAST;
}

static bool invariant(const struct iam_pace *p)
{
    return p->law <= IAM_PACE_AUDIT && (p->begun || p->now == 0) && p->now <= AGE &&
           p->filled <= p->now && p->throttled <= p->now && p->counted <= p->now &&
           p->short_at <= p->now && p->silent_until <= p->now + SILENCE_MS &&
           p->rate >= least_of(p) && p->rate <= (p->most != 0 ? p->most : IAM_PACE_MOST) &&
           p->measured <= IAM_PACE_MOST && p->rate_at_throttling <= IAM_PACE_MOST &&
           p->most <= IAM_PACE_MOST && p->tokens <= p->tokens_most &&
           p->tokens_most >= IAM_PACE_ONE &&
           p->tokens_most <= (p->law == IAM_PACE_AUDIT ? 2 * IAM_PACE_ONE : IAM_PACE_MOST) &&
           p->zero_point_ms <= 14422 && p->given != MAY_GO &&
           (p->law == IAM_PACE_AUDIT ? p->rate_at_throttling == 0 || p->counted == p->throttled
                                     : p->most == 0);
}

#endif
