/* TLS against a server of the same mbedTLS in this process, over a stream in memory: everything that can
 * be cut, bent, starved or refused. Other people's servers are in test_servers.py. */
#include <tinyiam/port_tls.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <cmocka.h>

#include "certificates_vectors.h"
#include "support/memory.h"
#include "support/starve.h"
#include "support/tls_server.h"
#include "tls_name.h"

#ifndef BENT_STEP
#define BENT_STEP 17 /* every byte takes a minute */
#endif
#define LOCALHOST IAM_SPAN("localhost")

/* ---- a client, a wire, a server ---- */

static uint32_t clock_ms = 4294967000u; /* wraps while the tests run */

static uint32_t fake_mono(struct iam_system *s)
{
    (void)s;
    return clock_ms;
}

static int64_t fake_unix(struct iam_system *s)
{
    (void)s;
    return -1;
}

static int fake_entropy(struct iam_system *s, void *out, size_t n)
{
    (void)s;
    return getentropy(out, n) == 0 ? IAM_OK : IAM_ERR_CRYPTO;
}

static void fake_idle(struct iam_system *s, struct iam_stream *const *streams, size_t n,
                      uint32_t ms)
{
    (void)streams, (void)n;
    (void)s;
    (void)ms;
}

static const struct iam_system_ops fake_ops = {fake_mono, fake_unix, fake_entropy, fake_idle};
static struct iam_system fake_system = {&fake_ops};

struct world {
    struct memory wire;
    struct iam_tls_shared shared;
    struct iam_tls_session session;
    struct iam_tls tls;
    struct iam_tls_shared_config config;
    struct iam_span server_name;
    mbedtls_x509_crt roots;
    struct tls_server server;
    bool has_server;
};

static int far_send(void *context, const unsigned char *bytes, size_t n)
{
    return memory_far_send(context, bytes, n);
}

static int far_recv(void *context, unsigned char *bytes, size_t n)
{
    return memory_far_recv(context, bytes, n);
}

static const struct certificate *find(const char *name)
{
    for (size_t i = 0; i < sizeof certificates / sizeof *certificates; i++)
        if (strcmp(certificates[i].name, name) == 0)
            return &certificates[i];
    fail_msg("no certificate %s", name);
    return NULL;
}

static void serve(struct world *w, const char *certificate, bool tls13, const char *clients)
{
    const struct certificate *c = find(certificate);
    int code;

    if (w->has_server)
        tls_server_free(&w->server);
    code = tls_server_init(&w->server, c->pem, c->key, clients, tls13);
    w->has_server = true;
    if (code != 0)
        fail_msg("server %s: -0x%04x", certificate, (unsigned)-code);
}

/* With the settings as they are. */
static void start_tls(struct world *w)
{
    struct iam_tls_config config = {
        .below = &w->wire.stream, .shared = &w->shared, .server_name = w->server_name};

    assert_int_equal(iam_tls_shared_init(&w->shared, &w->config), IAM_OK);
    assert_int_equal(iam_tls_init(&w->tls, &config), IAM_OK);
}

static void end_tls(struct world *w)
{
    iam_tls_free(&w->tls);
    iam_tls_shared_free(&w->shared);
}

static void begin(struct world *w, const char *certificate, bool tls13)
{
    int native = 0;

    memset(w, 0, sizeof *w);
    memory_init(&w->wire);
    mbedtls_x509_crt_init(&w->roots);
    assert_int_equal(
        iam_tls_ca_parse(&w->roots, certificate_roots, sizeof certificate_roots, &native), IAM_OK);
    w->config.system = &fake_system;
    w->config.ca = &w->roots;
    w->config.sessions = &w->session;
    w->config.session_count = 1;
    serve(w, certificate, tls13, NULL);
    start_tls(w);
}

static void finish(struct world *w)
{
    end_tls(w);
    mbedtls_x509_crt_free(&w->roots);
    tls_server_free(&w->server);
}

static void accept_next(struct world *w)
{
    static struct tls_transport transport;

    transport = (struct tls_transport){&w->wire, far_send, far_recv};
    tls_server_accept(&w->server, &transport);
}

static int open_to(struct world *w, struct iam_span host)
{
    int result = IAM_AGAIN;
    uint64_t moved = 0;
    int still = 0;

    accept_next(w);
    for (int i = 0; i < 100000 && result == IAM_AGAIN; i++) {
        starve_client(true);
        result = w->tls.stream.ops->open(&w->tls.stream, host, 443);
        starve_client(false);
        tls_server_turn(&w->server);
        /* each waits for the other: a caller's deadline would end it */
        still = moved == w->wire.back.passed + w->wire.there.passed ? still + 1 : 0;
        moved = w->wire.back.passed + w->wire.there.passed;
        if (!w->server.running || still > 20)
            memory_far_close(&w->wire);
    }
    for (int i = 0; i < 1000 && result == IAM_OK && w->server.running && !w->server.done; i++)
        tls_server_turn(&w->server);
    return result;
}

static int client_send(struct world *w, const void *p, size_t n)
{
    return w->tls.stream.ops->send(&w->tls.stream, p, n);
}

static int client_recv(struct world *w, void *p, size_t n)
{
    int result;

    starve_client(true);
    result = w->tls.stream.ops->recv(&w->tls.stream, p, n);
    starve_client(false);
    return result;
}

static void client_close(struct world *w)
{
    w->tls.stream.ops->close(&w->tls.stream);
}

static unsigned char pattern(size_t i)
{
    return (unsigned char)(i * 7 + (i >> 8) * 13 + (i >> 16));
}

/* n bytes from the server to the client and to[n] back, in pieces of both's choice. */
static void talk(struct world *w, size_t n, size_t piece)
{
    static unsigned char out[20000], in[20000];
    size_t sent = 0, got = 0;
    int r;

    assert_true(piece <= sizeof out);
    for (long turns = 0; got < n; turns++) {
        size_t part = n - sent < piece ? n - sent : piece;
        if (turns > 100000) {
            fail_msg("stuck at %zu of %zu; %llu bytes came, altered at %llu", got, n,
                     (unsigned long long)w->wire.back.passed, (unsigned long long)w->wire.alter_at);
        }
        for (size_t i = 0; i < part; i++)
            out[i] = pattern(sent + i);
        if (part > 0) {
            r = tls_server_send(&w->server, out, part);
            assert_true(r >= 0);
            sent += (size_t)r;
        }
        r = client_recv(w, in, piece);
        assert_true(r >= 0);
        for (int i = 0; i < r; i++)
            assert_int_equal(in[i], pattern(got + (size_t)i));
        got += (size_t)r;
    }
    sent = got = 0;
    for (long turns = 0; got < n; turns++) {
        if (turns > 100000) {
            fail_msg("stuck at %zu of %zu; %llu bytes came, altered at %llu", got, n,
                     (unsigned long long)w->wire.back.passed, (unsigned long long)w->wire.alter_at);
        }
        size_t part = n - sent < piece ? n - sent : piece;
        for (size_t i = 0; i < part; i++)
            out[i] = pattern(sent + i);
        r = client_send(w, out, part);
        assert_true(r >= 0);
        sent += (size_t)r;
        r = tls_server_recv(&w->server, in, piece);
        assert_true(r >= 0);
        for (int i = 0; i < r; i++)
            assert_int_equal(in[i], pattern(got + (size_t)i));
        got += (size_t)r;
    }
}

