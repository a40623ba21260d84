/* What an application gives, what a source says when it refuses, and what is left in memory at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <tinyiam/operation.h>

#include "world.h"

#include <cmocka.h>

static void is_text(struct iam_span s, const char *text)
{
    if (s.n != strlen(text) || memcmp(s.p ? s.p : "", text, s.n) != 0)
        fail_msg("\"%.*s\" is not \"%s\"", (int)s.n, s.p ? s.p : "", text);
}

/* ---- iam_creds_give() ---- */

struct gift {
    struct iam_credentials keys;
    const struct iam_time *expiration;
    int result;
};

static int give(void *context, struct iam_creds *p)
{
    struct gift *gift = context;
    gift->result = iam_creds_give(p, &gift->keys, gift->expiration);
    return IAM_OK;
}

static void given(void **state)
{
    static const struct iam_time hour = {.us = WORLD_NOW * 1000 + INT64_C(3600000000),
                                         .present = true};
    (void)state;
    for (int variant = 0; variant < 6; variant++) {
        struct gift gift = {.expiration = variant & 1 ? &hour : NULL, .result = 4711};
        struct iam_creds_config c = {.kind = IAM_CREDS_APPLICATION, .ask = give, .context = &gift};
        char id[] = WORLD_ID, secret[] = WORLD_SECRET, token[] = WORLD_TOKEN;
        struct world w;
        gift.keys.access_key_id = iam_span_of(id);
        gift.keys.secret_access_key = iam_span_of(variant == 4 ? "with a line\nend" : secret);
        if (variant == 5)
            token[1] = '\0'; /* one character is one, too */
        if (variant != 2)
            gift.keys.session_token = iam_span_of(token);
        world_init(&w, NULL);
        if (variant == 3)
            w.keys_size = strlen(id) + strlen(secret) + strlen(token) - 1;
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        struct iam_creds *p = w.creds[0];
        assert_int_equal(iam_creds_give(p, &gift.keys, NULL), IAM_ERR_STATE); /* nobody has asked */
        int want = variant == 3 ? IAM_ERR_SPACE : variant == 4 ? IAM_ERR_VALUE : IAM_OK;
        assert_int_equal(world_run(&w, 0), want);
        assert_int_equal(gift.result, want);
        const char one[] = {token[0], '\0'};
        memset(id, 'x', sizeof id - 1); /* they were copied */
        memset(secret, 'x', sizeof secret - 1);
        memset(token, 'x', sizeof token - 1);
        if (want == IAM_OK) {
            is_text(p->keys.access_key_id, WORLD_ID);
            is_text(p->keys.secret_access_key, WORLD_SECRET);
            is_text(p->keys.session_token, variant == 2 ? "" : variant == 5 ? one : WORLD_TOKEN);
            assert_int_equal(p->expiration.present, variant & 1);
            assert_true(!(variant & 1) || p->expiration.us == hour.us);
            assert_int_equal(p->failures, 0); /* the next refusal is the first one */
            assert_int_equal(p->retry_at, 0);
        } else {
            assert_int_equal(p->failures, 1);
            assert_int_equal(p->keys.access_key_id.n, 0);
        }
        if (variant == 3) {
            assert_int_equal(p->exchange.fault.error, IAM_ERR_SPACE);
            assert_int_equal(p->need, w.keys_size + 1);
        }
        world_end(&w);
    }
}

/* Room for the keys and not a byte more will do; and where new ones have room beside the old, those stay till then. */
static void given_into_the_room(void **state)
{
    size_t n = strlen(WORLD_ID) + strlen(WORLD_SECRET) + strlen(WORLD_TOKEN);
    (void)state;
    for (size_t room = n; room <= 2 * n; room++) {
        struct gift gift = {.result = 4711};
        struct iam_creds_config c = {.kind = IAM_CREDS_APPLICATION, .ask = give, .context = &gift};
        struct world w;
        gift.keys.access_key_id = iam_span_of(WORLD_ID);
        gift.keys.secret_access_key = iam_span_of(WORLD_SECRET);
        gift.keys.session_token = iam_span_of(WORLD_TOKEN);
        world_init(&w, NULL);
        w.keys_size = room;
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        struct iam_creds *p = w.creds[0];
        for (int time = 0; time < 3; time++) {
            gift.result = 4711;
            assert_int_equal(world_run(&w, 0), IAM_OK);
            assert_int_equal(gift.result, IAM_OK);
            is_text(p->keys.access_key_id, WORLD_ID);
            is_text(p->keys.secret_access_key, WORLD_SECRET);
            is_text(p->keys.session_token, WORLD_TOKEN);
            iam_creds_renew(p);
        }
        world_end(&w);
    }
}

