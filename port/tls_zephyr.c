/* TLS by Zephyr's native TLS sockets; see tinyiam/port_tls_zephyr.h. */
#include "sockets_api.h"

#include <tinyiam/port_tls_zephyr.h>

/* Zephyr's default is 1500. Where a modem does TLS, there is no such option. */
#if defined(CONFIG_MBEDTLS_SSL_MAX_CONTENT_LEN) && CONFIG_MBEDTLS_SSL_MAX_CONTENT_LEN < 16384 && \
    !defined(IAM_TLS_AS_BUILT)
#warning \
    "MBEDTLS_SSL_MAX_CONTENT_LEN is under 16384: servers send records of that size, and replies will fail"
#endif

#include <limits.h>
#include <string.h>

/* IDLE -> NEXT -> OPEN -> ENDED; any -> FAILED; close: any -> IDLE */
enum { STATE_IDLE, STATE_NEXT, STATE_OPEN, STATE_ENDED, STATE_FAILED };

static int fail(struct iam_tls_zephyr *t, int error, int native)
{
    t->stream.native = native;
    t->error = error;
    t->state = STATE_FAILED;
    t->waits = 0;
    return error;
}

static void drop_socket(struct iam_tls_zephyr *t)
{
    if (t->fd >= 0) {
        (void)sk_close(t->fd);
        t->fd = -1;
    }
}

static void drop_list(struct iam_tls_zephyr *t)
{
    if (t->list != NULL)
        sk_freeaddrinfo(t->list);
    t->list = NULL;
    t->next = NULL;
}

/* Text as C has it, in t->name. */
static bool keep_name(struct iam_tls_zephyr *t, struct iam_span text)
{
    if (text.n == 0 || text.n >= sizeof t->name || memchr(text.p, 0, text.n) != NULL)
        return false;
    memcpy(t->name, text.p, text.n);
    t->name[text.n] = '\0';
    return true;
}

static int begin(struct iam_tls_zephyr *t, struct iam_span host, uint16_t port)
{
    char service[6];
    char *digit = service + sizeof service - 1;
    struct sk_addrinfo hints;
    struct sk_addrinfo *list = NULL;
    int code;

    t->stream.native = 0;
    if (t->config.sec_tag_count == 0)
        return fail(t, IAM_ERR_TLS_SETUP, 0);
    if (!keep_name(t, host))
        return fail(t, IAM_ERR_RESOLVE, 0);
    *digit = '\0';
    do {
        *--digit = (char)('0' + port % 10);
        port = (uint16_t)(port / 10);
    } while (port != 0);
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SK_STREAM;
    code = sk_getaddrinfo(t->name, digit, &hints, &list);
    if (code != 0)
        return fail(t, IAM_ERR_RESOLVE, code);
    t->list = list;
    t->next = list;
    if (t->config.server_name.p != NULL && !keep_name(t, t->config.server_name)) {
        drop_list(t);
        return fail(t, IAM_ERR_TLS_SETUP, 0);
    }
    t->state = STATE_NEXT;
    return IAM_AGAIN;
}

/* Certificates, name and verification must be taken; ALPN and session cache are a favour. */
static int prepare(struct iam_tls_zephyr *t)
{
    static const char *const protocols[] = {"http/1.1"};
    int verify = SK_TLS_PEER_VERIFY_REQUIRED;
    int cache = SK_TLS_SESSION_CACHE_ENABLED;

    if (sk_setsockopt(t->fd, SK_SOL_TLS, SK_TLS_SEC_TAG_LIST, t->config.sec_tags,
                      (sk_length)(t->config.sec_tag_count * sizeof *t->config.sec_tags)) < 0 ||
        sk_setsockopt(t->fd, SK_SOL_TLS, SK_TLS_HOSTNAME, t->name,
                      (sk_length)(strlen(t->name) + 1)) < 0 ||
        sk_setsockopt(t->fd, SK_SOL_TLS, SK_TLS_PEER_VERIFY, &verify, sizeof verify) < 0)
        return errno;
    (void)sk_setsockopt(t->fd, SK_SOL_TLS, SK_TLS_ALPN_LIST, protocols, sizeof protocols);
    (void)sk_setsockopt(t->fd, SK_SOL_TLS, SK_TLS_SESSION_CACHE, &cache, sizeof cache);
    return 0;
}

/* What a failed socket() or connect() means, if it is not the address's fault; 0: try the next one. */
static int fatal(int code)
{
    switch (code) {
    case ENOMEM:
    case ENOBUFS:
    case ENFILE:
    case EMFILE:
        return IAM_ERR_TLS_MEMORY;
    case ENOENT: /* no such credentials */
    case EPROTONOSUPPORT:
        return IAM_ERR_TLS_SETUP;
    case ECONNABORTED: /* the handshake failed */
    case EPROTO:
        return IAM_ERR_TLS;
    default:
        return 0;
    }
}

