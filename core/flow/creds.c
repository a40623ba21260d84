/* Keys and their life: when to fetch, what to do with what came, who has to wait. How each kind of source
 * is asked is its row's, in source_*.c. */
#include "flow.h"

#include <string.h>

#include <tinyiam/parts/datetime.h>
#include <tinyiam/parts/utf8.h>

enum {
    STEP_IDLE,
    STEP_ASK,   /* the application has to say something first */
    STEP_BEGIN, /* the next exchange */
    STEP_FETCH,
    STEP_CLOSE /* the outcome is known; one connection at a time */
};
#define MINUTE_MS INT64_C(60000)
#define ADVISORY_MS (15 * MINUTE_MS) /* botocore's two windows */
#define MANDATORY_MS (10 * MINUTE_MS)
#define SHORTEST_MS (15 * MINUTE_MS) /* that STS and IoT give */
#define PAUSE_MS 1000u
#define PAUSE_MAX_MS 300000u

/* ---- faults ---- */

int iam_creds_wrong(struct iam_creds *p, int error, const char *what)
{
    return iam_exchange_refuse(&p->exchange, error, what);
}

bool iam_creds_is_word(struct iam_span s, const char *others)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!(c >= '0' && c <= '9') && !((c | 32) >= 'a' && (c | 32) <= 'z') && c != '_' &&
            memchr(others, c, strlen(others)) == NULL)
            return false;
    }
    return s.n >= 1 && s.n <= 128;
}

/* ---- life ---- */

static int64_t age(const struct iam_creds *p)
{
    const struct iam_exchange *c = &p->exchange;
    int64_t mono = (int64_t)(c->now - p->got_at), unix_ms = c->unix_ms - p->got_unix;
    /* the larger: monotonic clocks stand still while a machine sleeps, others are set back */
    return c->unix_ms >= 0 && p->got_unix >= 0 && unix_ms > mono ? unix_ms : mono;
}

static void judge(struct iam_creds *p)
{
    bool early = p->exchange.now < p->retry_at;
    if (p->step != STEP_IDLE)
        return;
    if (p->keys.access_key_id.n == 0 || age(p) >= p->life_ms)
        p->state = early ? IAM_CREDS_FAILED : IAM_CREDS_NONE;
    else
        p->state = age(p) >= p->due_ms && !early ? IAM_CREDS_DUE : IAM_CREDS_FRESH;
}

