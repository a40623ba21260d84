/* Places of an audit: that of its page of services, and that of the list under way. For audit_round.c. */
#ifndef TINYIAM_TESTS_PROOF_AUDIT_PLACES_H
#define TINYIAM_TESTS_PROOF_AUDIT_PLACES_H

#include "audit_invariant.h"

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

#endif
