/* A TCP stream on non-blocking sockets; see tinyiam/port_sockets.h. */
#include "sockets_api.h"

#include <tinyiam/port_sockets.h>

#include <limits.h>
#include <string.h>

/* IDLE -> NEXT <-> CONNECTING -> OPEN; any -> FAILED; close: any -> IDLE */
enum { STATE_IDLE, STATE_NEXT, STATE_CONNECTING, STATE_OPEN, STATE_FAILED };

#define NAME_MAX_BYTES 253u /* of a domain name, RFC 1035 */
#define SHARE_MAX_MS 4000u  /* time for two retransmissions of a SYN */
#define HOOK_PAUSE_MS 10u   /* between two calls of config.resolve */
#define HOOK_ADDRESSES 2u   /* assumed number, as long as config.resolve has not told all */

static int fail(struct iam_sockets *s, int error, int native)
{
    s->stream.native = native;
    s->error = error;
    s->state = STATE_FAILED;
    s->waits = 0;
    return error;
}

static void drop_socket(struct iam_sockets *s)
{
    if (s->fd >= 0) {
        (void)sk_close(s->fd); /* not repeated after EINTR: the descriptor is closed either way */
        s->fd = -1;
    }
}

static void drop_list(struct iam_sockets *s)
{
    if (s->list != NULL)
        sk_freeaddrinfo(s->list);
    s->list = NULL;
    s->next = NULL;
}

static bool is_reset(int code)
{
    return code == ECONNRESET || code == EPIPE || code == ECONNABORTED;
}

static bool would_block(int code)
{
    return code == EAGAIN || code == EWOULDBLOCK;
}

/* Resolves the name into the list of addresses. 0 or getaddrinfo's code. */
static int look_up(struct iam_sockets *s, const char *name, uint16_t port, int flags)
{
    char service[6];
    char *digit = service + sizeof service - 1;
    struct sk_addrinfo hints;
    struct sk_addrinfo *list = NULL;
    int code;

    *digit = '\0';
    do {
        *--digit = (char)('0' + port % 10);
        port = (uint16_t)(port / 10);
    } while (port != 0);
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SK_STREAM;
    hints.ai_protocol = SK_TCP;
    hints.ai_flags = flags;
    code = sk_getaddrinfo(name, digit, &hints, &list);
    if (code != 0)
        return code;
    drop_list(s);
    s->list = list;
    s->next = list;
    return 0;
}

/* How long one address may take; there are as many as the list has, or as one guesses. */
static void set_share(struct iam_sockets *s)
{
    uint32_t all = s->config.connect_ms != 0 ? s->config.connect_ms : CONFIG_TINYIAM_CONNECT_MS;
    uint32_t addresses = 0;
    const struct sk_addrinfo *a;

    for (a = s->list; a != NULL; a = a->ai_next)
        addresses++;
    if (addresses == 0)
        addresses = HOOK_ADDRESSES;
    s->share_ms = all / (addresses + 1);
    if (s->share_ms > SHARE_MAX_MS)
        s->share_ms = SHARE_MAX_MS;
}

static int begin(struct iam_sockets *s, struct iam_span host, uint16_t port)
{
    char name[NAME_MAX_BYTES + 1];
    int code;

    s->stream.native = 0;
    s->index = 0;
    if (host.n == 0 || host.n > NAME_MAX_BYTES || memchr(host.p, 0, host.n) != NULL)
        return fail(s, IAM_ERR_RESOLVE, 0);
    memcpy(name, host.p, host.n);
    name[host.n] = '\0';
    code = look_up(s, name, port, SK_NUMERICHOST);
    s->literal = code == 0;
    if (code != 0 && s->config.resolve == NULL) {
        do {
            code = look_up(s, name, port, 0);
        } while (SK_LOOK_UP_AGAIN(code));
        if (code != 0)
            return fail(s, IAM_ERR_RESOLVE, code);
    }
    set_share(s);
    s->state = STATE_NEXT;
    return IAM_AGAIN;
}