static int64_t part(struct iam_creds *p, int64_t ms)
{
    return (int64_t)((uint64_t)ms * iam_exchange_random(&p->exchange) >> 32);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* From now on. The source's Date, where it sent one, makes the caller's clock unimportant. */
static int begin_life(struct iam_creds *p, const struct iam_time *until)
{
    struct iam_exchange *c = &p->exchange;
    int64_t life = INT64_MAX, advisory, mandatory;
    if (until->present) {
        uint32_t rest;
        int64_t now = iam_exchange_unix_ms(c) + (c->has_skew ? c->skew_ms : 0);
        life = until->us < 0 ? 0 : (int64_t)iam_divide((uint64_t)until->us, 1000, &rest) - now;
        if (!c->has_skew && c->unix_ms < 0)
            life = SHORTEST_MS;
        if (p->kind == IAM_CREDS_IMDS && life < ADVISORY_MS + 10 * MINUTE_MS) {
            /* static stability: IMDS out of order serves old keys, which the services then take */
            int64_t window = ADVISORY_MS + 2 * MINUTE_MS + part(p, 8 * MINUTE_MS);
            life = life > window ? life : window;
        }
        if (life <= 0)
            return iam_creds_wrong(p, IAM_ERR_VALUE, "Expiration: in the past");
    }
    p->got_at = c->now;
    p->got_unix = c->unix_ms;
    p->life_ms = p->due_ms = life;
    p->expiration = *until;
    if (life != INT64_MAX) {
        advisory = least(ADVISORY_MS, life / 2);
        mandatory = least(MANDATORY_MS, life / 3);
        p->due_ms = life - advisory + part(p, advisory - mandatory);
    }
    return IAM_OK;
}

/* ---- keys ---- */

/* Of the room from there on, and whatever else was on its way. */
static void forget_from(struct iam_creds *p, uint32_t at)
{
    if (p->room_size > at)
        iam_zeroize(p->room + at, p->room_size - at);
    if (p->exchange.cfg.tx_size > 0)
        iam_zeroize(p->exchange.cfg.tx, p->exchange.cfg.tx_size);
    p->text = (struct iam_span){NULL, 0};
#if CONFIG_TINYIAM_CREDS_STS
    if (p->source != NULL && p->source->is_query)
        iam_query_forget(&p->query);
#endif
}

/* Whatever came beside the keys in use. */
static void forget_rest(struct iam_creds *p)
{
    forget_from(p, p->used);
}

static void forget_received(struct iam_creds *p)
{
    if (p->exchange.cfg.rx_size > 0)
        iam_zeroize(p->exchange.cfg.rx, p->exchange.cfg.rx_size);
}

static void forget_keys(struct iam_creds *p)
{
    memset(&p->keys, 0, sizeof p->keys);
    p->used = 0;
}

/* Those of three texts that lie in the room, behind `at` and in any order: from there on, one behind the
 * other. Where the last one ends. */
static uint32_t gather(struct iam_creds *p, struct iam_span *in[3], uint32_t at)
{
    for (int i = 0; i < 3; i++) {
        int first = i;
        for (int j = i + 1; j < 3; j++)
            if ((uintptr_t)in[j]->p < (uintptr_t)in[first]->p)
                first = j;
        struct iam_span *s = in[first];
        in[first] = in[i];
        if (s->n == 0 || (uintptr_t)s->p - (uintptr_t)p->room >= p->room_size)
            continue;
        memmove(p->room + at, s->p, s->n);
        s->p = p->room + at;
        at += (uint32_t)s->n;
    }
    return at;
}

/* One copy takes the three texts over, where each would be code. */
_Static_assert(offsetof(struct iam_role_keys, access_key_id) ==
                       offsetof(struct iam_credentials, access_key_id) &&
                   offsetof(struct iam_role_keys, secret_access_key) ==
                       offsetof(struct iam_credentials, secret_access_key) &&
                   offsetof(struct iam_role_keys, session_token) ==
                       offsetof(struct iam_credentials, session_token),
               "keys begin with credentials");

/* The new keys lie somewhere behind the old ones: to the front, each once. */
static void settle(struct iam_creds *p, struct iam_role_keys *k)
{
    struct iam_span *in[3] = {&k->access_key_id, &k->secret_access_key, &k->session_token};
    p->used = gather(p, in, 0);
    memcpy(&p->keys, k, sizeof p->keys);
}

static const char *const own_names[] = {"AccessKeyId", "SecretAccessKey", "SessionToken"};

int iam_creds_check(struct iam_creds *p, const struct iam_role_keys *k, const char *const names[3],
                    bool needs_token)
{
    const struct iam_span *const values[] = {&k->access_key_id, &k->secret_access_key,
                                             &k->session_token};
    /* the secret never stands in a header, but nor does it hold anything else */
    for (int i = 0; i < 3; i++)
        if (((i < 2 || needs_token) && values[i]->n == 0) || !iam_span_within(*values[i], '!', '~'))
            return iam_creds_wrong(p, IAM_ERR_VALUE, names[i]);
    return IAM_OK;
}

/* ---- outcome ---- */

static void close_connection(struct iam_creds *p)
{
    if (p->exchange.connected || p->exchange.stage == IAM_STAGE_CONNECT)
        p->exchange.close = true;
    if (p->exchange.stage != IAM_STAGE_IDLE)
        p->exchange.stage = IAM_STAGE_DONE;
    p->step = STEP_CLOSE;
    p->answered = false;
}

/* Of what came, the source's words stay, behind the keys in use: tx and rx may be another's as well. */
static void failed(struct iam_creds *p, int error)
{
    struct iam_fault *f = &p->exchange.fault;
    struct iam_span *words[3] = {&f->code, &f->message, &f->what};
    uint32_t pause = PAUSE_MS << (p->failures < 9 ? p->failures : 9);
    pause = pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS;
    p->error = error;
    if (p->failures < UINT8_MAX)
        p->failures++;
    pause -= (uint32_t)part(p, pause / 2);
    p->retry_at = p->exchange.now + pause;
    p->pause = p->step == STEP_ASK ? pause : 0;
    if (error == IAM_ERR_SPACE) {
        f->what = IAM_SPAN("keys");
        f->need = p->need;
    }
    forget_from(p, gather(p, words, p->used));
    forget_received(p);
    close_connection(p);
}

static int came(struct iam_creds *p, struct iam_role_keys *k)
{
    int r = begin_life(p, &k->expiration);
    if (r < 0)
        return r;
    settle(p, k);
    p->error = 0;
    p->failures = 0;
    p->retry_at = 0;
    forget_rest(p);
    forget_received(p);
    close_connection(p);
    return IAM_OK;
}

/* ---- sources ---- */

/* A row that is compiled in, or NULL. */
#define ROW(option, row) (IAM_ON(option) ? &(row) : NULL)
static const struct iam_source *source_of(enum iam_creds_kind kind)
{
    static const struct iam_source *const rows[] = {
        [IAM_CREDS_IOT] = ROW(CONFIG_TINYIAM_CREDS_IOT, iam_source_iot),
        [IAM_CREDS_CONTAINER] = ROW(CONFIG_TINYIAM_CREDS_CONTAINER, iam_source_container),
        [IAM_CREDS_IMDS] = ROW(CONFIG_TINYIAM_CREDS_IMDS, iam_source_imds),
        [IAM_CREDS_ASSUME_ROLE] = ROW(CONFIG_TINYIAM_CREDS_STS, iam_source_assume_role),
        [IAM_CREDS_WEB_IDENTITY] = ROW(CONFIG_TINYIAM_CREDS_STS, iam_source_web_identity),
        [IAM_CREDS_SSO] = ROW(CONFIG_TINYIAM_CREDS_SSO, iam_source_sso),
    };
    return (unsigned)kind <= IAM_CREDS_SSO ? rows[kind] : NULL;
}

static bool asks(const struct iam_creds *p)
{
    return p->source == NULL || p->source->asks == IAM_ASKS_ALWAYS ||
           (p->source->asks == IAM_ASKS_IF_GIVEN && p->ask != NULL);
}

int iam_creds_fetch(struct iam_creds *p, const char *method)
{
    p->document.method = method;
    p->document.to = p->room + p->begin;
    p->document.room = p->room_size - p->begin;
    iam_exchange_begin(&p->exchange);
    return IAM_OK;
}

/* ---- clock ---- */

/* What one has learned of the clock holds for the other, too, unless it waits for the reply to a request that was
 * signed by what it knew. Where our clock is not set, each counts from a beginning of its own. */
static void learn(struct iam_exchange *e, const struct iam_exchange *from)
{
    int64_t offset = from->clock_offset;
    if ((int8_t)(from->clock_learned - e->clock_learned) <= 0 || e->stage == IAM_STAGE_SEND ||
        e->stage == IAM_STAGE_RECEIVE)
        return;
    if (e->unix_ms < 0)
        offset += (int64_t)(from->now - e->now);
    e->skew_ms -= offset - e->clock_offset;
    e->clock_offset = offset;
    e->clock_learned = from->clock_learned;
}

/* The time, as another exchange was told it, for this one and those it is based on. */
static void follow_clock(struct iam_creds *p, struct iam_exchange *told)
{
    for (; p != NULL; told = &p->exchange, p = iam_creds_base(p)) {
        struct iam_exchange *e = &p->exchange;
        iam_exchange_time(e, told->mono, told->unix_ms);
        learn(e, told);
        learn(told, e);
        if (p->pause != 0) { /* who was asked may have taken long: only now has he answered */
            p->retry_at = e->now + p->pause;
            p->pause = 0;
        }
        judge(p);
    }
}

void iam_creds_time(struct iam_creds *p, uint32_t mono_ms, int64_t unix_ms)
{
    iam_exchange_time(&p->exchange, mono_ms, unix_ms);
    follow_clock(p, &p->exchange);
}

/* ---- the public side ---- */

static int init_source(struct iam_creds *p, uint32_t seed)
{
    struct iam_exchange *e = &p->exchange;
    int r;
    p->source = source_of((enum iam_creds_kind)p->kind);
    if (p->source == NULL)
        return iam_creds_wrong(p, IAM_ERR_STATE, "kind: not compiled in");
    r = p->source->init(p, &e->cfg);
    if (r < 0)
        return r;
    if (e->cfg.authority.n == 0)
        return iam_creds_wrong(p, IAM_ERR_ARGUMENT, "endpoint");
    iam_exchange_init(e,
                      p->source->is_query ? ROW(CONFIG_TINYIAM_CREDS_STS, iam_protocol_query)
                                          : &iam_protocol_document,
                      seed);
    return iam_exchange_check(e);
}

/* What it does not say is zero. */
static void configure(struct iam_exchange_config *to, const struct iam_creds_config *cfg)
{
    to->tx = cfg->tx;
    to->tx_size = cfg->tx_size;
    to->rx = cfg->rx;
    to->rx_size = cfg->rx_size;
    to->stream = cfg->stream;
    to->authority = cfg->endpoint;
    to->plain = cfg->plain;
    to->connect_ms = cfg->connect_ms;
    to->response_ms = cfg->response_ms;
    to->max_attempts = cfg->max_attempts;
    to->user_agent = cfg->user_agent;
}

int iam_creds_init(struct iam_creds *p, const struct iam_creds_config *cfg, uint32_t seed)
{
    static const struct iam_creds_ops ops = {follow_clock,   iam_creds_next,  iam_creds_wants,
                                             iam_creds_drop, iam_creds_renew, iam_creds_refuse};
    const struct iam_credentials *fixed = &cfg->from.fixed;

    memset(p, 0, sizeof *p);
    iam_exchange_init(&p->exchange, NULL, seed);
    configure(&p->exchange.cfg, cfg);
    p->ops = &ops;
    p->kind = (uint8_t)cfg->kind;
    p->ask = cfg->ask;
    p->context = cfg->context;
    p->from = cfg->from;
    p->got_unix = -1;
    p->life_ms = p->due_ms = INT64_MAX;
    if (cfg->kind == IAM_CREDS_STATIC) {
        struct iam_role_keys k = {fixed->access_key_id,
                                  fixed->secret_access_key,
                                  fixed->session_token,
                                  {.present = false}};
        if (iam_creds_check(p, &k, own_names, false) < 0) {
            p->exchange.fault.layer = IAM_LAYER_CALLER; /* no reply said them */
            return p->exchange.fault.error = IAM_ERR_CREDENTIALS;
        }
        p->keys = *fixed;
        p->state = IAM_CREDS_FRESH;
        return IAM_OK;
    }
    if (cfg->keys == NULL || cfg->keys_size == 0 || cfg->keys_size > INT32_MAX)
        return iam_creds_wrong(p, IAM_ERR_ARGUMENT, "keys");
    p->room = cfg->keys;
    p->room_size = (uint32_t)cfg->keys_size;
    return cfg->kind == IAM_CREDS_APPLICATION ? IAM_OK : init_source(p, seed);
}

void iam_creds_end(struct iam_creds *p)
{
    p->used = 0;
    forget_rest(p);
    forget_received(p);
    iam_zeroize(p, sizeof *p);
}

enum iam_creds_stream iam_creds_stream_kind(const struct iam_creds *p)
{
    if (p->source == NULL)
        return IAM_CREDS_NO_STREAM;
    if (p->source->mutual)
        return IAM_CREDS_MUTUAL_TLS;
    return p->exchange.cfg.plain ? IAM_CREDS_PLAIN : IAM_CREDS_TLS;
}

void iam_creds_renew(struct iam_creds *p)
{
    if (p->kind != IAM_CREDS_STATIC)
        p->life_ms = 0;
    judge(p);
}

static void begin(struct iam_creds *p)
{
    p->step = asks(p) ? STEP_ASK : STEP_BEGIN;
    p->answered = false;
    p->part = 0;
    p->begin = p->used;
    p->need = 0;
}

/* Begins a fetch, or says why not. */
static int idle(struct iam_creds *p)
{
    judge(p);
    if (p->state == IAM_CREDS_FRESH)
        return IAM_OK;
    if (p->state != IAM_CREDS_DUE && p->keys.access_key_id.n > 0) {
        /* here, where nobody is in the middle of a request with them; words of a fault stay */
        iam_zeroize(p->room, p->used);
        forget_keys(p);
    }
    if (p->state == IAM_CREDS_FAILED)
        return p->error;
    memset(&p->exchange.fault, 0, sizeof p->exchange.fault);
    begin(p);
    return IAM_AGAIN;
}

/* One turn of the exchange: IAM_AGAIN, or how it ended. */
static int turn(struct iam_creds *p)
{
    struct iam_exchange *e = &p->exchange;
    bool more = true;
    int r = IAM_AGAIN;
    while (more && e->stage != IAM_STAGE_REPLIED) {
        more = false;
#if CONFIG_TINYIAM_CREDS_STS
        if (p->source->is_query && e->stage == IAM_STAGE_CONNECT)
            p->part = 0; /* items of the reply to come */
        if (e->need_keys && e->stage == IAM_STAGE_CONNECT) {
            r = iam_query_keys(&p->query);
            more = r == IAM_AGAIN && !e->need_keys;
            continue;
        }
#endif
        r = iam_exchange_turn(e, &more);
        if (r == IAM_ITEM) {
            p->part = (uint8_t)(p->part < 2 ? p->part + 1 : 2);
            more = true;
        }
    }
    if (e->stage == IAM_STAGE_REPLIED)
        return IAM_OK;
    return r;
}

/* An exchange has ended. */
static int ended(struct iam_creds *p, int result)
{
    struct iam_role_keys k;
    memset(&k, 0, sizeof k);
    if (!p->source->is_query) {
        uint32_t n = p->document.n, most = p->document.room;
        p->filled = p->begin + (n < most ? n : most);
        p->need = p->begin - p->used + n;
    } else if (result == IAM_ERR_SPACE) {
        p->need = (uint32_t)p->exchange.fault.need;
    }
    if (result == IAM_ERR_SPACE && p->used > 0 && p->need <= p->room_size) {
        /* not beside the old keys, but in their place */
        forget_keys(p);
        forget_rest(p);
        begin(p);
        return IAM_AGAIN;
    }
    if (result == IAM_ERR_SERVICE && !p->source->is_query)
        iam_creds_said(p);
    result = p->source->end(p, result, &k);
    p->exchange.fault.status = p->exchange.http.status;
    if (result == IAM_OK)
        result = came(p, &k);
    else if (result == IAM_AGAIN)
        p->step = STEP_BEGIN;
    return result;
}

int iam_creds_next(struct iam_creds *p)
{
    for (;;) {
        int r = IAM_OK;
        switch (p->step) {
        case STEP_IDLE:
            r = idle(p);
            if (r != IAM_AGAIN)
                return r;
            break;
        case STEP_ASK:
            if (!p->answered)
                return IAM_AGAIN;
            p->step = STEP_BEGIN;
            break;
        case STEP_BEGIN:
            p->step = STEP_FETCH;
            r = p->source->begin(p);
            break;
        case STEP_FETCH:
            r = turn(p);
            if (r == IAM_AGAIN)
                return r;
            r = ended(p, r);
            break;
        default:
            if (p->exchange.close)
                return IAM_AGAIN;
            p->step = STEP_IDLE;
            judge(p);
            return p->state == IAM_CREDS_FAILED ? p->error : IAM_OK;
        }
        if (r < 0)
            failed(p, r);
    }
}

unsigned iam_creds_wants(const struct iam_creds *p)
{
    return p->step == STEP_ASK && !p->answered ? (unsigned)IAM_WANT_ASK
                                               : iam_exchange_wants(&p->exchange);
}

void iam_creds_drop(struct iam_creds *p)
{
    if (p->step == STEP_IDLE || p->step == STEP_CLOSE)
        return;
    forget_rest(p);
    close_connection(p);
}

/* ---- answers ---- */

void iam_creds_text(struct iam_creds *p, struct iam_span text)
{
    if (p->step != STEP_ASK)
        return;
    p->text = text;
    p->answered = true;
}

void iam_creds_refuse(struct iam_creds *p, int error)
{
    if (p->step != STEP_ASK)
        return;
    iam_creds_wrong(p, error, "ask");
    failed(p, error);
}

static int given(struct iam_creds *p, int r)
{
    if (r < 0)
        failed(p, r);
    return r;
}

/* Copies keys that lie outside, and begins their life. */
static int take(struct iam_creds *p, const struct iam_credentials *keys,
                const struct iam_time *expiration)
{
    struct iam_role_keys k = {
        keys->access_key_id, keys->secret_access_key, keys->session_token, {.present = false}};
    struct iam_span *in[3] = {&k.access_key_id, &k.secret_access_key, &k.session_token};
    size_t n = k.access_key_id.n + k.secret_access_key.n + k.session_token.n;
    int r = iam_creds_check(p, &k, own_names, false);
    if (r < 0)
        return r;
    p->need = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
    if (n > p->room_size)
        return iam_creds_wrong(p, IAM_ERR_SPACE, "keys");
    if (n > p->room_size - p->used)
        forget_keys(p);
    p->filled = p->used;
    for (int i = 0; i < 3; i++) {
        if (in[i]->n > 0)
            memmove(p->room + p->filled, in[i]->p, in[i]->n);
        in[i]->p = p->room + p->filled;
        p->filled += (uint32_t)in[i]->n;
    }
    if (expiration != NULL)
        k.expiration = *expiration;
    return came(p, &k);
}

int iam_creds_give(struct iam_creds *p, const struct iam_credentials *keys,
                   const struct iam_time *expiration)
{
    if (p->step != STEP_ASK || p->kind != IAM_CREDS_APPLICATION)
        return IAM_ERR_STATE;
    return given(p, take(p, keys, expiration));
}

int iam_creds_restore(struct iam_creds *p, const struct iam_credentials *keys,
                      const struct iam_time *expiration)
{
    if (p->step != STEP_IDLE || p->used > 0 || p->kind == IAM_CREDS_STATIC)
        return IAM_ERR_STATE;
    int r = take(p, keys, expiration);
    p->step = STEP_IDLE; /* nothing was opened for them */
    forget_rest(p);
    judge(p);
    return r;
}

/* What a credential_process prints. */
static const struct iam_json_member members[] = {
    {"AccessKeyId", IAM_KEYS_ID, IAM_JSON_REQUIRED},
    {"SecretAccessKey", IAM_KEYS_SECRET, IAM_JSON_REQUIRED},
    {"SessionToken", IAM_KEYS_TOKEN, IAM_JSON_OPTIONAL},
    {"Expiration", IAM_KEYS_EXPIRATION, IAM_JSON_OPTIONAL},
    {"Version", 0, IAM_JSON_ONE},
};
static const struct iam_json_shape process = {NULL, members, 5};

int iam_creds_give_document(struct iam_creds *p, struct iam_span json)
{
    struct iam_role_keys k;
    int r = IAM_OK;
    memset(&k, 0, sizeof k);
    if (p->step != STEP_ASK || p->kind != IAM_CREDS_APPLICATION)
        return IAM_ERR_STATE;
    p->need = json.n < UINT32_MAX ? (uint32_t)json.n : UINT32_MAX;
    if (json.n > p->room_size)
        return given(p, iam_creds_wrong(p, IAM_ERR_SPACE, "keys"));
    if (json.n > p->room_size - p->used)
        forget_keys(p);
    p->begin = p->used;
    p->filled = p->begin + (uint32_t)json.n;
    if (json.n > 0)
        memcpy(p->room + p->begin, json.p, json.n);
    r = iam_creds_document(p, &process, IAM_KEYS_MAY_LAST, &k);
    return given(p, r < 0 ? r : came(p, &k));
}