/* A provider of the application's keys with so many bytes for them, which asks for them now. */
static struct iam_creds *asks_its_application(struct world *w, size_t room)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_APPLICATION};
    world_init(w, NULL);
    w->keys_size = room;
    assert_int_equal(world_creds(w, 0, &c), IAM_OK);
    iam_creds_time(w->creds[0], w->mono, w->unix_ms);
    assert_int_equal(iam_creds_next(w->creds[0]), IAM_AGAIN);
    return w->creds[0];
}

/* What is given instead turns out wrong: the keys in use stay where both have room, and are gone where they had to make
 * it. A document needs all of its bytes. */
static void wrong_at_last(void **state)
{
    static const struct iam_credentials keys = {IAM_LITERAL(WORLD_ID), IAM_LITERAL(WORLD_SECRET),
                                                IAM_LITERAL(WORLD_TOKEN)};
    static const struct iam_time past = {.us = 1, .present = true};
    static const char wrong[] = "{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":3}";
    size_t used = strlen(WORLD_ID) + strlen(WORLD_SECRET) + strlen(WORLD_TOKEN);
    (void)state;
    for (int document = 0; document < 2; document++) {
        size_t more = document ? strlen(wrong) : used;
        for (size_t room = used; room <= used + more + 2; room++) {
            struct world w;
            struct iam_creds *p = asks_its_application(&w, room);
            assert_int_equal(iam_creds_give(p, &keys, NULL), IAM_OK);
            assert_int_equal(iam_creds_next(p), IAM_OK);
            p->due_ms = 0; /* they are due, and not at their end */
            iam_creds_time(p, w.mono, w.unix_ms);
            assert_int_equal(iam_creds_next(p), IAM_AGAIN);
            assert_int_equal(iam_creds_wants(p), IAM_WANT_ASK);
            assert_int_equal(document ? iam_creds_give_document(p, iam_span_of(wrong))
                                      : iam_creds_give(p, &keys, &past),
                             IAM_ERR_VALUE);
            is_text(p->keys.access_key_id, room < used + more ? "" : WORLD_ID);
            is_text(p->keys.session_token, room < used + more ? "" : WORLD_TOKEN);
            world_end(&w);
        }
    }
}

/* A document that says nothing of an end, in as much room as it has bytes; what it needs is said where it has less. */
static void lasting_document(void **state)
{
    static const char text[] = "{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"S\"}";
    (void)state;
    for (size_t room = strlen(text) - 1; room < strlen(text) + 2; room++) {
        bool fits = room >= strlen(text);
        struct world w;
        struct iam_creds *p = asks_its_application(&w, room);
        assert_int_equal(iam_creds_give_document(p, iam_span_of(text)),
                         fits ? IAM_OK : IAM_ERR_SPACE);
        if (fits) {
            is_text(p->keys.access_key_id, "A");
            is_text(p->keys.secret_access_key, "S");
            is_text(p->keys.session_token, "");
            assert_false(p->expiration.present);
            assert_true(p->life_ms == INT64_MAX && p->due_ms == INT64_MAX);
        } else {
            assert_int_equal(p->exchange.fault.need, strlen(text));
        }
        world_end(&w);
    }
}