#define EACH_VERSION(tls13) for (int tls13 = 0; tls13 <= (TLS_SERVER_HAS_TLS13 ? 1 : 0); tls13++)

/* ---- tests ---- */

static void good_servers(void **state)
{
    static const char *const names[] = {"good_rsa", "good_ec", "no_usages"};
    static struct world w;

    (void)state;
    EACH_VERSION(tls13)
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        begin(&w, names[i], tls13 != 0);
        w.wire.open_turns = 3;
        assert_int_equal(client_send(&w, "x", 1), IAM_ERR_STATE);
        assert_int_equal(open_to(&w, LOCALHOST), IAM_OK);
        assert_string_equal(mbedtls_ssl_get_version(&w.tls.ssl), tls13 ? "TLSv1.3" : "TLSv1.2");
        assert_string_equal(mbedtls_ssl_get_alpn_protocol(&w.tls.ssl), "http/1.1");
        assert_string_equal(w.server.sni, "localhost");
        assert_int_equal(w.tls.stream.ops->open(&w.tls.stream, LOCALHOST, 443), IAM_OK);
        assert_int_equal(client_recv(&w, NULL, 0), 0);
        assert_int_equal(client_send(&w, NULL, 0), 0);
        talk(&w, 100000, 16384);
        talk(&w, 3000, 1);
        assert_int_equal(w.tls.stream.handshakes, 1);
        assert_int_equal(w.tls.stream.resumed, 0);
        tls_server_close_notify(&w.server);
        assert_int_equal(client_recv(&w, &(char){0}, 1), IAM_EOF);
        assert_int_equal(client_recv(&w, &(char){0}, 1), IAM_EOF);
        finish(&w);
    }
}

static void bad_certificates(void **state)
{
    static const struct {
        const char *name;
        uint32_t flags;
        bool server_too; /* this server will not use it either, and says so with an alert */
    } cases[] = {
        {"unknown_issuer", MBEDTLS_X509_BADCERT_NOT_TRUSTED, false},
        {"self_signed", MBEDTLS_X509_BADCERT_NOT_TRUSTED, false},
        {"no_chain", MBEDTLS_X509_BADCERT_NOT_TRUSTED, false},
        {"bad_signature", MBEDTLS_X509_BADCERT_NOT_TRUSTED, false},
        {"no_ca_inter", MBEDTLS_X509_BADCERT_NOT_TRUSTED, false},
        {"path_length", MBEDTLS_X509_BADCERT_NOT_TRUSTED, false},
        {"expired", MBEDTLS_X509_BADCERT_EXPIRED, false},
        {"expired_inter", MBEDTLS_X509_BADCERT_EXPIRED, false},
        {"future", MBEDTLS_X509_BADCERT_FUTURE, false},
        {"other_name", MBEDTLS_X509_BADCERT_CN_MISMATCH, false},
        {"ca_as_leaf", MBEDTLS_X509_BADCERT_KEY_USAGE, true},
        {"key_usage", MBEDTLS_X509_BADCERT_KEY_USAGE, true},
        {"client_usage", MBEDTLS_X509_BADCERT_EXT_KEY_USAGE, true},
        {"sha1", MBEDTLS_X509_BADCERT_BAD_MD, false},
        {"sha1_inter", MBEDTLS_X509_BADCERT_BAD_MD, false},
        {"md5", MBEDTLS_X509_BADCERT_BAD_MD, false},
        {"rsa1024", MBEDTLS_X509_BADCERT_BAD_KEY, false},
        {"rsa1024_inter", MBEDTLS_X509_BADCERT_BAD_KEY, false},
    };
    static struct world w;
    char text[200];
    int r;

    (void)state;
    EACH_VERSION(tls13)
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(&w, cases[i].name, tls13 != 0);
        print_message("%s %s\n", cases[i].name, tls13 ? "1.3" : "1.2");
        r = open_to(&w, LOCALHOST);
        if (!cases[i].server_too || r != IAM_ERR_TLS) {
            assert_int_equal(r, IAM_ERR_TLS_VERIFY);
            assert_int_equal(w.tls.stream.native, (int)cases[i].flags);
            assert_true(iam_tls_verify_text(w.tls.stream.native, text, sizeof text) > 20);
        }
        /* no byte of the application, now or later; and it stays refused */
        assert_int_equal(client_send(&w, "secret", 6), r);
        assert_int_equal(client_recv(&w, text, 1), r);
        assert_int_equal(w.tls.stream.ops->open(&w.tls.stream, LOCALHOST, 443), r);
        tls_server_turn(&w.server);
        assert_false(w.server.done);
        assert_int_equal(w.tls.stream.handshakes, 0);
        /* the same stream takes a good server afterwards, with nothing left over */
        client_close(&w);
        serve(&w, "good_ec", tls13 != 0, NULL);
        memory_init(&w.wire);
        assert_int_equal(open_to(&w, LOCALHOST), IAM_OK);
        assert_int_equal(w.tls.stream.resumed, 0);
        finish(&w);
    }
}

/* Keys that would take long to compute with, and chains without end: refused, and where mbedTLS has a way in
 * before a signature is checked, for that alone. */
static void costly_keys(void **state)
{
    static const struct {
        const char *name;
        uint32_t flags, late; /* late: what has been found out about it before, without a way in */
    } cases[] = {
        {"exponent_inter", IAM_TLS_BADCERT_COSTLY, MBEDTLS_X509_BADCERT_NOT_TRUSTED},
        {"exponent_33_inter", IAM_TLS_BADCERT_COSTLY, MBEDTLS_X509_BADCERT_NOT_TRUSTED},
        {"exponent_leaf", IAM_TLS_BADCERT_COSTLY, MBEDTLS_X509_BADCERT_NOT_TRUSTED},
        {"exponent_unused", IAM_TLS_BADCERT_COSTLY, 0},
        {"modulus_inter", IAM_TLS_BADCERT_COSTLY, MBEDTLS_X509_BADCERT_NOT_TRUSTED},
        {"six_sent", IAM_TLS_BADCERT_CHAIN, 0},
        {"exponent_32_inter", MBEDTLS_X509_BADCERT_NOT_TRUSTED, 0},
        {"five_sent", 0, 0},
    };
    static struct world w;
    char text[200];

    (void)state;
    EACH_VERSION(tls13)
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t flags = cases[i].flags | (IAM_TLS_CAN_FIND ? 0 : cases[i].late);
        begin(&w, cases[i].name, tls13 != 0);
        print_message("%s %s\n", cases[i].name, tls13 ? "1.3" : "1.2");
        assert_int_equal(open_to(&w, LOCALHOST), flags != 0 ? IAM_ERR_TLS_VERIFY : IAM_OK);
        if (flags != 0) {
            assert_int_equal(w.tls.stream.native, (int)flags);
            assert_true(iam_tls_verify_text((int)cases[i].flags, text, sizeof text) > 20);
            assert_null(strstr(text, "was refused"));
        }
        finish(&w);
    }
}

