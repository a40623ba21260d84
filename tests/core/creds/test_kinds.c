/* Each kind of provider against a source that behaves, and against one that does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <tinyiam/parts/datetime.h>

#include "world.h"

#include "sts_vectors.h"

#include <cmocka.h>

static void is_text(struct iam_span s, const char *text)
{
    if (s.n != strlen(text) || memcmp(s.p, text, s.n) != 0)
        fail_msg("\"%.*s\" is not \"%s\"", (int)s.n, s.p ? s.p : "", text);
}

static void has_keys(const struct iam_creds *p)
{
    is_text(p->keys.access_key_id, WORLD_ID);
    is_text(p->keys.secret_access_key, WORLD_SECRET);
    is_text(p->keys.session_token, WORLD_TOKEN);
    assert_int_equal(p->expiration.us, WORLD_NOW * 1000 + INT64_C(3600000000));
    assert_int_equal(p->error, 0);
}

/* ---- IoT ---- */

static void serve_iot(struct world_stream *s)
{
    assert_true(world_asked(s, "GET /role-aliases/my-alias/credentials HTTP/1.1\r\n"));
    assert_string_equal(s->host, "c1.credentials.iot.eu-west-1.amazonaws.com");
    assert_int_equal(s->port, 443);
    assert_string_equal(world_header(s, "Host"), "c1.credentials.iot.eu-west-1.amazonaws.com");
    assert_string_equal(world_header(s, "Accept-Encoding"), "identity");
    assert_string_equal(world_header(s, "x-amzn-iot-thingname"), "thing-1");
    world_answer(s, "200 OK", world_document(WORLD_IOT, WORLD_UNTIL));
}

static struct iam_creds_config iot_config(void)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_IOT};
    c.endpoint = iam_span_of("c1.credentials.iot.eu-west-1.amazonaws.com");
    c.from.iot.role_alias = iam_span_of("my-alias");
    c.from.iot.thing_name = iam_span_of("thing-1");
    return c;
}

static void iot(void **state)
{
    struct iam_creds_config c = iot_config();
    struct world w;
    (void)state;
    world_init(&w, serve_iot);
    assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
    assert_int_equal(iam_creds_stream_kind(w.creds[0]), IAM_CREDS_MUTUAL_TLS);
    assert_int_equal(world_run(&w, 0), IAM_OK);
    has_keys(w.creds[0]);
    assert_int_equal(w.open_now, 0);
    assert_int_equal(world_run(&w, 0), IAM_OK);
    assert_int_equal(w.requests, 1);
    world_end(&w);
}

/* ---- container ---- */

static const char *authorization;

static void serve_container(struct world_stream *s)
{
    const char *want = s->world->context;
    assert_true(world_asked(s, want));
    assert_string_equal(world_header(s, "Accept"), "application/json");
    assert_string_equal(world_header(s, "Accept-Encoding"), "identity");
    assert_string_equal(world_header(s, "Authorization"), authorization ? authorization : "");
    world_answer(s, "200 OK", world_document(WORLD_CONTAINER, WORLD_UNTIL));
}

static unsigned asked;

static int give_token(void *context, struct iam_creds *p)
{
    asked++;
    iam_creds_text(p, iam_span_of(context));
    return IAM_OK;
}

