/* The life of keys on a clock of its own: when they are fetched, how often a source that fails is asked, and
 * whose keys a job is read with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "world.h"

#include <cmocka.h>

#define MINUTE UINT64_C(60000)
#define JOB "examplef-1305-c245-eba4-71fe298bcda7"

/* A source whose keys are numbered: the id ends in the number of the fetch. */
struct source {
    uint64_t life_ms; /* of what it gives, by its own clock */
    bool down;
    int (*also)(struct world_stream *); /* the service; NULL: there is none */
    unsigned fetches, asked;            /* that went well; all */
    unsigned pages;                     /* of the service's list */
    uint64_t last;                      /* world's time of the last one */
    uint64_t page_ms;                   /* that pass before a page is served */
    const char *code;                   /* the service refuses keys with it */
    char id[32];                        /* of the keys that the last signed request had */
};

static void until(char text[40], int64_t unix_ms)
{
    struct iam_time t = {.us = unix_ms * 1000, .present = true};
    text[iam_time_text(&t, text)] = 0;
}

static int64_t server_now(const struct world *w)
{
    return WORLD_NOW + (int64_t)w->slept + w->server_ahead_ms;
}

static void serve(struct world_stream *s)
{
    struct source *source = s->world->context;
    char end[40], body[512];
    if (s->number == WORLD_PROVIDERS) {
        (void)source->also(s);
        return;
    }
    source->asked++;
    source->last = s->world->slept;
    if (source->down) {
        world_answer(s, "404 Not Found", "{\"message\":\"no\"}");
        return;
    }
    source->fetches++;
    until(end, server_now(s->world) + (int64_t)source->life_ms);
    snprintf(body, sizeof body,
             "{\"AccessKeyId\":\"ASIA%04u\",\"SecretAccessKey\":\"s\",\"Token\":\"t\","
             "\"Expiration\":\"%s\"}",
             source->fetches, end);
    world_answer(s, "200 OK", body);
}

static void init(struct world *w, struct source *source, uint64_t life_ms)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_CONTAINER};
    memset(source, 0, sizeof *source);
    source->life_ms = life_ms;
    world_init(w, serve);
    w->context = source;
    w->limit = UINT64_MAX;
    c.from.container.relative_uri = iam_span_of("/");
    assert_int_equal(world_creds(w, 0, &c), IAM_OK);
}

/* Somebody asks for keys every step_ms, for so long. */
static void use(struct world *w, uint64_t for_ms, uint64_t step_ms)
{
    for (uint64_t end = w->slept + for_ms; w->slept < end; world_sleep(w, step_ms))
        (void)world_run(w, 0);
}

/* Keys that were kept over a restart: in use without a fetch, until they are due. */
static void restored(void **state)
{
    static const struct iam_credentials kept = {IAM_LITERAL(WORLD_ID), IAM_LITERAL(WORLD_SECRET),
                                                IAM_LITERAL(WORLD_TOKEN)};
    static const struct iam_credentials none = {{NULL, 0}, IAM_LITERAL("s"), IAM_LITERAL("t")};
    static const struct iam_credentials foreign = {IAM_LITERAL("a\nb"), IAM_LITERAL("s"),
                                                   IAM_LITERAL("t")};
    struct iam_time until = {.us = (WORLD_NOW + 60 * (int64_t)MINUTE) * 1000, .present = true};
    struct iam_time past = {.us = (WORLD_NOW - 1000) * 1000, .present = true};
    struct world w;
    struct source source;
    struct iam_creds *p;
    (void)state;
    init(&w, &source, 60 * MINUTE);
    p = w.creds[0];
    iam_creds_time(p, w.mono, w.unix_ms);
    assert_int_equal(iam_creds_restore(p, &none, &until), IAM_ERR_VALUE);
    assert_int_equal(iam_creds_restore(p, &foreign, &until), IAM_ERR_VALUE);
    assert_int_equal(iam_creds_restore(p, &kept, &past), IAM_ERR_VALUE);
    assert_int_equal(p->state, IAM_CREDS_NONE);
    assert_int_equal(p->keys.access_key_id.n, 0);
    for (size_t i = 0; i < p->room_size; i++)
        assert_int_equal(p->room[i], 0);
    assert_int_equal(iam_creds_restore(p, &kept, &until), IAM_OK);
    assert_int_equal(p->state, IAM_CREDS_FRESH);
    assert_int_equal(iam_creds_restore(p, &kept, &until), IAM_ERR_STATE);
    assert_int_equal(world_run(&w, 0), IAM_OK);
    assert_memory_equal(p->keys.access_key_id.p, WORLD_ID, sizeof WORLD_ID - 1);
    assert_int_equal(p->keys.session_token.n, sizeof WORLD_TOKEN - 1);
    assert_memory_equal(p->keys.session_token.p, WORLD_TOKEN, sizeof WORLD_TOKEN - 1);
    use(&w, 44 * MINUTE, MINUTE);
    assert_int_equal(source.asked, 0);
    use(&w, 7 * MINUTE, MINUTE); /* due 15 to 10 minutes before the end */
    assert_int_equal(source.fetches, 1);
    assert_memory_equal(p->keys.access_key_id.p, "ASIA0001", 8);
    world_end(&w);
}

