/* The pace: from EVERY state that invariant() allows, one question or one answer at any time of the clock keeps the
 * invariant; iam_pace_init() meets it. So this holds after any sequence of them, whatever a service answers. */
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

#ifdef FILLING
int main(void)
{
    struct iam_pace p;
    uint64_t tokens = nondet_uint();
    ASSUME(invariant(&p) && tokens >= 1 && tokens <= 2 * IAM_PACE_ONE);
    PROVE(filling(&p, tokens) >= 1, "takes some time");
    REACHED();
    return 0;
}
#else
int main(void)
{
    struct iam_pace p;
    uint32_t mono = nondet_uint(), place = nondet_uint();
    if (nondet_bool()) {
        iam_pace_init(&p, nondet_bool() ? IAM_PACE_AUDIT : IAM_PACE_ADAPTIVE, nondet_uint());
        PROVE(invariant(&p), "the beginning is such a state");
        REACHED();
        return 0;
    }
    ASSUME(invariant(&p));
    struct iam_pace before = p;
#ifdef ASK
    uint32_t asked = place, ms = iam_pace_ask(&p, mono, &place);
    if (ms > 0)
        PROVE((ms <= SILENCE_MS || ms == last) && place != MAY_GO && place != 0,
              "a pause is a silence's or what tokens take, and gives a place in the queue");
    else
        PROVE(place == MAY_GO && (asked == MAY_GO || !p.limited || p.now >= p.silent_until),
              "goes, and not in a silence");
    PROVE(p.rate == before.rate && p.limited == before.limited, "a question changes no rate");
#else
    iam_pace_tell(&p, mono, nondet_bool());
    PROVE(before.most == p.most && (!before.limited || p.limited), "a limit stays");
#endif
    PROVE(invariant(&p) || p.now > AGE, "what it leaves behind");
    PROVE(p.now >= before.now, "time does not go back");
    REACHED();
    return 0;
}
#endif