static void container(void **state)
{
    static const struct {
        const char *relative, *full, *get, *host;
        uint16_t port;
        enum iam_creds_stream stream;
    } rows[] = {
        {"/v2/creds/1?a=b", "http://example.com/", "GET /v2/creds/1?a=b HTTP", "169.254.170.2", 80,
         IAM_CREDS_PLAIN},
        {NULL, "http://127.0.0.1:8080/x", "GET /x HTTP", "127.0.0.1", 8080, IAM_CREDS_PLAIN},
        {NULL, "http://127.255.0.9", "GET / HTTP", "127.255.0.9", 80, IAM_CREDS_PLAIN},
        {NULL, "http://127.10.200.255", "GET / HTTP", "127.10.200.255", 80, IAM_CREDS_PLAIN},
        {NULL, "http://127.0.0.1", "GET / HTTP", "127.0.0.1", 80, IAM_CREDS_PLAIN},
        {NULL, "http://localhost?q", "GET /?q HTTP", "localhost", 80, IAM_CREDS_PLAIN},
        {NULL, "http://[::1]:81/a/b", "GET /a/b HTTP", "::1", 81, IAM_CREDS_PLAIN},
        {NULL, "http://169.254.170.23/v1/credentials", "GET /v1/credentials HTTP", "169.254.170.23",
         80, IAM_CREDS_PLAIN},
        {NULL, "http://[fd00:ec2::23]/v1", "GET /v1 HTTP", "fd00:ec2::23", 80, IAM_CREDS_PLAIN},
        {NULL, "https://creds.example.com:9443/v1", "GET /v1 HTTP", "creds.example.com", 9443,
         IAM_CREDS_TLS},
        {NULL, "https://creds.example.com", "GET / HTTP", "creds.example.com", 443, IAM_CREDS_TLS},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct iam_creds_config c = {.kind = IAM_CREDS_CONTAINER};
        struct world w;
        world_init(&w, serve_container);
        w.context = (void *)(uintptr_t)rows[i].get;
        struct guard url = guard_copy(rows[i].full, strlen(rows[i].full));
        c.from.container.relative_uri = iam_span_of(rows[i].relative);
        c.from.container.full_uri = (struct iam_span){(char *)url.p, url.n};
        authorization = NULL;
        asked = 0;
        if (i % 3 == 1) {
            authorization = "Basic abc";
            c.from.container.authorization = iam_span_of(authorization);
        } else if (i % 3 == 2) { /* a file goes before the variable, and is read at each fetch */
            authorization = "Bearer of a file";
            c.from.container.authorization = iam_span_of("not this one");
            c.ask = give_token;
            c.context = (void *)(uintptr_t)authorization;
        }
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        assert_int_equal(iam_creds_stream_kind(w.creds[0]), rows[i].stream);
        assert_int_equal(world_run(&w, 0), IAM_OK);
        has_keys(w.creds[0]);
        assert_string_equal(w.streams[0].host, rows[i].host);
        assert_int_equal(w.streams[0].port, rows[i].port);
        assert_int_equal(asked, i % 3 == 2);
        iam_creds_renew(w.creds[0]);
        assert_int_equal(world_run(&w, 0), IAM_OK);
        has_keys(w.creds[0]);
        assert_int_equal(asked, i % 3 == 2 ? 2 : 0);
        world_end(&w);
        guard_free(&url);
    }
}

/* A token goes nowhere but where it may. */
static void container_refused(void **state)
{
    static const char *const urls[] = {"http://example.com/",
                                       "http://127.0.0.1.example.com/",
                                       "http://127.1/",
                                       "http://0127.0.0.1/",
                                       "http://127.0.0.256/",
                                       "http://127.0.0.01/",
                                       "http://127.0.0.1234/",
                                       "http://127.0.0./",
                                       "http://127.0.0.",
                                       "http://127.0.0",
                                       "http://127.0.0.25x",
                                       "http://127..0.1/",
                                       "http://127.0.0.x/",
                                       "http://localhost#f",
                                       "https://localhost#",
                                       "http://localhost:000080/",
                                       "http://localhost:/",
                                       "http://128.0.0.1/",
                                       "http://169.254.170.3/",
                                       "http://169.254.170.22/",
                                       "http://localhost.evil/",
                                       "http://[::2]/",
                                       "http://user@localhost/",
                                       "http://localhost@evil/",
                                       "ftp://localhost/",
                                       "localhost/",
                                       "http://",
                                       "",
                                       "http://localhost:99999/",
                                       "http://localhost/a b",
                                       "http://localhost/a\r\nX: y",
                                       "http://localhost/#f",
                                       "https://user@example.com/",
                                       "https:///path",
                                       "http://169.254.170.2.x/",
                                       "http://127.0.0.1:80:80/",
                                       "https://LOCALHOST/"};
    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct iam_creds_config c = {.kind = IAM_CREDS_CONTAINER};
        struct world w;
        struct guard url = guard_copy(urls[i], strlen(urls[i])); /* nothing is read behind it */
        world_init(&w, serve_container);
        c.from.container.full_uri = (struct iam_span){(char *)url.p, url.n};
        if (world_creds(&w, 0, &c) != IAM_ERR_ARGUMENT)
            fail_msg("%s was taken", urls[i]);
        assert_int_equal(w.creds[0]->exchange.fault.error, IAM_ERR_ARGUMENT);
        assert_true(w.creds[0]->exchange.fault.what.n > 0);
        if (strchr(urls[i], '#') != NULL) /* a fragment is the path's fault, not the host's */
            is_text(w.creds[0]->exchange.fault.what, "full_uri");
        world_end(&w);
        guard_free(&url);
    }
    for (size_t i = 0; i < 3; i++) {
        static const char *const tokens[] = {"a\r\nX: y", "line\n", "\x7f"};
        struct iam_creds_config c = {.kind = IAM_CREDS_CONTAINER};
        struct world w;
        world_init(&w, serve_container);
        c.from.container.relative_uri = iam_span_of("/x");
        c.from.container.authorization = iam_span_of(tokens[i]);
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        assert_int_equal(world_run(&w, 0), IAM_ERR_VALUE);
        assert_int_equal(w.requests, 0);
        world_end(&w);
    }
}

