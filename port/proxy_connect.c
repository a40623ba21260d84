/* A tunnel through an HTTP proxy; see tinyiam/port_proxy.h. */
#include <tinyiam/port_proxy.h>

#include <string.h>

#include <mbedtls/platform_util.h>
#include <tinyiam/parts/out.h>

/* IDLE -> CONNECTING -> ASKING -> READING -> OPEN; any -> FAILED; close: any -> IDLE */
enum { STATE_IDLE, STATE_CONNECTING, STATE_ASKING, STATE_READING, STATE_OPEN, STATE_FAILED };

static int fail(struct iam_proxy *p, int error, int native)
{
    p->stream.native = native;
    p->error = error;
    p->state = STATE_FAILED;
    return error;
}

static int fail_below(struct iam_proxy *p, int error)
{
    return fail(p, error, p->config.below->native);
}

/* Has the text a byte that would end a line of the request, or add one? */
static bool is_unsafe(struct iam_span text, char least)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] < (unsigned char)least || text.p[i] == 0x7F)
            return true;
    return false;
}

static void put_target(const struct iam_proxy *p, struct iam_out *out)
{
    bool brackets = memchr(p->host.p, ':', p->host.n) != NULL;

    iam_out_text(out, brackets ? "[" : "");
    iam_out_span(out, p->host);
    iam_out_text(out, brackets ? "]:" : ":");
    iam_out_uint(out, p->port);
}

/* The whole request, from its first byte: the sink keeps the piece that is due. */
static void put_request(const struct iam_proxy *p, struct iam_out *out)
{
    iam_out_text(out, "CONNECT ");
    put_target(p, out);
    iam_out_text(out, " HTTP/1.1\r\nHost: ");
    put_target(p, out);
    if (p->config.authorization.p != NULL) {
        iam_out_text(out, "\r\nProxy-Authorization: ");
        iam_out_span(out, p->config.authorization);
    }
    iam_out_text(out, "\r\n\r\n");
}

static int connect_below(struct iam_proxy *p)
{
    struct iam_stream *below = p->config.below;
    int result = below->ops->open(below, p->config.host, p->config.port);

    if (result < 0)
        return fail_below(p, result);
    if (result == IAM_OK) {
        p->reached = true;
        p->stream.connects = below->connects;
        p->sent = 0;
        p->state = STATE_ASKING;
    }
    return IAM_AGAIN;
}

static int ask(struct iam_proxy *p)
{
    struct iam_stream *below = p->config.below;

    for (;;) {
        struct iam_out out = {.p = p->buffer, .cap = sizeof p->buffer, .skip = p->sent};
        int result = 0;

        put_request(p, &out);
        if (out.n > 0) {
            result = below->ops->send(below, p->buffer, out.n);
            mbedtls_platform_zeroize(p->buffer, sizeof p->buffer);
        } else {
            p->state = STATE_READING;
            return IAM_AGAIN;
        }
        if (result <= 0)
            return result < 0 ? fail_below(p, result) : IAM_AGAIN;
        p->sent += (uint32_t)result;
    }
}

/* ---- what it offers: Proxy-Authenticate, RFC 9110, 11.6.1 ----
 *
 *   Proxy-Authenticate: Negotiate, Basic realm="a, b", charset="UTF-8"
 *   NAME                BEGIN,SCHEME,AFTER,PARAMETER,QUOTED */
enum {
    LINE_NAME,
    LINE_OTHER,
    LINE_BEGIN,
    LINE_SCHEME,
    LINE_AFTER,
    LINE_PARAMETER,
    LINE_QUOTED,
    LINE_ESCAPED
};

static char small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool is_named(const struct iam_proxy *p, const char *name)
{
    size_t n = strlen(name);

    for (size_t i = 0; p->name_n == n && i < n; i++)
        if (small(p->name[i]) != name[i])
            return false;
    return p->name_n == n;
}

/* A byte of the name; one that is too long is none of ours. */
static void add_name(struct iam_proxy *p, char c)
{
    if (p->name_n < sizeof p->name)
        p->name[p->name_n++] = c;
    else
        p->name_n = sizeof p->name + 1;
}

static void add_offer(struct iam_proxy *p)
{
    size_t comma = p->offers_n > 0 ? 2 : 0;

    p->offers_basic |= is_named(p, "basic");
    if (p->name_n > sizeof p->name || p->offers_n + comma + p->name_n > sizeof p->offers)
        return;
    memcpy(p->offers + p->offers_n, ", ", comma);
    memcpy(p->offers + p->offers_n + comma, p->name, p->name_n);
    p->offers_n = (uint8_t)(p->offers_n + comma + p->name_n);
}

/* In a value: where names of schemes stand. "a=b" is a parameter of the one before. */
static uint8_t read_value(struct iam_proxy *p, char c)
{
    bool ends = c == ',' || c == '\r', blank = c == ' ' || c == '\t';

    switch (p->line) {
    case LINE_BEGIN:
        p->name_n = 0;
        if (ends || blank)
            return LINE_BEGIN;
        add_name(p, c);
        return LINE_SCHEME;
    case LINE_SCHEME:
        if (!ends && !blank && c != '=') {
            add_name(p, c);
            return LINE_SCHEME;
        }
        if (ends)
            add_offer(p);
        return ends ? LINE_BEGIN : blank ? LINE_AFTER : LINE_PARAMETER;
    case LINE_AFTER:
        if (blank)
            return LINE_AFTER;
        if (c != '=')
            add_offer(p);
        return ends ? LINE_BEGIN : LINE_PARAMETER;
    case LINE_PARAMETER:
        return ends ? LINE_BEGIN : c == '"' ? LINE_QUOTED : LINE_PARAMETER;
    case LINE_QUOTED:
        return c == '\\' ? LINE_ESCAPED : c == '"' ? LINE_PARAMETER : LINE_QUOTED;
    default:
        return LINE_QUOTED;
    }
}

