/* The audit's law of pace in virtual time, against a service with a bucket of tokens of its own; then what holds
 * for both laws. botocore's objects are the oracle of the other law: oracle_pace.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tinyiam/pace.h>

#define CALLERS_MOST 16

struct service {
    double rate, burst, tokens;
    uint64_t now;
};

static bool takes(struct service *s, uint64_t now)
{
    s->tokens += (double)(now - s->now) / 1000 * s->rate;
    s->tokens = s->tokens < s->burst ? s->tokens : s->burst;
    s->now = now;
    if (s->tokens < 1)
        return false;
    s->tokens -= 1;
    return true;
}

struct outcome {
    uint64_t ms;
    unsigned throttled;
};

/* So many requests by so many callers, each of whom goes on when its reply has come, a throttled one after up
 * to a second as the retry rules say. */
static struct outcome work(enum iam_pace_law law, struct service s, unsigned callers,
                           unsigned requests, uint64_t reply_ms)
{
    struct iam_pace p;
    struct outcome o = {0};
    uint64_t at[CALLERS_MOST] = {0};
    bool under_way[CALLERS_MOST] = {false}, good[CALLERS_MOST] = {false},
         again[CALLERS_MOST] = {false};
    unsigned started = 0, done = 0;
    uint32_t random = 1;

    s.tokens = s.burst;
    iam_pace_init(&p, law, 0);
    while (done < requests) {
        unsigned i = 0;
        for (unsigned k = 1; k < callers; k++)
            i = at[k] < at[i] ? k : i;
        uint64_t now = at[i];
        if (under_way[i]) {
            under_way[i] = false;
            iam_pace_tell(&p, now, !good[i]);
            done += good[i];
            again[i] = !good[i];
            if (!good[i]) {
                o.throttled++;
                random = random * 1664525 + 1013904223;
                at[i] = now + (random >> 22);
            }
            o.ms = now;
            continue;
        }
        if (!again[i] && started == requests) {
            at[i] = UINT64_MAX;
            continue;
        }
        uint32_t wait = iam_pace_ask(&p, now);
        if (wait > 0) {
            at[i] = now + wait;
            continue;
        }
        started += !again[i];
        good[i] = takes(&s, now + reply_ms / 2);
        under_way[i] = true;
        at[i] = now + reply_ms;
    }
    return o;
}

static void audit_shares_the_limit(void **state)
{
    static const struct service limits[] = {{.rate = 5, .burst = 15},
                                            {.rate = 2, .burst = 5},
                                            {.rate = 10, .burst = 30},
                                            {.rate = 20, .burst = 50}};
    const unsigned requests = 430;
    (void)state;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        for (unsigned callers = 1; callers <= 8; callers *= 2) {
            for (uint64_t reply_ms = 6; reply_ms <= 80; reply_ms += 74) {
                struct outcome o = work(IAM_PACE_AUDIT, limits[i], callers, requests, reply_ms);
                double least = (requests - limits[i].burst) / limits[i].rate;
                double alone = requests * (double)reply_ms / 1000 / callers;
                double took = (double)o.ms / 1000 / (least > alone ? least : alone);
                double share = 100.0 * o.throttled / (requests + o.throttled);
                printf("limit %2.0f/s burst %2.0f, %u callers, replies after %2u ms: %.1f %% "
                       "throttled, %.3f of "
                       "the least time\n",
                       limits[i].rate, limits[i].burst, callers, (unsigned)reply_ms, share, took);
                assert_true(share <= 5);
                assert_true(took <= (limits[i].rate == 20 ? 1.10 : 1.05));
            }
        }
    }
}

