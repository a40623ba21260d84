/* The documents of the sources of credentials under any bytes and any split: every split ends alike, nothing
 * outside the buffers is touched, and of what is refused nothing is kept. (What is to be taken and what refused
 * is tests/core/creds/test_json.c's.)
 *
 *   fuzz_creds [--seconds N] [--seed N]   makes inputs up: documents damaged, pieces put together
 *   fuzz_creds FILE                       runs a file
 * With TINYIAM_LIBFUZZER defined: a libFuzzer target. The first 3 bytes choose source, split and buffer. */
#include <time.h>

#include "../creds/world.h"
#include "fuzz_run.h"

enum source { IOT, CONTAINER, IMDS, PROCESS, SSO, ROLE, WEB, SOURCES };

static struct {
    const char *p;
    size_t n;
    enum source source;
} document;
static unsigned taken, refused;

#define CHECK(condition)                                                    \
    do {                                                                    \
        if (!(condition)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            fprintf(stderr, "%.*s\n", (int)document.n, document.p);         \
            abort();                                                        \
        }                                                                   \
    } while (0)

static void serve(struct world_stream *s)
{
    if (world_asked(s, "PUT ")) {
        world_answer(s, "200 OK", "T");
    } else if (world_asked(s, "GET /latest/meta-data/iam/security-credentials/ ")) {
        world_answer(s, "200 OK", "r");
    } else {
        world_printf(s, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n%s\r\n", document.n,
                     world_date(s->world));
        world_put(s, document.p, document.n);
    }
}

static int give(void *context, struct iam_creds *p)
{
    (void)context;
    if (p->kind == IAM_CREDS_WEB_IDENTITY || p->kind == IAM_CREDS_SSO)
        iam_creds_text(p, iam_span_of("token"));
    else
        (void)iam_creds_give_document(p, (struct iam_span){document.p, document.n});
    return IAM_OK;
}

struct outcome {
    int result;
    char text[3][4096];
    size_t n[3];
};

/* A character of a JSON string is in the document as itself or escaped: no longer than the document. */
static void keep(struct outcome *o, const struct iam_creds *p)
{
    const struct iam_span *spans[] = {&p->keys.access_key_id, &p->keys.secret_access_key,
                                      &p->keys.session_token};
    for (int i = 0; i < 3; i++) {
        CHECK(spans[i]->n <= document.n && spans[i]->n <= sizeof o->text[i]);
        o->n[i] = spans[i]->n;
        if (o->n[i] > 0)
            memcpy(o->text[i], spans[i]->p, o->n[i]);
    }
    CHECK(o->n[0] > 0 && o->n[1] > 0);
    CHECK(p->used == o->n[0] + o->n[1] + o->n[2]);
}

/* Is it a byte of the words of a failure? They stay until the next fetch. */
static bool is_said(const struct iam_creds *p, const char *at)
{
    const struct iam_fault *f = &p->exchange.fault;
    const struct iam_span said[] = {f->code, f->message};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        if (said[i].p != NULL && at >= said[i].p && at < said[i].p + said[i].n)
            return true;
    return false;
}

