/* Every way in which a provider's configuration, or a source's answer, is refused, and the member that is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "world.h"

#include <cmocka.h>

static void is_text(struct iam_span s, const char *text)
{
    if (s.n != strlen(text) || memcmp(s.p, text, s.n) != 0)
        fail_msg("\"%.*s\" is not \"%s\"", (int)s.n, s.p ? s.p : "", text);
}

static struct iam_creds_config of_kind(enum iam_creds_kind kind)
{
    struct iam_creds_config c = {.kind = kind};
    c.from.sts.region = iam_span_of("eu-west-1");
    c.from.sts.role.role_arn = iam_span_of("arn:aws:iam::123456789012:role/r");
    c.from.sts.role.session_name = iam_span_of("name");
    return c;
}

/* ---- configurations ---- */

static void is_refused(const struct iam_creds_config *c, int result, const char *what)
{
    struct world w;
    world_init(&w, NULL);
    assert_int_equal(world_creds(&w, 0, c), result);
    assert_int_equal(w.creds[0]->exchange.fault.error, result);
    assert_int_equal(w.creds[0]->exchange.fault.layer,
                     result < 0 ? IAM_LAYER_CALLER : IAM_LAYER_NONE);
    if (what != NULL)
        is_text(w.creds[0]->exchange.fault.what, what);
    world_end(&w);
}

static void configurations(void **state)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_STATIC};
    (void)state;
    is_refused(&c, IAM_ERR_CREDENTIALS, "AccessKeyId");
    c.from.fixed.access_key_id = iam_span_of("AKID\n");
    c.from.fixed.secret_access_key = iam_span_of("secret");
    is_refused(&c, IAM_ERR_CREDENTIALS, "AccessKeyId");
    c.from.fixed.access_key_id = iam_span_of("AKID");
    c.from.fixed.session_token = iam_span_of("token\r\nX: y");
    is_refused(&c, IAM_ERR_CREDENTIALS, "SessionToken");

    c = (struct iam_creds_config){.kind = (enum iam_creds_kind)200};
    is_refused(&c, IAM_ERR_STATE, "kind: not compiled in");

    c = (struct iam_creds_config){.kind = IAM_CREDS_IOT};
    c.endpoint = iam_span_of("e");
    c.from.iot.role_alias = iam_span_of("a/b");
    is_refused(&c, IAM_ERR_ARGUMENT, "role_alias");
    c.from.iot.role_alias = iam_span_of("");
    is_refused(&c, IAM_ERR_ARGUMENT, "role_alias");
    c.from.iot.role_alias = iam_span_of("a");
    c.from.iot.thing_name = iam_span_of("t t");
    is_refused(&c, IAM_ERR_ARGUMENT, "thing_name");

    c.from.iot.thing_name = iam_span_of("t");
    is_refused(&c, IAM_OK, NULL);
    c.endpoint = iam_span_of(""); /* there is none that all accounts share */
    is_refused(&c, IAM_ERR_ARGUMENT, "endpoint");
    c.endpoint = iam_span_of(NULL);
    is_refused(&c, IAM_ERR_ARGUMENT, "endpoint");

    c = (struct iam_creds_config){.kind = IAM_CREDS_CONTAINER};
    c.from.container.relative_uri = iam_span_of("v2/x");
    is_refused(&c, IAM_ERR_ARGUMENT, "relative_uri");
    c.from.container.relative_uri = iam_span_of("/v2/ x");
    is_refused(&c, IAM_ERR_ARGUMENT, "relative_uri");

#if CONFIG_TINYIAM_CREDS_SSO
    c = (struct iam_creds_config){.kind = IAM_CREDS_SSO};
    c.endpoint = iam_span_of("e");
    c.from.sso.account_id = iam_span_of("123456789012");
    c.from.sso.role_name = iam_span_of("");
    is_refused(&c, IAM_ERR_ARGUMENT, "role_name");
    c.from.sso.role_name = iam_span_of("r");
    c.from.sso.account_id = iam_span_of("");
    is_refused(&c, IAM_ERR_ARGUMENT, "account_id");
#endif

    c = of_kind(IAM_CREDS_ASSUME_ROLE);
    is_refused(&c, IAM_ERR_ARGUMENT, "base");
    c = of_kind(IAM_CREDS_WEB_IDENTITY);
    c.endpoint = iam_span_of("127.0.0.1:4566");
    c.from.sts.region = iam_span_of("a b");
    is_refused(&c, IAM_ERR_REGION, "region");
    c.from.sts.region = iam_span_of("eu-west-1");
    is_refused(&c, IAM_OK, NULL);
}

