/* The law of faults: an error at the n-th I/O call, for every n and every kind, is survived or surfaces;
 * it never hangs, and never shortens or doubles the list. Runs the client through its ports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tinyiam/tinyiam.h>

enum { PAGES = 4, PER_PAGE = 3 };

/* A server in memory that fails on command. */
struct mock {
    struct iam_stream stream;
    struct iam_system system;
    long calls, fail_at;
    int fail_with;
    int repeat; /* calls in a row that fail */
    bool open, keep;
    char request[4096];
    size_t request_n;
    char reply[8192];
    size_t reply_n, reply_at;
    size_t chunk;
    int polls; /* replies IN_PROGRESS before the job is done */
    uint32_t mono;
    int64_t unix_ms;
};

static bool fails(struct mock *m)
{
    m->calls++;
    return m->calls >= m->fail_at && m->calls < m->fail_at + m->repeat;
}

static int mock_open(struct iam_stream *s, struct iam_span host, uint16_t port)
{
    struct mock *m = (struct mock *)(void *)s;
    assert_int_equal(port, 443);
    assert_int_equal(host.n, 17);
    if (fails(m)) {
        m->stream.native = 111;
        return m->fail_with == IAM_EOF ? IAM_ERR_CONNECT : m->fail_with;
    }
    m->open = true;
    m->request_n = m->reply_n = m->reply_at = 0;
    return m->calls % 3 == 0 ? IAM_AGAIN : IAM_OK;
}

static void answer(struct mock *m)
{
    char body[4096];
    const char *at = strstr(m->request, "Marker=p");
    int page = at != NULL ? atoi(at + 8) : 0;
    size_t n = 0;
#define PUT(...) n += (size_t)snprintf(body + n, sizeof body - n, __VA_ARGS__)
    PUT("<GetServiceLastAccessedDetailsWithEntitiesResponse><"
        "GetServiceLastAccessedDetailsWithEntitiesResult>");
    PUT("<JobStatus>%s</JobStatus><EntityDetailsList>", m->polls > 0 ? "IN_PROGRESS" : "COMPLETED");
    for (int i = 0; i < PER_PAGE && m->polls == 0; i++)
        PUT("<member><EntityInfo><Name>n%d</Name></EntityInfo></member>", page * PER_PAGE + i);
    PUT("</EntityDetailsList>");
    if (m->polls == 0 && page + 1 < PAGES)
        PUT("<IsTruncated>true</IsTruncated><Marker>p%d</Marker>", page + 1);
    PUT("</GetServiceLastAccessedDetailsWithEntitiesResult></"
        "GetServiceLastAccessedDetailsWithEntitiesResponse>");
    m->polls -= m->polls > 0;
    m->reply_n = (size_t)snprintf(m->reply, sizeof m->reply,
                                  "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n%s\r\n%s", n,
                                  m->keep ? "" : "Connection: close\r\n", body);
    m->reply_at = 0;
    m->request_n = 0;
}

static int mock_send(struct iam_stream *s, const void *p, size_t n)
{
    struct mock *m = (struct mock *)(void *)s;
    assert_true(m->open);
    if (fails(m)) {
        m->stream.native = 104;
        return m->fail_with;
    }
    if (m->calls % 5 == 0)
        return 0;
    n = n < m->chunk ? n : m->chunk;
    memcpy(m->request + m->request_n, p, n);
    m->request_n += n;
    m->request[m->request_n] = 0;
    const char *end = strstr(m->request, "\r\n\r\n"),
               *length = strstr(m->request, "Content-Length: ");
    if (end != NULL && length != NULL &&
        m->request_n == (size_t)(end + 4 - m->request) + (size_t)atoi(length + 16))
        answer(m);
    return (int)n;
}

static int mock_recv(struct iam_stream *s, void *p, size_t n)
{
    struct mock *m = (struct mock *)(void *)s;
    assert_true(m->open);
    if (fails(m)) {
        m->stream.native = 104;
        return m->fail_with;
    }
    if (m->calls % 7 == 0)
        return 0;
    size_t left = m->reply_n - m->reply_at;
    if (left == 0)
        return m->keep || m->reply_n == 0 ? 0 : IAM_EOF;
    n = n < left ? n : left;
    n = n < m->chunk ? n : m->chunk;
    memcpy(p, m->reply + m->reply_at, n);
    m->reply_at += n;
    return (int)n;
}

