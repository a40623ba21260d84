/* relay ADDRESS PORT: joins standard input and output to a TCP connection. QEMU starts one for each
 * connection of the guest (guestfwd=...-cmd:); standard input is then a socket, written to as well. Its
 * pipes would be joined by cat and nc too, but these leave Nagle's algorithm and delayed
 * acknowledgements on, which cost 40 ms at each turn of a handshake. */
#define _DEFAULT_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_SIZE 65536

/* One direction. */
struct flow {
    int from, to;
    size_t start, end;
    bool ended, closed; /* nothing more comes; the other side knows it */
    char buffer[BUFFER_SIZE];
};

static int connect_to(const char *address, const char *port)
{
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    int s = socket(AF_INET, SOCK_STREAM, 0);
    if (s < 0 || inet_pton(AF_INET, address, &peer.sin_addr) != 1 ||
        connect(s, (struct sockaddr *)&peer, sizeof peer) != 0)
        return -1;
    return s;
}

/* Linux turns quick acknowledgement off again by itself. */
static void quick(int s)
{
    int on = 1;
    (void)setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(s, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

/* False: the connection is broken. */
static bool fill(struct flow *flow)
{
    ssize_t n = read(flow->from, flow->buffer + flow->end, sizeof flow->buffer - flow->end);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN;
    flow->ended = n == 0;
    flow->end += (size_t)n;
    return true;
}

static bool drain(struct flow *flow)
{
    ssize_t n = write(flow->to, flow->buffer + flow->start, flow->end - flow->start);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN;
    flow->start += (size_t)n;
    if (flow->start == flow->end)
        flow->start = flow->end = 0;
    return true;
}

static bool turn(struct flow flows[2])
{
    struct pollfd fds[4];
    for (int i = 0; i < 2; i++) {
        struct flow *f = &flows[i];
        bool room = !f->ended && f->end < sizeof f->buffer;
        fds[2 * i] = (struct pollfd){room ? f->from : -1, POLLIN, 0};
        fds[2 * i + 1] = (struct pollfd){f->end > f->start ? f->to : -1, POLLOUT, 0};
    }
    if (poll(fds, 4, -1) < 0)
        return errno == EINTR;
    for (int i = 0; i < 2; i++) {
        struct flow *f = &flows[i];
        if (fds[2 * i].revents != 0 && !fill(f))
            return false;
        if (f->end > f->start && !drain(f))
            return false;
        if (f->ended && f->start == f->end && !f->closed) {
            f->closed = true;
            (void)shutdown(f->to, SHUT_WR);
        }
    }
    return true;
}

/* A reset reaches the guest as one: closing with this option sends RST. */
static void abort_connection(int s)
{
    struct linger now = {1, 0};
    (void)setsockopt(s, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

int main(int argc, char **argv)
{
    static struct flow flows[2];

    if (argc != 3) {
        fputs("usage: relay ADDRESS PORT\n", stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    int s = connect_to(argv[1], argv[2]);
    if (s < 0) {
        abort_connection(STDIN_FILENO);
        return 1;
    }
    flows[0].from = STDIN_FILENO;
    flows[0].to = s;
    flows[1].from = s;
    flows[1].to = STDOUT_FILENO;
    while (!flows[0].closed || !flows[1].closed) {
        quick(s);
        if (!turn(flows)) {
            abort_connection(STDIN_FILENO);
            abort_connection(s);
            return 1;
        }
    }
    return 0;
}