static void no_room(void **state)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_APPLICATION};
    struct iam_creds p;
    char room[1];
    (void)state;
    assert_int_equal(iam_creds_init(&p, &c, 1), IAM_ERR_ARGUMENT);
    is_text(p.exchange.fault.what, "keys");
    c.keys = room;
    assert_int_equal(iam_creds_init(&p, &c, 1), IAM_ERR_ARGUMENT);
    c.keys_size = (size_t)INT32_MAX + 1;
    assert_int_equal(iam_creds_init(&p, &c, 1), IAM_ERR_ARGUMENT);
    c.keys_size = INT32_MAX; /* it is not touched yet */
    assert_int_equal(iam_creds_init(&p, &c, 1), IAM_OK);
    c.keys_size = sizeof room;
    assert_int_equal(iam_creds_init(&p, &c, 1), IAM_OK);
}

/* ---- answers ---- */

static const char *token, *role;

static void serve_imds(struct world_stream *s)
{
    if (world_asked(s, "PUT "))
        world_answer(s, "200 OK", token);
    else
        world_answer(s, "200 OK", role);
}

static void imds(void **state)
{
    static const struct {
        const char *token, *role;
        int result;
        const char *what;
    } rows[] = {{"", "r", IAM_ERR_VALUE, "token"},
                {"a b", "r", IAM_ERR_VALUE, "token"},
                {"T", "", IAM_ERR_FOREIGN, "role name"},
                {"T", " \n", IAM_ERR_FOREIGN, "role name"},
                {"T", "two\nroles", IAM_ERR_VALUE, "role name"},
                {"T", "<html>", IAM_ERR_VALUE, "role name"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct iam_creds_config c = {.kind = IAM_CREDS_IMDS};
        struct world w;
        token = rows[i].token;
        role = rows[i].role;
        world_init(&w, serve_imds);
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        assert_int_equal(world_run(&w, 0), rows[i].result);
        is_text(w.creds[0]->exchange.fault.what, rows[i].what);
        world_end(&w);
    }
}

static void serve_text(struct world_stream *s)
{
    world_answer(s, "200 OK", s->world->context);
}

static int give_token(void *context, struct iam_creds *p)
{
    iam_creds_text(p, iam_span_of(context));
    return IAM_OK;
}

/* STS leaves out a member each, or the text of it. */
static void sts(void **state)
{
    static const char *const names[] = {"AccessKeyId", "SecretAccessKey", "SessionToken",
                                        "Expiration"};
    static const char *const values[] = {WORLD_ID, WORLD_SECRET, WORLD_TOKEN, WORLD_UNTIL};
    (void)state;
    for (size_t without = 0; without < 10; without++) {
        struct iam_creds_config c = of_kind(IAM_CREDS_WEB_IDENTITY);
        char body[2048];
        size_t n = 0;
        struct world w;
        n += (size_t)snprintf(
            body + n, sizeof body - n,
            "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult>%s",
            without != 5 ? "<Credentials>" : "");
        for (size_t i = 0; i < 4 && without != 5; i++)
            if (i != without)
                n += (size_t)snprintf(body + n, sizeof body - n, "<%s>%s</%s>", names[i],
                                      i + 6 == without ? "" : values[i], names[i]);
        snprintf(body + n, sizeof body - n,
                 "%s</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>",
                 without != 5 ? "</Credentials>" : "");
        c.ask = give_token;
        c.context = (void *)(uintptr_t) "token";
        world_init(&w, serve_text);
        w.context = body;
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        assert_int_equal(world_run(&w, 0), without == 4  ? IAM_OK
                                           : without > 5 ? IAM_ERR_VALUE
                                                         : IAM_ERR_MEMBER);
        if (without != 4)
            is_text(w.creds[0]->exchange.fault.what,
                    without == 5 ? "Credentials" : names[without % 6]);
        world_end(&w);
    }
}

/* Keys count once the whole reply is there, and if they are the only ones in it. */
static void sts_whole(void **state)
{
    (void)state;
    for (size_t times = 0; times < 6; times++) {
        for (int broken = 0; broken < 2; broken++) {
            struct iam_creds_config c = of_kind(IAM_CREDS_WEB_IDENTITY);
            char body[4096];
            size_t n = 0;
            struct world w;
            n += (size_t)snprintf(body + n, sizeof body - n,
                                  "<AssumeRoleWithWebIdentityResponse>"
                                  "<AssumeRoleWithWebIdentityResult>");
            for (size_t i = 0; i < times; i++)
                n += (size_t)snprintf(
                    body + n, sizeof body - n,
                    "<Credentials><AccessKeyId>A%zu</AccessKeyId><SecretAccessKey>S"
                    "</SecretAccessKey><SessionToken>T</SessionToken><Expiration>%s</Expiration>"
                    "</Credentials>",
                    i, WORLD_UNTIL);
            snprintf(body + n, sizeof body - n,
                     "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse%s",
                     broken ? "s>" : ">");
            c.ask = give_token;
            c.context = (void *)(uintptr_t) "token";
            c.max_attempts = 1;
            world_init(&w, serve_text);
            w.context = body;
            assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
            assert_int_equal(world_run(&w, 0), broken       ? IAM_ERR_XML_TAG
                                               : times == 1 ? IAM_OK
                                                            : IAM_ERR_MEMBER);
            if (!broken && times != 1)
                is_text(w.creds[0]->exchange.fault.what, "Credentials");
            assert_int_equal(w.creds[0]->keys.access_key_id.n, !broken && times == 1 ? 2 : 0);
            world_end(&w);
        }
    }
}

/* The application's token is none: nothing is asked of STS. */
static void no_token(void **state)
{
    static char long_token[20002];
    (void)state;
    memset(long_token, 't', sizeof long_token - 1);
    for (int empty = 0; empty < 2; empty++) {
        struct iam_creds_config c = of_kind(IAM_CREDS_WEB_IDENTITY);
        struct world w;
        c.ask = give_token;
        c.context = empty ? (void *)(uintptr_t) "" : (void *)long_token;
        world_init(&w, serve_text);
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        assert_int_equal(world_run(&w, 0), IAM_ERR_ARGUMENT);
        is_text(w.creds[0]->exchange.fault.what, "WebIdentityToken");
        assert_int_equal(w.creds[0]->exchange.fault.error, IAM_ERR_ARGUMENT);
        assert_int_equal(w.creds[0]->exchange.fault.layer, IAM_LAYER_CALLER);
        assert_int_equal(w.requests, 0);
        assert_int_equal(w.open_now, 0);
        /* and by hand: there is nothing to close */
        struct iam_creds *p = w.creds[0];
        world_sleep(&w, 600000);
        iam_creds_time(p, w.mono, w.unix_ms);
        assert_int_equal(iam_creds_next(p), IAM_AGAIN);
        assert_int_equal(iam_creds_wants(p), IAM_WANT_ASK);
        iam_creds_text(p, iam_span_of(c.context));
        assert_int_equal(iam_creds_next(p), IAM_ERR_ARGUMENT);
        assert_int_equal(iam_creds_wants(p), 0);
        world_end(&w);
    }
}

/* An endpoint of one's own is the one that is asked. */
static void sts_endpoint(void **state)
{
    struct iam_creds_config c = of_kind(IAM_CREDS_WEB_IDENTITY);
    struct world w;
    uint16_t port;
    (void)state;
    c.endpoint = iam_span_of("127.0.0.1:4566");
    world_init(&w, NULL);
    assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
    is_text(iam_exchange_host(&w.creds[0]->exchange, &port), "127.0.0.1");
    assert_int_equal(port, 4566);
    is_text(w.creds[0]->query.signing_region, "eu-west-1");
    world_end(&w);
}

/* STS refuses the keys below: they are not used again. */
static bool breaks_off;

static void serve_expired(struct world_stream *s)
{
    const char *body = s->world->context;
    world_printf(s, "HTTP/1.1 403 Forbidden\r\nContent-Length: %zu\r\n\r\n%s",
                 strlen(body) + breaks_off, body);
    s->after = breaks_off ? IAM_EOF : 0;
}

static unsigned asked;

static int give_keys(void *context, struct iam_creds *p)
{
    struct iam_credentials keys = {0};
    (void)context;
    asked++;
    keys.access_key_id = iam_span_of("AKIDBASE");
    keys.secret_access_key = iam_span_of("basesecret");
    return iam_creds_give(p, &keys, NULL);
}

static void base_is_blamed(void **state)
{
    static const char *const codes[] = {"AccessDenied", "ExpiredToken", "ExpiredToken"};
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        breaks_off = i == 2; /* who knows what it would have said */
        struct iam_creds_config base = {.kind = IAM_CREDS_APPLICATION, .ask = give_keys};
        struct iam_creds_config c = of_kind(IAM_CREDS_ASSUME_ROLE);
        char body[256];
        struct world w;
        snprintf(body, sizeof body, "<ErrorResponse><Error><Code>%s</Code></Error></ErrorResponse>",
                 codes[i]);
        world_init(&w, serve_expired);
        w.context = body;
        asked = 0;
        assert_int_equal(world_creds(&w, 1, &base), IAM_OK);
        c.from.sts.base = w.creds[1];
        c.max_attempts = 1;
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        assert_int_equal(world_run(&w, 0), breaks_off ? IAM_ERR_TRUNCATED : IAM_ERR_SERVICE);
        assert_int_equal(asked, 1);
        world_sleep(&w, 600000);
        assert_int_equal(world_run(&w, 0), breaks_off ? IAM_ERR_TRUNCATED : IAM_ERR_SERVICE);
        assert_int_equal(asked, i == 1 ? 2 : 1);
        world_end(&w);
    }
}

