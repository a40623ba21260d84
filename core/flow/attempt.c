/* What is done when an exchange fails: again at once, later, or not at all. And what time it is, and until
 * when. */
#include "flow.h"

#include <string.h>

#include <tinyiam/pace.h>

#include <tinyiam/parts/compiler.h>

#define CORRECT_BEYOND_MS 240000 /* a clock is corrected from 4 minutes of skew on */

/* ---- beginnings ---- */

void iam_exchange_init(struct iam_exchange *e, const struct iam_protocol *protocol, uint32_t seed)
{
    e->protocol = protocol;
    e->random = seed != 0 ? seed : 1;
    e->unix_ms = -1;
    iam_retry_init(&e->retry,
                   (uint8_t)iam_setting(e->cfg.max_attempts, CONFIG_TINYIAM_MAX_ATTEMPTS),
                   (enum iam_retry_rules)e->cfg.retry_rules);
}

void iam_exchange_begin(struct iam_exchange *e)
{
    if (e->stage > IAM_STAGE_CONNECT && e->stage < IAM_STAGE_REPLIED)
        e->close = e->connected; /* a reply may be under way */
    iam_exchange_wait_over(e);
    memset(&e->fault, 0, sizeof e->fault);
    e->timed = false; /* the deadline begins with the next time given */
    e->operation_by = UINT64_MAX;
    iam_exchange_again(e);
}

void iam_exchange_again(struct iam_exchange *e)
{
    iam_retry_begin(&e->retry);
    e->attempts = 0;
    e->skew_tried = false;
    iam_exchange_check_keys(e);
    e->stage = IAM_STAGE_CONNECT;
}

/* ---- counts ---- */

static char *stat_at(struct iam_exchange *e, size_t at)
{
    return e->cfg.stats_at != 0 ? (char *)e + e->cfg.stats_at + at : NULL;
}

void iam_exchange_count(struct iam_exchange *e, size_t at, uint32_t more)
{
    void *to = stat_at(e, at);
    if (to != NULL && at < IAM_STAT(pages))
        *(uint64_t *)to += more;
    else if (to != NULL)
        *(uint32_t *)to += more;
}

void iam_exchange_peak(struct iam_exchange *e, size_t at, uint32_t n)
{
    uint32_t *to = (void *)stat_at(e, at);
    if (to != NULL && n > *to)
        *to = n;
}

uint32_t iam_exchange_random(struct iam_exchange *e)
{
    uint32_t x = e->random;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return e->random = x;
}

/* ---- time ---- */

void iam_add_ms(uint32_t *ms, uint32_t more)
{
    *ms = more > UINT32_MAX - *ms ? UINT32_MAX : *ms + more;
}

uint32_t iam_exchange_time(struct iam_exchange *e, uint32_t mono_ms, int64_t unix_ms)
{
    uint32_t dt = e->ticking ? mono_ms - e->mono : 0;
    if (dt > UINT32_MAX / 2)
        dt = 0; /* backwards: time stands still rather than jump 24 days */
    e->ticking = true;
    e->mono = mono_ms;
    e->now += dt;
    if ((unix_ms < 0) != (e->unix_ms < 0)) {
        e->clock_offset = 0; /* it counted from another origin */
        e->clock_learned = 0;
    }
    e->unix_ms = unix_ms;
    if (e->waiting) {
        iam_add_ms(&e->waited, dt);
        iam_add_ms(&e->exchanged, dt);
    }
    if (!e->timed) {
        e->timed = true;
        if (e->cfg.deadline_ms != 0)
            e->operation_by = e->now + e->cfg.deadline_ms;
        dt = 0; /* what had gone before was not this operation's */
    }
    return dt;
}

int64_t iam_exchange_unix_ms(const struct iam_exchange *e)
{
    return (e->unix_ms >= 0 ? e->unix_ms : (int64_t)e->now) + e->clock_offset;
}

void iam_exchange_learn(struct iam_exchange *e)
{
    e->clock_offset += e->skew_ms;
    e->skew_ms = 0;
    e->clock_learned++;
}

uint32_t iam_exchange_limit(const struct iam_exchange *e, int *error)
{
    if (e->stage == IAM_STAGE_CONNECT) {
        *error = IAM_ERR_TIMEOUT_CONNECT;
        return iam_setting(e->cfg.connect_ms, CONFIG_TINYIAM_CONNECT_MS);
    }
    if (e->stage == IAM_STAGE_RECEIVE && !e->http.began) {
        *error = IAM_ERR_TIMEOUT_RESPONSE;
        return iam_setting(e->cfg.response_ms, CONFIG_TINYIAM_RESPONSE_MS);
    }
    *error = IAM_ERR_TIMEOUT_IDLE;
    return iam_setting(e->cfg.idle_ms, CONFIG_TINYIAM_IDLE_MS);
}

static uint32_t left(uint32_t limit, uint32_t used)
{
    return used < limit ? limit - used : 0;
}

uint32_t iam_exchange_left(const struct iam_exchange *e)
{
    if (e->stage == IAM_STAGE_CONNECT) /* what was exchanged before does not count */
        return UINT32_MAX;
    return left(iam_setting(e->cfg.exchange_ms, CONFIG_TINYIAM_EXCHANGE_MS), e->exchanged);
}

/* Milliseconds until then, as far as 32 bits go. */
IAM_SAVES_FLASH static uint32_t until(const struct iam_exchange *e, uint64_t then)
{
    uint64_t ms = then > e->now ? then - e->now : 0;
    return ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
}

