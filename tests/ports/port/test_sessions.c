/* What connections of TLS share, and sessions over a deep sleep: several connections at once over one struct
 * iam_tls_shared; a session is offered to its own server only, and restored only where everything is as it
 * was. Servers of the same mbedTLS, in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <tinyiam/port_tls.h>

#include "certificates_vectors.h"
#include "support/memory.h"
#include "support/tls_server.h"

#define LOCALHOST IAM_SPAN("localhost")
#define EACH_VERSION(tls13) for (int tls13 = 0; tls13 <= (TLS_SERVER_HAS_TLS13 ? 1 : 0); tls13++)

/* ---- a board ---- */

static uint32_t clock_ms = 4294967000u; /* wraps while the tests run */
static int64_t unix_ms = -1;

static uint32_t board_mono(struct iam_system *s)
{
    (void)s;
    return clock_ms;
}

static int64_t board_unix(struct iam_system *s)
{
    (void)s;
    return unix_ms;
}

static int board_entropy(struct iam_system *s, void *out, size_t n)
{
    (void)s;
    return getentropy(out, n) == 0 ? IAM_OK : IAM_ERR_CRYPTO;
}

static void board_idle(struct iam_system *s, struct iam_stream *const *streams, size_t n,
                       uint32_t ms)
{
    (void)s, (void)streams, (void)n, (void)ms;
}

static const struct iam_system_ops board_ops = {board_mono, board_unix, board_entropy, board_idle};
static struct iam_system board = {&board_ops};

/* ---- a server and the connection to it ---- */

struct line {
    struct memory wire;
    struct tls_server server;
    struct tls_transport transport;
    struct iam_tls tls;
};
static struct line lines[2];
static struct iam_tls_shared shared;
static struct iam_tls_session sessions[3];
static mbedtls_x509_crt roots;

static int wire_send(void *context, const unsigned char *bytes, size_t n)
{
    return memory_far_send(context, bytes, n);
}

static int wire_recv(void *context, unsigned char *bytes, size_t n)
{
    return memory_far_recv(context, bytes, n);
}

static void share(size_t room)
{
    struct iam_tls_shared_config config = {
        .system = &board, .ca = &roots, .sessions = sessions, .session_count = room};

    assert_int_equal(iam_tls_shared_init(&shared, &config), IAM_OK);
    for (size_t i = 0; i < 2; i++) {
        struct iam_tls_config one = {.below = &lines[i].wire.stream, .shared = &shared};
        assert_int_equal(iam_tls_init(&lines[i].tls, &one), IAM_OK);
    }
}

static void unshare(void)
{
    iam_tls_free(&lines[0].tls);
    iam_tls_free(&lines[1].tls);
    iam_tls_shared_free(&shared);
}

static void begin(bool tls13, size_t room)
{
    const struct certificate *own = NULL;
    int native = 0;

    clock_ms = 4294967000u;
    unix_ms = -1;
    memset(sessions, 0, sizeof sessions);
    for (size_t i = 0; i < sizeof certificates / sizeof *certificates; i++)
        own = strcmp(certificates[i].name, "good_ec") == 0 ? &certificates[i] : own;
    mbedtls_x509_crt_init(&roots);
    assert_int_equal(iam_tls_ca_parse(&roots, certificate_roots, sizeof certificate_roots, &native),
                     IAM_OK);
    for (size_t i = 0; i < 2; i++) {
        memory_init(&lines[i].wire);
        assert_int_equal(tls_server_init(&lines[i].server, own->pem, own->key, NULL, tls13), 0);
    }
    share(room);
}

static void finish(void)
{
    unshare();
    tls_server_free(&lines[0].server);
    tls_server_free(&lines[1].server);
    mbedtls_x509_crt_free(&roots);
}

/* A turn of connecting on each side; IAM_AGAIN until both are done. */
static int turn(struct line *l, struct iam_span host, uint16_t port)
{
    int r = l->tls.stream.ops->open(&l->tls.stream, host, port);
    tls_server_turn(&l->server);
    return r == IAM_OK && !l->server.done ? IAM_AGAIN : r;
}

static void call(struct line *l)
{
    memory_init(&l->wire);
    l->transport = (struct tls_transport){&l->wire, wire_send, wire_recv};
    tls_server_accept(&l->server, &l->transport);
}

