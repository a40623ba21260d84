/* Which characters, and how many, a text of a provider may have: every byte in its middle, what is not allowed at its two
 * ends, and each length around the limits. What is allowed is written down here anew, by AWS's words. Then the statuses
 * of a reply, each for what it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "world.h"

#include <cmocka.h>

static struct iam_span tried; /* the text under way */

/* ---- texts of a configuration, and texts that an application gives ---- */

static int init(struct world *w, const struct iam_creds_config *c)
{
    world_init(w, NULL);
    w->keys_size = 512;
    int r = world_creds(w, 0, c);
    world_end(w);
    return r;
}

static int role_alias(struct world *w)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_IOT};
    c.endpoint = iam_span_of("e");
    c.from.iot.role_alias = tried;
    return init(w, &c);
}

static int thing_name(struct world *w)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_IOT};
    c.endpoint = iam_span_of("e");
    c.from.iot.role_alias = iam_span_of("a");
    c.from.iot.thing_name = tried;
    return init(w, &c);
}

static int container_path(struct world *w)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_CONTAINER};
    char path[200] = "/";
    memcpy(path + 1, tried.p, tried.n);
    c.from.container.relative_uri = (struct iam_span){path, tried.n + 1};
    return init(w, &c);
}

static int container_url(struct world *w)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_CONTAINER};
    char url[200] = "https://e/";
    memcpy(url + 10, tried.p, tried.n);
    c.from.container.full_uri = (struct iam_span){url, tried.n + 10};
    return init(w, &c);
}

static int give_text(void *context, struct iam_creds *p)
{
    (void)context;
    iam_creds_text(p, tried);
    return IAM_OK;
}

static int give_keys(void *context, struct iam_creds *p)
{
    struct iam_credentials k = {IAM_LITERAL("I"), IAM_LITERAL("S"), IAM_LITERAL("T")};
    struct iam_span *const values[] = {&k.access_key_id, &k.secret_access_key, &k.session_token};
    *values[*(const int *)context] = tried;
    return iam_creds_give(p, &k, NULL);
}

static int run(struct world *w, const struct iam_creds_config *c,
               void (*serve)(struct world_stream *))
{
    world_init(w, serve);
    assert_int_equal(world_creds(w, 0, c), IAM_OK);
    int r = world_run(w, 0);
    world_end(w);
    return r;
}

static int keys(struct world *w, int which)
{
    struct iam_creds_config c = {
        .kind = IAM_CREDS_APPLICATION, .ask = give_keys, .context = &which};
    return run(w, &c, NULL);
}

static int access_key_id(struct world *w)
{
    return keys(w, 0);
}

static int secret_access_key(struct world *w)
{
    return keys(w, 1);
}

static int session_token(struct world *w)
{
    return keys(w, 2);
}

static void serve_container(struct world_stream *s)
{
    const char *at = strstr(s->in, "\r\nAuthorization: ");
    assert_true(tried.n == 0 ? at == NULL
                             : at != NULL && memcmp(at + 17, tried.p, tried.n) == 0 &&
                                   memcmp(at + 17 + tried.n, "\r\n", 2) == 0);
    world_answer(s, "200 OK", world_document(WORLD_CONTAINER, WORLD_UNTIL));
}

static int authorization(struct world *w)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_CONTAINER, .ask = give_text};
    c.from.container.relative_uri = iam_span_of("/");
    return run(w, &c, serve_container);
}

/* ---- texts that a source sends ---- */

static void answer(struct world_stream *s, struct iam_span body)
{
    world_printf(s, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", body.n);
    world_put(s, body.p, body.n);
}

static bool is_token; /* else: the name of the role */

static void serve_imds(struct world_stream *s)
{
    if (world_asked(s, "PUT "))
        answer(s, is_token ? tried : iam_span_of("T"));
    else if (world_asked(s, "GET /latest/meta-data/iam/security-credentials/ "))
        answer(s, is_token ? iam_span_of("r") : tried);
    else
        answer(s, iam_span_of(world_document(WORLD_IMDS, WORLD_UNTIL)));
}

static int imds(struct world *w)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_IMDS};
    return run(w, &c, serve_imds);
}

static int imds_token(struct world *w)
{
    is_token = true;
    return imds(w);
}

static int imds_role(struct world *w)
{
    is_token = false;
    return imds(w);
}

#if CONFIG_TINYIAM_CREDS_SSO
static void serve_sso(struct world_stream *s)
{
    const char *token = world_header(s, "x-amz-sso_bearer_token");
    assert_int_equal(strlen(token), tried.n);
    assert_memory_equal(token, tried.p, tried.n);
    answer(s, iam_span_of(world_document(WORLD_SSO, "1540414051000")));
}

