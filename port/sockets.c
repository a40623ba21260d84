/* A TCP stream on non-blocking sockets; see tinyiam/port_sockets.h. */
#include "sockets_api.h"

#include <tinyiam/port_sockets.h>

#include <limits.h>
#include <string.h>

/* IDLE -> CONNECTING -> OPEN; any -> FAILED; close: any -> IDLE. While it is CONNECTING names may still be asked for,
 * and several addresses are tried at once (RFC 8305): the first that answers stays. */
enum { STATE_IDLE, STATE_CONNECTING, STATE_OPEN, STATE_FAILED };

#define NAME_MAX_BYTES 253u /* of a domain name, RFC 1035 */
/* an address that has not answered by then gets company: RFC 8305, section 8 */
#define NEXT_MS 250u
#define SHARE_MAX_MS 4000u /* time for two retransmissions of a SYN */
#define HOOK_PAUSE_MS 10u  /* between two calls of config.resolve, at most */
#define OTHERS_MS 20u      /* between two looks at the attempts that nobody waits for */

static int fail(struct iam_sockets *s, int error, int native)
{
    s->stream.native = native;
    s->error = error;
    s->state = STATE_FAILED;
    s->waits = 0;
    return error;
}

static void drop(int *fd)
{
    if (*fd >= 0)
        (void)sk_close(*fd); /* not repeated after EINTR: the descriptor is closed either way */
    *fd = -1;
}

static void drop_tries(struct iam_sockets *s)
{
    for (size_t i = 0; i < IAM_SOCKETS_TRIES; i++)
        drop(&s->tries[i].fd);
}

static bool is_reset(int code)
{
    return code == ECONNRESET || code == EPIPE || code == ECONNABORTED;
}

static bool would_block(int code)
{
    return code == EAGAIN || code == EWOULDBLOCK;
}

/* ---- addresses ---- */

static void add(struct iam_sockets *s, const struct sk_addrinfo *a)
{
    struct iam_sockets_address *to = &s->addresses[s->address_n];

    if (s->address_n == IAM_SOCKETS_ADDRESSES || a->ai_addrlen > sizeof to->bytes)
        return;
    memset(to, 0, sizeof *to);
    memcpy(to->bytes, a->ai_addr, a->ai_addrlen);
    to->n = (uint8_t)a->ai_addrlen;
    to->family = (uint16_t)a->ai_family;
    s->address_n++;
}

/* Adds what the name resolves to. 0 or getaddrinfo's code. */
static int look_up(struct iam_sockets *s, const char *name, uint16_t port, int flags)
{
    char service[6];
    char *digit = service + sizeof service - 1;
    struct sk_addrinfo hints;
    struct sk_addrinfo *list = NULL;
    int code = 0;

    *digit = '\0';
    do {
        *--digit = (char)('0' + port % 10);
        port = (uint16_t)(port / 10);
    } while (port != 0);
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SK_STREAM;
    hints.ai_protocol = SK_TCP;
    hints.ai_flags = flags;
    do {
        code = sk_getaddrinfo(name, digit, &hints, &list);
    } while (SK_LOOK_UP_AGAIN(code));
    if (code != 0)
        return code;
    for (const struct sk_addrinfo *a = list; a != NULL; a = a->ai_next)
        add(s, a);
    if (list != NULL)
        sk_freeaddrinfo(list);
    return 0;
}

/* Takes over what config.resolve knows so far. false: what it says is no address. */
static bool ask(struct iam_sockets *s, struct iam_span host, uint16_t port)
{
    char address[IAM_SOCKETS_ADDRESS_SIZE];
    int result = IAM_OK;

    while (s->asking && result == IAM_OK && s->address_n < IAM_SOCKETS_ADDRESSES) {
        result = s->config.resolve(s->config.context, host, s->index, address, sizeof address);
        s->asking = result == IAM_OK || result == IAM_AGAIN;
        if (result == IAM_OK) {
            s->index++;
            if (look_up(s, address, port, SK_NUMERICHOST) != 0)
                return false;
        }
    }
    s->asking = s->asking && s->address_n < IAM_SOCKETS_ADDRESSES;
    return true;
}

static bool same(const struct iam_sockets_address *a, const struct iam_sockets_address *b)
{
    return a->n == b->n && memcmp(a->bytes, b->bytes, a->n) == 0;
}

/* The address to try next: the one that answered last time, else one of the other family, else any. NULL: none. */
static struct iam_sockets_address *next_address(struct iam_sockets *s)
{
    struct iam_sockets_address *found = NULL;

    for (size_t i = 0; i < s->address_n; i++) {
        struct iam_sockets_address *a = &s->addresses[i];
        if (a->tried)
            continue;
        if (s->good.n != 0 && same(a, &s->good))
            return a;
        if (found == NULL || (found->family == s->family && a->family != s->family))
            found = a;
    }
    return found;
}

static uint32_t now_ms(const struct iam_sockets *s)
{
    return s->config.system->ops->mono_ms(s->config.system);
}

