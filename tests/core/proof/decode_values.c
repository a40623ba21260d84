/* What the decoder makes of a leaf's text, of ANY length: a number, beside another reckoning of it; a
 * digest. */
#include "whole.h"

typedef unsigned __CPROVER_bitvector[68] wide;
static wide sum;
static bool no_number;
#define DIGIT                                              \
    no_number = no_number || s.p[i] < '0' || s.p[i] > '9'; \
    sum = sum * 10 + (wide)(s.p[i] - '0');
#define DIGITS CONTRACT(i <= s.n && v == sum && !no_number, s.n - i, i, v, sum, no_number)

#define EIGHTS                                                                                     \
    CONTRACT(n <= whole.n && __CPROVER_same_object(p, whole.p) && FROM(p) == whole.n - n, n, n, p, \
             h)

static struct iam_span trimmed;
struct iam_span iam_span_trim(struct iam_span s) /* any part of it */
{
    size_t from = nondet_size();
    ASSUME(from <= s.n);
    s.p += from, s.n = nondet_size();
    ASSUME(s.n <= whole.n - from);
    return trimmed = s;
}
#include "core/model/decode.c"

#ifdef INT
static void run(void)
{
    int64_t v;
    sum = 0, no_number = false;
    bool is = parse_int(whole, &v);
    char sign = trimmed.n > 0 ? trimmed.p[0] : ' ';
    wide most = (wide)INT64_MAX + (sign == '-');
    PROVE(!is || (!no_number && sum <= most), "what is wrong is not overlooked");
    PROVE(!is || (uint64_t)v == (sign == '-' ? 0 - (uint64_t)sum : (uint64_t)sum), "its value");
    PROVE(is || no_number || sum > most || trimmed.n == (sign == '-' || sign == '+'),
          "what is right is not refused");
}
#else
static void run(void)
{
    iam_mix_text(nondet_uint64(), nondet_bool() ? whole.p : NULL, whole.n);
}
#endif

int main(void)
{
    any_text();
    run();
    REACHED();
    return 0;
}
