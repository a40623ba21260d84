/* One request and its reply, as far as it goes without I/O; and its bytes. */
#include "flow.h"

#include <string.h>

#include <tinyiam/pace.h>
#include <tinyiam/parts/compiler.h>
#include <tinyiam/parts/utf8.h>

/* ---- whom it talks to ---- */

static const char *authority(const struct iam_exchange *e)
{
    const char *p = e->cfg.authority.p;
    return p != NULL ? p : (const char *)e + e->cfg.authority_at;
}

struct iam_span iam_exchange_authority(const struct iam_exchange *e)
{
    return (struct iam_span){authority(e), e->authority_n};
}

static bool authority_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= ':') || (c >= '-' && c <= '.') || c == '_' ||
           c == '[' || c == ']';
}

/* "host", "host:port", "[v6]", "[v6]:port" to host and port; the scheme's own port is not sent. */
static bool split_authority(struct iam_exchange *e)
{
    uint16_t standard = e->cfg.plain ? 80 : 443;
    struct iam_span a = e->cfg.authority;
    if (a.n > UINT16_MAX)
        return false;
    a.p = authority(e);
    char stop = a.p[0] == '[' ? ']' : ':';
    uint32_t port = 0;
    size_t i = 0, n;

    for (size_t k = 0; k < a.n; k++)
        if (!authority_character(a.p[k]))
            return false;
    while (i < a.n && a.p[i] != stop)
        i++;
    e->host_n = (uint16_t)i;
    if (stop == ']') {
        if (i == a.n)
            return false;
        e->host_n = (uint16_t)(i - 1);
        i++;
    }
    n = i;
    if (e->host_n == 0 || (i < a.n && (a.p[i] != ':' || a.n - i > 6 || a.n - i < 2)))
        return false;
    while (++i < a.n) {
        if (a.p[i] < '0' || a.p[i] > '9')
            return false;
        port = port * 10 + (uint32_t)(a.p[i] - '0');
    }
    if (port > 65535 || (n < a.n && port == 0))
        return false;
    e->port = port != 0 ? (uint16_t)port : standard;
    e->authority_n = (uint16_t)(e->port == standard ? n : a.n);
    return true;
}

int iam_exchange_check(struct iam_exchange *e)
{
    const struct iam_exchange_config *cfg = &e->cfg;
    const char *what = cfg->tx == NULL || cfg->tx_size == 0                   ? "tx"
                       : cfg->rx == NULL || cfg->rx_size == 0                 ? "rx"
                       : cfg->tx_size > INT32_MAX || cfg->rx_size > INT32_MAX ? "buffer size"
                       : !iam_span_within(cfg->user_agent, ' ', '~')          ? "user_agent"
                       : !split_authority(e)                                  ? "authority"
                                                                              : NULL;
    if (what == NULL)
        return IAM_OK;
    e->authority_n = 0;
    return iam_exchange_refuse(e, IAM_ERR_ARGUMENT, what);
}

struct iam_span iam_exchange_host(const struct iam_exchange *e, uint16_t *port)
{
    const char *p = authority(e);
    *port = e->port;
    return (struct iam_span){p + (*p == '['), e->host_n};
}

/* ---- request ---- */

void iam_exchange_put_field(struct iam_out *out, const char *name, struct iam_span value)
{
    iam_out_text(out, name);
    iam_out_span(out, value);
    IAM_OUT(out, "\r\n");
}

void iam_exchange_put_head(const struct iam_exchange *e, struct iam_out *out)
{
    iam_exchange_put_field(out, " HTTP/1.1\r\nHost: ", iam_exchange_authority(e));
    if (e->cfg.user_agent.n > 0)
        iam_exchange_put_field(out, "User-Agent: ", e->cfg.user_agent);
    IAM_OUT(out, "Accept-Encoding: identity\r\n");
}

/* The next piece of the request into tx: as much as it holds, from the part on in which that begins. */
static void fill(struct iam_exchange *e)
{
    struct iam_out out = {0};
    out.p = e->cfg.tx;
    out.cap = e->cfg.tx_size;
    out.skip = e->tx_done;
    out.total = e->part_at;
    do {
        e->tx_more = e->protocol->write(e, &out, e->part);
        if (out.total - e->tx_done > out.cap) { /* this part goes on in the next piece */
            e->tx_more = true;
            break;
        }
        e->part_at = (uint32_t)out.total;
        e->part++;
    } while (e->tx_more && out.n < out.cap);
    e->tx_pos = 0;
    e->tx_n = (uint32_t)out.n;
    iam_exchange_peak(e, IAM_STAT(tx_peak), (uint32_t)out.n);
}