static void run(struct outcome *o, size_t chunk, size_t rx, size_t keys)
{
    static const enum iam_creds_kind kinds[] = {
        IAM_CREDS_IOT, IAM_CREDS_CONTAINER,   IAM_CREDS_IMDS,        IAM_CREDS_APPLICATION,
        IAM_CREDS_SSO, IAM_CREDS_ASSUME_ROLE, IAM_CREDS_WEB_IDENTITY};
    struct iam_creds_config c = {.kind = kinds[document.source], .max_attempts = 1, .ask = give};
    struct world w;
    memset(o, 0, sizeof *o);
    if (document.source == CONTAINER)
        c.ask = NULL;
    world_init(&w, serve);
    w.chunk = chunk;
    w.rx_size = rx;
    w.keys_size = keys;
    if (c.kind == IAM_CREDS_IOT) {
        c.endpoint = iam_span_of("e");
        c.from.iot.role_alias = iam_span_of("a");
    } else if (c.kind == IAM_CREDS_CONTAINER) {
        c.from.container.relative_uri = iam_span_of("/");
    } else if (c.kind == IAM_CREDS_SSO) {
        c.endpoint = iam_span_of("e");
        c.from.sso.role_name = c.from.sso.account_id = iam_span_of("a");
    } else if (document.source >= ROLE) {
        struct iam_creds_config base = {.kind = IAM_CREDS_STATIC};
        base.from.fixed.access_key_id = iam_span_of("AKIDBASE");
        base.from.fixed.secret_access_key = iam_span_of("secret");
        CHECK(world_creds(&w, 1, &base) == IAM_OK);
        c.from.sts.base = w.creds[1];
        c.from.sts.role.role_arn = iam_span_of("arn:aws:iam::123456789012:role/r");
        c.from.sts.role.session_name = iam_span_of("session");
    }
    CHECK(world_creds(&w, 0, &c) == IAM_OK);
    o->result = world_run(&w, 0);
    CHECK(o->result <= 0);
    if (o->result == IAM_OK)
        keep(o, w.creds[0]);
    for (size_t i = o->result == IAM_OK ? w.creds[0]->used : 0; i < w.keys[0].n; i++)
        CHECK(w.keys[0].p[i] == 0 || is_said(w.creds[0], (const char *)w.keys[0].p + i));
    world_end(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome whole, other;
    if (size < 3 || size > 4096)
        return 0;
    document.source = (enum source)(data[0] % SOURCES);
    document.p = (const char *)data + 3;
    document.n = size - 3;
    run(&whole, SIZE_MAX, 8192, 8192);
    run(&other, 1 + data[1] % 16, 1 + data[1], 8192);
    CHECK(memcmp(&whole, &other, sizeof whole) == 0);
    run(&other, SIZE_MAX, 512, 1 + data[2] * 4u);
    CHECK(other.result == IAM_ERR_SPACE || memcmp(&whole, &other, sizeof whole) == 0 ||
          whole.result < 0);
    taken += whole.result == IAM_OK;
    refused += whole.result < 0;
    return 0;
}

#ifndef TINYIAM_LIBFUZZER

static const char *const pieces[] = {"{",
                                     "}",
                                     "[",
                                     "]",
                                     ":",
                                     ",",
                                     "\"",
                                     "\\",
                                     "\\u",
                                     "\\ud83d",
                                     "\\ude00",
                                     "\\u0000",
                                     "\\\"",
                                     "null",
                                     "true",
                                     "1",
                                     "-0.5e+3",
                                     " ",
                                     "\n",
                                     "\t",
                                     "\x01",
                                     "\x80",
                                     "\xC3\xA9",
                                     "\xF0\x9F\x98\x80",
                                     "\xED\xA0\x80",
                                     "\"AccessKeyId\"",
                                     "\"accessKeyId\":\"x\",",
                                     "\"Code\":\"Success\"",
                                     "\"Code\":\"Failed\"",
                                     "\"Token\":\"\"",
                                     "\"Expiration\":\"2018-10-24T20:47:31Z\"",
                                     "\"credentials\":{",
                                     "\"Version\":1,",
                                     "<Credentials>",
                                     "</Credentials>",
                                     "<AccessKeyId>",
                                     "</AccessKeyId>",
                                     "&amp;",
                                     "&#65;",
                                     "<!-- -->",
                                     "<a/>",
                                     "<![CDATA[x]]>",
                                     "<Expiration>2018-10-24T20:47:31Z</Expiration>",
                                     "]]>",
                                     "<?x?>"};
#define COUNT(a) (sizeof(a) / sizeof *(a))

static size_t make_up(uint8_t *to, size_t cap, uint64_t *random)
{
    static const char *const formats[] = {
        WORLD_IOT,
        WORLD_CONTAINER,
        WORLD_IMDS,
        "{\"Version\":1,\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"%s\",\"SessionToken\":\"%s\","
        "\"Expiration\":\"%s\"}",
        WORLD_SSO,
        WORLD_STS("AssumeRole"),
        WORLD_STS("AssumeRoleWithWebIdentity")};
    const char *text;
    size_t n = 3;
    for (size_t i = 0; i < 3; i++)
        to[i] = (uint8_t)fuzz_random(random);
    text = world_document(formats[to[0] % SOURCES],
                          to[0] % SOURCES == SSO ? "1540414051000" : WORLD_UNTIL);
    memcpy(to + n, text, strlen(text));
    n += strlen(text);
    const struct fuzz_damage damage = {
        .keep = 3, .most = 5, .cut = 20, .pieces = pieces, .count = COUNT(pieces)};
    return fuzz_damage(to, n, cap, &damage, random);
}

int main(int argc, char **argv)
{
    static uint8_t data[4096];
    struct fuzz_options o = {.seconds = 10, .seed = 1};
    unsigned long runs = 0;
    for (int i = 1; i < argc; i++)
        if (!fuzz_option(&o, argc, argv, &i))
            return fuzz_file(argv[i], data, sizeof data);
    uint64_t random = o.seed;
    for (time_t end = time(NULL) + (time_t)o.seconds; time(NULL) < end;)
        for (int i = 0; i < 50; i++, runs++)
            LLVMFuzzerTestOneInput(data, make_up(data, sizeof data, &random));
    printf("fuzz_creds: seed %lu, %lu inputs: %u taken, %u refused\n", o.seed, runs, taken,
           refused);
    return 0;
}

#endif