/* An object there twice is named, too. */
static void twice(void **state)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_IOT};
    struct world w;
    (void)state;
    c.endpoint = iam_span_of("e");
    c.from.iot.role_alias = iam_span_of("a");
    world_init(&w, serve_text);
    w.context = "{\"credentials\":{},\"credentials\":{}}";
    assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
    assert_int_equal(world_run(&w, 0), IAM_ERR_MEMBER);
    is_text(w.creds[0]->exchange.fault.what, "credentials");
    world_end(&w);
}

/* ---- room ---- */

struct gift {
    struct world *world;
    bool document;
    unsigned times;
};

/* For ten minutes. */
static int give(void *context, struct iam_creds *p)
{
    struct gift *gift = context;
    static const char *const documents[] = {
        "{\"Version\":1,\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":\"secretsecretsecret\","
        "\"Expiration\":\"2018-10-24T19:57:31Z\"}",
        "{\"Version\":1,\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":\"other\","
        "\"Expiration\":\"2018-10-24T23:57:31Z\"}"};
    struct iam_credentials keys = {0};
    struct iam_time end = {.us = gift->world->unix_ms * 1000 + 600000000, .present = true};
    keys.access_key_id = iam_span_of("AKIDAKIDAKIDAKID");
    keys.secret_access_key = iam_span_of("secretsecretsecretsecretsecretsecretsecretsecret");
    return gift->document ? iam_creds_give_document(p, iam_span_of(documents[gift->times++ > 0]))
                          : (gift->times++, iam_creds_give(p, &keys, &end));
}

