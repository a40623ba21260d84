/* Is a list whole? What well-formed replies say of it, held against what was said before. */
#include "flow.h"

#include <string.h>

/* A report that is no longer COMPLETED, or never was and has items; another job's page; the page before once
 * more. No item of these lists comes twice, so that a page's first item tells. */
int iam_list_believe(struct iam_call *c)
{
    const struct iam_report *r = &c->query.decode.report;
    uint32_t made = (uint32_t)r->job_creation.us ^ (uint32_t)((uint64_t)r->job_creation.us >> 32);
    if (iam_call_waits(c) && r->status_text.p != NULL && r->status != IAM_JOB_COMPLETED &&
        (c->completed || c->page_items > 0 || c->page_delivered > 0))
        return IAM_ERR_JOB_STATUS;
    if (c->creation == 0 && r->status == IAM_JOB_COMPLETED)
        c->creation = made;
    if (c->creation != 0 && made != 0 && made != c->creation)
        return IAM_ERR_CHANGED;
    if (c->page_items == 1 && c->page_delivered == 0 && c->attempt_digest == c->page_first)
        return IAM_ERR_PAGE_REPEATED;
    if (c->page_items > CONFIG_TINYIAM_PAGE_ITEMS_MAX)
        return IAM_ERR_PAGES;
    return IAM_OK;
}

/* Of a list: IAM_AGAIN, it goes on; IAM_OK, that was all; or why neither is known. */
int iam_list_follow(struct iam_call *c)
{
    const struct iam_report *r = &c->query.decode.report;
    char marker[IAM_MARKER_MAX];
    if (!r->is_truncated)
        return r->has_truncated || r->marker.p == NULL ? IAM_OK : IAM_ERR_TRUNCATED_MISSING;
    if (r->marker.n == 0)
        return IAM_ERR_MARKER_MISSING;
    int n = iam_marker_latin1(r->marker, marker);
    if (n < 0)
        return IAM_ERR_MARKER_INVALID;
    /* Has it been given before? One is kept, that of the last page whose number is a power of two: Brent's
     * way to notice a circle of any length within about three times the pages until it closes. Kept as a
     * number of 64 bits; that one of an honest service's next 100,000 Markers hits it has a chance of 1
     * in 10^14. */
    uint64_t number = iam_mix_text(0, marker, (size_t)n);
    if (number == c->mark || (n == c->query.marker_n && memcmp(marker, c->marker, (size_t)n) == 0))
        return IAM_ERR_MARKER_REPEATED;
    if (c->pages + 1 >= iam_setting(c->max_pages, CONFIG_TINYIAM_MAX_PAGES))
        return IAM_ERR_PAGES;
    if ((c->pages & (c->pages - 1)) == 0)
        c->mark = number;
    c->pages++;
    memcpy(c->marker, marker, (size_t)n);
    c->query.marker_n = (uint16_t)n;
    return IAM_AGAIN;
}
