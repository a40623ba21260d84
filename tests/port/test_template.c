/* The template of a port with a network in memory plugged in passes the rules of port.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "conformance.h"
#include "support/memory.h"
#include "template/port_template.h"
#include "template/yours.h"

#define REFUSING_PORT 2

static struct memory wire;
static uint32_t clock_ms = 0xFFFFFF00u; /* soon wraps */
static uint32_t randomness;
static int dropped, connected;

/* ---- the nine functions ---- */

static enum yours_said said(int result, int *native)
{
    *native = wire.stream.native;
    switch (result) {
    case IAM_OK:
        return YOURS_OK;
    case IAM_AGAIN:
        return YOURS_WAIT;
    case IAM_EOF:
        return YOURS_END;
    case IAM_ERR_RESET:
        return YOURS_RESET;
    case IAM_ERR_CONNECT:
        return YOURS_REFUSED;
    case IAM_ERR_RESOLVE:
        return YOURS_UNKNOWN;
    case IAM_ERR_TRUNCATED:
        return YOURS_CUT;
    case IAM_ERR_TLS:
        return YOURS_TLS;
    case IAM_ERR_TLS_VERIFY:
        return YOURS_UNTRUSTED;
    default:
        return YOURS_BROKEN;
    }
}

enum yours_said yours_connect(void *network, struct iam_span host, uint16_t port, int *native)
{
    assert_ptr_equal(network, &wire);
    assert_true(host.n > 0);
    connected++;
    wire.open_error = port == REFUSING_PORT                    ? IAM_ERR_CONNECT
                      : memcmp(host.p, "nowhere", host.n) == 0 ? IAM_ERR_RESOLVE
                                                               : 0;
    return said(wire.stream.ops->open(&wire.stream, host, port), native);
}

enum yours_said yours_connecting(void *network, int *native)
{
    assert_ptr_equal(network, &wire);
    return said(wire.stream.ops->open(&wire.stream, IAM_SPAN("anywhere"), 1), native);
}

enum yours_said yours_send(void *network, const void *bytes, size_t *n, int *native)
{
    int result = wire.stream.ops->send(&wire.stream, bytes, *n);

    assert_ptr_equal(network, &wire);
    assert_true(*n > 0);
    *n = result > 0 ? (size_t)result : 0;
    return result > 0 ? YOURS_OK : result == 0 ? YOURS_WAIT : said(result, native);
}

enum yours_said yours_recv(void *network, void *room, size_t *n, int *native)
{
    int result = wire.stream.ops->recv(&wire.stream, room, *n);

    assert_ptr_equal(network, &wire);
    assert_true(*n > 0);
    *n = result > 0 ? (size_t)result : 0;
    return result > 0 ? YOURS_OK : result == 0 ? YOURS_WAIT : said(result, native);
}

void yours_drop(void *network)
{
    assert_ptr_equal(network, &wire);
    dropped++;
    wire.stream.ops->close(&wire.stream);
}

uint32_t yours_ms(void *board)
{
    (void)board;
    return clock_ms;
}

int64_t yours_unix_ms(void *board)
{
    (void)board;
    return INT64_C(1750000000000) + clock_ms;
}

bool yours_random(void *board, void *out, size_t n)
{
    unsigned char *p = out;

    (void)board;
    while (n-- > 0) {
        *p++ = (unsigned char)((randomness = randomness * 1664525u + 1013904223u) >> 24);
    }
    return true;
}

/* A level-triggered poll: what could be read, or has ended, ends the wait each time. */
void yours_wait(void *board, void *const *networks, size_t n, uint32_t ms)
{
    (void)board;
    assert_true(ms > 0);
    for (size_t i = 0; i < n; i++) {
        const struct memory *m = networks[i];
        if (m->back.n > 0 || m->back.ended) {
            return;
        }
    }
    clock_ms += ms;
}

/* ---- the far end ---- */

static void far_turn(void *context)
{
    (void)context;
}

static int far_send(void *context, const void *bytes, size_t n)
{
    return memory_far_send(context, bytes, n);
}

static int far_recv(void *context, void *bytes, size_t n)
{
    return memory_far_recv(context, bytes, n);
}

static void far_end(void *context)
{
    memory_far_close(context);
}

static void far_reset(void *context)
{
    memory_far_reset(context);
}

static void far_forget(void *context)
{
    struct memory *m = context;

    m->there.n = m->back.n = 0;
    m->there.ended = m->back.ended = false;
}

/* ---- the tests ---- */

static void try_stream(size_t most)
{
    struct iam_template stream;
    struct iam_template_system system;
    struct conformance c = {.stream = &stream.stream, .system = &system.system};
    const char *broken;

    memory_init(&wire);
    wire.open_turns = 3;
    wire.there.capacity = 700;
    wire.most = most;
    dropped = connected = 0;
    iam_template_init(&stream, &wire);
    iam_template_system_init(&system, &clock_ms);
    c.host = IAM_SPAN("anywhere");
    c.port = 1;
    c.dead_port = REFUSING_PORT;
    c.no_host = IAM_SPAN("nowhere");
    c.context = &wire;
    c.turn = far_turn;
    c.send = far_send;
    c.recv = far_recv;
    c.end = far_end;
    c.reset = far_reset;
    c.forget = far_forget;
    c.system_waits = true;
    broken = conformance_stream(&c);
    if (broken != NULL) {
        fail_msg("%s", broken);
    }
    assert_int_equal(dropped, connected);
}

static void test_stream(void **state)
{
    (void)state;
    try_stream(0);
    try_stream(100);
}

/* What a modem that does TLS itself has to say reaches the caller as such. */
static void test_tls_of_a_modem(void **state)
{
    static const int errors[] = {IAM_ERR_TLS, IAM_ERR_TLS_VERIFY, IAM_ERR_TRUNCATED};
    struct iam_template t;
    char room[4];

    (void)state;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        struct iam_stream *s = &t.stream;
        memory_init(&wire);
        iam_template_init(&t, &wire);
        wire.cut = i == 2;
        wire.cut_error = errors[i];
        assert_int_equal(s->ops->open(s, IAM_SPAN("anywhere"), 1), IAM_OK);
        if (i < 2) {
            wire.fail_call = 1;
            wire.fail_error = errors[i];
        }
        for (int again = 0; again < 2; again++) {
            assert_int_equal(s->ops->recv(s, room, sizeof room), errors[i]);
        }
        assert_int_not_equal(s->native, 0);
        s->ops->close(s);
    }
}

static void test_system(void **state)
{
    struct iam_template_system system;
    const char *broken;

    (void)state;
    iam_template_system_init(&system, &clock_ms);
    broken = conformance_system(&system.system);
    if (broken != NULL) {
        fail_msg("%s", broken);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_stream),
                                       cmocka_unit_test(test_tls_of_a_modem),
                                       cmocka_unit_test(test_system)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
