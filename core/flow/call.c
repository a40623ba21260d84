/* What comes next: pages, polls, retries, pauses, deadlines. One exchange is exchange.c's. */
#include "flow.h"

#include <string.h>

#include <tinyiam/parts/utf8.h>

#define CORRECT_BEYOND_MS 240000 /* a clock is corrected from 4 minutes of skew on */
static uint32_t setting(uint32_t value, uint32_t fallback)
{
    return value != 0 ? value : fallback;
}

/* xorshift32: spreads retries of a fleet; nothing secret depends on it. */
uint32_t iam_call_random(struct iam_call *c)
{
    uint32_t x = c->random;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return c->random = x;
}

/* ---- set-up ---- */

/* Not inlined: its callers are many. */
__attribute__((noinline)) static int refuse(struct iam_call *c, int error, const char *what)
{
    c->fault.error = error;
    c->fault.layer = IAM_LAYER_CALLER;
    c->fault.what = (struct iam_span){what, strlen(what)};
    c->stage = IAM_STAGE_IDLE;
    return error;
}

static bool header_safe(struct iam_span s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || (unsigned char)s.p[i] >= 0x7F)
            return false;
    return true;
}

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

int iam_call_init(struct iam_call *c, const struct iam_config *cfg, uint32_t seed)
{
    const struct iam_credentials *k = cfg->credentials;
    bool has_provider = IAM_ON(CONFIG_TINYIAM_CREDS) && cfg->provider != NULL;
    memset(c, 0, sizeof *c);
    c->cfg = *cfg;
    c->random = seed != 0 ? seed : 1;
    c->unix_ms = -1;
    if (cfg->tx == NULL || cfg->tx_size == 0)
        return refuse(c, IAM_ERR_ARGUMENT, "tx");
    if (cfg->rx == NULL || cfg->rx_size == 0)
        return refuse(c, IAM_ERR_ARGUMENT, "rx");
    if (cfg->tx_size > INT32_MAX || cfg->rx_size > INT32_MAX || cfg->item_size > INT32_MAX)
        return refuse(c, IAM_ERR_ARGUMENT, "buffer size");
    if (!has_provider && (k == NULL || k->access_key_id.n == 0 || k->secret_access_key.n == 0))
        return refuse(c, IAM_ERR_CREDENTIALS, "credentials");
    if (!has_provider && (!header_safe(k->access_key_id) || !header_safe(k->session_token)))
        return refuse(c, IAM_ERR_CREDENTIALS,
                      "credentials: white space, control or non-ASCII character");
    if (!path_safe(cfg->path))
        return refuse(c, IAM_ERR_ARGUMENT, "path");
    for (size_t i = 0; i < cfg->user_agent.n; i++)
        if ((unsigned char)cfg->user_agent.p[i] < ' ' ||
            (unsigned char)cfg->user_agent.p[i] >= 0x7F)
            return refuse(c, IAM_ERR_ARGUMENT, "user_agent");
    int r = iam_call_address(c);
    if (r < 0)
        return refuse(c, r, r == IAM_ERR_REGION ? "region" : "authority");
    iam_retry_init(&c->retry, (uint8_t)setting(cfg->max_attempts, CONFIG_TINYIAM_MAX_ATTEMPTS),
                   (enum iam_retry_rules)cfg->retry_rules);
    return IAM_OK;
}

/* ---- start ---- */

/* Nothing of the credentials outlives an operation, or a change of them between two. */
static void forget_secrets(struct iam_call *c)
{
    iam_sigv4_clear(&c->sigv4);
    iam_zeroize(c->signature, sizeof c->signature);
    iam_zeroize(c->cfg.tx, c->cfg.tx_size);
}

/* Before the next request the keys are looked at. */
static void check_keys(struct iam_call *c)
{
    c->need_keys = !c->operation->is_unsigned;
}

static void begin_page(struct iam_call *c)
{
    iam_retry_begin(&c->retry);
    c->attempts = 0;
    c->replaced = c->skew_tried = c->list_told = c->end_told = false;
    c->stage = IAM_STAGE_CONNECT;
    check_keys(c);
}

