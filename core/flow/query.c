/* A query: written as a signed form, read as items. With a clock that is not known yet, an unsigned GET comes
 * first, whose only purpose is the Date of its reply. */
#include "flow.h"

#include <string.h>

#include <tinyiam/parts/compiler.h>
#include <tinyiam/parts/datetime.h>
#include <tinyiam/parts/utf8.h>

#define CONTENT_TYPE "application/x-www-form-urlencoded"

/* ---- keys ---- */

#if CONFIG_TINYIAM_CREDS /* its texts would stay where nobody calls it */
int iam_query_keys(struct iam_query *q)
{
    struct iam_exchange *e = &q->exchange;
    const struct iam_creds *p = q->provider;
    if (p->state == IAM_CREDS_FAILED) {
        e->fault.what = IAM_SPAN("provider");
        return iam_exchange_fail(e, IAM_ERR_CREDENTIALS, p->error);
    }
    if (p->state == IAM_CREDS_FRESH ||
        (p->state == IAM_CREDS_DUE && q->session != 0 && q->operation->of_job))
        e->need_keys = false;
    else
        e->close = e->connected; /* there may be memory for one connection only */
    return IAM_AGAIN;
}
#endif

void iam_query_rest(struct iam_query *q)
{
    if (q->began_n == 0) /* else a reply has taken its place */
        iam_zeroize(q->signature, sizeof q->signature);
    iam_zeroize(q->exchange.cfg.tx, q->exchange.cfg.tx_size);
}

void iam_query_forget(struct iam_query *q)
{
    iam_sigv4_clear(&q->sigv4);
    q->signer = 0;
    iam_query_rest(q);
}

/* A report is shown to the session that made it: who asks with other keys hears that there is none. A signing key
 * is good for the keys that it was made of: a secret without its id is noticed, too. */
static bool same_session(struct iam_query *q)
{
    uint32_t session = iam_hash(q->credentials->access_key_id);
    uint32_t signer = session * 31 + iam_hash(q->credentials->secret_access_key);
    if (session != q->session && q->session != 0 && q->operation->of_job)
        return false;
    q->session = session;
    if (signer != q->signer)
        iam_sigv4_clear(&q->sigv4);
    q->signer = signer;
    return true;
}

/* ---- request ---- */

static void put_body(const struct iam_query *q, struct iam_out *out)
{
    const char *here = (const char *)q;
    iam_encode_body(out, q->operation, here + q->request_at,
                    (struct iam_span){here + q->marker_at, q->marker_n});
}

static size_t headers(const struct iam_query *q, struct iam_header h[4])
{
    h[0] = (struct iam_header){IAM_SPAN("content-type"), IAM_SPAN(CONTENT_TYPE)};
    h[1] = (struct iam_header){IAM_SPAN("host"), iam_exchange_authority(&q->exchange)};
    h[2] = (struct iam_header){IAM_SPAN("x-amz-date"), {q->date, 16}};
    h[3] = (struct iam_header){IAM_SPAN("x-amz-security-token"), q->credentials->session_token};
    return h[3].value.n > 0 ? 4 : 3;
}

static void describe(const struct iam_query *q, struct iam_sigv4_request *s, struct iam_header h[4])
{
    memset(s, 0, sizeof *s);
    s->access_key = q->credentials->access_key_id;
    s->secret_key = q->credentials->secret_access_key;
    s->region = q->signing_region;
    s->service = q->operation->service->name;
    s->method = IAM_SPAN("POST");
    s->path = q->path;
    s->date = q->date;
    s->headers = h;
    s->header_count = headers(q, h);
}

/* On its own, so that its frame is gone when the request is written. */
IAM_SAVES_STACK static int sign(struct iam_query *q)
{
    struct iam_header h[4];
    struct iam_sigv4_request s;

    describe(q, &s, h);
    s.payload_sha256 = q->signature;
    int r = iam_sigv4_key(&q->sigv4, &s);
    return r < 0 ? r : iam_sigv4_sign_with_key(&q->sigv4, &s, q->signature);
}

static int prepare(struct iam_exchange *e)
{
    struct iam_query *q = (struct iam_query *)e;
    const char *here = (const char *)q;
    int r;
    iam_no_text(&q->decode.code); /* of the reply before */
    iam_no_text(&q->decode.message);
    q->began_n = 0;
    q->probing = !q->operation->is_unsigned && e->unix_ms < 0 && !e->clock_learned;
    q->ignore_body = q->probing;
    if (!q->operation->is_unsigned) {
        /* another client of the provider may have had its keys renewed while this one's connection was made */
        if (q->credentials->access_key_id.n == 0 || !same_session(q))
            return IAM_ERR_SESSION;
        if (q->probing)
            return IAM_OK;
        iam_time_basic(iam_exchange_unix_ms(e) / 1000, q->date);
    }
    /* The hash of the body is kept in q->signature, where sign() finds it and puts the signature. So the function that
     * hashes has returned before sign() begins, and their frames never lie on the stack together. */
    r = iam_encode_sha256(q->operation, here + q->request_at,
                          (struct iam_span){here + q->marker_at, q->marker_n}, q->signature,
                          &q->body_n);
    if (r == IAM_OK && !q->operation->is_unsigned)
        r = sign(q);
    e->fault.native = q->sigv4.native;
    return r;
}

