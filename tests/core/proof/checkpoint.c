/* A checkpoint resumed: any bytes, as if their sum were always right, on any call; and one made of any call. */
#include "checkpoint_invariant.h"

int main(void)
{
    static const struct iam_operation *const lists[] = {&iam_op_entities, &iam_op_services,
                                                        &iam_op_users};
    const struct iam_operation *o = lists[nondet_uint() % 3];
    struct iam_call c;
    struct iam_checkpoint at;
    union iam_request q;
    size_t n = nondet_size(), m = nondet_size();
    ASSUME(n <= 144 && m <= 64);
#ifdef MAKE
    c.query.operation = o;
    c.request.entities.job_id = (struct iam_span){any_bytes(n), n};
    if (o == &iam_op_entities)
        c.request.entities.service_namespace = (struct iam_span){any_bytes(m), m};
    if (o->of_job && nondet_bool()) /* it was resumed from this very checkpoint */
        c.request.entities.job_id.p = (char *)at.bytes + REQUEST + 1;
    ASSUME(c.query.marker_n <= IAM_MARKER_MAX);
    if (iam_call_checkpoint(&c, &at) == IAM_OK)
        PROVE(iam_get_le(at.bytes + 8, 2) <= IAM_MARKER_MAX &&
                  iam_get_le(at.bytes + 10, 2) <= REQUEST_MAX && at.bytes[4] == VERSION,
              "it can be resumed");
#else
    int r;
    if (nondet_bool()) {
        r = iam_call_resume(&c, &at);
    } else {
        q.entities.job_id = (struct iam_span){any_bytes(n), n};
        if (o == &iam_op_entities)
            q.entities.service_namespace = (struct iam_span){any_bytes(m), m};
        r = iam_call_resume_list(&c, o, &q, &at);
    }
    PROVE(r == IAM_OK || c.exchange.stage == IAM_STAGE_IDLE || r == IAM_ERR_STATE ||
              r == IAM_ERR_ARGUMENT || r == IAM_ERR_CHECKPOINT,
          "a call, or an error");
    PROVE(r != IAM_OK || (c.query.marker_n <= IAM_MARKER_MAX && c.scope <= IAM_SCOPE_PAGE &&
                          sound_request(c.query.operation, &c.request)),
          "what is taken from it can be gone on with");
#endif
    REACHED();
    return 0;
}
