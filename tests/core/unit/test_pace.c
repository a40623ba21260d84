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
    uint32_t place[CALLERS_MOST] = {0};
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
            iam_pace_tell(&p, (uint32_t)now, !good[i]);
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
        uint32_t wait = iam_pace_ask(&p, (uint32_t)now, &place[i]);
        if (wait > 0) {
            at[i] = now + wait;
            continue;
        }
        place[i] = 0;
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

/* One request more: may it go now? */
static uint32_t ask(struct iam_pace *p, uint32_t now)
{
    uint32_t place = 0;
    return iam_pace_ask(p, now, &place);
}

static void silent_until_throttled(void **state)
{
    (void)state;
    for (int law = IAM_PACE_ADAPTIVE; law <= IAM_PACE_AUDIT; law++) {
        struct iam_pace p;
        iam_pace_init(&p, (enum iam_pace_law)law, 0);
        for (uint32_t now = 1; now < 5000; now++) {
            assert_int_equal(ask(&p, now), 0);
            iam_pace_tell(&p, now, false);
        }
        iam_pace_tell(&p, 5000, true);
        for (int i = 0; i < 100 && ask(&p, 5000) == 0; i++) {
        }
        assert_true(ask(&p, 5000) > 0);
    }
}

/* A wait is over when it says so, and not a millisecond earlier: asked exactly then, the answer is yes. */
static void waits_are_exact(void **state)
{
    (void)state;
    for (uint32_t rate = 300000; rate < 900000000; rate = rate * 3 + 7) {
        struct iam_pace p;
        uint32_t now = UINT32_MAX - 5000; /* it wraps on the way */
        iam_pace_init(&p, IAM_PACE_AUDIT, rate);
        for (int i = 0; i < 200; i++) {
            uint32_t place = 0, wait = iam_pace_ask(&p, now, &place);
            if (wait == 0)
                continue;
            if (wait > 1)
                assert_true(iam_pace_ask(&p, now + wait - 1, &place) > 0);
            now += wait;
            assert_int_equal(iam_pace_ask(&p, now, &place), 0);
            assert_int_equal(iam_pace_ask(&p, now, &place), 0); /* and it stays so */
        }
    }
}

/* A request in 4,000 s, the slowest that is exact. */
static void the_slowest(void **state)
{
    struct iam_pace p;
    uint32_t place = 0;
    (void)state;
    iam_pace_init(&p, IAM_PACE_AUDIT, 250);
    assert_int_equal(ask(&p, 1000), 0);
    assert_int_equal(iam_pace_ask(&p, 1000, &place), 4000000);
    assert_int_equal(iam_pace_ask(&p, 4001000, &place), 0);
}

/* --max-rate is kept from the first request on, whatever comes back. */
static void a_rate_is_kept(void **state)
{
    (void)state;
    for (int throttle_every = 0; throttle_every < 50; throttle_every += 7) {
        struct iam_pace p;
        unsigned sent = 0;
        uint32_t place = 0;
        iam_pace_init(&p, IAM_PACE_AUDIT, 3 * IAM_PACE_ONE);
        for (uint32_t now = 0; now < 600000; now++) {
            if (iam_pace_ask(&p, now, &place) > 0)
                continue;
            place = 0;
            sent++;
            iam_pace_tell(&p, now, throttle_every != 0 && sent % (unsigned)throttle_every == 0);
            assert_true(sent <= 2 + 3 * (now + 1000) / 1000);
        }
        if (throttle_every == 0)
            assert_true(sent >= 3 * 599);
    }
}

