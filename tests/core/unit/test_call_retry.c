/* Every sequence of retry_vectors.json, and 600 made-up ones, through the whole engine: outcomes are real
 * replies and real failures of a connection, pauses are measured on the clock, the quota is the engine's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rig.h"

#include "retry_vectors.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

struct run {
    const struct retry_case *c;
    unsigned step, extra; /* extra: the success after a case that ends in a retry */
    bool keep;
    char headers[256];
};

/* The state whose next number is this one (xorshift32 backwards). */
static uint32_t before(uint32_t x)
{
    uint32_t y = x;
    for (int i = 0; i < 7; i++)
        y = x ^ y << 5;
    x = y;
    x ^= x >> 17;
    y = x;
    for (int i = 0; i < 3; i++)
        y = x ^ y << 13;
    return y;
}

static const struct retry_step *now(const struct run *run)
{
    return &run->c->steps[run->step];
}

/* The pause that led here, and the quota after it, belong to the step before. */
static void check_step(struct rig *r)
{
    struct run *run = r->context;
    if (run->step > 0) {
        const struct retry_step *s = now(run) - 1;
        if (r->call->exchange.retry.quota != s->quota_after) {
            fail_msg("%s, step %u: quota %u, not %u", run->c->name, run->step - 1,
                     r->call->exchange.retry.quota, s->quota_after);
        }
        int64_t ms = s->error == IAM_OK ? 0 : s->delay_ms;
        if (llabs((int64_t)r->paused - ms) > (run->c->recorded ? 0 : 1)) {
            fail_msg("%s, step %u: waited %llu ms, not %lld", run->c->name, run->step - 1,
                     (unsigned long long)r->paused, (long long)ms);
        }
    }
    if (run->step >= run->c->count) {
        if (!run->c->steps[run->c->count - 1].retry || run->extra++ != 0)
            fail_msg("%s: a request after the last step", run->c->name);
        return;
    }
    r->call->exchange.random = before(now(run)->random);
    r->paused = 0;
}

static bool at_connect(int error)
{
    return error == IAM_ERR_TIMEOUT_CONNECT || error == IAM_ERR_CONNECT || error == IAM_ERR_TLS;
}

static int connect_step(struct rig *r)
{
    struct run *run = r->context;
    if (r->connecting) /* asked again, and not given up */
        return IAM_AGAIN;
    if (run->step >= run->c->count || !at_connect(now(run)->error))
        return IAM_OK;
    check_step(r);
    int error = run->c->steps[run->step++].error;
    return error == IAM_ERR_TIMEOUT_CONNECT ? IAM_AGAIN : error;
}

static void serve_step(struct rig *r)
{
    struct run *run = r->context;
    static const struct retry_step success = {.error = IAM_OK};
    check_step(r);
    const struct retry_step *s = run->extra ? &success : now(run);
    run->step += !run->extra;
    snprintf(run->headers, sizeof run->headers, "%s%s%s%s",
             run->keep ? "" : "Connection: close\r\n", s->retry_after ? "x-amz-retry-after: " : "",
             s->retry_after ? s->retry_after : "", s->retry_after ? "\r\n" : "");
    if (s->error == IAM_OK) {
        char marker[16], body[1024];
        snprintf(marker, sizeof marker, "m%u", run->step);
        rig_answer(r, "200 OK", run->headers,
                   rig_body(body, sizeof body, 0, 0, "COMPLETED",
                            run->step < run->c->count ? marker : NULL));
    } else if (s->error == IAM_ERR_SERVICE) {
        char status[16];
        snprintf(status, sizeof status, "%u no", s->status);
        if (s->code != NULL)
            rig_error(r, status, run->headers, s->code);
        else
            rig_answer(r, status, run->headers, "<html><body>no</body></html>");
    } else if (s->error == IAM_ERR_XML) {
        rig_answer(r, "200 OK", run->headers,
                   "<GetServiceLastAccessedDetailsWithEntitiesResponse><a b></a>");
    } else if (s->error == IAM_ERR_RESET) {
        r->told = true;
        r->after = IAM_ERR_RESET;
    } /* IAM_ERR_TIMEOUT_RESPONSE: nothing comes */
}

