/* What never ends, ends here: in a named error, within the bounds of config.h. And connections: kept ones,
 * dead ones, ones with bytes that nobody asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tinyiam/tinyiam.h>

#include "rig.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define HEAD "HTTP/1.1 200 OK\r\n"
#define CHUNKED HEAD "Transfer-Encoding: chunked\r\n\r\n"
#define OPENED                                            \
    "<GetServiceLastAccessedDetailsWithEntitiesResponse>" \
    "<GetServiceLastAccessedDetailsWithEntitiesResult><JobStatus>COMPLETED</JobStatus>"

/* ---- endless ---- */

struct endless {
    const char *name, *begin, *more;
    int error;
    uint64_t most;  /* bytes that may have come; more than one buffer beyond is too many */
    uint32_t items; /* handed out */
    bool framed;    /* each refill is a chunk */
};

static const struct endless endless[] = {
    {"header fields", HEAD, "X-Field: value\r\n", IAM_ERR_HTTP_LIMIT, CONFIG_TINYIAM_HTTP_HEAD_MAX,
     0, false},
    {"one field", HEAD "X-Field: ", "value", IAM_ERR_HTTP_LIMIT, CONFIG_TINYIAM_HTTP_HEAD_MAX, 0,
     false},
    {"a field's name", HEAD, "abcdefgh", IAM_ERR_HTTP_LIMIT, CONFIG_TINYIAM_HTTP_HEAD_MAX, 0,
     false},
    {"the reason", "HTTP/1.1 200 ", "because ", IAM_ERR_HTTP_LIMIT, CONFIG_TINYIAM_HTTP_HEAD_MAX, 0,
     false},
    {"interim replies", "", "HTTP/1.1 100 Continue\r\n\r\n", IAM_ERR_HTTP_LIMIT,
     (CONFIG_TINYIAM_HTTP_INTERIM_MAX + 1) * 25, 0, false},
    {"interim fields", "HTTP/1.1 103 Early Hints\r\n", "Link: x\r\n", IAM_ERR_HTTP_LIMIT,
     CONFIG_TINYIAM_HTTP_HEAD_MAX, 0, false},
    {"a chunk's extension", CHUNKED "5;a=", "b", IAM_ERR_HTTP_LIMIT,
     CONFIG_TINYIAM_HTTP_CHUNK_LINE_MAX + 100, 0, false},
    {"a chunk's size", CHUNKED, "0", IAM_ERR_HTTP_LIMIT, CONFIG_TINYIAM_HTTP_CHUNK_LINE_MAX + 100,
     0, false},
    {"trailers", CHUNKED "0\r\n", "X-Field: value\r\n", IAM_ERR_HTTP_LIMIT,
     CONFIG_TINYIAM_HTTP_HEAD_MAX + 100, 0, false},
    {"the list", HEAD "\r\n" OPENED "<EntityDetailsList>", "<member/>", IAM_ERR_PAGES,
     (uint64_t)CONFIG_TINYIAM_PAGE_ITEMS_MAX * 9 + 1000, CONFIG_TINYIAM_PAGE_ITEMS_MAX, false},
    {"depth", HEAD "\r\n" OPENED, "<a>", IAM_ERR_XML_LIMIT,
     (uint64_t)CONFIG_TINYIAM_XML_DEPTH_MAX * 3 + 1000, 0, false},
    {"blanks", HEAD "\r\n" OPENED, "                                ", IAM_ERR_HTTP_LIMIT,
     CONFIG_TINYIAM_BODY_MAX + 100, 0, false},
    {"chunks", CHUNKED,
     "80\r\n                                                                "
     "                                                                \r\n",
     IAM_ERR_HTTP_LIMIT, CONFIG_TINYIAM_BODY_MAX / 128 * 134 + 1000, 0, true},
};

static void serve_endless(struct rig *r)
{
    const struct endless *e = r->context;
    rig_printf(r, "%s", e->begin);
    r->told = true;
}

