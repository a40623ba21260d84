/* A list from turn to turn: from EVERY state that invariant() allows, however the exchange goes on and whatever the
 * decoder has read. Each item of a page is handed out once, in its order, over any number of attempts; what ends well
 * is whole. */
#include "call_invariant.h"

static bool has_ended; /* well, and its plan was told */

/* Somebody's plan for items and ends: it may do as it likes with either. An audit's begins another operation. */
static int planned(struct iam_call *of, int event)
{
    if (event == IAM_ITEM) {
        if (nondet_bool())
            return nondet_bool() ? IAM_ITEM : IAM_ERR_VALUE;
        of->query.decode.item_node = 0;
        return IAM_AGAIN;
    }
    PROVE(of->exchange.stage == IAM_STAGE_DONE && of->page_items == of->page_delivered,
          "an end: each item of the last page was handed out");
    PROVE(!iam_call_waits(of) || REPORT.status == IAM_JOB_COMPLETED, "of a COMPLETED report");
    PROVE(of->scope != IAM_SCOPE_ALL || !REPORT.is_truncated, "and no page is left");
    has_ended = true;
    if (nondet_bool())
        return fails(&of->exchange);
    if (nondet_bool())
        return IAM_OK;
    __CPROVER_havoc_object(&o);
    o.of_job = nondet_bool(), o.makes_job = nondet_bool(), o.params = job_parameter;
    of->page_delivered = nondet_uint(), of->page_digest = nondet_uint64();
    of->pages = nondet_uint(), of->delivered = nondet_uint(), of->scope = (uint8_t)nondet_uint();
    of->completed = nondet_bool(), of->query.marker_n = (uint16_t)nondet_uint();
    of->exchange.stage = IAM_STAGE_CONNECT;
    ASSUME(invariant());
    return IAM_AGAIN;
}

int main(void)
{
    bool more = false;
    __CPROVER_havoc_object(&c);
    __CPROVER_havoc_object(&o);
    c.list_told = nondet_bool(), c.end_told = nondet_bool(), c.completed = nondet_bool();
    c.query.structure = nondet_bool(), c.exchange.need_keys = nondet_bool();
    o.of_job = nondet_bool(), o.makes_job = nondet_bool(), o.params = job_parameter;
    c.query.operation = &o, c.plan = planned;
    c.exchange.cfg.rx = any_bytes(c.exchange.cfg.rx_size);
    any_report();
    ASSUME(invariant() && c.page_delivered <= CONFIG_TINYIAM_PAGE_ITEMS_MAX);
    const struct iam_call was = c;
    const bool held = c.held != IAM_ITEM_NONE;
    int r = held ? iam_call_next(&c) : turn(&c, &more);
    PROVE(invariant(), "what it leaves behind");
    PROVE(r >= 0 || (c.exchange.stage == IAM_STAGE_FAILED && r == c.exchange.fault.error),
          "an error ends it");
    PROVE(was.exchange.stage != IAM_STAGE_FAILED || r == was.exchange.fault.error, "and sticks");
    PROVE(r != IAM_OK || (c.exchange.stage == IAM_STAGE_DONE &&
                          (has_ended || was.exchange.stage == IAM_STAGE_DONE)),
          "or it has ended well");
    PROVE(r != IAM_ITEM || !more, "an item waits for its reader");
    bool told = r == IAM_ITEM && (KIND == IAM_ITEM_LIST || KIND == IAM_ITEM_PAGE_END);
    if (r == IAM_ITEM && !told)
        PROVE(c.page_items == c.page_delivered && c.page_delivered == was.page_delivered + 1,
              "an item: the next of its page");
    if (told)
        PROVE(c.query.structure && c.page_delivered == was.page_delivered, "told, and not counted");
    if (has_ended)
        return 0; /* what comes now is another list's */
    PROVE(c.delivered == was.delivered + (c.page_delivered != was.page_delivered &&
                                          c.pages == was.pages && is_data),
          "data is counted");
    PROVE(c.pages == was.pages
              ? c.page_delivered == was.page_delivered || c.page_delivered == was.page_delivered + 1
              : c.pages == was.pages + 1 && c.page_delivered == 0 &&
                    was.page_items == was.page_delivered,
          "none is left out, the next page begins with its first");
    REACHED();
    return 0;
}