/* Keys of an hour are fetched anew between 15 and 10 minutes before their end, never twice, and not always at
 * the same moment. */
static void ahead_of_the_end(void **state)
{
    uint64_t least = UINT64_MAX, most = 0;
    (void)state;
    for (uint32_t seed = 1; seed < 60; seed++) {
        struct world w;
        struct source source;
        init(&w, &source, 60 * MINUTE);
        w.creds[0]->exchange.random = seed * 2654435761u;
        assert_int_equal(world_run(&w, 0), IAM_OK);
        while (source.fetches == 1) {
            world_sleep(&w, 1000);
            assert_int_equal(world_run(&w, 0), IAM_OK);
            assert_true(w.slept < 60 * MINUTE);
        }
        least = source.last < least ? source.last : least;
        most = source.last > most ? source.last : most;
        assert_int_equal(source.asked, 2);
        assert_int_equal(w.creds[0]->keys.access_key_id.p[7], '2');
        world_end(&w);
    }
    assert_in_range(least, 45 * MINUTE, 46 * MINUTE);
    assert_in_range(most, 49 * MINUTE, 50 * MINUTE + 2000);
}

/* Shorter lives keep their proportions: a source of short keys is not asked without end. */
static void short_lives(void **state)
{
    (void)state;
    for (uint64_t life = 10000; life < 40 * MINUTE; life += life / 3) {
        struct world w;
        struct source source;
        init(&w, &source, life);
        use(&w, life * 20, life / 50);
        if (source.asked < 20 || source.asked > 42)
            fail_msg("%u fetches in 20 lives of %u ms", source.asked, (unsigned)life);
        world_end(&w);
    }
}

/* Whatever the device's clock says, and if it says nothing, or jumps: the source's Date counts. */
static void any_clock(void **state)
{
    static const int64_t clocks[] = {-1, 0, WORLD_NOW - INT64_C(86400000) * 365,
                                     WORLD_NOW + INT64_C(86400000) * 365};
    (void)state;
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        struct world w;
        struct source source;
        init(&w, &source, 60 * MINUTE);
        w.unix_ms = clocks[i];
        use(&w, 44 * MINUTE, 10000);
        assert_int_equal(source.asked, 1);
        use(&w, 7 * MINUTE, 10000);
        assert_int_equal(source.asked, 2);
        if (w.unix_ms >= 0) { /* it slept: the monotonic clock stood still */
            w.unix_ms += 2 * 60 * (int64_t)MINUTE;
            w.server_ahead_ms += 2 * 60 * (int64_t)MINUTE;
            assert_int_equal(world_run(&w, 0), IAM_OK);
            assert_int_equal(source.asked, 3);
            w.unix_ms = w.unix_ms - 5 * 60 * (int64_t)MINUTE;
            assert_int_equal(world_run(&w, 0), IAM_OK); /* set back: nothing ages for that */
            assert_int_equal(source.asked, 3);
            world_sleep(&w, 51 * MINUTE); /* nor does it stay young */
            assert_int_equal(world_run(&w, 0), IAM_OK);
            assert_int_equal(source.asked, 4);
        }
        world_end(&w);
    }
}

/* Without any clock at all keys are taken for the shortest that there are. */
static void no_clock(void **state)
{
    struct world w;
    struct source source;
    (void)state;
    init(&w, &source, 60 * MINUTE);
    w.no_date = true;
    w.unix_ms = -1;
    use(&w, 7 * MINUTE, 10000);
    assert_int_equal(source.asked, 1);
    use(&w, 4 * MINUTE, 10000);
    assert_int_equal(source.asked, 2);
    world_end(&w);
}

/* A source that is down: the keys stay in use to their last moment, the source is asked seldom, and ever more
 * seldom; when it is back, new keys come without anybody's doing. */
static void source_down(void **state)
{
    struct world w;
    struct source source;
    unsigned asked;
    (void)state;
    init(&w, &source, 60 * MINUTE);
    assert_int_equal(world_run(&w, 0), IAM_OK);
    source.down = true;
    for (; w.slept < 60 * MINUTE - 100; world_sleep(&w, 100)) {
        assert_int_equal(world_run(&w, 0), IAM_OK);
        assert_int_equal(w.creds[0]->keys.access_key_id.p[7], '1');
    }
    assert_in_range(source.asked, 8,
                    20); /* 15 minutes: 1 2 4 8 ... s apart, then 2.5 to 5 minutes */
    assert_int_equal(w.creds[0]->error, IAM_ERR_SERVICE);
    world_sleep(&w, 200);
    asked = source.asked;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(world_run(&w, 0), IAM_ERR_SERVICE);
    assert_in_range(source.asked, asked, asked + 1);
    source.down = false;
    use(&w, 6 * MINUTE, 1000);
    assert_int_equal(world_run(&w, 0), IAM_OK);
    assert_int_equal(w.creds[0]->keys.access_key_id.p[7], '2');
    assert_int_equal(w.creds[0]->error, 0);
    /* and the next failure begins with short pauses again */
    assert_int_equal(w.creds[0]->failures, 0);
    world_end(&w);
}

