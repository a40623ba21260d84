/* Any 488 bytes as a checkpoint: also forged ones, as the checksum is taken for anything. */
#include "proof.h"
#include "core/flow/flow.h"

static uint32_t sum(const uint8_t *);
#include "core/flow/checkpoint.c"

static uint32_t sum(const uint8_t *p)
{
    PROVE(__CPROVER_r_ok(p, SUM), "what is summed can be read");
    return nondet_uint();
}

/* The parts of the engine that it calls: each looks at what it is given. */
int iam_call_start(struct iam_call *c, const struct iam_operation *o, const void *request)
{
    struct iam_span job;
    memcpy(&job, (const char *)request + o->params[0].offset, sizeof job);
    PROVE(job.n == 0 || __CPROVER_r_ok(job.p, job.n), "the job id can be read");
    c->exchange.stage = IAM_STAGE_CONNECT;
    return nondet_bool() ? IAM_OK : nondet_bool() ? IAM_ERR_ARGUMENT : IAM_ERR_STATE;
}
int iam_exchange_refuse(struct iam_exchange *e, int error, const char *what)
{
    (void)what;
    e->stage = IAM_STAGE_FAILED;
    return error;
}
int iam_encode_sha256(const struct iam_operation *o, const void *request, struct iam_span marker, uint8_t digest[32])
{
    (void)o, (void)request, (void)marker;
    __CPROVER_havoc_slice(digest, 32);
    return nondet_bool() ? IAM_OK : IAM_ERR_CRYPTO;
}

int main(void)
{
    static struct iam_call c; /* what of it is looked at may be anything */
    struct iam_checkpoint from, again;
    c.query.structure = nondet_bool();
    int r = iam_call_resume(&c, &from);

    PROVE(r <= 0, "resumed, or not");
    if (r == IAM_OK) {
        PROVE(c.query.marker_n <= IAM_MARKER_MAX, "the Marker fits");
        c.query.operation = iam_job_lists[nondet_bool()];
        if (iam_call_checkpoint(&c, &again) == IAM_OK)
            PROVE(again.bytes[4] == VERSION, "a checkpoint of it can be taken");
    }
    REACHED();
    return 0;
}