static void refill(struct rig *r)
{
    const struct endless *e = r->context;
    size_t n = strlen(e->more), times = 100000 / n;
    if (r->call->exchange.http.status == 0 || e->most < 100000)
        times = 1;
    for (size_t i = 0; i < times; i++)
        rig_put(r, e->more, n);
}

static void never_ending(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(endless); i++) {
        const struct endless *e = &endless[i];
        struct rig r;
        rig_init(&r);
        r.serve = serve_endless;
        r.refill = refill;
        r.context = (void *)(uintptr_t)e;
        r.cfg.rx_size = e->most > 100000 ? 65536 : 100;
        r.cfg.max_attempts = 3;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
        int result;
        uint32_t items = 0;
        while ((result = rig_next(&r)) == IAM_ITEM)
            items++;
        if (result != e->error || items != e->items ||
            r.call->stats.bytes_in > e->most + r.cfg.rx_size ||
            r.call->stats.bytes_in < e->most / 2) {
            fail_msg("%s: %s after %llu bytes and %u items", e->name, iam_result_name(result),
                     (unsigned long long)r.call->stats.bytes_in, items);
        }
        assert_int_equal(r.requests, 1); /* and is not asked for again */
        rig_end(&r);
    }
}

/* Pages without end, each with a Marker of its own. */
static void serve_next(struct rig *r)
{
    char next[16];
    snprintf(next, sizeof next, "m%u", r->requests);
    rig_page(r, 0, 0, "COMPLETED", next);
}

static void endless_pages(void **state)
{
    static const uint32_t before = CONFIG_TINYIAM_MAX_PAGES > 5 ? CONFIG_TINYIAM_MAX_PAGES - 5 : 0;
    struct rig r;
    (void)state;
    rig_init(&r);
    r.serve = serve_next;
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
    r.call->pages = before; /* as if they had come */
    assert_int_equal(rig_run(&r), IAM_ERR_PAGES);
    assert_int_equal(r.requests, CONFIG_TINYIAM_MAX_PAGES - before);
    rig_end(&r);
}

/* A length beyond the limit is refused before its first byte. */
static void serve_length(struct rig *r)
{
    const char *lines = r->context;
    rig_printf(r, "HTTP/1.1 200 OK\r\n%s\r\n\r\n<a>", lines);
}

static void lengths(void **state)
{
    static const struct {
        const char *lines;
        int error;
    } rows[] = {{"Content-Length: 268435457", IAM_ERR_HTTP_LIMIT},
                {"Content-Length: 99999999999999999999", IAM_ERR_HTTP_LENGTH},
                {"Content-Length: -1", IAM_ERR_HTTP_LENGTH},
                {"Content-Length: 3\r\nContent-Length: 4", IAM_ERR_HTTP_LENGTH},
                {"Content-Length: 3\r\nTransfer-Encoding: chunked", IAM_ERR_HTTP_LENGTH}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rig r;
        rig_init(&r);
        r.serve = serve_length;
        r.context = (void *)(uintptr_t)rows[i].lines;
        assert_int_equal(rig_begin(&r), IAM_OK);
        int result = rig_entities(&r);
        if (result != rows[i].error && !(i == 4 && result == IAM_ERR_HTTP))
            fail_msg("%s: %s", rows[i].lines, iam_result_name(result));
        assert_int_equal(r.call->exchange.fault.layer, IAM_LAYER_HTTP);
        assert_true(iam_call_wants(r.call) & IAM_WANT_CLOSE);
        rig_end(&r);
    }
}

/* A reply that is compressed, though identity was asked for, is named as such; an error page of 503 is tried
 * again as any other. */
static void serve_gzip(struct rig *r)
{
    assert_non_null(strstr(r->in, "\r\nAccept-Encoding: identity\r\n"));
    rig_printf(r, "HTTP/1.1 %s\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1F\x8B\x08",
               (const char *)r->context);
}

