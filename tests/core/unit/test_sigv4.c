/* Signature Version 4 against AWS's and botocore's values, and what it costs. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* ucontext */
#endif
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

#include <cmocka.h>

#include <tinyiam/parts/sigv4.h>

#include "counting_sha256.h"
#include "guard.h"
#include "sigv4_vectors.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void from_hex(const char *hex, uint8_t *to, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned v;

        assert_int_equal(sscanf(hex + 2 * i, "%2x", &v), 1);
        to[i] = (uint8_t)v;
    }
}

static void payload_hash(const char *body, uint8_t digest[32])
{
    struct iam_sha256 h;

    iam_sha256_start(&h);
    iam_sha256_update(&h, body, strlen(body));
    assert_int_equal(iam_sha256_finish(&h, digest), IAM_OK);
}

/* A request with what it points to. */
struct made {
    struct iam_sigv4_request r;
    struct iam_header headers[8];
    uint8_t payload[32];
    char length[24];
};

static void add(struct made *m, const char *name, const char *value)
{
    m->headers[m->r.header_count++] = (struct iam_header){iam_span_of(name), iam_span_of(value)};
}

static void make(struct made *m, const struct sigv4_vector *v, bool with_more_headers)
{
    memset(m, 0, sizeof *m);
    m->r = (struct iam_sigv4_request){.access_key = iam_span_of(v->access_key),
                                      .secret_key = iam_span_of(v->secret_key),
                                      .region = iam_span_of(v->region),
                                      .service = iam_span_of(v->service),
                                      .method = iam_span_of("POST"),
                                      .path = iam_span_of(v->path),
                                      .date = v->date,
                                      .headers = m->headers,
                                      .payload_sha256 = m->payload};
    payload_hash(v->body, m->payload);
    snprintf(m->length, sizeof m->length, "%zu", strlen(v->body));
    if (with_more_headers)
        add(m, "content-length", m->length);
    add(m, "content-type", v->content_type);
    add(m, "host", v->host);
    if (with_more_headers)
        add(m, "x-amz-content-sha256", v->payload_hex);
    add(m, "x-amz-date", v->date);
    if (v->token)
        add(m, "x-amz-security-token", v->token);
}

static void assert_authorization(struct iam_sigv4 *s, const struct made *m, const char *expected)
{
    char buffer[1024];
    struct iam_out o = {.p = buffer, .cap = sizeof buffer};
    uint8_t signature[32];

    assert_int_equal(iam_sigv4_sign(s, &m->r, signature), IAM_OK);
    iam_sigv4_authorization(&o, &m->r, signature);
    assert_int_equal(o.n, o.total);
    assert_int_equal(o.n, strlen(expected));
    assert_memory_equal(buffer, expected, o.n);
}

/* The last three digests: canonical request, inner hash, outer hash. */
static void assert_request_hash(const uint8_t hash[32])
{
    if (SHA256_IS_COUNTED)
        assert_memory_equal(sha256_digests[(sha256_finished - 3) % 16], hash, 32);
}

static void vectors_agree(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(sigv4_vectors); i++) {
        const struct sigv4_vector *v = &sigv4_vectors[i];
        struct iam_sigv4 s = {0};
        uint8_t hash[32];
        struct made m;

        make(&m, v, false);
        from_hex(v->payload_hex, hash, 32);
        assert_memory_equal(m.payload, hash, 32);
        assert_authorization(&s, &m, v->authorization);
        from_hex(v->request_hex, hash, 32);
        assert_request_hash(hash);
        assert_authorization(&s, &m, v->authorization); /* from the caches */
        assert_request_hash(hash);
        iam_sigv4_clear(&s);
        make(&m, v, true);
        assert_authorization(&s, &m, v->authorization_long);
        assert_authorization(&s, &m, v->authorization_long);
        iam_sigv4_clear(&s);
    }
}

