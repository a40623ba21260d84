/* A document sent by POST and the one that answers, under the real loop and by hand: what is asked, what is told of a
 * refusal, and what is left in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <tinyiam/post.h>

#include "world.h"

#include <cmocka.h>

#define SECRET "{\"refreshToken\":\"s3cr3t\"}"

static const char *status, *headers, *answer;
static unsigned busy; /* so many requests are refused first */
static char asked[WORLD_IN];
static char tx[256], rx[256], reply[64];

static void serve(struct world_stream *s)
{
    snprintf(asked, sizeof asked, "%s", s->in);
    if (s->world->requests <= busy)
        world_answer(s, "503 Busy", "");
    else
        world_printf(s, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n%s", status, headers,
                     strlen(answer), answer);
}

static struct iam_post_config config(struct world *w)
{
    world_init(w, serve);
    status = "200 OK";
    headers = "";
    answer = "{\"accessToken\":\"a\"}";
    busy = 0;
    memset(reply, 0, sizeof reply);
    return (struct iam_post_config){.tx = tx,
                                    .rx = rx,
                                    .tx_size = sizeof tx,
                                    .rx_size = sizeof rx,
                                    .stream = &w->streams[0].stream,
                                    .endpoint = iam_span_of("oidc.eu-west-1.amazonaws.com"),
                                    .path = iam_span_of("/token"),
                                    .body = iam_span_of(SECRET),
                                    .reply = reply,
                                    .reply_size = sizeof reply,
                                    .user_agent = iam_span_of("me/1")};
}

static int run(struct iam_post *p, const struct iam_post_config *c, struct world *w)
{
    assert_int_equal(iam_post_init(p, c, 1), IAM_OK);
    int r;
    unsigned rounds = 0;
    do {
        r = iam_post_run(p, &w->system, 1000);
        assert_true(++rounds < 1000);
    } while (r == IAM_AGAIN);
    assert_int_equal(w->open_now, 0); /* whatever came of it */
    return r;
}

/* Byte for byte; the method, the body and one field are the caller's to choose. */
static void requests(void **state)
{
    struct world w;
    struct iam_post p;
    struct iam_post_config c = config(&w);
    (void)state;
    assert_int_equal(run(&p, &c, &w), IAM_OK);
    assert_string_equal(asked,
                        "POST /token HTTP/1.1\r\nHost: oidc.eu-west-1.amazonaws.com\r\n"
                        "User-Agent: me/1\r\nAccept-Encoding: identity\r\n"
                        "Content-Type: application/json\r\nContent-Length: 25\r\n\r\n" SECRET);
    assert_string_equal(w.streams[0].host, "oidc.eu-west-1.amazonaws.com");
    assert_int_equal(w.streams[0].port, 443);
    assert_int_equal(p.document.n, strlen(answer));
    assert_memory_equal(reply, answer, strlen(answer));
    iam_post_end(&p);
    c = config(&w);
    c.method = "GET";
    c.body = (struct iam_span){NULL, 0};
    c.user_agent = (struct iam_span){NULL, 0};
    c.field = "DPoP: ";
    c.value = iam_span_of("proof");
    c.plain = true;
    c.endpoint = iam_span_of("localhost:8080");
    assert_int_equal(run(&p, &c, &w), IAM_OK);
    assert_string_equal(asked, "GET /token HTTP/1.1\r\nHost: localhost:8080\r\n"
                               "Accept-Encoding: identity\r\nDPoP: proof\r\n\r\n");
    assert_int_equal(w.streams[0].port, 8080);
    iam_post_end(&p);
}