#if IAM_TLS_CAN_FIND
static int found_calls;

static int find_one(void *context, const mbedtls_x509_crt *child, mbedtls_x509_crt **found)
{
    const mbedtls_x509_crt *root;
    int code = 0;

    found_calls++;
    for (root = context; root != NULL && code == 0; root = root->next)
        code = iam_tls_found(found, child, root->raw.p, root->raw.len);
    return code;
}
#endif

/* Roots that are looked up are as good as those of a list, and names are verified. */
static void found_roots(void **state)
{
    (void)state;
#if IAM_TLS_CAN_FIND
    static struct world w;

    EACH_VERSION(tls13)
    for (int i = 0; i < 4; i++) {
        static const char *const names[] = {"good_rsa", "good_ec", "unknown_issuer", "other_name"};
        begin(&w, names[i], tls13 != 0);
        end_tls(&w);
        w.config.ca = NULL;
        w.config.find = find_one;
        w.config.find_context = &w.roots;
        start_tls(&w);
        found_calls = 0;
        assert_int_equal(open_to(&w, LOCALHOST), i < 2 ? IAM_OK : IAM_ERR_TLS_VERIFY);
        assert_int_equal(w.tls.stream.native, i < 2    ? 0
                                              : i == 2 ? MBEDTLS_X509_BADCERT_NOT_TRUSTED
                                                       : MBEDTLS_X509_BADCERT_CN_MISMATCH);
        assert_true(found_calls >= 1);
        finish(&w);
    }
#endif
}

/* It has more to do than the network will stir for. */
static bool is_busy(struct iam_stream *s)
{
    struct iam_wait w = {.ms = 1};
    iam_stream_wait(s, &w);
    return w.ms == 0;
}

/* A call of open makes one step of the handshake, and wait says that the next one is due at once. */
static void step_by_step(void **state)
{
    static struct world w;

    (void)state;
    EACH_VERSION(tls13)
    {
        struct iam_stream *s = &w.tls.stream;
        int busy = 0;
        int r = IAM_AGAIN;
        begin(&w, "good_ec", tls13 != 0);
        accept_next(&w);
        for (int i = 0; i < 1000 && r == IAM_AGAIN; i++) {
            r = s->ops->open(s, LOCALHOST, 443);
            busy += is_busy(s);
            if (!is_busy(s))
                tls_server_turn(&w.server); /* only then has the server anything to add */
        }
        assert_int_equal(r, IAM_OK);
        assert_true(busy >= 6);
        /* given up in the middle, it is not busy */
        client_close(&w);
        serve(&w, "good_ec", tls13 != 0, NULL);
        memory_init(&w.wire);
        accept_next(&w);
        for (int i = 0; i < 100 && !is_busy(s); i++)
            (void)s->ops->open(s, LOCALHOST, 443);
        assert_true(is_busy(s));
        client_close(&w);
        assert_false(is_busy(s));
        finish(&w);
    }
}

static void weak_curve(void **state)
{
    static struct world w;

    (void)state;
    if (MBEDTLS_VERSION_MAJOR >= 4)
        return; /* has no such curve, to serve it with either */
    begin(&w, "p224", false);
    assert_true(open_to(&w, LOCALHOST) < 0);
    assert_false(w.server.done);
    finish(&w);
}

static void names(void **state)
{
    static const struct {
        const char *certificate;
        struct iam_span name;
        bool good;
    } cases[] = {
        {"good_ec", IAM_LITERAL("localhost"), true},
        {"good_ec", IAM_LITERAL("localhost."), true},
        {"good_ec", IAM_LITERAL("LOCALHOST"), true},
        {"good_ec", IAM_LITERAL("127.0.0.1"), true},
        {"good_ec", IAM_LITERAL("::1"), true},
        {"good_ec", IAM_LITERAL("0:0:0:0:0:0:0:1"), true},
        {"good_ec", IAM_LITERAL("127.0.0.2"), false},
        {"good_ec", IAM_LITERAL("::2"), false},
        {"good_ec", IAM_LITERAL("good_ec"), false}, /* the subject's CN, beside a SAN */
        {"good_ec", IAM_LITERAL("localhos"), false},
        {"good_ec", IAM_LITERAL("localhostt"), false},
        {"wildcard", IAM_LITERAL("a.wild.test"), true},
        {"wildcard", IAM_LITERAL("plain.test"), true},
        {"wildcard", IAM_LITERAL("a.b.wild.test"), false},
        {"wildcard", IAM_LITERAL("wild.test"), false},
        {"wildcard", IAM_LITERAL(".wild.test"), false},
        {"wildcard", IAM_LITERAL("*.wild.tes"), false},
        {"wildcard", IAM_LITERAL("a.plain.test"), false},
        {"wildcard", IAM_LITERAL("127.0.0.1"), false},
        {"other_name", IAM_LITERAL("localhost"), false}, /* its CN, and a SAN of other names */
        {"other_name", IAM_LITERAL("other.test"), true},
        {"other_name", IAM_LITERAL("127.0.0.2"), true},
    };
    static struct world w;

    (void)state;
    EACH_VERSION(tls13)
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("%s for %s\n", cases[i].certificate, cases[i].name.p);
        for (int override = 0; override < 2; override++) {
            begin(&w, cases[i].certificate, tls13 != 0);
            if (override) {
                w.server_name = cases[i].name;
                end_tls(&w);
                start_tls(&w);
            }
            if (cases[i].good) {
                assert_int_equal(open_to(&w, override ? IAM_SPAN("10.0.0.1") : cases[i].name),
                                 IAM_OK);
                assert_int_equal(w.tls.asked.buf.p == w.tls.address, w.server.sni[0] == '\0');
            } else {
                assert_int_equal(open_to(&w, override ? LOCALHOST : cases[i].name),
                                 IAM_ERR_TLS_VERIFY);
                assert_int_equal(w.tls.stream.native, MBEDTLS_X509_BADCERT_CN_MISMATCH);
            }
            finish(&w);
        }
    }
}

