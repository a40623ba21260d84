/* An audit where one of its operations has ended, from ANY state that is_right() allows: what it begins next, with what,
 * and when it says that all is over. */
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

int main(void)
{
    struct iam_span id = {any_bytes(JOB_MAX), nondet_size()};
    any_step();
    starts = nondet_bool();
    c.query.decode.report.job_id = id;
    ASSUME(a.phase != OVER && (a.phase != GENERATE || a.what != IAM_AUDIT_ENTITIES || !a.again));
    ASSUME(a.phase == GENERATE || (a.max_items >= 1 && a.max_items <= PAGE_MAX));
    const struct audit was = a;
    const bool names = a.what == IAM_AUDIT_ENTITIES, listed = a.phase == ENTITIES;
    const uint32_t read = a.name + listed;
    const uint64_t least = listed ? iam_get_le(&LENGTH(a.at + 1), 4) : 0;
    int r = plan(&c, IAM_OK);
    PROVE(r == IAM_OK || r < 0 || (r == IAM_AGAIN && has_begun),
          "over, failed, or the next begins");
    PROVE(r < 0 || !listed || c.delivered - was.before >= least, "as many as were said, or more");
    if (r == IAM_OK)
        PROVE(a.phase == OVER && c.finished && was.phase != GENERATE &&
                  (names ? !a.more && read >= was.names : followed == IAM_OK),
              "over: each name's entities are read, and no page is left");
    if (r == IAM_AGAIN) {
        if (a.phase == SERVICES)
            empty_window();
        PROVE(a.phase == ENTITIES || a.again ? a.name == read : a.name == 0, "each name once");
        PROVE(!a.again || a.phase == ENTITIES || listed, "a page comes again to go on behind it");
        if (a.phase == SERVICES && !a.again && was.phase != GENERATE)
            PROVE((!names || (a.more && read >= was.names)) && a.pages == next.pages &&
                      a.mark == next.mark && c.query.marker_n == next.marker_n &&
                      (some >= next.marker_n || c.marker[some] == next_byte),
                  "the next page, when this one is read");
        PROVE(is_right() && (!NAMES || IS_CHAIN(watched)), "what it leaves behind");
    }
    REACHED();
    return 0;
}
