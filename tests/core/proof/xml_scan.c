/* What the tokenizer's fast tier passes over and compares, in words of the machine. */
#include "proof.h"

static size_t some; /* any place of the input: what holds there holds everywhere */
static unsigned c;  /* the byte there */

#ifdef SPACE
#define FITS (c == ' ' || c == '\n' || c == '\t' || c == '\r')
#else
#define FITS (c - 0x20 < 0x60 && c != '<' && c != '&' && c != '>')
#endif
/* What a loop has passed over is of that kind. */
#define PASSED(p, from)      \
    (INSIDE(p, from, end) && \
     (some < __CPROVER_POINTER_OFFSET(from) || some >= __CPROVER_POINTER_OFFSET(p) || FITS))
#define RUN CONTRACT(PASSED(p, __CPROVER_loop_entry(p)), end - p, p)

#include "core/wire/xml_fast.c"

int iam_xml_bytes(struct iam_xml *x, const char **p, const char *end, struct iam_span *text)
{
    (void)x, (void)p, (void)end, (void)text;
    return 0;
}

int main(void)
{
    size_t n = nondet_size(), from = nondet_size();
    ASSUME(n <= SIZE_MAX >> 12 && from <= n);
    char *in = any_bytes(n);
    const char *p = in + from, *end = in + n, *q;
    some = nondet_size();
    ASSUME(n > 0 && some < n);
    c = (uint8_t)in[some];
#ifdef SPACE
    q = skip_space(p, end);
#else
    q = skip_text(p, end);
#endif
    PROVE(PASSED(q, p), "passes over that kind alone, within the input");
    REACHED();
    return 0;
}