/* ---- IMDS ---- */

static int imds_token_status, imds_silent;

static void serve_imds(struct world_stream *s)
{
    const char *token = imds_token_status == 200 ? "TOKEN==" : "";
    assert_string_equal(s->host, "169.254.169.254");
    assert_int_equal(s->port, 80);
    if (world_asked(s, "PUT /latest/api/token HTTP/1.1\r\n")) {
        assert_string_equal(world_header(s, "x-aws-ec2-metadata-token-ttl-seconds"), "21600");
        assert_string_equal(world_header(s, "Content-Length"), "0");
        if (imds_silent)
            s->answered = true;
        else if (imds_token_status == 200)
            world_answer(s, "200 OK", "TOKEN==");
        else {
            char status[32];
            snprintf(status, sizeof status, "%d No", imds_token_status);
            world_answer(s, status, "");
        }
        return;
    }
    assert_string_equal(world_header(s, "x-aws-ec2-metadata-token"), token);
    if (world_asked(s, "GET /latest/meta-data/iam/security-credentials/ HTTP/1.1\r\n"))
        world_answer(s, "200 OK", "my-role+1");
    else if (world_asked(s, "GET /latest/meta-data/iam/security-credentials/my-role+1 HTTP"))
        world_answer(s, "200 OK", world_document(WORLD_IMDS, WORLD_UNTIL));
    else
        fail_msg("asked for %s", s->in);
}

static void imds(void **state)
{
    static const struct {
        int status, silent;
        bool v1;
        int result;
        unsigned requests;
    } rows[] = {
        {200, 0, false, IAM_OK, 3},          {200, 0, true, IAM_OK, 3},
        {403, 0, false, IAM_ERR_SERVICE, 1}, {403, 0, true, IAM_OK, 3},
        {404, 0, true, IAM_OK, 3},           {405, 0, true, IAM_OK, 3},
        {400, 0, true, IAM_ERR_SERVICE, 1},  {500, 0, true, IAM_ERR_SERVICE, 1},
        {404, 1, true, IAM_OK, 3},           {404, 1, false, IAM_ERR_TIMEOUT_RESPONSE, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct iam_creds_config c = {.kind = IAM_CREDS_IMDS};
        struct world w;
        imds_token_status = rows[i].status;
        imds_silent = rows[i].silent;
        c.from.imds.v1 = rows[i].v1;
        world_init(&w, serve_imds);
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        assert_int_equal(iam_creds_stream_kind(w.creds[0]), IAM_CREDS_PLAIN);
        assert_int_equal(world_run(&w, 0), rows[i].result);
        assert_int_equal(w.requests, rows[i].requests);
        assert_int_equal(w.connects, rows[i].silent && rows[i].v1 ? 2 : 1);
        assert_int_equal(w.open_now, 0);
        if (rows[i].result == IAM_OK)
            has_keys(w.creds[0]);
        else
            assert_int_equal(w.creds[0]->keys.access_key_id.n, 0);
        assert_true(w.slept <= 1100);
        world_end(&w);
    }
}

/* ---- STS ---- */

static void serve_sts(struct world_stream *s)
{
    const char *body = strstr(s->in, "\r\n\r\n") + 4, *want = s->world->context;
    if (strstr(body, want) == NULL)
        fail_msg("%s has no %s", body, want);
    if (strstr(body, "WithWebIdentity") != NULL) {
        assert_null(strstr(s->in, "\r\nAuthorization:"));
        assert_null(strstr(s->in, "\r\nX-Amz-Date:"));
        world_answer(s, "200 OK",
                     world_document(WORLD_STS("AssumeRoleWithWebIdentity"), WORLD_UNTIL));
    } else {
        assert_non_null(strstr(s->in, "Credential=AKIDBASE/20181024/eu-west-1/sts/aws4_request, "
                                      "SignedHeaders=content-type;host;x-amz-date, Signature="));
        world_answer(s, "200 OK", world_document(WORLD_STS("AssumeRole"), WORLD_UNTIL));
    }
    assert_true(world_asked(s, "POST / HTTP/1.1\r\n"));
    assert_string_equal(s->host, "sts.eu-west-1.amazonaws.com");
}

static struct iam_creds_config static_config(void)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_STATIC};
    c.from.fixed.access_key_id = iam_span_of("AKIDBASE");
    c.from.fixed.secret_access_key = iam_span_of("basesecret");
    return c;
}

