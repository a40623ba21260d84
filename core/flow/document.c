/* A document: asked for by its path, two fields and a body, kept as bytes. */
#include "flow.h"

#include <string.h>

enum { BODY_MAX = 65535 }; /* a source that goes on and on */

static int prepare(struct iam_exchange *e)
{
    (void)e;
    return IAM_OK;
}

static bool write_request(const struct iam_exchange *e, struct iam_out *out, unsigned part)
{
    (void)part;
    const struct iam_document *d = (const struct iam_document *)e;
    iam_out_text(out, d->method);
    iam_out_text(out, " ");
    for (int i = 0; i < 3; i++)
        iam_out_span(out, d->path[i]);
    if (d->put_query != NULL)
        d->put_query(d, out);
    iam_exchange_put_head(e, out);
    for (int i = 0; i < 2; i++)
        if (d->value[i].n > 0)
            iam_exchange_put_field(out, d->name[i], d->value[i]);
    if (d->method[0] == 'P') {
        iam_out_text(out, "Content-Length: ");
        iam_out_uint(out, (uint32_t)d->body.n);
        iam_out_text(out, "\r\n");
    }
    iam_out_text(out, "\r\n");
    iam_out_span(out, d->body);
    return false;
}

static void head(struct iam_exchange *e)
{
    ((struct iam_document *)e)->n = 0;
}

static int read_body(struct iam_exchange *e, const char **p, const char *end)
{
    struct iam_document *d = (struct iam_document *)e;
    uint32_t n = (uint32_t)(end - *p), room = d->n < d->room ? d->room - d->n : 0;
    if (room > 0)
        memcpy(d->to + d->n, *p, n < room ? n : room);
    d->n += n;
    *p = end;
    return e->http.body_seen <= BODY_MAX ? IAM_AGAIN : IAM_ERR_HTTP_LIMIT;
}

/* "CODE", or "CODE:" and an address */
static struct iam_span error_type(struct iam_span s)
{
    const char *colon = memchr(s.p, ':', s.n);
    return (struct iam_span){s.p, colon != NULL ? (size_t)(colon - s.p) : s.n};
}

static int finish(struct iam_exchange *e, int error)
{
    struct iam_document *d = (struct iam_document *)e;
    if (error != IAM_OK)
        return error;
    if (e->http.status >= 300) {
        struct iam_span reason = {e->http.reason, e->http.reason_len};
        if (e->http.status ==
            429) /* whoever asks too often is told so in many ways; it is tried again */
            e->fault.code = IAM_SPAN("TooManyRequests");
        else
            iam_exchange_status_code(e, d->status_text);
        e->fault.message = reason;
        if (IAM_ON(CONFIG_TINYIAM_CREDS_SSO) && d->typed && e->http.has_error_type &&
            !e->http.has_location)
            e->fault.code = error_type(reason);
        return IAM_ERR_SERVICE;
    }
    return d->n <= d->room ? IAM_OK : IAM_ERR_SPACE;
}

const struct iam_protocol iam_protocol_document = {prepare, write_request, head, read_body, finish};
