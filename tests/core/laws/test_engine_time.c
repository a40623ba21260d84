/* Deadlines, each with its own error; a millisecond counter that wraps, runs backwards and jumps; and a
 * wall clock that is unset, years off, or set in the middle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tinyiam/parts/datetime.h>

#include "rig.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* ---- a server that is slow somewhere ---- */

enum slow { FAST, NO_CONNECT, NO_SEND, NO_REPLY, STALL, DRIBBLE, THROTTLE, POLLS, SLOW_CONNECT };

struct slowness {
    enum slow how;
    size_t at;      /* byte of the reply */
    unsigned times; /* how often, before all is well */
    int connecting;
};

static int slow_connect(struct rig *r)
{
    struct slowness *s = r->context;
    if (s->how == NO_CONNECT &&
        (s->times > 0 || r->connecting)) { /* it stays so until it is given up */
        s->times -= !r->connecting;
        return IAM_AGAIN;
    }
    if (s->how == SLOW_CONNECT || s->how == DRIBBLE) { /* takes a turn */
        s->connecting = !s->connecting;
        r->poll_ms = 0;
        return s->connecting ? IAM_AGAIN : IAM_OK;
    }
    r->send_chunk = s->how == NO_SEND && s->times > 0 ? 0 : SIZE_MAX;
    s->times -= s->how == NO_SEND && s->times > 0;
    return IAM_OK;
}

static void slow_serve(struct rig *r)
{
    struct slowness *s = r->context;
    const char *marker = rig_field(r, "Marker");
    bool now = s->times > 0;
    s->times -= now;
    if (now && s->how == NO_REPLY)
        return;
    if (now && s->how == THROTTLE) {
        rig_error(r, "400 Bad Request", RIG_DATE, "Throttling");
        return;
    }
    r->chunk = now && s->how == DRIBBLE ? 1 : SIZE_MAX;
    if (now && s->how == STALL) {
        r->stall_at = s->at;
        r->stall_ms = INT32_MAX;
    }
    rig_page(r, marker[0] ? 3 : 0, now && s->how == POLLS ? 0 : 3,
             now && s->how == POLLS ? "IN_PROGRESS" : "COMPLETED",
             marker[0] || (now && s->how == POLLS) ? NULL : "next");
}

static void slow_init(struct rig *r, struct slowness *s, enum slow how, unsigned times)
{
    *s = (struct slowness){.how = how, .times = times};
    rig_init(r);
    r->context = s;
    r->connect = slow_connect;
    r->serve = slow_serve;
    r->cfg.max_attempts = 1;
    r->cfg.connect_ms = 11000;
    r->cfg.response_ms = 12000;
    r->cfg.idle_ms = 13000;
    r->cfg.exchange_ms = 140000;
    r->limit = 10000000;
}

/* A byte just before the pause would be too long. */
static void dribble(struct rig *r, uint32_t every)
{
    int result;
    while ((result = ((void)iam_call_time(r->call, r->mono, r->unix_ms), iam_call_next(r->call))) ==
           IAM_AGAIN) {
        rig_serve(r);
        if (r->call->exchange.stage == IAM_STAGE_RECEIVE && r->out_at > 0 && r->chunk == 1) {
            iam_call_time(r->call, r->mono, r->unix_ms);
            if (iam_call_next(r->call) != IAM_AGAIN)
                break;
            uint32_t ms = iam_call_idle_ms(r->call);
            rig_sleep(r, ms < every ? ms : every);
        }
    }
}

/* What the deadlines give, at whatever value the counter starts. */
static int timeout(enum slow how, size_t at, uint32_t mono, uint64_t *elapsed)
{
    struct rig r;
    struct slowness s;
    slow_init(&r, &s, how, 1000);
    s.at = at;
    r.mono = mono;
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
    if (how == DRIBBLE)
        dribble(&r, 12999);
    int result = rig_run(&r);
    if (result < 0) {
        assert_int_equal(r.call->exchange.fault.layer, IAM_LAYER_STREAM);
        assert_int_equal(r.call->exchange.fault.error, result);
        assert_int_equal(rig_next(&r), result);
    }
    *elapsed = r.elapsed;
    rig_end(&r);
    return result;
}