/* A source that never worked, asked by somebody who does not wait: a day of it. */
static void no_storm(void **state)
{
    struct world w;
    struct source source;
    (void)state;
    init(&w, &source, 60 * MINUTE);
    source.down = true;
    use(&w, 24 * 60 * MINUTE, 100);
    assert_in_range(source.asked, 24 * 60 / 5, 24 * 60 * 2 / 5 + 20);
    world_end(&w);
}

/* Keys that have ended are nobody's: they are not used, and not kept. */
static void nothing_after_the_end(void **state)
{
    struct world w;
    struct source source;
    (void)state;
    init(&w, &source, 60 * MINUTE);
    assert_int_equal(world_run(&w, 0), IAM_OK);
    source.down = true;
    world_sleep(&w, 60 * MINUTE);
    assert_int_equal(world_run(&w, 0), IAM_ERR_SERVICE);
    assert_int_equal(w.creds[0]->keys.access_key_id.n, 0);
    assert_int_equal(world_words(w.creds[0]), 2); /* of the failure: "no" */
    for (size_t i = 2; i < w.keys[0].n; i++)
        assert_int_equal(w.keys[0].p[i], 0);
    world_end(&w);
}

/* IMDS: keys near their end, or past it, stay in use, and are asked for again every 15 minutes or so. */
static void serve_imds(struct world_stream *s)
{
    struct source *source = s->world->context;
    char end[40];
    if (world_asked(s, "PUT ")) {
        world_answer(s, "200 OK", "T");
    } else if (world_asked(s, "GET /latest/meta-data/iam/security-credentials/ ")) {
        world_answer(s, "200 OK", "role");
    } else {
        source->asked++;
        until(end, WORLD_NOW + (int64_t)source->life_ms);
        world_answer(s, "200 OK", world_document(WORLD_IMDS, end));
    }
}

static void static_stability(void **state)
{
    struct world w;
    struct source source = {.life_ms = 60 * MINUTE};
    struct iam_creds_config c = {.kind = IAM_CREDS_IMDS};
    (void)state;
    world_init(&w, serve_imds);
    w.context = &source;
    w.limit = UINT64_MAX;
    assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
    for (; w.slept < 10 * 60 * MINUTE; world_sleep(&w, 1000))
        assert_int_equal(world_run(&w, 0), IAM_OK);
    assert_in_range(source.asked, 9 * 60 / 15, 9 * 60 / 2);
    world_end(&w);

    /* from 17 minutes on, up to 25 */
    int64_t least = INT64_MAX, most = 0;
    for (uint32_t seed = 1; seed <= 500; seed++) {
        world_init(&w, serve_imds);
        w.seed = seed * 0x9E3779B1u;
        w.context = &source;
        w.limit = UINT64_MAX;
        source.life_ms = 5 * MINUTE;
        source.down = false;
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        assert_int_equal(world_run(&w, 0), IAM_OK);
        int64_t life = w.creds[0]->life_ms;
        least = life < least ? life : least;
        most = life > most ? life : most;
        world_end(&w);
    }
    assert_in_range(least, 17 * MINUTE, 17 * MINUTE + 6000);
    assert_in_range(most, 25 * MINUTE - 6000, 25 * MINUTE - 1);
}

/* ---- a client ---- */

static int serve_service(struct world_stream *s)
{
    struct source *source = s->world->context;
    const char *id = strstr(s->in, "Credential=");
    char body[2048];
    assert_non_null(id);
    snprintf(source->id, sizeof source->id, "%.*s", (int)strcspn(id + 11, "/"), id + 11);
    if (source->code != NULL) {
        snprintf(
            body, sizeof body,
            "<ErrorResponse><Error><Code>%s</Code><Message>m</Message></Error></ErrorResponse>",
            source->code);
        world_answer(s, "403 Forbidden", body);
        return 0;
    }
    if (strstr(s->in, "Action=Generate") != NULL) {
        world_answer(s, "200 OK",
                     "<GenerateServiceLastAccessedDetailsResponse>"
                     "<GenerateServiceLastAccessedDetailsResult><JobId>" JOB
                     "</JobId></GenerateServiceLastAccessedDetailsResult>"
                     "</GenerateServiceLastAccessedDetailsResponse>");
        return 0;
    }
    world_sleep(s->world, source->page_ms);
    snprintf(body, sizeof body,
             "<GetServiceLastAccessedDetailsWithEntitiesResponse>"
             "<GetServiceLastAccessedDetailsWithEntitiesResult><JobStatus>COMPLETED</JobStatus>"
             "<IsTruncated>%s</IsTruncated><Marker>m%u</Marker><EntityDetailsList><member>"
             "<EntityInfo><Name>n%u</Name></EntityInfo></member></EntityDetailsList>"
             "</GetServiceLastAccessedDetailsWithEntitiesResult>"
             "</GetServiceLastAccessedDetailsWithEntitiesResponse>",
             source->pages > 1 ? "true" : "false", source->pages, source->pages);
    source->pages -= source->pages > 0;
    world_answer(s, "200 OK", body);
    return 0;
}

