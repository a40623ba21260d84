/* What checkpoint.c calls, and which requests a call can have. For checkpoint.c beside this. */
#ifndef TINYIAM_TESTS_PROOF_CHECKPOINT_INVARIANT_H
#define TINYIAM_TESTS_PROOF_CHECKPOINT_INVARIANT_H

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

#endif