static void each_its_own(void **state)
{
    static const struct {
        enum slow how;
        size_t at;
        int error;
        uint64_t ms;
    } rows[] = {{NO_CONNECT, 0, IAM_ERR_TIMEOUT_CONNECT, 11000},
                {NO_REPLY, 0, IAM_ERR_TIMEOUT_RESPONSE, 12000},
                {NO_SEND, 0, IAM_ERR_TIMEOUT_IDLE, 13000},
                {STALL, 1, IAM_ERR_TIMEOUT_IDLE, 13000},
                {STALL, 20, IAM_ERR_TIMEOUT_IDLE, 13000},
                {STALL, 700, IAM_ERR_TIMEOUT_IDLE, 13000},
                {STALL, 0, IAM_ERR_TIMEOUT_RESPONSE, 12000},
                {DRIBBLE, 0, IAM_ERR_TIMEOUT_EXCHANGE, 140000},
                {FAST, 0, IAM_OK, 0}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t elapsed;
        for (uint32_t back = 0; back < 150000;
             back += 1 + back / 3) { /* the counter wraps on the way */
            int result = timeout(rows[i].how, rows[i].at, 0u - back, &elapsed);
            if (result != rows[i].error || elapsed != rows[i].ms) {
                fail_msg("row %zu, wrap after %u ms: %d after %llu ms", i, back, result,
                         (unsigned long long)elapsed);
            }
        }
    }
}

/* The defaults of config.h are what holds where nothing is set. */
static void defaults(void **state)
{
    static const struct {
        enum slow how;
        size_t at;
        uint64_t ms;
    } rows[] = {{NO_CONNECT, 0, CONFIG_TINYIAM_CONNECT_MS},
                {NO_REPLY, 0, CONFIG_TINYIAM_RESPONSE_MS},
                {STALL, 700, CONFIG_TINYIAM_IDLE_MS},
                {DRIBBLE, 0, CONFIG_TINYIAM_EXCHANGE_MS}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rig r;
        struct slowness s;
        slow_init(&r, &s, rows[i].how, 1000);
        s.at = rows[i].at;
        r.cfg.connect_ms = r.cfg.response_ms = r.cfg.idle_ms = r.cfg.exchange_ms = 0;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
        if (rows[i].how == DRIBBLE)
            dribble(&r, CONFIG_TINYIAM_IDLE_MS - 1);
        assert_true(rig_run(&r) < 0);
        assert_int_equal(r.elapsed, rows[i].ms);
        rig_end(&r);
    }
}

/* After a time-out the next attempt has all of its time, for connecting too. */
static void again(void **state)
{
    static const enum slow hows[] = {NO_CONNECT, NO_SEND, NO_REPLY, STALL, DRIBBLE, SLOW_CONNECT};
    (void)state;
    for (size_t i = 0; i < COUNT(hows); i++) {
        struct rig r;
        struct slowness s;
        slow_init(&r, &s, hows[i], 1);
        s.at = 700;
        r.cfg.max_attempts = 3;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
        if (hows[i] == DRIBBLE)
            dribble(&r, 12999);
        r.number = r.call->delivered; /* what came while it dribbled */
        assert_int_equal(rig_run(&r), IAM_OK);
        assert_int_equal(r.number, 6);
        assert_int_equal(r.call->stats.retries, hows[i] == SLOW_CONNECT ? 0 : 1);
        rig_end(&r);
    }
}

/* The deadline of the operation holds in every stage, and is exact. */
static void operation(void **state)
{
    static const enum slow hows[] = {NO_CONNECT, NO_SEND,  NO_REPLY, STALL,
                                     DRIBBLE,    THROTTLE, POLLS};
    (void)state;
    for (size_t i = 0; i < COUNT(hows); i++) {
        for (uint32_t deadline = 1; deadline < 300000; deadline += 1 + deadline / 2) {
            struct rig r;
            struct slowness s;
            slow_init(&r, &s, hows[i], 1000);
            s.at = 700;
            r.mono = 0u - deadline / 2;
            r.cfg.max_attempts = 200;
            r.cfg.deadline_ms = deadline;
            assert_int_equal(rig_begin(&r), IAM_OK);
            assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
            if (hows[i] == DRIBBLE)
                dribble(&r, 12999);
            int result = rig_run(&r);
            assert_true(r.elapsed <= deadline);
            if (result == IAM_ERR_TIMEOUT_OPERATION) {
                assert_int_equal(r.elapsed, deadline);
            } else if (hows[i] ==
                       THROTTLE) { /* the next attempt would be too late: the reason is told now */
                assert_int_equal(result, IAM_ERR_SERVICE);
                assert_memory_equal(r.call->exchange.fault.code.p, "Throttling", 10);
            } else {
                assert_true(result <= IAM_ERR_TIMEOUT_CONNECT &&
                            result >= IAM_ERR_TIMEOUT_EXCHANGE);
            }
            assert_false(r.open && !(iam_call_wants(r.call) & IAM_WANT_CLOSE) &&
                         hows[i] != THROTTLE && hows[i] != POLLS);
            rig_end(&r);
        }
    }
}

