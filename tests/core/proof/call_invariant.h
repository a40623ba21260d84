/* A call between two turns, and what call.c asks: an exchange that may go on in any way, a decoder that may have read
 * anything, a list as "believe" and "list" prove it. For call.c beside this. */
#ifndef TINYIAM_TESTS_PROOF_CALL_INVARIANT_H
#define TINYIAM_TESTS_PROOF_CALL_INVARIANT_H

#include "copies.h"

#include "core/flow/call.c"

static struct iam_call c;
static struct iam_operation o;
static bool is_data; /* the item at hand */
static const struct iam_param job_parameter[1] = {{.offset = 0}};
#define REPORT (c.query.decode.report)
#define KIND (c.query.decode.item.kind)
#define IS_READ(kind) /* by the decoder */                                            \
    ((kind) > IAM_ITEM_NONE && (kind) <= IAM_ITEM_GRANT && (kind) != IAM_ITEM_LIST && \
     (kind) != IAM_ITEM_PAGE_END)

static bool is_receiving(void)
{
    return c.exchange.stage >= IAM_STAGE_SEND && c.exchange.stage <= IAM_STAGE_PAGED;
}

/* Items of this page that were handed out come once more first, and are the same; then the next one. */
static bool invariant(void)
{
    const uint8_t stage = c.exchange.stage;
    const bool held = c.held != IAM_ITEM_NONE;
    if (stage == IAM_STAGE_IDLE || stage > IAM_STAGE_FAILED || c.scope > IAM_SCOPE_PAGE ||
        c.query.marker_n > IAM_MARKER_MAX ||
        (held && (stage != IAM_STAGE_RECEIVE || !IS_READ(c.held))) ||
        (stage == IAM_STAGE_FAILED && c.exchange.fault.error >= 0) ||
        (c.page_delivered == 0 && c.page_digest != 0))
        return false;
    if (is_receiving() &&
        (c.page_items > CONFIG_TINYIAM_PAGE_ITEMS_MAX ||
         (held ? c.page_items != c.page_delivered + 1 : c.page_items > c.page_delivered) ||
         (c.page_items == c.page_delivered && c.attempt_digest != c.page_digest)))
        return false;
    return stage != IAM_STAGE_PAGED ||
           (c.page_items == c.page_delivered &&
            c.completed == (REPORT.status == IAM_JOB_COMPLETED) &&
            (!iam_call_waits(&c) || REPORT.status >= IAM_JOB_COMPLETED));
}

static void any_report(void)
{
    struct iam_report any;
    REPORT = any;
    REPORT.is_truncated = nondet_bool(), REPORT.has_truncated = nondet_bool();
    ASSUME(REPORT.status <= IAM_JOB_FAILED);
    ASSUME(REPORT.status_text.p != NULL || REPORT.status == IAM_JOB_OTHER);
    REPORT.job_id = (struct iam_span){NULL, 0};
}

static int fails(struct iam_exchange *e)
{
    e->fault.error = -(int)(1 + nondet_uint() % 127);
    e->stage = IAM_STAGE_FAILED;
    return e->fault.error;
}

int iam_exchange_turn(struct iam_exchange *e, bool *more)
{
    const uint8_t before = e->stage;
    PROVE(before <= IAM_STAGE_RECEIVE || before == IAM_STAGE_FAILED, "not when a reply is there");
    if (before == IAM_STAGE_FAILED)
        return e->fault.error;
    if (nondet_bool())
        return fails(e);
    *more = nondet_bool();
    if (before == IAM_STAGE_RECEIVE)
        any_report();
    if (before == IAM_STAGE_RECEIVE && nondet_bool()) { /* an item: of structure, or of data */
        ASSUME(IS_READ(KIND));
        return IAM_ITEM;
    }
    e->stage = (uint8_t)nondet_uint();
    ASSUME(e->stage >= IAM_STAGE_PAUSE && e->stage <= IAM_STAGE_REPLIED);
    ASSUME(e->stage < IAM_STAGE_SEND || (e->stage >= before && e->stage <= before + 1) ||
           (before == IAM_STAGE_PAUSE && e->stage == IAM_STAGE_CONNECT));
    ASSUME(before != IAM_STAGE_PAUSE || e->stage <= IAM_STAGE_CONNECT);
    return IAM_AGAIN;
}

