/* The window of an audit, a chain of entries, and the audit's state between two items or ends. For audit_items.c and
 * audit_ends.c. Which name begins at a place is kept beside the code: what IS_CHAIN says of every place is taken for
 * granted at those that the code looks at, and proved of any place, `watched`, behind each step. */
#ifndef TINYIAM_TESTS_PROOF_AUDIT_WINDOW_H
#define TINYIAM_TESTS_PROOF_AUDIT_WINDOW_H

#include "proof.h"

static inline size_t any_length(const char *text) /* of a name of a member, which is only shown */
{
    (void)text;
    return nondet_size();
}
#define strlen(text) any_length(text)
#include <tinyiam/audit.h>

#define OF_STEPS /* audit_invariant.h leaves some to this file */
static void started(const struct iam_operation *, const void *);
struct audit;
static struct iam_span entry(struct audit *, size_t);

/* Number of the name whose entry begins there, from 1 on; 0: none begins. */
static uint32_t *number;
#define SAME_NAMES                                                                  \
    CONTRACT(at <= a->used && (at == a->used || number[at] != 0), a->used - at, at, \
             c->query.decode.what)
/* Of the namespaces that are asked for one, any: whether the item's name is that one. */
static uint16_t asked;
static bool is_asked;
#define NAMESPACES                                                                      \
    CONTRACT(i <= a->namespace_count && (!found || a->namespace_count == 0 || i > 0) && \
                 (found || i <= asked || !is_asked),                                    \
             a->namespace_count - i, i, found)

#include "audit_invariant.h"

static size_t watched;
static uint32_t first;    /* the name with which the window begins, from 0 on */
static struct place next; /* of the page of services to come, as iam_list_follow() has left it */
static uint64_t the_mark; /* digest of its Marker */
static char next_byte;    /* and its byte at the place `some` */

#define LENGTH(at) room[a.marker_n + (at)]
#define IS_CHAIN(at)                                                                         \
    (number[at] <= UINT16_MAX + 1u &&                                                        \
     (number[at] == 0 || (at) == a.used ||                                                   \
      ((at) < a.used && LENGTH(at) <= NAMESPACE_MAX && (at) + HEAD + LENGTH(at) <= a.used && \
       number[(at) + HEAD + LENGTH(at)] == number[at] + 1)))
#define NAMES (a.what == IAM_AUDIT_ENTITIES && (a.phase == SERVICES || a.phase == ENTITIES))

static struct iam_span entry(struct audit *of, size_t at)
{
    PROVE(of == &a && at < a.used && (!NAMES || number[at] != 0), "where an entry begins");
    ASSUME(!NAMES || IS_CHAIN(at));
    struct iam_span name = entry_code(of, at);
    PROVE(__CPROVER_r_ok(name.p, name.n), "its name can be read");
    return name;
}

static uint64_t mark_behind(uint32_t pages, uint64_t mark)
{
    return (pages & (pages - 1)) == 0 ? the_mark : mark;
}

/* Of an audit that reads who used a service: names are held in their order, and none is left out. */
static bool window_is_right(void)
{
    uint32_t held = number[a.used] - 1, seen = a.names > first ? a.names : first;
    if (a.used > window_size(&c) || number[a.used] == 0 || number[0] != first + 1 ||
        (a.full ? held >= a.names : held != seen))
        return false;
    if (a.phase == SERVICES)
        return a.at == 0 && first == a.name && (a.names <= a.name || a.used > 0) && !a.lost;
    return a.at < a.used && number[a.at] == a.name + 1u && a.name >= first && a.from == NULL;
}

static bool is_right(void)
{
    if (!invariant() || a.next_n > IAM_MARKER_MAX || (a.namespace_count == 0 && !a.wanted))
        return false;
    if (a.what != IAM_AUDIT_ENTITIES)
        return a.phase != ENTITIES && a.marker_n == 0 && !a.full && !a.again && a.at == 0 &&
               (a.used == 0 || a.used == HEAD + LENGTH(0)) && a.used <= ENTRY_MAX;
    if (a.phase == SERVICES)
        return c.pages == a.pages && c.mark == a.mark && window_is_right();
    if (a.phase != ENTITIES)
        return true;
    return window_is_right() &&
           (!a.more || (next.pages == a.pages + 1 && next.mark == mark_behind(a.pages, a.mark) &&
                        next.page_first == a.page_first && next.marker_n == a.next_n)) &&
           (!a.more || a.lost || c.pages > 0 || some >= a.next_n || c.marker[some] == next_byte);
}

/* Any such state, of this phase; what was taken of a checkpoint is sound: "audit". */
static void any_step(void)
{
    static struct iam_audit_checkpoint from;
    size_t n = nondet_size();
    any_audit();
    __CPROVER_havoc_object(&a);
    __CPROVER_havoc_object(&from);
    a.phase = PHASE, a.what = WHAT;
    ASSUME(n > UINT16_MAX && n < UINT32_MAX);
    number = any_bytes(n * sizeof *number);
    a.again = nondet_bool(), a.more = nondet_bool(), a.lost = nondet_bool();
    a.full = nondet_bool(), a.wanted = nondet_bool(), a.every = nondet_bool();
    a.from = nondet_bool() ? from.bytes + AT_ENTITIES : NULL;
    ASSUME(iam_get_le(from.bytes + AT_ENTITIES, 2) <= IAM_MARKER_MAX);
    ASSUME(a.from == NULL || iam_get_le(a.from, 2) == 0 || iam_get_le(a.from + 2, 4) > 0);
    first = nondet_uint(), watched = nondet_uint(), the_mark = nondet_uint64();
    next.pages = nondet_uint(), next.mark = nondet_uint64(), next.page_first = nondet_uint64();
    next.marker_n = (uint16_t)nondet_uint(), next_byte = (char)nondet_uint();
    a.namespaces = any_bytes(a.namespace_count * sizeof *a.namespaces);
    asked = (uint16_t)nondet_uint();
    is_asked = asked < a.namespace_count && nondet_bool();
    ASSUME(c.batch != NULL && first <= UINT16_MAX && watched <= UINT16_MAX && is_right());
    ASSUME(!NAMES || (IS_CHAIN(watched) && (a.phase != ENTITIES || IS_CHAIN(a.at))));
}

/* The window begins anew, with the name whose turn it is. */
static void empty_window(void)
{
    size_t n = nondet_size();
    ASSUME(n > UINT16_MAX && n < UINT32_MAX);
    number = any_bytes(n * sizeof *number);
    first = a.name;
    ASSUME(number[0] == first + 1 && (watched == 0 || number[watched] == 0));
}

int iam_param_check(const struct iam_param *p, const void *request, struct iam_fault *f)
{
    struct iam_span s = ((const struct iam_entities_request *)request)->service_namespace;
    (void)p, (void)f;
    PROVE(s.n == 0 || __CPROVER_r_ok(s.p, s.n), "a namespace that can be read");
    return s.p != NULL && s.n > 0 && nondet_bool() ? IAM_OK : IAM_ERR_ARGUMENT;
}

bool iam_span_equal(struct iam_span p, struct iam_span q)
{
    PROVE(q.n == 0 || __CPROVER_r_ok(q.p, q.n), "what is compared with it can be read");
    /* p: of an entry, or the caller's */
    return nondet_bool() ||
           (is_asked && p.p == a.namespaces[asked].p && p.n == a.namespaces[asked].n);
}

#endif