/* Time that the caller takes with an item is not the network's, but it is the operation's. */
static void slow_caller(void **state)
{
    (void)state;
    for (int limited = 0; limited < 2; limited++) {
        struct rig r;
        struct slowness s;
        int result;
        slow_init(&r, &s, FAST, 0);
        r.cfg.deadline_ms = limited ? 7200001 : 0;
        r.chunk = 40;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
        while ((result = rig_next(&r)) == IAM_ITEM) {
            rig_check_name(&r);
            rig_sleep(&r, 3600000);
        }
        assert_int_equal(result, limited ? IAM_ERR_TIMEOUT_OPERATION : IAM_OK);
        assert_int_equal(r.number, limited ? 3 : 6);
        assert_int_equal(r.call->stats.retries, 0);
        rig_end(&r);
    }
}

/* ---- a counter that misbehaves ---- */

static uint32_t noise(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void backwards(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed < 200; seed++) {
        struct rig r;
        struct slowness s;
        uint32_t x = seed;
        int result = IAM_AGAIN;
        slow_init(&r, &s, seed & 1 ? FAST : NO_REPLY, 1000);
        r.chunk = 100;
        r.mono = seed & 2 ? 50 : 0x80000010u;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
        for (long turns = 0; result == IAM_AGAIN || result == IAM_ITEM; turns++) {
            iam_call_time(r.call, r.mono, r.unix_ms);
            result = iam_call_next(r.call);
            if (result == IAM_ITEM)
                rig_check_name(&r);
            else if (result == IAM_AGAIN)
                rig_serve(&r);
            r.mono -= noise(&x) % 1000; /* never by more than the silence that it interrupts */
            assert_true(turns < 100000);
        }
        if (seed & 1) {
            assert_int_equal(result, IAM_OK);
            assert_int_equal(r.number, 6);
            assert_false(r.wrong);
        } else {
            assert_int_equal(result, IAM_ERR_TIMEOUT_RESPONSE);
        }
        rig_end(&r);
    }
}

static void late_serve(struct rig *r)
{
    r->delay = 5000;
    rig_page(r, 0, 3, "COMPLETED", NULL);
}

/* The counter steps back while a reply is awaited, once, by much or little: that is no time gone. Taken for time it
 * would be 49 days less a little, and everything would end by its deadline. */
static void a_step_back(void **state)
{
    static const uint32_t steps[] = {1, 300, 60000, 0x7fffffff};
    (void)state;
    for (size_t i = 0; i < COUNT(steps); i++) {
        struct rig r;
        struct slowness s;
        int result = IAM_AGAIN;
        slow_init(&r, &s, FAST, 0);
        r.serve = late_serve;
        r.mono = 0x80000000u;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
        for (bool stepped = false; result == IAM_AGAIN || result == IAM_ITEM;) {
            iam_call_time(r.call, r.mono, r.unix_ms);
            result = iam_call_next(r.call);
            if (result == IAM_AGAIN)
                rig_serve(&r);
            if (!stepped && r.call->exchange.stage == IAM_STAGE_RECEIVE) {
                stepped = true;
                iam_call_time(r.call, r.mono, r.unix_ms);
                uint32_t waited = r.call->exchange.waited;
                r.mono -= steps[i];
                iam_call_time(r.call, r.mono, r.unix_ms);
                assert_int_equal(r.call->exchange.waited, waited);
            }
        }
        assert_int_equal(result, IAM_OK);
        rig_end(&r);
    }
}

/* A jump, of any size and at any moment: the list, or a time-out; never a hang. */
static void jumps(void **state)
{
    static const uint32_t sizes[] = {1,          10999,      11001,      13001,     3600000,
                                     0x7FFFFFFF, 0x80000000, 0x80000001, UINT32_MAX};
    (void)state;
    for (size_t k = 0; k < COUNT(sizes); k++) {
        for (int moment = 0; moment < 60; moment++) {
            struct rig r;
            struct slowness s;
            int result = IAM_AGAIN;
            slow_init(&r, &s, THROTTLE, 1);
            r.cfg.max_attempts = 5;
            r.chunk = 200;
            assert_int_equal(rig_begin(&r), IAM_OK);
            assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
            for (int turn = 0; result == IAM_AGAIN || result == IAM_ITEM; turn++) {
                iam_call_time(r.call, r.mono, r.unix_ms);
                result = iam_call_next(r.call);
                if (result == IAM_ITEM)
                    rig_check_name(&r);
                else if (result == IAM_AGAIN)
                    rig_serve(&r);
                r.mono += turn == moment ? sizes[k] : 0;
                assert_true(turn < 100000);
            }
            assert_false(r.wrong);
            assert_int_equal(result, IAM_OK); /* one time-out at most, and attempts are left */
            assert_int_equal(r.number, 6);
            assert_true(r.elapsed < 60000);
            rig_end(&r);
        }
    }
}

