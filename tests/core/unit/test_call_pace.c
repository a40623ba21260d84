/* Clients that share a pace, in virtual time, against a service with a bucket of tokens: how much of it is
 * throttled, how long it takes, and that nothing is lost by it. The pace's laws by themselves: test_pace.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tinyiam/pace.h>

#include "rig.h"

enum { CLIENTS_MOST = 4, PER_PAGE = 2 };

/* The service's side, and all clients on one clock. */
struct world {
    struct rig rigs[CLIENTS_MOST];
    int results[CLIENTS_MOST];
    unsigned clients, pages; /* pages: of each client's list */
    struct iam_pace pace;
    uint32_t rate, burst; /* requests a second, and at once */
    uint64_t tokens;      /* thousandths */
    uint64_t filled;
    uint64_t closed_until; /* everything is throttled before that */
    uint32_t reply_ms;
    unsigned taken, throttled;
    unsigned when_first_ended[CLIENTS_MOST]; /* requests of each when the first one had its list */
};

static bool takes(struct world *w, uint64_t now)
{
    w->tokens += (now - w->filled) * w->rate;
    if (w->tokens > w->burst * UINT64_C(1000))
        w->tokens = w->burst * UINT64_C(1000);
    w->filled = now;
    if (w->tokens < 1000 || now < w->closed_until)
        return false;
    w->tokens -= 1000;
    return true;
}

static void answer_page(struct rig *r, unsigned pages)
{
    unsigned page = (unsigned)atoi(rig_field(r, "Marker"));
    char next[16];
    snprintf(next, sizeof next, "%u", page + 1);
    rig_page(r, page * PER_PAGE, PER_PAGE, "COMPLETED", page + 1 < pages ? next : NULL);
}

static void serve(struct rig *r)
{
    struct world *w = r->context;
    r->delay = w->reply_ms;
    if (takes(w, r->elapsed)) {
        w->taken++;
        answer_page(r, w->pages);
    } else {
        w->throttled++;
        rig_error(r, "400 Bad Request", RIG_DATE, "Throttling");
    }
}

static struct world *world(enum iam_pace_law law, unsigned clients, unsigned pages)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->clients = clients;
    w->pages = pages;
    w->rate = 5;
    w->burst = 15;
    w->tokens = 15000;
    w->reply_ms = 40;
    iam_pace_init(&w->pace, law, 0);
    for (unsigned i = 0; i < clients; i++) {
        struct rig *r = &w->rigs[i];
        rig_init(r);
        r->serve = serve;
        r->context = w;
        r->cfg.pace = &w->pace;
        r->cfg.max_attempts = law == IAM_PACE_AUDIT ? 1 : 12;
        r->seed = 77 + i;
        r->mono = UINT32_MAX - 20000; /* it wraps on the way */
        r->request.scope = IAM_SCOPE_ALL;
    }
    return w;
}

static void begin(struct world *w)
{
    for (unsigned i = 0; i < w->clients; i++) {
        assert_int_equal(rig_begin(&w->rigs[i]), IAM_OK);
        assert_int_equal(iam_call_entities(w->rigs[i].call, &w->rigs[i].request), IAM_OK);
        w->results[i] = IAM_AGAIN;
    }
}

/* One client as far as it goes now. */
static uint32_t go(struct rig *r, int *result)
{
    uint32_t ms = UINT32_MAX;
    do {
        iam_call_time(r->call, r->mono, r->unix_ms);
        *result = iam_call_next(r->call);
        if (*result == IAM_ITEM)
            rig_check_name(r);
    } while (*result == IAM_ITEM || (*result == IAM_AGAIN && rig_move(r, &ms)));
    return ms;
}

/* All of them to the end, always in the same order. Milliseconds that it took. */
static uint64_t run(struct world *w)
{
    for (long turns = 0;; turns++) {
        uint32_t least = UINT32_MAX;
        for (unsigned i = 0; i < w->clients; i++) {
            uint32_t ms = w->results[i] == IAM_AGAIN ? go(&w->rigs[i], &w->results[i]) : UINT32_MAX;
            least = ms < least ? ms : least;
            if (w->results[i] == IAM_OK && w->when_first_ended[0] == 0)
                for (unsigned k = 0; k < w->clients; k++)
                    w->when_first_ended[k] = w->rigs[k].requests;
        }
        if (least == UINT32_MAX)
            return w->rigs[0].elapsed;
        assert_true(least > 0 && turns < 1000000); /* nobody asks to be called again at once */
        for (unsigned i = 0; i < w->clients; i++)
            rig_sleep(&w->rigs[i], least);
    }
}

