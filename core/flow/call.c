/* A list over exchanges: pages, polls, and each item exactly once. */
#include "flow.h"

#include <string.h>

#include <tinyiam/parts/compiler.h>
#include <tinyiam/parts/utf8.h>

/* Where the exchange finds what lies beside it. */
#define BESIDE(field) (offsetof(struct iam_call, field) - offsetof(struct iam_call, exchange))

/* ---- set-up ---- */

/* Of the characters that RFC 3986 allows in a path: '?' and '#' would end it. */
static bool path_safe(struct iam_span s)
{
    static const uint32_t set[3] = {0x2FFFFFF2u, 0x87FFFFFFu, 0x47FFFFFEu}; /* from ' ' on */
    for (size_t i = 0; i < s.n; i++) {
        unsigned c = (unsigned char)s.p[i] - 32u;
        if (c >= 96 || !(set[c >> 5] >> (c & 31) & 1))
            return false;
    }
    return s.n == 0 || s.p[0] == '/';
}

/* The endpoint that was asked for, or the region's; and the region to sign for. */
static int address(struct iam_call *c, const struct iam_config *cfg)
{
    if (cfg->authority.n > 0) {
        if (!iam_region_is_valid(cfg->region))
            return IAM_ERR_REGION;
        c->query.signing_region = cfg->region;
    } else {
#if CONFIG_TINYIAM_ENDPOINTS
        struct iam_endpoint to;
        if (iam_endpoint_resolve(cfg->region, cfg->endpoint_flags, &to) < 0)
            return IAM_ERR_REGION;
        memcpy(c->endpoint, to.host, sizeof c->endpoint);
        c->exchange.cfg.authority = (struct iam_span){NULL, strlen(c->endpoint)};
        c->exchange.cfg.authority_at = BESIDE(endpoint);
        c->query.signing_region = to.signing_region;
#else
        return IAM_ERR_ARGUMENT;
#endif
    }
    return IAM_OK;
}

