/* A checkpoint resumed: any bytes, as if their sum were always right, on any call; and one made of any call. */
#include <tinyiam/call.h>

#include "copies.h"

static uint32_t sum(const uint8_t *);

#include "core/flow/checkpoint.c"

static uint32_t sum(const uint8_t *p)
{
    PROVE(__CPROVER_r_ok(p, SUM), "the sum's bytes are there");
    return nondet_uint();
}

int iam_exchange_refuse(struct iam_exchange *e, int error, const char *what)
{
    (void)what;
    return e->fault.error = error;
}

int iam_call_alone(struct iam_call *c, int event)
{
    (void)c;
    return event;
}

int iam_encode_sha256(const struct iam_operation *o, const void *request, struct iam_span marker,
                      uint8_t digest[32], uint32_t *n)
{
    (void)o, (void)request, (void)marker;
    __CPROVER_havoc_slice(digest, 32);
    *n = 0;
    return nondet_bool() ? IAM_OK : IAM_ERR_CRYPTO;
}

static bool readable(struct iam_span s, size_t most)
{
    return s.n == 0 || (s.n <= most && __CPROVER_r_ok(s.p, s.n));
}

/* What iam_call_start() lets through: 36 characters of UTF-8, a word of 64. */
static bool sound_request(const struct iam_operation *o, const union iam_request *q)
{
    return !o->of_job || (readable(q->entities.job_id, 144) &&
                          (o != &iam_op_entities || readable(q->entities.service_namespace, 64)));
}

int iam_call_start(struct iam_call *c, const struct iam_operation *o, const void *request)
{
    const union iam_request *q = request;
    PROVE(!o->of_job || readable(q->entities.job_id, 255), "the JobId's text lies somewhere");
    PROVE(o != &iam_op_entities || readable(q->entities.service_namespace, 255), "and the other");
    if (nondet_bool())
        return IAM_ERR_ARGUMENT;
    if (nondet_bool())
        return IAM_ERR_STATE;
    ASSUME(sound_request(o, request));
    if (o->of_job && request != &c->request) { /* the others' is looked at by nobody */
        c->request.entities.job_id = q->entities.job_id;
        if (o == &iam_op_entities)
            c->request.entities.service_namespace = q->entities.service_namespace;
    }
    c->query.operation = o;
    c->query.marker_n = (uint16_t)nondet_uint();
    ASSUME(c->query.marker_n <= IAM_MARKER_MAX);
    c->plan = iam_call_alone;
    return IAM_OK;
}

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