/* A byte of the answer's head. */
static void note_offer(struct iam_proxy *p, char c)
{
    if (c == '\n') {
        p->line = LINE_NAME;
        p->name_n = 0;
    } else if (p->line > LINE_OTHER) {
        p->line = read_value(p, c);
    } else if (p->line == LINE_NAME && c != ':') {
        add_name(p, c);
    } else if (p->line == LINE_NAME) {
        p->line = is_named(p, "proxy-authenticate") ? LINE_BEGIN : LINE_OTHER;
    }
}

static int judge(struct iam_proxy *p)
{
    unsigned status = p->http.status;

    if (status >= 200 && status < 300) {
        p->state = STATE_OPEN;
        return IAM_OK;
    }
    return fail(p, status >= 502 && status <= 504 ? IAM_ERR_CONNECT : IAM_ERR_PROXY, (int)status);
}

static int read_answer(struct iam_proxy *p)
{
    struct iam_stream *below = p->config.below;

    for (;;) {
        const char *at = p->buffer;
        struct iam_span body;
        int result = below->ops->recv(below, p->buffer, sizeof p->buffer);

        if (result == IAM_EOF)
            return fail(p, IAM_ERR_RESET, 0);
        if (result <= 0)
            return result < 0 ? fail_below(p, result) : IAM_AGAIN;
        p->n = (uint16_t)result;
        result = iam_http_next(&p->http, &at, p->buffer + p->n, &body);
        if (result < 0)
            return fail(p, IAM_ERR_PROXY, result);
        p->from = (uint16_t)(at - p->buffer);
        for (const char *c = p->buffer; c < at; c++)
            note_offer(p, *c);
        if (result == IAM_HTTP_HEAD) {
            return judge(
                p); /* what follows belongs to the tunnel, whatever the head says of a body */
        }
    }
}

static int proxy_open(struct iam_stream *stream, struct iam_span host, uint16_t port)
{
    struct iam_proxy *p = (struct iam_proxy *)stream;
    int result = IAM_AGAIN;

    if (p->state == STATE_IDLE) {
        p->stream.native = 0;
        p->reached = false;
        p->host = host;
        p->port = port;
        iam_http_init(&p->http);
        p->line = p->name_n = p->offers_n = 0;
        p->offers_basic = false;
        p->state = STATE_CONNECTING;
        if (host.n == 0 || is_unsafe(host, '!') || is_unsafe(p->config.authorization, ' '))
            return fail(p, IAM_ERR_PROXY, IAM_ERR_ARGUMENT);
    }
    if (p->state == STATE_CONNECTING)
        result = connect_below(p);
    if (p->state == STATE_ASKING)
        result = ask(p);
    if (p->state == STATE_READING)
        result = read_answer(p);
    return p->state == STATE_OPEN ? IAM_OK : p->state == STATE_FAILED ? p->error : result;
}

static int not_open(const struct iam_proxy *p)
{
    return p->state == STATE_FAILED ? p->error : IAM_ERR_STATE;
}

static int proxy_send(struct iam_stream *stream, const void *data, size_t n)
{
    struct iam_proxy *p = (struct iam_proxy *)stream;
    int result =
        p->state == STATE_OPEN ? p->config.below->ops->send(p->config.below, data, n) : not_open(p);

    if (result < 0 && p->state == STATE_OPEN)
        p->stream.native = p->config.below->native;
    return result;
}

static int proxy_recv(struct iam_stream *stream, void *room, size_t n)
{
    struct iam_proxy *p = (struct iam_proxy *)stream;
    size_t held = (size_t)p->n - p->from;
    int result;

    if (p->state != STATE_OPEN)
        return not_open(p);
    if (held > 0 && n > 0) {
        n = n < held ? n : held;
        memcpy(room, p->buffer + p->from, n);
        p->from = (uint16_t)(p->from + n);
        return (int)n;
    }
    result = p->config.below->ops->recv(p->config.below, room, n);
    if (result < 0)
        p->stream.native = p->config.below->native;
    return result;
}

static void proxy_close(struct iam_stream *stream)
{
    struct iam_proxy *p = (struct iam_proxy *)stream;

    p->config.below->ops->close(p->config.below);
    mbedtls_platform_zeroize(p->buffer, sizeof p->buffer);
    p->from = p->n = 0;
    p->error = 0;
    p->state = STATE_IDLE;
}

static void proxy_wait(struct iam_stream *stream, struct iam_wait *w)
{
    struct iam_proxy *p = (struct iam_proxy *)stream;

    iam_stream_wait(p->config.below, w);
    if (p->n > p->from || p->state == STATE_FAILED)
        w->ms = 0; /* bytes that came together with the proxy's answer, or an error */
}

void iam_proxy_init(struct iam_proxy *p, const struct iam_proxy_config *config)
{
    static const struct iam_stream_ops ops = {proxy_open, proxy_send, proxy_recv, proxy_close,
                                              proxy_wait};

    memset(p, 0, sizeof *p);
    p->stream.ops = &ops;
    p->config = *config;
    iam_http_init(&p->http);
}
