/* Many clients on one thread, in virtual time: the clock moves only while everybody sleeps, and then as far
 * as the first byte that one of the streams waits for. Nobody waits longer than the network takes, nobody
 * starves, providers' streams count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tinyiam/pace.h>
#include <tinyiam/tinyiam.h>

enum { CLIENTS = 40, PAGES = 4, PER_PAGE = 3, TRIP_MS = 80 };

static const char job[] = "examplef-1305-c245-eba4-71fe298bcda7";

/* ---- the world: a clock, and peers that answer a round trip after the request ---- */

static uint64_t clock_ms;
static unsigned sleeps;
static size_t most_streams;

struct peer {
    struct iam_stream stream;
    uint32_t trip_ms;
    unsigned pages, per_page;
    uint64_t due; /* when connected, or when the answer is there */
    char request[4096], reply[8192];
    size_t request_n, reply_n, reply_at;
    bool connecting, open, waits;
    uint32_t
        costs_ms; /* the clock moves so far with each byte taken: a peer that always has some */
};

static int peer_open(struct iam_stream *s, struct iam_span host, uint16_t port)
{
    struct peer *p = (struct peer *)s;
    (void)host, (void)port;
    if (!p->open && !p->connecting) {
        p->connecting = true;
        p->due = clock_ms + p->trip_ms;
        p->request_n = p->reply_n = p->reply_at = 0;
    }
    p->open = clock_ms >= p->due;
    p->waits = !p->open;
    return p->open ? IAM_OK : IAM_AGAIN;
}

static void list(struct peer *p)
{
    static char body[8192];
    const char *at = strstr(p->request, "Marker=p");
    unsigned page = at != NULL ? (unsigned)atoi(at + 8) : 0;
    size_t n = 0;
#define PUT(...) n += (size_t)snprintf(body + n, sizeof body - n, __VA_ARGS__)
    PUT("<GetServiceLastAccessedDetailsWithEntitiesResponse>"
        "<GetServiceLastAccessedDetailsWithEntitiesResult>"
        "<JobStatus>COMPLETED</JobStatus><EntityDetailsList>");
    for (unsigned i = 0; i < p->per_page; i++)
        PUT("<member><EntityInfo><Name>n%u</Name></EntityInfo></member>", page * p->per_page + i);
    PUT("</EntityDetailsList>");
    if (page + 1 < p->pages)
        PUT("<IsTruncated>true</IsTruncated><Marker>p%u</Marker>", page + 1);
    PUT("</GetServiceLastAccessedDetailsWithEntitiesResult>"
        "</GetServiceLastAccessedDetailsWithEntitiesResponse>");
    p->reply_n = (size_t)snprintf(p->reply, sizeof p->reply,
                                  "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", n, body);
}

static int peer_send(struct iam_stream *s, const void *bytes, size_t n)
{
    struct peer *p = (struct peer *)s;
    const char *end, *length;
    assert_true(p->open);
    assert_true(p->request_n + n < sizeof p->request);
    memcpy(p->request + p->request_n, bytes, n);
    p->request_n += n;
    p->request[p->request_n] = '\0';
    end = strstr(p->request, "\r\n\r\n");
    length = strstr(p->request, "Content-Length: ");
    if (end == NULL || (length != NULL &&
                        p->request_n < (size_t)(end + 4 - p->request) + (size_t)atoi(length + 16)))
        return (int)n;
    if (length != NULL)
        list(p);
    else
        p->reply_n = (size_t)snprintf(
            p->reply, sizeof p->reply,
            "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
            "{\"AccessKeyId\":\"ASIA0123456789ABCDEF\",\"SecretAccessKey\":\"secret\","
            "\"Token\":\"t\",\"Expiration\":\"2999-10-24T20:47:31Z\"}",
            113);
    p->reply_at = p->request_n = 0;
    p->due = clock_ms + p->trip_ms;
    return (int)n;
}