/* Room for new keys only where the old ones are, which are still good; and none at all. */
static void room(void **state)
{
    (void)state;
    for (int variant = 0; variant < 4; variant++) {
        struct world w;
        struct gift gift = {.world = &w, .document = variant & 1};
        struct iam_creds_config c = {.kind = IAM_CREDS_APPLICATION, .ask = give, .context = &gift};
        bool fits = !(variant & 2);
        world_init(&w, NULL);
        w.keys_size = !fits ? 16 : gift.document ? 112 : 100;
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        for (unsigned i = 1; i <= 2; i++) {
            assert_int_equal(world_run(&w, 0), fits ? IAM_OK : IAM_ERR_SPACE);
            assert_int_equal(gift.times, i);
            if (!fits)
                is_text(w.creds[0]->exchange.fault.what, "keys");
            world_sleep(&w, fits ? 400000 : 600000);
            iam_creds_time(w.creds[0], w.mono, w.unix_ms);
            assert_true(!fits || i == 2 || w.creds[0]->state == IAM_CREDS_DUE);
        }
        world_end(&w);
    }
}

/* New keys that have no room at all, while the old ones are still good: those are kept, and nobody is asked twice. */
static void serve_growing(struct world_stream *s)
{
    char long_token[1500], body[2000];
    bool first = s->world->requests == 1;
    memset(long_token, 't', sizeof long_token);
    long_token[first ? 10 : sizeof long_token - 1] = 0;
    snprintf(body, sizeof body,
             "{\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"S\",\"Token\":\"%s\","
             "\"Expiration\":\"" WORLD_UNTIL "\"}",
             first ? "A1" : "A2", long_token);
    world_answer(s, "200 OK", body);
}

