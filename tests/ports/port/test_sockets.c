/* What sockets do beyond the rules that every stream has (test_conformance.c): addresses in turn, limits
 * for each, signals, descriptors, errno. Loopback only. */
#include <tinyiam/port_posix.h>
#include <tinyiam/port_sockets.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

/* Longer than anything takes that works, on any machine: where the limit itself is not what is tried. */
#define HANG_MS 120000u

static struct iam_posix posix;
static struct iam_sockets sockets;
static struct iam_stream *const stream = &sockets.stream;

static uint32_t now(void)
{
    return posix.system.ops->mono_ms(&posix.system);
}

static void idle(uint32_t ms)
{
    posix.system.ops->idle(&posix.system, &(struct iam_stream *){stream}, 1, ms);
}

/* A listener on a numeric address; port 0: any. */
static int listen_on(const char *address, uint16_t *port, int backlog)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(*port)};
    socklen_t n = sizeof a;
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(inet_pton(AF_INET, address, &a.sin_addr), 1);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(fd, backlog), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
    *port = ntohs(a.sin_port);
    return fd;
}

/* A listener whose queue is full: further connections get no answer. fds: those that fill it. */
struct hole {
    int listener, fds[8];
};

static void dig(struct hole *h, const char *address, uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct tcp_info info = {0};
    socklen_t n = sizeof info;
    uint32_t from = now();

    assert_int_equal(inet_pton(AF_INET, address, &a.sin_addr), 1);
    h->listener = listen_on(address, &port, 0);
    for (size_t i = 0; i < 8; i++) {
        h->fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(h->fds[i], (struct sockaddr *)&a, sizeof a);
    }
    do { /* of a listener: how many wait, and how many may (tcp(7) has it from the kernel's tcp_get_info()) */
        assert_true(now() - from < HANG_MS);
        assert_int_equal(getsockopt(h->listener, IPPROTO_TCP, TCP_INFO, &info, &n), 0);
    } while (info.tcpi_unacked <= info.tcpi_sacked);
}

static void fill_up(struct hole *h)
{
    close(h->listener);
    for (size_t i = 0; i < 8; i++)
        close(h->fds[i]);
}

static void start(const struct iam_sockets_config *with)
{
    struct iam_sockets_config config = *with;

    config.system = &posix.system;
    iam_posix_init(&posix);
    iam_sockets_init(&sockets, &config);
}

/* Opens as iam_run does: idle for as long as there is nothing to do. */
static int open_to(const char *host, uint16_t port, uint32_t limit_ms)
{
    uint32_t from = now();
    int r;

    while ((r = stream->ops->open(stream, iam_span_of(host), port)) == IAM_AGAIN &&
           now() - from < limit_ms)
        idle(limit_ms - (now() - from));
    return r;
}

static const struct iam_sockets_config plain = {0};

/* ---- names and addresses ---- */

static struct {
    const char *addresses[4];
    unsigned patience; /* answers IAM_AGAIN so often before each */
    unsigned calls, waited;
} book;

static int look_up(void *context, struct iam_span host, unsigned index, char *address, size_t size)
{
    assert_ptr_equal(context, &book);
    assert_memory_equal(host.p, "some.name", host.n);
    book.calls++;
    if (book.waited++ < book.patience)
        return IAM_AGAIN;
    book.waited = 0;
    if (index >= 4 || book.addresses[index] == NULL)
        return IAM_ERR_RESOLVE;
    assert_true(strlen(book.addresses[index]) < size);
    memcpy(address, book.addresses[index], strlen(book.addresses[index]) + 1);
    return IAM_OK;
}

static void names_by_a_hook(void **state)
{
    const struct iam_sockets_config config = {.resolve = look_up, .context = &book};
    uint16_t port = 0;
    int listener = listen_on("127.0.0.1", &port, 4);
    uint32_t from;

    (void)state;
    start(&config);
    memset(&book, 0, sizeof book);
    book.patience = 3;
    book.addresses[0] = "127.0.0.2"; /* nobody there: refused */
    book.addresses[1] = "::1";       /* nobody there either */
    book.addresses[2] = "127.0.0.1";
    assert_int_equal(open_to("some.name", port, HANG_MS), IAM_OK);
    assert_int_equal(stream->native, 0);
    assert_true(book.calls >= 12);
    stream->ops->close(stream);

    book.calls = 0; /* literals do not come to the hook */
    assert_int_equal(open_to("127.0.0.1", port, HANG_MS), IAM_OK);
    assert_int_equal(book.calls, 0);
    stream->ops->close(stream);

    book.addresses[2] = NULL;
    assert_int_equal(open_to("some.name", port, HANG_MS), IAM_ERR_CONNECT);
    assert_true(stream->native == ECONNREFUSED || stream->native == EADDRNOTAVAIL ||
                stream->native == EAFNOSUPPORT || stream->native == ENETUNREACH);
    stream->ops->close(stream);

    book.addresses[0] = NULL;
    assert_int_equal(open_to("some.name", port, HANG_MS), IAM_ERR_RESOLVE);
    stream->ops->close(stream);

    book.addresses[0] = "not an address";
    assert_int_equal(open_to("some.name", port, HANG_MS), IAM_ERR_RESOLVE);
    stream->ops->close(stream);

    book.patience = 1000000; /* never known: the caller's limit ends it, without a busy loop */
    book.calls = 0;
    from = now();
    assert_int_equal(open_to("some.name", port, 100), IAM_AGAIN);
    assert_in_range(book.calls, 1, 2 + (now() - from) / 4);
    stream->ops->close(stream);
    close(listener);
}