static void forget_page(struct iam_call *c)
{
    c->page_delivered = 0;
    c->page_digest = 0;
}

/* FNV-1a: tells sessions, and jobs, apart; 0 stands for none. */
static uint32_t hash(struct iam_span s)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 16777619u;
    return h != 0 ? h : 1;
}

/* Is the job's status a reason to wait? */
static bool waits(const struct iam_call *c)
{
    return c->operation->of_job && c->scope != IAM_SCOPE_PAGE;
}

/* Of IAM's operations; a provider keeps its own. */
static void keep_request(struct iam_call *c, const struct iam_operation *o, const void *request)
{
    if (o->service == &iam_model)
        memmove(&c->request, request, o->request_size);
}

int iam_call_start(struct iam_call *c, const struct iam_operation *o, const void *request)
{
    if (c->authority_n == 0)
        return IAM_ERR_STATE; /* init failed */
    if (c->stage > IAM_STAGE_CONNECT && c->stage < IAM_STAGE_PAGED)
        c->close = c->connected; /* a reply may be under way */
    memset(&c->fault, 0, sizeof c->fault);
    memset(&c->decode.report, 0, sizeof c->decode.report);
    forget_secrets(c);
    c->held = IAM_ITEM_NONE;
    c->waiting = false;
    c->waited = 0;
    int r = iam_encode_check(o, request, &c->fault);
    if (r < 0) {
        c->fault.error = r;
        c->fault.layer = IAM_LAYER_CALLER;
        c->stage = IAM_STAGE_IDLE;
        return r;
    }
    keep_request(c, o, request);
    c->operation = o;
    c->scope = IAM_SCOPE_PAGE;
    c->marker_n = 0;
    c->pages = c->polls = c->delivered = 0;
    c->completed = c->finished = false;
    if (o->scope != 0) {
        struct iam_span m;
        enum iam_scope scope;
        memcpy(&m, (const char *)request + o->marker, sizeof m);
        memcpy(&scope, (const char *)request + o->scope, sizeof scope);
        c->scope = (uint8_t)scope;
        if (m.p != NULL)
            c->marker_n = (uint16_t)iam_marker_latin1(m, c->marker);
    }
    if (o->of_job) {
        struct iam_span job;
        memcpy(&job, (const char *)request + o->params[0].offset, sizeof job);
        if (hash(job) != c->job)
            c->session = 0; /* not made here: by whom it was is not known */
    }
    c->timed = false; /* the deadline begins with the next time given */
    c->operation_by = UINT64_MAX;
    forget_page(c);
    begin_page(c);
    return IAM_OK;
}

/* ---- time ---- */

void iam_call_time(struct iam_call *c, uint32_t mono_ms, int64_t unix_ms)
{
    uint32_t dt = c->ticking ? mono_ms - c->mono : 0;
    if (dt > UINT32_MAX / 2)
        dt = 0; /* backwards: time stands still rather than jump 24 days */
    c->ticking = true;
    c->mono = mono_ms;
    c->now += dt;
    if ((unix_ms < 0) != (c->unix_ms < 0)) {
        c->clock_offset = 0; /* it counted from another origin */
        c->clock_learned = false;
    }
    c->unix_ms = unix_ms;
    if (c->waiting) {
        c->waited = dt > UINT32_MAX - c->waited ? UINT32_MAX : c->waited + dt;
        c->exchanged = dt > UINT32_MAX - c->exchanged ? UINT32_MAX : c->exchanged + dt;
    }
    if (!c->timed) {
        c->timed = true;
        if (c->cfg.deadline_ms != 0)
            c->operation_by = c->now + c->cfg.deadline_ms;
    }
}

int64_t iam_call_unix_ms(const struct iam_call *c)
{
    return (c->unix_ms >= 0 ? c->unix_ms : (int64_t)c->now) + c->clock_offset;
}

static bool clock_known(const struct iam_call *c)
{
    return c->unix_ms >= 0 || c->clock_learned;
}

static bool wants_keys(const struct iam_call *c)
{
    return IAM_ON(CONFIG_TINYIAM_CREDS) && c->need_keys && c->cfg.provider != NULL;
}

