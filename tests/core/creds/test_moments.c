/* When keys are due and when they end: to the millisecond, whatever the clock says and the device draws. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "world.h"

#include <cmocka.h>

#define MINUTE INT64_C(60000)

static const struct iam_credentials keys = {IAM_LITERAL(WORLD_ID), IAM_LITERAL(WORLD_SECRET),
                                            IAM_LITERAL(WORLD_TOKEN)};

/* Marsaglia's xorshift of 32 bits: what a provider draws next, as a part of that. */
static int64_t part(uint32_t *random, int64_t of)
{
    uint32_t x = *random;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    *random = x;
    return (int64_t)((uint64_t)of * x >> 32);
}

/* A provider of that kind, which nobody has asked for anything yet, and the time. */
static struct iam_creds *begin(struct world *w, enum iam_creds_kind kind, int64_t unix_ms,
                               uint32_t random)
{
    struct iam_creds_config c = {.kind = kind};
    if (kind == IAM_CREDS_CONTAINER)
        c.from.container.relative_uri = iam_span_of("/");
    world_init(w, NULL);
    w->unix_ms = unix_ms;
    assert_int_equal(world_creds(w, 0, &c), IAM_OK);
    w->creds[0]->exchange.random = random;
    iam_creds_time(w->creds[0], w->mono, unix_ms);
    return w->creds[0];
}

static int keep(struct iam_creds *p, int64_t until_us)
{
    struct iam_time until = {.us = until_us, .present = true};
    return iam_creds_restore(p, &keys, &until);
}

/* So much later; the state. */
static unsigned later(struct world *w, int64_t ms)
{
    struct iam_creds *p = w->creds[0];
    iam_creds_time(p, w->mono + (uint32_t)ms, w->unix_ms < 0 ? -1 : w->unix_ms + ms);
    return p->state;
}

/* botocore's two windows before the end, 15 and 10 minutes, or a half and a third of a life that is short. */
static const struct {
    int64_t life, advisory, mandatory;
} lives[] = {
    {1, 0, 0},
    {2, 1, 0},
    {3, 1, 1},
    {10007, 5003, 3335},
    {15 * MINUTE, 450000, 300000},
    {30 * MINUTE - 2, 899999, 599999},
    {30 * MINUTE, 900000, 600000},
    {30 * MINUTE + 4, 900000, 600000},
    {60 * MINUTE, 900000, 600000},
    {12 * 60 * MINUTE, 900000, 600000},
};

static void due_and_over(void **state)
{
    static const int64_t clocks[] = {WORLD_NOW, 0, 1};
    (void)state;
    for (size_t i = 0; i < sizeof lives / sizeof *lives * 3; i++) {
        int64_t now = clocks[i % 3], life = lives[i / 3].life;
        for (uint32_t seed = 1; seed < 20; seed++) {
            uint32_t random = seed * 2654435761u;
            struct world w;
            struct iam_creds *p = begin(&w, IAM_CREDS_CONTAINER, now, random);
            assert_int_equal(keep(p, (now + life) * 1000 + 999), IAM_OK);
            int64_t due = life - lives[i / 3].advisory +
                          part(&random, lives[i / 3].advisory - lives[i / 3].mandatory);
            assert_int_equal(p->life_ms, life);
            assert_int_equal(p->due_ms, due);
            if (due > 0)
                assert_int_equal(later(&w, due - 1), IAM_CREDS_FRESH);
            if (due < life) {
                assert_int_equal(later(&w, due), IAM_CREDS_DUE);
                assert_int_equal(later(&w, life - 1), IAM_CREDS_DUE);
            }
            assert_int_equal(later(&w, life), IAM_CREDS_NONE);
            world_end(&w);
        }
    }
}

