/* One document by HTTP: the sources of credentials that are no query service. */
#include "flow.h"

#include <string.h>

enum { BODY_MAX = 65535 }; /* a source that goes on and on */

const struct iam_operation iam_fetch = {.action = "GET", .is_unsigned = true};

void iam_fetch_put(const struct iam_call *c, struct iam_out *out)
{
    const struct iam_creds *p = (const struct iam_creds *)c;
    iam_out_text(out, p->ask.method);
    iam_out_text(out, " ");
    for (int i = 0; i < 3; i++)
        iam_out_span(out, p->ask.path[i]);
    iam_call_put_head(c, out);
    for (int i = 0; i < 2; i++)
        if (p->ask.value[i].n > 0)
            iam_call_put_field(out, p->ask.name[i], p->ask.value[i]);
    iam_out_text(out, p->ask.method[0] == 'P' ? "Content-Length: 0\r\n\r\n" : "\r\n");
}

void iam_fetch_head(struct iam_call *c)
{
    struct iam_creds *p = (struct iam_creds *)c;
    p->filled = p->begin;
    p->need = p->begin - p->used;
    memset(&c->decode, 0, sizeof c->decode);
}

int iam_fetch_take(struct iam_call *c, struct iam_span body)
{
    struct iam_creds *p = (struct iam_creds *)c;
    size_t room = p->cfg.keys_size - p->filled, n = body.n < room ? body.n : room;
    memcpy((char *)p->cfg.keys + p->filled, body.p, n);
    p->filled += (uint32_t)n;
    p->need += (uint32_t)body.n;
    return c->http.body_seen <= BODY_MAX ? IAM_AGAIN : IAM_ERR_HTTP_LIMIT;
}

int iam_fetch_finish(struct iam_call *c)
{
    const struct iam_creds *p = (const struct iam_creds *)c;
    if (c->http.status < 200 || c->http.status >= 300) {
        iam_call_status_code(c);
        c->decode.message = (struct iam_span){c->http.reason, c->http.reason_len};
        return IAM_ERR_SERVICE;
    }
    return p->used + p->need <= p->cfg.keys_size ? IAM_OK : IAM_ERR_SPACE;
}