/* ---- the wall clock ---- */

struct wall {
    int64_t server;         /* its time minus the rig's, in ms */
    bool date, age, closes; /* header fields in its replies */
    unsigned refusals;      /* however right the time is */
    const char *code;
    unsigned gets, posts, dated; /* dated: requests whose time was right */
    const char *probe;           /* reply to the GET, NULL: 302 */
    int64_t base;                /* the rig's own unix time at elapsed 0 */
    uint32_t delay;
};

static int64_t server_ms(const struct rig *r)
{
    const struct wall *w = r->context;
    return w->base + w->server + (int64_t)r->elapsed;
}

static void date_line(const struct rig *r, int64_t ms, char *out, size_t size)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    const struct wall *w = r->context;
    char t[17];
    iam_time_basic(ms / 1000, t);
    snprintf(out, size, "%s%s", w->age ? "Age: 3\r\n" : "",
             w->closes ? "Connection: close\r\n" : "");
    if (w->date) {
        snprintf(out + strlen(out), size - strlen(out),
                 "Date: %s, %.2s %s %.4s %.2s:%.2s:%.2s GMT\r\n", days[ms / 86400000 % 7], t + 6,
                 months[atoi((char[]){t[4], t[5], 0}) - 1], t, t + 9, t + 11, t + 13);
    }
}

static int64_t request_ms(const struct rig *r)
{
    struct iam_time t;
    char text[32];
    const char *d = rig_header(r, "X-Amz-Date");
    assert_int_equal(strlen(d), 16);
    snprintf(text, sizeof text, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", d, d + 4, d + 6, d + 9, d + 11,
             d + 13);
    assert_int_equal(iam_time_parse(iam_span_of(text), &t), IAM_OK);
    return t.us / 1000;
}

static void wall_serve(struct rig *r)
{
    struct wall *w = r->context;
    char lines[128];
    r->delay = w->delay;
    date_line(r, server_ms(r) + w->delay / 2, lines,
              sizeof lines); /* the server takes its time in the middle */
    if (strncmp(r->in, "GET ", 4) == 0) {
        w->gets++;
        assert_null(strstr(r->in, "Authorization"));
        assert_null(strstr(r->in, "AKID"));
        assert_null(strstr(r->in, RIG_TOKEN));
        assert_non_null(strstr(r->in, "Host: iam.amazonaws.com\r\n"));
        rig_answer(r, w->probe ? w->probe : "302 Found", lines, "<html>moved</html>");
        return;
    }
    w->posts++;
    int64_t off = request_ms(r) - server_ms(r);
    bool right = off > -300000 && off < 300000;
    w->dated += right;
    if (!right || w->refusals > 0) {
        w->refusals -= w->refusals > 0;
        rig_error(r, "403 Forbidden", lines, w->code);
    } else {
        const char *marker = rig_field(r, "Marker");
        char body[4096], head[160];
        snprintf(head, sizeof head, "%s", lines);
        rig_answer(r, "200 OK", head,
                   rig_body(body, sizeof body, marker[0] ? 3 : 0, 3, "COMPLETED",
                            marker[0] ? NULL : "next"));
    }
}

static void wall_init(struct rig *r, struct wall *w, int64_t ours, int64_t server)
{
    *w = (struct wall){.date = true, .code = "SignatureDoesNotMatch", .base = ours < 0 ? 0 : ours};
    w->server = server - w->base;
    rig_init(r);
    r->unix_ms = ours;
    r->context = w;
    r->serve = wall_serve;
    r->limit = UINT64_MAX;
}

static void unset(void **state)
{
    static const char *const probes[] = {
        NULL,           "200 OK", "403 Forbidden", "404 Not Found", "500 Internal Server Error",
        "503 Slow Down"};
    (void)state;
    for (size_t i = 0; i < COUNT(probes); i++) {
        for (uint32_t delay = 0; delay <= 8000; delay += 2000) {
            struct rig r;
            struct wall w;
            wall_init(&r, &w, -1, RIG_NOW);
            w.probe = probes[i];
            w.delay = delay;
            r.mono = 0u - 3000;
            assert_int_equal(rig_begin(&r), IAM_OK);
            assert_int_equal(rig_entities(&r), IAM_OK);
            assert_int_equal(r.number, 6);
            assert_int_equal(w.gets, 1);
            assert_int_equal(w.posts, 2);
            assert_int_equal(w.dated, 2);
            assert_int_equal(r.connects, 1);
            assert_int_equal(r.call->exchange.retry.quota, IAM_RETRY_QUOTA);
            /* a second operation has learned it already */
            r.number = 0;
            assert_int_equal(rig_entities(&r), IAM_OK);
            assert_int_equal(w.gets, 1);
            assert_int_equal(r.call->stats.clock_corrections, 0);
            rig_end(&r);
        }
    }
}