int iam_exchange_trouble(struct iam_exchange *e, int error, int native)
{
    (void)native;
    PROVE(error < 0, "an error");
    if (nondet_bool())
        return fails(e);
    e->stage = nondet_bool() ? IAM_STAGE_PAUSE : IAM_STAGE_CONNECT;
    return IAM_AGAIN;
}

int iam_exchange_fail(struct iam_exchange *e, int error, int native)
{
    (void)native;
    PROVE(error < 0, "an error");
    e->stage = IAM_STAGE_FAILED;
    return e->fault.error = error;
}

void iam_exchange_again(struct iam_exchange *e)
{
    e->stage = IAM_STAGE_CONNECT;
}

void iam_exchange_pause(struct iam_exchange *e, uint32_t ms)
{
    PROVE(ms >= 1 && ms <= iam_setting(c.job_ms, CONFIG_TINYIAM_JOB_MS) - c.looked,
          "no longer than until the last look");
    e->resume_at = nondet_uint64();
    e->stage = IAM_STAGE_PAUSE;
}

bool iam_exchange_late(struct iam_exchange *e)
{
    return nondet_bool() ? fails(e) < 0 : false;
}

uint32_t iam_exchange_random(struct iam_exchange *e)
{
    (void)e;
    return nondet_uint();
}

uint32_t iam_poll_delay(uint32_t polls, uint32_t first, uint32_t most, uint32_t random)
{
    uint32_t ms = nondet_uint();
    (void)polls, (void)first, (void)most, (void)random;
    ASSUME(ms >= 1); /* "retry" proves it */
    return ms;
}

int iam_query_keys(struct iam_query *q)
{
    q->exchange.need_keys = nondet_bool();
    return nondet_bool() ? fails(&q->exchange) : IAM_AGAIN;
}

void iam_query_rest(struct iam_query *q)
{
    (void)q;
}

void iam_query_forget(struct iam_query *q)
{
    (void)q;
}

void iam_zeroize(void *p, size_t n)
{
    PROVE(__CPROVER_w_ok(p, n), "what is wiped lies somewhere");
}

uint32_t iam_hash(struct iam_span s)
{
    (void)s;
    return 1 + nondet_uint() % UINT32_MAX;
}

unsigned iam_item_bits(const struct iam_decode *d)
{
    is_data = d->item_node != 0 && nondet_bool();
    return is_data ? IAM_ITEM_IS_DATA : 0;
}

uint64_t iam_item_digest(uint64_t h, const struct iam_decode *d)
{
    (void)h, (void)d;
    return nondet_uint64();
}

int iam_list_believe(struct iam_call *of)
{
    if (nondet_bool())
        return IAM_ERR_CHANGED;
    ASSUME(!iam_call_waits(of) || REPORT.status_text.p == NULL ||
           REPORT.status == IAM_JOB_COMPLETED ||
           (!of->completed && of->page_items == 0 && of->page_delivered == 0));
    ASSUME(of->page_items <= CONFIG_TINYIAM_PAGE_ITEMS_MAX);
    return IAM_OK;
}

int iam_list_follow(struct iam_call *of)
{
    if (nondet_bool())
        return IAM_ERR_MARKER_REPEATED;
    if (!REPORT.is_truncated)
        return IAM_OK;
    of->pages++;
    of->query.marker_n = (uint16_t)(1 + nondet_uint() % IAM_MARKER_MAX);
    return IAM_AGAIN;
}

#endif