/* Who asks first is served first, in whatever order they come back. */
static void first_come_first_served(void **state)
{
    enum { CALLERS = 5 };
    (void)state;
    for (int order = 0; order < 2; order++) {
        struct iam_pace p;
        uint32_t place[CALLERS] = {0};
        unsigned served[CALLERS] = {0}, least = UINT32_MAX, most = 0;
        iam_pace_init(&p, IAM_PACE_AUDIT, 5 * IAM_PACE_ONE);
        p.given = p.served = UINT32_MAX - 200; /* numbers wrap, too */
        for (uint32_t now = 0; now < 200000; now++) {
            for (int k = 0; k < CALLERS; k++) { /* always the same order, or always the other */
                int i = order ? CALLERS - 1 - k : k;
                if (iam_pace_ask(&p, now, &place[i]) == 0) {
                    served[i]++;
                    place[i] = 0;
                }
            }
        }
        for (int i = 0; i < CALLERS; i++) {
            least = served[i] < least ? served[i] : least;
            most = served[i] > most ? served[i] : most;
        }
        assert_true(least >= 199 && most - least <= 1);
    }
}

/* Clients end while they wait, or stay away: the others go on, and lose two tokens' time at most. */
static void who_stays_away_is_passed_over(void **state)
{
    (void)state;
    for (int away = 1; away <= 10; away += 3) {
        struct iam_pace p;
        uint32_t place = 0, first = 0, now = 1000, sent = 0;
        iam_pace_init(&p, IAM_PACE_AUDIT, 10 * IAM_PACE_ONE);
        while (ask(&p, now) == 0) {
        }
        assert_true(iam_pace_ask(&p, now, &first) > 0);
        for (int i = 0; i < away; i++)
            assert_true(ask(&p, now) > 0);
        for (uint32_t end = now + 3000; now < end;) {
            uint32_t wait = iam_pace_ask(&p, now, &place);
            now += wait;
            sent += wait == 0;
            place = wait == 0 ? 0 : place;
        }
        assert_true(sent >= 27);
        while (iam_pace_ask(&p, now, &place) == 0)
            place = 0;
        /* who comes back late stands before those who came in the meantime */
        assert_int_equal(iam_pace_ask(&p, now + 100, &first), 0);
    }
}

/* Any order of calls at any time, a clock that wraps or goes backwards included: never a wait of hours, never stuck. */
static void any_use(void **state)
{
    uint64_t random = 99;
    (void)state;
    for (int round = 0; round < 400; round++) {
        struct iam_pace p;
        uint32_t place[3] = {0};
        uint32_t now = round % 3 == 0 ? UINT32_MAX - 100000 : (uint32_t)round * 12345;
        iam_pace_init(&p, (enum iam_pace_law)(round % 2), round % 5 == 0 ? IAM_PACE_ONE / 1000 : 0);
        for (int i = 0; i < 300; i++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
            uint32_t r = (uint32_t)(random >> 33);
            now += r % 7 == 0 ? r % 1000000 : r % 50;
            now -= r % 13 == 0 ? 40 : 0;
            if (r % 3 == 0) {
                uint32_t *at = &place[r / 3 % 3];
                uint32_t wait = iam_pace_ask(&p, now, at);
                *at = wait == 0 || r % 5 == 0 ? 0 : *at;
                assert_true(wait <= (round % 5 == 0 && round % 2 ? 2000000 : 4000));
            } else {
                iam_pace_tell(&p, now, r % 11 == 0);
            }
        }
    }
}

/* ---- the laws in numbers ---- */

#define A_SECOND(n) ((uint32_t)((n)*IAM_PACE_ONE))

static void replies(struct iam_pace *p, uint32_t first, uint32_t last, uint32_t every)
{
    for (uint32_t now = first; now <= last; now += every)
        iam_pace_tell(p, now, false);
}