uint32_t iam_exchange_idle_ms(const struct iam_exchange *e)
{
    uint32_t ms = UINT32_MAX, rest = until(e, e->operation_by);
    int error;
    if (e->stage == IAM_STAGE_PAUSE) {
        ms = until(e, e->resume_at);
    } else if (IAM_ON(CONFIG_TINYIAM_CREDS) && iam_exchange_wants(e) == IAM_WANT_KEYS) {
        /* as long as the provider likes */
    } else if (e->waiting) {
        uint32_t whole = iam_exchange_left(e);
        ms = left(iam_exchange_limit(e, &error), e->waited);
        ms = whole < ms ? whole : ms;
    } else {
        return 0;
    }
    return rest < ms ? rest : ms;
}

bool iam_exchange_late(struct iam_exchange *e)
{
    if (e->stage == IAM_STAGE_DONE || e->stage == IAM_STAGE_FAILED || e->stage == IAM_STAGE_IDLE)
        return false;
    e->close = e->connected || e->stage == IAM_STAGE_CONNECT;
    iam_exchange_fail(e, IAM_ERR_TIMEOUT_OPERATION, 0);
    return true;
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

int iam_exchange_refuse(struct iam_exchange *e, int error, const char *what)
{
    e->fault.error = error;
    e->fault.layer = layer_of(error);
    e->fault.what = (struct iam_span){what, what != NULL ? strlen(what) : 0};
    return error;
}

int iam_exchange_fail(struct iam_exchange *e, int error, int native)
{
    struct iam_fault *f = &e->fault;
    f->error = error;
    f->layer = layer_of(error);
    f->native = native;
    f->status = e->http.status;
    f->attempts = e->attempts;
    /* against the clock as it was given, not as it has been corrected */
    f->skew_ms = e->has_skew ? e->skew_ms + (e->unix_ms >= 0 ? e->clock_offset : 0) : 0;
    f->request_id = (struct iam_span){e->http.request_id, e->http.request_id_len};
    if (error == IAM_ERR_HTTP_ENCODING)
        f->what = (struct iam_span){e->http.value, e->http.value_len};
    e->protocol->finish(e, error);
    if (e->http.has_location && f->message.n == 0) /* else the service's own words */
        f->message = (struct iam_span){e->http.reason, e->http.reason_len};
    e->stage = IAM_STAGE_FAILED;
    return error;
}

void iam_exchange_pause(struct iam_exchange *e, uint32_t ms)
{
    e->resume_at = e->now + ms;
    e->stage = IAM_STAGE_PAUSE;
    iam_exchange_check_keys(e);
}

/* Correctable once: the service says our time is wrong, and its Date says by how much. */
static bool correct_clock(struct iam_exchange *e)
{
    if (e->skew_tried || !e->has_skew || !iam_clock_code(e->fault.code) ||
        (e->skew_ms < CORRECT_BEYOND_MS && e->skew_ms > -CORRECT_BEYOND_MS))
        return false;
    e->skew_tried = true;
    iam_exchange_learn(e);
    iam_exchange_count(e, IAM_STAT(clock_corrections), 1);
    return true;
}

#if CONFIG_TINYIAM_PACE
bool iam_exchange_tell(struct iam_exchange *e)
{
    struct iam_pace *pace = e->cfg.pace;
    return pace != NULL && pace->ops->tell(e);
}
#endif

int iam_exchange_trouble(struct iam_exchange *e, int error, int native)
{
    uint32_t delay = 0;

    iam_exchange_wait_over(e);
    if (e->stage == IAM_STAGE_SEND)
        iam_zeroize(e->cfg.tx, e->cfg.tx_size);
    if (e->stage == IAM_STAGE_CONNECT) { /* no request went out: nothing of the last reply counts */
        e->attempts++;
        e->has_skew = false;
        iam_http_init(&e->http);
        e->protocol->head(e);
    }
    if (error == IAM_EOF)
        error = IAM_ERR_RESET;    /* had a reply begun, iam_http_eof() would have said so */
    if (error != IAM_ERR_SERVICE) /* a connection that is still being made is given up, too */
        e->close = e->connected || error == IAM_ERR_TIMEOUT_CONNECT;
    /* a kept connection that dies before the first byte of a reply was dead already: not an attempt */
    if ((e->stage == IAM_STAGE_SEND || e->stage == IAM_STAGE_RECEIVE) && !e->http.began &&
        e->reused &&
        (error == IAM_ERR_RESET || error == IAM_ERR_IO || error == IAM_ERR_TRUNCATED)) {
        e->attempts--;
        e->stage = IAM_STAGE_CONNECT;
        return IAM_AGAIN;
    }
    if (error == IAM_ERR_SERVICE && correct_clock(e)) {
        e->stage = IAM_STAGE_CONNECT;
        return IAM_AGAIN;
    }
    if ((error == IAM_ERR_SERVICE && iam_exchange_tell(e)) ||
        iam_retry_next(&e->retry, error, e->http.status, e->fault.code, e->http.has_retry_after,
                       e->http.retry_after_ms, iam_exchange_random(e), &delay)) {
        if (e->now + delay >= e->operation_by)
            return iam_exchange_fail(e, error, native); /* the deadline comes first: say so now */
        iam_exchange_count(e, IAM_STAT(retries), 1);
        iam_exchange_pause(e, delay);
        return IAM_AGAIN;
    }
    return iam_exchange_fail(e, error, native);
}