static void play(const struct retry_case *c, bool keep)
{
    struct rig r;
    struct run run = {.c = c, .keep = keep};
    rig_init(&r);
    r.context = &run;
    r.connect = connect_step;
    r.serve = serve_step;
    r.cfg.max_attempts = c->max_attempts;
    r.cfg.retry_rules = c->rules;
    assert_int_equal(rig_begin(&r), IAM_OK);
    r.call->exchange.retry.quota = c->tokens;
    int result = rig_entities(&r);
    const struct retry_step *last = &c->steps[c->count - 1];
    if (run.step != c->count || (last->error == IAM_OK || last->retry) != (result == IAM_OK) ||
        run.extra != last->retry)
        fail_msg("%s: ended after %u of %u steps with %d", c->name, run.step, c->count, result);
    if (!run.extra && r.call->exchange.retry.quota != last->quota_after) {
        fail_msg("%s: quota %u, not %u, at the end", c->name, r.call->exchange.retry.quota,
                 last->quota_after);
    }
    if (result < 0) {
        unsigned attempts = 0;
        for (unsigned i = c->count; i > 0 && c->steps[i - 1].error != IAM_OK; i--)
            attempts++;
        assert_int_equal(r.call->exchange.fault.attempts, attempts);
        assert_int_equal(r.call->exchange.fault.error, last->error);
        assert_int_equal(r.call->exchange.fault.status, last->error == IAM_ERR_SERVICE
                                                            ? last->status
                                                        : last->error == IAM_ERR_XML ? 200
                                                                                     : 0);
        if (last->error == IAM_ERR_SERVICE && last->code != NULL)
            assert_memory_equal(r.call->exchange.fault.code.p, last->code, strlen(last->code));
        else if (last->error != IAM_ERR_SERVICE)
            assert_int_equal(r.call->exchange.fault.code.n, 0); /* of no earlier reply */
    }
    rig_end(&r);
}

/* A case that goes on after a final error has no counterpart: a call is over then. */
static bool playable(const struct retry_case *c)
{
    for (unsigned i = 0; i < c->count; i++) {
        bool final = c->steps[i].error != IAM_OK && !c->steps[i].retry;
        if (final && i + 1 < c->count)
            return false;
    }
    return true;
}

static void vectors(void **state)
{
    unsigned recorded = 0, played = 0;
    (void)state;
    for (size_t i = 0; i < COUNT(retry_cases); i++) {
        const struct retry_case *c = &retry_cases[i];
        struct retry_case cut = *c;
        while (cut.count > 0 && !playable(&cut)) /* as far as it is one call */
            cut.count--;
        play(&cut, false);
        played++;
        recorded += c->recorded && cut.count == c->count;
    }
    assert_int_equal(recorded, RETRY_RECORDED);
    assert_int_equal(played, COUNT(retry_cases));
}

/* The unpredictable numbers are really those that the vectors say. */
static void numbers(void **state)
{
    static const uint32_t some[] = {0, 1, 0x80000000, UINT32_MAX, 0x7FFFFFFF, 12345, 0xDEADBEEF};
    (void)state;
    for (size_t i = 0; i < COUNT(some); i++) {
        uint32_t x = before(some[i]);
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        assert_int_equal(x, some[i]);
    }
}

/* On a connection that is kept, error replies cost the same. */
static void kept(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(retry_cases); i++) {
        const struct retry_case *c = &retry_cases[i];
        bool replies = playable(c);
        for (unsigned k = 0; k < c->count; k++) {
            replies =
                replies && (c->steps[k].error == IAM_OK || c->steps[k].error == IAM_ERR_SERVICE);
        }
        if (replies)
            play(c, true);
    }
}

/* The first pauses of a fleet differ: each client's seed is used, also 0, of which the generator makes nothing. */
static void serve_throttled(struct rig *r)
{
    rig_error(r, "400 Bad Request", RIG_DATE, "Throttling");
}

static void seeds(void **state)
{
    uint64_t paused[4];
    (void)state;
    for (uint32_t i = 0; i < COUNT(paused); i++) {
        struct rig r;
        rig_init(&r);
        r.serve = serve_throttled;
        r.cfg.max_attempts = 3;
        r.seed = i * 0x1234567u;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(rig_entities(&r), IAM_ERR_SERVICE);
        paused[i] = r.elapsed;
        assert_in_range(paused[i], 1, 3000);
        for (uint32_t k = 0; k < i; k++)
            assert_int_not_equal(paused[k], paused[i]);
        rig_end(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers), cmocka_unit_test(vectors),
                                       cmocka_unit_test(kept), cmocka_unit_test(seeds)};
    return cmocka_run_group_tests_name("call_retry", tests, NULL, NULL);
}