/* A byte there and a byte back: TLS 1.3's tickets come with it. */
static void talk(struct line *l)
{
    struct iam_stream *s = &l->tls.stream;
    char c = 0;
    int r = 0;

    assert_int_equal(s->ops->send(s, "a", 1), 1);
    for (int i = 0; i < 1000 && r == 0; i++)
        r = tls_server_recv(&l->server, &c, 1);
    assert_int_equal(c, 'a');
    assert_int_equal(tls_server_send(&l->server, "b", 1), 1);
    r = 0;
    for (int i = 0; i < 1000 && r == 0; i++)
        r = s->ops->recv(s, &c, 1);
    assert_int_equal(c, 'b');
}

static void hang_up(struct line *l)
{
    l->tls.stream.ops->close(&l->tls.stream);
}

/* One connection from beginning to end. true: it was resumed. */
static bool visit(struct line *l, struct iam_span host, uint16_t port)
{
    uint32_t resumed = l->tls.stream.resumed;
    int r = IAM_AGAIN;

    call(l);
    for (int i = 0; i < 100000 && r == IAM_AGAIN; i++)
        r = turn(l, host, port);
    assert_int_equal(r, IAM_OK);
    talk(l);
    hang_up(l);
    return l->tls.stream.resumed != resumed;
}

/* ---- sharing ---- */

static void two_at_once(void **state)
{
    (void)state;
    EACH_VERSION(tls13)
    {
        begin(tls13 != 0, 3);
        for (uint32_t round = 0; round < 3; round++) {
            int a = IAM_AGAIN, b = IAM_AGAIN;
            call(&lines[0]);
            call(&lines[1]);
            for (int i = 0; i < 100000 && (a == IAM_AGAIN || b == IAM_AGAIN); i++) {
                a = turn(&lines[0], LOCALHOST, 443);
                b = turn(&lines[1], IAM_SPAN("127.0.0.1"), 443);
            }
            assert_int_equal(a, IAM_OK);
            assert_int_equal(b, IAM_OK);
            for (int i = 0; i < 3; i++) {
                talk(&lines[0]);
                talk(&lines[1]);
            }
            hang_up(&lines[1]);
            hang_up(&lines[0]);
            assert_int_equal(lines[0].tls.stream.resumed, round);
            assert_int_equal(lines[1].tls.stream.resumed, round);
        }
        finish();
    }
}

/* Another connection may use the session, another name or port may not. */
static void offered_to_its_own_server(void **state)
{
    (void)state;
    EACH_VERSION(tls13)
    {
        begin(tls13 != 0, 3);
        assert_false(visit(&lines[0], LOCALHOST, 443));
        assert_false(visit(&lines[0], LOCALHOST, 444));
        assert_false(visit(&lines[0], IAM_SPAN("127.0.0.1"), 443));
        assert_true(visit(&lines[0], IAM_SPAN("localhost."), 443)); /* the same name */
        lines[0].tls.config.server_name = IAM_SPAN("other.test");   /* not that of the session */
        call(&lines[0]);
        for (int i = 0; i < 1000; i++)
            if (turn(&lines[0], LOCALHOST, 443) < 0)
                break;
        assert_int_equal(lines[0].tls.error, IAM_ERR_TLS_VERIFY);
        hang_up(&lines[0]);
        finish();

        begin(tls13 != 0, 1); /* room for one: the last one's */
        assert_false(visit(&lines[0], LOCALHOST, 443));
        assert_true(visit(&lines[0], LOCALHOST, 443));
        assert_false(visit(&lines[0], LOCALHOST, 444));
        assert_false(visit(&lines[0], LOCALHOST, 443));
        finish();

        begin(tls13 != 0, 0); /* none */
        assert_false(visit(&lines[0], LOCALHOST, 443));
        assert_false(visit(&lines[0], LOCALHOST, 443));
        finish();
    }
}

/* ---- over a deep sleep ---- */

static unsigned char kept[8192];
static size_t kept_n;

static int save(struct iam_span host, uint16_t port)
{
    return iam_tls_session_save(&shared, host, port, kept, sizeof kept, &kept_n);
}

static int restore(struct iam_span host, uint16_t port)
{
    return iam_tls_session_restore(&shared, host, port, kept, kept_n);
}