static int sso_token(struct world *w)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_SSO, .ask = give_text};
    c.endpoint = iam_span_of("e");
    c.from.sso.role_name = iam_span_of("r");
    c.from.sso.account_id = iam_span_of("123456789012");
    return run(w, &c, serve_sso);
}
#endif

/* ---- the table ---- */

#define WORD "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
#define VISIBLE WORD "!\"$%&'()*+,-./:;<=>?@[\\]^`{|}~"

static const struct {
    int (*try)(struct world *);
    const char *characters;
    int error;
    size_t least, most;
} texts[] = {
    {role_alias, WORD "=,@-", IAM_ERR_ARGUMENT, 1, 128},
    {thing_name, WORD ":-", IAM_ERR_ARGUMENT, 0, 128},
    {container_path, VISIBLE, IAM_ERR_ARGUMENT, 0, 0},
    {container_url, VISIBLE, IAM_ERR_ARGUMENT, 0, 0},
    {authorization, VISIBLE "# ", IAM_ERR_VALUE, 0, 0},
    {access_key_id, VISIBLE "#", IAM_ERR_VALUE, 1, 0},
    {secret_access_key, VISIBLE "#", IAM_ERR_VALUE, 1, 0},
    {session_token, VISIBLE "#", IAM_ERR_VALUE, 0, 0},
    {imds_token, VISIBLE "#", IAM_ERR_VALUE, 1, 0},
    {imds_role, WORD "+=,.@-", IAM_ERR_VALUE, 1, 128},
#if CONFIG_TINYIAM_CREDS_SSO
    {sso_token, VISIBLE "#", IAM_ERR_VALUE, 1, 0},
#endif
};

static void is(size_t row, const char *text, size_t n, int want)
{
    static struct world w;
    tried = (struct iam_span){text, n};
    int r = texts[row].try(&w);
    if (r != want)
        fail_msg("row %zu: %zu bytes, %02x %02x %02x: %d, not %d", row, n, (unsigned char)text[0],
                 (unsigned char)text[1], (unsigned char)text[2], r, want);
}

static void every_byte(void **state)
{
    (void)state;
    for (size_t row = 0; row < sizeof texts / sizeof *texts; row++) {
        for (int c = 0; c < 256; c++) {
            char text[] = {'a', (char)c, 'b', 0};
            bool good = c != 0 && strchr(texts[row].characters, c) != NULL;
            is(row, text, 3, good ? IAM_OK : texts[row].error);
        }
        is(row, "\177ab", 3, texts[row].error);
        is(row, "ab\177", 3, texts[row].error);
        is(row, "\177", 1, texts[row].error);
        is(row, "a", 1, IAM_OK);
    }
}

static void lengths(void **state)
{
    char text[130];
    (void)state;
    memset(text, 'x', sizeof text);
    for (size_t row = 0; row < sizeof texts / sizeof *texts; row++) {
        int none = texts[row].try == imds_role ? IAM_ERR_FOREIGN : texts[row].error;
        is(row, text, 0, texts[row].least == 0 ? IAM_OK : none);
        for (size_t n = 127; n <= 129; n++)
            is(row, text, n,
               texts[row].most != 0 && n > texts[row].most ? texts[row].error : IAM_OK);
    }
}

/* ---- statuses ---- */

static int status;

static void serve_status(struct world_stream *s)
{
    char line[32];
    snprintf(line, sizeof line, "%d Reason", status);
    world_answer(s, line, world_document(WORLD_CONTAINER, WORLD_UNTIL));
}

static void statuses(void **state)
{
    struct iam_creds_config c = {.kind = IAM_CREDS_CONTAINER, .max_attempts = 1};
    struct world w;
    (void)state;
    c.from.container.relative_uri = iam_span_of("/");
    for (status = 200; status < 600; status++) {
        if (status == 204 || status == 205 || status == 304) /* these have no body */
            continue;
        char code[32];
        world_init(&w, serve_status);
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        assert_int_equal(world_run(&w, 0), status < 300 ? IAM_OK : IAM_ERR_SERVICE);
        if (status >= 300) {
            const struct iam_fault *f = &w.creds[0]->exchange.fault;
            snprintf(code, sizeof code, status == 429 ? "TooManyRequests" : "%d", status);
            assert_int_equal(f->status, status);
            assert_int_equal(f->code.n, strlen(code));
            assert_memory_equal(f->code.p, code, f->code.n);
        }
        world_end(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte),
        cmocka_unit_test(lengths),
        cmocka_unit_test(statuses),
    };
    return cmocka_run_group_tests_name("characters", tests, NULL, NULL);
}