static void names_of_the_system(void **state)
{
    char longest[300];
    uint16_t port = 0;
    int listener = listen_on("127.0.0.1", &port, 4);

    (void)state;
    start(&plain);
    /* past ::1, where nobody listens */
    assert_int_equal(open_to("localhost", port, HANG_MS), IAM_OK);
    stream->ops->close(stream);
    assert_int_equal(open_to("bad..name", port, HANG_MS), IAM_ERR_RESOLVE);
    assert_int_not_equal(stream->native, 0);
    stream->ops->close(stream);
    memset(longest, 'a', sizeof longest);
    longest[254] = '\0';
    assert_int_equal(open_to(longest, port, HANG_MS), IAM_ERR_RESOLVE);
    stream->ops->close(stream);
    assert_int_equal(stream->ops->open(stream, IAM_SPAN("127.0.0.1\0x"), port), IAM_ERR_RESOLVE);
    stream->ops->close(stream);
    close(listener);
}

static void refused(void **state)
{
    uint16_t port = 0;
    int closed;

    (void)state;
    closed = listen_on("127.0.0.1", &port, 4);
    /* it listens no more, and nobody else gets its port */
    assert_int_equal(shutdown(closed, SHUT_RD), 0);
    start(&plain);
    assert_int_equal(open_to("127.0.0.1", port, HANG_MS), IAM_ERR_CONNECT);
    assert_int_equal(stream->native, ECONNREFUSED);
    assert_int_equal(stream->ops->open(stream, IAM_SPAN("127.0.0.1"), port), IAM_ERR_CONNECT);
    stream->ops->close(stream);
    assert_int_equal(stream->connects, 0);
    close(closed);
}

static void ipv6(void **state)
{
    struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    socklen_t n = sizeof a;
    int fd = socket(AF_INET6, SOCK_STREAM, 0);

    (void)state;
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0) {
        print_message("this machine has no IPv6, not even ::1\n");
        skip();
    }
    assert_int_equal(listen(fd, 4), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
    start(&plain);
    assert_int_equal(open_to("::1", ntohs(a.sin6_port), HANG_MS), IAM_OK);
    stream->ops->close(stream);
    close(fd);
}

/* ---- addresses that do not answer ---- */

static void black_hole_then_good(void **state)
{
    const struct iam_sockets_config config = {
        .connect_ms = 900, .resolve = look_up, .context = &book};
    struct hole hole;
    uint16_t port = 0;
    int listener = listen_on("127.0.0.1", &port, 4);
    uint32_t from;

    (void)state;
    dig(&hole, "127.0.0.3", port);
    start(&config);
    memset(&book, 0, sizeof book);
    book.addresses[0] = "127.0.0.3";
    book.addresses[1] = "127.0.0.1";
    from = now();
    assert_int_equal(open_to("some.name", port, HANG_MS), IAM_OK); /* idle was told as much */
    assert_true(now() - from >= 250);
    stream->ops->close(stream);
    assert_int_equal(open_to("some.name", port, HANG_MS),
                     IAM_OK); /* what answered last time is first */
    assert_false(sockets.addresses[0].tried);
    stream->ops->close(stream);

    book.addresses[1] = NULL; /* the only one: it keeps all the time there is */
    from = now();
    assert_int_equal(open_to("some.name", port, 600), IAM_AGAIN);
    assert_in_range(now() - from, 590, HANG_MS);
    stream->ops->close(stream);
    fill_up(&hole);
    close(listener);
}

