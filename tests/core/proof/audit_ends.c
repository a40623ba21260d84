/* An audit where one of its operations has ended, from ANY state that is_right() allows: what it begins next, with what,
 * and when it says that all is over. */
#include "audit_follow.h"

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
    PROVE(r < 0 || !names || was.phase != SERVICES || a.more == (followed == IAM_AGAIN),
          "it knows whether a page is left");
    if (r == IAM_AGAIN) {
        if (a.phase == SERVICES)
            empty_window();
        PROVE(a.phase == ENTITIES || a.again ? a.name == read : a.name == 0, "each name once");
        PROVE(!a.again || a.phase == ENTITIES || listed, "a page comes again to go on behind it");
        if (a.phase == SERVICES && !a.again && was.phase != GENERATE)
            PROVE((!names || (a.more && read >= was.names)) && a.pages == next.pages &&
                      a.mark == next.mark && a.page_first == next.page_first &&
                      c.page_first == next.page_first && c.query.marker_n == next.marker_n &&
                      (some >= next.marker_n || c.marker[some] == next_byte),
                  "the next page, when this one is read");
        PROVE(is_right() && (!NAMES || IS_CHAIN(watched)), "what it leaves behind");
    }
    REACHED();
    return 0;
}