/* How long one address may keep its place, where there are more of them than places. */
static uint32_t share_ms(const struct iam_sockets *s)
{
    uint32_t all = s->config.connect_ms != 0 ? s->config.connect_ms : CONFIG_TINYIAM_CONNECT_MS;
    uint32_t share = all / ((s->address_n != 0 ? s->address_n : 1u) + 1u);

    return share < SHARE_MAX_MS ? share : SHARE_MAX_MS;
}

static uint32_t next_ms(const struct iam_sockets *s)
{
    uint32_t share = share_ms(s);
    return share < NEXT_MS ? share : NEXT_MS;
}

static int begin(struct iam_sockets *s, struct iam_span host, uint16_t port)
{
    char name[NAME_MAX_BYTES + 1];
    int code;

    s->stream.native = 0;
    s->index = 0;
    s->address_n = 0;
    s->family = 0;
    s->asking = false;
    s->began_ms = now_ms(s);
    if (host.n == 0 || host.n > NAME_MAX_BYTES || memchr(host.p, 0, host.n) != NULL)
        return fail(s, IAM_ERR_RESOLVE, 0);
    memcpy(name, host.p, host.n);
    name[host.n] = '\0';
    code = look_up(s, name, port, SK_NUMERICHOST);
    if (code != 0 && s->config.resolve == NULL) {
        code = look_up(s, name, port, 0);
        if (code != 0)
            return fail(s, IAM_ERR_RESOLVE, code);
    } else if (code != 0) {
        s->asking = true;
    }
    s->state = STATE_CONNECTING;
    return IAM_AGAIN;
}

/* ---- attempts ---- */

static struct iam_sockets_try *free_place(struct iam_sockets *s)
{
    for (size_t i = 0; i < IAM_SOCKETS_TRIES; i++)
        if (s->tries[i].fd < 0)
            return &s->tries[i];
    return NULL;
}

static unsigned running(const struct iam_sockets *s)
{
    unsigned n = 0;
    for (size_t i = 0; i < IAM_SOCKETS_TRIES; i++)
        n += s->tries[i].fd >= 0;
    return n;
}

static struct iam_sockets_try *oldest(struct iam_sockets *s, uint32_t now)
{
    struct iam_sockets_try *found = &s->tries[0];
    for (size_t i = 1; i < IAM_SOCKETS_TRIES; i++)
        if (now - s->tries[i].began_ms > now - found->began_ms)
            found = &s->tries[i];
    return found;
}

static int connected(struct iam_sockets *s, struct iam_sockets_try *t)
{
    s->fd = t->fd;
    t->fd = -1;
    drop_tries(s);
    s->good = s->addresses[t->address];
    s->stream.native = 0;
    s->stream.connects++;
    s->state = STATE_OPEN;
    s->waits = 0;
    return IAM_OK;
}

/* Gives up on this address. */
static int skip(struct iam_sockets *s, struct iam_sockets_try *t, int native)
{
    drop(&t->fd);
    s->stream.native = native;
    return IAM_AGAIN;
}

static int start(struct iam_sockets *s, struct iam_sockets_address *a, struct iam_sockets_try *t)
{
    int on = 1;

    a->tried = true;
    s->family = a->family;
    s->began_ms = now_ms(s);
    *t = (struct iam_sockets_try){.began_ms = s->began_ms, .address = (uint8_t)(a - s->addresses)};
    t->fd = sk_socket(a->family, SK_STREAM | SK_TYPE_FLAGS, SK_TCP);
    if (t->fd < 0)
        return skip(s, t, errno);
    if (sk_unblock(t->fd) < 0)
        return skip(s, t, errno);
    sk_quiet(t->fd);
    (void)sk_setsockopt(t->fd, SK_TCP, SK_TCP_NODELAY, &on, sizeof on);
    if (sk_connect(t->fd, (void *)a->bytes, a->n) == 0)
        return connected(s, t);
    /* interrupted, it goes on in the background like any other (POSIX) */
    if (errno != EINPROGRESS && errno != EINTR && errno != EALREADY)
        return skip(s, t, errno);
    return IAM_AGAIN;
}

/* How connecting stands, by asking for it again: 0 or errno. Where the platform has no SO_ERROR (Zephyr 3.4), and where
 * it is not certain for which attempt an event was seen. */
static int connect_again(const struct iam_sockets *s, const struct iam_sockets_try *t)
{
    const struct iam_sockets_address *a = &s->addresses[t->address];

    return sk_connect(t->fd, (const void *)a->bytes, a->n) == 0 || errno == EISCONN ? 0 : errno;
}