static void no_name_no_connection(void **state)
{
    static struct world w;
    static char longest[300];

    (void)state;
    memset(longest, 'a', sizeof longest);
    begin(&w, "good_ec", false);
    assert_int_equal(open_to(&w, (struct iam_span){"", 0}), IAM_ERR_TLS_SETUP);
    client_close(&w);
    assert_int_equal(open_to(&w, (struct iam_span){NULL, 0}), IAM_ERR_TLS_SETUP);
    client_close(&w);
    assert_int_equal(open_to(&w, IAM_SPAN("localhost\0.evil.test")), IAM_ERR_TLS_SETUP);
    client_close(&w);
    assert_int_equal(open_to(&w, IAM_SPAN(".")), IAM_ERR_TLS_SETUP);
    client_close(&w);
    assert_int_equal(open_to(&w, IAM_SPAN("fe80::1%eth0")), IAM_ERR_TLS_SETUP);
    client_close(&w);
    assert_int_equal(open_to(&w, IAM_SPAN("[::1]")), IAM_ERR_TLS_SETUP);
    client_close(&w);
    assert_int_equal(open_to(&w, IAM_SPAN("localhost:443")), IAM_ERR_TLS_SETUP);
    client_close(&w);
    assert_int_equal(open_to(&w, (struct iam_span){longest, 254}), IAM_ERR_TLS_SETUP);
    client_close(&w);
    assert_int_equal(w.wire.stream.connects, 0);
    assert_int_equal(open_to(&w, (struct iam_span){longest, 253}), IAM_ERR_TLS_VERIFY);
    finish(&w);
}

static void set_up(void **state)
{
    static struct world w;
    struct iam_tls tls;
    mbedtls_x509_crt roots;
    int native;

    (void)state;
    begin(&w, "good_ec", false);
    struct iam_tls_shared shared;
    struct iam_tls_shared_config broken = w.config;
    struct iam_tls_config one = {.below = &w.wire.stream, .shared = &shared};
    broken.ca = NULL;
    assert_int_equal(iam_tls_shared_init(&shared, &broken), IAM_ERR_TLS_SETUP);
    assert_int_equal(iam_tls_init(&tls, &one), IAM_OK);
    assert_int_equal(tls.stream.ops->open(&tls.stream, LOCALHOST, 1), IAM_ERR_TLS_SETUP);
    tls.stream.ops->close(&tls.stream);
    iam_tls_free(&tls);
    iam_tls_shared_free(&shared);
    one.below = NULL;
    assert_int_equal(iam_tls_init(&tls, &one), IAM_ERR_TLS_SETUP);
    iam_tls_free(&tls);
    one = (struct iam_tls_config){.below = &w.wire.stream};
    assert_int_equal(iam_tls_init(&tls, &one), IAM_ERR_TLS_SETUP);
    iam_tls_free(&tls);
    finish(&w);

    mbedtls_x509_crt_init(&roots);
    assert_int_equal(iam_tls_ca_parse(&roots, "rubbish", 8, &native), IAM_ERR_TLS_SETUP);
    assert_true(native < 0);
    assert_int_equal(iam_tls_ca_parse(&roots, "", 0, &native), IAM_ERR_TLS_SETUP);
    assert_int_equal(iam_tls_ca_file(&roots, "/nonexistent/file", &native), IAM_ERR_TLS_SETUP);
    assert_int_equal(iam_tls_ca_file(&roots, "/dev/null", &native), IAM_ERR_TLS_SETUP);
    mbedtls_x509_crt_free(&roots);
}

/* What an application of ESP-IDF would hand over; it also tries to switch verification off. */
static mbedtls_x509_crt *attached;
static int attach(void *conf)
{
    mbedtls_ssl_conf_ca_chain(conf, attached, NULL);
    mbedtls_ssl_conf_authmode(conf, MBEDTLS_SSL_VERIFY_NONE);
    return 0;
}

static void attached_roots(void **state)
{
    static struct world w;

    (void)state;
    EACH_VERSION(tls13)
    for (int good = 0; good < 2; good++) {
        begin(&w, good ? "good_rsa" : "unknown_issuer", tls13 != 0);
        end_tls(&w);
        attached = &w.roots;
        w.config.ca = NULL;
        w.config.attach = attach;
        start_tls(&w);
        assert_int_equal(open_to(&w, LOCALHOST), good ? IAM_OK : IAM_ERR_TLS_VERIFY);
        finish(&w);
    }
}

/* ESP-IDF's has a callback of its own. */
static int judge_nothing(void *context, mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
    (void)context, (void)crt, (void)depth, (void)flags;
    return 0;
}

static int attach_callback(void *conf)
{
    mbedtls_ssl_conf_verify(conf, judge_nothing, NULL);
    return attach(conf);
}

/* However the roots come in: a name, an IPv4 and an IPv6 address are compared, then and when a session is
 * resumed. */
static void every_way_compares(void **state)
{
    static const struct {
        const char *certificate;
        struct iam_span name;
        bool good;
    } cases[] = {
        {"good_ec", IAM_LITERAL("localhost"), true},
        {"good_ec", IAM_LITERAL("127.0.0.1"), true},
        {"good_ec", IAM_LITERAL("::1"), true},
        {"other_name", IAM_LITERAL("localhost"), false},
        {"other_name", IAM_LITERAL("127.0.0.1"), false},
        {"other_name", IAM_LITERAL("::1"), false},
        {"wildcards_beside", IAM_LITERAL("127.0.0.1"), false},
    };
    static int (*const ways[])(void *) = {NULL, attach, attach_callback};
    static struct world w;

    (void)state;
    EACH_VERSION(tls13)
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t way = 0; way < sizeof ways / sizeof *ways; way++) {
            begin(&w, cases[i].certificate, tls13 != 0);
            end_tls(&w);
            attached = &w.roots;
            w.config.attach = ways[way];
            w.config.ca = ways[way] == NULL ? &w.roots : NULL;
            start_tls(&w);
            for (int again = 0; again < 2; again++) {
                memory_init(&w.wire);
                assert_int_equal(open_to(&w, cases[i].name),
                                 cases[i].good ? IAM_OK : IAM_ERR_TLS_VERIFY);
                if (cases[i].good) {
                    talk(&w, 100, 100);
                } else {
                    assert_int_equal(w.tls.stream.native, MBEDTLS_X509_BADCERT_CN_MISMATCH);
                    assert_int_equal(client_send(&w, "secret", 6), IAM_ERR_TLS_VERIFY);
                }
                client_close(&w);
            }
            finish(&w);
        }
    }
}

static void dribble(void **state)
{
    static struct world w;

    (void)state;
    EACH_VERSION(tls13)
    for (unsigned kind = 1; kind < 4; kind++) {
        begin(&w, "good_rsa", tls13 != 0);
        w.wire.most = (kind & 1) != 0 ? 1 : 0;
        w.wire.stutter = (kind & 2) != 0;
        w.wire.there.capacity = w.wire.back.capacity = kind == 1 ? 1 : 0;
        assert_int_equal(open_to(&w, LOCALHOST), IAM_OK);
        talk(&w, 20000, 5000);
        finish(&w);
    }
}

