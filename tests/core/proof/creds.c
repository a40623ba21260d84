/* The end of an exchange for keys: from EVERY state of a provider in the middle of a fetch, with any answer, status and
 * error, whatever its source then says ("creds_source" proves what each of them may); and the end of the fetch. */
#include "creds_end.h"

int main(void)
{
    static struct iam_source source = {.end = any_end};
    static struct iam_creds from;
    struct iam_fault *f = &p.exchange.fault;
    any_provider((enum iam_creds_kind)(nondet_uint() % (IAM_CREDS_SSO + 1)));
    source.is_query = nondet_bool();
    p.source = &source, p.step = STEP_FETCH;
    if (source.is_query) /* its words come out of the reply */
        any_three(&f->code, &f->message, &f->what, p.used, p.room_size);
    else
        ASSUME(p.document.room == p.room_size - p.begin && p.document.n <= INT32_MAX + 65536u);
    byte = nondet_uint(), byte_is_wiped = false;
    ASSUME(byte < p.room_size);
    from = p;
    int r = ended(&p, -(int)(nondet_uint() % 128));
    if (r < 0)
        failed(&p, r);
    PROVE(r >= 0 || has_kept(&from), "an error keeps the old keys");
    PROVE(r != IAM_OK || p.expiration.present, "a server's keys end");
    if (r <= IAM_OK) {
        has_ended(r, &from);
        PROVE(!byte_is_wiped || (byte >= p.used && (byte < gathered_at || byte >= gathered)),
              "keys and words are not wiped");
    } else {
        PROVE(r == IAM_AGAIN && invariant() && p.step != STEP_FETCH &&
                  (p.used < from.used ? byte_is_wiped && p.keys.access_key_id.n == 0
                                      : has_kept(&from) && p.part > from.part),
              "the next exchange: a part more is known, or the old keys have given their room up");
    }
    REACHED();
    return 0;
}