static void begin(struct world_app *a, struct world *w, struct source *source, uint64_t life_ms)
{
    init(w, source, life_ms);
    source->also = serve_service;
    assert_int_equal(world_app(w, a, WORLD_PROVIDERS), IAM_OK);
}

static void end(struct world_app *a, struct world *w)
{
    iam_client_end(&a->client);
    assert_int_equal(w->open_now, 0);
    assert_int_equal(w->open_most, 1); /* never two connections at once */
    world_end(w);
}

static int finish(struct world_app *a)
{
    int r;
    while ((r = iam_run(&a->client, UINT32_MAX)) == IAM_ITEM) {
    }
    return r;
}

static int generate(struct world_app *a)
{
    static const struct iam_generate_request q = {
        .arn = IAM_LITERAL("arn:aws:iam::123456789012:policy/p")};
    int r = iam_generate_start(&a->client, &q);
    return r == IAM_OK ? finish(a) : r;
}

static int entities(struct world_app *a)
{
    static const struct iam_entities_request q = {.job_id = IAM_LITERAL(JOB),
                                                  .service_namespace = IAM_LITERAL("s3")};
    int r = iam_entities_start(&a->client, &q);
    return r == IAM_OK ? finish(a) : r;
}

static void client_fetches(void **state)
{
    struct world w;
    struct source source;
    struct world_app a;
    (void)state;
    begin(&a, &w, &source, 60 * MINUTE);
    source.pages = 5;
    assert_int_equal(generate(&a), IAM_OK);
    assert_int_equal(entities(&a), IAM_OK);
    assert_int_equal(source.asked, 1);
    assert_int_equal(iam_client_stats(&a.client)->pages, 5);
    assert_string_equal(source.id, "ASIA0001");
    end(&a, &w);
}

/* Keys that are there cost no turn: a kept connection has its next request at once, a new one is waited for. */
static void no_turn_for_keys(void **state)
{
    static const struct iam_entities_request q = {.job_id = IAM_LITERAL(JOB),
                                                  .service_namespace = IAM_LITERAL("s3")};
    struct iam_creds_config c = {.kind = IAM_CREDS_ASSUME_ROLE, .connect_ms = 4000};
    struct world w;
    struct source source;
    struct world_app a;
    (void)state;
    begin(&a, &w, &source, 60 * MINUTE);
    assert_int_equal(generate(&a), IAM_OK);
    struct iam_call *call = &a.client.call;
    assert_int_equal(iam_call_entities(call, &q), IAM_OK);
    iam_call_time(call, w.mono, w.unix_ms);
    assert_int_equal(iam_call_next(call), IAM_AGAIN);
    assert_true(iam_call_wants(call) & IAM_WANT_SEND);

    c.from.sts.base = w.creds[0];
    c.from.sts.role.role_arn = iam_span_of("arn:aws:iam::123456789012:role/r");
    c.from.sts.role.session_name = iam_span_of("name");
    c.from.sts.region = iam_span_of("eu-west-1");
    assert_int_equal(world_creds(&w, 1, &c), IAM_OK);
    struct iam_creds *p = w.creds[1];
    iam_creds_time(p, w.mono, w.unix_ms);
    assert_int_equal(iam_creds_next(p), IAM_AGAIN);
    assert_int_equal(iam_creds_wants(p), IAM_WANT_OPEN);
    assert_int_equal(iam_exchange_idle_ms(&p->exchange), 4000);
    iam_client_end(&a.client);
    world_end(&w);
}

/* Keys that are due: not touched while a job is open, new before one is begun. */
static void due_in_a_job(void **state)
{
    struct world w;
    struct source source;
    struct world_app a;
    (void)state;
    begin(&a, &w, &source, 60 * MINUTE);
    assert_int_equal(generate(&a), IAM_OK);
    world_sleep(&w, 50 * MINUTE + 1);
    source.pages = 9;
    source.page_ms = MINUTE;
    assert_int_equal(entities(&a), IAM_OK);
    assert_int_equal(source.asked, 1);
    source.page_ms = 0;
    assert_int_equal(generate(&a), IAM_OK);
    assert_int_equal(source.asked, 2);
    assert_string_equal(source.id, "ASIA0002");
    source.pages = 1;
    assert_int_equal(entities(&a), IAM_OK);
    end(&a, &w);
}