/* The bytes that a whole handshake takes from the server, give or take a signature and its padding. */
static uint64_t handshake_bytes(bool tls13)
{
    static struct world w;
    uint64_t n;

    begin(&w, "good_ec", tls13);
    assert_int_equal(open_to(&w, LOCALHOST), IAM_OK);
    n = w.wire.back.passed;
    finish(&w);
    return n;
}

static void cut_handshake(void **state)
{
    static const int errors[] = {IAM_EOF, IAM_ERR_RESET};
    static struct world w;

    (void)state;
    EACH_VERSION(tls13)
    {
        uint64_t n = handshake_bytes(tls13 != 0);
        for (size_t e = 0; e < 2; e++) {
            for (uint64_t at = 0; at + 24 < n; at += at < 16 ? 1 : 61) {
                begin(&w, "good_ec", tls13 != 0);
                w.wire.cut = true;
                w.wire.cut_at = at;
                w.wire.cut_error = errors[e];
                assert_int_equal(open_to(&w, LOCALHOST), IAM_ERR_RESET);
                assert_int_equal(w.tls.stream.native,
                                 e == 0 ? MBEDTLS_ERR_SSL_CONN_EOF : IAM_ERR_RESET * 100);
                assert_int_equal(client_send(&w, "x", 1), IAM_ERR_RESET);
                finish(&w);
            }
        }
    }
}

/* The n-th call of the transport fails, for every n; before, during and after the handshake. */
static void fail_every_call(void **state)
{
    static struct world w;
    char room[64];

    (void)state;
    EACH_VERSION(tls13)
    {
        bool survived = false;
        for (uint64_t n = 1; !survived; n++) {
            int r = 0;
            assert_true(n < 200);
            begin(&w, "good_ec", tls13 != 0);
            w.wire.fail_call = n;
            w.wire.fail_error = IAM_ERR_IO;
            r = open_to(&w, LOCALHOST);
            if (r == IAM_OK) {
                (void)tls_server_send(&w.server, "hello", 5);
                r = client_send(&w, "hello", 5);
                r = r < 0 ? r : client_recv(&w, room, sizeof room);
            }
            survived = r == 5;
            if (!survived) {
                assert_int_equal(r, IAM_ERR_IO);
                assert_int_equal(w.tls.stream.native, IAM_ERR_IO * 100);
                assert_int_equal(client_recv(&w, room, sizeof room), IAM_ERR_IO);
            }
            finish(&w);
        }
    }
}

static void flip(struct memory *m, unsigned char *bytes, size_t n)
{
    uint64_t first = m->back.passed - n;

    if (m->alter_at >= first && m->alter_at < m->back.passed)
        bytes[m->alter_at - first] ^= (unsigned char)(1u << (m->alter_at % 8));
}

static void bent_handshake(void **state)
{
    static struct world w;

    (void)state;
    EACH_VERSION(tls13)
    {
        uint64_t n = handshake_bytes(tls13 != 0);
        unsigned passed = 0;
        for (uint64_t at = 0; at + 24 < n; at += BENT_STEP) {
            int r;
            begin(&w, "good_ec", tls13 != 0);
            w.wire.alter = flip;
            w.wire.alter_at = at;
            r = open_to(&w, LOCALHOST);
            /* the version field of records in the clear is not protected, and in TLS 1.3 the
             * ChangeCipherSpec that means nothing (RFC 8446, 5.1); those may pass */
            if (r == IAM_OK) {
                passed++;
                talk(&w, 1000, 100);
            } else {
                if (r != IAM_ERR_TLS && r != IAM_ERR_TLS_VERIFY && r != IAM_ERR_RESET) {
                    fail_msg("byte %u: %d, native -0x%x", (unsigned)at, r,
                             (unsigned)-w.tls.stream.native);
                }
                assert_int_equal(client_send(&w, "x", 1), r);
            }
            finish(&w);
        }
        assert_true(passed <= 16);
    }
}

/* From the alter_at-th record on, the client gets a fatal alert instead. */
static struct {
    unsigned char header[5];
    size_t have, rest;
    uint64_t records;
} records;

static void send_alert(struct memory *m, unsigned char *bytes, size_t n)
{
    static const unsigned char alert[] = {21, 3, 3, 0, 2, 2, 40};
    static size_t told;

    for (size_t i = 0; i < n; i++) {
        if (records.rest > 0) {
            records.rest--;
            continue;
        }
        if (records.have == 0 && records.records == m->alter_at) {
            bytes[i] = alert[told++ % sizeof alert];
            continue;
        }
        told = 0;
        records.header[records.have++] = bytes[i];
        if (records.have == 5) {
            records.have = 0;
            records.rest = (size_t)records.header[3] << 8 | records.header[4];
            records.records++;
        }
    }
}

