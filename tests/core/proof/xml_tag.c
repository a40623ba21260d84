/* The compare of the tokenizer's fast tier with a tag of the schema, by words that may overlap: for a name and an input
 * of any length it says what a compare byte by byte says. */
#include "proof.h"

static size_t some;   /* any place of the tag: what holds there holds everywhere */
static size_t length; /* of the tag, with its '>' */

/* What stands at that place is the same, if it has been compared: from four before the present end on. */
#define COMPARED CONTRACT(n >= 4 && n <= length && (some + 4 < n || p[some] == tag[some]), n, n)

#include "core/wire/xml_fast.c"

int iam_xml_bytes(struct iam_xml *x, const char **p, const char *end, struct iam_span *text)
{
    (void)x, (void)p, (void)end, (void)text;
    return 0;
}

int main(void)
{
    size_t n = nondet_size();
    struct iam_xml_node node;
    ASSUME(n <= SIZE_MAX >> 12 && node.len >= 1);
    length = node.len + 1u;
    some = nondet_size();
    ASSUME(some < length);
    char *in = any_bytes(n);
#ifdef EQUAL /* the same bytes, wherever they lie: here in one place */
    ASSUME(n >= length);
    node.tag = in;
    PROVE(is_tag(in, in + n, &node), "what is the same is found");
#else
    node.tag = any_bytes(length);
    if (is_tag(in, in + n, &node))
        PROVE(length <= n && in[some] == node.tag[some], "what is found is the same");
#endif
    REACHED();
    return 0;
}