static struct iam_creds_config sts_config(enum iam_creds_kind kind)
{
    struct iam_creds_config c = {.kind = kind};
    c.from.sts.region = iam_span_of("eu-west-1");
    c.from.sts.role.role_arn = iam_span_of("arn:aws:iam::123456789012:role/r");
    c.from.sts.role.session_name = iam_span_of("session-1");
    return c;
}

static void assume_role(void **state)
{
    struct iam_creds_config base = static_config(), c = sts_config(IAM_CREDS_ASSUME_ROLE);
    struct world w;
    (void)state;
    world_init(&w, serve_sts);
    c.from.sts.role.duration_s = 3600;
    c.from.sts.role.external_id = iam_span_of("a:b/c");
    w.context = "Action=AssumeRole&Version=2011-06-15&DurationSeconds=3600&ExternalId=a%3Ab%2Fc"
                "&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr&RoleSessionName=session-1";
    assert_int_equal(world_creds(&w, 1, &base), IAM_OK);
    assert_int_equal(iam_creds_stream_kind(w.creds[1]), IAM_CREDS_NO_STREAM);
    c.from.sts.base = w.creds[1];
    assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
    assert_int_equal(iam_creds_stream_kind(w.creds[0]), IAM_CREDS_TLS);
    assert_int_equal(world_run(&w, 0), IAM_OK);
    has_keys(w.creds[0]);
    assert_int_equal(w.requests, 1);
    world_end(&w);
}

static void web_identity(void **state)
{
    struct iam_creds_config c = sts_config(IAM_CREDS_WEB_IDENTITY);
    static char token[20000];
    char want[128];
    struct world w;
    (void)state;
    memset(token, 't', sizeof token - 1);
    snprintf(want, sizeof want, "&RoleSessionName=session-1&WebIdentityToken=tttt");
    world_init(&w, serve_sts);
    w.context = want;
    c.ask = give_token;
    c.context = token;
    asked = 0;
    assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
    assert_int_equal(world_run(&w, 0), IAM_OK);
    has_keys(w.creds[0]);
    iam_creds_renew(w.creds[0]);
    assert_int_equal(world_run(&w, 0), IAM_OK);
    assert_int_equal(asked, 2);
    world_end(&w);
}

static void sts_endpoint(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sts_endpoints / sizeof *sts_endpoints; i++) {
        struct iam_creds_config c = sts_config(IAM_CREDS_WEB_IDENTITY);
        struct world w;
        uint16_t port;
        c.from.sts.region = iam_span_of(sts_endpoints[i].region);
        c.from.sts.endpoint_flags = sts_endpoints[i].flags;
        world_init(&w, serve_sts);
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        is_text(iam_exchange_host(&w.creds[0]->exchange, &port), sts_endpoints[i].host);
        assert_int_equal(port, 443);
        is_text(w.creds[0]->query.signing_region, sts_endpoints[i].signing_region);
        world_end(&w);
        char portal[104], want[120];
        int n = iam_endpoint_regional("portal.sso", c.from.sts.region, sts_endpoints[i].flags,
                                      portal, sizeof portal);
        snprintf(want, sizeof want, "portal.sso%s", sts_endpoints[i].host + 3);
        if (*sts_endpoints[i].region) /* STS alone has a global one */
            is_text((struct iam_span){portal, (size_t)n}, want);
    }
    /* the global one has no such endpoint: it is that of the region it stands for */
    static const char *const global[] = {"sts.amazonaws.com", "sts-fips.us-east-1.amazonaws.com",
                                         "sts.us-east-1.api.aws", "sts-fips.us-east-1.api.aws"};
    for (unsigned flags = 0; flags < 4; flags++) {
        struct iam_creds_config c = sts_config(IAM_CREDS_WEB_IDENTITY);
        struct world w;
        uint16_t port;
        c.from.sts.region = iam_span_of("aws-global");
        c.from.sts.endpoint_flags = flags;
        world_init(&w, serve_sts);
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        is_text(iam_exchange_host(&w.creds[0]->exchange, &port), global[flags]);
        is_text(w.creds[0]->query.signing_region, "us-east-1");
        world_end(&w);
    }
    static const char *const bad[] = {"a b", "-x", "12", "eu_west"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct iam_creds_config c = sts_config(IAM_CREDS_WEB_IDENTITY);
        struct world w;
        c.from.sts.region = iam_span_of(bad[i]);
        world_init(&w, serve_sts);
        assert_int_equal(world_creds(&w, 0, &c), IAM_ERR_REGION);
        char host[104];
        assert_int_equal(
            iam_endpoint_regional("portal.sso", c.from.sts.region, 0, host, sizeof host),
            IAM_ERR_REGION);
        world_end(&w);
    }
}

