/* A query as it is written, part by part: signed, unsigned, or only about the clock. Nothing is read but what the request
 * is made of; the exchange is const, so the same bytes come whenever it is written, as "parts" takes for granted. */
#include "sinks.h"

#include "core/flow/query.c"

static bool body; /* has been put */

void iam_encode_body(struct iam_out *out, const struct iam_operation *o, const void *request,
                     struct iam_span marker)
{
    PROVE(__CPROVER_r_ok(request, UINT8_MAX), "the request is there");
    (void)o;
    iam_out_span(out, marker);
    body = true;
}

void iam_sigv4_authorization(struct iam_out *out, const struct iam_sigv4_request *r,
                             const uint8_t signature[32])
{
    PROVE(r->header_count >= 3 && r->header_count <= 4 && __CPROVER_r_ok(signature, 32) &&
              __CPROVER_r_ok(r->headers, r->header_count * sizeof *r->headers) &&
              __CPROVER_r_ok(r->date, 16),
          "what is signed is there");
    for (size_t i = 0; i < r->header_count; i++) {
        iam_out_span(out, r->headers[i].name);
        iam_out_span(out, r->headers[i].value);
    }
}

int main(void)
{
    struct iam_out out = {0};
    struct iam_service_model service = {any_span(), "2010-05-08"};
    struct iam_credentials keys = {any_span(), any_span(), any_span()};
    struct iam_operation o = {.service = &service};
    struct { /* a call keeps both behind its query */
        struct iam_query query;
        char request[UINT8_MAX], marker[IAM_MARKER_MAX];
    } call;
    struct iam_query *q = &call.query;
    bool more = true;
    q->operation = &o;
    q->credentials = &keys;
    q->path = any_span();
    q->signing_region = any_span();
    q->exchange.cfg.authority = any_span();
    ASSUME(q->exchange.authority_n <= q->exchange.cfg.authority.n);
    q->exchange.cfg.user_agent = any_span();
    q->request_at = sizeof *q;
    q->marker_at = offsetof(__typeof__(call), marker);
    ASSUME(q->marker_n <= IAM_MARKER_MAX);
    o.is_unsigned = nondet_bool();
    body = false;
    for (unsigned part = 0; more; part++) {
        PROVE(part < 5, "five parts at most");
        more = write_request(&q->exchange, &out, part);
    }
    PROVE(body == !q->probing, "the last one is the body, but of a question about the clock");
    REACHED();
    return 0;
}