static void mock_close(struct iam_stream *s)
{
    struct mock *m = (struct mock *)(void *)s;
    m->open = false;
}

static const struct iam_stream_ops stream_ops = {mock_open, mock_send, mock_recv, mock_close, NULL};

static struct mock *of_system(struct iam_system *s)
{
    return (struct mock *)(void *)((char *)s - offsetof(struct mock, system));
}
static uint32_t mock_mono(struct iam_system *s)
{
    return of_system(s)->mono;
}
static int64_t mock_unix(struct iam_system *s)
{
    return of_system(s)->unix_ms;
}
static int mock_entropy(struct iam_system *s, void *p, size_t n)
{
    (void)s;
    memset(p, 7, n);
    return IAM_OK;
}
static void mock_idle(struct iam_system *s, struct iam_stream *const *streams, size_t n,
                      uint32_t ms)
{
    (void)streams, (void)n;
    of_system(s)->mono += ms < 50 ? ms : 50;
    of_system(s)->unix_ms += ms < 50 ? ms : 50;
}
static const struct iam_system_ops system_ops = {mock_mono, mock_unix, mock_entropy, mock_idle};

static void mock_init(struct mock *m)
{
    memset(m, 0, sizeof *m);
    m->stream.ops = &stream_ops;
    m->system.ops = &system_ops;
    m->fail_at = INT32_MAX;
    m->repeat = 1;
    m->chunk = 100000;
    m->keep = true;
    m->mono = 0xFFFFF000u;
    m->unix_ms = 1540410451000;
}