static void end(struct world *w)
{
    for (unsigned i = 0; i < w->clients; i++)
        rig_end(&w->rigs[i]);
    free(w);
}

static void all_rows_are_there(const struct world *w)
{
    for (unsigned i = 0; i < w->clients; i++) {
        assert_int_equal(w->results[i], IAM_OK);
        assert_int_equal(w->rigs[i].number, w->pages * PER_PAGE);
        assert_false(w->rigs[i].wrong);
    }
    assert_int_equal(w->taken, w->clients * w->pages);
}

/* ---- shares ---- */

static void audit_takes_the_least_time(void **state)
{
    const unsigned requests = 432;
    (void)state;
    for (unsigned clients = 1; clients <= CLIENTS_MOST; clients++) {
        struct world *w = world(IAM_PACE_AUDIT, clients, requests / clients);
        begin(w);
        uint64_t ms = run(w);
        double least = (requests - w->burst) * 1000.0 / w->rate;
        double share = 100.0 * w->throttled / (requests + w->throttled);
        all_rows_are_there(w);
        printf("audit, %u clients: %.1f %% throttled, %.3f of the least time\n", clients, share,
               (double)ms / least);
        assert_true(share <= 5);
        assert_true((double)ms <= 1.05 * least);
        uint32_t retries = 0;
        for (unsigned i = 0; i < clients; i++) {
            retries += w->rigs[i].call->stats.retries;
            assert_int_equal(w->rigs[i].call->exchange.retry.quota, IAM_RETRY_QUOTA);
            assert_in_range(w->when_first_ended[i] + 8, w->when_first_ended[0],
                            w->when_first_ended[0] + 16); /* each as many as the others */
            assert_int_equal(w->rigs[i].connects, 1);
        }
        assert_int_equal(retries, w->throttled);
        end(w);
    }
}

/* By the user's choice, with the attempts that he grants. */
static void adaptive_brings_every_row(void **state)
{
    (void)state;
    for (unsigned clients = 1; clients <= CLIENTS_MOST; clients++) {
        struct world *w = world(IAM_PACE_ADAPTIVE, clients, 240 / clients);
        begin(w);
        uint64_t ms = run(w);
        all_rows_are_there(w);
        printf("adaptive, %u clients: %.1f %% throttled, %.3f of the least time\n", clients,
               100.0 * w->throttled / (w->taken + w->throttled),
               (double)ms / ((240 - w->burst) * 1000.0 / w->rate));
        assert_true(w->throttled > 0 && w->throttled * 6 < w->taken);
        end(w);
    }
}

/* ---- what counts ---- */

static void a_minute_of_nothing_else(void **state)
{
    (void)state;
    for (unsigned clients = 1; clients <= CLIENTS_MOST; clients += 3) {
        struct world *w = world(IAM_PACE_AUDIT, clients, 80 / clients);
        w->closed_until = 60000;
        begin(w);
        uint64_t ms = run(w);
        all_rows_are_there(w); /* though max_attempts is 1 */
        assert_true(w->throttled >= 10 && w->throttled <= 70);
        /* and in time: the bucket is full by then, but the rate has to be found again */
        printf("%u clients: %.1f s after a minute of throttling, %u throttled\n", clients,
               ((double)ms - 60000) / 1000, w->throttled);
        assert_true(ms <= 60000 + 40000);
        end(w);
    }
}

static void for_ever_until_the_deadline(void **state)
{
    struct world *w = world(IAM_PACE_AUDIT, 1, 5);
    const struct iam_fault *f;
    (void)state;
    w->closed_until = UINT64_MAX;
    w->rigs[0].cfg.deadline_ms = 900000;
    begin(w);
    assert_int_equal(run(w), 900000);
    f = &w->rigs[0].call->exchange.fault;
    assert_int_equal(w->results[0], IAM_ERR_TIMEOUT_OPERATION);
    assert_int_equal(f->error, IAM_ERR_TIMEOUT_OPERATION);
    assert_int_equal(f->status, 400);
    assert_memory_equal(f->code.p, "Throttling", 10);
    assert_true(f->attempts <= 1);
    assert_true(w->throttled > 255);
    end(w);
}

/* The same by the other law: the attempts end it. */
static void adaptive_counts_attempts(void **state)
{
    struct world *w = world(IAM_PACE_ADAPTIVE, 1, 5);
    (void)state;
    w->closed_until = UINT64_MAX;
    w->rigs[0].cfg.max_attempts = 4;
    begin(w);
    run(w);
    assert_int_equal(w->results[0], IAM_ERR_SERVICE);
    assert_int_equal(w->throttled, 4);
    assert_int_equal(w->rigs[0].call->exchange.fault.attempts, 4);
    end(w);
}