/* Everything but the servers and the kept bytes is lost. */
static void sleep_deeply(void)
{
    unshare();
    memset(&shared, 0xA5, sizeof shared);
    memset(sessions, 0, sizeof sessions);
    clock_ms = 17; /* it begins anew */
    share(3);
}

/* Eight wakes: one full handshake. */
static void resumed_after_sleep(void **state)
{
    (void)state;
    EACH_VERSION(tls13)
    {
        begin(tls13 != 0, 3);
        assert_int_equal(save(LOCALHOST, 443), IAM_ERR_STATE);
        for (int wake = 0; wake < 8; wake++) {
            assert_int_equal(visit(&lines[0], LOCALHOST, 443), wake > 0);
            assert_int_equal(save(LOCALHOST, 443), IAM_OK);
            sleep_deeply();
            assert_int_equal(restore(LOCALHOST, 443), IAM_OK);
        }
        finish();
    }
}

static void bound_to_its_server(void **state)
{
    static const int suites[] = {0xC02B, 0x1301, 0};
    size_t need, n;

    (void)state;
    begin(false, 3);
    (void)visit(&lines[0], LOCALHOST, 443);
    assert_int_equal(save(LOCALHOST, 444), IAM_ERR_STATE);
    assert_int_equal(save(IAM_SPAN("127.0.0.1"), 443), IAM_ERR_STATE);
    assert_int_equal(save(LOCALHOST, 443), IAM_OK);
    need = kept_n;
    for (size_t size = 0; size < need; size += size < 50 ? 1 : 97) {
        unsigned char *tight = malloc(size + 1);
        tight[size] = 0x5A;
        assert_int_equal(iam_tls_session_save(&shared, LOCALHOST, 443, tight, size, &n),
                         IAM_ERR_SPACE);
        assert_int_equal(n, need);
        assert_int_equal(tight[size], 0x5A);
        free(tight);
    }
    sleep_deeply();
    assert_int_equal(restore(LOCALHOST, 444), IAM_ERR_VALUE);
    assert_int_equal(restore(IAM_SPAN("127.0.0.1"), 443), IAM_ERR_VALUE);
    assert_int_equal(restore(IAM_SPAN("localhos"), 443), IAM_ERR_VALUE);

    shared.config.ca = roots.next; /* a root less */
    assert_int_equal(restore(LOCALHOST, 443), IAM_ERR_VALUE);
    shared.config.ca = &roots;
    const int *usual = shared.config.ciphersuites;
    shared.config.ciphersuites = suites;
    assert_int_equal(restore(LOCALHOST, 443), IAM_ERR_VALUE);
    shared.config.ciphersuites = usual;
    shared.config.own_certificate = &roots;
    assert_int_equal(restore(LOCALHOST, 443), IAM_ERR_VALUE);
    shared.config.own_certificate = NULL;
    shared.config.trust = IAM_SPAN("another");
    assert_int_equal(restore(LOCALHOST, 443), IAM_ERR_VALUE);
    shared.config.trust = (struct iam_span){NULL, 0};
    assert_false(visit(&lines[0], LOCALHOST, 443)); /* none of them was kept */

    sleep_deeply();
    shared.config.session_count = 0;
    assert_int_equal(restore(LOCALHOST, 443), IAM_ERR_STATE);
    shared.config.session_count = 3;
    assert_int_equal(restore(LOCALHOST, 443), IAM_OK);
    assert_true(visit(&lines[0], LOCALHOST, 443));
    finish();
}

/* Roots that nobody can look at have to be named. */
static int attach(void *conf)
{
    mbedtls_ssl_conf_ca_chain(conf, &roots, NULL);
    return 0;
}

static void attached_roots_are_named(void **state)
{
    struct iam_tls_shared_config config = {
        .system = &board, .attach = attach, .sessions = sessions, .session_count = 1};

    (void)state;
    begin(false, 1);
    for (int named = 0; named < 2; named++) {
        unshare();
        config.trust = named ? IAM_SPAN("bundle 1") : (struct iam_span){NULL, 0};
        assert_int_equal(iam_tls_shared_init(&shared, &config), IAM_OK);
        struct iam_tls_config one = {.below = &lines[0].wire.stream, .shared = &shared};
        assert_int_equal(iam_tls_init(&lines[0].tls, &one), IAM_OK);
        (void)visit(&lines[0], LOCALHOST, 443);
        assert_int_equal(save(LOCALHOST, 443), named ? IAM_OK : IAM_ERR_TLS_SETUP);
        assert_int_equal(restore(LOCALHOST, 443), named ? IAM_OK : IAM_ERR_TLS_SETUP);
    }
    shared.config.trust = IAM_SPAN("bundle 2");
    assert_int_equal(restore(LOCALHOST, 443), IAM_ERR_VALUE);
    memset(&lines[1].tls, 0, sizeof lines[1].tls);
    finish();
}

