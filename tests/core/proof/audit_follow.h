/* What an audit begins, and where its list of services goes on, as "list" proves it. For audit_ends.c. */
#ifndef TINYIAM_TESTS_PROOF_AUDIT_FOLLOW_H
#define TINYIAM_TESTS_PROOF_AUDIT_FOLLOW_H

#include "audit_window.h"

static int followed; /* what iam_list_follow() has said */
static bool has_begun;

static void started(const struct iam_operation *o, const void *request)
{
    const struct iam_services_request *s = request;
    const struct iam_entities_request *q = request;
    has_begun = true;
    if (o == &iam_op_services) {
        PROVE(s->scope == IAM_SCOPE_PAGE_WAIT && s->max_items >= 1 && s->max_items <= PAGE_MAX,
              "a page of services");
        return;
    }
    PROVE(o == &iam_op_entities && q->scope == IAM_SCOPE_ALL, "or all entities of a service");
    PROVE(number[a.at] == a.name + 1u && q->service_namespace.n == LENGTH(a.at) &&
              q->service_namespace.p == (const char *)&LENGTH(a.at + HEAD),
          "of the name whose turn it is");
}

int iam_list_follow(struct iam_call *of)
{
    followed = nondet_bool() ? IAM_AGAIN : nondet_bool() ? IAM_OK : IAM_ERR_PAGES;
    if (followed != IAM_AGAIN)
        return followed;
    next.mark = mark_behind(of->pages, of->mark);
    ASSUME(of->pages < CONFIG_TINYIAM_MAX_PAGES);
    next.page_first = a.again ? a.page_first : of->page_first; /* that of the page that is over */
    of->query.marker_n = next.marker_n, of->mark = next.mark;
    next.pages = ++of->pages;
    ASSUME(next.marker_n >= 1 && next.marker_n <= IAM_MARKER_MAX);
    if (some < next.marker_n)
        of->marker[some] = next_byte;
    return followed;
}

uint64_t iam_mix_text(uint64_t h, const char *p, size_t n)
{
    PROVE(h == 0 && p == c.marker && n == next.marker_n, "the next page's Marker");
    return the_mark;
}

#endif
