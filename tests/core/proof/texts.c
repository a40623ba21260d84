/* What is done with whole texts, of ANY length: blanks at the ends passed over, two compared, hashes of them. */
#include "whole.h"

#define IS_BLANK(at) ((at) >= whole.n || (uint8_t)whole.p[at] <= ' ')
#define TRIMS(...) CONTRACT(IN_WHOLE(s) && (HAS_SOME(s) || IS_BLANK(some)), s.n, __VA_ARGS__)
#define FRONT TRIMS(s.p, s.n)
#define BACK TRIMS(s.n)
static char least, most;
#define IS_WITHIN(at) \
    ((uint8_t)whole.p[at] >= (uint8_t)least && (uint8_t)whole.p[at] <= (uint8_t)most)
#define WITHIN CONTRACT(i <= s.n && (some >= i || IS_WITHIN(some)), s.n - i, i)
#define LEFT(p, n) (n <= whole.n && __CPROVER_same_object(p, whole.p) && FROM(p) == whole.n - n)
#define BYTES CONTRACT(LEFT(p, n), n, n, p, h)

static int equal; /* memcmp()'s answer */
static inline int compared(const void *p, const void *q, size_t n)
{
    PROVE(__CPROVER_r_ok(p, n) && __CPROVER_r_ok(q, n), "what is compared lies somewhere");
    return equal;
}
#define memcmp(p, q, n) compared(p, q, n)
#include "core/base/bytes.c"
#include "core/base/utf8.c"

#ifdef TRIM
static void run(void)
{
    struct iam_span s = iam_span_trim(whole);
    PROVE(IN_WHOLE(s) && (HAS_SOME(s) || IS_BLANK(some)), "blanks alone are passed over");
    PROVE(s.n == 0 || (!blank(s.p[0]) && !blank(s.p[s.n - 1])), "and all of them");
}
#elif defined SPANS
static void run(void)
{
    size_t n = nondet_size();
    ASSUME(n <= UINT32_MAX);
    struct iam_span other = {any_bytes(n), n};
    least = (char)nondet_uint(), most = (char)nondet_uint(), equal = (int)nondet_uint();
    PROVE(iam_span_equal(whole, other) == (whole.n == n && (n == 0 || equal == 0)),
          "or they differ");
    if (iam_span_within(whole, least, most))
        PROVE(some >= whole.n || IS_WITHIN(some), "each character is one of these");
}
#else
static void run(void)
{
    PROVE(iam_hash(whole) != 0, "0 stands for none");
}
#endif

int main(void)
{
    any_text();
    run();
    REACHED();
    return 0;
}