/* Words of a failure are kept if they lie among the keys; what begins where those end is somebody else's. */
static void words_behind_the_keys(void **state)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_APPLICATION};
    struct world w;
    (void)state;
    for (int behind = 0; behind < 2; behind++) {
        world_init(&w, NULL);
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        struct iam_creds *p = w.creds[0];
        iam_creds_time(p, w.mono, w.unix_ms);
        assert_int_equal(iam_creds_next(p), IAM_AGAIN);
        char *last = p->room + p->room_size - 1;
        *last = 'w';
        p->exchange.fault.code = (struct iam_span){last + behind, 1};
        iam_creds_refuse(p, IAM_ERR_CREDENTIALS);
        assert_ptr_equal(p->exchange.fault.code.p, behind ? last + 1 : p->room);
        assert_int_equal(p->room[0], behind ? 0 : 'w');
        assert_int_equal(*last, 0);
        p->exchange.fault.code = (struct iam_span){NULL, 0};
        world_end(&w);
    }
}

/* A provider of another kind takes no keys. */
static void not_for_others(void **state)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_WEB_IDENTITY};
    struct iam_credentials keys = {0};
    struct world w;
    (void)state;
    c.from.sts.region = iam_span_of("eu-west-1");
    c.from.sts.role.role_arn = iam_span_of("arn:aws:iam::123456789012:role/r");
    c.from.sts.role.session_name = iam_span_of("name");
    keys.access_key_id = iam_span_of("A");
    keys.secret_access_key = iam_span_of("S");
    world_init(&w, NULL);
    assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
    assert_int_equal(iam_creds_next(w.creds[0]), IAM_AGAIN);
    assert_int_equal(iam_creds_wants(w.creds[0]), IAM_WANT_ASK);
    assert_int_equal(iam_creds_give(w.creds[0], &keys, NULL), IAM_ERR_STATE);
    assert_int_equal(iam_creds_give_document(w.creds[0], iam_span_of("{\"Version\":1}")),
                     IAM_ERR_STATE);
    assert_int_equal(w.creds[0]->keys.access_key_id.n, 0);
    world_end(&w);
}

/* It has not asked, or has asked already; and what is longer than any room. */
static void not_now(void **state)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_APPLICATION};
    static const struct iam_credentials keys = {IAM_LITERAL(WORLD_ID), IAM_LITERAL(WORLD_SECRET),
                                                IAM_LITERAL(WORLD_TOKEN)};
    struct world w;
    (void)state;
    world_init(&w, NULL);
    assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
    struct iam_creds *p = w.creds[0];
    iam_creds_time(p, w.mono, w.unix_ms);
    assert_int_equal(iam_creds_give_document(p, iam_span_of("{}")), IAM_ERR_STATE);
    iam_creds_text(p, iam_span_of("text"));
    iam_creds_refuse(p, IAM_ERR_VALUE);
    assert_null(p->text.p);
    assert_int_equal(p->error, IAM_OK);
    assert_int_equal(iam_creds_next(p), IAM_AGAIN);
    assert_int_equal(iam_creds_wants(p), IAM_WANT_ASK);
    assert_int_equal(iam_creds_restore(p, &keys, NULL), IAM_ERR_STATE);
    assert_int_equal(p->keys.access_key_id.n, 0);
    assert_int_equal(iam_creds_give_document(p, (struct iam_span){WORLD_ID, SIZE_MAX}),
                     IAM_ERR_SPACE);
    assert_int_equal(p->need, UINT32_MAX);
    is_text(p->exchange.fault.what, "keys");
    world_end(&w);
}

/* Keys that are there from the beginning and for good. */
static void fixed(void **state)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_STATIC};
    struct world w;
    (void)state;
    c.from.fixed.access_key_id = iam_span_of(WORLD_ID);
    c.from.fixed.secret_access_key = iam_span_of(WORLD_SECRET);
    world_init(&w, NULL);
    assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
    struct iam_creds *p = w.creds[0];
    assert_int_equal(p->state, IAM_CREDS_FRESH);
    iam_creds_renew(p); /* there are no others */
    assert_int_equal(p->state, IAM_CREDS_FRESH);
    assert_int_equal(iam_creds_restore(p, &c.from.fixed, NULL), IAM_ERR_STATE);
    assert_int_equal(world_run(&w, 0), IAM_OK);
    is_text(p->keys.access_key_id, WORLD_ID);
    world_end(&w);
}

/* ---- STS ---- */

static int give_token(void *context, struct iam_creds *p)
{
    iam_creds_text(p, iam_span_of(context));
    return IAM_OK;
}

