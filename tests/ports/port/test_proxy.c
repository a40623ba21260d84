/* The tunnel through a proxy: the rules of port.h over it, and what a proxy may do. */
#include <tinyiam/port_posix.h>
#include <tinyiam/port_proxy.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conformance.h"
#include "support/memory.h"

#define OK_REPLY "HTTP/1.1 200 Connection established\r\n\r\n"

static struct iam_posix posix;
static struct memory wire;
static struct iam_proxy proxy;
static struct iam_stream *const stream = &proxy.stream;

/* The far end: a proxy that reads one request and gives one answer, then whatever lies behind it. */
static struct {
    char request[1024];
    size_t n, said;
    const char *answer;
    bool answered;
} far_end;

static void far_reset(const char *answer)
{
    memset(&far_end, 0, sizeof far_end);
    far_end.answer = answer;
}

static void far_turn(void *context)
{
    struct memory *m = context;

    while (!far_end.answered) {
        char c;
        size_t n = far_end.n;
        if (n >= 4 && memcmp(far_end.request + n - 4, "\r\n\r\n", 4) == 0) {
            size_t left = strlen(far_end.answer) - far_end.said;
            int moved = left ? memory_far_send(m, far_end.answer + far_end.said, left) : 0;
            far_end.said += moved > 0 ? (size_t)moved : 0;
            far_end.answered = far_end.said == strlen(far_end.answer);
            if (!far_end.answered)
                return;
        } else if (n + 1 < sizeof far_end.request && memory_far_recv(m, &c, 1) == 1) {
            far_end.request[far_end.n++] = c;
        } else {
            return;
        }
    }
}

static int far_send(void *context, const void *p, size_t n)
{
    return far_end.answered ? memory_far_send(context, p, n) : 0;
}

static int far_recv(void *context, void *p, size_t n)
{
    return far_end.answered ? memory_far_recv(context, p, n) : 0;
}

static void far_forget(void *context)
{
    memory_far_forget(context);
    far_reset(far_end.answer);
}

static void set_up(const char *answer, const char *authorization)
{
    struct iam_proxy_config config = {
        .below = &wire.stream, .host = IAM_SPAN("proxy"), .port = 3128};

    if (authorization != NULL)
        config.authorization = iam_span_of(authorization);
    iam_posix_init(&posix);
    memory_init(&wire);
    far_reset(answer);
    iam_proxy_init(&proxy, &config);
}

static int open_host(const char *host, uint16_t port)
{
    int result = IAM_AGAIN;

    for (int i = 0; i < 5000 && result == IAM_AGAIN; i++) {
        result = stream->ops->open(stream, iam_span_of(host), port);
        far_turn(&wire);
    }
    return result;
}

static void test_conformance(void **state)
{
    struct conformance c = {.stream = stream, .system = &posix.system};
    const char *broken;

    (void)state;
    set_up(OK_REPLY, "Basic dXNlcjpwYXNz");
    wire.open_turns = 3;
    wire.there.capacity = 700;
    c.host = IAM_SPAN("far.example");
    c.port = 443;
    c.cut_result = IAM_ERR_RESET;
    memory_far_rules(&wire, &c);
    c.turn = far_turn; /* the proxy, until it has answered */
    c.send = far_send;
    c.recv = far_recv;
    c.forget = far_forget;
    broken = conformance_stream(&c);
    if (broken != NULL)
        fail_msg("%s", broken);
}

static void test_request(void **state)
{
    (void)state;
    set_up(OK_REPLY, "Basic dXNlcjpwYXNz");
    assert_int_equal(open_host("iam.amazonaws.com", 443), IAM_OK);
    assert_string_equal(far_end.request,
                        "CONNECT iam.amazonaws.com:443 HTTP/1.1\r\nHost: iam.amazonaws.com:443\r\n"
                        "Proxy-Authorization: Basic dXNlcjpwYXNz\r\n\r\n");
    assert_int_equal(proxy.http.status, 200);
    assert_true(proxy.reached);
    stream->ops->close(stream);
    far_forget(&wire);
    assert_int_equal(open_host("2001:db8::1", 8443), IAM_OK);
    assert_non_null(strstr(far_end.request, "CONNECT [2001:db8::1]:8443 HTTP/1.1\r\nHost: [2001:"));
    set_up(OK_REPLY, NULL);
    assert_int_equal(open_host("h", 1), IAM_OK);
    assert_string_equal(far_end.request, "CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n");
}