void iam_exchange_wait_over(struct iam_exchange *e)
{
    e->waited = 0;
    e->waiting = false;
}

static void enter(struct iam_exchange *e, uint8_t stage)
{
    e->stage = stage;
    iam_exchange_wait_over(e);
}

/* Connected and free: the request is made, and its bytes are counted. */
static int prepare(struct iam_exchange *e)
{
    int r;
    iam_exchange_check_keys(e);
    e->attempts++;
    e->has_skew = false;
    if (IAM_ON(CONFIG_TINYIAM_PACE))
        e->place = 0; /* the next request asks anew */
    e->exchanged = 0;
    e->tx_done = e->tx_pos = e->tx_n = e->part_at = e->part = 0;
    e->rx_pos = e->rx_n = e->body_end = 0;
    iam_no_text(&e->fault.code); /* of the reply before */
    iam_no_text(&e->fault.message);
    e->sent_ms = (uint32_t)e->now;
    iam_http_init(&e->http);
    r = e->protocol->prepare(e);
    if (r < 0)
        return iam_exchange_fail(e, r, e->fault.native);
    fill(e);
    iam_exchange_count(e, IAM_STAT(requests), 1);
    enter(e, IAM_STAGE_SEND);
    return IAM_AGAIN;
}

/* ---- reply ---- */

static void head(struct iam_exchange *e)
{
    e->has_skew = e->http.has_date && !e->http.aged &&
                  iam_clock_skew(e->http.date_us / 1000, iam_exchange_unix_ms(e),
                                 (uint32_t)e->now - e->sent_ms, &e->skew_ms);
    e->protocol->head(e);
}

/* Takes what is in rx: IAM_AGAIN (all used), IAM_ITEM, IAM_OK (the reply is complete), or an error. */
IAM_SAVES_STACK static int read_reply(struct iam_exchange *e)
{
    const char *rx = e->cfg.rx;
    for (;;) {
        const char *p = rx + e->rx_pos;
        if (e->rx_pos < e->body_end) {
            int r = e->protocol->read(e, &p, rx + e->body_end);
            e->rx_pos = (uint32_t)(p - rx);
            if (r != IAM_AGAIN)
                return r;
            continue;
        }
        struct iam_span body = {NULL, 0};
        int event = iam_http_next(&e->http, &p, rx + e->rx_n, &body);
        e->rx_pos = (uint32_t)(p - rx);
        switch (event) {
        case IAM_HTTP_MORE:
            e->rx_pos = e->rx_n = e->body_end = 0;
            return IAM_AGAIN;
        case IAM_HTTP_HEAD:
            head(e);
            break;
        case IAM_HTTP_BODY:
            iam_exchange_count(e, IAM_STAT(body_bytes), (uint32_t)body.n);
            e->rx_pos = (uint32_t)(body.p - rx);
            e->body_end = (uint32_t)(e->rx_pos + body.n);
            break;
        case IAM_HTTP_END:
            if (!e->http.keep_alive || e->rx_pos < e->rx_n)
                e->close = true; /* bytes after a reply belong to nobody */
            e->reused = true;
            return IAM_OK;
        default:
            return event;
        }
    }
}

/* The reply is complete: what does it amount to? */
static int replied(struct iam_exchange *e, int native, int cut)
{
    int r = e->protocol->finish(e, IAM_OK);
    if (r < 0) /* cut: the end was its only frame */
        return iam_exchange_trouble(e, r == IAM_ERR_XML_TRUNCATED ? cut : r, native);
    iam_exchange_tell(e);
    iam_retry_success(&e->retry);
    if (r == IAM_AGAIN) { /* it was about the clock; the request itself comes now */
        iam_exchange_wait_over(e);
        iam_exchange_again(e);
        return r;
    }
    enter(e, IAM_STAGE_REPLIED);
    return IAM_AGAIN;
}

static int receive(struct iam_exchange *e)
{
    int r = read_reply(e);
    if (r == IAM_OK)
        return replied(e, 0, IAM_ERR_XML_TRUNCATED);
    return r < 0 ? iam_exchange_trouble(e, r, 0) : r;
}

void iam_exchange_status_code(struct iam_exchange *e, char text[3])
{
    uint16_t s = e->http.status;
    for (int i = 2; i >= 0; i--, s = (uint16_t)(s / 10))
        text[i] = (char)('0' + s % 10);
    e->fault.code = (struct iam_span){text, 3};
}

/* ---- stages ---- */

static int wait(struct iam_exchange *e)
{
    int error;
    uint32_t limit = iam_exchange_limit(e, &error);
    if (e->waiting && e->waited >= limit)
        return iam_exchange_trouble(e, error, 0);
    if (e->waiting && iam_exchange_left(e) == 0)
        return iam_exchange_trouble(e, IAM_ERR_TIMEOUT_EXCHANGE, 0);
    e->waiting = true;
    return IAM_AGAIN;
}