static void serve_no(struct world_stream *s)
{
    char body[512];
    snprintf(body, sizeof body,
             "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>m</Message></Error>"
             "<RequestId>r</RequestId></ErrorResponse>",
             (const char *)s->world->context);
    world_answer(s, "400 Bad Request", body);
}

/* STS refuses a web identity: there are no keys below that could be blamed. */
static void web_identity_refused(void **state)
{
    static const char *const codes[] = {"ExpiredToken", "ExpiredTokenException",
                                        "InvalidClientTokenId", "InvalidIdentityToken",
                                        "AccessDenied"};
    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        struct iam_creds_config c = {.kind = IAM_CREDS_WEB_IDENTITY};
        struct world w;
        c.from.sts.region = iam_span_of("eu-west-1");
        c.from.sts.role.role_arn = iam_span_of("arn:aws:iam::123456789012:role/r");
        c.from.sts.role.session_name = iam_span_of("name");
        c.ask = give_token;
        c.context = (void *)(uintptr_t) "token";
        world_init(&w, serve_no);
        w.context = (void *)(uintptr_t)codes[i];
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        assert_int_equal(world_run(&w, 0), IAM_ERR_SERVICE);
        is_text(w.creds[0]->exchange.fault.code, codes[i]);
        assert_int_equal(w.requests, 1);
        assert_null(w.creds[0]->from.sts.role.web_identity_token.p); /* the application's again */
        world_end(&w);
    }
}

/* Every character of ASCII, and one beyond, as the second of a name. */
static void characters(void **state)
{
    (void)state;
    for (int field = 0; field < 2; field++) {
        const char *others = field == 0 ? "_+=,.@-" : "_+=,.@:/-"; /* [\w+=,.@-]*, [\w+=,.@:\/-]* */
        for (int ch = 1; ch <= 0x80; ch++) {
            bool letter =
                (ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z');
            bool good = ch < 0x80 && (letter || strchr(others, ch) != NULL);
            struct iam_creds_config c = {.kind = IAM_CREDS_WEB_IDENTITY};
            struct iam_creds_config base = {.kind = IAM_CREDS_STATIC};
            char text[] = {'a', (char)ch, 'a', 0};
            struct world w;
            if (ch == 0x80)
                memcpy(text, "\xC3\xA9", 2);
            base.from.fixed.access_key_id = iam_span_of("AKIDBASE");
            base.from.fixed.secret_access_key = iam_span_of("basesecret");
            c.from.sts.region = iam_span_of("eu-west-1");
            c.from.sts.role.role_arn = iam_span_of("arn:aws:iam::123456789012:role/r");
            c.from.sts.role.session_name = iam_span_of(field == 0 ? text : "name");
            world_init(&w, serve_no);
            if (field == 1) {
                c.kind = IAM_CREDS_ASSUME_ROLE;
                c.from.sts.role.external_id = iam_span_of(text);
                assert_int_equal(world_creds(&w, 1, &base), IAM_OK);
                c.from.sts.base = w.creds[1];
            }
            if (world_creds(&w, 0, &c) != (good ? IAM_OK : IAM_ERR_ARGUMENT))
                fail_msg("%s with 0x%02X", field == 0 ? "RoleSessionName" : "ExternalId",
                         (unsigned)ch);
            world_end(&w);
        }
    }
}

/* ---- IMDS ---- */

static int never(struct world_stream *s)
{
    (void)s;
    return IAM_AGAIN;
}

/* Nobody is there, as on every machine that is no EC2's: a second, not the half minute of others. */
static void nobody_there(void **state)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_IMDS};
    struct world w;
    (void)state;
    for (uint32_t ms = 0; ms <= 5000; ms += 5000) {
        world_init(&w, NULL);
        w.connect = never;
        c.connect_ms = ms;
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        assert_int_equal(world_run(&w, 0), IAM_ERR_TIMEOUT_CONNECT);
        assert_in_range(w.slept, ms ? ms : 1000, (ms ? ms : 1000) + 100);
        world_end(&w);
    }
}

/* What an error says in characters beyond the first 65,536 is written as two escapes. */
static void serve_words(struct world_stream *s)
{
    world_answer(s, "403 Forbidden", s->world->context);
}