/* A job that another client has made: whose it was is not known, and the keys that are due are had anew before. */
static void due_in_anothers_job(void **state)
{
    struct world w;
    struct source source;
    struct world_app a;
    (void)state;
    begin(&a, &w, &source, 60 * MINUTE);
    assert_int_equal(generate(&a), IAM_OK);
    iam_client_end(&a.client);
    world_sleep(&w, 50 * MINUTE + 1);
    assert_int_equal(world_app(&w, &a, WORLD_PROVIDERS), IAM_OK);
    source.pages = 1;
    assert_int_equal(entities(&a), IAM_OK);
    assert_int_equal(source.asked, 2);
    assert_string_equal(source.id, "ASIA0002");
    end(&a, &w);
}

/* While this client connects another one has its keys renewed, and they are not there yet: nothing is sent. */
static bool keys_taken;

static int take_keys(struct world_stream *s)
{
    if (s->number == WORLD_PROVIDERS && !keys_taken) {
        keys_taken = true;
        iam_creds_renew(s->world->creds[0]);
        (void)iam_creds_next(s->world->creds[0]);
    }
    return IAM_OK;
}

static void keys_gone(void **state)
{
    struct world w;
    struct source source;
    struct world_app a;
    (void)state;
    begin(&a, &w, &source, 60 * MINUTE);
    w.connect = take_keys;
    keys_taken = false;
    assert_int_equal(generate(&a), IAM_ERR_SESSION);
    assert_true(keys_taken);
    assert_int_equal(w.requests, source.asked); /* the service heard nothing */
    assert_int_equal(generate(&a), IAM_OK);
    assert_string_equal(source.id, "ASIA0002");
    end(&a, &w);
}

/* They are due while the client pauses before it tries again: new ones come before the next request, though the
 * connection was kept. */
static int serve_busy(struct world_stream *s)
{
    struct source *source = s->world->context;
    if (source->code == NULL) {
        source->code = "Throttling";
        (void)serve_service(s);
    } else {
        source->code = NULL;
        (void)serve_service(s);
        source->code = "Throttling";
    }
    return 0;
}

static void due_in_a_pause(void **state)
{
    struct world w;
    struct source source;
    struct world_app a;
    (void)state;
    begin(&a, &w, &source, 60 * MINUTE);
    source.also = serve_busy;
    a.client.call.exchange.retry.max_attempts = 3;
    assert_int_equal(world_run(&w, 0), IAM_OK);
    const struct iam_creds *p = w.creds[0];
    world_sleep(&w, (uint64_t)p->due_ms - 1 - (p->exchange.now - p->got_at));
    assert_int_equal(generate(&a), IAM_OK);
    assert_int_equal(iam_client_stats(&a.client)->retries, 1);
    assert_int_equal(source.asked, 2);
    assert_string_equal(source.id, "ASIA0002");
    end(&a, &w);
}

/* They end in the middle of a job: said, not tried; generated again, all is well. */
static void session_ends(void **state)
{
    struct world w;
    struct source source;
    struct world_app a;
    unsigned requests;
    (void)state;
    begin(&a, &w, &source, 60 * MINUTE);
    assert_int_equal(generate(&a), IAM_OK);
    source.pages = 100;
    source.page_ms = MINUTE;
    assert_int_equal(entities(&a), IAM_ERR_SESSION);
    assert_int_equal(iam_client_fault(&a.client)->error, IAM_ERR_SESSION);
    assert_int_equal(iam_client_fault(&a.client)->layer, IAM_LAYER_FLOW);
    assert_string_equal(source.id, "ASIA0001"); /* the new ones were not shown to the service */
    assert_int_equal(source.fetches, 2);
    requests = w.requests;
    assert_int_equal(entities(&a), IAM_ERR_SESSION); /* that job is lost to this session */
    assert_int_equal(w.requests, requests);
    source.pages = 3;
    assert_int_equal(generate(&a), IAM_OK);
    assert_int_equal(entities(&a), IAM_OK);
    assert_string_equal(source.id, "ASIA0002");
    end(&a, &w);
}