/* The other law, for comparison: its numbers are botocore's. */
static void adaptive_beside_it(void **state)
{
    const struct service limit = {.rate = 5, .burst = 15};
    const unsigned requests = 430;
    (void)state;
    for (unsigned callers = 1; callers <= 8; callers *= 2) {
        struct outcome o = work(IAM_PACE_ADAPTIVE, limit, callers, requests, 6);
        printf(
            "adaptive, limit 5/s burst 15, %u callers: %.1f %% throttled, %.3f of the least time\n",
            callers, 100.0 * o.throttled / (requests + o.throttled),
            (double)o.ms / 1000 / ((requests - limit.burst) / limit.rate));
        assert_true(o.throttled > work(IAM_PACE_AUDIT, limit, callers, requests, 6).throttled);
    }
}

static void silent_until_throttled(void **state)
{
    (void)state;
    for (int law = IAM_PACE_ADAPTIVE; law <= IAM_PACE_AUDIT; law++) {
        struct iam_pace p;
        iam_pace_init(&p, (enum iam_pace_law)law, 0);
        for (uint64_t now = 1; now < 5000; now++) {
            assert_int_equal(iam_pace_ask(&p, now), 0);
            iam_pace_tell(&p, now, false);
        }
        iam_pace_tell(&p, 5000, true);
        while (iam_pace_ask(&p, 5000) == 0)
            ;
        assert_true(iam_pace_ask(&p, 5000) > 0);
    }
}

/* A wait is over when it says so, and not a millisecond earlier: asked exactly then, the answer is yes. */
static void waits_are_exact(void **state)
{
    (void)state;
    for (uint32_t rate = 300000; rate < 900000000; rate = rate * 3 + 7) {
        struct iam_pace p;
        uint64_t now = 77, last = 0;
        iam_pace_init(&p, IAM_PACE_AUDIT, rate);
        for (int i = 0; i < 200; i++) {
            uint32_t wait = iam_pace_ask(&p, now);
            if (wait == 0) {
                last = now;
                continue;
            }
            if (wait > 1)
                assert_true(iam_pace_ask(&p, now + wait - 1) > 0);
            now += wait;
            assert_int_equal(iam_pace_ask(&p, now), 0);
            last = now;
        }
        (void)last;
    }
}

/* --max-rate is kept from the first request on, whatever comes back. */
static void a_rate_is_kept(void **state)
{
    (void)state;
    for (int throttle_every = 0; throttle_every < 50; throttle_every += 7) {
        struct iam_pace p;
        unsigned sent = 0;
        iam_pace_init(&p, IAM_PACE_AUDIT, 3 * IAM_PACE_ONE);
        for (uint64_t now = 0; now < 600000; now++) {
            if (iam_pace_ask(&p, now) > 0)
                continue;
            sent++;
            iam_pace_tell(&p, now, throttle_every != 0 && sent % (unsigned)throttle_every == 0);
            assert_true(sent <= 2 + 3 * (now + 1000) / 1000);
        }
        if (throttle_every == 0)
            assert_true(sent >= 3 * 599);
    }
}

/* Any order of calls at any time, the clock's end included: never a wait of hours, never stuck. */
static void any_use(void **state)
{
    uint64_t random = 99;
    (void)state;
    for (int round = 0; round < 400; round++) {
        struct iam_pace p;
        uint64_t now = round % 3 == 0 ? UINT64_MAX / 2 - 100000 : (uint64_t)round * 12345;
        iam_pace_init(&p, (enum iam_pace_law)(round % 2), round % 5 == 0 ? IAM_PACE_ONE / 1000 : 0);
        for (int i = 0; i < 300; i++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
            uint32_t r = (uint32_t)(random >> 33);
            now += r % 7 == 0 ? r % 1000000 : r % 50;
            if (r % 3 == 0) {
                uint32_t wait = iam_pace_ask(&p, now);
                assert_true(wait <= (round % 5 == 0 && round % 2 ? 2000000 : 4000));
            } else {
                iam_pace_tell(&p, now, r % 11 == 0);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(audit_shares_the_limit), cmocka_unit_test(adaptive_beside_it),
        cmocka_unit_test(silent_until_throttled), cmocka_unit_test(waits_are_exact),
        cmocka_unit_test(a_rate_is_kept),         cmocka_unit_test(any_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