static void grown(void **state)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_CONTAINER};
    struct world w;
    (void)state;
    c.from.container.relative_uri = iam_span_of("/");
    world_init(&w, serve_growing);
    w.keys_size = 1000;
    assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
    assert_int_equal(world_run(&w, 0), IAM_OK);
    world_sleep(&w, 51 * 60000);
    assert_int_equal(world_run(&w, 0), IAM_OK);
    const struct iam_creds *p = w.creds[0];
    assert_int_equal(w.requests, 2);
    assert_int_equal(p->error, IAM_ERR_SPACE);
    assert_in_range(p->need, 1501, 1700);
    is_text(p->keys.access_key_id, "A1");
    is_text(p->keys.session_token, "tttttttttt");
    world_end(&w);
}

/* ---- IMDS, further ---- */

static const char *imds_code;
static int imds_end; /* how the connection ends at once; 0: it does not */

static void serve_odd(struct world_stream *s)
{
    char last[200];
    snprintf(last, sizeof last, "GET /latest/meta-data/iam/security-credentials/%s HTTP", role);
    if (world_asked(s, "PUT ")) {
        s->answered = imds_end != 0;
        s->after = imds_end;
        if (imds_end == 0)
            world_printf(s, "HTTP/1.1 200 OK\r\n%sContent-Length: 1\r\n\r\nT", token);
    } else if (!world_asked(s, last)) {
        world_answer(s, "200 OK", role);
    } else {
        world_answer(s, "200 OK", imds_code ? imds_code : world_document(WORLD_IMDS, WORLD_UNTIL));
    }
}

static int run_imds(struct world *w, const struct iam_creds_config *c)
{
    world_init(w, serve_odd);
    assert_int_equal(world_creds(w, 0, c), IAM_OK);
    return world_run(w, 0);
}

/* Names of roles have these characters, up to 128 of them. */
static void role_names(void **state)
{
    static char longest[130];
    static const char *const names[] = {"my_role", "a+b=c,d.e@f-g", "AZaz09", longest,
                                        "a{b",     "a[b",           "a/b",    longest};
    struct iam_creds_config c = {.kind = IAM_CREDS_IMDS};
    struct world w;
    (void)state;
    imds_code = NULL;
    imds_end = 0;
    token = "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        memset(longest, 'r', 129);
        longest[i < 4 ? 128 : 129] = 0;
        role = names[i];
        assert_int_equal(run_imds(&w, &c), i < 4 ? IAM_OK : IAM_ERR_VALUE);
        if (i >= 4)
            is_text(w.creds[0]->exchange.fault.what, "role name");
        world_end(&w);
    }
}

/* Why there are no keys goes before what of them is missing. */
static void no_success(void **state)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_IMDS};
    struct world w;
    (void)state;
    role = "r";
    token = "";
    imds_end = 0;
    imds_code = "{\"Code\":\"AssumeRoleUnauthorizedAccess\",\"Message\":\"why\"}";
    assert_int_equal(run_imds(&w, &c), IAM_ERR_SERVICE);
    is_text(w.creds[0]->exchange.fault.code, "AssumeRoleUnauthorizedAccess");
    is_text(w.creds[0]->exchange.fault.message, "why");
    world_end(&w);
    imds_code = "{\"Code\":\"Success\"}";
    assert_int_equal(run_imds(&w, &c), IAM_ERR_MEMBER);
    is_text(w.creds[0]->exchange.fault.what, "AccessKeyId");
    world_end(&w);
    imds_code = NULL;
}

/* Version 1 is for a source that has no tokens, not for one that cannot be reached; what the transport says stays. */
static void no_version_1(void **state)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_IMDS};
    struct world w;
    (void)state;
    role = "r";
    token = "";
    c.from.imds.v1 = true;
    imds_end = IAM_ERR_RESET;
    assert_int_equal(run_imds(&w, &c), IAM_ERR_RESET);
    is_text(w.creds[0]->exchange.fault.what, "token");
    assert_int_equal(w.requests, 1);
    world_end(&w);
    imds_end = 0;
    token = "Content-Encoding: gzip\r\n";
    assert_int_equal(run_imds(&w, &c), IAM_ERR_HTTP_ENCODING);
    is_text(w.creds[0]->exchange.fault.what, "gzip");
    world_end(&w);
    token = "";
}

/* Which of the three requests failed is told. */
static const char *refused_part;

static void serve_but(struct world_stream *s)
{
    static const char *const parts[] = {"PUT ", "GET /latest/meta-data/iam/security-credentials/ ",
                                        "GET "};
    static const char *const names[] = {"token", "role name", "keys"};
    size_t i = 0;
    while (!world_asked(s, parts[i]))
        i++;
    if (strcmp(refused_part, names[i]) == 0)
        world_answer(s, "400 Bad Request", "");
    else
        world_answer(s, "200 OK", i == 0 ? "T" : "r");
}