static void put_authorization(const struct iam_query *q, struct iam_out *out)
{
    struct iam_header h[4];
    struct iam_sigv4_request s;

    describe(q, &s, h);
    IAM_OUT(out, "Authorization: ");
    iam_sigv4_authorization(out, &s, q->signature);
    IAM_OUT(out, "\r\n");
}

static bool write_request(const struct iam_exchange *e, struct iam_out *out, unsigned part)
{
    const struct iam_query *q = (const struct iam_query *)e;
    switch (part) {
    case 0:
        iam_out_text(out, q->probing ? "GET " : "POST ");
        iam_out_span(out, q->path);
        iam_exchange_put_head(e, out);
        if (q->probing)
            IAM_OUT(out, "\r\n");
        return !q->probing;
    case 1:
        if (q->operation->is_unsigned)
            break;
        iam_exchange_put_field(out, "X-Amz-Date: ", (struct iam_span){q->date, 16});
        if (q->credentials->session_token.n > 0)
            iam_exchange_put_field(out, "X-Amz-Security-Token: ", q->credentials->session_token);
        break;
    case 2:
        if (!q->operation->is_unsigned)
            put_authorization(q, out);
        break;
    case 3:
        iam_exchange_put_field(out, "Content-Type: ", IAM_SPAN(CONTENT_TYPE));
        IAM_OUT(out, "Content-Length: ");
        iam_out_uint(out, q->body_n);
        IAM_OUT(out, "\r\n\r\n");
        break;
    default:
        put_body(q, out);
        return false;
    }
    return true;
}

/* ---- reply ---- */

static bool is_html(const struct iam_query *q)
{
    struct iam_span s = iam_span_trim((struct iam_span){q->began, q->began_n});
    return s.n >= 6 && memcmp(s.p, "<html>", 6) == 0;
}

static void head(struct iam_exchange *e)
{
    struct iam_query *q = (struct iam_query *)e;
    iam_decode_init(&q->decode, q->operation, e->http.status >= 301);
}

/* What lies at p: it follows what has been noted of the body's beginning, as no item ends in that. */
static void note_beginning(struct iam_query *q, const char *p, size_t run)
{
    size_t n = sizeof q->began - q->began_n;
    if (q->began_n == 0)
        iam_zeroize(q->signature, sizeof q->signature);
    n = n < run ? n : run;
    memcpy(q->began + q->began_n, p, n);
    q->began_n = (uint8_t)(q->began_n + n);
}

static int read_body(struct iam_exchange *e, const char **p, const char *end)
{
    struct iam_query *q = (struct iam_query *)e;
    const struct iam_sink to = {q->item, q->item_size, &e->http, q->structure};
    int r;
    if (q->began_n < sizeof q->began)
        note_beginning(q, *p, (size_t)(end - *p));
    if (q->ignore_body) {
        *p = end;
        return IAM_AGAIN;
    }
    r = iam_decode_next(&q->decode, &to, p, end);
    /* a proxy's page need not be XML: its status says enough */
    if (r < 0 && r != IAM_ERR_SPACE && e->http.status >= 500 && is_html(q)) {
        q->ignore_body = true;
        *p = end;
        return IAM_AGAIN;
    }
    return r;
}

static int learn_clock(struct iam_exchange *e)
{
    if (!e->has_skew)
        return IAM_ERR_CLOCK;
    iam_exchange_learn(e);
    return IAM_AGAIN;
}

/* What a complete reply amounts to. */
static int outcome(struct iam_query *q)
{
    struct iam_exchange *e = &q->exchange;
    struct iam_decode *d = &q->decode;
    int r;
    if (q->probing)
        return learn_clock(e);
    if (e->http.status >= 500 && (e->http.body_seen == 0 || is_html(q)))
        r = IAM_ERR_FOREIGN;
    else
        r = iam_decode_finish(d);
    if (e->http.status < 301)
        return r;
    if (r < 0 && (r != IAM_ERR_FOREIGN))
        return r;
    if (d->code.n == 0) { /* a page of a proxy, or an envelope without a code */
        iam_exchange_status_code(e, q->status_text);
        d->code = e->fault.code;
        if (!d->root)
            d->message = (struct iam_span){e->http.reason, e->http.reason_len};
    }
    return IAM_ERR_SERVICE;
}

static int finish(struct iam_exchange *e, int error)
{
    struct iam_query *q = (struct iam_query *)e;
    struct iam_fault *f = &e->fault;
    iam_exchange_peak(e, IAM_STAT(item_peak), q->decode.peak);
    if (error == IAM_OK)
        error = outcome(q);
    if (error >= 0)
        return error;
    /* a reply that breaks the rules has said nothing; what was said before time was up counts */
    if (error <= IAM_ERR_HTTP && error > IAM_ERR_SERVICE) {
        iam_no_text(&q->decode.code);
        iam_no_text(&q->decode.message);
    }
    f->began = (struct iam_span){q->began, q->began_n};
    f->code = q->decode.code;
    f->message = q->decode.message;
    if (error == IAM_ERR_SPACE)
        f->what = IAM_SPAN("item");
    if (error == IAM_ERR_SPACE || error == IAM_ERR_SERVICE)
        f->need = q->decode.need; /* of a service's error: not 0, the message was cut */
    if (error == IAM_ERR_VALUE || error == IAM_ERR_MEMBER)
        f->what = q->decode.what;
    return error;
}

const struct iam_protocol iam_protocol_query = {prepare, write_request, head, read_body, finish};
