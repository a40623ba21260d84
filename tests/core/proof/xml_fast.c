/* The tokenizer's fast tier: inputs of ANY length, from every state that the invariant allows, for any schema. */
#include "proof.h"

#define iam_xml_bytes iam_xml_bytes_code
#include "core/wire/xml.c"
#undef iam_xml_bytes
int iam_xml_bytes(struct iam_xml *, const char **p, const char *end, struct iam_span *text);

#include "xml_invariant.h"

#include "xml_fast_parts.h"

int main(void)
{
    struct iam_xml x;
    struct iam_span text;
    size_t n = nondet_size();
    ASSUME(n <= SIZE_MAX >> 12);
    char *in = any_bytes(n);
    const char *p = in;
    input = in;
    some = nondet_size();
    ASSUME(some < n || n == 0);
    __CPROVER_havoc_object(schema);
    any_place = nondet_uint();
    any_reader(&x);
    ASSUME(invariant(&x));
    unsigned len = schema[x.candidate].len;
    char *tag = any_bytes(len + 1u);
    ASSUME(tag[len] == '>');
    schema[x.candidate].tag = tag;
    int before = x.state, r = iam_xml_next(&x, &p, in + n, &text);

    PROVE(INSIDE(p, in, in + n) && invariant(&x), "what it leaves behind");
    PROVE(before != FAILED || by_bytes, "an error is the byte machine's affair");
    if (!by_bytes) {
        PROVE(r >= 0 && r <= IAM_XML_VALUE && x.state != FAILED && p > in, "progress");
        PROVE(r != IAM_XML_MORE || p == in + n, "more is asked for when all is used");
        if (r == IAM_XML_TEXT || r == IAM_XML_VALUE)
            PROVE(INSIDE(text.p, in, p) && text.n <= (size_t)(p - text.p) &&
                      is_plain_run(text.p, text.n) && (r == IAM_XML_VALUE || text.n > 0) &&
                      schema[r == IAM_XML_VALUE ? x.node : x.at].kind == IAM_XML_LEAF,
                  "plain text of a leaf, in the input");
    }
    REACHED();
    return 0;
}