/* One object for all vectors in turn: caches hold what they must and nothing else. */
static void one_object_for_all(void **state)
{
    struct iam_sigv4 s = {0};
    const struct sigv4_vector *last = NULL;

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < COUNT(sigv4_vectors); i++) {
            const struct sigv4_vector *v = &sigv4_vectors[i];
            struct made m;

            if (last && (strcmp(last->region, v->region) || strcmp(last->service, v->service) ||
                         strcmp(last->host, v->host) || strcmp(last->path, v->path) ||
                         strcmp(last->content_type, v->content_type)))
                iam_sigv4_clear(&s);
            make(&m, v, false);
            assert_authorization(&s, &m, v->authorization);
            last = v;
        }
    }
}

static const char reference_body[] =
    "Action=GetServiceLastAccessedDetailsWithEntities&Version=2010-05-08"
    "&JobId=examplef-1305-c245-eba4-71fe298bcda7&ServiceNamespace=iam";

static void make_reference(struct made *m, const char *date, const char *token)
{
    static struct sigv4_vector v;

    v = sigv4_vectors[0];
    v.content_type = "application/x-www-form-urlencoded";
    v.host = "iam.amazonaws.com";
    v.body = reference_body;
    v.date = date;
    v.token = token;
    make(m, &v, false);
}

static void reference_costs_21(void **state)
{
    char token[701];
    struct iam_sigv4 s = {0};
    struct made m;
    uint8_t signature[32];

    (void)state;
    if (!SHA256_IS_COUNTED)
        skip();
    assert_int_equal(strlen(reference_body), 131);
    memset(token, 'T', 700);
    token[700] = '\0';
    make_reference(&m, "20181024T194731Z", token);

    sha256_compressions = 0;
    assert_int_equal(iam_sigv4_sign(&s, &m.r, signature), IAM_OK);
    print_message("first request of a day: %lu compressions\n", sha256_compressions + 3);
    /* four HMACs of 4, and the pads of the signing key; then as below with one block more */
    assert_int_equal(sha256_compressions, 4 * 4 + 2 + 1 + 18);

    make_reference(&m, "20181024T235959Z", token);
    token[0] = 'U'; /* a refreshed token alone needs no clear */
    sha256_compressions = 0;
    payload_hash(reference_body, m.payload);
    assert_int_equal(sha256_compressions, 3);
    assert_int_equal(iam_sigv4_sign(&s, &m.r, signature), IAM_OK);
    print_message("every other request: %lu compressions\n", sha256_compressions);
    assert_int_equal(sha256_compressions, 21);
}

static void a_new_day_is_noticed(void **state)
{
    static const char *const dates[] = {"20181024T235959Z", "20181025T000000Z", "20181025T000001Z",
                                        "20181024T000000Z", "20191024T000000Z"};
    struct iam_sigv4 s = {0};
    struct made m;
    uint8_t kept[32], fresh[32];

    (void)state;
    for (size_t i = 0; i < COUNT(dates); i++) {
        struct iam_sigv4 t = {0};

        make_reference(&m, dates[i], "token");
        assert_int_equal(iam_sigv4_sign(&s, &m.r, kept), IAM_OK);
        assert_int_equal(iam_sigv4_sign(&t, &m.r, fresh), IAM_OK);
        assert_memory_equal(kept, fresh, 32);
    }
}

static void authorization_at_every_window(void **state)
{
    const struct sigv4_vector *v = &sigv4_vectors[1];
    struct iam_sigv4 s = {0};
    struct made m;
    uint8_t signature[32];
    size_t length = strlen(v->authorization);

    (void)state;
    make(&m, v, false);
    assert_int_equal(iam_sigv4_sign(&s, &m.r, signature), IAM_OK);
    for (size_t cap = 0; cap <= length + 1; cap++) {
        struct guard g = guard_alloc(cap);

        for (size_t skip = 0; skip <= length + 1; skip++) {
            struct iam_out o = {.p = (char *)g.p, .cap = cap, .skip = skip};
            size_t rest = skip < length ? length - skip : 0;

            iam_sigv4_authorization(&o, &m.r, signature);
            assert_int_equal(o.total, length);
            assert_int_equal(o.n, rest < cap ? rest : cap);
            assert_true(o.n == 0 || memcmp(g.p, v->authorization + skip, o.n) == 0);
        }
        guard_free(&g);
    }
}