/* ---- IAM Identity Center ---- */

static const char *status, *error_type;

static void serve_sso(struct world_stream *s)
{
    assert_true(world_asked(s, "GET /federation/credentials?role_name=a%20b%2Bc%2Fd"
                               "&account_id=123456789012 HTTP/1.1\r\n"));
    assert_string_equal(world_header(s, "x-amz-sso_bearer_token"), "the-token");
    assert_string_equal(world_header(s, "Authorization"), "");
    if (status != NULL && s->world->requests <= 2)
        world_printf(s, "HTTP/1.1 %s\r\nContent-Length: 17\r\nx-amzn-ErrorType: %s\r\n\r\n%s",
                     status, error_type, "{\"message\":\"why\"}");
    else
        world_answer(s, "200 OK", world_document(WORLD_SSO, s->world->context));
}

static struct iam_creds_config sso_config(void)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_SSO};
    c.endpoint = iam_span_of("portal.sso.eu-west-1.amazonaws.com");
    c.from.sso.role_name = iam_span_of("a b+c/d");
    c.from.sso.account_id = iam_span_of("123456789012");
    c.from.sso.token = iam_span_of("the-token");
    return c;
}

static int run_sso(struct world *w, struct iam_creds_config *c, const char *expiration)
{
    world_init(w, serve_sso);
    w->context = (void *)(uintptr_t)expiration;
    assert_int_equal(world_creds(w, 0, c), IAM_OK);
    return world_run(w, 0);
}

static void sso(void **state)
{
    struct iam_creds_config c = sso_config();
    char until[32];
    struct world w;
    (void)state;
    status = NULL;
    snprintf(until, sizeof until, "%lld", (long long)(WORLD_NOW + 3600000));
    for (int asks = 0; asks < 2; asks++) {
        asked = 0;
        assert_int_equal(run_sso(&w, &c, until), IAM_OK);
        assert_int_equal(iam_creds_stream_kind(w.creds[0]), IAM_CREDS_TLS);
        has_keys(w.creds[0]);
        assert_int_equal(asked, asks);
        world_end(&w);
        c.from.sso.token = iam_span_of("not this one"); /* a file goes before it */
        c.ask = give_token;
        c.context = (void *)(uintptr_t) "the-token";
    }
    static const char *const bad[] = {
        "\"1\"",          "1.5", "-1", "1e3", "null", "9999999999999999", "{}", "999999999999999",
        "253402300800000"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(run_sso(&w, &c, bad[i]), IAM_ERR_VALUE);
        is_text(w.creds[0]->exchange.fault.what, "expiration");
        world_end(&w);
    }
    assert_int_equal(run_sso(&w, &c, "253402300799999"), IAM_OK); /* the last moment of 9999 */
    world_end(&w);
    assert_int_equal(run_sso(&w, &c, "1000"), IAM_ERR_VALUE);
    is_text(w.creds[0]->exchange.fault.what, "Expiration: in the past");
    world_end(&w);
    c.ask = NULL;
    c.from.sso.token = iam_span_of("a\r\nb: c");
    assert_int_equal(run_sso(&w, &c, until), IAM_ERR_VALUE);
    is_text(w.creds[0]->exchange.fault.what, "token");
    assert_int_equal(w.requests, 0);
    world_end(&w);
    c.from.sso.token = iam_span_of(NULL); /* nobody has logged in */
    assert_int_equal(run_sso(&w, &c, until), IAM_ERR_VALUE);
    is_text(w.creds[0]->exchange.fault.what, "token");
    assert_int_equal(w.requests, 0);
    world_end(&w);
}

/* Every byte of a name that is not one of RFC 3986's unreserved ones is written as %XX. */
static void serve_escaped(struct world_stream *s)
{
    assert_true(world_asked(s, s->world->context));
    world_answer(s, "404 Not Found", "");
}