/* The same through a checkpoint: another session hears it before anything is sent. */
static void session_in_a_checkpoint(void **state)
{
    struct iam_checkpoint place;
    struct world w;
    struct source source;
    struct world_app a;
    (void)state;
    for (int same = 0; same < 2; same++) {
        unsigned requests;
        begin(&a, &w, &source, 60 * MINUTE);
        source.pages = 2;
        static const struct iam_entities_request q = {.job_id = IAM_LITERAL(JOB),
                                                      .service_namespace = IAM_LITERAL("s3")};
        assert_int_equal(iam_entities_start(&a.client, &q), IAM_OK);
        assert_int_equal(iam_run(&a.client, UINT32_MAX), IAM_ITEM);
        assert_int_equal(iam_client_checkpoint(&a.client, &place), IAM_OK);
        for (size_t i = 0; i + 8 <= sizeof place.bytes; i++)
            assert_true(memcmp(place.bytes + i, "ASIA0001", 8) != 0);
        end(&a, &w);
        begin(&a, &w, &source, 60 * MINUTE);
        source.fetches = same ? 0 : 1;
        source.pages = 2;
        requests = w.requests;
        assert_int_equal(iam_resume(&a.client, &place), IAM_OK);
        assert_int_equal(finish(&a), same ? IAM_OK : IAM_ERR_SESSION);
        assert_int_equal(w.requests - requests, same ? 3 : 1);
        end(&a, &w);
    }
}

/* No keys: the client says so, the provider says why; and the service's no makes it fetch others. */
static void no_keys(void **state)
{
    struct world w;
    struct source source;
    struct world_app a;
    (void)state;
    begin(&a, &w, &source, 60 * MINUTE);
    source.down = true;
    assert_int_equal(generate(&a), IAM_ERR_CREDENTIALS);
    assert_int_equal(iam_client_fault(&a.client)->native, IAM_ERR_SERVICE);
    assert_int_equal(w.creds[0]->exchange.fault.status, 404);
    assert_memory_equal(w.creds[0]->exchange.fault.message.p, "no", 2);
    source.down = false;
    world_sleep(&w, 2000);
    assert_int_equal(generate(&a), IAM_OK);
    source.code = "ExpiredToken";
    assert_int_equal(generate(&a), IAM_ERR_SERVICE);
    source.code = NULL;
    assert_int_equal(generate(&a), IAM_OK);
    assert_int_equal(source.fetches, 2);
    end(&a, &w);
}

/* All steps of a chain and the client share tx and rx: what the lowest one's source said is there to be read
 * when the client has given up, and after the client has gone on with the keys in use. */
static void serve_refusal(struct world_stream *s)
{
    (void)s;
    world_answer(s, "403 Forbidden",
                 "<ErrorResponse><Error><Code>AccessDenied</Code><Message>bob may not assume the "
                 "role</Message></Error></ErrorResponse>");
}

static void words_of_a_chain(void **state)
{
    struct iam_creds_config fixed = {.kind = IAM_CREDS_STATIC};
    struct iam_creds_config role = {.kind = IAM_CREDS_ASSUME_ROLE};
    struct iam_config c = {0};
    struct world w;
    struct world_app a;
    (void)state;
    fixed.from.fixed.access_key_id = iam_span_of(WORLD_ID);
    fixed.from.fixed.secret_access_key = iam_span_of(WORLD_SECRET);
    role.from.sts.role.role_arn = iam_span_of("arn:aws:iam::123456789012:role/r");
    role.from.sts.role.session_name = iam_span_of("name");
    memset(&a, 0, sizeof a);
    world_init(&w, serve_refusal);
    assert_int_equal(world_creds(&w, 3, &fixed), IAM_OK);
    for (unsigned i = 3; i-- > 0;) {
        role.from.sts.base = w.creds[i + 1];
        assert_int_equal(world_creds(&w, i, &role), IAM_OK);
        w.creds[i]->exchange.cfg.tx = a.tx;
        w.creds[i]->exchange.cfg.rx = a.rx;
        w.creds[i]->exchange.cfg.tx_size = sizeof a.tx;
        w.creds[i]->exchange.cfg.rx_size = sizeof a.rx;
    }
    c.tx = a.tx;
    c.tx_size = sizeof a.tx;
    c.rx = a.rx;
    c.rx_size = sizeof a.rx;
    c.item = a.item;
    c.item_size = sizeof a.item;
    c.stream = &w.streams[WORLD_PROVIDERS].stream;
    c.system = &w.system;
    c.provider = w.creds[0];
    assert_int_equal(iam_client_init(&a.client, &c), IAM_OK);
    assert_int_equal(generate(&a), IAM_ERR_CREDENTIALS);
    assert_int_equal(w.requests, 1);
    for (int again = 0; again < 2; again++) {
        const struct iam_fault *f = &w.creds[2]->exchange.fault;
        assert_int_equal(w.creds[2]->error, IAM_ERR_SERVICE);
        assert_int_equal(f->code.n, 12);
        assert_memory_equal(f->code.p, "AccessDenied", 12);
        assert_int_equal(f->message.n, 27);
        assert_memory_equal(f->message.p, "bob may not assume the role", 27);
        for (unsigned i = 0; i < 2; i++) {
            assert_int_equal(w.creds[i]->error, IAM_ERR_CREDENTIALS);
            assert_memory_equal(w.creds[i]->exchange.fault.what.p, "provider", 8);
        }
        iam_client_end(&a.client);
    }
    world_end(&w);
}