static void values_are_trimmed_and_folded(void **state)
{
    static const char *const pairs[][2] = {{"", ""},
                                           {" ", ""},
                                           {"a", "a"},
                                           {"  a", "a"},
                                           {"a  ", "a"},
                                           {" a  b ", "a b"},
                                           {"a b c", "a b c"},
                                           {"a\tb", "a b"},
                                           {"\t a", "a"},
                                           {"a   b    c", "a b c"},
                                           {"a\001 \010b\016", "a\001 \010b\016"},
                                           {"\"a   b\"", "\"a b\""}};

    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        struct iam_sigv4 s = {0}, t = {0};
        struct made m;
        uint8_t one[32], two[32];

        make_reference(&m, "20181024T194731Z", pairs[i][0]);
        /* the canonical request as AWS's document has it, written out here */
        char hex[65], canonical[1024];
        uint8_t hash[32];
        for (size_t k = 0; k < 32; k++)
            snprintf(hex + 2 * k, 3, "%02x", m.payload[k]);
        snprintf(
            canonical, sizeof canonical,
            "POST\n/\n\ncontent-type:application/x-www-form-urlencoded\nhost:iam.amazonaws.com\n"
            "x-amz-date:20181024T194731Z\nx-amz-security-token:%s\n\n"
            "content-type;host;x-amz-date;x-amz-security-token\n%s",
            pairs[i][1], hex);
        payload_hash(canonical, hash);
        assert_int_equal(iam_sigv4_sign(&s, &m.r, one), IAM_OK);
        assert_request_hash(hash);
        make_reference(&m, "20181024T194731Z", pairs[i][1]);
        assert_int_equal(iam_sigv4_sign(&t, &m.r, two), IAM_OK);
        assert_memory_equal(one, two, 32);
    }
}

/* Only these two are the same for every request to an endpoint; others of their lengths are not. Nor need there be any
 * other header. */
static void what_is_kept(void **state)
{
    static const char *const names[] = {"date", "content-type", "content-time", "host", "hose"};
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        struct iam_sigv4 kept = {0};
        bool constant = i == 1 || i == 3;
        uint8_t last[32], one[32], two[32];
        for (int value = 0; value < 2; value++) {
            struct iam_sigv4 fresh = {0};
            struct made m;
            make_reference(&m, "20181024T194731Z", NULL);
            m.r.header_count = 0;
            add(&m, names[i], value ? "one" : "two");
            assert_int_equal(iam_sigv4_sign(&kept, &m.r, one), IAM_OK);
            assert_int_equal(iam_sigv4_sign(&fresh, &m.r, two), IAM_OK);
            if (value == 1) {
                assert_int_equal(memcmp(one, two, 32) == 0, !constant);
                assert_int_equal(memcmp(one, last, 32) == 0, constant);
            }
            memcpy(last, one, 32);
        }
    }
}

static void an_empty_path_is_the_root(void **state)
{
    struct iam_sigv4 s = {0}, t = {0};
    struct made m;
    uint8_t one[32], two[32];

    (void)state;
    make_reference(&m, "20181024T194731Z", NULL);
    assert_int_equal(m.r.path.n, 1);
    assert_int_equal(iam_sigv4_sign(&s, &m.r, one), IAM_OK);
    m.r.path = (struct iam_span){NULL, 0};
    assert_int_equal(iam_sigv4_sign(&t, &m.r, two), IAM_OK);
    assert_memory_equal(one, two, 32);
}

/* What is signed for a path is what botocore signs (oracle_sigv4.py has many more): two paths that are one
 * when they are canonical have one signature. */
