/* One clock for a client and its providers: what one of them has learned of it, all know. The server refuses what
 * is signed for another time than its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/flow.h"
#include "world.h"

#include <cmocka.h>

#define HOUR INT64_C(3600000)
#define CLIENTS 2

enum {
    ROLES = 2,
    BASE = ROLES
}; /* providers 0 and 1: roles by STS; 2: the keys that never change */

struct server {
    unsigned refused, probed, roles, generated;
    int64_t life_ms;
};

static int64_t server_now(const struct world *w)
{
    return WORLD_NOW + (int64_t)w->slept + w->server_ahead_ms;
}

/* Of the request's signature. */
static int64_t signed_for(const struct world_stream *s)
{
    const char *d = world_header(s, "X-Amz-Date");
    struct iam_time t;
    char text[32];
    assert_int_equal(strlen(d), 16);
    snprintf(text, sizeof text, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", d, d + 4, d + 6, d + 9, d + 11,
             d + 13);
    assert_int_equal(iam_time_parse(iam_span_of(text), &t), IAM_OK);
    return t.us / 1000;
}

static void answer_role(struct world_stream *s, struct server *server)
{
    struct iam_time until = {.us = (server_now(s->world) + server->life_ms) * 1000,
                             .present = true};
    char end[40];
    end[iam_time_text(&until, end)] = 0;
    server->roles++;
    world_answer(s, "200 OK", world_document(WORLD_STS("AssumeRole"), end));
}

static void serve(struct world_stream *s)
{
    struct server *server = s->world->context;
    if (world_asked(s, "GET ")) {
        server->probed++;
        world_answer(s, "302 Found", "");
        return;
    }
    int64_t off = signed_for(s) - server_now(s->world);
    if (off > 300000 || off < -300000) {
        server->refused++;
        world_answer(s, "403 Forbidden",
                     "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>m</Message>"
                     "</Error></ErrorResponse>");
    } else if (s->number < ROLES) {
        answer_role(s, server);
    } else {
        server->generated++;
        world_answer(s, "200 OK",
                     "<GenerateServiceLastAccessedDetailsResponse>"
                     "<GenerateServiceLastAccessedDetailsResult>"
                     "<JobId>examplef-1305-c245-eba4-71fe298bcda7</JobId>"
                     "</GenerateServiceLastAccessedDetailsResult>"
                     "</GenerateServiceLastAccessedDetailsResponse>");
    }
}

static void begin(struct world *w, struct server *server, int64_t unix_ms)
{
    struct iam_creds_config fixed = {.kind = IAM_CREDS_STATIC};
    struct iam_creds_config role = {.kind = IAM_CREDS_ASSUME_ROLE};
    memset(server, 0, sizeof *server);
    server->life_ms = HOUR;
    world_init(w, serve);
    w->context = server;
    w->unix_ms = unix_ms;
    w->mono = 0u - 2000; /* it wraps */
    fixed.from.fixed.access_key_id = iam_span_of(WORLD_ID);
    fixed.from.fixed.secret_access_key = iam_span_of(WORLD_SECRET);
    role.from.sts.role.role_arn = iam_span_of("arn:aws:iam::123456789012:role/r");
    role.from.sts.role.session_name = iam_span_of("name");
    role.max_attempts = 1;
    assert_int_equal(world_creds(w, BASE, &fixed), IAM_OK);
    for (unsigned i = ROLES; i-- > 0;) {
        role.from.sts.base = w->creds[i + 1];
        assert_int_equal(world_creds(w, i, &role), IAM_OK);
    }
}

static void client(struct world *w, struct world_app *a, unsigned stream)
{
    assert_int_equal(world_app(w, a, stream), IAM_OK);
}

static int start(struct world_app *a)
{
    static const struct iam_generate_request q = {
        .arn = IAM_LITERAL("arn:aws:iam::123456789012:policy/p")};
    return iam_generate_start(&a->client, &q);
}

static void generate(struct world_app *a)
{
    assert_int_equal(start(a), IAM_OK);
    assert_int_equal(iam_run(&a->client, UINT32_MAX), IAM_OK);
}

static const int64_t clocks[] = {
    WORLD_NOW, WORLD_NOW - 72 * HOUR, WORLD_NOW + 24 * 365 * HOUR, 0, -1 /* unset */
};

