/* port/sockets.c on lwIP's sockets: the rules of port.h, with lwIP's threads on the host and both ends in its
 * loopback interface. */
#include "conformance.h"

#include <tinyiam/port_sockets.h>

#include <errno.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/sockets.h>
#include <lwip/sys.h>
#include <lwip/tcpip.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORT 4433
#define DEAD_PORT 4434

struct far_end {
    int listener, fd;
};

static void set_nonblocking(int fd)
{
    (void)lwip_fcntl(fd, F_SETFL, lwip_fcntl(fd, F_GETFL, 0) | O_NONBLOCK);
}

static void far_listen(struct far_end *f)
{
    struct sockaddr_in a;
    memset(&a, 0, sizeof a);
    a.sin_family = AF_INET;
    a.sin_port = lwip_htons(PORT);
    a.sin_addr.s_addr = lwip_htonl(INADDR_LOOPBACK);
    f->fd = -1;
    f->listener = lwip_socket(AF_INET, SOCK_STREAM, 0);
    if (f->listener < 0 || lwip_bind(f->listener, (struct sockaddr *)&a, sizeof a) != 0 ||
        lwip_listen(f->listener, 8) != 0) {
        perror("listen");
        exit(1);
    }
    set_nonblocking(f->listener);
}

static void far_turn(void *context)
{
    struct far_end *f = context;
    int on = 1;
    if (f->fd < 0 && (f->fd = lwip_accept(f->listener, NULL, NULL)) >= 0) {
        set_nonblocking(f->fd);
        (void)lwip_setsockopt(f->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
}

static int result(ssize_t n)
{
    return n >= 0 ? (int)n : errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
}

static int far_send(void *context, const void *p, size_t n)
{
    struct far_end *f = context;
    return f->fd < 0 ? 0 : result(lwip_send(f->fd, p, n, 0));
}

static int far_recv(void *context, void *p, size_t n)
{
    struct far_end *f = context;
    if (f->fd < 0 || n == 0)
        return 0;
    ssize_t r = lwip_recv(f->fd, p, n, 0);
    return r == 0 ? -1 : result(r);
}

static void far_shut(void *context)
{
    struct far_end *f = context;
    (void)lwip_shutdown(f->fd, SHUT_WR);
}

/* lwIP's SO_LINGER sends a reset only where data waits: so the connection is aborted below the socket. */
static void far_reset(void *context)
{
    struct far_end *f = context;
    struct tcp_pcb *next;
    LOCK_TCPIP_CORE();
    for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = next) {
        next = pcb->next;
        if (pcb->local_port == PORT)
            tcp_abort(pcb);
    }
    UNLOCK_TCPIP_CORE();
    (void)lwip_close(f->fd);
    f->fd = -1;
}

static void far_forget(void *context)
{
    struct far_end *f = context;
    int fd;
    if (f->fd >= 0) {
        (void)lwip_close(f->fd);
        f->fd = -1;
    }
    while ((fd = lwip_accept(f->listener, NULL, NULL)) >= 0)
        (void)lwip_close(fd); /* connections that the near end gave up */
}

/* ---- the system ---- */

static uint32_t mono_ms(struct iam_system *system)
{
    (void)system;
    return sys_now();
}

static int64_t unix_ms(struct iam_system *system)
{
    (void)system;
    return -1;
}

static int entropy(struct iam_system *system, void *to, size_t n)
{
    (void)system;
    memset(to, 7, n); /* no one asks for it here */
    return IAM_OK;
}

static void idle(struct iam_system *system, struct iam_stream *const *streams, size_t n,
                 uint32_t ms)
{
    (void)system;
    ms = iam_sockets_idle(streams, n, ms);
    if (ms != 0)
        sys_msleep(ms);
}

static void ready(void *arg)
{
    sys_sem_signal(arg);
}

int main(void)
{
    static const struct iam_system_ops ops = {mono_ms, unix_ms, entropy, idle};
    struct iam_system system = {&ops};
    struct iam_sockets_config config = {.system = &system};
    struct iam_sockets near;
    struct far_end far;
    sys_sem_t started;

    if (sys_sem_new(&started, 0) != ERR_OK)
        return 1;
    tcpip_init(ready, &started);
    sys_sem_wait(&started);
    far_listen(&far);
    iam_sockets_init(&near, &config);
    struct conformance rules = {.stream = &near.stream,
                                .system = &system,
                                .host = IAM_SPAN("127.0.0.1"),
                                .port = PORT,
                                .dead_port = DEAD_PORT,
                                .cut_result = IAM_EOF,
                                .context = &far,
                                .turn = far_turn,
                                .send = far_send,
                                .recv = far_recv,
                                .end = far_shut,
                                .reset = far_reset,
                                .forget = far_forget,
                                .system_waits = true};
    const char *broken = conformance_stream(&rules);
    printf("port/sockets.c on lwIP's sockets: %s, native %d\n",
           broken == NULL ? "all rules kept" : broken, near.stream.native);
    printf("%d passed, %d failed\n", broken == NULL, broken != NULL);
    return broken == NULL ? 0 : 1;
}