/* How long the present wait may last, and what it is called when it lasted. */
static uint32_t wait_limit(const struct iam_call *c, int *error)
{
    if (c->stage == IAM_STAGE_CONNECT) {
        *error = IAM_ERR_TIMEOUT_CONNECT;
        return setting(c->cfg.connect_ms, CONFIG_TINYIAM_CONNECT_MS);
    }
    if (c->stage == IAM_STAGE_RECEIVE && !c->http.began) {
        *error = IAM_ERR_TIMEOUT_RESPONSE;
        return setting(c->cfg.response_ms, CONFIG_TINYIAM_RESPONSE_MS);
    }
    *error = IAM_ERR_TIMEOUT_IDLE;
    return setting(c->cfg.idle_ms, CONFIG_TINYIAM_IDLE_MS);
}

static uint32_t left(uint32_t limit, uint32_t used)
{
    return used < limit ? limit - used : 0;
}

static uint32_t exchange_left(const struct iam_call *c)
{
    if (c->stage == IAM_STAGE_CONNECT) /* what was exchanged before does not count */
        return UINT32_MAX;
    return left(setting(c->cfg.exchange_ms, CONFIG_TINYIAM_EXCHANGE_MS), c->exchanged);
}

uint32_t iam_call_idle_ms(const struct iam_call *c)
{
    uint64_t ms = UINT32_MAX;
    int error;
    if (c->stage == IAM_STAGE_PAUSE) {
        ms = c->resume_at > c->now ? c->resume_at - c->now : 0;
    } else if (iam_call_wants(c) == IAM_WANT_KEYS) {
        /* as long as the provider likes */
    } else if (c->waiting) {
        uint32_t whole = exchange_left(c);
        ms = left(wait_limit(c, &error), c->waited);
        ms = whole < ms ? whole : ms;
    } else {
        return 0;
    }
    if (c->operation_by != UINT64_MAX) {
        uint64_t rest = c->operation_by > c->now ? c->operation_by - c->now : 0;
        ms = rest < ms ? rest : ms;
    }
    return ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
}

/* ---- failure ---- */

static enum iam_layer layer_of(int error)
{
    static const struct {
        int8_t from;
        uint8_t layer;
    } bands[] = {{-90, IAM_LAYER_FLOW},  {-80, IAM_LAYER_SERVICE}, {-75, IAM_LAYER_REPLY},
                 {-60, IAM_LAYER_XML},   {-50, IAM_LAYER_HTTP},    {-40, IAM_LAYER_TLS},
                 {-20, IAM_LAYER_STREAM}};
    for (size_t i = 0; i < sizeof bands / sizeof bands[0]; i++)
        if (error <= bands[i].from)
            return (enum iam_layer)bands[i].layer;
    return error < 0 ? IAM_LAYER_CALLER : IAM_LAYER_NONE;
}

static int fail(struct iam_call *c, int error, int native)
{
    struct iam_fault *f = &c->fault;
    f->error = error;
    f->layer = layer_of(error);
    f->native = native;
    f->status = c->http.status;
    f->attempts = c->attempts;
    f->delivered = c->delivered;
    /* against the clock as it was given, not as it has been corrected */
    f->skew_ms = c->has_skew ? c->skew_ms + (c->unix_ms >= 0 ? c->clock_offset : 0) : 0;
    f->request_id = (struct iam_span){c->http.request_id, c->http.request_id_len};
    f->began = (struct iam_span){c->began, c->began_n};
    f->code = c->decode.code;
    f->message = c->decode.message;
    if (error == IAM_ERR_SPACE) {
        f->need = c->decode.need;
        f->what = (struct iam_span){"item", 4};
    } else if (error == IAM_ERR_VALUE || error == IAM_ERR_JSON || error == IAM_ERR_MEMBER) {
        f->what = c->decode.what;
    } else if (error == IAM_ERR_HTTP_ENCODING) {
        f->what = (struct iam_span){c->http.value, c->http.value_len};
    } else if (error == IAM_ERR_SERVICE) {
        f->need = c->decode.need; /* not 0: the message was cut */
    }
    forget_secrets(c);
    c->stage = IAM_STAGE_FAILED;
    return error;
}