static int peer_recv(struct iam_stream *s, void *bytes, size_t n)
{
    struct peer *p = (struct peer *)s;
    size_t left = p->reply_n - p->reply_at;
    n = n < left ? n : left;
    p->waits = n == 0 || clock_ms < p->due;
    if (p->waits)
        return 0;
    memcpy(bytes, p->reply + p->reply_at, n);
    p->reply_at += n;
    clock_ms += p->costs_ms;
    return (int)n;
}

static void peer_close(struct iam_stream *s)
{
    struct peer *p = (struct peer *)s;
    p->open = p->connecting = false;
}

static void peer_wait(struct iam_stream *s, struct iam_wait *w)
{
    const struct peer *p = (const struct peer *)s;
    w->events = p->waits ? IAM_WAIT_READ : 0;
    w->ms = p->waits || !p->open ? UINT32_MAX : 0;
}

static const struct iam_stream_ops peer_ops = {peer_open, peer_send, peer_recv, peer_close,
                                               peer_wait};

static uint32_t world_mono(struct iam_system *s)
{
    (void)s;
    return (uint32_t)clock_ms;
}

static int64_t world_unix(struct iam_system *s)
{
    (void)s;
    return INT64_C(1540410451000) + (int64_t)clock_ms;
}

static int world_entropy(struct iam_system *s, void *p, size_t n)
{
    (void)s;
    memset(p, 7, n);
    return IAM_OK;
}

static void world_idle(struct iam_system *s, struct iam_stream *const *streams, size_t n,
                       uint32_t ms)
{
    uint64_t until = clock_ms + ms;
    (void)s;
    assert_true(n <= IAM_IDLE_STREAMS);
    for (size_t i = 0; i < n; i++) {
        struct iam_wait w = {NULL, -1, 0, 0, 0};
        const struct peer *p;
        iam_stream_wait(streams[i], &w);
        p = (const struct peer *)w.lowest;
        if (w.events != 0 && p->due > clock_ms && p->due < until)
            until = p->due;
        if (w.ms < until - clock_ms)
            until = clock_ms + w.ms;
    }
    most_streams = n > most_streams ? n : most_streams;
    clock_ms = until;
    assert_true(sleeps++ < 100000);
}

static const struct iam_system_ops world_ops = {world_mono, world_unix, world_entropy, world_idle};
static struct iam_system world = {&world_ops};

/* ---- clients ---- */

static const struct iam_credentials keys = {
    IAM_LITERAL("AKIDEXAMPLE"), IAM_LITERAL("wJalrXUtnFEMI/K7MDENG"), {NULL, 0}};

struct member {
    struct iam_client client;
    struct peer peer, source;
    struct iam_creds creds;
    char tx[512], rx[512], text[512], kept[1024];
    unsigned items;
};
static struct member members[CLIENTS];
static struct iam_pace *shared_pace; /* of the clients started from now on */

static void start(struct member *m, uint32_t trip_ms, bool provider)
{
    struct iam_config config = {.tx = m->tx,
                                .tx_size = sizeof m->tx,
                                .rx = m->rx,
                                .rx_size = sizeof m->rx,
                                .item = m->text,
                                .item_size = sizeof m->text,
                                .stream = &m->peer.stream,
                                .pace = shared_pace,
                                .system = &world,
                                .credentials = &keys};
    struct iam_entities_request ask = {.job_id = iam_span_of(job),
                                       .service_namespace = IAM_SPAN("s3")};
    struct iam_creds_config from = {.kind = IAM_CREDS_CONTAINER,
                                    .tx = m->tx,
                                    .rx = m->rx,
                                    .tx_size = sizeof m->tx,
                                    .rx_size = sizeof m->rx,
                                    .keys = m->kept,
                                    .keys_size = sizeof m->kept,
                                    .stream = &m->source.stream};

    memset(m, 0, sizeof *m);
    m->peer = (struct peer){
        .stream = {.ops = &peer_ops}, .trip_ms = trip_ms, .pages = PAGES, .per_page = PER_PAGE};
    m->source = m->peer;
    from.from.container.relative_uri = IAM_SPAN("/v2/credentials/x");
    if (provider) {
        assert_int_equal(iam_creds_init(&m->creds, &from, 1), IAM_OK);
        config.provider = &m->creds;
        config.credentials = NULL;
    }
    assert_int_equal(iam_client_init(&m->client, &config), IAM_OK);
    assert_int_equal(iam_entities_start(&m->client, &ask), IAM_OK);
}

