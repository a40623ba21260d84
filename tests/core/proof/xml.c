/* The tokenizer's byte machine. */
#if defined FITS || defined MATCH || defined WORD
#include "xml_names.h"
#else
#include "xml_parts.h"

int main(void)
{
    struct iam_xml x;
    struct iam_span text;
    size_t n = nondet_size();
    ASSUME(n <= SIZE_MAX >> 12);
    char *in = any_bytes(n);
    const char *p = in;
    __CPROVER_havoc_object(schema);
    any_place = nondet_uint();
    any_reader(&x);
    ASSUME(invariant(&x));
    before = x;
    p_before = p;
    int r = iam_xml_bytes(&x, &p, in + n, &text);

    PROVE(INSIDE(p, in, in + n) && invariant(&x), "what it leaves behind");
    PROVE(r >= 0 ? x.state != FAILED && r <= IAM_XML_CLOSE : x.state == FAILED && r == (int)x.value,
          "an error is kept");
    PROVE(before.state != FAILED || (p == in && r == (int)before.value),
          "an error sticks, and takes nothing more");
    PROVE(r != IAM_XML_MORE || p == in + n, "more is asked for when all is used");
    PROVE(r != IAM_XML_TEXT || (x.home == LEAF && text.n >= 1 && __CPROVER_r_ok(text.p, text.n)),
          "text of a leaf can be read");
    PROVE(r <= 0 || p > in ||
              ((before.state == CDATA_BRACKET1 || before.state == CDATA_BRACKET2) &&
               x.state == CDATA) ||
              n == 0,
          "progress");
    PROVE(iam_xml_finish(&x) != IAM_OK || (x.depth == 0 && x.at == 0 && x.state == EPILOG),
          "the end");
    REACHED();
    return 0;
}
#endif