static void sso_names(void **state)
{
    static const char unreserved[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._~";
    (void)state;
    for (int c = 1; c < 256; c++) {
        struct iam_creds_config config = sso_config();
        char name[] = {'a', (char)c, 'b', 0}, want[128];
        struct world w;
        snprintf(want, sizeof want,
                 strchr(unreserved, c) != NULL
                     ? "GET /federation/credentials?role_name=a%cb&account_id="
                     : "GET /federation/credentials?role_name=a%%%02Xb&account_id=",
                 c);
        config.from.sso.role_name = iam_span_of(name);
        world_init(&w, serve_escaped);
        w.context = want;
        assert_int_equal(world_creds(&w, 0, &config), IAM_OK);
        assert_int_equal(world_run(&w, 0), IAM_ERR_SERVICE);
        assert_int_equal(w.requests, 1);
        world_end(&w);
    }
}

/* Whole seconds of the calendar: the last one of the year 9999, and each digit counts. */
static void sso_milliseconds(void **state)
{
    struct iam_creds_config c = sso_config();
    struct world w;
    (void)state;
    status = NULL;
    assert_int_equal(run_sso(&w, &c, "253402300799999"), IAM_OK);
    assert_int_equal(w.creds[0]->expiration.us, INT64_C(253402300799999000));
    world_end(&w);
    assert_int_equal(run_sso(&w, &c, "9876543210987"), IAM_OK);
    assert_int_equal(w.creds[0]->expiration.us, INT64_C(9876543210987000));
    world_end(&w);
    static const char *const bad[] = {"253402300800000", "1000000000000000", "99999999999999999999",
                                      "1540414051000.0", "15404140E5",       "+1540414051000"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int r = run_sso(&w, &c, bad[i]);
        assert_true(r == IAM_ERR_VALUE || r == IAM_ERR_JSON);
        is_text(w.creds[0]->exchange.fault.what, "expiration");
        world_end(&w);
    }
}

static void sso_errors(void **state)
{
    struct iam_creds_config c = sso_config();
    struct world w;
    char until[32];
    (void)state;
    snprintf(until, sizeof until, "%lld", (long long)(WORLD_NOW + 3600000));
    status = "403 Forbidden";
    error_type = "ForbiddenException:http://internal.amazon.com/";
    assert_int_equal(run_sso(&w, &c, until), IAM_ERR_SERVICE);
    is_text(w.creds[0]->exchange.fault.code, "ForbiddenException");
    is_text(w.creds[0]->exchange.fault.message, "why");
    assert_int_equal(w.requests, 1);
    world_end(&w);
    status = "403 No\r\nX: y"; /* no type: the status stands for it */
    error_type = "";
    assert_int_equal(run_sso(&w, &c, until), IAM_ERR_SERVICE);
    is_text(w.creds[0]->exchange.fault.code, "403");
    world_end(&w);
    status =
        "302 Found\r\nLocation: https://login.example/"; /* it is a redirection in the first place */
    error_type = "Moved";
    assert_int_equal(run_sso(&w, &c, until), IAM_ERR_SERVICE);
    is_text(w.creds[0]->exchange.fault.code, "302");
    world_end(&w);
    static const char *const again[] = {"429 Slow", "503 Busy"};
    for (size_t i = 0; i < 2; i++) { /* twice, then it does */
        status = again[i];
        error_type = i ? "InternalServerException" : "TooManyRequestsException";
        assert_int_equal(run_sso(&w, &c, until), IAM_OK);
        assert_int_equal(w.requests, 3);
        world_end(&w);
    }
    status = NULL;
}

/* What a refusal says, under any of its names; the ones in small letters go first. */
static const char *said_body;

static void serve_said(struct world_stream *s)
{
    bool keys = s->world->context != NULL && s->world->requests == 1;
    world_answer(s, keys ? "200 OK" : "403 Forbidden",
                 keys ? world_document(WORLD_CONTAINER, WORLD_UNTIL) : said_body);
}

static void words_of_a_refusal(void **state)
{
    static const struct {
        const char *body, *code, *message;
    } rows[] = {
        {"{\"code\":\"C\",\"message\":\"why\"}", "C", "why"},
        {"{\"Code\":\"C\",\"Message\":\"why\"}", "C", "why"},
        {"{\"Code\":\"D\",\"code\":\"C\",\"Message\":\"not\",\"message\":\"why\"}", "C", "why"},
        {"{\"code\":\"C\",\"Code\":\"D\",\"message\":\"why\",\"Message\":\"not\"}", "C", "why"},
        {"{\"code\":\"\",\"Code\":\"C\",\"message\":\"\",\"Message\":\"why\"}", "C", "why"},
        {"{\"Code\":\"C\"}", "C", "Forbidden"},
        {"{\"code\":\"C\"}", "C", "Forbidden"},
        {"{\"message\":\"why\"}", "403", "why"},
        {"{\"Message\":\"why\"}", "403", "why"},
        {"{\"message\":null}", "403", "Forbidden"},
        {"no document", "403", "Forbidden"},
    };
    (void)state;
    for (size_t k = 0; k < 2 * (sizeof rows / sizeof *rows); k++) {
        size_t i = k / 2;
        struct iam_creds_config c = {.kind = IAM_CREDS_CONTAINER};
        struct world w;
        c.from.container.relative_uri = iam_span_of("/");
        said_body = rows[i].body;
        world_init(&w, serve_said);
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        if (k & 1) { /* behind keys that are still good */
            w.context = &w;
            assert_int_equal(world_run(&w, 0), IAM_OK);
            world_sleep(&w, 51 * 60000);
        }
        assert_int_equal(world_run(&w, 0), k & 1 ? IAM_OK : IAM_ERR_SERVICE);
        assert_int_equal(w.creds[0]->error, IAM_ERR_SERVICE);
        is_text(w.creds[0]->exchange.fault.code, rows[i].code);
        is_text(w.creds[0]->exchange.fault.message, rows[i].message);
        world_end(&w);
    }
}

/* Every parameter at its limits, beyond them, and with a character that it may not have. */
static void sts_parameters(void **state)
{
    static char text[4096];
    struct iam_creds_config base = static_config();
    (void)state;
    for (size_t i = 0; i < sizeof sts_limits / sizeof *sts_limits; i++) {
        const size_t lengths[] = {sts_limits[i].min - 1, sts_limits[i].min, sts_limits[i].max,
                                  sts_limits[i].max + 1, sts_limits[i].min};
        for (size_t k = 0; k < 5; k++) {
            bool good = k == 1 || k == 2 || (k == 4 && i == 0); /* an ARN is any text */
            struct iam_creds_config c = sts_config(IAM_CREDS_ASSUME_ROLE);
            struct world w;
            memset(text, k == 4 ? '*' : 'a', sizeof text);
            struct iam_span value = {text, lengths[k]};
            memcpy((char *)&c.from.sts.role + sts_limits[i].offset, &value, sizeof value);
            world_init(&w, serve_sts);
            assert_int_equal(world_creds(&w, 1, &base), IAM_OK);
            c.from.sts.base = w.creds[1];
            assert_int_equal(world_creds(&w, 0, &c), good ? IAM_OK : IAM_ERR_ARGUMENT);
            assert_int_equal(w.creds[0]->exchange.fault.error, good ? 0 : IAM_ERR_ARGUMENT);
            assert_int_equal(w.creds[0]->exchange.fault.layer, good ? 0 : IAM_LAYER_CALLER);
            if (!good)
                is_text(w.creds[0]->exchange.fault.what, sts_limits[i].name);
            world_end(&w);
        }
    }
    for (int absent = 0; absent < 2; absent++) {
        struct iam_creds_config c = sts_config(IAM_CREDS_WEB_IDENTITY);
        c.from.sts.role.session_name = absent ? iam_span_of(NULL) : iam_span_of("ab\377");
        struct world w;
        world_init(&w, serve_sts);
        assert_int_equal(world_creds(&w, 0, &c), IAM_ERR_ARGUMENT);
        is_text(w.creds[0]->exchange.fault.what, "RoleSessionName");
        world_end(&w);
    }
    for (unsigned seconds = 1; seconds < 65535; seconds += seconds < 1000 ? 1 : 777) {
        struct iam_creds_config c = sts_config(IAM_CREDS_WEB_IDENTITY);
        struct world w;
        c.from.sts.role.duration_s = (uint16_t)seconds;
        world_init(&w, serve_sts);
        assert_int_equal(world_creds(&w, 0, &c),
                         seconds >= 900 && seconds <= 43200 ? IAM_OK : IAM_ERR_ARGUMENT);
        world_end(&w);
    }
}

/* Texts of a role, as botocore's model of STS bounds them: a character less or more, and the name is said. */
static void lengths_of_a_role(void **state)
{
    static const struct {
        const char *name;
        enum iam_creds_kind kind;
        size_t at, least, most; /* at: in struct iam_role_request */
    } rows[] = {
        {"ExternalId", IAM_CREDS_ASSUME_ROLE, offsetof(struct iam_role_request, external_id), 2,
         1224},
        {"SerialNumber", IAM_CREDS_ASSUME_ROLE, offsetof(struct iam_role_request, serial_number), 9,
         256},
        {"SourceIdentity", IAM_CREDS_ASSUME_ROLE,
         offsetof(struct iam_role_request, source_identity), 2, 64},
        {"TokenCode", IAM_CREDS_ASSUME_ROLE, offsetof(struct iam_role_request, token_code), 6, 6},
        {"RoleArn", IAM_CREDS_ASSUME_ROLE, offsetof(struct iam_role_request, role_arn), 20, 2048},
        {"RoleSessionName", IAM_CREDS_WEB_IDENTITY, offsetof(struct iam_role_request, session_name),
         2, 64},
        {"RoleArn", IAM_CREDS_WEB_IDENTITY, offsetof(struct iam_role_request, role_arn), 20, 2048},
        {"ProviderId", IAM_CREDS_WEB_IDENTITY, offsetof(struct iam_role_request, provider_id), 4,
         2048},
    };
    static char text[2049];
    struct iam_creds_config base = static_config();
    (void)state;
    memset(text, '1', sizeof text);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t least = rows[i].least, most = rows[i].most;
        size_t lengths[] = {least - 1, least, most, most + 1};
        for (int k = 0; k < 4; k++) {
            struct iam_creds_config c = sts_config(rows[i].kind);
            struct world w;
            struct iam_span value = {text, lengths[k]};
            memcpy((char *)&c.from.sts.role + rows[i].at, &value, sizeof value);
            world_init(&w, serve_sts);
            assert_int_equal(world_creds(&w, 1, &base), IAM_OK);
            c.from.sts.base = w.creds[1];
            assert_int_equal(world_creds(&w, 0, &c), k == 1 || k == 2 ? IAM_OK : IAM_ERR_ARGUMENT);
            if (k == 0 || k == 3)
                is_text(w.creds[0]->exchange.fault.what, rows[i].name);
            world_end(&w);
        }
    }
}

