/* Which states the decoder can be in between two events, for ANY schema that schema_shape.h allows (test_model.c holds
 * every schema of core/ to that). What one event meets of a schema is an element, its parent, and that one's. */
#ifndef TINYIAM_TESTS_DECODE_INVARIANT_H
#define TINYIAM_TESTS_DECODE_INVARIANT_H

#include "proof.h"

#include <tinyiam/parts/utf8.h>

#include "tests/core/unit/schema_shape.h"

static void *place(struct iam_decode *, const struct iam_xml_node *);
static bool first(struct iam_decode *, const struct iam_xml_node *);
static bool parse_int(struct iam_span, int64_t *);
static uint32_t cut(struct iam_decode *, const struct iam_sink *);
static void append(struct iam_decode *, const struct iam_sink *, struct iam_span);
static void keep_text(struct iam_decode *, const struct iam_sink *, struct iam_span *);
#include "core/model/decode.c"

enum { DOCUMENT, GRAND, PARENT, ELEMENT, NODES };
static struct iam_xml_node schema[NODES];
static struct element_place places[NODES];
static bool envelopes; /* it is the schema of errors */

enum { MOST = INT32_MAX };
static struct iam_decode d;
static struct iam_sink b;
static struct iam_http http;
static struct iam_span input;
static uint32_t kept; /* text of the item at hand ends here */

static bool readable(struct iam_span s)
{
    return s.n == 0 || __CPROVER_r_ok(s.p, s.n);
}

/* Nothing in here looks at what is copied. */
void *memcpy(void *to, const void *from, size_t n)
{
    PROVE(__CPROVER_r_ok(from, n) && __CPROVER_w_ok(to, n),
          "what is copied is there, and room for it");
    PROVE(!__CPROVER_same_object(to, b.p) ||
              ((char *)to >= b.p + kept && (char *)to + n <= b.p + (b.n - d.tail)),
          "text that is kept stays as it is");
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    return memcpy(to, from, n);
}

/* What is between calls true of the text: all of it has had room, or it is noted that it had not. */
static bool text_fits(void)
{
    return d.tail <= b.n && (d.over || d.used <= b.n - d.tail);
}

/* And while a leaf is read, which begins behind what is kept. */
static bool leaf_fits(void)
{
    return text_fits() && (d.over ? d.in_item || (d.start >= kept && d.start <= b.n - d.tail)
                                  : d.start >= kept && d.start <= d.used);
}

static bool invariant(void)
{
    unsigned at = d.xml.at;
    const struct iam_xml_node *n = &schema[at];
    if (d.xml.schema != schema || at >= NODES || d.in_item != places[at].in_item ||
        d.in_sub != places[at].in_sub || d.error_reply != envelopes || (d.envelope && !envelopes))
        return false;
    if (d.ignore != 0 && (d.ignore >= NODES || !may_ignore(&schema[d.ignore]) ||
                          (d.ignore != at && d.ignore != n->parent)))
        return false;
    if (at != DOCUMENT && n->kind == IAM_XML_LEAF && d.ignore == 0)
        return leaf_fits();
    /* an item that did not fit: it ends in an error before the next begins */
    return text_fits() &&
           (d.over ? d.in_item && d.fresh && n->type != IAM_NODE_SUBLIST : kept <= d.used);
}

#endif