static void audit_in_numbers(void **state)
{
    struct iam_pace p;
    uint32_t a = 0, b = 0, c = 0, d = 0;
    (void)state;
    iam_pace_init(&p, IAM_PACE_AUDIT, 0);
    replies(&p, 100, 4000, 100);
    assert_int_equal(p.rate, A_SECOND(1)); /* as at first: nothing is known yet */
    assert_int_equal(ask(&p, 5000), 0);
    iam_pace_tell(&p, 5100, true); /* 40 replies in 5 s, and half of that */
    assert_int_equal(p.rate, A_SECOND(4));
    assert_int_equal(p.tokens, 0);
    assert_int_equal(iam_pace_ask(&p, 5100, &a), 1000);
    assert_int_equal(iam_pace_ask(&p, 6099, &a), 1);
    /* while one waits, nobody else goes: for as long as two tokens take from when one could have gone */
    assert_int_equal(iam_pace_ask(&p, 6100, &b), 250);
    assert_int_equal(iam_pace_ask(&p, 6600, &b), 250);
    assert_int_equal(iam_pace_ask(&p, 6601, &b), 0);
    assert_int_equal(iam_pace_ask(&p, 6601, &a), 0);
    assert_int_equal(iam_pace_ask(&p, 6601, &c), 250); /* both tokens are gone */
    assert_int_equal(iam_pace_ask(&p, 6601, &d), 250);
    assert_int_equal(iam_pace_ask(&p, 6850, &d), 1); /* whoever is before it */
    assert_int_equal(iam_pace_ask(&p, 6850, &c), 1);
    assert_int_equal(iam_pace_ask(&p, 6851, &c), 0);

    iam_pace_tell(&p, 6900, false); /* searching: by 8 in 100 each */
    assert_int_equal(p.rate, 4320000);
    iam_pace_tell(&p, 7000, false);
    assert_int_equal(p.rate, 4665600);
    iam_pace_tell(&p, 7100, true); /* two in 2 s: 19 of 20 parts of it */
    assert_int_equal(p.rate, 950000);
    assert_int_equal(ask(&p, 7100), 1000);
    iam_pace_tell(&p, 7599, true); /* was under way: it is silent no longer than before */
    assert_int_equal(ask(&p, 7600), 500);
    iam_pace_tell(&p, 7700, true);
    assert_int_equal(ask(&p, 7700), 500);
    iam_pace_tell(&p, 8099, true);
    assert_int_equal(ask(&p, 8099), 500);
    assert_int_equal(p.rate, 950000);
    for (uint32_t i = 1; i <= 150; i++) { /* a hundredth of a request each, then two, then three */
        uint32_t before = p.rate;
        iam_pace_tell(&p, 8100, false);
        assert_int_equal(p.rate - before, 10000 * (1 + i / 50));
    }
    iam_pace_tell(&p, 8100,
                  true); /* a second after the last that counted: 150 in 1 s are above the rate */
    assert_int_equal(p.rate, (950000 + 49 * 10000 + 50 * 20000 + 50 * 30000 + 40000) / 20 * 19);
    iam_pace_tell(&p, 9100, true); /* no reply in between: the least, and a new search */
    assert_int_equal(p.rate, A_SECOND(1) / 2);
    iam_pace_tell(&p, 10200, false);
    assert_int_equal(p.rate, 540000);
}

/* Who is away does not count from when there was a token, but from when there was none. */
static void who_is_away_has_his_time(void **state)
{
    struct iam_pace p;
    uint32_t place[6] = {0};
    (void)state;
    for (int variant = 0; variant < 2; variant++) {
        memset(place, 0, sizeof place);
        iam_pace_init(&p, IAM_PACE_AUDIT, 0);
        replies(&p, 100, 4000, 100);
        iam_pace_tell(&p, 5100, true); /* 4 a second, from 6100 on */
        for (int i = 0; i < 5; i++)
            assert_true(iam_pace_ask(&p, 5200, &place[i]) > 0);
        assert_true(iam_pace_ask(&p, 6600, &place[1]) > 0); /* 0 is away */
        assert_int_equal(iam_pace_ask(&p, 6601, &place[1]), 0);
        if (variant == 0) { /* a token is left: 2 has been away for just as long */
            assert_int_equal(iam_pace_ask(&p, 6601, &place[5]), 0);
            continue;
        }
        assert_int_equal(iam_pace_ask(&p, 6601, &place[2]), 0); /* the last one */
        assert_true(iam_pace_ask(&p, 6851, &place[4]) > 0);     /* 3 may have it, up to here: */
        assert_true(iam_pace_ask(&p, 7101, &place[4]) > 0);
        assert_int_equal(iam_pace_ask(&p, 7102, &place[4]), 0);
    }
}

