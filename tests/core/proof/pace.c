/* The pace: from EVERY state that invariant() allows, one question or one answer at any time of the clock keeps the
 * invariant; iam_pace_init() meets it. So this holds after any sequence of them, whatever a service answers. */
#include "pace_invariant.h"

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