static void paths_are_made_canonical(void **state)
{
    static const char *const same[][2] = {{"/", "//"},
                                          {"/", "/."},
                                          {"/", "/a/.."},
                                          {"/", "/../a/../.."},
                                          {"/x", "//x"},
                                          {"/a/b", "/a/./b"},
                                          {"/b", "/a/../b"},
                                          {"/a/b/", "/a//b/"},
                                          {"/a", "/a/."},
                                          {"/a", "/a/b/.."},
                                          {"/a/", "/a/b/../"},
                                          {"/ab/.c/d.", "/ab/./.c/x/../d."},
                                          {"/c", "/a/b/../../../c"},
                                          {"/a/e", "/a/b/c/../../d/../e"}};
    static const char *const other[][2] = {
        {"/a", "/a/"},  {"/a+b", "/a%20b"}, {"/a%2Fb", "/a/b"}, {"/a%2fb", "/a%2Fb"},
        {"/...", "/"},  {"/%2E", "/"},      {"/a/x.", "/a/.."}, {"/a/.x", "/a/.."},
        {"/x/", "/./"}, {"/~", "/%7E"},     {"/a:b", "/a%3Ab"}};
    struct made m;
    uint8_t one[32], two[32];

    (void)state;
    make_reference(&m, "20181024T194731Z", NULL);
    for (size_t i = 0; i < COUNT(same) + COUNT(other); i++) {
        const char *const *pair = i < COUNT(same) ? same[i] : other[i - COUNT(same)];
        struct iam_sigv4 s = {0}, t = {0};

        m.r.path = iam_span_of(pair[0]);
        assert_int_equal(iam_sigv4_sign(&s, &m.r, one), IAM_OK);
        m.r.path = iam_span_of(pair[1]);
        assert_int_equal(iam_sigv4_sign(&t, &m.r, two), IAM_OK);
        if ((memcmp(one, two, 32) == 0) != (i < COUNT(same)))
            fail_msg("%s and %s", pair[0], pair[1]);
    }
}

/* Of any length, and in its time: 64 KB of segments, with and without a ".." behind them all. */
static void a_long_path(void **state)
{
    enum { N = 65536 };
    static char path[N + 3];
    struct iam_sigv4 s = {0}, t = {0};
    struct made m;
    uint8_t one[32], two[32];

    (void)state;
    make_reference(&m, "20181024T194731Z", NULL);
    for (size_t i = 0; i < N; i++)
        path[i] = i % 2 ? 'a' : '/';
    m.r.path = (struct iam_span){path, N - 2};
    assert_int_equal(iam_sigv4_sign(&s, &m.r, one), IAM_OK);
    memcpy(path + N, "/..", 3);
    m.r.path.n = N + 3;
    assert_int_equal(iam_sigv4_sign(&t, &m.r, two), IAM_OK);
    assert_memory_equal(one, two, 32);
}

/* Secrets of 0 to 200 bytes: HMAC hashes keys over a block. Compared with HMAC written the plain
 * way. */
static void plain_hmac(const uint8_t *key, size_t n, const char *message, uint8_t mac[32])
{
    uint8_t inner[64 + 64], outer[64 + 32], k[64] = {0};
    char buffer[33];
    struct iam_sha256 h;

    (void)buffer;
    if (n > 64) {
        iam_sha256_start(&h);
        iam_sha256_update(&h, key, n);
        assert_int_equal(iam_sha256_finish(&h, k), IAM_OK);
    } else {
        memcpy(k, key, n);
    }
    for (int i = 0; i < 64; i++) {
        inner[i] = k[i] ^ 0x36;
        outer[i] = k[i] ^ 0x5c;
    }
    memcpy(inner + 64, message, strlen(message));
    iam_sha256_start(&h);
    iam_sha256_update(&h, inner, 64 + strlen(message));
    assert_int_equal(iam_sha256_finish(&h, outer + 64), IAM_OK);
    iam_sha256_start(&h);
    iam_sha256_update(&h, outer, 96);
    assert_int_equal(iam_sha256_finish(&h, mac), IAM_OK);
}

