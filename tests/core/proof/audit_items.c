/* An item of an audit, from ANY state that is_right() allows: whatever the decoder has read. No service that was used is
 * left out: it is counted, and its name held, or it is noted that the window is full. */
#include "audit_held.h"

int main(void)
{
    struct iam_decode *d = &c.query.decode;
    const struct iam_service *s = &d->item.u.service;
    any_step();
    const size_t n = nondet_size();
    ASSUME(n <= UINT32_MAX);
    d->item.u.service.namespace_ = (struct iam_span){any_bytes(n), n};
    if (nondet_bool())
        d->item.u.service.namespace_ = (struct iam_span){NULL, 0};
    d->item.u.service.late = nondet_bool(), d->item.u.service.has_total = nondet_bool();
    d->item.u.service.last_authenticated.present = nondet_bool();
    ASSUME(c.page_items >= 1 && (a.phase == SERVICES || a.phase == ENTITIES));
    const bool begins = a.phase == SERVICES && c.page_items == 1;
    const bool names = a.what == IAM_AUDIT_ENTITIES && a.phase == SERVICES;
    const size_t at = begins ? 0 : a.used, counted = begins ? 0 : a.names;
    int r = plan(&c, IAM_ITEM);
    PROVE(r == IAM_ITEM || r == IAM_AGAIN || r < 0, "an item, none, or an error");
    PROVE(r != IAM_AGAIN || !a.wanted, "what is asked for is handed out");
    if (r > 0) {
        int64_t total = s->has_total ? s->total_entities : 0;
        bool used = names && d->item.kind == IAM_ITEM_SERVICE && a.wanted &&
                    (total != 0 || s->last_authenticated.present);
        PROVE(PHASE != SERVICES || !is_asked || d->item.kind != IAM_ITEM_SERVICE || s->late ||
                  a.wanted,
              "a service that is asked for is wanted");
        if (begins)
            empty_window();
        PROVE(!names || a.names == counted + used, "each service that was used is counted");
        if (names && a.used != at) {
            number[a.used] = number[at] + 1;
            PROVE(used && a.used == at + HEAD + s->namespace_.n &&
                      is_held(s->namespace_, total, at),
                  "its name and number are held");
        }
        PROVE(is_right(), "what it leaves behind");
        PROVE(!names || IS_CHAIN(watched), "and the window");
        struct iam_span of = iam_call_audit_namespace(&c);
        PROVE(of.n == 0 || __CPROVER_r_ok(of.p, of.n), "whose item it is can be read");
    }
    REACHED();
    return 0;
}