/* The application answers by no, and takes its time: it is asked once. It is asked again when the pause has
 * passed since then, and not before. */
struct slow {
    struct world *world;
    uint64_t takes, answered;
    unsigned asked;
    int document;
};

static int refuse_slowly(void *context, struct iam_creds *p)
{
    struct slow *slow = context;
    slow->asked++;
    world_sleep(slow->world, slow->takes);
    slow->answered = slow->world->slept;
    if (slow->document)
        return iam_creds_give_document(p, iam_span_of("{\"Version\": 2}"));
    return IAM_ERR_CREDENTIALS;
}

static void slow_refusal(void **state)
{
    (void)state;
    for (int variant = 0; variant < 8; variant++) {
        struct iam_creds_config app = {.kind = IAM_CREDS_APPLICATION}, web = {0};
        struct slow slow = {NULL, variant & 1 ? 700000 : 3000, 0, 0, variant & 2};
        struct world w;
        struct world_app a;
        struct iam_config c = {0};
        bool chain = variant & 4;
        memset(&a, 0, sizeof a);
        world_init(&w, serve_refusal);
        slow.world = &w;
        app.ask = refuse_slowly;
        app.context = &slow;
        assert_int_equal(world_creds(&w, 1, &app), IAM_OK);
        web.kind = IAM_CREDS_ASSUME_ROLE;
        web.from.sts.role.role_arn = iam_span_of("arn:aws:iam::123456789012:role/r");
        web.from.sts.role.session_name = iam_span_of("name");
        web.from.sts.base = w.creds[1];
        assert_int_equal(world_creds(&w, 0, &web), IAM_OK);
        c.tx = a.tx;
        c.tx_size = sizeof a.tx;
        c.rx = a.rx;
        c.rx_size = sizeof a.rx;
        c.item = a.item;
        c.item_size = sizeof a.item;
        c.stream = &w.streams[WORLD_PROVIDERS].stream;
        c.system = &w.system;
        c.provider = w.creds[!chain];
        assert_int_equal(iam_client_init(&a.client, &c), IAM_OK);
        for (unsigned run = 1; run < 5; run++) {
            assert_int_equal(generate(&a), IAM_ERR_CREDENTIALS);
            assert_int_equal(slow.asked, run);
            assert_int_equal(generate(&a), IAM_ERR_CREDENTIALS); /* too early */
            assert_int_equal(slow.asked, run);
            assert_true(w.creds[1]->retry_at >= w.creds[1]->exchange.now);
            world_sleep(&w, 400); /* the first pause is half a second at least */
            assert_int_equal(generate(&a), IAM_ERR_CREDENTIALS);
            assert_int_equal(slow.asked, run);
            world_sleep(&w, 300000);
        }
        assert_int_equal(w.requests, 0);
        iam_client_end(&a.client);
        world_end(&w);
    }
}

/* Devices that are refused together do not come back together: a pause lies anywhere in its second half, by the seed. */
static void spread(void **state)
{
    unsigned tenths[10] = {0};
    (void)state;
    for (uint32_t seed = 0; seed < 400; seed++) {
        struct iam_creds_config c = {.kind = IAM_CREDS_CONTAINER};
        struct world w;
        c.from.container.relative_uri = iam_span_of("/");
        c.max_attempts = 1;
        world_init(&w, serve_refusal);
        w.seed = seed * 2654435761u;
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        assert_true(world_run(&w, 0) < 0);
        uint64_t pause = w.creds[0]->retry_at - w.creds[0]->exchange.now;
        assert_in_range(pause, 500, 1000);
        tenths[pause < 1000 ? (pause - 500) / 50 : 9]++;
        world_end(&w);
    }
    for (unsigned i = 0; i < 10; i++)
        assert_in_range(tenths[i], 10, 90);
}

/* However often it was refused: never more often than once in two and a half minutes, at last. */
static void refused_for_a_week(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 20; seed++) {
        struct iam_creds_config c = {.kind = IAM_CREDS_CONTAINER};
        struct world w;
        c.from.container.relative_uri = iam_span_of("/");
        c.max_attempts = 1;
        world_init(&w, serve_refusal);
        w.seed = seed * 2654435761u;
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        for (unsigned n = 0; n < 300; n++) {
            assert_true(world_run(&w, 0) < 0);
            assert_int_equal(w.requests, n + 1);
            uint64_t pause = w.creds[0]->retry_at - w.creds[0]->exchange.now;
            uint32_t most = n < 9 ? 1000u << n : 300000u;
            assert_in_range(pause, most / 2, most);
            world_sleep(&w, 300000);
        }
        world_end(&w);
    }
}

/* The client's deadline passes while keys are fetched: nothing of the fetch is left behind. */
static int never(struct world_stream *s)
{
    (void)s;
    return IAM_AGAIN;
}

