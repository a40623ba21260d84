/* Keys and their life: when to fetch, what to do with what came, who has to wait. How each kind of source
 * is asked is in the files creds_*.c; the exchange itself is a struct iam_call's. */
#include "flow.h"

#include <string.h>

#include <tinyiam/parts/datetime.h>

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
    struct iam_fault *f = &p->call.fault;
    f->error = error;
    f->layer = error <= IAM_ERR_FOREIGN ? IAM_LAYER_REPLY : IAM_LAYER_CALLER;
    f->what = (struct iam_span){what, what != NULL ? strlen(what) : 0};
    return error;
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

/* May it stand in a header? The secret never does, but nor does it hold anything else. */
static bool printable(struct iam_span s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || (unsigned char)s.p[i] >= 0x7F)
            return false;
    return true;
}

/* ---- life ---- */

static int64_t age(const struct iam_creds *p)
{
    const struct iam_call *c = &p->call;
    int64_t mono = (int64_t)(c->now - p->got_at), unix_ms = c->unix_ms - p->got_unix;
    /* the larger: monotonic clocks stand still while a machine sleeps, others are set back */
    return c->unix_ms >= 0 && p->got_unix >= 0 && unix_ms > mono ? unix_ms : mono;
}

static void judge(struct iam_creds *p)
{
    bool early = p->call.now < p->retry_at;
    if (p->step != STEP_IDLE)
        return;
    if (p->keys.access_key_id.n == 0 || age(p) >= p->life_ms)
        p->state = early ? IAM_CREDS_FAILED : IAM_CREDS_NONE;
    else
        p->state = age(p) >= p->due_ms && !early ? IAM_CREDS_DUE : IAM_CREDS_FRESH;
}