static void words(void **state)
{
    static const char *const pairs[][2] = {
        {"\\ud83d\\ude00", "\xF0\x9F\x98\x80"},     /* U+1F600 */
        {"\\uD800\\uDC00", "\xF0\x90\x80\x80"},     /* U+10000, the first */
        {"\\uDBFF\\uDFFF", "\xF4\x8F\xBF\xBF"},     /* U+10FFFF, the last */
        {"\\uD834\\uDD1E x", "\xF0\x9D\x84\x9E x"}, /* U+1D11E */
        {"\\uFFFF\\u00e9", "\xEF\xBF\xBF\xC3\xA9"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct iam_creds_config c = {.kind = IAM_CREDS_CONTAINER};
        char body[256];
        struct world w;
        snprintf(body, sizeof body, "{\"code\":\"No\",\"message\":\"%s\"}", pairs[i][0]);
        c.from.container.relative_uri = iam_span_of("/");
        world_init(&w, serve_words);
        w.context = body;
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        assert_int_equal(world_run(&w, 0), IAM_ERR_SERVICE);
        is_text(w.creds[0]->exchange.fault.message, pairs[i][1]);
        world_end(&w);
    }
}

/* A refusal in whatever form: the code and the words that it has, else the status and its reason. */
static void refusals(void **state)
{
    static const struct {
        const char *body, *code, *message;
    } rows[] = {
        {"", "403", "Forbidden"},
        {"<html>no</html>", "403", "Forbidden"},
        {"{\"code\":1}", "403", "Forbidden"},
        {"{\"code\":\"A\"}", "A", "Forbidden"},
        {"{\"Code\":\"B\",\"message\":\"why\"}", "B", "why"},
        {"{\"code\":\"A\",\"Code\":\"B\",\"Message\":\"because\"}", "A", "because"},
        {"{\"message\":\"why\",\"Message\":\"because\"}", "403", "why"},
        {"{\"error\":\"x\"}", "403", "Forbidden"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct iam_creds_config c = {.kind = IAM_CREDS_CONTAINER};
        struct world w;
        c.from.container.relative_uri = iam_span_of("/");
        world_init(&w, serve_words);
        w.context = (void *)(uintptr_t)rows[i].body;
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        assert_int_equal(world_run(&w, 0), IAM_ERR_SERVICE);
        is_text(w.creds[0]->exchange.fault.code, rows[i].code);
        is_text(w.creds[0]->exchange.fault.message, rows[i].message);
        world_end(&w);
    }
}

/* One step by hand: what the provider wanted, and has got. To be closed it waits. */
static unsigned turn(struct world *w, const char *reply)
{
    struct iam_exchange *e = &w->creds[0]->exchange;
    unsigned wants;
    size_t n;

    iam_creds_time(w->creds[0], w->mono, w->unix_ms);
    assert_int_equal(iam_creds_next(w->creds[0]), IAM_AGAIN);
    wants = iam_creds_wants(w->creds[0]);
    if (wants & IAM_WANT_CLOSE)
        return wants;
    if (wants & IAM_WANT_OPEN) {
        iam_exchange_opened(e);
    } else if (wants & IAM_WANT_SEND) {
        (void)iam_exchange_send_buf(e, &n);
        iam_exchange_send_ack(e, n);
    } else {
        assert_true(wants & IAM_WANT_RECV);
        char *to = iam_exchange_recv_buf(e, &n);
        assert_true(n >= strlen(reply));
        memcpy(to, reply, strlen(reply));
        iam_exchange_recv_ack(e, strlen(reply));
    }
    return wants;
}

/* Dropped when the outcome is known, and only the connection is left to close: it keeps what was said. */
static void dropped_at_the_end(void **state)
{
    static const char reply[] = "HTTP/1.1 403 Forbidden\r\nContent-Length: 26\r\n\r\n"
                                "{\"code\":\"A\",\"message\":\"B\"}";
    struct iam_creds_config c = {.kind = IAM_CREDS_CONTAINER};
    struct world w;
    (void)state;
    c.from.container.relative_uri = iam_span_of("/");
    world_init(&w, NULL);
    assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
    struct iam_exchange *e = &w.creds[0]->exchange;
    for (int turns = 0; (turn(&w, reply) & IAM_WANT_CLOSE) == 0; turns++)
        assert_true(turns < 10);
    iam_creds_drop(w.creds[0]);
    iam_exchange_closed(e, IAM_OK, 0);
    assert_int_equal(iam_creds_next(w.creds[0]), IAM_ERR_SERVICE);
    is_text(e->fault.code, "A");
    is_text(e->fault.message, "B");
    world_end(&w);
}

/* ---- the end ---- */

static bool any(const struct guard *g)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->p[i] != 0)
            return true;
    return false;
}