static void pause_for(struct iam_call *c, uint32_t ms)
{
    c->resume_at = c->now + ms;
    c->stage = IAM_STAGE_PAUSE;
    c->replaced = false;
    check_keys(c);
}

/* Correctable once: the service says our time is wrong, and its Date says by how much. */
static bool correct_clock(struct iam_call *c)
{
    if (c->skew_tried || !c->has_skew || !iam_clock_code(c->decode.code) ||
        (c->skew_ms < CORRECT_BEYOND_MS && c->skew_ms > -CORRECT_BEYOND_MS))
        return false;
    c->skew_tried = true;
    c->clock_offset += c->skew_ms;
    c->stats.clock_corrections++;
    return true;
}

/* The exchange failed: again, later, or not at all. */
static int trouble(struct iam_call *c, int error, int native)
{
    uint32_t delay = 0;
    bool early = !c->http.began && (error == IAM_EOF || error == IAM_ERR_RESET ||
                                    error == IAM_ERR_IO || error == IAM_ERR_TRUNCATED);
    bool in_exchange = c->stage == IAM_STAGE_SEND || c->stage == IAM_STAGE_RECEIVE;

    c->waiting = false;
    c->waited = 0;
    if (c->stage == IAM_STAGE_SEND)
        iam_zeroize(c->cfg.tx, c->cfg.tx_size);
    if (c->stage == IAM_STAGE_CONNECT) { /* no request went out: nothing of the last reply counts */
        c->attempts++;
        c->has_skew = false;
        iam_http_init(&c->http);
        iam_decode_init(&c->decode, c->operation, false); /* empty */
    }
    if (error != IAM_ERR_SERVICE) /* a connection that is still being made is given up, too */
        c->close = c->connected || error == IAM_ERR_TIMEOUT_CONNECT;
    /* a kept connection that dies before the first byte of a reply was dead already: not an attempt */
    if (early && in_exchange && c->reused && !c->replaced) {
        c->replaced = true;
        c->attempts--;
        c->stage = IAM_STAGE_CONNECT;
        return IAM_AGAIN;
    }
    if (error == IAM_EOF)
        error = c->http.began ? IAM_ERR_TRUNCATED : IAM_ERR_RESET;
    if (error == IAM_ERR_SERVICE && correct_clock(c)) {
        c->stage = IAM_STAGE_CONNECT;
        return IAM_AGAIN;
    }
    if (iam_retry_next(&c->retry, error, c->http.status, c->decode.code, c->http.has_retry_after,
                       c->http.retry_after_ms, iam_call_random(c), &delay)) {
        if (c->operation_by != UINT64_MAX && c->now + delay >= c->operation_by)
            return fail(c, error, native); /* the deadline comes first: say what is wrong, now */
        c->stats.retries++;
        pause_for(c, delay);
        return IAM_AGAIN;
    }
    return fail(c, error, native);
}

/* ---- items and pages ---- */

static int hand_out(struct iam_call *c)
{
    c->page_delivered = c->page_items;
    c->page_digest = c->attempt_digest;
    if (iam_item_bits(&c->decode) & IAM_ITEM_IS_DATA) {
        c->delivered++;
        c->stats.items++;
    }
    return IAM_ITEM;
}

/* The decoder has an item. One that was handed out before the page broke off is passed over, once its
 * like has been seen again. */
static int item(struct iam_call *c)
{
    c->page_items++;
    c->attempt_digest = iam_item_digest(c->attempt_digest, &c->decode);
    if (c->page_items > CONFIG_TINYIAM_PAGE_ITEMS_MAX)
        return trouble(c, IAM_ERR_PAGES, 0);
    if (c->page_items <= c->page_delivered) {
        if (c->page_items == c->page_delivered && c->attempt_digest != c->page_digest)
            return trouble(c, IAM_ERR_CHANGED, 0);
        return IAM_AGAIN;
    }
    if (waits(c) && c->decode.report.status == IAM_JOB_IN_PROGRESS)
        return trouble(c, IAM_ERR_JOB_STATUS, 0);
    if (c->cfg.structure && !c->list_told) {
        c->list_told = true;
        c->held = (uint8_t)c->decode.item.kind;
        c->decode.item.kind = IAM_ITEM_LIST;
        return IAM_ITEM;
    }
    return hand_out(c);
}