static const struct iam_credentials credentials = {
    .access_key_id = {"AKIDEXAMPLE", 11},
    .secret_access_key = {"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 40},
};

/* Runs to the end; the names that came are checked to be a prefix of the list, in order. */
static int run(struct mock *m, uint8_t attempts, int *names, struct iam_stats *stats)
{
    static char tx[512], rx[700], item[256];
    struct iam_client *client = malloc(sizeof *client);
    struct iam_config cfg = {.tx = tx,
                             .tx_size = sizeof tx,
                             .rx = rx,
                             .rx_size = sizeof rx,
                             .item = item,
                             .item_size = sizeof item,
                             .stream = &m->stream,
                             .system = &m->system,
                             .credentials = &credentials,
                             .max_attempts = attempts,
                             .deadline_ms = 3600000};
    struct iam_entities_request q = {.job_id = IAM_SPAN("examplef-1305-c245-eba4-71fe298bcda7"),
                                     .service_namespace = IAM_SPAN("iam")};
    int r, expect = 0;
    assert_int_equal(iam_client_init(client, &cfg), IAM_OK);
    assert_int_equal(iam_entities_start(client, &q), IAM_OK);
    while ((r = iam_run(client, 4000000)) == IAM_ITEM) {
        char name[16];
        const struct iam_entity *e = iam_client_entity(client);
        assert_non_null(e);
        snprintf(name, sizeof name, "n%d", expect++);
        assert_int_equal(e->name.n, strlen(name));
        assert_memory_equal(e->name.p, name, e->name.n);
    }
    assert_int_not_equal(r, IAM_AGAIN);
    *names = expect;
    *stats = *iam_client_stats(client);
    if (r < 0)
        assert_int_equal(iam_client_fault(client)->error, r);
    iam_client_end(client);
    assert_false(m->open);
    free(client);
    return r;
}

static const int kinds[] = {IAM_EOF,    IAM_ERR_RESET, IAM_ERR_TRUNCATED,
                            IAM_ERR_IO, IAM_ERR_TLS,   IAM_ERR_CONNECT};

static void every_call(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        for (int variant = 0; variant < 8; variant++) {
            long n = 1;
            for (;; n++) {
                struct mock m;
                struct iam_stats stats;
                int names;
                mock_init(&m);
                m.fail_at = n;
                m.fail_with = kinds[k];
                m.keep = variant & 1;
                m.chunk = variant & 2 ? 61 : 100000;
                m.polls = variant & 4 ? 2 : 0;
                int r = run(&m, 3, &names, &stats);
                if (r != IAM_OK || names != PAGES * PER_PAGE)
                    fail_msg("fault %d at call %ld, variant %d: result %d after %d names", kinds[k],
                             n, variant, r, names);
                if (m.calls < n)
                    break; /* the fault was not reached any more: all have been */
                mock_init(&m);
                m.fail_at = n;
                m.fail_with = kinds[k];
                m.keep = variant & 1;
                m.chunk = variant & 2 ? 61 : 100000;
                m.polls = variant & 4 ? 2 : 0;
                r = run(&m, 1, &names, &stats);
                if (r >= 0 && names != PAGES * PER_PAGE)
                    fail_msg("fault %d at call %ld, variant %d: %d names and no error", kinds[k], n,
                             variant, names);
            }
            assert_true(n > 10);
        }
}

/* A peer that is gone for good ends in an error, after as many attempts as allowed, in bounded time. */
static void gone_for_good(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        for (long n = 1; n < 60; n++) {
            struct mock m;
            struct iam_stats stats;
            int names;
            mock_init(&m);
            m.fail_at = n;
            m.repeat = 1000000;
            m.fail_with = kinds[k];
            uint32_t began = m.mono;
            int r = run(&m, 3, &names, &stats);
            if (r == IAM_OK && m.calls >= n)
                fail_msg("fault %d from call %ld on: no error", kinds[k], n);
            assert_true(m.mono - began < 60000);
        }
}

/* A peer that says nothing more never holds the client beyond its deadlines. */
static int silent_recv(struct iam_stream *s, void *p, size_t n)
{
    struct mock *m = (struct mock *)(void *)s;
    return ++m->calls >= m->fail_at ? 0 : mock_recv(s, p, n);
}

static void silence(void **state)
{
    static const struct iam_stream_ops ops = {mock_open, mock_send, silent_recv, mock_close, NULL};
    (void)state;
    for (long n = 1; n < 40; n++) {
        struct mock m;
        struct iam_stats stats;
        int names;
        mock_init(&m);
        m.stream.ops = &ops;
        m.repeat = 0;
        m.fail_at = n;
        m.chunk = 300;
        uint32_t began = m.mono;
        int r = run(&m, 2, &names, &stats);
        if (r == IAM_OK) {
            assert_int_equal(names, PAGES * PER_PAGE);
            continue;
        }
        assert_true(r == IAM_ERR_TIMEOUT_RESPONSE || r == IAM_ERR_TIMEOUT_IDLE);
        assert_true(m.mono - began <= 2 * CONFIG_TINYIAM_RESPONSE_MS + 5000);
    }
}

/* A dribbling peer is cut off by the deadline of the exchange. */
static int dribble_recv(struct iam_stream *s, void *p, size_t n)
{
    struct mock *m = (struct mock *)(void *)s;
    if (m->reply_n != 0)
        m->reply_at = m->reply_n = 0; /* the request is out: the answer is another one */
    static const char page[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;";
    (void)n;
    if (m->mono < m->fail_at)
        return 0;                 /* nor is anything there before the request */
    m->fail_at = m->mono + 20000; /* always before the idle deadline */
    *(char *)p = m->reply_at < sizeof page - 1 ? page[m->reply_at] : 'x';
    m->reply_at++;
    return 1;
}

static void dribble(void **state)
{
    static const struct iam_stream_ops ops = {mock_open, mock_send, dribble_recv, mock_close, NULL};
    struct mock m;
    struct iam_stats stats;
    int names;
    (void)state;
    mock_init(&m);
    m.stream.ops = &ops;
    m.repeat = 0;
    m.mono = 1;
    m.fail_at = 2;
    assert_int_equal(run(&m, 1, &names, &stats), IAM_ERR_TIMEOUT_EXCHANGE);
    assert_true(m.mono <= CONFIG_TINYIAM_EXCHANGE_MS + 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call),
        cmocka_unit_test(gone_for_good),
        cmocka_unit_test(silence),
        cmocka_unit_test(dribble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
