/* Sockets whose poll with timeout 0 tells nothing, as Zephyr's offloaded ones: connecting must come to its
 * end all the same, because a wait has seen it. port/sockets.c on such a poll. */
#include "sockets_api.h"

static int deaf_poll(struct pollfd *fds, nfds_t n, int timeout)
{
    return timeout == 0 ? 0 : poll(fds, n, timeout);
}
#undef sk_poll
#define sk_poll deaf_poll
/* clang-format off: before cmocka, whose macros bear names of its functions */
#include "sockets.c"
/* clang-format on */

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <tinyiam/port_posix.h>

static struct iam_posix posix;
static struct iam_sockets sockets;

static int listen_on_loopback(uint16_t *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(fd, 4), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
    *port = ntohs(a.sin_port);
    return fd;
}

/* As iam_run() does; a livelock uses up its turns. */
static int open_to(uint16_t port)
{
    struct iam_stream *stream = &sockets.stream;
    struct iam_sockets_config config = {.system = &posix.system};
    int r = IAM_AGAIN;

    iam_posix_init(&posix);
    iam_sockets_init(&sockets, &config);
    for (int i = 0; i < 100 && r == IAM_AGAIN; i++) {
        r = stream->ops->open(stream, IAM_SPAN("127.0.0.1"), port);
        if (r == IAM_AGAIN)
            posix.system.ops->idle(&posix.system, &stream, 1, 1000);
    }
    return r;
}

static void connects(void **state)
{
    uint16_t port;
    int listener = listen_on_loopback(&port);

    (void)state;
    assert_int_equal(open_to(port), IAM_OK);
    sockets.stream.ops->close(&sockets.stream);
    close(listener);
    assert_int_equal(open_to(port), IAM_ERR_CONNECT);
    assert_int_equal(sockets.stream.native, ECONNREFUSED);
    sockets.stream.ops->close(&sockets.stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(connects)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