static void not_learnable(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct rig r;
        struct wall w;
        wall_init(&r, &w, -1, RIG_NOW);
        w.date = i != 0;
        w.age = i == 1;
        if (i == 2) { /* the reply is a quarter of an hour old when it comes */
            r.cfg.response_ms = 3600000;
            r.cfg.exchange_ms = 3600000;
            w.delay = 900001;
        }
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(rig_entities(&r), IAM_ERR_CLOCK);
        assert_int_equal(r.call->exchange.fault.layer, IAM_LAYER_FLOW);
        assert_int_equal(w.posts, 0);
        assert_int_equal(w.gets, 1);
        rig_end(&r);
    }
}

/* The probe's trouble is its own: attempts and refunds of the page begin anew. */
static int broken_connect(struct rig *r)
{
    return r->connects++ == 0 ? IAM_ERR_CONNECT : IAM_OK;
}

static void throttled_serve(struct rig *r)
{
    struct wall *w = r->context;
    if (strncmp(r->in, "GET ", 4) != 0 && w->refusals > 0) {
        char lines[128];
        w->refusals--;
        date_line(r, server_ms(r), lines, sizeof lines);
        rig_error(r, "400 Bad Request", lines, "Throttling");
        return;
    }
    wall_serve(r);
}

static void probe_retried(void **state)
{
    struct rig r;
    struct wall w;
    (void)state;
    wall_init(&r, &w, -1, RIG_NOW);
    w.refusals = 2;
    r.connect = broken_connect;
    r.serve = throttled_serve;
    r.cfg.max_attempts = 3;
    assert_int_equal(rig_begin(&r), IAM_OK);
    r.call->exchange.retry.quota = 400;
    assert_int_equal(rig_entities(&r), IAM_OK);
    assert_int_equal(r.number, 6);
    /* paid 14, got 14 back; paid 5 twice, got 5 back; got 1 for the second page */
    assert_int_equal(r.call->exchange.retry.quota, 400 - 14 + 14 - 5 - 5 + 5 + 1);
    rig_end(&r);
}

static void years_off(void **state)
{
    static const char *const codes[] = {"SignatureDoesNotMatch",     "RequestExpired",
                                        "RequestTimeTooSkewed",      "RequestInTheFuture",
                                        "InvalidSignatureException", "AuthFailure"};
    static const int64_t years[] = {-10, -1, 1, 10, 40};
    (void)state;
    for (size_t c = 0; c < COUNT(codes); c++) {
        for (size_t i = 0; i < COUNT(years); i++) {
            for (uint8_t attempts = 1; attempts < 4; attempts += 2) {
                struct rig r;
                struct wall w;
                wall_init(&r, &w, RIG_NOW, RIG_NOW - years[i] * 31557600000);
                w.code = codes[c];
                w.delay = 700;
                r.cfg.max_attempts = attempts;
                assert_int_equal(rig_begin(&r), IAM_OK);
                assert_int_equal(rig_entities(&r), IAM_OK);
                assert_int_equal(r.number, 6);
                assert_int_equal(w.posts, 3);
                assert_int_equal(w.gets, 0);
                assert_int_equal(r.call->stats.clock_corrections, 1);
                assert_int_equal(r.call->stats.retries, 0);
                assert_int_equal(r.call->exchange.retry.quota, IAM_RETRY_QUOTA);
                assert_int_equal(r.connects, 1);
                /* what was learned serves the next operation */
                r.number = 0;
                assert_int_equal(rig_entities(&r), IAM_OK);
                assert_int_equal(w.posts, 5);
                rig_end(&r);
            }
        }
    }
}