static void compressed(void **state)
{
    static const char *const statuses[] = {"200 OK", "503 Slow Down"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct rig r;
        rig_init(&r);
        r.serve = serve_gzip;
        r.context = (void *)(uintptr_t)statuses[i];
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(rig_entities(&r), IAM_ERR_HTTP_ENCODING);
        assert_int_equal(r.requests, i == 0 ? 1 : CONFIG_TINYIAM_MAX_ATTEMPTS);
        assert_int_equal(r.call->exchange.fault.layer, IAM_LAYER_HTTP);
        assert_int_equal(r.call->exchange.fault.what.n, 4);
        assert_memory_equal(r.call->exchange.fault.what.p, "gzip", 4);
        rig_end(&r);
    }
}

/* ---- connections ---- */

struct peer {
    enum {
        KEEP,
        CLOSE,      /* says so */
        DEAD_IDLE,  /* ends while nobody looks */
        DEAD_SEND,  /* fails the next send */
        DEAD_READ,  /* takes the request, then ends */
        DEAD_BYTE,  /* sends one byte of the reply, then ends */
        STRAY,      /* sends more than was asked for, late */
        STRAY_SAME, /* the same in one go with the reply */
        NO_LENGTH,  /* the end of the connection ends the reply */
        OLD,        /* HTTP/1.0 */
        INTERIM     /* 100 and 103 first */
    } how;
    int end;
    unsigned page; /* after whose reply it happens */
    unsigned times;
    bool dead;
};

static void put_page(struct rig *r, unsigned page, const char *head, bool length)
{
    char body[4096], lines[64], marker[8];
    snprintf(marker, sizeof marker, "m%u", page + 1);
    rig_body(body, sizeof body, page * 3, 3, "COMPLETED", page < 3 ? marker : NULL);
    snprintf(lines, sizeof lines, "Content-Length: %zu\r\n", strlen(body));
    rig_printf(r, "%s%s\r\n%s", head, length ? lines : "", body);
}

static void serve_peer(struct rig *r)
{
    struct peer *p = r->context;
    const char *marker = rig_field(r, "Marker");
    unsigned page = marker[0] ? (unsigned)atoi(marker + 1) : 0;
    bool now = page == p->page && p->times > 0;
    if (p->dead) { /* the request that hit a dead connection */
        p->dead = false;
        r->told = true;
        r->after = p->end;
        if (p->how == DEAD_BYTE)
            rig_put(r, "H", 1);
        return;
    }
    switch (p->how) {
    case CLOSE:
        put_page(r, page, "HTTP/1.1 200 OK\r\nConnection: close\r\n", true);
        break;
    case NO_LENGTH:
        put_page(r, page, "HTTP/1.1 200 OK\r\n", false);
        r->after = now ? p->end : IAM_EOF;
        p->times -= now;
        break;
    case OLD:
        put_page(r, page, "HTTP/1.0 200 OK\r\n", true);
        break;
    case INTERIM:
        put_page(r, page,
                 "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 "
                 "200 OK\r\n",
                 true);
        break;
    default:
        put_page(r, page, "HTTP/1.1 200 OK\r\n", true);
        if (now && p->how != DEAD_SEND) {
            p->times--;
            p->dead = p->how == DEAD_READ || p->how == DEAD_BYTE;
            if (p->how == DEAD_IDLE)
                r->after = p->end;
            else if (p->how == STRAY || p->how == STRAY_SAME)
                rig_put(r, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 38);
        }
    }
}

static void fail_send(struct rig *r)
{
    struct peer *p = r->context;
    const char *marker = rig_field(r, "Marker");
    if (p->how == DEAD_SEND && p->times > 0 && rig_whole(r) && marker[0] &&
        (unsigned)atoi(marker + 1) == p->page + 1) {
        p->times--;
        r->in_n = 0;
        r->in[0] = 0;
        r->open = false;
        iam_call_closed(r->call, p->end, 32);
    }
}