/* When they are over nothing is left of them, be they of a character each. */
static void over_and_gone(void **state)
{
    static const struct iam_credentials short_ones = {
        IAM_LITERAL("A"), IAM_LITERAL("S"), {NULL, 0}};
    struct iam_time until = {.us = (WORLD_NOW + 5 * MINUTE) * 1000, .present = true};
    struct world w;
    (void)state;
    struct iam_creds *p = begin(&w, IAM_CREDS_APPLICATION, WORLD_NOW, 1);
    assert_int_equal(iam_creds_restore(p, &short_ones, &until), IAM_OK);
    assert_int_equal(p->keys.access_key_id.n, 1);
    assert_int_equal(later(&w, 5 * MINUTE), IAM_CREDS_NONE);
    assert_int_equal(iam_creds_next(p), IAM_AGAIN);
    assert_int_equal(iam_creds_wants(p), IAM_WANT_ASK);
    assert_int_equal(p->keys.access_key_id.n, 0);
    assert_int_equal(p->used, 0);
    assert_int_equal(p->room[0] | p->room[1], 0);
    world_end(&w);
}

/* A pause after a failure is over once there are keys, wherever they came from: they are due when they are due. */
static void after_a_failure(void **state)
{
    struct world w;
    (void)state;
    struct iam_creds *p = begin(&w, IAM_CREDS_APPLICATION, WORLD_NOW, 1);
    assert_int_equal(iam_creds_next(p), IAM_AGAIN);
    iam_creds_refuse(p, IAM_ERR_VALUE);
    iam_creds_time(p, w.mono, WORLD_NOW);
    assert_int_equal(iam_creds_next(p), IAM_ERR_VALUE);
    assert_true(p->retry_at > p->exchange.now + 400);
    assert_int_equal(keep(p, (WORLD_NOW + 100) * 1000), IAM_OK);
    assert_int_equal(p->state, IAM_CREDS_FRESH);
    assert_int_equal(later(&w, 99), IAM_CREDS_DUE);
    iam_creds_renew(p); /* nobody waits for the next look at the clock */
    assert_int_equal(p->state, IAM_CREDS_NONE);
    assert_int_equal(later(&w, 100), IAM_CREDS_NONE);
    /* and when it asks again nothing is said of the failure */
    assert_int_equal(p->exchange.fault.error, IAM_ERR_VALUE);
    assert_int_equal(iam_creds_next(p), IAM_AGAIN);
    assert_int_equal(iam_creds_wants(p), IAM_WANT_ASK);
    assert_int_equal(p->exchange.fault.error, 0);
    assert_null(p->exchange.fault.what.p);
    world_end(&w);
}

/* A provider that nobody has told the time has no clock, and draws by its seed, whether it ever connects or not. */
static void before_any_time(void **state)
{
    int64_t due[2];
    (void)state;
    for (uint32_t seed = 0; seed < 2; seed++) {
        struct iam_creds_config c = {.kind = IAM_CREDS_APPLICATION};
        struct world w;
        world_init(&w, NULL);
        w.seed = 7 + seed * 2654435761u;
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        assert_int_equal(keep(w.creds[0], (WORLD_NOW + 60 * MINUTE) * 1000), IAM_OK);
        assert_int_equal(w.creds[0]->life_ms, 15 * MINUTE);
        due[seed] = w.creds[0]->due_ms;
        world_end(&w);
    }
    assert_true(due[0] != due[1]);
}

/* Keys that have ended are none: a millisecond less than nothing is left of them. */
static void in_the_past(void **state)
{
    static const int64_t ends[] = {WORLD_NOW * 1000 + 999, WORLD_NOW * 1000, 0, -1, INT64_MIN};
    struct world w;
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct iam_creds *p = begin(&w, IAM_CREDS_CONTAINER, WORLD_NOW, 1);
        assert_int_equal(keep(p, ends[i]), IAM_ERR_VALUE);
        assert_int_equal(p->exchange.fault.what.n, 23);
        assert_memory_equal(p->exchange.fault.what.p, "Expiration: in the past", 23);
        assert_int_equal(p->state, IAM_CREDS_NONE);
        world_end(&w);
    }
}