int iam_exchange_turn(struct iam_exchange *e, bool *more)
{
    int r;
    switch (e->stage) {
    case IAM_STAGE_PAUSE:
        if (e->now < e->resume_at)
            return IAM_AGAIN;
        enter(e, IAM_STAGE_CONNECT);
        r = IAM_AGAIN;
        break;
    case IAM_STAGE_CONNECT:
        if (IAM_ON(CONFIG_TINYIAM_PACE) && e->cfg.pace != NULL && e->cfg.pace->ops->hold(e))
            return IAM_AGAIN;
        if (e->close || !e->connected)
            return wait(e);
        r = prepare(e);
        break;
    case IAM_STAGE_SEND:
        if (e->tx_pos == e->tx_n && e->tx_more)
            fill(e);
        if (e->tx_pos < e->tx_n)
            return wait(e);
        iam_zeroize(e->cfg.tx, e->cfg.tx_size); /* the token was in it */
        enter(e, IAM_STAGE_RECEIVE);
        r = IAM_AGAIN;
        break;
    case IAM_STAGE_RECEIVE:
        r = receive(e);
        if (r == IAM_AGAIN && e->stage == IAM_STAGE_RECEIVE) /* rx is empty */
            return wait(e);
        break;
    case IAM_STAGE_FAILED:
        return e->fault.error;
    default:
        return IAM_ERR_STATE;
    }
    *more = r == IAM_AGAIN;
    return r;
}

/* ---- bytes ---- */

unsigned iam_exchange_wants(const struct iam_exchange *e)
{
    if (e->close)
        return IAM_WANT_CLOSE;
    switch (e->stage) {
    case IAM_STAGE_CONNECT:
        if (iam_exchange_needs_keys(e))
            return IAM_WANT_KEYS;
        return e->connected ? 0 : IAM_WANT_OPEN;
    case IAM_STAGE_SEND:
        /* what is there before the request's first byte is out is not its reply: look */
        return e->tx_pos < e->tx_n ? IAM_WANT_SEND | (e->tx_done == 0 ? IAM_WANT_RECV : 0u) : 0;
    case IAM_STAGE_RECEIVE:
        return e->rx_n == 0 ? IAM_WANT_RECV : 0;
    default:
        return 0;
    }
}

const void *iam_exchange_send_buf(struct iam_exchange *e, size_t *n)
{
    *n = e->tx_n - e->tx_pos;
    return (const char *)e->cfg.tx + e->tx_pos;
}

void iam_exchange_send_ack(struct iam_exchange *e, size_t n)
{
    e->tx_pos += (uint32_t)n;
    e->tx_done += (uint32_t)n;
    iam_exchange_count(e, IAM_STAT(bytes_out), (uint32_t)n);
    e->waited = 0;
}

void *iam_exchange_recv_buf(struct iam_exchange *e, size_t *n)
{
    *n = e->cfg.rx_size;
    return e->cfg.rx;
}

void iam_exchange_recv_ack(struct iam_exchange *e, size_t n)
{
    iam_exchange_count(e, IAM_STAT(bytes_in), (uint32_t)n);
    e->waited = 0;
    if (e->stage != IAM_STAGE_RECEIVE) { /* bytes nobody asked for: the connection is out of step */
        iam_exchange_trouble(e, IAM_ERR_RESET, 0);
        return;
    }
    e->rx_n = (uint32_t)n;
    e->rx_pos = e->body_end = 0;
    iam_exchange_peak(e, IAM_STAT(rx_peak), (uint32_t)n);
}

void iam_exchange_opened(struct iam_exchange *e)
{
    e->connected = true;
    e->reused = false;
    e->waited = 0;
    iam_exchange_count(e, IAM_STAT(connections), 1);
}

void iam_exchange_closed(struct iam_exchange *e, int error, int native)
{
    bool asked = e->close;
    e->connected = e->close = false; /* reused is asked for below, and ends with the next opening */
    if (asked || error == IAM_OK)
        return;
    if (e->stage == IAM_STAGE_RECEIVE && error == IAM_EOF) {
        error = iam_http_eof(&e->http);
        if (error == IAM_HTTP_END) {
            replied(e, native, IAM_ERR_TRUNCATED);
            return;
        }
    }
    if (e->stage == IAM_STAGE_CONNECT || e->stage == IAM_STAGE_SEND ||
        e->stage == IAM_STAGE_RECEIVE)
        iam_exchange_trouble(e, error, native);
}
