/* The fast tier of the tokenizer, what is taken for granted of its parts, and what they hand over. For xml_fast.c, which has
 * included core/wire/xml.c and its invariant. */
#ifndef TINYIAM_TESTS_PROOF_XML_FAST_PARTS_H
#define TINYIAM_TESTS_PROOF_XML_FAST_PARTS_H

static const char *skip_space(const char *, const char *);
static const char *skip_text(const char *, const char *);
static bool is_tag(const char *, const char *, const struct iam_xml_node *);
static void any_sibling(const struct iam_xml *, unsigned *k);
/* At the head of the loop over siblings: any turn of it, and that the next begins as it did. */
#define SIBLING , any_sibling(x, &k)

#include "core/wire/xml_fast.c"

static const char *input;
static size_t some; /* any place of the input: what holds there holds everywhere */
static bool by_bytes;
static unsigned siblings;

static const char *somewhere(const char *p, const char *end)
{
    size_t n = nondet_size();
    ASSUME(n <= (size_t)(end - p));
    return p + n;
}

static bool is_plain_run(const char *p, size_t n)
{
    size_t from = (size_t)(p - input);
    return some < from || some - from >= n || iam_xml_is_plain((uint8_t)input[some]);
}

/* ---- what is taken for granted: xml and xml_scan prove it of the code ---- */

static const char *skip_space(const char *p, const char *end)
{
    PROVE(INSIDE(p, p, end), "is called within the input");
    return somewhere(p, end);
}

static const char *skip_text(const char *p, const char *end)
{
    PROVE(INSIDE(p, p, end), "is called within the input");
    const char *q = somewhere(p, end);
    ASSUME(is_plain_run(p, (size_t)(q - p)));
    return q;
}

static bool is_tag(const char *p, const char *end, const struct iam_xml_node *node)
{
    PROVE(INSIDE(p, p, end), "is called within the input");
    ASSUME(is_tree((unsigned)(node - schema)));
    return (size_t)(end - p) > node->len && nondet_bool();
}

int iam_xml_bytes(struct iam_xml *x, const char **p, const char *end, struct iam_span *text)
{
    PROVE(invariant(x) && INSIDE(*p, *p, end), "the byte machine begins so");
    any_reader(x);
    __CPROVER_havoc_object(text);
    ASSUME(invariant(x));
    *p = somewhere(*p, end);
    by_bytes = true;
    return x->state == FAILED ? (int)x->value : (int)(nondet_uint() % IAM_XML_VALUE);
}

static void any_sibling(const struct iam_xml *x, unsigned *k)
{
    PROVE(*k == 0 || (*k < nodes && schema[*k].parent == x->at), "a child of the open element");
    if (siblings++ > 0)
        ASSUME(false); /* their chain ends: a tree */
    *k = nondet_uint();
    ASSUME(*k == 0 || (is_tree(*k) && schema[*k].parent == x->at));
}

#endif