/* One configuration begins as the other: one copy takes it over, where each field would be code. */
#define SAME(field) \
    _Static_assert( \
        offsetof(struct iam_config, field) == offsetof(struct iam_exchange_config, field), #field)
SAME(tx);
SAME(tx_size);
SAME(rx);
SAME(rx_size);
SAME(stream);
SAME(connect_ms);
SAME(response_ms);
SAME(idle_ms);
SAME(exchange_ms);
SAME(deadline_ms);
SAME(authority);
SAME(user_agent);
SAME(pace);
SAME(max_attempts);
SAME(retry_rules);
SAME(plain);
#define SAME_SIZE (offsetof(struct iam_config, plain) + sizeof(bool))

/* And what only a call needs stands at the end of the one, and together in the other. */
#define SAME_END(field)                                                                    \
    _Static_assert(                                                                        \
        offsetof(struct iam_config, field) - offsetof(struct iam_config, poll_first_ms) == \
            offsetof(struct iam_call, field) - offsetof(struct iam_call, poll_first_ms),   \
        #field)
SAME_END(poll_max_ms);
SAME_END(job_ms);
SAME_END(max_pages);
SAME_END(batch);
#define SAME_END_SIZE                                      \
    (offsetof(struct iam_config, batch) + sizeof(void *) - \
     offsetof(struct iam_config, poll_first_ms))

static void configure(struct iam_call *c, const struct iam_config *cfg)
{
    struct iam_query *q = &c->query;
    memcpy(&q->exchange.cfg, cfg, SAME_SIZE);
    q->exchange.cfg.stats_at = BESIDE(stats);
    /* none: an empty one, at an address that may be computed with */
    q->item = cfg->item != NULL ? cfg->item : cfg->rx;
    q->item_size = cfg->item != NULL ? cfg->item_size : 0;
    q->structure = cfg->structure;
    q->path = cfg->path.n > 0 ? cfg->path : IAM_SPAN("/");
    q->request_at = BESIDE(request);
    q->marker_at = BESIDE(marker);
    q->credentials = cfg->credentials;
    if (IAM_ON(CONFIG_TINYIAM_CREDS) && cfg->provider != NULL) {
        q->provider = cfg->provider;
        q->credentials = &cfg->provider->keys;
    }
    c->system = cfg->system;
    memcpy(&c->poll_first_ms, &cfg->poll_first_ms, SAME_END_SIZE);
    c->batch_size = cfg->batch_size < UINT16_MAX ? (uint16_t)cfg->batch_size : UINT16_MAX;
}

int iam_call_init(struct iam_call *c, const struct iam_config *cfg, uint32_t seed)
{
    const struct iam_credentials *k = cfg->credentials;
    bool has_provider = IAM_ON(CONFIG_TINYIAM_CREDS) && cfg->provider != NULL;
    memset(c, 0, sizeof *c);
    configure(c, cfg);
    iam_exchange_init(&c->exchange, &iam_protocol_query, seed);
    if (cfg->item_size > INT32_MAX)
        return iam_exchange_refuse(&c->exchange, IAM_ERR_ARGUMENT, "buffer size");
    if (!has_provider && (k == NULL || k->access_key_id.n == 0 || k->secret_access_key.n == 0))
        return iam_exchange_refuse(&c->exchange, IAM_ERR_CREDENTIALS, "credentials");
    if (!has_provider && (!iam_span_within(k->access_key_id, '!', '~') ||
                          !iam_span_within(k->session_token, '!', '~')))
        return iam_exchange_refuse(&c->exchange, IAM_ERR_CREDENTIALS,
                                   "credentials: a character outside ! to ~");
    if (!path_safe(cfg->path))
        return iam_exchange_refuse(&c->exchange, IAM_ERR_ARGUMENT, "path");
    int r = address(c, cfg);
    return r < 0
               ? iam_exchange_refuse(&c->exchange, r, r == IAM_ERR_REGION ? "region" : "authority")
               : iam_exchange_check(&c->exchange);
}

static void wipe(void *p, size_t n)
{
    if (p != NULL && n > 0)
        iam_zeroize(p, n);
}

void iam_call_end(struct iam_call *c)
{
    const struct iam_exchange_config *cfg = &c->exchange.cfg;
    iam_sigv4_clear(&c->query.sigv4);
    wipe(cfg->tx, cfg->tx_size);
    wipe(cfg->rx, cfg->rx_size);
    wipe(c->query.item, c->query.item_size);
    iam_zeroize(c, sizeof *c);
}

/* ---- start ---- */

static void forget_page(struct iam_call *c)
{
    c->page_delivered = 0;
    c->page_digest = 0;
}

static void begin_page(struct iam_call *c)
{
    c->list_told = c->end_told = false;
    iam_exchange_again(&c->exchange);
}

/* Of a list about a job: its first parameter. */
static struct iam_span job_of(const struct iam_call *c)
{
    return *IAM_MEMBER_AT(struct iam_span, &c->request, c->query.operation->params[0].offset);
}

int iam_call_alone(struct iam_call *c, int event)
{
    (void)c;
    return event;
}

int iam_call_start(struct iam_call *c, const struct iam_operation *o, const void *request)
{
    struct iam_query *q = &c->query;
    struct iam_exchange *e = &c->exchange;
    if (e->authority_n == 0)
        return IAM_ERR_STATE; /* init failed */
    bool rested = e->stage == IAM_STAGE_DONE && o->service == q->operation->service;
    iam_exchange_begin(e);
    memset(&q->decode.report, 0, sizeof q->decode.report);
    c->held = IAM_ITEM_NONE;
    c->plan = iam_call_alone;
    int r = iam_encode_check(o, request, &e->fault);
    if (r < 0 || !rested)
        iam_query_forget(q);
    if (r < 0) {
        e->fault.error = r;
        e->fault.layer = IAM_LAYER_CALLER;
        e->stage = IAM_STAGE_IDLE;
        return r;
    }
    memmove(&c->request, request, o->request_size);
    q->operation = o;
    e->keyed = !o->is_unsigned && q->provider != NULL;
    c->scope = IAM_SCOPE_PAGE;
    q->marker_n = 0;
    c->pages = c->polls = c->delivered = c->looked = c->creation = 0;
    c->mark = c->page_first = 0;
    c->completed = c->finished = false;
    if (o->scope != 0) {
        const struct iam_span *m = IAM_MEMBER_AT(struct iam_span, request, o->marker);
        c->scope = (uint8_t)*IAM_MEMBER_AT(enum iam_scope, request, o->scope);
        if (m->p != NULL)
            q->marker_n = (uint16_t)iam_marker_latin1(*m, c->marker);
    }
    if (o->of_job && iam_hash(job_of(c)) != c->job)
        q->session = 0; /* not made here: by whom it was is not known */
    forget_page(c);
    begin_page(c);
    return IAM_OK;
}

void iam_call_time(struct iam_call *c, uint32_t mono_ms, int64_t unix_ms)
{
    uint32_t gone = iam_exchange_time(&c->exchange, mono_ms, unix_ms);
    if (c->polls > 0)
        iam_add_ms(&c->looked, gone);
    if (c->exchange.stage == IAM_STAGE_DONE) {
        iam_add_ms(&c->exchange.waited,
                   gone); /* for the next operation, which is to find the key */
        if (c->exchange.waited >= CONFIG_TINYIAM_KEY_IDLE_MS)
            iam_sigv4_clear(&c->query.sigv4);
    }
    if (IAM_ON(CONFIG_TINYIAM_CREDS) && c->query.provider != NULL)
        c->query.provider->ops->time(c->query.provider, &c->exchange);
}

/* ---- failure ---- */

/* What a server may have sent back of the credentials; where the caller's text lies is left to the end. */
static void forget_reply(struct iam_call *c)
{
    iam_zeroize(c->exchange.cfg.rx, c->exchange.cfg.rx_size);
}

/* It has failed: what is left to say and to do. */
static int failed(struct iam_call *c)
{
    c->exchange.fault.delivered = c->delivered;
    iam_query_forget(&c->query);
    forget_reply(c);
    return c->exchange.fault.error;
}

static int trouble(struct iam_call *c, int error)
{
    int r = iam_exchange_trouble(&c->exchange, error, 0);
    return r < 0 ? failed(c) : r;
}

int iam_call_fail(struct iam_call *c, int error)
{
    iam_exchange_fail(&c->exchange, error, 0);
    return failed(c);
}

/* ---- items and pages ---- */

/* The item is done with. */
static int hand_out(struct iam_call *c)
{
    if (c->page_items == 1)
        c->page_first = c->attempt_digest;
    c->page_delivered = c->page_items;
    c->page_digest = c->attempt_digest;
    if (iam_item_bits(&c->query.decode) & IAM_ITEM_IS_DATA) {
        c->delivered++;
        c->stats.items++;
    }
    return IAM_ITEM;
}

/* Structure that is told of before the item, or the page, that is due. */
static int tell(struct iam_call *c, enum iam_item_kind kind)
{
    c->query.decode.item.kind = kind;
    return IAM_ITEM;
}

/* The decoder has an item. One that was handed out before the page broke off is passed over, once its
 * like has been seen again. */
IAM_SAVES_FLASH static int item(struct iam_call *c)
{
    struct iam_decode *d = &c->query.decode;
    c->page_items++;
    c->attempt_digest = iam_item_digest(c->attempt_digest, d);
    int r = iam_list_believe(c);
    if (r == IAM_OK)
        r = c->plan(c, IAM_ITEM);
    if (r > 0 && c->page_items <= c->page_delivered) {
        if (c->page_items < c->page_delivered || c->attempt_digest == c->page_digest)
            return IAM_AGAIN;
        r = IAM_ERR_CHANGED;
    }
    if (r < 0)
        return trouble(c, r);
    if (r == IAM_ITEM && c->query.structure && !c->list_told) {
        c->list_told = true;
        c->held = (uint8_t)d->item.kind;
        return tell(c, IAM_ITEM_LIST);
    }
    hand_out(c);
    return r;
}

static int again_unfinished(struct iam_call *c)
{
    struct iam_exchange *e = &c->exchange;
    uint32_t limit = iam_setting(c->job_ms, CONFIG_TINYIAM_JOB_MS), delay;
    if (c->looked >= limit) {
        e->fault.what = job_of(c);
        return iam_call_fail(c, IAM_ERR_TIMEOUT_JOB);
    }
    c->polls++;
    c->stats.polls++;
    iam_exchange_again(e);
    delay = iam_poll_delay(c->polls, iam_setting(c->poll_first_ms, CONFIG_TINYIAM_POLL_FIRST_MS),
                           iam_setting(c->poll_max_ms, CONFIG_TINYIAM_POLL_MAX_MS),
                           iam_exchange_random(e));
    /* the last look is when time is up */
    iam_exchange_pause(e, delay < limit - c->looked ? delay : limit - c->looked);
    if (e->resume_at >= e->operation_by)
        e->resume_at = e->operation_by;
    return IAM_AGAIN;
}

/* The reply is complete and ours. */
IAM_SAVES_STACK static int replied(struct iam_call *c)
{
    const struct iam_report *r = &c->query.decode.report;
    int error = iam_list_believe(c);
    if (error == IAM_OK && c->page_items < c->page_delivered)
        error = IAM_ERR_CHANGED;
    if (error == IAM_OK && iam_call_waits(c)) {
        if (r->status == IAM_JOB_IN_PROGRESS)
            return again_unfinished(c);
        if (r->status < IAM_JOB_COMPLETED) /* none, or one that is not known */
            error = IAM_ERR_JOB_STATUS;
    }
    if (error < 0)
        return trouble(c, error);
    c->completed = r->status == IAM_JOB_COMPLETED;
    c->stats.pages += c->query.operation->scope != 0;
    c->exchange.stage = IAM_STAGE_PAGED;
    return IAM_AGAIN;
}

static int done(struct iam_call *c)
{
    if (CONFIG_TINYIAM_KEY_IDLE_MS > 0)
        iam_query_rest(&c->query);
    else
        iam_query_forget(&c->query);
    forget_reply(c);
    /* of one page as it is, too: a report not yet made is asked for again */
    c->finished = c->completed || !c->query.operation->of_job;
    c->exchange.stage = IAM_STAGE_DONE;
    if (c->query.operation->makes_job)
        c->job = iam_hash(c->query.decode.report.job_id); /* shown to no other session */
    return c->plan(c, IAM_OK);
}

/* Between pages: the next one, the end, or why there can be none. */
static int page_complete(struct iam_call *c)
{
    const struct iam_report *r = &c->query.decode.report;
    struct iam_query *q = &c->query;
    if (q->structure && !c->list_told && (r->present & 1u << IAM_MEMBER_LIST)) {
        c->list_told = true;
        return tell(c, IAM_ITEM_LIST);
    }
    if (q->structure && !c->end_told) {
        c->end_told = true;
        return tell(c, IAM_ITEM_PAGE_END);
    }
    if (iam_call_waits(c) && r->status == IAM_JOB_FAILED)
        return iam_call_fail(c, IAM_ERR_JOB_FAILED);
    int next = c->scope == IAM_SCOPE_ALL ? iam_list_follow(c) : IAM_OK;
    if (next < 0)
        return iam_call_fail(c, next);
    if (next == IAM_OK)
        return done(c);
    forget_page(c);
    begin_page(c);
    return IAM_AGAIN;
}

/* ---- turns ---- */

/* One stage as far as it goes; *more: go round again. */
static int turn(struct iam_call *c, bool *more)
{
    struct iam_exchange *e = &c->exchange;
    int r;
    switch (e->stage) {
    case IAM_STAGE_CONNECT:
        if (iam_exchange_needs_keys(e)) {
            r = iam_query_keys(&c->query);
            *more = r == IAM_AGAIN && !e->need_keys;
            return r < 0 ? failed(c) : r;
        }
        if (iam_call_waits(c) && c->query.decode.report.status == IAM_JOB_COMPLETED)
            c->completed = true; /* it was said, though the page broke off after it */
        c->page_items = 0;       /* of the reply to come */
        c->attempt_digest = 0;
        break;
    case IAM_STAGE_REPLIED:
        *more = true;
        return replied(c);
    case IAM_STAGE_PAGED:
        r = page_complete(c);
        *more = r == IAM_AGAIN;
        return r;
    case IAM_STAGE_DONE:
        return IAM_OK;
    default:
        break;
    }
    r = iam_exchange_turn(e, more);
    if (r == IAM_ITEM) {
        r = item(c);
        *more = r == IAM_AGAIN;
    } else if (e->stage == IAM_STAGE_FAILED) {
        return failed(c);
    }
    return r;
}

int iam_call_next(struct iam_call *c)
{
    bool more;
    int r;
    if (c->held != IAM_ITEM_NONE) { /* the item before which the list was announced */
        c->query.decode.item.kind = (enum iam_item_kind)c->held;
        c->held = IAM_ITEM_NONE;
        return hand_out(c);
    }
    if (c->exchange.now >= c->exchange.operation_by && iam_exchange_late(&c->exchange))
        return failed(c);
    do {
        more = false;
        r = turn(c, &more);
    } while (more);
    if (r == IAM_ITEM)
        c->exchange.waiting = false; /* the caller's time with an item is not the network's */
    return r;
}
