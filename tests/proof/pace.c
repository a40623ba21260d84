/* The pace: from every state that invariant() allows, at any time that does not step back. */
#include "core/flow/pace.c"
#include "proof.h"

static bool invariant(const struct iam_pace *p, uint64_t now)
{
    return p->law <= IAM_PACE_AUDIT && p->most <= IAM_PACE_MOST && p->rate >= 1 && p->rate <= IAM_PACE_MOST &&
           p->tokens <= p->tokens_most && p->tokens_most >= IAM_PACE_ONE &&
           p->tokens_most <= IAM_PACE_MOST && p->measured <= IAM_PACE_MOST &&
           p->rate_at_throttling <= IAM_PACE_MOST && p->zero_point_ms >= 0 && p->zero_point_ms <= 1 << 16 &&
           (!p->begun || (p->filled <= now && p->throttled <= now && p->counted <= now)) &&
           p->silent_until <= now + SILENCE_MS;
}

int main(void)
{
    struct iam_pace p;
    uint64_t now = nondet_uint64();
    ASSUME(now <= UINT64_MAX >> 8 && invariant(&p, now));
#ifdef INIT
    iam_pace_init(&p, nondet_bool() ? IAM_PACE_AUDIT : IAM_PACE_ADAPTIVE, nondet_uint());
    PROVE(p.rate == 0 || invariant(&p, now), "the beginning is such a state");
#elif defined ASK
    uint32_t wait = iam_pace_ask(&p, now);
    PROVE(invariant(&p, now), "what asking leaves behind");
    PROVE(wait <= 1000000000, "the wait ends");
#else
    iam_pace_tell(&p, now, nondet_bool());
    PROVE(invariant(&p, now), "what telling leaves behind");
#endif
    REACHED();
    return 0;
}