static void begin(void)
{
    clock_ms = 1000;
    sleeps = 0;
    most_streams = 0;
}

static void took(struct member *m, int r)
{
    const struct iam_entity *e = iam_client_entity(&m->client);
    char name[16];
    assert_int_equal(r, IAM_ITEM);
    assert_non_null(e);
    snprintf(name, sizeof name, "n%u", m->items++);
    assert_int_equal(e->name.n, strlen(name));
    assert_memory_equal(e->name.p, name, e->name.n);
}

/* Reads the lists of n of them by iam_run_any(). */
static void run_any(size_t n)
{
    struct iam_client *clients[CLIENTS];
    size_t which = 0;
    for (size_t i = 0; i < n; i++)
        clients[i] = &members[i].client;
    for (;;) {
        int r = iam_run_any(clients, n, &which, 600000);
        if (which == n) {
            assert_int_equal(r, IAM_OK);
            break;
        }
        if (r == IAM_ITEM) {
            took(&members[which], r);
            continue;
        }
        assert_int_equal(r, IAM_OK);
        assert_int_equal(members[which].items, PAGES * PER_PAGE);
        iam_client_end(clients[which]);
        clients[which] = NULL;
    }
}

/* Connecting, and a request a page: that is how long it takes, however many there are. */
#define LEAST_MS ((PAGES + 1) * TRIP_MS)

static void two_clients(void **state)
{
    (void)state;
    begin();
    start(&members[0], TRIP_MS, false);
    start(&members[1], TRIP_MS, false);
    run_any(2);
    assert_int_equal(clock_ms - 1000, LEAST_MS);
    assert_int_equal(most_streams, 2);
}

/* As README says: step, and where nobody moves sleep until the network stirs, in a loop of one's own. */
static void two_clients_in_a_loop(void **state)
{
    int left = 2;
    (void)state;
    begin();
    start(&members[0], TRIP_MS, false);
    start(&members[1], TRIP_MS, false);
    while (left > 0) {
        struct iam_stream *streams[2];
        uint32_t ms = UINT32_MAX;
        size_t n = 0;
        left = 0;
        for (size_t i = 0; i < 2; i++) {
            struct iam_client *c = &members[i].client;
            struct iam_wait w;
            int r;
            while ((r = iam_step(c)) == IAM_ITEM)
                took(&members[i], r);
            assert_true(r == IAM_OK || r == IAM_AGAIN);
            if (r == IAM_OK)
                continue;
            left++;
            w = iam_client_wait(c, 0);
            assert_ptr_equal(w.lowest, iam_client_stream(c));
            assert_true(w.ms > 0);
            ms = w.ms < ms ? w.ms : ms;
            streams[n++] = iam_client_stream(c);
        }
        if (left > 0)
            world.ops->idle(&world, streams, n, ms);
    }
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(members[i].items, PAGES * PER_PAGE);
        iam_client_end(&members[i].client);
    }
    assert_int_equal(clock_ms - 1000, LEAST_MS);
}

static void providers(void **state)
{
    (void)state;
    begin();
    start(&members[0], TRIP_MS, true);
    start(&members[1], TRIP_MS, false);
    start(&members[2], TRIP_MS, true);
    run_any(3);
    assert_int_equal(clock_ms - 1000, LEAST_MS + 2 * TRIP_MS); /* the keys: connect, ask */
}