#if IAM_TLS_CAN_FIND
static int find_none(void *context, const mbedtls_x509_crt *child, mbedtls_x509_crt **found)
{
    (void)context, (void)child, (void)found;
    return 0;
}
#endif

/* The same of roots that are looked up. */
static void found_roots_are_named(void **state)
{
    (void)state;
#if IAM_TLS_CAN_FIND
    begin(false, 1);
    (void)visit(&lines[0], LOCALHOST, 443);
    shared.config.find = find_none;
    assert_int_equal(save(LOCALHOST, 443), IAM_ERR_TLS_SETUP);
    shared.config.trust = IAM_SPAN("store 1");
    assert_int_equal(save(LOCALHOST, 443), IAM_OK);
    finish();
#endif
}

/* Not a bit may differ, not a byte be missing or added; and nothing of it is used then. */
static void damage(void **state)
{
    (void)state;
    begin(TLS_SERVER_HAS_TLS13, 3);
    (void)visit(&lines[0], LOCALHOST, 443);
    assert_int_equal(save(LOCALHOST, 443), IAM_OK);
    sleep_deeply();
    for (size_t i = 0; i < kept_n; i++) {
        kept[i] ^= (unsigned char)(1u << i % 8);
        assert_int_equal(restore(LOCALHOST, 443), IAM_ERR_VALUE);
        kept[i] ^= (unsigned char)(1u << i % 8);
    }
    for (size_t n = 0; n < kept_n; n++) {
        unsigned char *cut = malloc(n + 1);
        memcpy(cut, kept, n);
        assert_int_equal(iam_tls_session_restore(&shared, LOCALHOST, 443, cut, n), IAM_ERR_VALUE);
        free(cut);
    }
    kept_n++;
    assert_int_equal(restore(LOCALHOST, 443), IAM_ERR_VALUE);
    kept_n--;
    assert_false(sessions[0].there || sessions[1].there || sessions[2].there);
    assert_int_equal(restore(LOCALHOST, 443), IAM_OK);
    assert_true(visit(&lines[0], LOCALHOST, 443));
    finish();
}

/* A day is the limit, where there is a clock; without one the server knows. */
static void age(void **state)
{
    static const int64_t day = 24 * 3600 * 1000, began = INT64_C(1750000000000);

    (void)state;
    begin(false, 3);
    unix_ms = began;
    (void)visit(&lines[0], LOCALHOST, 443);
    clock_ms += 3600000;
    unix_ms += 3600000;
    assert_int_equal(save(LOCALHOST, 443), IAM_OK);
    sleep_deeply();
    unix_ms = began + day;
    assert_int_equal(restore(LOCALHOST, 443), IAM_ERR_VALUE);
    unix_ms = began - day;
    assert_int_equal(restore(LOCALHOST, 443), IAM_ERR_VALUE);
    unix_ms = -1;
    assert_int_equal(restore(LOCALHOST, 443), IAM_OK);
    unix_ms = began + day - 60000;
    assert_int_equal(restore(LOCALHOST, 443), IAM_OK);
    clock_ms += 30000;
    assert_true(visit(&lines[0], LOCALHOST, 443));
    sleep_deeply();
    assert_int_equal(restore(LOCALHOST, 443), IAM_OK);
    clock_ms += 70000; /* its age went on from where it was */
    assert_false(visit(&lines[0], LOCALHOST, 443));
    finish();
}

