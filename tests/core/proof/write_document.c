/* A document as it is asked for: nothing is read but what the request is made of. */
#include "sinks.h"

#include "core/flow/document.c"

static bool query;

static void put_query(const struct iam_document *d, struct iam_out *out)
{
    iam_out_span(out, d->body);
    query = true;
}

int main(void)
{
    struct iam_document d;
    struct iam_exchange *e = &d.exchange;
    struct iam_out out = {0};
    d.method = nondet_bool() ? "GET" : nondet_bool() ? "PUT" : "POST";
    d.put_query = nondet_bool() ? put_query : NULL;
    d.path[0] = any_span();
    d.path[1] = any_span();
    d.path[2] = any_span();
    d.name[0] = "Accept: ";
    d.name[1] = "Authorization: ";
    d.value[0] = any_span();
    d.value[1] = any_span();
    d.body = any_span();
    e->cfg.user_agent = any_span();
    e->cfg.authority = any_span();
    ASSUME(e->authority_n <= e->cfg.authority.n);
    query = false;
    bool more = write_request(e, &out, 0);
    PROVE(!more && query == (d.put_query != NULL), "it has one part");
    PROVE(out.total >= d.body.n, "and a body");
    REACHED();
    return 0;
}