static void once(const struct server *server, int64_t unix_ms)
{
    assert_int_equal(server->refused, unix_ms >= 0 && unix_ms != WORLD_NOW);
    assert_int_equal(server->probed, unix_ms < 0);
}

/* A chain of two roles and the client: the first of five requests corrects the clock for all of them, and for a
 * client that comes later. */
static void from_the_source_on(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        struct world w;
        struct server server;
        struct world_app a, b;
        begin(&w, &server, clocks[i]);
        client(&w, &a, WORLD_PROVIDERS);
        generate(&a);
        once(&server, clocks[i]);
        assert_int_equal(server.roles, ROLES);
        assert_int_equal(iam_client_stats(&a.client)->clock_corrections, 0); /* not the client's */
        world_sleep(&w, 2 * HOUR);                                           /* all keys anew */
        generate(&a);
        assert_int_equal(server.roles, 2 * ROLES);
        world_sleep(&w, 1000);
        client(&w, &b, WORLD_PROVIDERS - 1);
        generate(&b);
        once(&server, clocks[i]);
        assert_int_equal(server.generated, 3);
        iam_client_end(&b.client);
        iam_client_end(&a.client);
        world_end(&w);
    }
}

/* Keys that were kept: the client comes first, and its providers know what it has learned. */
static void from_the_client_on(void **state)
{
    static const struct iam_credentials kept = {IAM_LITERAL(WORLD_ID), IAM_LITERAL(WORLD_SECRET),
                                                IAM_LITERAL(WORLD_TOKEN)};
    (void)state;
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        struct world w;
        struct server server;
        struct world_app a;
        begin(&w, &server, clocks[i]);
        iam_creds_time(w.creds[0], w.mono, w.unix_ms);
        assert_int_equal(iam_creds_restore(w.creds[0], &kept, NULL), IAM_OK);
        world_sleep(&w, 5000);
        client(&w, &a, WORLD_PROVIDERS);
        generate(&a);
        once(&server, clocks[i]);
        assert_int_equal(server.roles, 0);
        iam_creds_renew(w.creds[0]);
        generate(&a);
        once(&server, clocks[i]);
        assert_int_equal(server.roles, ROLES);
        iam_client_end(&a.client);
        world_end(&w);
    }
}

/* Keys are fetched without a client, long before there is one: without a clock each counts from another beginning. */
static void from_earlier_on(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        struct world w;
        struct server server;
        struct world_app a;
        begin(&w, &server, clocks[i]);
        server.life_ms = 30 * HOUR;
        assert_int_equal(world_run(&w, 0), IAM_OK);
        once(&server, clocks[i]);
        world_sleep(&w, 3 * HOUR);
        client(&w, &a, WORLD_PROVIDERS);
        generate(&a);
        once(&server, clocks[i]);
        iam_client_end(&a.client);
        world_end(&w);
    }
}

/* The clock is set in the middle: what was learned of the old one is forgotten by all. */
static void set_in_the_middle(void **state)
{
    struct world w;
    struct server server;
    struct world_app a[CLIENTS];
    (void)state;
    begin(&w, &server, -1);
    for (unsigned i = 0; i < CLIENTS; i++) {
        client(&w, &a[i], WORLD_PROVIDERS - i);
        generate(&a[i]);
    }
    once(&server, -1);
    w.unix_ms = WORLD_NOW + (int64_t)w.slept;
    world_sleep(&w, 2 * HOUR);
    for (unsigned i = CLIENTS; i-- > 0;)
        generate(&a[i]);
    once(&server, -1);
    w.unix_ms -= 10 * HOUR; /* and set back: one correction */
    for (unsigned i = 0; i < CLIENTS; i++)
        generate(&a[i]);
    assert_int_equal(server.refused, 1);
    for (unsigned i = 0; i < CLIENTS; i++)
        iam_client_end(&a[i].client);
    world_end(&w);
}

/* Two clients with requests under way when the first is refused: the other's reply is judged by the clock that its
 * request was signed by, and both go on. */