/* No correction: the error is the service's, and the fault tells the skew where a Date told it. */
static void not_corrected(void **state)
{
    static const struct {
        int64_t skew;
        bool date, age;
        unsigned refusals, posts;
        const char *code;
        bool told;
    } rows[] = {
        {31557600000, false, false, 0, 1, "SignatureDoesNotMatch", false}, /* no Date */
        {31557600000, true, true, 0, 1, "SignatureDoesNotMatch", false},   /* a cache's */
        {0, true, false, 9, 1, "SignatureDoesNotMatch", true},             /* the clock is right */
        {239000, true, false, 9, 1, "RequestExpired", true}, /* off by less than 4 minutes */
        {-239000, true, false, 9, 1, "RequestExpired", true},
        {241000, true, false, 9, 2, "RequestExpired", true}, /* refused again: once is enough */
        {31557600000, true, false, 9, 2, "SignatureDoesNotMatch", true},
        {31557600000, true, false, 9, 1, "AccessDenied", true}, /* another reason */
    };
    (void)state;
    for (size_t i = 0; i < 2 * COUNT(rows); i++) {
        size_t k = i / 2;
        int64_t clock = i & 1 ? 0 : RIG_NOW; /* 0: a clock that nobody has set stands there */
        struct rig r;
        struct wall w;
        if (clock + rows[k].skew < 0)
            continue;
        wall_init(&r, &w, clock, clock + rows[k].skew);
        w.date = rows[k].date;
        w.age = rows[k].age;
        w.refusals = rows[k].refusals;
        w.code = rows[k].code;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(rig_entities(&r), IAM_ERR_SERVICE);
        assert_memory_equal(r.call->exchange.fault.code.p, rows[k].code, strlen(rows[k].code));
        assert_int_equal(w.posts, rows[k].posts);
        int64_t left =
            rows[k].told ? rows[k].skew : 0; /* of our clock as it is, not as corrected */
        assert_true(r.call->exchange.fault.skew_ms == left);
        assert_int_equal(r.call->stats.clock_corrections, rows[k].posts - 1);
        rig_end(&r);
    }
}

static int never_again(struct rig *r)
{
    return r->connects == 0 ? IAM_OK : IAM_AGAIN;
}

/* The clock has been corrected, but nobody can be reached any more: the fault tells by how much it is off, once. */
static void corrected_and_cut_off(void **state)
{
    struct rig r;
    struct wall w;
    (void)state;
    for (int64_t skew = -31557600000; skew <= 31557600000; skew += 2 * 31557600000) {
        wall_init(&r, &w, RIG_NOW, RIG_NOW + skew);
        w.closes = true;
        r.connect = never_again;
        r.cfg.deadline_ms = 5000;
        r.cfg.connect_ms = 60000;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(rig_entities(&r), IAM_ERR_TIMEOUT_OPERATION);
        assert_int_equal(w.posts, 1);
        assert_int_equal(r.call->stats.clock_corrections, 1);
        assert_true(r.call->exchange.fault.skew_ms >= skew - 1000 &&
                    r.call->exchange.fault.skew_ms <= skew + 1000);
        rig_end(&r);
    }
}

/* A server whose Date is another one each time, an hour on: corrected once, not as often as it likes. */
static void serve_moving_date(struct rig *r)
{
    struct wall *w = r->context;
    w->server += 3600000;
    wall_serve(r);
}

static void moving_date(void **state)
{
    struct rig r;
    struct wall w;
    (void)state;
    wall_init(&r, &w, RIG_NOW, RIG_NOW);
    r.serve = serve_moving_date;
    w.refusals = 9;
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(rig_entities(&r), IAM_ERR_SERVICE);
    assert_int_equal(w.posts, 2);
    assert_int_equal(r.call->stats.clock_corrections, 1);
    rig_end(&r);
}

/* A page may be corrected once, each page anew: a clock that is moved while pages come. */
static void moved_clock(void **state)
{
    static const int64_t years[] = {-10, 10};
    (void)state;
    for (size_t i = 0; i < COUNT(years); i++) {
        struct rig r;
        struct wall w;
        int result;
        wall_init(&r, &w, RIG_NOW, RIG_NOW);
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
        while ((result = rig_next(&r)) == IAM_ITEM) {
            rig_check_name(&r);
            if (r.number == 2)
                r.unix_ms += years[i] * 31557600000;
        }
        assert_int_equal(result, IAM_OK);
        assert_int_equal(r.number, 6);
        assert_int_equal(r.call->stats.clock_corrections, 1);
        rig_end(&r);
    }
    /* set in the middle, and lost in the middle */
    for (int lost = 0; lost < 2; lost++) {
        struct rig r;
        struct wall w;
        int result;
        wall_init(&r, &w, -1, RIG_NOW);
        if (lost)
            r.unix_ms = RIG_NOW;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
        while ((result = rig_next(&r)) == IAM_ITEM) {
            rig_check_name(&r);
            if (r.number == 2)
                r.unix_ms = lost ? -1 : server_ms(&r);
        }
        assert_int_equal(result, IAM_OK);
        assert_int_equal(r.number, 6);
        assert_int_equal(w.gets, 1);
        assert_int_equal(w.dated, 2);
        if (!lost) { /* and lost again: what was learned before counts no more */
            r.unix_ms = -1;
            rig_sleep(&r, 100000);
            r.number = 0;
            assert_int_equal(rig_entities(&r), IAM_OK);
            assert_int_equal(w.gets, 2);
            assert_int_equal(w.dated, 4);
        }
        rig_end(&r);
    }
}