/* More than idle() takes at a time: those beyond are looked at every 10 ms. */
static void forty_clients(void **state)
{
    (void)state;
    begin();
    for (size_t i = 0; i < CLIENTS; i++)
        start(&members[i], TRIP_MS, false);
    run_any(CLIENTS);
    assert_int_equal(most_streams, IAM_IDLE_STREAMS);
    assert_true(clock_ms - 1000 <= LEAST_MS + (PAGES + 1) * 10);
}

/* Ten requests a second for four of them: everybody sleeps as long as the pace says, and none sooner than his turn. */
static void a_pace_for_all(void **state)
{
    const unsigned requests = 4 * PAGES;
    static struct iam_pace pace;
    (void)state;
    begin();
    iam_pace_init(&pace, IAM_PACE_AUDIT, 10 * IAM_PACE_ONE);
    shared_pace = &pace;
    for (size_t i = 0; i < 4; i++)
        start(&members[i], TRIP_MS, false);
    shared_pace = NULL;
    run_any(4);
    assert_in_range(clock_ms - 1000, (requests - 2) * 100, requests * 100 + 2 * TRIP_MS);
    assert_true(sleeps < requests * 8);
}

/* Whose answers are always there does not keep the others from theirs, nor takes more than its turn. */
static void nobody_starves(void **state)
{
    struct iam_client *clients[3];
    size_t which = 0, last = 2;
    (void)state;
    begin();
    for (size_t i = 0; i < 3; i++) {
        start(&members[i], 0, false);
        members[i].peer.pages = 50;
        members[i].peer.per_page = 20;
        members[i].peer.costs_ms = 1;
        clients[i] = &members[i].client;
    }
    members[2].peer.trip_ms = TRIP_MS;
    while (members[2].items < 60) {
        assert_int_equal(iam_run_any(clients, 3, &which, 600000), IAM_ITEM);
        took(&members[which], IAM_ITEM);
        if (members[2].items > 0 && last != 2 && which != 2)
            assert_int_not_equal(which, last); /* the two take turns */
        last = which;
    }
    assert_true(members[0].items < 1000 && members[1].items < 1000);
    for (size_t i = 0; i < 3; i++)
        iam_client_end(clients[i]);
}

static void time_is_up(void **state)
{
    struct iam_client *clients[2] = {NULL, &members[1].client};
    size_t which = 0;
    (void)state;
    begin();
    start(&members[1], 100000, false);
    assert_int_equal(iam_run_any(clients, 2, &which, 500), IAM_AGAIN);
    assert_int_equal(clock_ms - 1000, 500);
    iam_client_end(clients[1]);
    clients[1] = NULL;
    assert_int_equal(iam_run_any(clients, 2, &which, 500), IAM_OK);
    assert_int_equal(which, 2);
    assert_int_equal(iam_run_any(NULL, 0, &which, 500), IAM_OK);
    assert_int_equal(which, 0);
}

/* After an item more may be there: a poll of one's own must not sleep on it. */
static void an_item_is_no_reason_to_sleep(void **state)
{
    struct iam_client *c = &members[0].client;
    int r;
    (void)state;
    begin();
    start(&members[0], 0, false);
    while ((r = iam_step(c)) == IAM_AGAIN)
        world.ops->idle(&world, NULL, 0, 1);
    assert_int_equal(r, IAM_ITEM);
    assert_int_equal(iam_client_wait(c, 0).ms, 0);
    assert_int_equal(iam_idle_ms(c), 0);
    iam_client_end(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_clients),    cmocka_unit_test(two_clients_in_a_loop),
        cmocka_unit_test(providers),      cmocka_unit_test(forty_clients),
        cmocka_unit_test(a_pace_for_all), cmocka_unit_test(nobody_starves),
        cmocka_unit_test(time_is_up),     cmocka_unit_test(an_item_is_no_reason_to_sleep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