/* Throttled before anything was answered: the silence is that of the first of them. */
static void throttled_at_once(void **state)
{
    struct iam_pace p;
    (void)state;
    iam_pace_init(&p, IAM_PACE_AUDIT, 0);
    iam_pace_tell(&p, 1000, true);
    iam_pace_tell(&p, 1400, true);
    assert_int_equal(ask(&p, 1400), 600);
    assert_int_equal(p.rate, A_SECOND(1) / 2);
}

/* A caller who is late loses up to two tokens, no more; what is left of a millisecond is a whole one. */
static void two_tokens_are_kept(void **state)
{
    struct iam_pace p;
    uint32_t place = 0;
    (void)state;
    iam_pace_init(&p, IAM_PACE_AUDIT, A_SECOND(5));
    assert_int_equal(ask(&p, 1000), 0);
    assert_int_equal(ask(&p, 60000), 0);
    assert_int_equal(ask(&p, 60000), 0);
    p.given = p.served = UINT32_MAX - 1; /* places begin anew at 1 */
    assert_int_equal(iam_pace_ask(&p, 60000, &place), 200);
    assert_int_equal(place, 1);
    iam_pace_init(&p, IAM_PACE_AUDIT, 333333333);
    assert_int_equal(ask(&p, 1000), 0);
    assert_int_equal(ask(&p, 1000), 4);
}

/* Up to 24 days forward; anything else is backwards, and time stands still. */
static void moments(void **state)
{
    struct iam_pace p;
    (void)state;
    iam_pace_init(&p, IAM_PACE_AUDIT, 0);
    assert_int_equal(ask(&p, 5), 0);
    assert_int_equal(ask(&p, 4), 0);
    assert_int_equal(p.now, 5);
    assert_int_equal(ask(&p, 5 + UINT32_MAX / 2), 0);
    assert_int_equal(p.now, 5 + UINT32_MAX / 2);
    assert_int_equal(ask(&p, 4), 0);
    assert_int_equal(p.now, 5 + UINT32_MAX / 2);
    assert_int_equal(ask(&p, 5 + UINT32_MAX / 2 - 1), 0);
    assert_int_equal(p.now, 5 + UINT32_MAX / 2);
}

/* The faster, the larger the steps; half a second is the shortest that is counted over. */
static void audit_at_high_rates(void **state)
{
    struct iam_pace p;
    (void)state;
    iam_pace_init(&p, IAM_PACE_AUDIT, 0);
    for (int i = 0; i < 100; i++)
        iam_pace_tell(&p, 1000, false);
    iam_pace_tell(&p, 1100, true); /* as if in half a second: 200 a second, and half of that */
    assert_int_equal(p.rate, A_SECOND(100));
    for (int i = 0; i < 200; i++)
        iam_pace_tell(&p, 2200, false);
    uint32_t found = p.rate;
    assert_true(found > A_SECOND(180));
    iam_pace_tell(&p, 2100 + 1100, true);
    assert_int_equal(p.rate, (uint32_t)(UINT64_C(200000000) * 1000 / 2100) * UINT64_C(19) / 20);
    found = p.rate;
    iam_pace_tell(&p, 4000, false);
    assert_int_equal(p.rate, found + 10000 * (found / A_SECOND(8)));
    for (int i = 0; i < 100000; i++)
        iam_pace_tell(&p, 4000, false);
    assert_int_equal(p.rate, IAM_PACE_MOST);
}

static void adaptive_in_numbers(void **state)
{
    struct iam_pace p;
    (void)state;
    iam_pace_init(&p, IAM_PACE_ADAPTIVE, 0);
    replies(&p, 7100, 7400, 100);
    assert_int_equal(p.measured, 0);
    iam_pace_tell(&p, 7500, false); /* five in half a second; the smoothed rate begins at 0 */
    assert_int_equal(p.measured, 8000000);
    replies(&p, 7600, 7900, 100);
    assert_int_equal(p.measured, 8000000);
    assert_false(p.limited);
    iam_pace_tell(&p, 8000, true); /* five in half a second, of them the last throttled */
    assert_int_equal(p.measured, 9600000);
    assert_true(p.limited);
    assert_int_equal(p.rate, 6720000);       /* seven tenths */
    assert_int_equal(p.zero_point_ms, 1930); /* the root of 1930.98^3, in milliseconds */
    iam_pace_tell(&p, 8100, false);          /* 0.4 (0.1 - 1.930)^3 + 9.6 */
    assert_int_equal(p.rate, 9600000 - INT64_C(1830) * 1830 * 1830 / 2500);
    iam_pace_tell(&p, 8400, true); /* again: of what was measured and the rate the smaller */
    assert_int_equal(p.rate_at_throttling, 9600000 - INT64_C(1830) * 1830 * 1830 / 2500);
    assert_int_equal(p.rate, p.rate_at_throttling / 10 * 7 + p.rate_at_throttling % 10 * 7 / 10);
}