/* A family that is dead costs a quarter of a second, however many addresses it has. */
static void families_in_turn(void **state)
{
    const struct iam_sockets_config config = {.resolve = look_up, .context = &book};
    struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    socklen_t n = sizeof a;
    struct hole holes[2];
    uint16_t port;
    int fd = socket(AF_INET6, SOCK_STREAM, 0);

    (void)state;
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0) {
        print_message("this machine has no IPv6, not even ::1\n");
        skip();
    }
    assert_int_equal(listen(fd, 4), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
    port = ntohs(a.sin6_port);
    dig(&holes[0], "127.0.0.3", port);
    dig(&holes[1], "127.0.0.4", port);
    start(&config);
    memset(&book, 0, sizeof book);
    book.addresses[0] = "127.0.0.3";
    book.addresses[1] = "127.0.0.4";
    book.addresses[2] = "::1";
    assert_int_equal(open_to("some.name", port, HANG_MS), IAM_OK);
    assert_true(sockets.addresses[0].tried);
    assert_false(sockets.addresses[1].tried);
    stream->ops->close(stream);
    fill_up(&holes[0]);
    fill_up(&holes[1]);
    close(fd);
}

static int look_up_many(void *context, struct iam_span host, unsigned index, char *address,
                        size_t size)
{
    unsigned last = *(unsigned *)context;
    (void)host, (void)size;
    if (index > last)
        return IAM_ERR_RESOLVE;
    memcpy(address, "127.0.0.5", 10);
    address[8] = (char)(index == last ? '1' : '3' + index);
    return IAM_OK;
}

/* More dead addresses than are tried at once: the oldest gives way, and none is left out. */
static void many_holes(void **state)
{
    unsigned last = 5;
    const struct iam_sockets_config config = {
        .connect_ms = 700, .resolve = look_up_many, .context = &last};
    struct hole holes[5];
    uint16_t port = 0;
    int listener = listen_on("127.0.0.1", &port, 4);
    char address[] = "127.0.0.3";
    int before = dup(0), after;

    (void)state;
    close(before);
    for (unsigned i = 0; i < last; i++, address[8]++)
        dig(&holes[i], address, port);
    start(&config);
    assert_int_equal(open_to("some.name", port, HANG_MS), IAM_OK);
    for (unsigned i = 0; i <= last; i++)
        assert_true(sockets.addresses[i].tried);
    for (size_t i = 0; i < IAM_SOCKETS_TRIES; i++)
        assert_int_equal(sockets.tries[i].fd, -1);
    stream->ops->close(stream);
    for (unsigned i = 0; i < last; i++)
        fill_up(&holes[i]);
    after = dup(0);
    assert_int_equal(after, before); /* none leaked */
    close(after);
    close(listener);
}

/* An event that was seen for one attempt says nothing about another. */
static void events_of_another(void **state)
{
    const struct iam_sockets_config config = {.resolve = look_up, .context = &book};
    struct hole holes[2];
    struct iam_wait w = {.descriptor = -1, .seen = IAM_WAIT_READ | IAM_WAIT_WRITE};
    uint16_t port = 0;
    int listener = listen_on("127.0.0.1", &port, 4);
    uint32_t from;

    (void)state;
    dig(&holes[0], "127.0.0.3", port);
    dig(&holes[1], "127.0.0.4", port);
    start(&config);
    memset(&book, 0, sizeof book);
    book.addresses[0] = "127.0.0.3";
    book.addresses[1] = "127.0.0.4";
    for (from = now(); now() - from < 600 || !sockets.addresses[1].tried;) {
        assert_true(now() - from < HANG_MS);
        assert_int_equal(stream->ops->open(stream, IAM_SPAN("some.name"), port), IAM_AGAIN);
        iam_stream_wait(stream, &w); /* as a loop would that mixed up its descriptors */
        usleep(1000);
    }
    assert_true(sockets.addresses[1].tried);
    stream->ops->close(stream);
    fill_up(&holes[0]);
    fill_up(&holes[1]);
    close(listener);
}

/* ---- established ---- */

static int accept_one(int listener)
{
    int fd = accept(listener, NULL, NULL);
    assert_true(fd >= 0);
    return fd;
}

static void descriptors(void **state)
{
    uint16_t port = 0;
    int listener = listen_on("127.0.0.1", &port, 64);
    int before = dup(0), on = 0;
    socklen_t n = sizeof on;

    (void)state;
    close(before);
    start(&plain);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(open_to("127.0.0.1", port, HANG_MS), IAM_OK);
        if (i == 0) {
            assert_true((fcntl(sockets.fd, F_GETFD) & FD_CLOEXEC) != 0);
            assert_true((fcntl(sockets.fd, F_GETFL) & O_NONBLOCK) != 0);
            assert_int_equal(getsockopt(sockets.fd, IPPROTO_TCP, TCP_NODELAY, &on, &n), 0);
            assert_true(on != 0);
        }
        close(accept_one(listener));
        stream->ops->close(stream);
        stream->ops->open(stream, IAM_SPAN("127.0.0.1"), port); /* and given up at once */
        stream->ops->close(stream);
        close(accept_one(listener));
    }
    on = dup(0);
    assert_int_equal(on, before); /* none leaked */
    close(on);
    close(listener);
}