/* IAM_OK, or IAM_AGAIN: under way, or given up. */
static int check(struct iam_sockets *s, struct iam_sockets_try *t)
{
    struct sk_pollfd p = {.fd = t->fd, .events = SK_POLLOUT};
    int code = 0;
    sk_length n = sizeof code;
    bool hinted = t->writable;
    int ready = hinted ? 1 : sk_poll(&p, 1, 0);

    if (ready == 0 || (ready < 0 && errno == EINTR))
        return IAM_AGAIN;
    t->writable = false;
    if (ready < 0)
        code = errno;
    else if (sk_getsockopt(t->fd, SK_SOL_SOCKET, SK_SO_ERROR, &code, &n) < 0)
        code = errno == ENOPROTOOPT ? connect_again(s, t) : errno;
    if (code == 0 && hinted) /* by whoever polled: of this attempt? */
        code = connect_again(s, t);
    if (code == EALREADY || code == EINPROGRESS)
        return IAM_AGAIN;
    return code == 0 ? connected(s, t) : skip(s, t, code);
}

/* Is it time for one more? Then there is a place for it. */
static struct iam_sockets_try *due(struct iam_sockets *s)
{
    uint32_t now = now_ms(s);
    struct iam_sockets_try *t = free_place(s);

    if (running(s) == 0 || (t != NULL && now - s->began_ms >= next_ms(s)))
        return t;
    if (t == NULL && now - oldest(s, now)->began_ms >= share_ms(s)) {
        t = oldest(s, now);
        (void)skip(s, t, ETIMEDOUT);
    }
    return t != NULL && now - s->began_ms >= next_ms(s) ? t : NULL;
}

static int sockets_open(struct iam_stream *stream, struct iam_span host, uint16_t port)
{
    struct iam_sockets *s = (struct iam_sockets *)stream;
    struct iam_sockets_address *a;
    struct iam_sockets_try *t;
    int result;

    if (s->state == STATE_IDLE && (result = begin(s, host, port)) < 0)
        return result;
    if (s->state == STATE_FAILED)
        return s->error;
    for (size_t i = 0; i < IAM_SOCKETS_TRIES && s->state == STATE_CONNECTING; i++)
        if (s->tries[i].fd >= 0)
            (void)check(s, &s->tries[i]);
    if (s->state == STATE_CONNECTING && !ask(s, host, port)) {
        drop_tries(s);
        return fail(s, IAM_ERR_RESOLVE, s->stream.native);
    }
    while (s->state == STATE_CONNECTING && (a = next_address(s)) != NULL && (t = due(s)) != NULL)
        (void)start(s, a, t);
    if (s->state == STATE_OPEN)
        return IAM_OK;
    if (running(s) == 0 && next_address(s) == NULL && !s->asking)
        return fail(s, s->stream.native != 0 ? IAM_ERR_CONNECT : IAM_ERR_RESOLVE, s->stream.native);
    do { /* the next one's turn to be waited for */
        s->watched = (uint8_t)((s->watched + 1u) % IAM_SOCKETS_TRIES);
    } while (running(s) != 0 && s->tries[s->watched].fd < 0);
    return IAM_AGAIN;
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

    drop(&s->fd);
    drop_tries(s);
    s->error = 0;
    s->ended = false;
    s->state = STATE_IDLE;
    s->waits = 0;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* One descriptor can be told: of several attempts each has its turn, and the others are looked at often. */
static void wait_connecting(struct iam_sockets *s, struct iam_wait *w)
{
    struct iam_sockets_try *t = &s->tries[s->watched];
    uint32_t passed = now_ms(s) - s->began_ms;

    if (t->fd >= 0) {
        t->writable = t->writable || (w->seen & IAM_WAIT_WRITE) != 0;
        w->descriptor = t->fd;
        w->events = IAM_WAIT_WRITE;
    }
    if (running(s) > 1)
        w->ms = OTHERS_MS;
    if (s->asking) /* often at first: most names are known soon */
        w->ms = least(w->ms, least(1 + passed / 8, HOOK_PAUSE_MS));
    if (next_address(s) != NULL)
        w->ms = least(w->ms, passed < next_ms(s) ? next_ms(s) - passed
                             : free_place(s)     ? 0
                                                 : OTHERS_MS);
}

static void sockets_wait(struct iam_stream *stream, struct iam_wait *w)
{
    struct iam_sockets *s = (struct iam_sockets *)stream;

    s->waits &= (uint8_t)~w->seen;
    w->descriptor = s->fd;
    w->events = 0;
    w->ms = UINT32_MAX;
    if (s->state == STATE_CONNECTING)
        wait_connecting(s, w);
    else if (s->state == STATE_OPEN && s->waits != 0)
        w->events = s->waits;
    else if (s->state != STATE_IDLE)
        w->ms = 0;
}

static const struct iam_stream_ops sockets_ops = {sockets_open, sockets_send, sockets_recv,
                                                  sockets_close, sockets_wait};

void iam_sockets_init(struct iam_sockets *s, const struct iam_sockets_config *config)
{
    memset(s, 0, sizeof *s);
    s->stream.ops = &sockets_ops;
    s->config = *config;
    s->fd = -1;
    for (size_t i = 0; i < IAM_SOCKETS_TRIES; i++)
        s->tries[i].fd = -1;
    s->state = STATE_IDLE;
}