static int try_next(struct iam_tls_zephyr *t)
{
    const struct sk_addrinfo *a = t->next;
    int code = 0;
    int on = 1;

    t->next = a->ai_next;
    t->fd = sk_socket(a->ai_family, SK_STREAM, SK_TLS);
    if (t->fd < 0) {
        code = errno;
    } else if ((code = prepare(t)) != 0) {
        drop_socket(t);
        return fail(t, IAM_ERR_TLS_SETUP, code);
    } else if (sk_connect(t->fd, a->ai_addr, a->ai_addrlen) < 0) {
        code = errno;
    }
    if (code != 0) {
        drop_socket(t);
        t->stream.native = code;
        return fatal(code) != 0 ? fail(t, fatal(code), code) : IAM_AGAIN;
    }
    if (sk_unblock(t->fd) < 0) {
        code = errno;
        drop_socket(t);
        return fail(t, IAM_ERR_IO, code);
    }
    (void)sk_setsockopt(t->fd, SK_TCP, SK_TCP_NODELAY, &on, sizeof on);
    drop_list(t);
    t->stream.native = 0;
    t->stream.connects++;
    t->stream.handshakes++;
    t->state = STATE_OPEN;
    t->waits = 0;
    return IAM_OK;
}

static int tls_open(struct iam_stream *stream, struct iam_span host, uint16_t port)
{
    struct iam_tls_zephyr *t = (struct iam_tls_zephyr *)stream;
    int result;

    if (t->state == STATE_IDLE && (result = begin(t, host, port)) < 0)
        return result;
    if (t->state == STATE_NEXT && t->next != NULL)
        return try_next(t); /* one address a call: each may block for long */
    if (t->state == STATE_NEXT) {
        drop_list(t);
        return fail(t, IAM_ERR_CONNECT, t->stream.native);
    }
    return t->state == STATE_FAILED ? t->error : IAM_OK;
}

static int ready(const struct iam_tls_zephyr *t)
{
    if (t->state == STATE_FAILED)
        return t->error;
    return t->state == STATE_OPEN || t->state == STATE_ENDED ? IAM_OK : IAM_ERR_STATE;
}

/* An error of send or recv; 0: none now. */
static int answer(struct iam_tls_zephyr *t, int code, uint8_t direction)
{
    if (code == EAGAIN || code == EWOULDBLOCK) {
        t->waits |= direction;
        return 0;
    }
    if (code == ECONNRESET || code == EPIPE || code == ENOTCONN)
        return fail(t, IAM_ERR_RESET, code);
    return fail(t, code == EIO || code == ECONNABORTED ? IAM_ERR_TLS : IAM_ERR_IO, code);
}

static int tls_send(struct iam_stream *stream, const void *data, size_t n)
{
    struct iam_tls_zephyr *t = (struct iam_tls_zephyr *)stream;
    ssize_t sent;

    if (ready(t) != IAM_OK || n == 0)
        return ready(t);
    do {
        sent = sk_send(t->fd, data, n > INT_MAX ? INT_MAX : n, SK_SEND_FLAGS);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return answer(t, errno, IAM_WAIT_WRITE);
    t->waits &= (uint8_t)~IAM_WAIT_WRITE;
    return (int)sent;
}

static int tls_recv(struct iam_stream *stream, void *room, size_t n)
{
    struct iam_tls_zephyr *t = (struct iam_tls_zephyr *)stream;
    ssize_t got;

    if (ready(t) != IAM_OK)
        return ready(t);
    if (t->state == STATE_ENDED)
        return IAM_EOF;
    if (n == 0) {
        t->waits |= IAM_WAIT_READ;
        return 0;
    }
    do {
        got = sk_recv(t->fd, room, n > INT_MAX ? INT_MAX : n, 0);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return answer(t, errno, IAM_WAIT_READ);
    t->waits &= (uint8_t)~IAM_WAIT_READ;
    if (got == 0) {
        t->state = STATE_ENDED;
        return IAM_EOF;
    }
    return (int)got;
}

static void tls_close(struct iam_stream *stream)
{
    struct iam_tls_zephyr *t = (struct iam_tls_zephyr *)stream;

    drop_socket(t);
    drop_list(t);
    t->error = 0;
    t->state = STATE_IDLE;
    t->waits = 0;
}

static void tls_wait(struct iam_stream *stream, struct iam_wait *w)
{
    struct iam_tls_zephyr *t = (struct iam_tls_zephyr *)stream;

    t->waits &= (uint8_t)~w->seen;
    w->descriptor = t->fd;
    w->events = t->state == STATE_OPEN ? t->waits : 0;
    w->ms = w->events != 0 || t->state == STATE_IDLE ? UINT32_MAX : 0;
}

static const struct iam_stream_ops tls_ops = {tls_open, tls_send, tls_recv, tls_close, tls_wait};

void iam_tls_zephyr_init(struct iam_tls_zephyr *t, const struct iam_tls_zephyr_config *config)
{
    memset(t, 0, sizeof *t);
    t->stream.ops = &tls_ops;
    t->config = *config;
    t->fd = -1;
    t->state = STATE_IDLE;
}