/* Keys for keys for keys; and a ring of providers, which nobody could begin. */
static void serve_chain(struct world_stream *s)
{
    char id[32], text[1024];
    snprintf(id, sizeof id, "Credential=%s%u/", s->number == 2 ? "AKIDBASE" : "ASIA",
             s->number == 2 ? 0 : s->number + 1);
    if (s->number != 2)
        assert_non_null(strstr(s->in, id));
    assert_non_null(strstr(s->in, s->number == 2 ? "Credential=AKIDBASE/" : id));
    snprintf(id, sizeof id, "ASIA%u", s->number);
    snprintf(text, sizeof text, WORLD_STS("AssumeRole"), id, WORLD_SECRET, WORLD_TOKEN,
             WORLD_UNTIL);
    world_answer(s, "200 OK", text);
}

static void chain(void **state)
{
    struct iam_creds_config base = static_config(), c = sts_config(IAM_CREDS_ASSUME_ROLE);
    struct world w;
    (void)state;
    world_init(&w, serve_chain);
    assert_int_equal(world_creds(&w, 3, &base), IAM_OK);
    for (unsigned i = 3; i-- > 0;) {
        c.from.sts.base = w.creds[i + 1];
        assert_int_equal(world_creds(&w, i, &c), IAM_OK);
    }
    assert_int_equal(world_run(&w, 0), IAM_OK);
    is_text(w.creds[0]->keys.access_key_id, "ASIA0");
    assert_int_equal(w.requests, 3);
    assert_int_equal(w.open_most, 1);
    /* the middle one's keys are refused: it fetches others for the next time */
    iam_creds_renew(w.creds[1]);
    iam_creds_renew(w.creds[0]);
    assert_int_equal(world_run(&w, 0), IAM_OK);
    assert_int_equal(w.requests, 5);
    /* 2 based on 0, which is based on 1, which is based on 2 */
    struct iam_creds ring = *w.creds[2];
    c.tx = c.rx = c.keys = &ring;
    c.tx_size = c.rx_size = c.keys_size = 1;
    c.from.sts.base = w.creds[0];
    w.creds[2]->from.sts.base = w.creds[0];
    assert_int_equal(iam_creds_init(w.creds[2], &c, 1), IAM_ERR_ARGUMENT);
    is_text(w.creds[2]->exchange.fault.what, "base");
    *w.creds[2] = ring;
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(iot),
        cmocka_unit_test(container),
        cmocka_unit_test(container_refused),
        cmocka_unit_test(imds),
        cmocka_unit_test(assume_role),
        cmocka_unit_test(web_identity),
        cmocka_unit_test(sts_endpoint),
        cmocka_unit_test(sso),
        cmocka_unit_test(sso_names),
        cmocka_unit_test(sso_milliseconds),
        cmocka_unit_test(words_of_a_refusal),
        cmocka_unit_test(sso_errors),
        cmocka_unit_test(sts_parameters),
        cmocka_unit_test(lengths_of_a_role),
        cmocka_unit_test(chain),
    };
    return cmocka_run_group_tests_name("kinds", tests, NULL, NULL);
}