static int64_t part(struct iam_creds *p, int64_t ms)
{
    return (int64_t)((uint64_t)ms * iam_call_random(&p->call) >> 32);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* From now on. The source's Date, where it sent one, makes the caller's clock unimportant. */
static int begin_life(struct iam_creds *p, const struct iam_time *until)
{
    struct iam_call *c = &p->call;
    int64_t life = INT64_MAX, advisory, mandatory;
    if (until->present) {
        uint32_t rest;
        int64_t now = iam_call_unix_ms(c) + (c->has_skew ? c->skew_ms : 0);
        life = until->us < 0 ? 0 : (int64_t)iam_divide((uint64_t)until->us, 1000, &rest) - now;
        if (!c->has_skew && c->unix_ms < 0)
            life = SHORTEST_MS;
        if (p->cfg.kind == IAM_CREDS_IMDS && life < ADVISORY_MS + 10 * MINUTE_MS) {
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

static char *room(struct iam_creds *p)
{
    return (char *)p->cfg.keys;
}

/* Whatever came beside the keys in use, or on its way. */
static void forget_rest(struct iam_creds *p)
{
    if (p->cfg.keys_size > p->used)
        iam_zeroize(room(p) + p->used, p->cfg.keys_size - p->used);
    if (p->cfg.tx_size > 0)
        iam_zeroize(p->cfg.tx, p->cfg.tx_size);
    p->text = (struct iam_span){NULL, 0};
    memset(&p->ask, 0, sizeof p->ask);
    iam_sigv4_clear(&p->call.sigv4);
}

static void forget_keys(struct iam_creds *p)
{
    memset(&p->keys, 0, sizeof p->keys);
    p->used = 0;
}

/* The new keys lie somewhere behind the old ones, in any order: to the front, each once. */
static void settle(struct iam_creds *p, struct iam_role_keys *k)
{
    struct iam_span *in[3] = {&k->access_key_id, &k->secret_access_key, &k->session_token};
    uint32_t at = 0;
    for (int i = 0; i < 3; i++) {
        int first = i;
        for (int j = i + 1; j < 3; j++)
            if (in[j]->p < in[first]->p)
                first = j;
        struct iam_span *s = in[first];
        in[first] = in[i];
        if (s->n > 0)
            memmove(room(p) + at, s->p, s->n);
        s->p = room(p) + at;
        at += (uint32_t)s->n;
    }
    p->used = at;
    p->keys = (struct iam_credentials){k->access_key_id, k->secret_access_key, k->session_token};
}

static const char *const own_names[] = {"AccessKeyId", "SecretAccessKey", "SessionToken"};

int iam_creds_check(struct iam_creds *p, const struct iam_role_keys *k, const char *const names[3],
                    bool needs_token)
{
    const struct iam_span *const values[] = {&k->access_key_id, &k->secret_access_key,
                                             &k->session_token};
    for (int i = 0; i < 3; i++)
        if (((i < 2 || needs_token) && values[i]->n == 0) || !printable(*values[i]))
            return iam_creds_wrong(p, IAM_ERR_VALUE, names[i]);
    return IAM_OK;
}

/* ---- outcome ---- */

static void close_connection(struct iam_creds *p)
{
    if (p->call.connected || p->call.stage == IAM_STAGE_CONNECT)
        p->call.close = true;
    if (p->call.stage != IAM_STAGE_IDLE)
        p->call.stage = IAM_STAGE_DONE;
    p->step = STEP_CLOSE;
    p->answered = false;
}

/* What the source said lies in config.keys, which is about to be zeroised: to rx, as far as it goes. */
static size_t keep(struct iam_creds *p, struct iam_span *s, size_t at)
{
    const char *keys = room(p);
    size_t n = p->cfg.rx_size - at;
    if (s->n == 0 || s->p < keys || s->p >= keys + p->cfg.keys_size)
        return at;
    n = s->n < n ? s->n : n;
    memcpy((char *)p->cfg.rx + at, s->p, n);
    *s = (struct iam_span){(char *)p->cfg.rx + at, n};
    return at + n;
}

static void keep_words(struct iam_creds *p)
{
    size_t at = 0;
    if (p->cfg.rx_size == 0)
        return;
    iam_zeroize(p->cfg.rx, p->cfg.rx_size);
    at = keep(p, &p->call.fault.code, at);
    at = keep(p, &p->call.fault.message, at);
    keep(p, &p->call.fault.what, at);
}

static void failed(struct iam_creds *p, int error)
{
    uint32_t pause = PAUSE_MS << (p->failures < 9 ? p->failures : 9);
    pause = pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS;
    p->error = error;
    if (p->failures < UINT8_MAX)
        p->failures++;
    p->retry_at = p->call.now + pause - (uint64_t)part(p, pause / 2);
    if (error == IAM_ERR_SPACE) {
        p->call.fault.what = IAM_SPAN("keys");
        p->call.fault.need = p->need;
    }
    keep_words(p);
    forget_rest(p);
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
    if (p->cfg.rx_size > 0)
        iam_zeroize(p->cfg.rx, p->cfg.rx_size);
    close_connection(p);
    return IAM_OK;
}

/* ---- kinds ---- */

static int init_kind(struct iam_creds *p, struct iam_config *c)
{
    if (IAM_ON(CONFIG_TINYIAM_CREDS_IOT) && p->cfg.kind == IAM_CREDS_IOT)
        return iam_creds_iot_init(p, c);
    if (IAM_ON(CONFIG_TINYIAM_CREDS_CONTAINER) && p->cfg.kind == IAM_CREDS_CONTAINER)
        return iam_creds_container_init(p, c);
    if (IAM_ON(CONFIG_TINYIAM_CREDS_IMDS) && p->cfg.kind == IAM_CREDS_IMDS)
        return iam_creds_imds_init(p, c);
    if (IAM_ON(CONFIG_TINYIAM_CREDS_STS) &&
        (p->cfg.kind == IAM_CREDS_ASSUME_ROLE || p->cfg.kind == IAM_CREDS_WEB_IDENTITY))
        return iam_creds_sts_init(p, c);
    return iam_creds_wrong(p, IAM_ERR_STATE, "kind: not compiled in");
}

static int begin_kind(struct iam_creds *p)
{
    if (IAM_ON(CONFIG_TINYIAM_CREDS_IOT) && p->cfg.kind == IAM_CREDS_IOT)
        return iam_creds_iot_begin(p);
    if (IAM_ON(CONFIG_TINYIAM_CREDS_CONTAINER) && p->cfg.kind == IAM_CREDS_CONTAINER)
        return iam_creds_container_begin(p);
    if (IAM_ON(CONFIG_TINYIAM_CREDS_IMDS) && p->cfg.kind == IAM_CREDS_IMDS)
        return iam_creds_imds_begin(p);
    if (IAM_ON(CONFIG_TINYIAM_CREDS_STS))
        return iam_creds_sts_begin(p);
    return IAM_ERR_STATE;
}

static int end_kind(struct iam_creds *p, int result, struct iam_role_keys *k)
{
    if (IAM_ON(CONFIG_TINYIAM_CREDS_IOT) && p->cfg.kind == IAM_CREDS_IOT)
        return iam_creds_iot_end(p, result, k);
    if (IAM_ON(CONFIG_TINYIAM_CREDS_CONTAINER) && p->cfg.kind == IAM_CREDS_CONTAINER)
        return iam_creds_container_end(p, result, k);
    if (IAM_ON(CONFIG_TINYIAM_CREDS_IMDS) && p->cfg.kind == IAM_CREDS_IMDS)
        return iam_creds_imds_end(p, result, k);
    if (IAM_ON(CONFIG_TINYIAM_CREDS_STS))
        return iam_creds_sts_end(p, result, k);
    return IAM_ERR_STATE;
}

static bool asks(const struct iam_creds *p)
{
    return p->cfg.kind == IAM_CREDS_APPLICATION || p->cfg.kind == IAM_CREDS_WEB_IDENTITY ||
           (p->cfg.kind == IAM_CREDS_CONTAINER && p->cfg.ask != NULL);
}

/* ---- the public side ---- */

int iam_creds_init(struct iam_creds *p, const struct iam_creds_config *cfg, uint32_t seed)
{
    static const struct iam_credentials nobody = {
        IAM_LITERAL("none"), IAM_LITERAL("none"), {NULL, 0}};
    struct iam_config c;
    const struct iam_credentials *fixed = &cfg->from.fixed;
    int r;

    static const struct iam_creds_ops ops = {iam_creds_time, iam_creds_next,  iam_creds_wants,
                                             iam_creds_drop, iam_creds_renew, iam_creds_refuse};
    memset(p, 0, sizeof *p);
    p->ops = &ops;
    p->cfg = *cfg;
    p->got_unix = p->call.unix_ms = -1;
    p->call.random = seed != 0 ? seed : 1;
    p->life_ms = p->due_ms = INT64_MAX;
    if (cfg->kind == IAM_CREDS_STATIC) {
        struct iam_role_keys k = {
            fixed->access_key_id, fixed->secret_access_key, fixed->session_token, {0, 0, false}};
        if (iam_creds_check(p, &k, own_names, false) < 0)
            return p->call.fault.error = IAM_ERR_CREDENTIALS;
        p->keys = *fixed;
        p->state = IAM_CREDS_FRESH;
        return IAM_OK;
    }
    if (cfg->keys == NULL || cfg->keys_size == 0 || cfg->keys_size > INT32_MAX)
        return iam_creds_wrong(p, IAM_ERR_ARGUMENT, "keys");
    if (cfg->kind == IAM_CREDS_APPLICATION)
        return IAM_OK;
    memset(&c, 0, sizeof c);
    c.tx = cfg->tx;
    c.tx_size = cfg->tx_size;
    c.rx = cfg->rx;
    c.rx_size = cfg->rx_size;
    c.stream = cfg->stream;
    c.authority = cfg->endpoint;
    c.region = nobody.access_key_id; /* where nothing is signed */
    c.credentials = &nobody;         /* likewise */
    c.connect_ms = cfg->connect_ms;
    c.response_ms = cfg->response_ms;
    c.max_attempts = cfg->max_attempts;
    c.user_agent = cfg->user_agent;
    r = init_kind(p, &c);
    if (r < 0)
        return r;
    if (c.authority.n == 0)
        return iam_creds_wrong(p, IAM_ERR_ARGUMENT, "endpoint");
    return iam_call_init(&p->call, &c, seed);
}

void iam_creds_end(struct iam_creds *p)
{
    p->used = 0;
    forget_rest(p);
    if (p->cfg.rx_size > 0)
        iam_zeroize(p->cfg.rx, p->cfg.rx_size);
    iam_zeroize(p, sizeof *p);
}

enum iam_creds_stream iam_creds_stream_kind(const struct iam_creds *p)
{
    if (p->cfg.kind == IAM_CREDS_STATIC || p->cfg.kind == IAM_CREDS_APPLICATION)
        return IAM_CREDS_NO_STREAM;
    if (p->cfg.kind == IAM_CREDS_IOT)
        return IAM_CREDS_MUTUAL_TLS;
    return p->call.cfg.plain ? IAM_CREDS_PLAIN : IAM_CREDS_TLS;
}

void iam_creds_time(struct iam_creds *p, uint32_t mono_ms, int64_t unix_ms)
{
    iam_call_time(&p->call, mono_ms, unix_ms);
    judge(p);
}

void iam_creds_renew(struct iam_creds *p)
{
    if (p->cfg.kind != IAM_CREDS_STATIC)
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
        forget_keys(p); /* here, where nobody is in the middle of a request with them */
        forget_rest(p);
    }
    if (p->state == IAM_CREDS_FAILED)
        return p->error;
    memset(&p->call.fault, 0, sizeof p->call.fault);
    begin(p);
    return IAM_AGAIN;
}

/* An exchange has ended. */
static int ended(struct iam_creds *p, int result)
{
    struct iam_role_keys k;
    memset(&k, 0, sizeof k);
    if (result == IAM_ERR_SPACE && p->call.operation->service != NULL)
        p->need = (uint32_t)p->call.fault.need;
    if (result == IAM_ERR_SPACE && p->used > 0 && p->need <= p->cfg.keys_size) {
        /* not beside the old keys, but in their place */
        forget_keys(p);
        forget_rest(p);
        begin(p);
        return IAM_AGAIN;
    }
    if (result == IAM_ERR_SERVICE && p->call.operation == &iam_fetch)
        iam_creds_said(p);
    result = end_kind(p, result, &k);
    p->call.fault.status = p->call.http.status;
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
            r = begin_kind(p);
            break;
        case STEP_FETCH:
            r = iam_call_next(&p->call);
            if (r == IAM_AGAIN)
                return r;
            r = r == IAM_ITEM ? IAM_OK : ended(p, r);
            break;
        default:
            if (p->call.close)
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
    return p->step == STEP_ASK && !p->answered ? (unsigned)IAM_WANT_ASK : iam_call_wants(&p->call);
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
        keys->access_key_id, keys->secret_access_key, keys->session_token, {0, 0, false}};
    struct iam_span *in[3] = {&k.access_key_id, &k.secret_access_key, &k.session_token};
    size_t n = k.access_key_id.n + k.secret_access_key.n + k.session_token.n;
    int r = iam_creds_check(p, &k, own_names, false);
    if (r < 0)
        return r;
    p->need = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
    if (n > p->cfg.keys_size)
        return iam_creds_wrong(p, IAM_ERR_SPACE, "keys");
    if (n > p->cfg.keys_size - p->used)
        forget_keys(p);
    p->filled = p->used;
    for (int i = 0; i < 3; i++) {
        if (in[i]->n > 0)
            memmove(room(p) + p->filled, in[i]->p, in[i]->n);
        in[i]->p = room(p) + p->filled;
        p->filled += (uint32_t)in[i]->n;
    }
    if (expiration != NULL)
        k.expiration = *expiration;
    return came(p, &k);
}

int iam_creds_give(struct iam_creds *p, const struct iam_credentials *keys,
                   const struct iam_time *expiration)
{
    if (p->step != STEP_ASK || p->cfg.kind != IAM_CREDS_APPLICATION)
        return IAM_ERR_STATE;
    return given(p, take(p, keys, expiration));
}

int iam_creds_restore(struct iam_creds *p, const struct iam_credentials *keys,
                      const struct iam_time *expiration)
{
    if (p->step != STEP_IDLE || p->used > 0 || p->cfg.kind == IAM_CREDS_STATIC)
        return IAM_ERR_STATE;
    int r = take(p, keys, expiration);
    p->step = STEP_IDLE; /* nothing was opened for them */
    forget_rest(p);
    judge(p);
    return r;
}

int iam_creds_give_document(struct iam_creds *p, struct iam_span json)
{
    struct iam_role_keys k;
    int r = IAM_OK;
    memset(&k, 0, sizeof k);
    if (p->step != STEP_ASK || p->cfg.kind != IAM_CREDS_APPLICATION)
        return IAM_ERR_STATE;
    p->need = json.n < UINT32_MAX ? (uint32_t)json.n : UINT32_MAX;
    if (json.n > p->cfg.keys_size)
        return given(p, iam_creds_wrong(p, IAM_ERR_SPACE, "keys"));
    if (json.n > p->cfg.keys_size - p->used)
        forget_keys(p);
    p->begin = p->used;
    p->filled = p->begin + (uint32_t)json.n;
    if (json.n > 0)
        memcpy(room(p) + p->begin, json.p, json.n);
    r = iam_creds_document(p, IAM_DOCUMENT_PROCESS, &k);
    return given(p, r < 0 ? r : came(p, &k));
}
