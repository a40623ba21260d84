/* The rules of port.h over every stream there is on a host: sockets, memory, TLS over either. */
#include <tinyiam/port_posix.h>
#include <tinyiam/port_sockets.h>
#include <tinyiam/port_tls.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "certificates_vectors.h"
#include "conformance.h"
#include "support/memory.h"
#include "support/tls_server.h"

static void check(const char *broken)
{
    if (broken != NULL)
        fail_msg("%s", broken);
}

/* ---- the far end of a socket ---- */

struct far_socket {
    int listener, fd;
};

static uint16_t listen_on_loopback(struct far_socket *f)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;

    f->fd = -1;
    f->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(f->listener, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(f->listener, 16), 0);
    assert_int_equal(fcntl(f->listener, F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(getsockname(f->listener, (struct sockaddr *)&a, &n), 0);
    return ntohs(a.sin_port);
}

/* It listens no more, and nobody else gets its port while this program runs. */
static uint16_t port_of_nobody(void)
{
    struct far_socket f;
    uint16_t port = listen_on_loopback(&f);

    assert_int_equal(shutdown(f.listener, SHUT_RD), 0);
    return port;
}

static void socket_turn(void *context)
{
    struct far_socket *f = context;
    int on = 1;

    if (f->fd < 0) {
        f->fd = accept(f->listener, NULL, NULL);
        if (f->fd >= 0) {
            (void)fcntl(f->fd, F_SETFL, O_NONBLOCK);
            (void)setsockopt(f->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        }
    }
}

static int socket_result(ssize_t n)
{
    return n >= 0 ? (int)n : errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
}

static int socket_send(void *context, const void *p, size_t n)
{
    struct far_socket *f = context;
    return f->fd < 0 ? 0 : socket_result(send(f->fd, p, n, MSG_NOSIGNAL));
}

static int socket_recv(void *context, void *p, size_t n)
{
    struct far_socket *f = context;
    ssize_t r = f->fd < 0 || n == 0 ? 0 : recv(f->fd, p, n, 0);
    return r == 0 && f->fd >= 0 && n > 0 ? -1 : socket_result(r);
}

static void socket_end(void *context)
{
    struct far_socket *f = context;
    (void)shutdown(f->fd, SHUT_WR);
}

static void socket_forget(void *context)
{
    struct far_socket *f = context;
    int fd;

    if (f->fd >= 0) {
        close(f->fd);
        f->fd = -1;
    }
    while ((fd = accept(f->listener, NULL, NULL)) >= 0)
        close(fd); /* connections that the near end gave up */
}

static void socket_reset(void *context)
{
    struct far_socket *f = context;
    struct linger hard = {1, 0};

    (void)setsockopt(f->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close(f->fd);
    f->fd = -1;
}

/* ---- the far end of TLS, over either ---- */

struct far_tls {
    struct tls_server server;
    struct tls_transport transport;
    void (*turn)(void *); /* of the transport */
    void (*end)(void *);
    void (*forget)(void *);
};

static void tls_forget(void *context)
{
    struct far_tls *f = context;

    f->forget(f->transport.context);
    tls_server_accept(&f->server, &f->transport);
}

static void tls_turn(void *context)
{
    struct far_tls *f = context;

    f->turn(f->transport.context);
    tls_server_turn(&f->server);
}

static int tls_send(void *context, const void *p, size_t n)
{
    struct far_tls *f = context;
    return tls_server_send(&f->server, p, n);
}

static int tls_recv(void *context, void *p, size_t n)
{
    struct far_tls *f = context;
    return n == 0 ? 0 : tls_server_recv(&f->server, p, n);
}

static void tls_end(void *context)
{
    struct far_tls *f = context;

    tls_server_close_notify(&f->server);
    f->end(f->transport.context);
}

static void tls_cut(void *context)
{
    struct far_tls *f = context;
    f->end(f->transport.context);
}

static int socket_send_bytes(void *context, const unsigned char *p, size_t n)
{
    return socket_send(context, p, n);
}

static int socket_recv_bytes(void *context, unsigned char *p, size_t n)
{
    return socket_recv(context, p, n);
}

static int memory_send_bytes(void *context, const unsigned char *p, size_t n)
{
    return memory_far_send(context, p, n);
}

static int memory_recv_bytes(void *context, unsigned char *p, size_t n)
{
    return memory_far_recv(context, p, n);
}

/* ---- the tests ---- */

static struct iam_posix posix;
static struct iam_sockets sockets;
static struct memory wire;

static struct conformance socket_rules(struct far_socket *far)
{
    struct iam_sockets_config config = {.system = &posix.system};
    struct conformance c = {.stream = &sockets.stream, .system = &posix.system};

    iam_posix_init(&posix);
    iam_sockets_init(&sockets, &config);
    c.host = IAM_SPAN("127.0.0.1");
    c.port = listen_on_loopback(far);
    c.dead_port = port_of_nobody();
    c.no_host = IAM_SPAN("no..such..name");
    c.cut_result = IAM_EOF;
    c.context = far;
    c.turn = socket_turn;
    c.send = socket_send;
    c.recv = socket_recv;
    c.end = socket_end;
    c.reset = socket_reset;
    c.forget = socket_forget;
    c.system_waits = true;
    return c;
}

static void test_sockets(void **state)
{
    struct far_socket far;
    struct conformance c = socket_rules(&far);

    (void)state;
    check(conformance_stream(&c));
    socket_forget(&far);
    close(far.listener);
}

static struct conformance memory_rules(void)
{
    struct conformance c = {.stream = &wire.stream, .system = &posix.system};

    iam_posix_init(&posix);
    memory_init(&wire);
    wire.open_turns = 3;
    wire.there.capacity = 700;
    c.host = IAM_SPAN("anywhere");
    c.port = 1;
    c.cut_result = IAM_ERR_RESET;
    memory_far_rules(&wire, &c);
    return c;
}

static void test_memory(void **state)
{
    struct conformance c = memory_rules();

    (void)state;
    check(conformance_stream(&c));
}

static void tls_rules(struct conformance *c, struct far_tls *far, bool tls13)
{
    static struct iam_tls_shared shared;
    static struct iam_tls tls;
    static mbedtls_x509_crt roots;
    struct iam_tls_shared_config all = {.system = c->system, .ca = &roots};
    struct iam_tls_config config = {.below = c->stream, .shared = &shared};
    const struct certificate *own = NULL;
    struct conformance low = *c;
    int native = 0;

    for (size_t i = 0; i < sizeof certificates / sizeof *certificates; i++)
        own = strcmp(certificates[i].name, "good_ec") == 0 ? &certificates[i] : own;
    assert_int_equal(tls_server_init(&far->server, own->pem, own->key, NULL, tls13), 0);
    mbedtls_x509_crt_init(&roots);
    assert_int_equal(iam_tls_ca_parse(&roots, certificate_roots, sizeof certificate_roots, &native),
                     IAM_OK);
    config.server_name = IAM_SPAN("localhost");
    assert_int_equal(iam_tls_shared_init(&shared, &all), IAM_OK);
    assert_int_equal(iam_tls_init(&tls, &config), IAM_OK);
    c->stream = &tls.stream;
    c->context = far;
    c->turn = tls_turn;
    c->send = tls_send;
    c->recv = tls_recv;
    c->end = tls_end;
    c->cut = tls_cut;
    c->cut_result = IAM_ERR_TRUNCATED;
    c->reset = NULL;
    c->forget = tls_forget;
    far->turn = low.turn;
    far->end = low.end;
    far->forget = low.forget;
    far->transport.context = low.context;
    check(conformance_stream(c));
    iam_tls_free(&tls);
    iam_tls_shared_free(&shared);
    mbedtls_x509_crt_free(&roots);
    tls_server_free(&far->server);
}

static void test_tls_over_sockets(void **state)
{
    (void)state;
    for (int tls13 = 0; tls13 <= TLS_SERVER_HAS_TLS13; tls13++) {
        static struct far_tls far;
        struct far_socket low;
        struct conformance c = socket_rules(&low);
        far.transport = (struct tls_transport){NULL, socket_send_bytes, socket_recv_bytes};
        tls_rules(&c, &far, tls13 != 0);
        socket_forget(&low);
        close(low.listener);
    }
}

static void test_tls_over_memory(void **state)
{
    (void)state;
    for (int tls13 = 0; tls13 <= TLS_SERVER_HAS_TLS13; tls13++) {
        static struct far_tls far;
        struct conformance c = memory_rules();
        wire.most = 1000;
        far.transport = (struct tls_transport){NULL, memory_send_bytes, memory_recv_bytes};
        tls_rules(&c, &far, tls13 != 0);
    }
}

static void test_system(void **state)
{
    (void)state;
    iam_posix_init(&posix);
    check(conformance_system(&posix.system));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sockets),          cmocka_unit_test(test_memory),
        cmocka_unit_test(test_tls_over_sockets), cmocka_unit_test(test_tls_over_memory),
        cmocka_unit_test(test_system),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