static void parts_of_imds(void **state)
{
    static const char *const names[] = {"token", "role name", "keys"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct iam_creds_config c = {.kind = IAM_CREDS_IMDS};
        struct world w;
        refused_part = names[i];
        world_init(&w, serve_but);
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        assert_int_equal(world_run(&w, 0), IAM_ERR_SERVICE);
        assert_int_equal(w.requests, i + 1);
        is_text(w.creds[0]->exchange.fault.what, names[i]);
        world_end(&w);
    }
}

/* Settings that are given go before a source's own. */
static void settings(void **state)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_IMDS};
    struct world w;
    uint16_t port;
    (void)state;
    for (int given = 0; given < 2; given++) {
        c.kind = IAM_CREDS_IMDS;
        c.endpoint = given ? iam_span_of("[fd00:ec2::254]:8080") : iam_span_of(NULL);
        c.connect_ms = given ? 7000 : 0;
        c.response_ms = given ? 8000 : 0;
        c.max_attempts = given ? 4 : 0;
        world_init(&w, NULL);
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        const struct iam_exchange *e = &w.creds[0]->exchange;
        assert_int_equal(e->cfg.max_attempts, given ? 4 : 1);
        is_text(iam_exchange_host(e, &port), given ? "fd00:ec2::254" : "169.254.169.254");
        assert_int_equal(port, given ? 8080 : 80);
        assert_int_equal(e->cfg.connect_ms, given ? 7000 : 1000);
        assert_int_equal(e->cfg.response_ms, given ? 8000 : 1000);
        world_end(&w);
        c.kind = IAM_CREDS_CONTAINER;
        c.endpoint = iam_span_of(NULL);
        c.from.container.relative_uri = iam_span_of("/");
        world_init(&w, NULL);
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        e = &w.creds[0]->exchange;
        assert_int_equal(e->cfg.connect_ms, given ? 7000 : 2000);
        assert_int_equal(e->cfg.response_ms, given ? 8000 : 2000);
        world_end(&w);
        c.from.container.relative_uri = iam_span_of(NULL);
    }
}

/* Whatever a configuration says of the connection counts where the source does not say otherwise. */
static void serve_agent(struct world_stream *s)
{
    assert_string_equal(world_header(s, "User-Agent"), "me/1.0");
    world_answer(s, "404 Not Found", "");
}

static void every_setting(void **state)
{
    (void)state;
    for (int plain = 0; plain < 2; plain++) {
        struct iam_creds_config c = {.kind = IAM_CREDS_IOT};
        struct world w;
        uint16_t port;
        c.endpoint = iam_span_of("x.credentials.iot.eu-west-1.amazonaws.com");
        c.from.iot.role_alias = iam_span_of("a");
        c.user_agent = iam_span_of("me/1.0");
        c.plain = plain;
        c.connect_ms = 1234;
        c.response_ms = 2345;
        c.max_attempts = 7;
        world_init(&w, serve_agent);
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        const struct iam_exchange *e = &w.creds[0]->exchange;
        is_text(iam_exchange_host(e, &port), "x.credentials.iot.eu-west-1.amazonaws.com");
        assert_int_equal(port, plain ? 80 : 443);
        assert_int_equal(e->cfg.connect_ms, 1234);
        assert_int_equal(e->cfg.response_ms, 2345);
        assert_int_equal(e->cfg.max_attempts, 7);
        assert_ptr_equal(e->cfg.stream, &w.streams[0].stream);
        assert_int_equal(world_run(&w, 0), IAM_ERR_SERVICE);
        assert_int_equal(w.requests, 1);
        world_end(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grown),
        cmocka_unit_test(role_names),
        cmocka_unit_test(no_success),
        cmocka_unit_test(no_version_1),
        cmocka_unit_test(parts_of_imds),
        cmocka_unit_test(settings),
        cmocka_unit_test(every_setting),
        cmocka_unit_test(configurations),
        cmocka_unit_test(no_room),
        cmocka_unit_test(imds),
        cmocka_unit_test(sts),
        cmocka_unit_test(sts_whole),
        cmocka_unit_test(no_token),
        cmocka_unit_test(sts_endpoint),
        cmocka_unit_test(base_is_blamed),
        cmocka_unit_test(twice),
        cmocka_unit_test(room),
    };
    return cmocka_run_group_tests_name("refused", tests, NULL, NULL);
}