/* Sees to it that s->next is an address. IAM_OK, IAM_AGAIN, or IAM_ERR_RESOLVE: there is none. */
static int look_ahead(struct iam_sockets *s, struct iam_span host, uint16_t port)
{
    char address[IAM_SOCKETS_ADDRESS_SIZE];
    int result;

    if (s->next != NULL)
        return IAM_OK;
    if (s->literal || s->config.resolve == NULL)
        return IAM_ERR_RESOLVE;
    result = s->config.resolve(s->config.context, host, s->index, address, sizeof address);
    if (result != IAM_OK)
        return result == IAM_AGAIN ? IAM_AGAIN : IAM_ERR_RESOLVE;
    s->index++;
    return look_up(s, address, port, SK_NUMERICHOST) == 0 ? IAM_OK : IAM_ERR_RESOLVE;
}

static int connected(struct iam_sockets *s)
{
    drop_list(s);
    s->stream.native = 0;
    s->stream.connects++;
    s->state = STATE_OPEN;
    s->waits = 0;
    return IAM_OK;
}

/* Gives up on this address, and goes on with the next one. */
static int skip(struct iam_sockets *s, int native)
{
    drop_socket(s);
    s->stream.native = native;
    s->state = STATE_NEXT;
    return IAM_AGAIN;
}

static int start(struct iam_sockets *s)
{
    const struct sk_addrinfo *a = s->next;
    int on = 1;

    s->next = a->ai_next;
    s->began_ms = s->config.system->ops->mono_ms(s->config.system);
    s->state = STATE_CONNECTING;
    s->writable = false;
    s->fd = sk_socket(a->ai_family, a->ai_socktype | SK_TYPE_FLAGS, a->ai_protocol);
    if (s->fd < 0)
        return skip(s, errno);
    if (sk_unblock(s->fd) < 0)
        return skip(s, errno);
    sk_quiet(s->fd);
    (void)sk_setsockopt(s->fd, SK_TCP, SK_TCP_NODELAY, &on, sizeof on);
    if (sk_connect(s->fd, a->ai_addr, a->ai_addrlen) == 0)
        return connected(s);
    /* interrupted, it goes on in the background like any other (POSIX) */
    if (errno != EINPROGRESS && errno != EINTR && errno != EALREADY)
        return skip(s, errno);
    return IAM_AGAIN;
}

/* How connecting stands, where the platform has no SO_ERROR (Zephyr 3.4): 0 or errno. */
static int connect_again(const struct iam_sockets *s)
{
    const struct sk_addrinfo *a = s->list;

    while (a != NULL && a->ai_next != s->next)
        a = a->ai_next;
    if (a == NULL)
        return ENOPROTOOPT;
    return sk_connect(s->fd, a->ai_addr, a->ai_addrlen) == 0 || errno == EISCONN ? 0 : errno;
}

/* IAM_OK; IAM_AGAIN with the state still CONNECTING (under way) or NEXT (this one failed). */
static int check(struct iam_sockets *s)
{
    struct sk_pollfd p = {.fd = s->fd, .events = SK_POLLOUT};
    int code = 0;
    sk_length n = sizeof code;
    int ready = s->writable ? 1 : sk_poll(&p, 1, 0);

    if (ready == 0 || (ready < 0 && errno == EINTR))
        return IAM_AGAIN;
    s->writable = false;
    if (ready < 0)
        code = errno;
    else if (sk_getsockopt(s->fd, SK_SOL_SOCKET, SK_SO_ERROR, &code, &n) < 0)
        code = errno == ENOPROTOOPT ? connect_again(s) : errno;
    if (code == EALREADY || code == EINPROGRESS)
        return IAM_AGAIN;
    return code == 0 ? connected(s) : skip(s, code);
}

static int sockets_open(struct iam_stream *stream, struct iam_span host, uint16_t port)
{
    struct iam_sockets *s = (struct iam_sockets *)stream;
    int result;

    if (s->state == STATE_IDLE && (result = begin(s, host, port)) < 0)
        return result;
    if (s->state == STATE_CONNECTING) {
        result = check(s);
        if (result == IAM_AGAIN && s->state == STATE_CONNECTING &&
            s->config.system->ops->mono_ms(s->config.system) - s->began_ms >= s->share_ms &&
            look_ahead(s, host, port) == IAM_OK)
            (void)skip(s, ETIMEDOUT);
    }
    while (s->state == STATE_NEXT) {
        result = look_ahead(s, host, port);
        if (result == IAM_AGAIN)
            return IAM_AGAIN;
        if (result != IAM_OK) {
            bool tried = s->stream.native != 0;
            drop_list(s);
            return fail(s, tried ? IAM_ERR_CONNECT : IAM_ERR_RESOLVE, s->stream.native);
        }
        (void)start(s);
    }
    if (s->state == STATE_FAILED)
        return s->error;
    return s->state == STATE_OPEN ? IAM_OK : IAM_AGAIN;
}