/* A request larger than the buffer, and any split of it and of the answer. */
static void test_splits(void **state)
{
    static char long_value[700];

    (void)state;
    memset(long_value, 'x', sizeof long_value - 1);
    for (size_t most = 1; most < 300; most = most * 2 + 1) {
        set_up(
            "HTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nX-Filler: b\r\n\r\ntunnelled",
            long_value);
        wire.most = most;
        wire.stutter = true;
        wire.there.capacity = most * 3;
        assert_int_equal(open_host("h", 1), IAM_OK);
        assert_int_equal(far_end.n, strlen("CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n"
                                           "Proxy-Authorization: \r\n\r\n") +
                                        699);
        char got[32] = "";
        size_t n = 0;
        for (int i = 0; i < 1000 && n < 9; i++) {
            int r = stream->ops->recv(stream, got + n, most < 3 ? 1 : sizeof got - n - 1);
            assert_true(r >= 0);
            n += (size_t)r;
            far_turn(&wire);
        }
        assert_string_equal(got, "tunnelled");
    }
}

/* A secret is gone from the struct once it has been sent, even where only a part of it could be. */
static void test_secret_goes(void **state)
{
    (void)state;
    set_up(OK_REPLY, "Basic c2VjcmV0LXdvcmQ=");
    for (wire.there.capacity = 1; wire.there.capacity < 200; wire.there.capacity += 13) {
        (void)stream->ops->open(stream, IAM_SPAN("h"), 1);
        for (size_t i = 0; i + 6 <= sizeof proxy.buffer; i++)
            assert_memory_not_equal(proxy.buffer + i, "c2VjcmV", 6);
        stream->ops->close(stream);
        far_forget(&wire);
    }
}

static void expect(const char *answer, int error, int native)
{
    char room[4];

    set_up(answer, NULL);
    if (error != IAM_ERR_RESET) {
        assert_int_equal(open_host("h", 1), error);
    } else {
        for (int i = 0; i < 3; i++) {
            assert_int_equal(stream->ops->open(stream, IAM_SPAN("h"), 1), IAM_AGAIN);
            far_turn(&wire);
        }
        memory_far_close(&wire);
        assert_int_equal(open_host("h", 1), error);
    }
    assert_int_equal(stream->native, native);
    assert_true(proxy.reached);
    assert_int_equal(stream->ops->recv(stream, room, sizeof room), error);
    assert_int_equal(stream->ops->send(stream, "x", 1), error);
    stream->ops->close(stream);
    assert_int_equal(stream->ops->recv(stream, room, sizeof room), IAM_ERR_STATE);
}

static void test_refusals(void **state)
{
    (void)state;
    expect("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", IAM_ERR_PROXY,
           407);
    assert_memory_equal(proxy.http.reason, "Proxy Authentication Required", 29);
    expect("HTTP/1.0 403 Forbidden\r\n\r\n<html>", IAM_ERR_PROXY, 403);
    expect("HTTP/1.1 302 Found\r\nLocation: http://login/\r\n\r\n", IAM_ERR_PROXY, 302);
    expect("HTTP/1.1 502 Bad Gateway\r\n\r\n", IAM_ERR_CONNECT, 502);
    expect("HTTP/1.1 503 Busy\r\n\r\n", IAM_ERR_CONNECT, 503);
    expect("HTTP/1.1 504 Late\r\n\r\n", IAM_ERR_CONNECT, 504);
    expect("HTTP/1.1 505 No\r\n\r\n", IAM_ERR_PROXY, 505);
    expect("SSH-2.0-OpenSSH\r\n", IAM_ERR_PROXY, IAM_ERR_HTTP);
    expect("HTTP/1.1 200 OK\r\n folded\r\n\r\n", IAM_ERR_PROXY, IAM_ERR_HTTP);
    expect("HTTP/1.1 20", IAM_ERR_RESET, 0);
    expect("", IAM_ERR_RESET, 0);
}