static int again_unfinished(struct iam_call *c)
{
    c->polls++;
    c->stats.polls++;
    iam_retry_begin(&c->retry);
    c->attempts = 0;
    c->skew_tried = false;
    pause_for(c, iam_poll_delay(
                     c->polls, setting(c->cfg.poll_first_ms, CONFIG_TINYIAM_POLL_FIRST_MS),
                     setting(c->cfg.poll_max_ms, CONFIG_TINYIAM_POLL_MAX_MS), iam_call_random(c)));
    if (c->resume_at >= c->operation_by)
        c->resume_at = c->operation_by;
    return IAM_AGAIN;
}

/* The reply is complete and ours. */
static int reply_complete(struct iam_call *c)
{
    const struct iam_report *r = &c->decode.report;
    iam_retry_success(&c->retry);
    if (c->probing) {
        c->probing = false;
        c->attempts = 0;
        iam_retry_begin(&c->retry);
        if (!c->has_skew)
            return fail(c, IAM_ERR_CLOCK, 0);
        c->clock_offset = c->skew_ms - (int64_t)c->now;
        c->clock_learned = true;
        c->stage = IAM_STAGE_CONNECT;
        return IAM_AGAIN;
    }
    if (waits(c)) {
        if (r->status == IAM_JOB_IN_PROGRESS) {
            if (c->completed || c->page_delivered > 0)
                return trouble(c, IAM_ERR_JOB_STATUS, 0);
            return again_unfinished(c);
        }
        if (r->status != IAM_JOB_COMPLETED && r->status != IAM_JOB_FAILED)
            return trouble(c, IAM_ERR_JOB_STATUS, 0);
        c->completed = true;
    }
    if (c->page_items < c->page_delivered && (!waits(c) || r->status != IAM_JOB_FAILED))
        return trouble(c, IAM_ERR_CHANGED, 0);
    c->stats.pages += c->operation->scope != 0;
    c->stage = IAM_STAGE_PAGED;
    return IAM_AGAIN;
}

static int done(struct iam_call *c)
{
    forget_secrets(c);
    c->finished = true;
    c->stage = IAM_STAGE_DONE;
    if (c->operation->makes_job)
        c->job = hash(c->decode.report.job_id); /* shown to no other session */
    return IAM_OK;
}

/* Between pages: the next one, the end, or why there can be none. */
static int page_complete(struct iam_call *c)
{
    const struct iam_report *r = &c->decode.report;
    char marker[IAM_MARKER_MAX];
    if (c->cfg.structure && !c->list_told && (r->present & 1u << IAM_MEMBER_LIST)) {
        c->list_told = true;
        c->decode.item.kind = IAM_ITEM_LIST;
        return IAM_ITEM;
    }
    if (c->cfg.structure && !c->end_told) {
        c->end_told = true;
        c->decode.item.kind = IAM_ITEM_PAGE_END;
        return IAM_ITEM;
    }
    if (waits(c) && r->status == IAM_JOB_FAILED)
        return fail(c, IAM_ERR_JOB_FAILED, 0);
    if (c->scope != IAM_SCOPE_ALL || !r->is_truncated)
        return done(c);
    if (r->marker.n == 0)
        return fail(c, IAM_ERR_MARKER_MISSING, 0);
    int n = iam_marker_latin1(r->marker, marker);
    if (n < 0)
        return fail(c, IAM_ERR_MARKER_INVALID, 0);
    if (n == c->marker_n && memcmp(marker, c->marker, (size_t)n) == 0)
        return fail(c, IAM_ERR_MARKER_REPEATED, 0);
    if (c->pages + 1 >= setting(c->cfg.max_pages, CONFIG_TINYIAM_MAX_PAGES))
        return fail(c, IAM_ERR_PAGES, 0);
    c->pages++;
    memcpy(c->marker, marker, (size_t)n);
    c->marker_n = (uint16_t)n;
    forget_page(c);
    begin_page(c);
    return IAM_AGAIN;
}

