/* The checkpoints of an audit: any bytes resumed, as if their sum were right; one made of any audit, and resumed. */
#include "audit_invariant.h"

static struct iam_audit_checkpoint at;
static struct iam_audit_request q;

static void any_request(void)
{
    static struct iam_span namespaces[2];
    __CPROVER_havoc_object(&q);
    q.what = (enum iam_audit_what)(nondet_uint() &
                                   0xFF); /* to compilers it has no sign, to CBMC it has */
    q.namespaces = namespaces;
    ASSUME(q.namespace_count <= 2);
}

#ifdef SKEW
int main(void)
{
    size_t before = nondet_size();
    ASSUME(before < 64);
    c.batch = (char *)any_bytes(64) + before;
    size_t n = skew_code(&c);
    PROVE(n < _Alignof(struct audit), "less than what fits() adds");
    PROVE(((uintptr_t)c.batch + n) % _Alignof(struct audit) == 0, "the state is aligned");
    REACHED();
    return 0;
}
#elif defined ROUND
static struct place page_of(const struct audit *of)
{
    return (struct place){of->mark,           of->page_first, of->page_digest, of->pages,
                          of->page_delivered, of->marker_n,   (char *)room};
}

static struct place page_under_way(void)
{
    return (struct place){c.mark,           c.page_first,     c.page_digest, c.pages,
                          c.page_delivered, c.query.marker_n, c.marker};
}

static bool is_same(struct place p, struct place q, char of_marker)
{
    return p.mark == q.mark && p.page_first == q.page_first && p.page_digest == q.page_digest &&
           p.pages == q.pages && p.page_delivered == q.page_delivered && p.marker_n == q.marker_n &&
           (some >= p.marker_n || q.marker[some] == of_marker);
}

/* Another call, of the same structure, with another batch of the same size. */
static void any_other(void)
{
    const uint32_t size = c.batch_size;
    const bool structure = c.query.structure;
    __CPROVER_havoc_object(&c);
    __CPROVER_havoc_object(&a);
    __CPROVER_havoc_object(room);
    c.batch = &a, c.batch_size = size, c.query.structure = structure;
    c.completed = nondet_bool();
}

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
#else
int main(void)
{
    any_audit();
    any_request();
    __CPROVER_havoc_object(&at);
    starts = false;
    int r = iam_call_audit_resume(&c, &q, &at);
    PROVE(r == IAM_OK || (r < 0 && c.plan != plan), "an audit, or an error");
    PROVE(r != IAM_OK || a.phase <= OVER, "its phase");
    PROVE(r != IAM_OK || a.what <= IAM_AUDIT_ACTIONS, "what it reads");
    PROVE(r != IAM_OK || c.plan == plan, "it is an audit");
    PROVE(r != IAM_OK || c.query.marker_n <= IAM_MARKER_MAX, "its Marker fits the call");
    PROVE(r != IAM_OK || FITS(a.marker_n), "and the one it keeps the batch");
    PROVE(r != IAM_OK || a.from == NULL ||
              (a.again && a.from == at.bytes + AT_ENTITIES &&
               iam_get_le(a.from, 2) <= IAM_MARKER_MAX),
          "its place among entities lies in the checkpoint");
    REACHED();
    return 0;
}
#endif
