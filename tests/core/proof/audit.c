/* An audit resumed: any bytes, as if their sum were right; and where its state lies in the batch. */
#include "audit_invariant.h"

static struct iam_audit_checkpoint at;

#ifdef SKEW
int main(void)
{
    size_t before = nondet_size();
    ASSUME(before < 64);
    c.batch = (char *)any_bytes(64) + before;
    size_t n = skew_code(&c);
    PROVE(n < _Alignof(struct audit), "less than what fits() adds");
    PROVE(((uintptr_t)c.batch + n) % _Alignof(struct audit) == 0, "the state is aligned");
    REACHED();
    return 0;
}
#else
int main(void)
{
    any_audit();
    any_request();
    __CPROVER_havoc_object(&at);
    starts = false;
    int r = iam_call_audit_resume(&c, &q, &at);
    PROVE(r == IAM_OK || (r < 0 && c.plan != plan), "an audit, or an error");
    PROVE(r != IAM_OK || a.phase <= OVER, "its phase");
    PROVE(r != IAM_OK || a.what <= IAM_AUDIT_ACTIONS, "what it reads");
    PROVE(r != IAM_OK || c.plan == plan, "it is an audit");
    PROVE(r != IAM_OK || c.query.marker_n <= IAM_MARKER_MAX, "its Marker fits the call");
    PROVE(r != IAM_OK || FITS(a.marker_n), "and the one it keeps the batch");
    PROVE(r != IAM_OK || a.from == NULL ||
              (a.again && a.from == at.bytes + AT_ENTITIES &&
               iam_get_le(a.from, 2) <= IAM_MARKER_MAX),
          "its place among entities lies in the checkpoint");
    REACHED();
    return 0;
}
#endif