/* The schemes of Proxy-Authenticate by name, wherever the answer is split; realms are no schemes. */
static void test_offers(void **state)
{
    static const struct {
        const char *fields, *offers;
        bool basic;
    } cases[] = {
        {"Proxy-Authenticate: NTLM\r\n", "NTLM", false},
        {"proxy-authenticate:Negotiate,NTLM TlRM==\r\nPROXY-Authenticate:\tbasic realm=x\r\n",
         "Negotiate, NTLM, basic", true},
        {"Proxy-Authenticate: Digest realm=\"Basic, Basic \\\", Basic\", qop = \"a,b\", , NTLM\r\n",
         "Digest, NTLM", false},
        {"Proxy-Authenticate: A-scheme-whose-name-is-too-long, 0123456789abcdefghij, "
         "0123456789abcdefg, B\r\n",
         "0123456789abcdefghij, 0123456789abcdefg", false},
        {"Proxy-Authenticate: A-scheme-whose-name-is-too-long, Basic\r\n", "Basic", true},
        {"X-Proxy-Authenticate: Basic\r\nProxy-Authenticated: Basic\r\nProxy-Authenticate:\r\n", "",
         false},
        {"", "", false},
    };
    char answer[400];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t piece = 1; piece < 40; piece += 12) {
            snprintf(answer, sizeof answer, "HTTP/1.1 407 No\r\n%s\r\n", cases[i].fields);
            set_up(answer, NULL);
            wire.back.capacity = piece;
            assert_int_equal(open_host("h", 1), IAM_ERR_PROXY);
            assert_int_equal(proxy.offers_n, strlen(cases[i].offers));
            assert_memory_equal(proxy.offers, cases[i].offers, proxy.offers_n);
            assert_int_equal(proxy.offers_basic, cases[i].basic);
            stream->ops->close(stream);
        }
    }
}

/* A head without end is refused, and no call takes more than its share of it. */
static void test_endless(void **state)
{
    static char flood[CONFIG_TINYIAM_HTTP_HEAD_MAX + 1000];

    (void)state;
    memset(flood, 'a', sizeof flood - 1);
    memcpy(flood, "HTTP/1.1 200 OK\r\nX: ", 20);
    expect(flood, IAM_ERR_PROXY, IAM_ERR_HTTP_LIMIT);
}

/* What would break out of the request is never sent. */
static void test_injection(void **state)
{
    (void)state;
    set_up(OK_REPLY, "Basic x\r\nX-More: 1");
    assert_int_equal(open_host("h", 1), IAM_ERR_PROXY);
    assert_int_equal(stream->native, IAM_ERR_ARGUMENT);
    set_up(OK_REPLY, NULL);
    assert_int_equal(open_host("h x", 1), IAM_ERR_PROXY);
    assert_int_equal(open_host("h", 1), IAM_ERR_PROXY); /* sticks */
    stream->ops->close(stream);
    assert_int_equal(open_host("", 1), IAM_ERR_PROXY);
    assert_int_equal(far_end.n, 0);
    assert_false(proxy.reached);
}

static void test_below_fails(void **state)
{
    (void)state;
    set_up(OK_REPLY, NULL);
    wire.open_error = IAM_ERR_CONNECT;
    assert_int_equal(open_host("h", 1), IAM_ERR_CONNECT);
    assert_false(proxy.reached);
    for (uint64_t call = 1; call < 4; call++) {
        set_up(OK_REPLY, NULL);
        wire.fail_call = call;
        wire.fail_error = IAM_ERR_IO;
        assert_int_equal(open_host("h", 1), IAM_ERR_IO);
        assert_true(proxy.reached);
    }
}

/* Bytes of the tunnel that came along with the proxy's answer lie here, where no poll sees them. */
static void test_read_ahead(void **state)
{
    struct iam_wait w = {.descriptor = -1};
    char room[8];

    (void)state;
    set_up(OK_REPLY "hello", NULL);
    assert_int_equal(open_host("far.example", 443), IAM_OK);
    assert_int_equal(stream->ops->recv(stream, room, 0), 0); /* somebody waits for bytes */
    iam_stream_wait(stream, &w);
    assert_int_equal(w.ms, 0);
    assert_int_equal(stream->ops->recv(stream, room, sizeof room), 5);
    assert_int_equal(stream->ops->recv(stream, room, sizeof room), 0);
    iam_stream_wait(stream, &w);
    assert_int_equal(w.ms, UINT32_MAX);
    assert_ptr_equal(w.lowest, &wire.stream);
    stream->ops->close(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conformance), cmocka_unit_test(test_read_ahead),
        cmocka_unit_test(test_request),     cmocka_unit_test(test_splits),
        cmocka_unit_test(test_secret_goes), cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_offers),      cmocka_unit_test(test_endless),
        cmocka_unit_test(test_injection),   cmocka_unit_test(test_below_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