static void secrets_of_any_length(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 200; n++) {
        struct guard g = guard_alloc(n);
        struct iam_sigv4 s = {0};
        struct made m;
        uint8_t key[4 + 200] = {'A', 'W', 'S', '4'}, k[32], signature[32], ours[32];

        memset(g.p, 'a' + (int)(n % 26), n);
        memcpy(key + 4, g.p, n);
        make_reference(&m, "20181024T194731Z", "token");
        m.r.secret_key = (struct iam_span){(const char *)g.p, n};
        assert_int_equal(iam_sigv4_sign(&s, &m.r, signature), IAM_OK);

        plain_hmac(key, 4 + n, "20181024", k);
        plain_hmac(k, 32, "us-east-1", k);
        plain_hmac(k, 32, "iam", k);
        plain_hmac(k, 32, "aws4_request", k);
        /* the cached midstates are that key's: an HMAC from them agrees */
        plain_hmac(k, 32, "x", k);
        struct iam_sha256 h;
        iam_sha256_clone(&h, &s.inner);
        iam_sha256_update(&h, "x", 1);
        assert_int_equal(iam_sha256_finish(&h, ours), IAM_OK);
        iam_sha256_clone(&h, &s.outer);
        iam_sha256_update(&h, ours, 32);
        assert_int_equal(iam_sha256_finish(&h, ours), IAM_OK);
        assert_memory_equal(ours, k, 32);
        iam_sigv4_clear(&s);
        guard_free(&g);
    }
}

/* No byte is read outside any of the spans. */
static void stays_inside_the_spans(void **state)
{
    const struct sigv4_vector *v = &sigv4_vectors[1];
    struct iam_sigv4 s = {0};
    struct made m;
    struct guard g[24];
    size_t n = 0;

    (void)state;
    make(&m, v, false);
    struct iam_span *const spans[] = {&m.r.access_key, &m.r.secret_key, &m.r.region,
                                      &m.r.service,    &m.r.method,     &m.r.path};
    for (size_t i = 0; i < COUNT(spans); i++, n++) {
        g[n] = guard_copy(spans[i]->p, spans[i]->n);
        spans[i]->p = (const char *)g[n].p;
    }
    for (size_t i = 0; i < m.r.header_count; i++) {
        struct iam_span *const pair[] = {&m.headers[i].name, &m.headers[i].value};

        for (int k = 0; k < 2; k++, n++) {
            g[n] = guard_copy(pair[k]->p, pair[k]->n);
            pair[k]->p = (const char *)g[n].p;
        }
    }
    g[n] = guard_copy(m.r.date, 16);
    m.r.date = (const char *)g[n++].p;
    g[n] = guard_copy(m.payload, 32);
    m.r.payload_sha256 = g[n++].p;
    assert_authorization(&s, &m, v->authorization);
    while (n--)
        guard_free(&g[n]);
}

/* Whichever call into the library fails: an error, the library's code, no key left, and the next
 * signature right again. */
static void every_failure_is_told(void **state)
{
    static const struct iam_sha256 zero;
    const struct sigv4_vector *v = &sigv4_vectors[1];
    char long_secret[100];
    struct made m;
    int failures = 0;

    (void)state;
    if (!SHA256_IS_COUNTED)
        skip();
    memset(long_secret, 's', sizeof long_secret);
    for (int kind = 0; kind < 3; kind++) { /* fresh; from the caches; fresh with a long secret */
        bool warm = kind == 1;

        make(&m, v, false);
        if (kind == 2)
            m.r.secret_key = (struct iam_span){long_secret, sizeof long_secret};
        for (long at = 0;; at++) {
            struct iam_sigv4 s = {0};
            uint8_t signature[32];
            int rc;

            if (warm)
                assert_int_equal(iam_sigv4_sign(&s, &m.r, signature), IAM_OK);
            sha256_fail_in = at;
            rc = iam_sigv4_sign(&s, &m.r, signature);
            if (sha256_fail_in >= 0) { /* there are fewer calls than that */
                assert_int_equal(rc, IAM_OK);
                sha256_fail_in = -1;
                break;
            }
            assert_int_equal(rc, IAM_ERR_CRYPTO);
            assert_int_equal(s.native, SHA256_FAILURE);
            assert_memory_equal(&s.inner, &zero, sizeof zero);
            assert_memory_equal(&s.outer, &zero, sizeof zero);
            assert_int_equal(s.key_valid, 0);
            assert_int_equal(s.prefix_valid, 0);
            if (kind < 2) {
                assert_authorization(&s, &m, v->authorization);
                assert_int_equal(s.native, 0);
            }
            failures++;
        }
    }
    assert_true(failures > 120);
}

