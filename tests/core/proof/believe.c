/* What is believed of a reply, from ANY state of a call, whatever report the decoder has read. */
#include "proof.h"

#include "core/flow/list.c"

static struct iam_call c;

int main(void)
{
    static struct iam_operation o;
    const struct iam_report *r = &c.query.decode.report;
    __CPROVER_havoc_object(&c);
    c.completed = nondet_bool(), o.of_job = nondet_bool();
    c.query.operation = &o;
    uint32_t before = c.creation;
    uint64_t at = (uint64_t)r->job_creation.us;
    uint32_t made = (uint32_t)(at ^ at >> 32); /* 0: it does not say when */
    bool waits = o.of_job && c.scope != IAM_SCOPE_PAGE, said = r->status_text.p != NULL;
    int verdict = iam_list_believe(&c);
    PROVE(verdict <= 0, "it is believed, or it is an error");
    if (verdict == IAM_OK) {
        PROVE(!waits || !said || r->status == IAM_JOB_COMPLETED ||
                  (!c.completed && c.page_items == 0 && c.page_delivered == 0),
              "items are of a report that is COMPLETED, and stays it");
        PROVE(before == 0 || (c.creation == before && (made == 0 || made == before)),
              "it is the report that it was");
        PROVE(before != 0 || r->status != IAM_JOB_COMPLETED || c.creation == made,
              "and from the first that is COMPLETED on it is known which one");
        PROVE(c.page_items <= CONFIG_TINYIAM_PAGE_ITEMS_MAX, "a page has an end");
        PROVE(c.page_items != 1 || c.page_delivered != 0 || c.attempt_digest != c.page_first,
              "it is not the page before once more");
    }
    REACHED();
    return 0;
}
