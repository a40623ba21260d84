/* The reader of HTTP replies. From EVERY state that invariant() allows, the next byte of a line, or a run of data of
 * ANY length, keeps the invariant and touches nothing but the reader and the input; iam_http_init() meets it. The
 * loop of iam_http_next() carries nothing from byte to byte but the reader and the place: so this holds for replies
 * of any length in any split. */
#include "http_invariant.h"

#ifdef NUMBER
int main(void) /* the step takes any result of number() */
{
    unsigned n = nondet_uint(), base = nondet_bool() ? 10 : 16;
    ASSUME(n <= 255);
    char *text = any_bytes(n);
    uint64_t v = number(text, n, base);
    PROVE(v == UINT64_MAX || (n >= 1 && n <= IAM_HTTP_VALUE_MAX), "a number has digits");
    REACHED();
    return 0;
}
#else
int main(void)
{
    struct iam_http h;
    struct iam_span body;
    size_t n = nondet_size();
    ASSUME(n <= SIZE_MAX >> 12);
    char *in = any_bytes(n);
    const char *p = in;
    ASSUME(invariant(&h) && (n <= 1 || h.state >= ST_CHUNK_DATA || h.error));
    if (nondet_bool()) {
        iam_http_init(&h);
        PROVE(invariant(&h), "the beginning is such a state");
        REACHED();
        return 0;
    }
    int before = h.error, r = iam_http_next(&h, &p, in + n, &body);

    PROVE(INSIDE(p, in, in + n) && invariant(&h), "what it leaves behind");
    PROVE(r >= 0 ? !h.error : r == h.error, "an error is kept");
    PROVE(!before || (r == before && p == in), "an error sticks, and takes nothing more");
    PROVE(r != IAM_HTTP_MORE || p == in + n, "more is asked for when all is used");
    PROVE(r != IAM_HTTP_BODY || (body.n >= 1 && INSIDE(body.p, in, p) && body.p + body.n == p),
          "body lies in the input");
    PROVE(r < 0 || r == IAM_HTTP_END || p > in || n == 0, "progress");
    if (nondet_bool()) {
        r = iam_http_eof(&h);
        PROVE(invariant(&h) && (r == IAM_HTTP_END || r == h.error), "the end is one, or an error");
    }
    REACHED();
    return 0;
}
#endif