static void peer_init(struct rig *r, struct peer *p, unsigned how, unsigned page)
{
    *p = (struct peer){.how = how, .page = page, .times = 1, .end = IAM_EOF};
    rig_init(r);
    r->context = p;
    r->serve = serve_peer;
    r->sent = fail_send;
    r->cfg.max_attempts = 1;
}

/* A kept connection that has died is replaced at once: no pause, no attempt, whatever it says. */
static void dead_connection(void **state)
{
    static const int ends[] = {IAM_EOF, IAM_ERR_RESET, IAM_ERR_IO, IAM_ERR_TRUNCATED};
    (void)state;
    for (unsigned how = DEAD_IDLE; how <= DEAD_READ; how++) {
        for (unsigned page = 0; page < 3; page++) {
            for (size_t e = 0; e < COUNT(ends); e++) {
                struct rig r;
                struct peer p;
                peer_init(&r, &p, how, page);
                p.end = ends[e];
                assert_int_equal(rig_begin(&r), IAM_OK);
                if (rig_entities(&r) != IAM_OK || r.number != 12) {
                    fail_msg("dead in way %u after page %u by %d: %s", how, page, ends[e],
                             iam_result_name(r.call->exchange.fault.error));
                }
                assert_int_equal(r.connects, 2);
                assert_int_equal(r.call->stats.retries, 0);
                assert_int_equal(r.call->exchange.retry.quota, IAM_RETRY_QUOTA);
                assert_int_equal(r.elapsed, 0);
                rig_end(&r);
            }
        }
    }
}

/* One byte of a reply, and it was not dead: an attempt like any other. */
static void not_dead(void **state)
{
    (void)state;
    for (uint8_t attempts = 1; attempts < 3; attempts++) {
        struct rig r;
        struct peer p;
        peer_init(&r, &p, DEAD_BYTE, 1);
        r.cfg.max_attempts = attempts;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(rig_entities(&r), attempts == 1 ? IAM_ERR_TRUNCATED : IAM_OK);
        assert_int_equal(r.call->stats.retries, attempts - 1);
        assert_int_equal(r.number, attempts == 1 ? 6 : 12);
        rig_end(&r);
    }
}

/* A server that ends every connection after one reply without saying so; and one that never answers a
 * second request, on a new connection neither. */
static void serve_once(struct rig *r)
{
    unsigned *mode = r->context;
    const char *marker = rig_field(r, "Marker");
    unsigned page = marker[0] ? (unsigned)atoi(marker + 1) : 0;
    if (*mode == 1 && page > 0) {
        r->told = true;
        r->after = IAM_EOF;
        return;
    }
    put_page(r, page, "HTTP/1.1 200 OK\r\n", true);
    r->after = IAM_EOF;
}

static void always_dead(void **state)
{
    (void)state;
    for (unsigned mode = 0; mode < 2; mode++) {
        struct rig r;
        rig_init(&r);
        r.context = &mode;
        r.serve = serve_once;
        r.cfg.max_attempts = 3;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(rig_entities(&r), mode ? IAM_ERR_RESET : IAM_OK);
        assert_int_equal(r.number, mode ? 3 : 12);
        assert_int_equal(r.call->stats.retries, mode ? 2 : 0);
        assert_int_equal(r.call->exchange.fault.attempts, mode ? 3 : 0);
        assert_int_equal(r.connects, 4);
        rig_end(&r);
    }
}

/* Bytes that nobody asked for are never taken for a reply. */
static void stray_bytes(void **state)
{
    (void)state;
    for (unsigned how = STRAY; how <= STRAY_SAME; how++) {
        for (unsigned page = 0; page < 4; page++) {
            for (size_t rx = 1; rx < 3000; rx = rx * 3 + 1) {
                struct rig r;
                struct peer p;
                peer_init(&r, &p, how, page);
                r.cfg.rx_size = rx;
                r.chunk = how == STRAY ? 64 : SIZE_MAX;
                assert_int_equal(rig_begin(&r), IAM_OK);
                assert_int_equal(rig_entities(&r), IAM_OK);
                assert_int_equal(r.number, 12);
                assert_int_equal(r.connects, page < 3 ? 2 : 1);
                assert_int_equal(r.call->stats.retries, 0);
                rig_end(&r);
            }
        }
    }
}

