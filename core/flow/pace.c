/* How fast requests may follow each other: a bucket of tokens, filled at a rate that two laws move. */
#include <tinyiam/pace.h>

#include <string.h>

#include "flow.h"

/* In the place of a request whose turn has come. 0: of one that has not asked yet. */
#define MAY_GO UINT32_MAX
#define RATE_LEAST (IAM_PACE_ONE / 2)
/* adaptive: botocore measures over half seconds */
#define MEASURE_MS 500u
/* audit: nothing goes out for so long after a throttling, and what comes back meanwhile was sent before it */
#define SILENCE_MS 1000u

static uint32_t at_most(uint64_t value, uint32_t most)
{
    return value < most ? (uint32_t)value : most;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* a * b / c for a rate: without overflow for any rate and factors below 2^32 */
static uint32_t scaled(uint32_t rate, uint32_t by, uint32_t parts)
{
    return at_most((uint64_t)rate * by / parts, IAM_PACE_MOST);
}

/* Replies over milliseconds, not 0, as a rate. */
static uint32_t rate_of(uint32_t count, uint64_t ms)
{
    return at_most((uint64_t)count * (IAM_PACE_ONE * UINT64_C(1000)) / ms, IAM_PACE_MOST);
}

static void fill(struct iam_pace *p, uint64_t now)
{
    const uint64_t long_ago = 4000000; /* more than an hour fills any bucket */
    uint64_t ms = now > p->filled ? now - p->filled : 0;
    uint64_t more = (ms < long_ago ? ms : long_ago) * p->rate / 1000;
    p->tokens = at_most(p->tokens + more, p->tokens_most);
    p->filled = now;
}

static void set_rate(struct iam_pace *p, uint32_t rate, uint32_t tokens_most)
{
    p->rate = rate;
    p->tokens_most = tokens_most;
    p->tokens = smaller(p->tokens, tokens_most);
}

/* ---- what an exchange calls ---- */

static bool hold_back(struct iam_exchange *e)
{
    uint32_t ms = iam_pace_ask(e->cfg.pace, e->mono, &e->place);
    if (ms > 0)
        iam_exchange_pause(e, ms);
    return ms > 0;
}

static bool hear(struct iam_exchange *e)
{
    bool throttled = iam_throttled_code(e->fault.code);
    bool free = throttled && e->cfg.pace->law == IAM_PACE_AUDIT;
    iam_pace_tell(e->cfg.pace, e->mono, throttled);
    e->attempts = (uint8_t)(e->attempts - free);
    return free;
}

void iam_pace_init(struct iam_pace *p, enum iam_pace_law law, uint32_t max_rate)
{
    static const struct iam_pace_ops ops = {hold_back, hear};
    memset(p, 0, sizeof *p);
    p->ops = &ops;
    p->law = (uint8_t)law;
    p->most = law == IAM_PACE_AUDIT ? smaller(max_rate, IAM_PACE_MOST) : 0;
    set_rate(p, IAM_PACE_ONE, IAM_PACE_ONE);
    if (p->most != 0) {
        /* Two tokens: a caller who comes a little late does not lose what it was late by. */
        set_rate(p, p->most, 2 * IAM_PACE_ONE);
        p->tokens = IAM_PACE_ONE;
        p->limited = true;
    }
}

/* The same moment, 64 bits wide. */
static uint64_t moment(struct iam_pace *p, uint32_t mono_ms)
{
    uint32_t gone = mono_ms - p->mono;
    if (!p->begun) {
        p->begun = true;
        p->now = p->filled = p->throttled = p->short_at = mono_ms;
        p->counted = p->law == IAM_PACE_ADAPTIVE ? mono_ms - mono_ms % 1000 : mono_ms;
    } else if (gone > UINT32_MAX / 2) {
        return p->now; /* backwards: time stands still */
    } else {
        p->now += gone;
    }
    p->mono = mono_ms;
    return p->now;
}

/* Milliseconds that so many millionths of a token take. */
static uint32_t filling(const struct iam_pace *p, uint64_t tokens)
{
    return at_most((tokens * 1000 + p->rate - 1) / p->rate, UINT32_MAX);
}

/* Until the next request, whosesoever. */
static uint32_t until_next(struct iam_pace *p, uint64_t now)
{
    if (now < p->silent_until)
        return at_most(p->silent_until - now, UINT32_MAX);
    if (!p->limited)
        return 0;
    fill(p, now);
    return p->tokens < IAM_PACE_ONE ? filling(p, IAM_PACE_ONE - p->tokens) : 0;
}

/* Numbers wrap, from MAY_GO - 1 to 1. */
static bool behind(uint32_t place, uint32_t other)
{
    return (int32_t)(place - other) > 0;
}

/* Does somebody stand before this one, who has not let his turn go by for as long as two tokens take? */
static bool others_first(const struct iam_pace *p, uint64_t now, uint32_t place)
{
    uint32_t last_before = place != 0 ? place - 1 : p->given;
    uint64_t since = p->short_at > p->silent_until ? p->short_at : p->silent_until;
    return behind(last_before, p->served) && now - since <= filling(p, 2 * IAM_PACE_ONE);
}

/* The end of the queue. */
static void line_up(struct iam_pace *p, uint32_t *place)
{
    if (*place != 0)
        return;
    if (++p->given == MAY_GO)
        p->given = 1;
    *place = p->given;
}

uint32_t iam_pace_ask(struct iam_pace *p, uint32_t mono_ms, uint32_t *place)
{
    uint64_t now = moment(p, mono_ms);
    uint32_t ms;
    if (*place == MAY_GO)
        return 0;
    ms = until_next(p, now);
    if (ms > 0)
        p->short_at = now;
    else if (p->limited && others_first(p, now, *place))
        ms = filling(p, IAM_PACE_ONE);
    if (ms > 0) {
        line_up(p, place);
        return ms;
    }
    if (*place == 0)
        p->served = p->given; /* nobody stands there, or has come in time */
    else if (behind(*place, p->served))
        p->served = *place;
    *place = MAY_GO;
    if (p->limited)
        p->tokens -= IAM_PACE_ONE;
    if (p->tokens < IAM_PACE_ONE)
        p->short_at = now;
    return 0;
}

/* ---- adaptive ---- */

/* The rate of replies, smoothed: four fifths of it are the last half seconds'. */
static void measure(struct iam_pace *p, uint64_t now)
{
    uint64_t at = now - now % MEASURE_MS;
    p->count++;
    if (at <= p->counted)
        return;
    p->measured = (uint32_t)(((uint64_t)rate_of(p->count, at - p->counted) * 4 + p->measured) / 5);
    p->count = 0;
    p->counted = at;
}

/* The cube root of n, rounded down, for n below 2^48: bit by bit. */
static uint32_t cube_root(uint64_t n)
{
    uint32_t root = 0;
    for (uint32_t bit = 1u << 15; bit != 0; bit >>= 1) {
        uint64_t r = root | bit;
        if (r * r * r <= n)
            root |= bit;
    }
    return root;
}

/* 0.4 (t - k)^3 + w requests a second, t and k in seconds: botocore's CubicCalculator. */
static uint32_t cubic(const struct iam_pace *p, uint64_t now)
{
    const int64_t far = 21000; /* 0.4 * 21^3 is 3,704 requests a second */
    int64_t d = (int64_t)(now - p->throttled) - p->zero_point_ms;
    d = d > far ? far : d;
    int64_t rate = d * d * d / 2500 + p->rate_at_throttling;
    return rate > 0 ? at_most((uint64_t)rate, IAM_PACE_MOST) : 0;
}

static void adapt(struct iam_pace *p, uint64_t now, bool throttled)
{
    uint32_t rate;
    measure(p, now);
    if (throttled) {
        rate = p->limited ? smaller(p->measured, p->rate) : p->measured;
        p->rate_at_throttling = rate;
        /* k = cbrt(w (1 - 0.7) / 0.4): in milliseconds, from millionths */
        p->zero_point_ms = cube_root((uint64_t)rate * 750);
        p->throttled = now;
        p->limited = true;
        rate = scaled(rate, 7, 10);
    } else {
        rate = cubic(p, now);
    }
    rate = smaller(rate, scaled(p->measured, 2, 1));
    fill(p, now);
    set_rate(p, larger(rate, RATE_LEAST), larger(rate, IAM_PACE_ONE));
}

/* ---- audit ---- */

static void hold(struct iam_pace *p, uint64_t now, bool throttled)
{
    uint64_t ms = now - p->counted;
    uint32_t rate = p->rate;
    fill(p, now);
    if (!throttled) {
        p->count++;
        p->successes++;
        if (!p->searching && (p->rate_at_throttling == 0 || p->rate == p->most))
            return; /* nothing is known yet, or nothing more is wanted */
        if (p->searching)
            rate = scaled(rate, 27, 25);
        else
            rate = at_most(rate + (uint64_t)10000 * (1 + p->successes / 50) *
                                      larger(1, rate / (8 * IAM_PACE_ONE)),
                           IAM_PACE_MOST);
    } else if (p->rate_at_throttling != 0 && now - p->throttled < SILENCE_MS) {
        /* one of those that were under way: it says nothing new */
        uint64_t until = now + SILENCE_MS / 2;
        p->silent_until = until > p->silent_until ? until : p->silent_until;
        return;
    } else {
        if (p->rate_at_throttling == 0)
            rate = scaled(rate_of(p->count, ms > MEASURE_MS ? ms : MEASURE_MS), 1, 2);
        else
            rate = scaled(smaller(rate, rate_of(p->count, ms)), 19, 20);
        /* where nothing was answered in between, nothing is known but that the service takes no requests now */
        p->searching = p->rate_at_throttling == 0 || p->count == 0;
        p->rate_at_throttling = larger(rate, 1);
        p->throttled = p->counted = now;
        p->count = p->successes = 0;
        p->silent_until = now + SILENCE_MS;
        p->tokens = 0;
        p->limited = true;
    }
    rate = larger(rate, RATE_LEAST);
    if (p->most != 0)
        rate = smaller(rate, p->most);
    set_rate(p, rate, 2 * IAM_PACE_ONE);
}

void iam_pace_tell(struct iam_pace *p, uint32_t mono_ms, bool throttled)
{
    uint64_t now = moment(p, mono_ms);
    if (p->law == IAM_PACE_AUDIT)
        hold(p, now, throttled);
    else
        adapt(p, now, throttled);
}