static void deadline(void **state)
{
    struct world w;
    struct source source;
    struct world_app a;
    (void)state;
    begin(&a, &w, &source, 60 * MINUTE);
    a.client.call.exchange.cfg.deadline_ms = 500;
    w.connect = never;
    assert_int_equal(generate(&a), IAM_ERR_TIMEOUT_OPERATION);
    assert_in_range(w.slept, 500, 700);
    w.connect = NULL;
    assert_int_equal(generate(&a), IAM_OK);
    assert_int_equal(source.asked, 1);
    end(&a, &w);
}

/* One thing that a provider wants, by hand. */
static void move(struct world *w, struct iam_creds *p)
{
    struct iam_stream *s = &w->streams[0].stream;
    struct iam_exchange *e = &p->exchange;
    unsigned wants = iam_creds_wants(p);
    size_t n;
    if (wants & IAM_WANT_CLOSE) {
        s->ops->close(s);
        iam_exchange_closed(e, IAM_OK, 0);
    } else if (wants & IAM_WANT_OPEN) {
        uint16_t port;
        struct iam_span host = iam_exchange_host(e, &port);
        assert_int_equal(s->ops->open(s, host, port), IAM_OK);
        iam_exchange_opened(e);
    } else if (wants & IAM_WANT_SEND) {
        const void *data = iam_exchange_send_buf(e, &n);
        iam_exchange_send_ack(e, (size_t)s->ops->send(s, data, n));
    } else if (wants & IAM_WANT_RECV) {
        void *room = iam_exchange_recv_buf(e, &n);
        iam_exchange_recv_ack(e, (size_t)s->ops->recv(s, room, n));
    }
}

/* A fetch is dropped wherever it stands: it closes, wants nothing more, leaves nothing, and the next one is as good as
 * the first. */
static void dropped(void **state)
{
    unsigned wanted = 0; /* where it was dropped */
    (void)state;
    for (unsigned turns = 0;; turns++) {
        struct source source;
        struct world w;
        init(&w, &source, 3600000);
        w.chunk = w.send_chunk = 40;
        struct iam_creds *p = w.creds[0];
        for (unsigned i = 0; i < turns; i++) {
            iam_creds_time(p, w.mono, w.unix_ms);
            if (i % 2 == 0)
                (void)iam_creds_next(p);
            else
                move(&w, p);
        }
        if (p->keys.access_key_id.p != NULL) { /* it is over */
            world_end(&w);
            break;
        }
        bool open = w.streams[0].open;
        wanted |= iam_creds_wants(p);
        iam_creds_drop(p);
        assert_int_equal(iam_creds_wants(p) & ~(unsigned)IAM_WANT_CLOSE, 0);
        assert_true(!open || iam_creds_wants(p) == IAM_WANT_CLOSE);
        move(&w, p);
        assert_int_equal(iam_creds_wants(p), 0);
        if (turns > 0)
            assert_int_equal(iam_creds_next(p), IAM_OK);
        assert_int_equal(iam_creds_wants(p), 0);
        assert_null(p->keys.access_key_id.p);
        guard_look(w.keys[0].p, w.keys[0].n);
        for (size_t i = 0; i < w.keys[0].n; i++)
            assert_true(w.keys[0].p[i] == 0 ||
                        w.keys[0].p[i] == 0xA5); /* as guard_alloc() fills it */
        assert_int_equal(world_run(&w, 0), IAM_OK);
        assert_non_null(p->keys.access_key_id.p);
        assert_int_equal(p->exchange.attempts, 1);
        world_end(&w);
    }
    assert_true((wanted & IAM_WANT_SEND) && (wanted & IAM_WANT_RECV));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(restored),
        cmocka_unit_test(ahead_of_the_end),
        cmocka_unit_test(short_lives),
        cmocka_unit_test(any_clock),
        cmocka_unit_test(no_clock),
        cmocka_unit_test(source_down),
        cmocka_unit_test(no_storm),
        cmocka_unit_test(nothing_after_the_end),
        cmocka_unit_test(static_stability),
        cmocka_unit_test(client_fetches),
        cmocka_unit_test(due_in_a_job),
        cmocka_unit_test(due_in_anothers_job),
        cmocka_unit_test(keys_gone),
        cmocka_unit_test(no_turn_for_keys),
        cmocka_unit_test(due_in_a_pause),
        cmocka_unit_test(session_ends),
        cmocka_unit_test(session_in_a_checkpoint),
        cmocka_unit_test(no_keys),
        cmocka_unit_test(words_of_a_chain),
        cmocka_unit_test(slow_refusal),
        cmocka_unit_test(spread),
        cmocka_unit_test(refused_for_a_week),
        cmocka_unit_test(deadline),
        cmocka_unit_test(dropped),
    };
    return cmocka_run_group_tests_name("life", tests, NULL, NULL);
}