/* An error's document is there as well; its code is what the type says, else the status. */
static void refusals(void **state)
{
    static const struct {
        const char *status, *headers, *code;
    } rows[] = {{"400 Bad Request", "x-amzn-ErrorType: InvalidGrantException:http://x/\r\n",
                 "InvalidGrantException"},
                {"400 Bad Request", "", "400"},
                {"400 Bad Request", "x-amzn-ErrorType: \r\n", "400"},
                {"302 Found", "Location: https://x/\r\nx-amzn-ErrorType: Y\r\n", "302"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        struct iam_post p;
        struct iam_post_config c = config(&w);
        status = rows[i].status;
        headers = rows[i].headers;
        answer = "{\"error\":\"invalid_grant\"}";
        assert_int_equal(run(&p, &c, &w), IAM_ERR_SERVICE);
        const struct iam_fault *f = &p.document.exchange.fault;
        assert_int_equal(f->error, IAM_ERR_SERVICE);
        assert_int_equal(f->code.n, strlen(rows[i].code));
        assert_memory_equal(f->code.p, rows[i].code, f->code.n);
        assert_memory_equal(reply, answer, strlen(answer));
        assert_int_equal(w.requests, 1);
        iam_post_end(&p);
    }
}

/* Tried again as a client's requests are; a connection that cannot be made; nobody who answers, for as long as was set;
 * an answer that is longer than its room: how long it is. */
static int unreachable(struct world_stream *s)
{
    (void)s;
    return IAM_ERR_IO;
}

static void troubles(void **state)
{
    struct world w;
    struct iam_post p;
    struct iam_post_config c = config(&w);
    (void)state;
    busy = 2;
    assert_int_equal(run(&p, &c, &w), IAM_OK);
    assert_int_equal(w.requests, 3);
    assert_memory_equal(reply, answer, strlen(answer));
    c = config(&w);
    busy = 9;
    c.max_attempts = 2;
    assert_int_equal(run(&p, &c, &w), IAM_ERR_SERVICE);
    assert_int_equal(w.requests, 2);
    c = config(&w);
    w.connect = unreachable;
    c.max_attempts = 1;
    assert_int_equal(run(&p, &c, &w), IAM_ERR_IO);
    assert_int_equal(w.requests, 0);
    c = config(&w);
    c.reply_size = 10;
    assert_int_equal(run(&p, &c, &w), IAM_ERR_SPACE);
    assert_int_equal(p.document.n, strlen(answer));
    assert_memory_equal(reply, answer, 10);
    assert_int_equal(reply[10], 0);
    iam_post_end(&p);
}

/* The longest answer that there is; one byte more is a source without end, even if there were room. */
static void long_answers(void **state)
{
    static char text[65537], room[65537];
    (void)state;
    for (size_t n = 65534; n <= 65536; n++) {
        struct world w;
        struct iam_post p;
        struct iam_post_config c = config(&w);
        memset(text, 'a', n);
        text[n] = 0;
        answer = text;
        c.reply = room;
        c.reply_size = sizeof room;
        c.max_attempts = 1;
        assert_int_equal(run(&p, &c, &w), n < 65536 ? IAM_OK : IAM_ERR_HTTP_LIMIT);
        if (n < 65536)
            assert_int_equal(p.document.n, n);
        iam_post_end(&p);
    }
}

/* A refusal that breaks off is no refusal yet: the connection is what failed. */
static void serve_half(struct world_stream *s)
{
    world_printf(s, "HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\n{");
    s->after = IAM_EOF;
}

static void half_a_refusal(void **state)
{
    struct world w;
    struct iam_post p;
    struct iam_post_config c = config(&w);
    (void)state;
    w.serve = serve_half;
    c.max_attempts = 1;
    assert_int_equal(run(&p, &c, &w), IAM_ERR_TRUNCATED);
    assert_int_equal(p.document.exchange.fault.status, 403);
    assert_int_equal(p.document.exchange.fault.code.n, 0);
    assert_int_equal(p.document.exchange.fault.message.n, 0);
    iam_post_end(&p);
}

/* Whom it talks to in the clear, and how long it waits for that. */
static int not_yet(struct world_stream *s)
{
    (void)s;
    return IAM_AGAIN;
}

static void settings(void **state)
{
    (void)state;
    for (int plain = 0; plain < 2; plain++) {
        struct world w;
        struct iam_post p;
        struct iam_post_config c = config(&w);
        c.plain = plain;
        c.connect_ms = 3000;
        c.max_attempts = 1;
        w.connect = not_yet;
        assert_int_equal(run(&p, &c, &w), IAM_ERR_TIMEOUT_CONNECT);
        assert_int_equal(w.streams[0].port, plain ? 80 : 443);
        assert_in_range(w.slept, 3000, 3001);
        iam_post_end(&p);
    }
}

static void silent(struct world_stream *s)
{
    s->answered = true;
}

static void nobody_answers(void **state)
{
    struct world w;
    struct iam_post p;
    struct iam_post_config c = config(&w);
    (void)state;
    w.serve = silent;
    c.response_ms = 5000;
    c.max_attempts = 1;
    assert_int_equal(iam_post_init(&p, &c, 1), IAM_OK);
    assert_int_equal(iam_post_run(&p, &w.system, 0), IAM_AGAIN);
    assert_int_equal(w.slept, 0);
    assert_int_equal(iam_post_run(&p, &w.system, 3000), IAM_AGAIN);
    assert_int_equal(w.slept, 3000);
    assert_int_equal(iam_post_run(&p, &w.system, 3000), IAM_ERR_TIMEOUT_RESPONSE);
    assert_in_range(w.slept, 5000, 5001);
    assert_int_equal(iam_post_run(&p, &w.system, 3000), IAM_ERR_TIMEOUT_RESPONSE); /* it sticks */
    assert_int_equal(w.requests, 1);
    iam_post_end(&p);
}

/* What cannot begin, and that nothing that was sent or received stays. */
static void ends(void **state)
{
    struct world w;
    struct iam_post p;
    struct iam_post_config c = config(&w);
    static const char zero[sizeof p];
    (void)state;
    assert_int_equal(run(&p, &c, &w), IAM_OK);
    memset(tx, 't', sizeof tx); /* as if it ended in the middle of something */
    memset(rx, 'r', sizeof rx);
    iam_post_end(&p);
    assert_memory_equal(tx, zero, sizeof tx);
    assert_memory_equal(rx, zero, sizeof rx);
    assert_memory_equal(&p, zero, sizeof p);
    c = config(&w);
    c.tx_size = c.rx_size = 1;
    assert_int_equal(iam_post_init(&p, &c, 1), IAM_OK);
    memset(tx, 't', sizeof tx);
    memset(rx, 'r', sizeof rx);
    iam_post_end(&p);
    assert_int_equal(tx[0], 0);
    assert_int_equal(tx[1], 't');
    assert_int_equal(rx[0], 0);
    assert_int_equal(rx[1], 'r');
    c = config(&w);
    c.endpoint = iam_span_of("a b");
    c.reply_size = SIZE_MAX;
    assert_int_equal(iam_post_init(&p, &c, 1), IAM_ERR_ARGUMENT);
    assert_int_equal(p.document.room, UINT32_MAX);
    assert_memory_equal(p.document.exchange.fault.what.p, "authority", 9);
    assert_int_equal(iam_post_next(&p), IAM_ERR_STATE);
    c.tx_size = c.rx_size = 0;
    assert_int_equal(iam_post_init(&p, &c, 1), IAM_ERR_ARGUMENT);
    memset(tx, 't', sizeof tx);
    memset(rx, 'r', sizeof rx);
    iam_post_end(&p); /* of buffers that it has none of it touches nothing */
    assert_int_equal(tx[0], 't');
    assert_int_equal(rx[0], 'r');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests),     cmocka_unit_test(refusals),
        cmocka_unit_test(troubles),     cmocka_unit_test(nobody_answers),
        cmocka_unit_test(long_answers), cmocka_unit_test(half_a_refusal),
        cmocka_unit_test(settings),     cmocka_unit_test(ends),
    };
    return cmocka_run_group_tests_name("post", tests, NULL, NULL);
}