/* ---- stages ---- */

static int receive(struct iam_call *c)
{
    int r = iam_exchange_read(c);
    if (r == IAM_ITEM)
        return item(c);
    if (r == IAM_OK) {
        r = iam_exchange_finish(c);
        return r == IAM_OK ? reply_complete(c) : trouble(c, r, 0);
    }
    return r < 0 ? trouble(c, r, 0) : IAM_AGAIN;
}

static void enter(struct iam_call *c, uint8_t stage)
{
    c->stage = stage;
    c->waited = 0;
    c->waiting = false;
}

/* The provider's keys, if they will do: for a job that is open as long as they are valid. */
static int keys(struct iam_call *c)
{
    const struct iam_creds *p = c->cfg.provider;
    if (p->state == IAM_CREDS_FAILED) {
        c->fault.what = (struct iam_span){"provider", 8};
        return fail(c, IAM_ERR_CREDENTIALS, p->error);
    }
    if (p->state == IAM_CREDS_FRESH ||
        (p->state == IAM_CREDS_DUE && c->session != 0 && c->operation->of_job))
        c->need_keys = false;
    else
        c->close = c->connected; /* there may be memory for one connection only */
    return IAM_AGAIN;
}

/* A report is shown to the session that made it: who asks with other keys hears that there is none. */
static bool same_session(struct iam_call *c)
{
    uint32_t session = hash(iam_call_credentials(c)->access_key_id);
    if (session != c->session) {
        if (c->session != 0 && c->operation->of_job)
            return false;
        iam_sigv4_clear(&c->sigv4);
        c->session = session;
    }
    return true;
}

/* Connected and free: the next exchange begins. */
static int begin_exchange(struct iam_call *c)
{
    c->probing = !c->operation->is_unsigned && !clock_known(c);
    if (!c->operation->is_unsigned && !same_session(c))
        return fail(c, IAM_ERR_SESSION, 0);
    check_keys(c);
    c->attempts++;
    c->has_skew = false;
    c->exchanged = 0;
    int r = iam_exchange_begin(c);
    if (r < 0)
        return fail(c, r, c->sigv4.native);
    enter(c, IAM_STAGE_SEND);
    return IAM_AGAIN;
}

static int wait(struct iam_call *c)
{
    int error;
    uint32_t limit = wait_limit(c, &error);
    if (c->waiting && c->waited >= limit)
        return trouble(c, error, 0);
    if (c->waiting && exchange_left(c) == 0)
        return trouble(c, IAM_ERR_TIMEOUT_EXCHANGE, 0);
    c->waiting = true;
    return IAM_AGAIN;
}

/* One stage as far as it goes; *more: go round again, there is something to do without I/O. */
static int turn(struct iam_call *c, bool *more)
{
    uint8_t before = c->stage;
    int r;
    switch (c->stage) {
    case IAM_STAGE_PAUSE:
        if (c->now < c->resume_at)
            return IAM_AGAIN;
        enter(c, IAM_STAGE_CONNECT);
        *more = true;
        return IAM_AGAIN;
    case IAM_STAGE_CONNECT:
        if (wants_keys(c)) {
            r = keys(c);
            *more = r == IAM_AGAIN && !c->need_keys;
            return r;
        }
        if (c->close || !c->connected)
            return wait(c);
        r = begin_exchange(c);
        break;
    case IAM_STAGE_SEND:
        if (c->tx_pos < c->tx_n)
            return wait(c);
        if (c->tx_done < c->tx_total) {
            iam_exchange_fill(c);
            return wait(c);
        }
        iam_zeroize(c->cfg.tx, c->cfg.tx_size); /* the token was in it */
        enter(c, IAM_STAGE_RECEIVE);
        r = IAM_AGAIN;
        break;
    case IAM_STAGE_RECEIVE:
        r = receive(c);
        if (r == IAM_AGAIN && c->stage == IAM_STAGE_RECEIVE && c->rx_n == 0)
            return wait(c);
        break;
    case IAM_STAGE_PAGED:
        r = page_complete(c);
        break;
    case IAM_STAGE_DONE:
        return IAM_OK;
    case IAM_STAGE_FAILED:
        return c->fault.error;
    default:
        return IAM_ERR_STATE;
    }
    if (c->stage != before)
        enter(c, c->stage);
    *more = r == IAM_AGAIN;
    return r;
}