/* A report that is never ready: the wait ends, whatever the pauses between two looks are, and whoever
 * sleeps between two steps; the last look is when time is up, and the fault names the job. */
static void serve_unready(struct rig *r)
{
    rig_page(r, 0, 0, "IN_PROGRESS", NULL);
}

static void never_ready(void **state)
{
    static const struct {
        uint32_t job_ms, poll_max_ms, sleep_ms, most;
    } rows[] = {{0, 0, 0, CONFIG_TINYIAM_JOB_MS},
                {60000, 7, 0, 60000},
                {0, INT32_MAX, 0, CONFIG_TINYIAM_JOB_MS},
                {1, 0, 0, 1},
                {90000, 0, 0, 90000},
                {INT32_MAX, 86400000, 0, INT32_MAX},
                {0, 0, 1000000, CONFIG_TINYIAM_JOB_MS + 1000000},
                {0, 0, INT32_MAX, INT32_MAX}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rig r;
        int result;
        rig_init(&r);
        r.serve = serve_unready;
        r.limit = UINT64_MAX;
        r.cfg.job_ms = rows[i].job_ms;
        r.cfg.poll_first_ms = r.cfg.poll_max_ms = rows[i].poll_max_ms;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
        for (;;) {
            iam_call_time(r.call, r.mono, r.unix_ms);
            result = iam_call_next(r.call);
            if (result != IAM_AGAIN)
                break;
            if (rows[i].sleep_ms != 0 && r.call->exchange.stage == IAM_STAGE_PAUSE)
                rig_sleep(&r, rows[i].sleep_ms);
            else
                rig_serve(&r);
        }
        assert_int_equal(result, IAM_ERR_TIMEOUT_JOB);
        assert_int_equal(r.call->exchange.fault.layer, IAM_LAYER_FLOW);
        assert_int_equal(r.call->exchange.fault.what.n, strlen(RIG_JOB));
        assert_memory_equal(r.call->exchange.fault.what.p, RIG_JOB, strlen(RIG_JOB));
        assert_true(r.elapsed <= rows[i].most);
        assert_true(r.elapsed >= (rows[i].job_ms ? rows[i].job_ms : CONFIG_TINYIAM_JOB_MS));
        assert_true(r.requests >= 2);
        /* the next operation has its own hour */
        r.elapsed = 0;
        assert_int_equal(rig_entities(&r), IAM_ERR_TIMEOUT_JOB);
        assert_true(r.elapsed >= (rows[i].job_ms ? rows[i].job_ms : CONFIG_TINYIAM_JOB_MS));
        rig_end(&r);
    }
}

/* A place that is kept when time was up may be gone on from: the wait begins anew, and a report that is
 * ready by then is read. */
static void serve_late(struct rig *r)
{
    bool ready = *(bool *)r->context;
    rig_page(r, 0, ready ? 2 : 0, ready ? "COMPLETED" : "IN_PROGRESS", NULL);
}

static void resumed_later(void **state)
{
    struct rig r;
    struct iam_checkpoint place;
    bool ready = false;
    (void)state;
    rig_init(&r);
    r.serve = serve_late;
    r.context = &ready;
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(rig_entities(&r), IAM_ERR_TIMEOUT_JOB);
    assert_int_equal(iam_call_checkpoint(r.call, &place), IAM_OK);
    assert_int_equal(iam_call_resume(r.call, &place), IAM_OK);
    r.elapsed = 0;
    assert_int_equal(rig_run(&r), IAM_ERR_TIMEOUT_JOB);
    assert_true(r.elapsed >= CONFIG_TINYIAM_JOB_MS);
    assert_memory_equal(r.call->exchange.fault.what.p, RIG_JOB, strlen(RIG_JOB));
    ready = true;
    assert_int_equal(iam_call_resume(r.call, &place), IAM_OK);
    assert_int_equal(rig_run(&r), IAM_OK);
    assert_int_equal(r.number, 2);
    rig_end(&r);
}

