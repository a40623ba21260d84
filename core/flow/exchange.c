#include "flow.h"

#include <string.h>

#include <tinyiam/parts/datetime.h>
#include <tinyiam/parts/utf8.h>

#define CONTENT_TYPE "application/x-www-form-urlencoded"

static struct iam_span lit(const char *s)
{
    return (struct iam_span){s, strlen(s)};
}

/* ---- request ---- */

const struct iam_credentials *iam_call_credentials(const struct iam_call *c)
{
    return IAM_ON(CONFIG_TINYIAM_CREDS) && c->cfg.provider != NULL ? &c->cfg.provider->keys
                                                                   : c->cfg.credentials;
}

const void *iam_call_request(const struct iam_call *c)
{
    if (IAM_ON(CONFIG_TINYIAM_CREDS_STS) && c->operation->service != &iam_model)
        return &((const struct iam_creds *)c)->cfg.from.sts.role;
    return &c->request;
}

static bool is_fetch(const struct iam_call *c)
{
    return IAM_FETCHES && c->operation->service == NULL;
}

static struct iam_span path(const struct iam_call *c)
{
    return c->cfg.path.n > 0 ? c->cfg.path : lit("/");
}

static struct iam_span body_marker(const struct iam_call *c)
{
    return (struct iam_span){c->marker, c->marker_n};
}

static void put_body(const struct iam_call *c, struct iam_out *out)
{
    iam_encode_body(out, c->operation, iam_call_request(c), body_marker(c));
}

static size_t headers(const struct iam_call *c, struct iam_header h[4])
{
    const struct iam_credentials *k = iam_call_credentials(c);
    h[0] = (struct iam_header){lit("content-type"), lit(CONTENT_TYPE)};
    h[1] = (struct iam_header){lit("host"), iam_call_authority(c)};
    h[2] = (struct iam_header){lit("x-amz-date"), {c->date, 16}};
    h[3] = (struct iam_header){lit("x-amz-security-token"), k->session_token};
    return k->session_token.n > 0 ? 4 : 3;
}

static void describe(const struct iam_call *c, struct iam_sigv4_request *q, struct iam_header h[4])
{
    memset(q, 0, sizeof *q);
    const struct iam_credentials *k = iam_call_credentials(c);
    q->access_key = k->access_key_id;
    q->secret_key = k->secret_access_key;
    q->region = c->signing_region;
    q->service = lit(c->operation->service->name);
    q->method = lit("POST");
    q->path = path(c);
    q->date = c->date;
    q->headers = h;
    q->header_count = headers(c, h);
}

/* On its own, so that its frame is gone when the request is written. */
__attribute__((noinline)) static int sign(struct iam_call *c)
{
    struct iam_header h[4];
    struct iam_sigv4_request q;

    describe(c, &q, h);
    q.payload_sha256 = c->signature;
    return iam_sigv4_sign(&c->sigv4, &q, c->signature);
}

void iam_call_put_head(const struct iam_call *c, struct iam_out *out)
{
    iam_call_put_field(out, " HTTP/1.1\r\nHost: ", iam_call_authority(c));
    if (c->cfg.user_agent.n > 0)
        iam_call_put_field(out, "User-Agent: ", c->cfg.user_agent);
    iam_out_text(out, "Accept-Encoding: identity\r\n");
}

void iam_call_put_field(struct iam_out *out, const char *name, struct iam_span value)
{
    iam_out_text(out, name);
    iam_out_span(out, value);
    iam_out_text(out, "\r\n");
}

static void put_query(const struct iam_call *c, struct iam_out *out)
{
    struct iam_header h[4];
    struct iam_sigv4_request q;
    struct iam_out length = {0};

    if (!c->operation->is_unsigned) {
        describe(c, &q, h);
        iam_call_put_field(out, "X-Amz-Date: ", h[2].value);
        if (q.header_count > 3)
            iam_call_put_field(out, "X-Amz-Security-Token: ", h[3].value);
        iam_out_text(out, "Authorization: ");
        iam_sigv4_authorization(out, &q, c->signature);
        iam_out_text(out, "\r\n");
    }
    put_body(c, &length);
    iam_out_text(out, "Content-Type: " CONTENT_TYPE "\r\nContent-Length: ");
    iam_out_uint(out, (uint32_t)length.total);
    iam_out_text(out, "\r\n\r\n");
    put_body(c, out);
}

/* The whole request, from its first byte: the sink keeps the piece that is due. With probing, an
 * unsigned GET whose only purpose is the Date of its reply. */
static void put_request(const struct iam_call *c, struct iam_out *out)
{
    if (is_fetch(c)) {
        iam_fetch_put(c, out);
        return;
    }
    iam_out_text(out, c->probing ? "GET " : "POST ");
    iam_out_span(out, path(c));
    iam_call_put_head(c, out);
    if (c->probing)
        iam_out_text(out, "\r\n");
    else
        put_query(c, out);
}

int iam_exchange_begin(struct iam_call *c)
{
    struct iam_out count = {0};
    int r = IAM_OK;
    c->tx_done = c->tx_pos = c->tx_n = 0;
    c->rx_pos = c->rx_n = c->body_end = 0;
    c->began_n = 0;
    c->decode.code = c->decode.message = (struct iam_span){NULL, 0}; /* of the reply before */
    c->ignore_body = c->probing;
    c->sent_ms = (uint32_t)c->now;
    iam_http_init(&c->http);
    if (!c->probing && !c->operation->is_unsigned) {
        iam_time_basic(iam_call_unix_ms(c) / 1000, c->date);
        /* the body's hash waits where the signature will be: neither stands on the other's stack */
        r = iam_encode_sha256(c->operation, iam_call_request(c), body_marker(c), c->signature);
        if (r == IAM_OK)
            r = sign(c);
    }
    put_request(c, &count);
    c->tx_total = (uint32_t)count.total;
    c->stats.requests++;
    return r;
}