static void alert_at_each_step(void **state)
{
    static struct world w;

    (void)state;
    EACH_VERSION(tls13)
    {
        int r = IAM_ERR_TLS;
        for (uint64_t at = 0; r != IAM_OK; at++) {
            assert_true(at < 12);
            begin(&w, "good_ec", tls13 != 0);
            memset(&records, 0, sizeof records);
            w.wire.alter = send_alert;
            w.wire.alter_at = at;
            r = open_to(&w, LOCALHOST);
            assert_true(r == IAM_OK ? at > 3 : r == IAM_ERR_TLS);
            if (r != IAM_OK &&
                at < 1) /* later ones may fall where only encrypted records may come */
                assert_int_equal(w.tls.stream.native, MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
            finish(&w);
        }
    }
}

static void ends(void **state)
{
    static struct world w;
    char room[64];

    (void)state;
    EACH_VERSION(tls13)
    for (int cut = 0; cut < 2; cut++) {
        for (int data = 0; data < 2; data++) {
            begin(&w, "good_ec", tls13 != 0);
            assert_int_equal(open_to(&w, LOCALHOST), IAM_OK);
            if (data)
                assert_int_equal(tls_server_send(&w.server, "answer", 6), 6);
            if (!cut)
                tls_server_close_notify(&w.server);
            memory_far_close(&w.wire);
            if (data)
                assert_int_equal(client_recv(&w, room, sizeof room), 6);
            for (int again = 0; again < 3; again++) {
                assert_int_equal(client_recv(&w, room, sizeof room),
                                 cut ? IAM_ERR_TRUNCATED : IAM_EOF);
            }
            finish(&w);
        }
    }
    /* our own end is orderly */
    begin(&w, "good_ec", false);
    assert_int_equal(open_to(&w, LOCALHOST), IAM_OK);
    client_close(&w);
    client_close(&w);
    assert_int_equal(tls_server_recv(&w.server, room, sizeof room),
                     MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY);
    assert_int_equal(client_recv(&w, room, sizeof room), IAM_ERR_STATE);
    finish(&w);
}

/* The session of a connection is kept when it ends well, and offered to the same name only. */
static void resumption(void **state)
{
    static struct world w;

    (void)state;
    EACH_VERSION(tls13)
    {
        begin(&w, "good_ec", tls13 != 0);
        for (uint32_t i = 0; i < 4; i++) {
            memory_init(&w.wire);
            assert_int_equal(open_to(&w, LOCALHOST), IAM_OK);
            talk(&w, 100, 100);
            assert_int_equal(w.tls.stream.resumed, i);
            client_close(&w);
        }
        memory_init(&w.wire); /* another name: not offered, and the old one is gone */
        assert_int_equal(open_to(&w, IAM_SPAN("127.0.0.1")), IAM_OK);
        talk(&w, 100, 100);
        assert_int_equal(w.tls.stream.resumed, 3);
        client_close(&w);
        memory_init(&w.wire); /* same name as before: resumes, though an address has no SNI */
        assert_int_equal(open_to(&w, IAM_SPAN("127.0.0.1")), IAM_OK);
        talk(&w, 100, 100);
        assert_int_equal(w.tls.stream.resumed, 4);
        client_close(&w);
        clock_ms += 25u * 3600u * 1000u; /* too old */
        memory_init(&w.wire);
        assert_int_equal(open_to(&w, IAM_SPAN("127.0.0.1")), IAM_OK);
        talk(&w, 100, 100);
        assert_int_equal(w.tls.stream.resumed, 4);
        client_close(&w);
        serve(&w, "good_rsa", tls13 != 0,
              NULL); /* a server that does not know it: a full handshake */
        memory_init(&w.wire);
        assert_int_equal(open_to(&w, IAM_SPAN("127.0.0.1")), IAM_OK);
        talk(&w, 100, 100);
        assert_int_equal(w.tls.stream.resumed, 4);
        client_close(&w);
        serve(&w, "other_name", tls13 != 0, NULL); /* and one that is another is refused as ever */
        memory_init(&w.wire);
        assert_int_equal(open_to(&w, IAM_SPAN("127.0.0.1")), IAM_ERR_TLS_VERIFY);
        client_close(&w);
        finish(&w);

        begin(&w, "good_ec", tls13 != 0);
        end_tls(&w);
        w.config.session_count = 0;
        start_tls(&w);
        for (int i = 0; i < 2; i++) {
            memory_init(&w.wire);
            assert_int_equal(open_to(&w, LOCALHOST), IAM_OK);
            talk(&w, 100, 100);
            client_close(&w);
        }
        assert_int_equal(w.tls.stream.resumed, 0);
        finish(&w);
    }
}

/* A session is offered to the name and port that it was made with, and by the settings that it was made
 * with: a stream that is set up anew has none. */
static void sessions_of_others(void **state)
{
    static struct world w;
    mbedtls_x509_crt other;
    int native = 0;

    (void)state;
    EACH_VERSION(tls13)
    {
        begin(&w, "good_ec", tls13 != 0);
        assert_int_equal(open_to(&w, LOCALHOST), IAM_OK);
        talk(&w, 100, 100);
        client_close(&w);
        memory_init(&w.wire);
        accept_next(&w);
        for (int i = 0; i < 1000 && w.tls.state != 3; i++) { /* another port */
            int r = w.tls.stream.ops->open(&w.tls.stream, LOCALHOST, 8443);
            assert_true(r >= 0);
            tls_server_turn(&w.server);
            if (r == IAM_OK)
                break;
        }
        talk(&w, 100, 100);
        assert_int_equal(w.tls.stream.handshakes, 2);
        assert_int_equal(w.tls.stream.resumed, 0);
        client_close(&w);
        mbedtls_x509_crt_init(
            &other); /* other roots: what was believed is asked anew, and refused */
        assert_int_equal(iam_tls_ca_parse(&other, find("unknown_issuer")->pem,
                                          strlen(find("unknown_issuer")->pem) + 1, &native),
                         IAM_OK);
        end_tls(&w);
        w.config.ca = &other;
        start_tls(&w);
        memory_init(&w.wire);
        assert_int_equal(open_to(&w, LOCALHOST), IAM_ERR_TLS_VERIFY);
        assert_int_equal(w.tls.stream.resumed, 0);
        client_close(&w);
        finish(&w);
        mbedtls_x509_crt_free(&other);
    }
}

/* A connection that broke may be resumed; one with damaged records may not. */
static void resumption_after_faults(void **state)
{
    static struct world w;
    char room[64];

    (void)state;
    EACH_VERSION(tls13)
    for (int damage = 0; damage < 2; damage++) {
        begin(&w, "good_ec", tls13 != 0);
        assert_int_equal(open_to(&w, LOCALHOST), IAM_OK);
        talk(&w, 100, 100);
        (void)tls_server_send(&w.server, "hello", 5);
        if (damage) {
            w.wire.alter = flip;
            w.wire.alter_at = w.wire.back.passed + 12;
            assert_int_equal(client_recv(&w, room, sizeof room), IAM_ERR_TLS);
        } else {
            memory_far_reset(&w.wire);
            assert_int_equal(client_recv(&w, room, sizeof room), IAM_ERR_RESET);
        }
        client_close(&w);
        memory_init(&w.wire);
        assert_int_equal(open_to(&w, LOCALHOST), IAM_OK);
        /* TLS 1.3: the ticket came before the damage and was taken then */
        assert_int_equal(w.tls.stream.resumed, damage && !tls13 ? 0 : 1);
        finish(&w);
    }
}

/* Records that carry nothing: each call ends soon, and what follows is read. */
static void flood(void **state)
{
    static struct world w;
    char room[64];
    int r;

    (void)state;
    begin(&w, "good_ec", false);
    assert_int_equal(open_to(&w, LOCALHOST), IAM_OK);
    for (int i = 0; i < 20000; i++) {
        uint64_t before = w.wire.back.passed;
        (void)mbedtls_ssl_send_alert_message(&w.server.ssl, MBEDTLS_SSL_ALERT_LEVEL_WARNING,
                                             MBEDTLS_SSL_ALERT_MSG_USER_CANCELED);
        if (i % 100 == 99) {
            assert_int_equal(client_recv(&w, room, sizeof room), 0);
            assert_true(w.wire.back.passed - before < 70000);
        }
    }
    while ((r = tls_server_send(&w.server, "hello", 5)) == 0)
        assert_int_equal(client_recv(&w, room, sizeof room), 0);
    assert_int_equal(r, 5);
    assert_int_equal(client_recv(&w, room, sizeof room), 5);
    finish(&w);
}

/* A source that never runs dry must not hold a call of recv for ever. */
static struct world *endless_world;
static void endless(struct memory *m, unsigned char *bytes, size_t n)
{
    (void)bytes;
    (void)n;
    while (m->back.n < 4000) {
        (void)mbedtls_ssl_send_alert_message(&endless_world->server.ssl,
                                             MBEDTLS_SSL_ALERT_LEVEL_WARNING,
                                             MBEDTLS_SSL_ALERT_MSG_USER_CANCELED);
    }
}

static void endless_flood(void **state)
{
    static struct world w;
    char room[64];

    (void)state;
    begin(&w, "good_ec", false);
    assert_int_equal(open_to(&w, LOCALHOST), IAM_OK);
    endless_world = &w;
    w.wire.alter = endless;
    endless(&w.wire, NULL, 0);
    for (int i = 0; i < 5; i++) {
        uint64_t before = w.wire.back.passed;
        w.wire.system_blocked = false;
        assert_int_equal(client_recv(&w, room, sizeof room), 0);
        assert_true(w.wire.system_blocked); /* idle would wait for bytes, which are there */
        assert_true(w.wire.back.passed - before < 70000);
    }
    w.wire.alter = NULL;
    finish(&w);
}

#if defined(MBEDTLS_SSL_RENEGOTIATION)
static void renegotiation(void **state)
{
    static struct world w;
    char room[64];

    (void)state;
    begin(&w, "good_ec", false);
    mbedtls_ssl_conf_renegotiation(&w.server.conf, MBEDTLS_SSL_RENEGOTIATION_ENABLED);
    mbedtls_ssl_conf_renegotiation_enforced(&w.server.conf, MBEDTLS_SSL_RENEGOTIATION_NOT_ENFORCED);
    assert_int_equal(open_to(&w, LOCALHOST), IAM_OK);
    talk(&w, 1000, 100);
    assert_int_equal(mbedtls_ssl_renegotiate(&w.server.ssl), 0);
    assert_int_equal(client_recv(&w, room, sizeof room), 0);
    assert_int_equal(tls_server_recv(&w.server, room, sizeof room), 0); /* the refusal: a warning */
    talk(&w, 1000, 100);
    assert_int_equal(w.tls.stream.handshakes, 1);
    finish(&w);
}

/* The refusal of a renegotiation is stuck half-way when the application sends. */
static void warning_in_the_way(void **state)
{
    static struct world w;
    char room[64];

    (void)state;
    for (size_t capacity = 1; capacity < 60; capacity++) {
        size_t sent = 0, got = 0;
        begin(&w, "good_ec", false);
        mbedtls_ssl_conf_renegotiation(&w.server.conf, MBEDTLS_SSL_RENEGOTIATION_ENABLED);
        mbedtls_ssl_conf_renegotiation_enforced(&w.server.conf,
                                                MBEDTLS_SSL_RENEGOTIATION_NOT_ENFORCED);
        assert_int_equal(open_to(&w, LOCALHOST), IAM_OK);
        assert_int_equal(mbedtls_ssl_renegotiate(&w.server.ssl), 0);
        w.wire.there.capacity = capacity;
        assert_int_equal(client_recv(&w, room, sizeof room), 0);
        while (got < 26) {
            int r = client_send(&w, &"abcdefghijklmnopqrstuvwxyz"[sent],
                                sent < 26 ? 1 + (26 - sent) / 3 : 0);
            assert_true(r >= 0);
            sent += (size_t)r;
            r = tls_server_recv(&w.server, room, sizeof room);
            assert_true(r >= 0);
            assert_memory_equal(room, &"abcdefghijklmnopqrstuvwxyz"[got], (size_t)r);
            got += (size_t)r;
        }
        finish(&w);
    }
}
#endif

static void client_certificate(void **state)
{
    static struct world w;
    const struct certificate *own = find("client");
    mbedtls_x509_crt chain;
    mbedtls_pk_context key;
    char room[8];

    (void)state;
    EACH_VERSION(tls13)
    for (int given = 0; given < 2; given++) {
        begin(&w, "good_ec", tls13 != 0);
        serve(&w, "good_ec", tls13 != 0, certificate_roots);
        mbedtls_x509_crt_init(&chain);
        mbedtls_pk_init(&key);
        assert_int_equal(
            mbedtls_x509_crt_parse(&chain, (const unsigned char *)own->pem, strlen(own->pem) + 1),
            0);
        assert_int_equal(tls_server_parse_key(&w.server, &key, own->key), 0);
        if (given) {
            end_tls(&w);
            w.config.own_certificate = &chain;
            w.config.own_key = &key;
            start_tls(&w);
        }
        int r = open_to(&w, LOCALHOST);
        if (given) {
            assert_int_equal(r, IAM_OK);
            talk(&w, 1000, 100);
        } else if (r == IAM_OK) { /* TLS 1.3: the server's refusal comes after our Finished */
            assert_true(tls13);
            r = client_recv(&w, room, sizeof room);
        }
        assert_true(given ? r == IAM_OK
                          : r == IAM_ERR_TLS || r == IAM_ERR_RESET || r == IAM_ERR_TRUNCATED);
        finish(&w);
        mbedtls_x509_crt_free(&chain);
        mbedtls_pk_free(&key);
    }
}

#if STARVE_WORKS
/* mbedTLS's heap of every size: short of memory is told as that, never as a bad certificate. */
static void starved(void **state)
{
    static const char *const servers[] = {"good_rsa", "good_ec"};
    static struct world w;

    (void)state;
    EACH_VERSION(tls13)
    for (size_t i = 0; i < 2; i++) {
        size_t enough = 0;
        for (size_t bytes = 20000; enough == 0; bytes += 251) {
            int r;
            assert_true(bytes < 200000);
            begin(&w, servers[i], tls13 != 0);
            starve_limit(bytes);
            r = open_to(&w, LOCALHOST);
            starve_limit(SIZE_MAX);
            if (r == IAM_OK) {
                enough = bytes;
            } else if (r != IAM_ERR_TLS_MEMORY) {
                fail_msg("%s, %zu bytes: %d, native -0x%x", servers[i], bytes, r,
                         (unsigned)-w.tls.stream.native);
            }
            finish(&w);
        }
        print_message("%s, %s: %zu bytes\n", servers[i], tls13 ? "TLS 1.3" : "TLS 1.2", enough);
        /* and with just enough, a bad certificate is called bad */
        begin(&w, i == 0 ? "expired" : "unknown_issuer", tls13 != 0);
        starve_limit(enough);
        assert_int_equal(open_to(&w, LOCALHOST), IAM_ERR_TLS_VERIFY);
        starve_limit(SIZE_MAX);
        finish(&w);
        begin(&w, i == 0 ? "no_chain" : "bad_signature", tls13 != 0);
        starve_limit(enough);
        assert_int_equal(open_to(&w, LOCALHOST), IAM_ERR_TLS_VERIFY);
        starve_limit(SIZE_MAX);
        finish(&w);
    }
}

/* What a server echoes of a token, read or not, is gone from mbedTLS's heap and from the stream at the end. */
static void no_plaintext_stays(void **state)
{
    static const char secret[] = "FwoGZXIvYXdzEXAMPLETOKEN";
    static struct world w;
    char room[4];

    (void)state;
    EACH_VERSION(tls13)
    for (int freed = 0; freed < 2; freed++) {
        begin(&w, "good_ec", tls13 != 0);
        starve_limit(1u << 24);
        assert_int_equal(open_to(&w, LOCALHOST), IAM_OK);
        assert_int_equal(tls_server_send(&w.server, secret, sizeof secret - 1), sizeof secret - 1);
        while (client_recv(&w, room, 1) == 0) {
        }
        assert_true(starve_holding(secret + 1, sizeof secret - 2) > 0);
        if (freed)
            iam_tls_free(&w.tls);
        else
            client_close(&w);
        assert_int_equal(starve_leaked(), 0);
        assert_int_equal(starve_holding(secret + 1, sizeof secret - 2), 0);
        for (size_t i = 0; i + sizeof secret < sizeof w.tls; i++)
            assert_true(memcmp((const char *)&w.tls + i, secret + 1, sizeof secret - 2) != 0);
        starve_limit(SIZE_MAX);
        finish(&w);
    }
}

#endif

static void address_literals(void **state)
{
    static const struct {
        const char *text;
        size_t n;
        const char *bytes;
    } cases[] = {
        {"1.2.3.4", 4, "\1\2\3\4"},
        {"255.255.255.255", 4, "\377\377\377\377"},
        {"0.0.0.0", 4, "\0\0\0\0"},
        {"256.1.1.1", 0, ""},
        {"1.2.3", 0, ""},
        {"1.2.3.4.", 0, ""},
        {"1.2.3.4.5", 0, ""},
        {"1..2.3", 0, ""},
        {"01.2.3.4", 0, ""},
        {"1.2.3.0x4", 0, ""},
        {"", 0, ""},
        {"localhost", 0, ""},
        {"::", 16, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"},
        {"::1", 16, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"},
        {"1::", 16, "\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0"},
        {"1:2:3:4:5:6:7:8", 16, "\0\1\0\2\0\3\0\4\0\5\0\6\0\7\0\10"},
        {"2001:DB8::fFfF", 16, "\x20\1\r\xb8\0\0\0\0\0\0\0\0\0\0\377\377"},
        {"::ffff:1.2.3.4", 16, "\0\0\0\0\0\0\0\0\0\0\377\377\1\2\3\4"},
        {"1:2:3:4:5:6:1.2.3.4", 16, "\0\1\0\2\0\3\0\4\0\5\0\6\1\2\3\4"},
        {"1::8", 16, "\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\10"},
        {"1:2:3:4:5:6:7::", 16, "\0\1\0\2\0\3\0\4\0\5\0\6\0\7\0\0"},
        {"1:2:3:4:5:6:7", 0, ""},
        {"1:2:3:4:5:6:7:8:9", 0, ""},
        {"1:2:3:4:5:6:7:8::", 0, ""},
        {"1:2:3:4:5:6:7:1.2.3.4", 0, ""},
        {"1::2::3", 0, ""},
        {":1", 0, ""},
        {"1:", 0, ""},
        {":::", 0, ""},
        {"12345::", 0, ""},
        {"fe80::1%eth0", 0, ""},
        {"::1.2.3", 0, ""},
        {"1.2.3.4::", 0, ""},
    };
    uint8_t address[16];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = strlen(cases[i].text) + 1;
        char *exact = malloc(n); /* so that a sanitizer sees a read beyond */
        memcpy(exact, cases[i].text, n);
        if (tls_name_address(exact, address) != cases[i].n)
            fail_msg("%s", exact);
        assert_memory_equal(address, cases[i].bytes, cases[i].n);
        free(exact);
    }
}

static void words(void **state)
{
    char text[64];
    size_t n;

    (void)state;
    assert_int_equal(iam_tls_verify_text(MBEDTLS_X509_BADCERT_EXPIRED, text, sizeof text), 27);
    assert_string_equal(text, "the certificate has expired");
    n = iam_tls_verify_text(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_NOT_TRUSTED, NULL,
                            0);
    assert_int_equal(n, 77);
    for (size_t size = 1; size < sizeof text; size++) {
        memset(text, 'x', sizeof text);
        assert_int_equal(
            iam_tls_verify_text(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_NOT_TRUSTED,
                                text, size),
            n);
        assert_int_equal(strlen(text), size - 1);
        assert_int_equal(text[size], 'x');
    }
    (void)iam_tls_verify_text(-0x2600, text, sizeof text);
    assert_string_equal(text, "the certificate could not be read");
    n = iam_tls_verify_text(IAM_TLS_BADCERT_CONSTRAINTS, text, sizeof text);
    assert_true(n < sizeof text && strstr(text, "name constraints") != NULL);
    assert_true(iam_tls_verify_text(-0x2562, NULL, 0) > 80); /* a critical extension */
    (void)iam_tls_verify_text(MBEDTLS_X509_BADCERT_OTHER, text, sizeof text);
    assert_string_equal(text, "the certificate was refused");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_servers),
        cmocka_unit_test(bad_certificates),
        cmocka_unit_test(costly_keys),
        cmocka_unit_test(found_roots),
        cmocka_unit_test(step_by_step),
        cmocka_unit_test(weak_curve),
        cmocka_unit_test(names),
        cmocka_unit_test(no_name_no_connection),
        cmocka_unit_test(set_up),
        cmocka_unit_test(attached_roots),
        cmocka_unit_test(every_way_compares),
        cmocka_unit_test(sessions_of_others),
        cmocka_unit_test(dribble),
        cmocka_unit_test(cut_handshake),
        cmocka_unit_test(fail_every_call),
        cmocka_unit_test(bent_handshake),
        cmocka_unit_test(alert_at_each_step),
        cmocka_unit_test(ends),
        cmocka_unit_test(resumption),
        cmocka_unit_test(resumption_after_faults),
        cmocka_unit_test(flood),
        cmocka_unit_test(endless_flood),
#if defined(MBEDTLS_SSL_RENEGOTIATION)
        cmocka_unit_test(renegotiation),
        cmocka_unit_test(warning_in_the_way),
#endif
        cmocka_unit_test(client_certificate),
#if STARVE_WORKS
        cmocka_unit_test(starved),
        cmocka_unit_test(no_plaintext_stays),
#endif
        cmocka_unit_test(address_literals),
        cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