static void reset_and_broken_pipe(void **state)
{
    struct linger hard = {1, 0};
    uint16_t port = 0;
    int listener = listen_on("127.0.0.1", &port, 4);
    char room[100000];
    int fd, r = 0;
    uint32_t from;

    (void)state;
    memset(room, 'x', sizeof room);
    start(&plain);
    assert_int_equal(open_to("127.0.0.1", port, HANG_MS), IAM_OK);
    fd = accept_one(listener);
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close(fd);
    assert_int_equal(poll(&(struct pollfd){.fd = sockets.fd, .events = POLLIN}, 1, HANG_MS), 1);
    /* the error comes out of send here; recv must not call the same an orderly end afterwards */
    assert_int_equal(stream->ops->send(stream, room, 10), IAM_ERR_RESET);
    assert_true(stream->native == ECONNRESET || stream->native == EPIPE);
    assert_int_equal(stream->ops->recv(stream, room, 10), IAM_ERR_RESET);
    stream->ops->close(stream);

    assert_int_equal(open_to("127.0.0.1", port, HANG_MS), IAM_OK);
    close(accept_one(listener)); /* orderly, but it does not read: no SIGPIPE may kill us */
    for (from = now(); r >= 0 && now() - from < HANG_MS;)
        r = stream->ops->send(stream, room, sizeof room);
    assert_int_equal(r, IAM_ERR_RESET);
    stream->ops->close(stream);
    close(listener);
}

static void back_pressure(void **state)
{
    static char room[1 << 16];
    uint16_t port = 0;
    int listener = listen_on("127.0.0.1", &port, 4);
    int fd, r;
    uint32_t from, waited;
    int rounds = 0;

    (void)state;
    start(&plain);
    assert_int_equal(open_to("127.0.0.1", port, HANG_MS), IAM_OK);
    fd = accept_one(listener);
    do { /* the buffers grow at first */
        while ((r = stream->ops->send(stream, room, sizeof room)) > 0) {
        }
        assert_int_equal(r, 0);
        from = now();
        idle(50); /* no room: it waits */
        waited = now() - from;
        assert_true(rounds++ < 50);
    } while (waited < 45 || stream->ops->send(stream, room, sizeof room) != 0);
    while (recv(fd, room, sizeof room, MSG_DONTWAIT) > 0) {
    }
    from = now();
    idle(HANG_MS); /* room now: waits for that, not for bytes to read */
    assert_true(now() - from < HANG_MS / 2);
    assert_true(stream->ops->send(stream, room, 1) == 1);
    stream->ops->close(stream);
    close(fd);
    close(listener);
}

static volatile sig_atomic_t signals;
static void on_signal(int number)
{
    (void)number;
    signals++;
}

static void interruptions(void **state)
{
    struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART */
    struct itimerval often = {{0, 300}, {0, 300}}, never = {{0, 0}, {0, 0}};
    uint16_t port = 0;
    int listener = listen_on("127.0.0.1", &port, 4);
    static char room[5000];
    size_t sent = 0, got = 0;

    (void)state;
    start(&plain);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    for (int i = 0; i < 100; i++) {
        int fd;
        assert_int_equal(open_to("localhost", port, HANG_MS), IAM_OK);
        while ((fd = accept(listener, NULL, NULL)) < 0 && errno == EINTR) {
        }
        sent = got = 0;
        while (got < 50000) {
            int r = sent < 50000 ? stream->ops->send(stream, room, sizeof room) : 0;
            assert_true(r >= 0);
            sent += (size_t)r;
            ssize_t k = recv(fd, room, sizeof room, MSG_DONTWAIT);
            got += k > 0 ? (size_t)k : 0;
            r = stream->ops->recv(stream, room, 1);
            assert_int_equal(r, 0);
        }
        stream->ops->close(stream);
        close(fd);
    }
    idle(20);
    setitimer(ITIMER_REAL, &never, NULL);
    assert_true(signals > 10);
    close(listener);
}

static void waiting_for_nothing(void **state)
{
    (void)state;
    start(&plain);
    assert_int_equal(iam_sockets_idle(&(struct iam_stream *){stream}, 1, 1000), 1000);
    assert_int_equal(iam_sockets_idle(NULL, 0, 1000), 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_by_a_hook),
        cmocka_unit_test(names_of_the_system),
        cmocka_unit_test(refused),
        cmocka_unit_test(ipv6),
        cmocka_unit_test(black_hole_then_good),
        cmocka_unit_test(families_in_turn),
        cmocka_unit_test(many_holes),
        cmocka_unit_test(events_of_another),
        cmocka_unit_test(descriptors),
        cmocka_unit_test(reset_and_broken_pipe),
        cmocka_unit_test(back_pressure),
        cmocka_unit_test(interruptions),
        cmocka_unit_test(waiting_for_nothing),
    };
    iam_posix_init(&posix); /* whichever is first */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