/* A learned clock goes on over many turns of the 32-bit counter. */
static void weeks_serve(struct rig *r)
{
    struct wall *w = r->context;
    if (strncmp(r->in, "GET ", 4) == 0 || w->posts >= 400) {
        wall_serve(r);
        return;
    }
    char lines[128], body[1024], head[160];
    int64_t off = request_ms(r) - server_ms(r);
    assert_true(off > -2000 && off < 2000);
    w->posts++;
    r->call->looked = 0; /* it may take years */
    date_line(r, server_ms(r), lines, sizeof lines);
    snprintf(head, sizeof head, "%sConnection: close\r\n", lines);
    rig_answer(r, "200 OK", head, rig_body(body, sizeof body, 0, 0, "IN_PROGRESS", NULL));
}

static void weeks(void **state)
{
    struct rig r;
    struct wall w;
    (void)state;
    wall_init(&r, &w, -1, RIG_NOW);
    r.serve = weeks_serve;
    r.cfg.poll_first_ms = r.cfg.poll_max_ms = 86400000;
    r.cfg.job_ms = INT32_MAX;
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(rig_entities(&r), IAM_OK);
    assert_int_equal(r.number, 6);
    assert_int_equal(w.gets, 1);
    assert_true(r.elapsed > UINT64_C(5) << 32);
    rig_end(&r);
}

/* Moments at the edges of what can be said. */
static void edges(void **state)
{
    static const int64_t ours[] = {
        0, 1, 999, RIG_NOW, 253402300799999, 253402300800000, INT64_MAX / 2, INT64_MAX};
    (void)state;
    for (size_t i = 0; i < COUNT(ours); i++) {
        struct rig r;
        struct wall w;
        wall_init(&r, &w, RIG_NOW, RIG_NOW);
        char first[17];
        r.unix_ms = ours[i];
        assert_int_equal(rig_begin(&r), IAM_OK);
        iam_call_time(r.call, r.mono, ours[i]);
        iam_call_time(r.call, r.mono += 5000, ours[i]); /* a clock that stands still is one, too */
        assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
        int result = IAM_AGAIN;
        first[0] = 0;
        for (int turn = 0; turn < 1000 && (result == IAM_AGAIN || result == IAM_ITEM); turn++) {
            iam_call_time(r.call, r.mono, ours[i]);
            result = iam_call_next(r.call);
            if (result == IAM_AGAIN)
                rig_serve(&r);
            r.unix_ms = ours[i];
            if (first[0] == 0 && r.requests > 0)
                snprintf(first, sizeof first, "%.16s", rig_header(&r, "X-Amz-Date"));
        }
        assert_int_equal(result, IAM_OK);
        assert_int_equal(w.gets, 0); /* 1970 is a time */
        char want[17];
        iam_time_basic(ours[i] / 1000, want);
        assert_string_equal(first, want);
        rig_end(&r);
    }
}

/* A pause that would end with the operation's time is not begun: what failed is said at once. */
static void serve_unavailable(struct rig *r)
{
    rig_error(r, "503 Service Unavailable", "", "ServiceUnavailable");
}

static void pause_to_the_end(void **state)
{
    uint32_t pause = 0;
    (void)state;
    for (uint32_t more = 0; more < 3; more++) { /* 0: how long the pause is */
        struct rig r;
        rig_init(&r);
        r.serve = serve_unavailable;
        r.cfg.max_attempts = 2;
        r.cfg.deadline_ms = more == 0 ? 0 : pause + more - 1;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(rig_entities(&r), IAM_ERR_SERVICE);
        assert_int_equal(r.requests, more == 1 ? 1 : 2);
        assert_int_equal(r.elapsed, more == 1 ? 0 : r.call->exchange.now);
        pause = more == 0 ? (uint32_t)r.elapsed : pause;
        assert_true(pause > 0);
        rig_end(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_its_own),
        cmocka_unit_test(defaults),
        cmocka_unit_test(again),
        cmocka_unit_test(operation),
        cmocka_unit_test(slow_caller),
        cmocka_unit_test(backwards),
        cmocka_unit_test(jumps),
        cmocka_unit_test(unset),
        cmocka_unit_test(a_step_back),
        cmocka_unit_test(not_learnable),
        cmocka_unit_test(probe_retried),
        cmocka_unit_test(years_off),
        cmocka_unit_test(not_corrected),
        cmocka_unit_test(moving_date),
        cmocka_unit_test(corrected_and_cut_off),
        cmocka_unit_test(moved_clock),
        cmocka_unit_test(weeks),
        cmocka_unit_test(never_ready),
        cmocka_unit_test(resumed_later),
        cmocka_unit_test(edges),
        cmocka_unit_test(pause_to_the_end),
    };
    return cmocka_run_group_tests_name("engine_time", tests, NULL, NULL);
}
