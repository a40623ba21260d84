/* What the decoder calls, for its step over any schema: that it does no more than this is proved in decode_text,
 * decode_values, decode_words, decode_members and xml, or assumed (decode.plan). */
#ifndef TINYIAM_TESTS_DECODE_ELSEWHERE_H
#define TINYIAM_TESTS_DECODE_ELSEWHERE_H

#include "decode_invariant.h"

const struct iam_xml_node iam_envelopes[1];
static int event; /* the tokenizer's next, of ELEMENT; then the input is used up */

/* Memory of just the size that test_model.c finds at the place. */
static void *place(struct iam_decode *of, const struct iam_xml_node *n)
{
    static struct iam_span span;
    static struct iam_time time;
    static bool flag, flags[2];
    static char number[sizeof(int64_t) + 1], words[sizeof(struct iam_span) + 1];
    PROVE(of == &d && (n == &schema[ELEMENT] || n == &schema[PARENT]), "a place of this element");
    return n->type == IAM_NODE_TEXT      ? (void *)&span
           : n->type == IAM_NODE_TIME    ? (void *)&time
           : n->type == IAM_NODE_BOOL    ? (void *)flags
           : n->type == IAM_NODE_INT     ? (void *)number
           : n->type == IAM_NODE_WORDS   ? (void *)words
           : n->type == IAM_NODE_SUBLIST ? (void *)flags
           : n->type == IAM_NODE_GROUP   ? (void *)&flag
                                         : NULL;
}

bool iam_span_is(struct iam_span s, const char *word)
{
    PROVE(readable(s) && __CPROVER_r_ok(word, 1), "text can be read");
    return nondet_bool();
}

int iam_time_parse(struct iam_span s, struct iam_time *t)
{
    PROVE(readable(s), "text can be read");
    t->present = nondet_bool();
    return nondet_bool() ? IAM_OK : IAM_ERR_VALUE;
}

static bool parse_int(struct iam_span s, int64_t *to)
{
    PROVE(readable(s), "text can be read");
    *to = 0;
    return nondet_bool();
}

static void append(struct iam_decode *of, const struct iam_sink *to, struct iam_span s)
{
    PROVE(leaf_fits() && readable(s) && of == &d && to == &b, "text is read in a leaf");
    d.used = nondet_uint();
    d.over = d.over || nondet_bool();
    ASSUME(leaf_fits());
}

static void keep_text(struct iam_decode *of, const struct iam_sink *to, struct iam_span *s)
{
    PROVE(leaf_fits() && (!d.over || !d.in_item) && of == &d && to == &b, "text is read in a leaf");
    s->p = nondet_bool() ? NULL : b.p;
    s->n = nondet_uint();
    if (d.in_item)
        return;
    d.over = d.over && !d.envelope;
    d.tail = nondet_uint();
    d.used = d.start;
    ASSUME(leaf_fits());
}

static bool first(struct iam_decode *of, const struct iam_xml_node *n)
{
    PROVE(of == &d && n == &schema[ELEMENT], "of this element");
    if (n->type == IAM_NODE_LIST || n->type == IAM_NODE_SUBLIST ||
        (n->member == 0 && n->type != IAM_NODE_TEXT && n->type != IAM_NODE_RESULT))
        return true;
    return nondet_bool();
}

void iam_xml_init(struct iam_xml *x, const struct iam_xml_node *of)
{
    PROVE((of == schema) == !envelopes, "the schema of errors, or the operation's");
    x->schema = schema;
    x->at = DOCUMENT;
}

/* An event of the schema's tree: elements lie in each other, and text in a leaf that is open. */
int iam_xml_next(struct iam_xml *x, const char **p, const char *end, struct iam_span *to)
{
    int is = event;
    (void)p, (void)end;
    event = IAM_XML_MORE;
    if (is == IAM_XML_TEXT || is == IAM_XML_VALUE)
        *to = input;
    if (is != IAM_XML_MORE)
        x->node = ELEMENT;
    if (is == IAM_XML_OPEN)
        x->at = ELEMENT;
    if (is == IAM_XML_CLOSE)
        x->at = schema[ELEMENT].parent;
    x->skipped = nondet_bool();
    return is;
}

#endif