void iam_exchange_fill(struct iam_call *c)
{
    struct iam_out out = {0};
    out.p = c->cfg.tx;
    out.cap = c->cfg.tx_size;
    out.skip = c->tx_done;
    put_request(c, &out);
    c->tx_pos = 0;
    c->tx_n = (uint32_t)out.n;
    if (out.n > c->stats.tx_peak)
        c->stats.tx_peak = (uint32_t)out.n;
}

/* ---- reply ---- */

static bool is_html(const struct iam_call *c)
{
    struct iam_span s = iam_span_trim((struct iam_span){c->began, c->began_n});
    return s.n >= 6 && memcmp(s.p, "<html>", 6) == 0;
}

static void head(struct iam_call *c)
{
    if (is_fetch(c))
        iam_fetch_head(c);
    else
        iam_decode_init(&c->decode, c->operation, c->http.status >= 301);
    c->page_items = 0;
    c->attempt_digest = 0;
    c->has_skew = c->http.has_date && !c->http.aged &&
                  iam_clock_skew(c->http.date_us / 1000, c->probing ? 0 : iam_call_unix_ms(c),
                                 (uint32_t)c->now - c->sent_ms, &c->skew_ms);
}

static void note_beginning(struct iam_call *c, struct iam_span body)
{
    size_t n = sizeof c->began - c->began_n;
    if (n > body.n)
        n = body.n;
    memcpy(c->began + c->began_n, body.p, n);
    c->began_n = (uint8_t)(c->began_n + n);
}

static int read_body(struct iam_call *c)
{
    char *rx = c->cfg.rx;
    const struct iam_sink to = {c->cfg.item, c->cfg.item_size, &c->http, c->cfg.structure};
    const char *p = rx + c->rx_pos;
    int r;
    if (c->ignore_body || is_fetch(c)) {
        struct iam_span body = {rx + c->rx_pos, c->body_end - c->rx_pos};
        c->rx_pos = c->body_end;
        return c->ignore_body ? IAM_AGAIN : iam_fetch_take(c, body);
    }
    r = iam_decode_next(&c->decode, &to, &p, rx + c->body_end);
    c->rx_pos = (uint32_t)(p - rx);
    if (c->decode.peak > c->stats.item_peak)
        c->stats.item_peak = c->decode.peak;
    /* a proxy's page need not be XML: its status says enough */
    if (r < 0 && r != IAM_ERR_SPACE && c->http.status >= 500 && is_html(c)) {
        c->ignore_body = true;
        return IAM_AGAIN;
    }
    return r;
}

int iam_exchange_read(struct iam_call *c)
{
    char *rx = c->cfg.rx;
    for (;;) {
        if (c->rx_pos < c->body_end) {
            int r = read_body(c);
            if (r != IAM_AGAIN)
                return r;
            continue;
        }
        const char *p = rx + c->rx_pos;
        struct iam_span body = {NULL, 0};
        int event = iam_http_next(&c->http, &p, rx + c->rx_n, &body);
        c->rx_pos = (uint32_t)(p - rx);
        switch (event) {
        case IAM_HTTP_MORE:
            c->rx_pos = c->rx_n = c->body_end = 0;
            return IAM_AGAIN;
        case IAM_HTTP_HEAD:
            head(c);
            break;
        case IAM_HTTP_BODY:
            if (!is_fetch(c)) /* secrets may be what it begins with */
                note_beginning(c, body);
            c->stats.body_bytes += body.n;
            c->rx_pos = (uint32_t)(body.p - rx);
            c->body_end = (uint32_t)(c->rx_pos + body.n);
            break;
        case IAM_HTTP_END:
            if (!c->http.keep_alive || c->rx_pos < c->rx_n)
                c->close = true; /* bytes after a reply belong to nobody */
            c->reused = true;
            return IAM_OK;
        default:
            return event;
        }
    }
}

void iam_call_status_code(struct iam_call *c)
{
    uint16_t s = c->http.status;
    for (int i = 2; i >= 0; i--, s = (uint16_t)(s / 10))
        c->status_text[i] = (char)('0' + s % 10);
    c->decode.code = (struct iam_span){c->status_text, 3};
}

int iam_exchange_finish(struct iam_call *c)
{
    struct iam_decode *d = &c->decode;
    int r;
    if (c->probing)
        return IAM_OK;
    if (is_fetch(c))
        return iam_fetch_finish(c);
    if (c->http.status >= 500 && (c->http.body_seen == 0 || is_html(c)))
        r = IAM_ERR_FOREIGN;
    else
        r = iam_decode_finish(d);
    if (c->http.status < 301)
        return r;
    if (r < 0 && (r != IAM_ERR_FOREIGN))
        return r;
    if (d->code.n == 0) { /* a page of a proxy, or an envelope without a code */
        iam_call_status_code(c);
        if (!d->root)
            d->message = (struct iam_span){c->http.reason, c->http.reason_len};
    }
    return IAM_ERR_SERVICE;
}