/* The same on a connection that is new: who speaks before he is asked does not answer. */
static void greet(struct rig *r)
{
    if (r->connects <= *(unsigned *)r->context)
        rig_page(r, 0, 5, "COMPLETED", NULL);
}

static void serve_two(struct rig *r)
{
    rig_forget_reply(r);
    rig_page(r, 0, 2, "COMPLETED", NULL);
}

static void greetings(void **state)
{
    (void)state;
    for (unsigned times = 1; times < 4; times++) {
        for (size_t tx = 1; tx < 3000; tx = tx * 5 + 1) {
            struct rig r;
            rig_init(&r);
            r.cfg.tx_size = tx;
            r.greet = greet;
            r.serve = serve_two;
            r.context = &times;
            assert_int_equal(rig_begin(&r), IAM_OK);
            assert_int_equal(rig_entities(&r), times < 3 ? IAM_OK : IAM_ERR_RESET);
            assert_int_equal(r.number, times < 3 ? 2 : 0);
            assert_int_equal(r.connects, times < 3 ? times + 1 : 3);
            assert_int_equal(r.requests, times < 3 ? 1 : 0); /* not a byte of one was sent */
            rig_end(&r);
        }
    }
}

static void framings(void **state)
{
    static const int ends[] = {IAM_EOF, IAM_ERR_RESET, IAM_ERR_TRUNCATED};
    (void)state;
    for (unsigned how = KEEP; how <= INTERIM; how++) {
        for (size_t e = 0; e < COUNT(ends); e++) {
            struct rig r;
            struct peer p;
            peer_init(&r, &p, how, 9);
            if (how == NO_LENGTH) {
                p.page = 2;
                p.end = ends[e];
                r.cfg.max_attempts = 2;
            }
            assert_int_equal(rig_begin(&r), IAM_OK);
            assert_int_equal(rig_entities(&r), IAM_OK);
            assert_int_equal(r.number, 12);
            unsigned again = how == NO_LENGTH && ends[e] != IAM_EOF;
            assert_int_equal(r.call->stats.retries, again);
            assert_int_equal(r.connects,
                             (how == CLOSE || how == NO_LENGTH || how == OLD ? 4 : 1) + again);
            rig_end(&r);
        }
    }
}

/* A reply that comes before the request is out, but after its first byte: of an impatient server. It is taken
 * when the request is out. */
struct early {
    size_t at;
    const char *status;
    bool ends;
};

static void early_sent(struct rig *r)
{
    struct early *e = r->context;
    if (r->in_n >= e->at && !r->told) {
        if (strcmp(e->status, "200 OK") == 0)
            rig_page(r, 0, 3, "COMPLETED", NULL);
        else
            rig_error(r, e->status, RIG_DATE "Connection: close\r\n", "RequestTooLong");
        r->after = e->ends ? IAM_EOF : 0;
    }
}

static void early_replies(void **state)
{
    static const char *const statuses[] = {"200 OK", "413 Too Large", "400 Bad Request"};
    (void)state;
    for (size_t s = 0; s < COUNT(statuses); s++) {
        for (size_t at = 1; at < 500; at += 7) {
            struct rig r;
            struct early e = {at, statuses[s], true};
            rig_init(&r);
            r.context = &e;
            r.sent = early_sent;
            r.send_chunk = 3;
            assert_int_equal(rig_begin(&r), IAM_OK);
            assert_int_equal(rig_entities(&r), s == 0 ? IAM_OK : IAM_ERR_SERVICE);
            assert_int_equal(r.number, s == 0 ? 3 : 0);
            assert_int_equal(r.call->stats.requests, 1);
            rig_end(&r);
        }
    }
}

