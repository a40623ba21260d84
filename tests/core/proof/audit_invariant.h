/* An audit's state, and what audit.c calls, for the harnesses of its checkpoints. */
#ifndef TINYIAM_TESTS_AUDIT_INVARIANT_H
#define TINYIAM_TESTS_AUDIT_INVARIANT_H

#include <tinyiam/audit.h>

#include "one_byte.h"

#define iam_hash the_hash /* not of bytes.c: of any value */
static size_t skew(const struct iam_call *);
static struct audit *state(const struct iam_call *);
static uint8_t *text(struct audit *);
static uint32_t sum(const uint8_t *);
static uint32_t digest(const struct iam_audit_request *);
#include "core/flow/audit.c"

static struct iam_call c;
static struct audit a;
static uint8_t *room; /* behind it, of just as many bytes as the batch has */
static uint32_t the_sum, the_digest;
static bool starts; /* every operation begins */

/* Where a batch begins that is not aligned loses that many bytes, no more: the run "skew". */
static size_t skew(const struct iam_call *of)
{
    PROVE(of == &c && c.batch != NULL, "there is a batch");
    return 0;
}

static struct audit *state(const struct iam_call *of)
{
    PROVE(of == &c && c.batch != NULL && c.batch_size >= sizeof a, "there is room for the state");
    return &a;
}

static uint8_t *text(struct audit *of)
{
    PROVE(of == &a, "of this audit");
    return room;
}

static uint32_t sum(const uint8_t *b)
{
    PROVE(__CPROVER_r_ok(b, AT_SUM), "the sum's bytes are there");
    return starts ? the_sum : nondet_uint();
}

static uint32_t digest(const struct iam_audit_request *q)
{
    (void)q;
    return the_digest;
}

uint32_t iam_hash(struct iam_span s)
{
    PROVE(__CPROVER_r_ok(s.p, s.n), "can be read");
    return nondet_uint();
}

void iam_add_ms(uint32_t *ms, uint32_t more)
{
    *ms = nondet_uint();
    (void)more;
}

uint32_t iam_call_idle_ms(const struct iam_call *of)
{
    (void)of;
    return nondet_uint();
}

#ifndef OF_STEPS /* audit_window.h has others */
int iam_param_check(const struct iam_param *p, const void *request, struct iam_fault *f)
{
    (void)p, (void)request, (void)f;
    return starts || nondet_bool() ? IAM_OK : IAM_ERR_ARGUMENT;
}
#endif

int iam_exchange_refuse(struct iam_exchange *e, int error, const char *what)
{
    (void)what;
    return e->fault.error = error;
}

int iam_call_fail(struct iam_call *of, int error)
{
    return of->exchange.fault.error = error;
}

#ifndef OF_STEPS
int iam_list_follow(struct iam_call *of)
{
    (void)of;
    return IAM_OK;
}
#endif

int iam_call_alone(struct iam_call *of, int event)
{
    (void)of;
    return event;
}

int iam_call_start(struct iam_call *of, const struct iam_operation *o, const void *request)
{
    const struct iam_span *job = request; /* the first member of both requests about one */
    PROVE(!o->of_job || (job->n == JOB_MAX && __CPROVER_r_ok(job->p, JOB_MAX)),
          "the JobId's text lies somewhere");
    of->plan = iam_call_alone;
    if (!starts && nondet_bool()) {
        of->exchange.stage = IAM_STAGE_IDLE;
        of->exchange.fault.what = IAM_SPAN("JobId");
        return nondet_bool() ? IAM_ERR_ARGUMENT : IAM_ERR_STATE;
    }
#ifdef OF_STEPS
    started(o, request);
#endif
    of->query.operation = o;
    of->query.marker_n = 0;
    of->pages = of->polls = of->delivered = of->looked = of->creation = of->page_delivered = 0;
    of->mark = of->page_first = of->page_digest = 0;
    of->completed = of->finished = false;
    of->exchange.stage = IAM_STAGE_CONNECT;
    return IAM_OK;
}

_Static_assert(offsetof(struct iam_services_request, job_id) == 0 &&
                   offsetof(struct iam_entities_request, job_id) == 0,
               "see iam_call_start()");

#define FITS(n) ((n) <= IAM_MARKER_MAX && (n) + sizeof a + ENTRY_MAX <= c.batch_size)

/* While an audit is under way, between two steps. */
static bool invariant(void)
{
    bool names = a.what == IAM_AUDIT_ENTITIES;
    return c.plan == plan && a.phase <= OVER && a.what <= IAM_AUDIT_ACTIONS && FITS(a.marker_n) &&
           c.query.marker_n <= IAM_MARKER_MAX &&
           (!names || a.phase != SERVICES || a.again || c.query.marker_n == a.marker_n);
}

static void any_audit(void)
{
    __CPROVER_havoc_object(&c);
    c.query.structure = nondet_bool(); /* not a byte that is neither true nor false */
    c.completed = nondet_bool();
    c.batch = nondet_bool() ? &a : NULL;
    room = any_bytes(c.batch_size >= sizeof a ? c.batch_size - sizeof a : 0);
    the_sum = nondet_uint(), the_digest = nondet_uint(), some = nondet_size();
}

static struct iam_audit_request q;

static void any_request(void)
{
    static struct iam_span namespaces[2];
    __CPROVER_havoc_object(&q);
    /* to compilers it has no sign, to CBMC it has */
    q.what = (enum iam_audit_what)(nondet_uint() & 0xFF);
    q.namespaces = namespaces;
    ASSUME(q.namespace_count <= 2);
}

#endif