/* What is known of the clock counts, even where it then stands before 1970. */
static void corrected(void **state)
{
    struct world w;
    struct iam_creds *p;
    (void)state;
    for (int64_t offset = -MINUTE; offset <= MINUTE; offset += 2 * MINUTE) {
        p = begin(&w, IAM_CREDS_CONTAINER, 0, 1);
        p->exchange.clock_offset = offset;
        assert_int_equal(keep(p, 5 * MINUTE * 1000), IAM_OK);
        assert_int_equal(p->life_ms, 5 * MINUTE - offset);
        world_end(&w);
        p = begin(&w, IAM_CREDS_CONTAINER, 0, 1);
        p->exchange.clock_offset = offset;
        assert_int_equal(keep(p, 0), offset < 0 ? IAM_OK : IAM_ERR_VALUE);
        assert_true(offset > 0 || p->life_ms == MINUTE);
        world_end(&w);
    }
}

/* Without a clock the shortest life that there is, whatever stands in the keys. */
static void no_clock(void **state)
{
    static const int64_t ends[] = {0, 1, WORLD_NOW * 1000, INT64_MAX};
    struct world w;
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct iam_creds *p = begin(&w, IAM_CREDS_CONTAINER, -1, 1);
        assert_int_equal(keep(p, ends[i]), IAM_OK);
        assert_int_equal(p->life_ms, 15 * MINUTE);
        assert_int_equal(later(&w, 15 * MINUTE - 1), IAM_CREDS_DUE);
        assert_int_equal(later(&w, 15 * MINUTE), IAM_CREDS_NONE);
        world_end(&w);
    }
}

/* The machine slept while its monotonic clock stood still: the other one counts, though it began at 0. */
static void slept(void **state)
{
    struct world w;
    (void)state;
    for (int64_t now = 0; now < 2; now++) {
        struct iam_creds *p = begin(&w, IAM_CREDS_CONTAINER, now, 1);
        assert_int_equal(keep(p, 60 * MINUTE * 1000), IAM_OK);
        iam_creds_time(p, w.mono, 60 * MINUTE - 1);
        assert_int_equal(p->state, IAM_CREDS_DUE);
        iam_creds_time(p, w.mono, 60 * MINUTE);
        assert_int_equal(p->state, IAM_CREDS_NONE);
        world_end(&w);
    }
}

/* EC2's metadata out of order serve old keys: they count for 17 to 25 minutes, if they do not for longer anyway. */
static void of_a_machine(void **state)
{
    static const int64_t lefts[] = {
        -60 * MINUTE,    0,           17 * MINUTE,         24 * MINUTE + 30000,
        25 * MINUTE - 1, 25 * MINUTE, 25 * MINUTE + 30000, 60 * MINUTE};
    (void)state;
    for (size_t i = 0; i < sizeof lefts / sizeof *lefts; i++) {
        for (uint32_t seed = 1; seed < 60; seed++) {
            uint32_t random = seed * 2654435761u;
            struct world w;
            struct iam_creds *p = begin(&w, IAM_CREDS_IMDS, WORLD_NOW, random);
            int64_t life = lefts[i];
            assert_int_equal(keep(p, (WORLD_NOW + life) * 1000), IAM_OK);
            if (life < 25 * MINUTE) {
                int64_t window = 17 * MINUTE + part(&random, 8 * MINUTE);
                life = life > window ? life : window;
            }
            int64_t advisory = life < 30 * MINUTE ? life / 2 : 15 * MINUTE;
            int64_t mandatory = life < 30 * MINUTE ? life / 3 : 10 * MINUTE;
            assert_int_equal(p->life_ms, life);
            assert_int_equal(p->due_ms, life - advisory + part(&random, advisory - mandatory));
            world_end(&w);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(due_and_over),    cmocka_unit_test(over_and_gone),
        cmocka_unit_test(after_a_failure), cmocka_unit_test(before_any_time),
        cmocka_unit_test(in_the_past),     cmocka_unit_test(corrected),
        cmocka_unit_test(no_clock),        cmocka_unit_test(slept),
        cmocka_unit_test(of_a_machine),
    };
    return cmocka_run_group_tests_name("moments", tests, NULL, NULL);
}
