/* A checkpoint made of any audit under way, and resumed by another call: it is the same place. */
#include "audit_places.h"

static struct iam_audit_checkpoint at;

int main(void)
{
    any_audit();
    __CPROVER_havoc_object(&a);
    starts = true;
    a.digest = the_digest;
    a.again = nondet_bool(), a.more = nondet_bool();
    ASSUME(c.batch != NULL && invariant());
    ASSUME(a.what == IAM_AUDIT_ENTITIES ||
           (a.phase != ENTITIES && !a.again)); /* the others have none */
    if (nondet_bool()) { /* it has been resumed, and is not back yet where it was */
        static struct iam_audit_checkpoint from;
        __CPROVER_havoc_object(&from);
        a.from = from.bytes + AT_ENTITIES;
        ASSUME(a.again && some < sizeof from.bytes);
        PROVE(iam_call_audit_checkpoint(&c, &at) == IAM_OK, "at any time");
        PROVE(at.bytes[some] == from.bytes[some], "it is the same place");
        REACHED();
        return 0;
    }
    a.from = NULL;
    bool named = a.phase == ENTITIES || (a.phase == SERVICES && a.again);
    bool listed = a.phase == ENTITIES && a.at < a.used;
    const struct audit was = a;
    const struct place list = page_under_way(), page = named ? page_of(&a) : list;
    char of_list = some < list.marker_n ? list.marker[some] : 0;
    char of_page = some < page.marker_n ? page.marker[some] : 0;
    uint32_t delivered = c.delivered, session = c.query.session, creation = c.creation;
    bool completed = c.completed;
    PROVE(iam_call_audit_checkpoint(&c, &at) == IAM_OK, "at any time");

    any_other();
    any_request();
    q.what = was.what;
    PROVE(iam_call_audit_resume(&c, &q, &at) == IAM_OK, "what is made can be resumed");
    if (was.phase != GENERATE)
        PROVE(c.delivered == delivered && c.completed == completed &&
                  c.finished == (was.phase == OVER),
              "as far as it was");
    if (was.phase == SERVICES || was.phase == ENTITIES) {
        PROVE(c.query.session == session && c.creation == creation, "of the same report");
        PROVE(a.name == was.name && a.max_items == was.max_items && a.more == was.more, "names");
        PROVE(a.again == named && is_same(page, page_under_way(), of_page), "the page of services");
        PROVE(is_same(page, page_of(&a), of_page) || a.what != IAM_AUDIT_ENTITIES, "is kept");
        bool begun = listed && (list.pages != 0 || list.page_delivered != 0);
        PROVE((a.from != NULL) == begun, "in the middle of entities");
        PROVE(!begun || a.before == was.before, "how many came before them");
        if (begun) {
            take_place(&c, a.from);
            PROVE(is_same(list, page_under_way(), of_list), "and where");
        }
    }
    REACHED();
    return 0;
}