/* The stream may say that it has ended at any moment, wanted or not: nothing breaks. */
static void ends_anywhere(void **state)
{
    static const int ends[] = {IAM_OK, IAM_EOF, IAM_ERR_RESET, IAM_ERR_TRUNCATED,
                               IAM_ERR_TLS_VERIFY};
    unsigned fine = 0;
    (void)state;
    for (size_t e = 0; e < COUNT(ends); e++) {
        for (int moment = 0; moment < 120; moment++) {
            struct rig r;
            struct peer p;
            int result = IAM_AGAIN;
            peer_init(&r, &p, KEEP, 0);
            r.cfg.max_attempts = 3;
            r.chunk = 100;
            assert_int_equal(rig_begin(&r), IAM_OK);
            assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
            for (int turn = 0; result == IAM_AGAIN || result == IAM_ITEM; turn++) {
                iam_call_time(r.call, r.mono, r.unix_ms);
                result = iam_call_next(r.call);
                if (result == IAM_ITEM) {
                    rig_check_name(&r);
                } else if (result == IAM_AGAIN) {
                    if (turn == moment &&
                        (ends[e] != IAM_OK || (iam_call_wants(r.call) & IAM_WANT_CLOSE))) {
                        r.open = false;
                        iam_call_closed(r.call, ends[e], 1);
                        rig_forget_reply(&r);
                    } else {
                        rig_serve(&r);
                    }
                }
                assert_true(turn < 10000);
            }
            assert_false(r.wrong);
            assert_true(result == IAM_OK ? r.number == 12 : result < 0);
            fine += result == IAM_OK;
            rig_end(&r);
        }
    }
    assert_true(fine > 400);
}

/* Every want is one that can be granted. */
static void wants(void **state)
{
    (void)state;
    for (unsigned how = KEEP; how <= INTERIM; how++) {
        struct rig r;
        struct peer p;
        int result = IAM_AGAIN;
        peer_init(&r, &p, how, 1);
        r.cfg.max_attempts = 3;
        r.chunk = 77;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
        while (result == IAM_AGAIN || result == IAM_ITEM) {
            size_t n = 0;
            iam_call_time(r.call, r.mono, r.unix_ms);
            result = iam_call_next(r.call);
            unsigned w = iam_call_wants(r.call);
            if (result == IAM_ITEM) {
                assert_int_equal(w & (unsigned)~IAM_WANT_RECV,
                                 0); /* reading an item is the back-pressure */
                continue;
            }
            assert_true((w & IAM_WANT_OPEN) == 0 || (w == IAM_WANT_OPEN && !r.open));
            assert_true((w & IAM_WANT_CLOSE) == 0 || (w == IAM_WANT_CLOSE && r.open));
            if (w & IAM_WANT_SEND) {
                (void)iam_call_send_buf(r.call, &n);
                assert_true(n > 0 && r.open);
            }
            if (w & IAM_WANT_RECV) {
                (void)iam_call_recv_buf(r.call, &n);
                assert_true(n > 0 && r.open);
            }
            if (result == IAM_AGAIN)
                rig_serve(&r);
        }
        assert_int_equal(result, IAM_OK);
        rig_end(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_ending),    cmocka_unit_test(endless_pages),
        cmocka_unit_test(lengths),         cmocka_unit_test(compressed),
        cmocka_unit_test(dead_connection), cmocka_unit_test(not_dead),
        cmocka_unit_test(always_dead),     cmocka_unit_test(stray_bytes),
        cmocka_unit_test(greetings),       cmocka_unit_test(framings),
        cmocka_unit_test(early_replies),   cmocka_unit_test(ends_anywhere),
        cmocka_unit_test(wants),
    };
    return cmocka_run_group_tests_name("engine_bounds", tests, NULL, NULL);
}