/* The time to the middle of the curve is a cube root, rounded down. */
static void roots(void **state)
{
    struct iam_pace p;
    (void)state;
    iam_pace_init(&p, IAM_PACE_ADAPTIVE, 0);
    for (int i = 0; i < 44; i++)
        iam_pace_tell(&p, 7000, false);
    iam_pace_tell(&p, 8000,
                  true); /* 45 in a second: four fifths of it are 36 a second, 0.75 * 36 is 3^3 */
    assert_int_equal(p.rate_at_throttling, A_SECOND(36));
    assert_int_equal(p.zero_point_ms, 3000);
    iam_pace_init(&p, IAM_PACE_ADAPTIVE, 0);
    for (int i = 0; i < 36; i++)
        iam_pace_tell(&p, 7000, false);
    iam_pace_tell(&p, 8000, true); /* 29.6 a second */
    assert_int_equal(p.zero_point_ms, 2810);
    iam_pace_init(&p, IAM_PACE_ADAPTIVE, 0);
    for (int i = 0; i < 37; i++)
        iam_pace_tell(&p, 7000, false);
    iam_pace_tell(&p, 8000, true); /* 30.4 a second */
    assert_int_equal(p.zero_point_ms, 2835);
}

/* An hour later the curve is far above everything: twice what is measured is allowed, at most 3,704 more than was. */
static void adaptive_far_on(void **state)
{
    struct iam_pace p;
    (void)state;
    iam_pace_init(&p, IAM_PACE_ADAPTIVE, 0);
    replies(&p, 1000, 3000, 100);
    iam_pace_tell(&p, 3000, true);
    uint32_t at = p.rate_at_throttling;
    for (uint32_t now = 3600000; now < 3610000; now += 10) {
        iam_pace_tell(&p, now, false);
        uint64_t twice = 2 * (uint64_t)p.measured;
        assert_int_equal(p.rate, twice > 500000 ? twice : 500000);
        assert_int_equal(p.tokens_most, p.rate > IAM_PACE_ONE ? p.rate : IAM_PACE_ONE);
    }
    assert_in_range(p.measured, A_SECOND(99), A_SECOND(101));
    for (uint32_t now = 3610000; now < 3613000; now++)
        for (int i = 0; i < 3; i++)
            iam_pace_tell(&p, now, false);
    assert_true(p.measured > A_SECOND(2900));
    assert_int_equal(p.rate, UINT32_C(3704400000) + at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(audit_shares_the_limit),
        cmocka_unit_test(adaptive_beside_it),
        cmocka_unit_test(silent_until_throttled),
        cmocka_unit_test(waits_are_exact),
        cmocka_unit_test(the_slowest),
        cmocka_unit_test(a_rate_is_kept),
        cmocka_unit_test(first_come_first_served),
        cmocka_unit_test(any_use),
        cmocka_unit_test(audit_in_numbers),
        cmocka_unit_test(who_is_away_has_his_time),
        cmocka_unit_test(throttled_at_once),
        cmocka_unit_test(two_tokens_are_kept),
        cmocka_unit_test(moments),
        cmocka_unit_test(roots),
        cmocka_unit_test(audit_at_high_rates),
        cmocka_unit_test(adaptive_in_numbers),
        cmocka_unit_test(adaptive_far_on),
        cmocka_unit_test(who_stays_away_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