int iam_call_next(struct iam_call *c)
{
    bool more;
    int r;
    if (c->held != IAM_ITEM_NONE) { /* the item before which the list was announced */
        c->decode.item.kind = (enum iam_item_kind)c->held;
        c->held = IAM_ITEM_NONE;
        return hand_out(c);
    }
    if (c->stage != IAM_STAGE_DONE && c->stage != IAM_STAGE_FAILED && c->stage != IAM_STAGE_IDLE &&
        c->now >= c->operation_by) {
        c->close = c->connected || c->stage == IAM_STAGE_CONNECT;
        return fail(c, IAM_ERR_TIMEOUT_OPERATION, 0);
    }
    do {
        more = false;
        r = turn(c, &more);
    } while (more);
    if (r == IAM_ITEM)
        c->waiting = false; /* the caller's time with an item is not the network's */
    return r;
}

/* ---- bytes ---- */

unsigned iam_call_wants(const struct iam_call *c)
{
    if (c->close)
        return IAM_WANT_CLOSE;
    switch (c->stage) {
    case IAM_STAGE_CONNECT:
        if (wants_keys(c))
            return IAM_WANT_KEYS;
        return c->connected ? 0 : IAM_WANT_OPEN;
    case IAM_STAGE_SEND:
        /* nothing may come before the request is out: on a kept connection, look */
        return c->tx_pos < c->tx_n
                   ? IAM_WANT_SEND | (c->reused && c->tx_done == 0 ? IAM_WANT_RECV : 0u)
                   : 0;
    case IAM_STAGE_RECEIVE:
        return c->rx_n == 0 ? IAM_WANT_RECV : 0;
    default:
        return 0;
    }
}

const void *iam_call_send_buf(struct iam_call *c, size_t *n)
{
    *n = c->tx_n - c->tx_pos;
    return (const char *)c->cfg.tx + c->tx_pos;
}

void iam_call_send_ack(struct iam_call *c, size_t n)
{
    c->tx_pos += (uint32_t)n;
    c->tx_done += (uint32_t)n;
    c->stats.bytes_out += n;
    c->waited = 0;
}

void *iam_call_recv_buf(struct iam_call *c, size_t *n)
{
    *n = c->cfg.rx_size;
    return c->cfg.rx;
}

void iam_call_recv_ack(struct iam_call *c, size_t n)
{
    c->stats.bytes_in += n;
    c->waited = 0;
    if (c->stage != IAM_STAGE_RECEIVE) { /* bytes nobody asked for: the connection is out of step */
        trouble(c, IAM_ERR_RESET, 0);
        return;
    }
    c->rx_n = (uint32_t)n;
    c->rx_pos = c->body_end = 0;
    if (n > c->stats.rx_peak)
        c->stats.rx_peak = (uint32_t)n;
}

void iam_call_opened(struct iam_call *c)
{
    c->connected = true;
    c->reused = false;
    c->waited = 0;
    c->stats.connections++;
}

void iam_call_closed(struct iam_call *c, int error, int native)
{
    bool asked = c->close;
    c->connected = c->close = false; /* reused is asked for below, and ends with the next opening */
    if (asked || error == IAM_OK)
        return;
    if (c->stage == IAM_STAGE_RECEIVE && error == IAM_EOF) {
        int r = iam_http_eof(&c->http);
        if (r == IAM_HTTP_END) {
            r = iam_exchange_finish(c);
            if (r == IAM_OK)
                reply_complete(c);
            else /* the end was its only frame: the page broke off */
                trouble(c, r == IAM_ERR_XML_TRUNCATED ? IAM_ERR_TRUNCATED : r, native);
            return;
        }
        error = r;
    }
    if (c->stage == IAM_STAGE_CONNECT || c->stage == IAM_STAGE_SEND ||
        c->stage == IAM_STAGE_RECEIVE)
        trouble(c, error, native);
}