static void serve_both_troubles(struct rig *r)
{
    struct world *w = r->context;
    if (r->requests % 3 == 0) {
        w->taken++;
        rig_error(r, "500 Internal Server Error", RIG_DATE, "InternalFailure");
    } else {
        w->throttled++;
        rig_error(r, "400 Bad Request", RIG_DATE, "ThrottlingException");
    }
}

/* What is not throttled counts as ever, however much of the other lies in between. */
static void other_errors_count(void **state)
{
    struct world *w = world(IAM_PACE_AUDIT, 1, 5);
    (void)state;
    w->rigs[0].cfg.max_attempts = 3;
    w->rigs[0].serve = serve_both_troubles;
    begin(w);
    run(w);
    assert_int_equal(w->results[0], IAM_ERR_SERVICE);
    assert_int_equal(w->taken, 3);
    assert_int_equal(w->throttled, 6);
    assert_int_equal(w->rigs[0].call->exchange.fault.attempts, 3);
    assert_int_equal(w->rigs[0].call->stats.retries, 8);
    end(w);
}

/* ---- pauses ---- */

/* Who has to wait does so before connecting, in a pause that says how long it lasts. */
static void a_pause_like_any_other(void **state)
{
    struct world *w = world(IAM_PACE_AUDIT, 2, 2);
    struct rig *first = &w->rigs[0], *second = &w->rigs[1];
    int result;
    (void)state;
    iam_pace_init(&w->pace, IAM_PACE_AUDIT, IAM_PACE_ONE / 10); /* one in 10 seconds */
    begin(w);
    go(first, &result);
    assert_int_equal(result, IAM_AGAIN);
    assert_int_equal(first->requests, 1);
    assert_int_equal(go(second, &result), 10000);
    assert_int_equal(second->call->exchange.stage, IAM_STAGE_PAUSE);
    assert_int_equal(iam_call_wants(second->call), 0);
    assert_int_equal(iam_call_idle_ms(second->call), 10000);
    rig_sleep(second, 9999);
    assert_int_equal(go(second, &result), 1);
    assert_int_equal(second->connects, 0);
    rig_sleep(second, 1);
    go(second, &result);
    assert_int_equal(second->connects, 1);
    assert_int_equal(second->requests, 1);
    end(w);
}

static void the_deadline_ends_a_pause(void **state)
{
    struct world *w = world(IAM_PACE_AUDIT, 1, 2);
    (void)state;
    iam_pace_init(&w->pace, IAM_PACE_AUDIT, IAM_PACE_ONE / 100);
    w->rigs[0].cfg.deadline_ms = 5000;
    begin(w);
    assert_int_equal(run(w), 5000);
    assert_int_equal(w->results[0], IAM_ERR_TIMEOUT_OPERATION);
    assert_int_equal(w->taken, 1);
    end(w);
}

/* An operation that is dropped, or a client that ends, while it waits for its turn takes nobody else's. */
static void who_gives_up_holds_up_nobody(void **state)
{
    struct world *w = world(IAM_PACE_AUDIT, 3, 20);
    int result;
    (void)state;
    iam_pace_init(&w->pace, IAM_PACE_AUDIT, 5 * IAM_PACE_ONE);
    begin(w);
    for (int i = 0; i < 3; i++)
        go(&w->rigs[i], &result);
    for (int i = 0; i < 2; i++) { /* the two that wait; one of them wants something else instead */
        struct rig *r = &w->rigs[2 - i];
        assert_int_equal(r->call->exchange.stage, IAM_STAGE_PAUSE);
        if (i == 0)
            w->results[2] = IAM_OK;
        else
            assert_int_equal(iam_call_entities(r->call, &r->request), IAM_OK);
    }
    uint64_t ms = run(w);
    assert_int_equal(w->rigs[0].number, 20 * PER_PAGE);
    assert_int_equal(w->rigs[1].number, 20 * PER_PAGE);
    assert_true(ms <= 40 * 200 + 1000);
    end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(audit_takes_the_least_time),
        cmocka_unit_test(adaptive_brings_every_row),
        cmocka_unit_test(a_minute_of_nothing_else),
        cmocka_unit_test(for_ever_until_the_deadline),
        cmocka_unit_test(adaptive_counts_attempts),
        cmocka_unit_test(other_errors_count),
        cmocka_unit_test(a_pause_like_any_other),
        cmocka_unit_test(the_deadline_ends_a_pause),
        cmocka_unit_test(who_gives_up_holds_up_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