static int sockets_send(struct iam_stream *stream, const void *data, size_t n)
{
    struct iam_sockets *s = (struct iam_sockets *)stream;
    ssize_t sent;

    if (s->state != STATE_OPEN)
        return s->state == STATE_FAILED ? s->error : IAM_ERR_STATE;
    if (n == 0)
        return 0;
    if (n > INT_MAX)
        n = INT_MAX;
    do {
        sent = sk_send(s->fd, data, n, SK_SEND_FLAGS);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0 && would_block(errno)) {
        s->waits |= IAM_WAIT_WRITE;
        return 0;
    }
    if (sent < 0)
        return fail(s, is_reset(errno) ? IAM_ERR_RESET : IAM_ERR_IO, errno);
    s->waits &= (uint8_t)~IAM_WAIT_WRITE;
    return (int)sent;
}

static int sockets_recv(struct iam_stream *stream, void *room, size_t n)
{
    struct iam_sockets *s = (struct iam_sockets *)stream;
    ssize_t got;

    if (s->state != STATE_OPEN)
        return s->state == STATE_FAILED ? s->error : IAM_ERR_STATE;
    if (n == 0) {
        s->waits |= IAM_WAIT_READ;
        return 0;
    }
    if (s->ended)
        return IAM_EOF;
    if (n > INT_MAX)
        n = INT_MAX;
    do {
        got = sk_recv(s->fd, room, n, 0);
    } while (got < 0 && errno == EINTR);
    if (got < 0 && would_block(errno)) {
        s->waits |= IAM_WAIT_READ;
        return 0;
    }
    if (got < 0)
        return fail(s, is_reset(errno) ? IAM_ERR_RESET : IAM_ERR_IO, errno);
    s->waits &= (uint8_t)~IAM_WAIT_READ;
    s->ended = got == 0;
    return s->ended ? IAM_EOF : (int)got;
}

static void sockets_close(struct iam_stream *stream)
{
    struct iam_sockets *s = (struct iam_sockets *)stream;

    drop_socket(s);
    drop_list(s);
    s->error = 0;
    s->ended = false;
    s->state = STATE_IDLE;
    s->waits = 0;
}

static void sockets_wait(struct iam_stream *stream, struct iam_wait *w)
{
    struct iam_sockets *s = (struct iam_sockets *)stream;
    uint32_t passed;

    s->waits &= (uint8_t)~w->seen;
    w->descriptor = s->fd;
    w->events = 0;
    w->ms = UINT32_MAX;
    if (s->state == STATE_NEXT) {
        w->ms = HOOK_PAUSE_MS;
    } else if (s->state == STATE_CONNECTING) {
        s->writable = s->writable || (w->seen & IAM_WAIT_WRITE) != 0;
        w->events = IAM_WAIT_WRITE;
        passed = s->config.system->ops->mono_ms(s->config.system) - s->began_ms;
        if (passed < s->share_ms)
            w->ms = s->share_ms - passed;
        else if (s->next != NULL)
            w->ms = 0; /* the next address is tried at once */
    } else if (s->state == STATE_OPEN && s->waits != 0) {
        w->events = s->waits;
    } else if (s->state != STATE_IDLE) {
        w->ms = 0;
    }
}

static const struct iam_stream_ops sockets_ops = {sockets_open, sockets_send, sockets_recv,
                                                  sockets_close, sockets_wait};

void iam_sockets_init(struct iam_sockets *s, const struct iam_sockets_config *config)
{
    memset(s, 0, sizeof *s);
    s->stream.ops = &sockets_ops;
    s->config = *config;
    s->fd = -1;
    s->state = STATE_IDLE;
}