/* Resuming does not make a session younger: a day after it has shown its certificate, the server does so again. */
static void age_of_what_it_comes_from(void **state)
{
    static const uint32_t hours = 3600 * 1000;

    (void)state;
    EACH_VERSION(tls13)
    {
        begin(tls13 != 0, 3);
        unix_ms = INT64_C(1750000000000);
        assert_false(visit(&lines[0], LOCALHOST, 443));
        for (int day = 0; day < 2; day++) {
            for (int wake = 0; wake < 3; wake++) {
                assert_int_equal(save(LOCALHOST, 443), IAM_OK);
                sleep_deeply();
                clock_ms += 7 * hours;
                unix_ms += 7 * hours;
                assert_int_equal(restore(LOCALHOST, 443), IAM_OK);
                assert_true(visit(&lines[0], LOCALHOST, 443));
            }
            clock_ms += 4 * hours; /* 25 */
            unix_ms += 4 * hours;
            assert_false(visit(&lines[0], LOCALHOST, 443));
        }
        finish();
    }
}

/* ---- roots that are read when they are needed ---- */

static int asked, completes;

static int complete(void *context, int *native)
{
    asked++;
    *native = completes;
    return iam_tls_ca_parse(context, certificate_roots, sizeof certificate_roots, &(int){0}) < 0
               ? IAM_ERR_TLS_MEMORY
           : completes ? IAM_ERR_TLS_SETUP
                       : IAM_OK;
}

#if IAM_TLS_CAN_FIND
/* The same by looking up, which says no more than that it did not go well. */
static int find(void *context, const mbedtls_x509_crt *child, mbedtls_x509_crt **found)
{
    int native = 0;
    (void)child, (void)found;
    return complete(context, &native) < 0 ? native : 0;
}
#endif

static void roots_of_need(void **state)
{
    static mbedtls_x509_crt late;

    (void)state;
    EACH_VERSION(tls13)
    {
        begin(tls13 != 0, 3);
        mbedtls_x509_crt_init(&late);
        unshare();
        struct iam_tls_shared_config config = {
            .system = &board,
            .ca = &late,
#if IAM_TLS_CAN_FIND
            .find = find,
            .find_context = &late,
#else
            .complete = complete,
            .complete_context = &late,
#endif
            .sessions = sessions,
            .session_count = 3
        };
        assert_int_equal(iam_tls_shared_init(&shared, &config), IAM_OK);
        struct iam_tls_config one = {.below = &lines[0].wire.stream, .shared = &shared};
        assert_int_equal(iam_tls_init(&lines[0].tls, &one), IAM_OK);

        asked = 0;
        completes = -77; /* the handshake ends with it */
        call(&lines[0]);
        for (int i = 0; i < 1000 && turn(&lines[0], LOCALHOST, 443) >= 0; i++)
            ;
        assert_int_equal(lines[0].tls.error, IAM_ERR_TLS_SETUP);
        assert_int_equal(lines[0].tls.stream.native, -77);
        hang_up(&lines[0]);
        mbedtls_x509_crt_free(&late);

        completes = 0;
        assert_false(visit(&lines[0], LOCALHOST, 443));
        assert_true(asked > 1);
        assert_int_equal(save(LOCALHOST, 443),
                         IAM_ERR_TLS_SETUP); /* nobody can tell which they are */
        shared.config.trust = IAM_SPAN("bundle 1");
        asked = 0;
        assert_int_equal(save(LOCALHOST, 443), IAM_OK);
        assert_true(visit(&lines[0], LOCALHOST, 443));
        assert_int_equal(asked, 0);

        mbedtls_x509_crt_free(&late); /* a name stands for them, whether they are read or not */
        mbedtls_x509_crt_init(&late);
        assert_int_equal(restore(LOCALHOST, 443), IAM_OK);
        assert_true(visit(&lines[0], LOCALHOST, 443));
        assert_int_equal(asked, 0);
        shared.config.trust = IAM_SPAN("bundle 2");
        assert_int_equal(restore(LOCALHOST, 443), IAM_ERR_VALUE);
        assert_int_equal(asked, 0);
        memset(&lines[1].tls, 0, sizeof lines[1].tls);
        finish();
        mbedtls_x509_crt_free(&late);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_at_once),
        cmocka_unit_test(offered_to_its_own_server),
        cmocka_unit_test(resumed_after_sleep),
        cmocka_unit_test(bound_to_its_server),
        cmocka_unit_test(attached_roots_are_named),
        cmocka_unit_test(found_roots_are_named),
        cmocka_unit_test(damage),
        cmocka_unit_test(age),
        cmocka_unit_test(age_of_what_it_comes_from),
        cmocka_unit_test(roots_of_need),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