static void at_the_same_time(void **state)
{
    struct world w;
    struct server server;
    struct world_app a[CLIENTS];
    struct iam_client *clients[CLIENTS];
    size_t which = 0, ended = 0;
    (void)state;
    begin(&w, &server, WORLD_NOW);
    server.life_ms = 30 * HOUR;
    for (unsigned i = 0; i < CLIENTS; i++) {
        client(&w, &a[i], WORLD_PROVIDERS - i);
        clients[i] = &a[i].client;
        generate(&a[i]);
    }
    assert_int_equal(server.refused, 0);
    w.server_ahead_ms = 2 * HOUR;
    w.chunk = 1; /* a reply takes many turns */
    for (unsigned i = 0; i < CLIENTS; i++)
        assert_int_equal(start(&a[i]), IAM_OK);
    while (ended < CLIENTS) {
        assert_int_equal(iam_run_any(clients, CLIENTS, &which, UINT32_MAX), IAM_OK);
        clients[which] = NULL;
        ended++;
    }
    assert_int_equal(server.refused, CLIENTS);
    for (unsigned i = 0; i < CLIENTS; i++)
        generate(&a[i]);
    assert_int_equal(server.refused, CLIENTS);
    for (unsigned i = 0; i < CLIENTS; i++)
        iam_client_end(&a[i].client);
    world_end(&w);
}

/* How long keys live follows from the source's Date and from the clock as it is known: a correction that comes while
 * the reply with them is under way does not count twice. */
static void the_life_of_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        struct world w;
        struct server server;
        struct world_app a;
        begin(&w, &server, clocks[i]);
        client(&w, &a, WORLD_PROVIDERS);
        generate(&a);
        assert_int_equal(server.roles, ROLES);
        world_sleep(&w, 44 * HOUR / 60);
        generate(&a);
        assert_int_equal(server.roles, ROLES);
        world_sleep(&w, 7 * HOUR / 60); /* due 15 to 10 minutes before their end */
        generate(&a);
        assert_int_equal(server.roles, 2 * ROLES);
        once(&server, clocks[i]);
        iam_client_end(&a.client);
        world_end(&w);
    }
}

/* To the millisecond: the time is the same for both, though each counts from its own beginning where there is no clock;
 * what is known of how far the server is ahead shrinks by what was learned; and who knows as much learns nothing. */
static void to_the_millisecond(void **state)
{
    static const int64_t known[] = {-1, 0, 1, WORLD_NOW};
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct iam_creds_config fixed = {.kind = IAM_CREDS_STATIC};
        struct world w;
        struct server server;
        begin(&w, &server, known[i]);
        fixed.from.fixed.access_key_id = iam_span_of(WORLD_ID);
        fixed.from.fixed.secret_access_key = iam_span_of(WORLD_SECRET);
        assert_int_equal(world_creds(&w, BASE + 1, &fixed), IAM_OK);
        struct iam_creds *p = w.creds[BASE];
        struct iam_exchange *e = &p->exchange, *other = &w.creds[BASE + 1]->exchange;
        iam_creds_time(p, 5000, known[i]);
        iam_creds_time(w.creds[BASE + 1], 5500, known[i]);
        iam_creds_time(w.creds[BASE + 1], 5700, known[i]);
        e->clock_offset = 1000;
        other->clock_offset = 50000;
        other->clock_learned = 1;
        e->skew_ms = 60000;
        p->ops->time(p, other);
        assert_int_equal(e->now, 700);
        assert_int_equal(other->now, 200);
        assert_int_equal(e->clock_learned, 1);
        assert_int_equal(e->clock_offset, known[i] < 0 ? 49500 : 50000);
        assert_true(iam_exchange_unix_ms(e) == iam_exchange_unix_ms(other));
        assert_int_equal(e->skew_ms, known[i] < 0 ? 11500 : 11000);
        for (int who = 0; who < 2; who++) { /* each has learned as often, and something else */
            e->clock_offset += who ? 0 : 7;
            other->clock_offset += who ? 9 : 0;
            int64_t mine = e->clock_offset, its = other->clock_offset;
            p->ops->time(p, other);
            assert_int_equal(e->clock_offset, mine);
            assert_int_equal(other->clock_offset, its);
        }
        e->clock_learned++; /* and the other way */
        p->ops->time(p, other);
        assert_int_equal(other->clock_learned, 2);
        assert_true(iam_exchange_unix_ms(e) == iam_exchange_unix_ms(other));
        world_end(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_the_source_on), cmocka_unit_test(from_the_client_on),
        cmocka_unit_test(from_earlier_on),    cmocka_unit_test(set_in_the_middle),
        cmocka_unit_test(at_the_same_time),   cmocka_unit_test(the_life_of_keys),
        cmocka_unit_test(to_the_millisecond),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