/* It ends in the middle of a reply: neither buffer holds what came. */
static void ended_early(void **state)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_CONTAINER};
    struct world w;
    (void)state;
    c.from.container.relative_uri = iam_span_of("/");
    c.max_attempts = 1;
    static const char reply[] =
        "HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n{\"SecretAccessKey\":\"" WORLD_SECRET;
    world_init(&w, NULL);
    assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
    memset(w.rx[0].p, 0, w.rx[0].n); /* so that any() sees what has come */
    memset(w.keys[0].p, 0, w.keys[0].n);
    for (int turns = 0; !any(&w.rx[0]); turns++) {
        assert_true(turns < 10);
        (void)turn(&w, reply);
    }
    assert_true(turn(&w, WORLD_SECRET) &
                IAM_WANT_RECV); /* what came is among the keys, and more has come */
    assert_true(any(&w.rx[0]));
    assert_true(any(&w.keys[0]));
    iam_creds_end(w.creds[0]);
    assert_false(any(&w.rx[0]));
    assert_false(any(&w.keys[0]));
    assert_false(any(&w.memory[0]));
    world_end(&w);
}

static void serve_keys(struct world_stream *s)
{
    world_answer(s, "200 OK", s->world->context);
}

/* Buffers of a byte hold no secret either, once a fetch is over, has failed or is dropped in the middle of a request. */
static void last_bytes(void **state)
{
    (void)state;
    for (int how = 0; how < 3; how++) {
        for (size_t size = 1; size <= 3; size++) {
            struct iam_creds_config c = {.kind = IAM_CREDS_CONTAINER};
            struct world w;
            c.from.container.relative_uri = iam_span_of("/");
            c.max_attempts = 1;
            world_init(&w, how ? serve_words : serve_keys);
            w.tx_size = w.rx_size = size;
            w.context = how ? (void *)(uintptr_t) "{\"code\":\"A\"}"
                            : (void *)(uintptr_t)world_document(WORLD_CONTAINER, WORLD_UNTIL);
            assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
            struct iam_creds *p = w.creds[0];
            if (how < 2) {
                assert_int_equal(world_run(&w, 0), how ? IAM_ERR_SERVICE : IAM_OK);
            } else {
                iam_creds_time(p, w.mono, w.unix_ms);
                for (int turns = 0; (iam_creds_wants(p) & IAM_WANT_SEND) == 0; turns++) {
                    assert_true(turns < 10);
                    (void)turn(&w, "");
                    (void)iam_creds_next(p);
                }
                assert_true(any(&w.tx[0]));
                memset(w.rx[0].p, 0, size);
                iam_creds_drop(p);
            }
            assert_false(any(&w.tx[0]));
            assert_false(any(&w.rx[0]));
            world_end(&w);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(given),
        cmocka_unit_test(given_into_the_room),
        cmocka_unit_test(wrong_at_last),
        cmocka_unit_test(lasting_document),
        cmocka_unit_test(words_behind_the_keys),
        cmocka_unit_test(not_for_others),
        cmocka_unit_test(not_now),
        cmocka_unit_test(fixed),
        cmocka_unit_test(refusals),
        cmocka_unit_test(dropped_at_the_end),
        cmocka_unit_test(web_identity_refused),
        cmocka_unit_test(characters),
        cmocka_unit_test(nobody_there),
        cmocka_unit_test(words),
        cmocka_unit_test(ended_early),
        cmocka_unit_test(last_bytes),
    };
    return cmocka_run_group_tests_name("answers", tests, NULL, NULL);
}