static void clear_leaves_nothing(void **state)
{
    static const struct iam_sha256 zero;
    const struct sigv4_vector *v = &sigv4_vectors[1];
    struct iam_sigv4 s = {0};
    struct made m;
    uint8_t signature[32];

    (void)state;
    iam_sigv4_clear(&s);
    make(&m, v, false);
    assert_int_equal(iam_sigv4_sign(&s, &m.r, signature), IAM_OK);
    assert_memory_not_equal(&s.inner, &zero, sizeof zero);
    iam_sigv4_clear(&s);
    assert_memory_equal(&s.inner, &zero, sizeof zero);
    assert_memory_equal(&s.outer, &zero, sizeof zero);
    assert_memory_equal(&s.prefix, &zero, sizeof zero);
    assert_authorization(&s, &m, v->authorization);
}

/* The signer runs on a stack of our own, which is then searched for key material. */
static uint8_t own_stack[256 * 1024];
static ucontext_t own_context, main_context;
static struct iam_sigv4 own_signer;
static struct made own_made;

static void sign_on_own_stack(void)
{
    uint8_t signature[32];

    (void)iam_sigv4_sign(&own_signer, &own_made.r, signature);
}

static size_t found_on_stack(const void *what, size_t n)
{
    size_t found = 0;

    for (size_t i = 0; i + n <= sizeof own_stack; i++)
        found += memcmp(own_stack + i, what, n) == 0;
    return found;
}

static void no_key_stays_on_the_stack(void **state)
{
    const struct sigv4_vector *v = &sigv4_vectors[1];
    uint8_t key[64] = {'A', 'W', 'S', '4'}, pad[64];

    (void)state;
    if (!SHA256_IS_COUNTED)
        skip();
    make(&own_made, v, false);
    assert_int_equal(getcontext(&own_context), 0);
    own_context.uc_stack.ss_sp = own_stack;
    own_context.uc_stack.ss_size = sizeof own_stack;
    own_context.uc_link = &main_context;
    makecontext(&own_context, sign_on_own_stack, 0);
    sha256_finished = 0;
    assert_int_equal(swapcontext(&main_context, &own_context), 0);
    assert_int_equal(own_signer.key_valid, 1);

    assert_int_equal(found_on_stack(v->secret_key, 16), 0);
    memcpy(key + 4, v->secret_key, strlen(v->secret_key));
    for (unsigned step = 0; step < 5; step++) {
        for (int i = 0; i < 64; i++)
            pad[i] = key[i] ^ 0x36;
        assert_int_equal(found_on_stack(pad, 16), 0);
        for (int i = 0; i < 64; i++)
            pad[i] = key[i] ^ 0x5c;
        assert_int_equal(found_on_stack(pad, 16), 0);
        if (step < 4) { /* the digests come in pairs, inner and outer */
            memset(key, 0, sizeof key);
            memcpy(key, sha256_digests[2 * step + 1], 32);
            assert_int_equal(found_on_stack(key, 16), 0);
        }
    }
    iam_sigv4_clear(&own_signer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_agree),
        cmocka_unit_test(one_object_for_all),
        cmocka_unit_test(reference_costs_21),
        cmocka_unit_test(a_new_day_is_noticed),
        cmocka_unit_test(authorization_at_every_window),
        cmocka_unit_test(values_are_trimmed_and_folded),
        cmocka_unit_test(what_is_kept),
        cmocka_unit_test(an_empty_path_is_the_root),
        cmocka_unit_test(paths_are_made_canonical),
        cmocka_unit_test(a_long_path),
        cmocka_unit_test(secrets_of_any_length),
        cmocka_unit_test(stays_inside_the_spans),
        cmocka_unit_test(every_failure_is_told),
        cmocka_unit_test(clear_leaves_nothing),
        cmocka_unit_test(no_key_stays_on_the_stack),
    };

#ifdef IAM_SHA256_PSA
    if (psa_crypto_init() != PSA_SUCCESS)
        return 1;
#endif
    return cmocka_run_group_tests(tests, NULL, NULL);
}
