/* What the decoder makes of a leaf's text, of ANY length: a number, beside another reckoning of it; a word, of any list of
 * words; a digest. Statics are set in main(): for CBMC's loop contracts they begin as anything. */
#include "proof.h"

#include <tinyiam/parts/utf8.h>

static struct iam_span whole; /* the text */
static size_t some;           /* any place of it: what holds there holds everywhere */
#define FROM __CPROVER_POINTER_OFFSET
#define IN_WHOLE(s)                                                     \
    (__CPROVER_same_object((s).p, whole.p) && FROM((s).p) <= whole.n && \
     (s).n <= whole.n - FROM((s).p))
#define HAS_SOME(s) (some >= FROM((s).p) && some - FROM((s).p) < (s).n)
#define IS_BLANK(at) ((at) >= whole.n || (uint8_t)whole.p[at] <= ' ')
#define TRIMS(...) CONTRACT(IN_WHOLE(s) && (HAS_SOME(s) || IS_BLANK(some)), s.n, __VA_ARGS__)
#define FRONT TRIMS(s.p, s.n)
#define BACK TRIMS(s.n)

typedef unsigned __CPROVER_bitvector[68] wide;
static wide sum;
static bool no_number;
#define DIGIT                                              \
    no_number = no_number || s.p[i] < '0' || s.p[i] > '9'; \
    sum = sum * 10 + (wide)(s.p[i] - '0');
#define DIGITS CONTRACT(i <= s.n && v == sum && !no_number, s.n - i, i, v, sum, no_number)

static size_t n_list; /* of bytes of words: the last two are NUL */
#define LIST CONTRACT(INSIDE(words, list, list + n_list - 1), list + n_list - words, words, i)
static const char *list;

#define EIGHTS                                                                                     \
    CONTRACT(__CPROVER_same_object(p, whole.p) && n <= whole.n && FROM(p) == whole.n - n, n, n, p, \
             h)

#ifdef TRIM
#include "core/base/utf8.c"
static void run(void)
{
    struct iam_span s = iam_span_trim(whole);
    PROVE(IN_WHOLE(s) && (HAS_SOME(s) || IS_BLANK(some)), "blanks alone are passed over");
    PROVE(s.n == 0 || (!blank(s.p[0]) && !blank(s.p[s.n - 1])), "and all of them");
}
#else
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
#endif

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
#elif defined WORD
size_t strlen(const char *word)
{
    size_t n = nondet_size();
    ASSUME(n <= n_list - 2 - FROM(word) && word[n] == '\0'); /* one of the last two, if no other */
    return n;
}

bool iam_span_is(struct iam_span s, const char *word)
{
    PROVE(s.p == whole.p && INSIDE(word, list, list + n_list - 2), "a word of the list");
    return nondet_bool() && s.n == strlen(word);
}

static void run(void)
{
    struct iam_span to = {NULL, 0};
    n_list = nondet_size();
    ASSUME(n_list >= 2 && n_list <= UINT32_MAX);
    list = any_bytes(n_list);
    ASSUME(list[n_list - 2] == '\0' && list[n_list - 1] == '\0');
    iam_word(whole, list, &to);
    PROVE(to.p == NULL || (to.n == whole.n && INSIDE(to.p + to.n, list, list + n_list - 2)),
          "the word that it is, or none");
}
#elif defined MIX
static void run(void)
{
    iam_mix_text(nondet_uint64(), nondet_bool() ? whole.p : NULL, whole.n);
}
#endif

int main(void)
{
    whole.n = nondet_size();
    some = nondet_size();
    ASSUME(whole.n <= UINT32_MAX);
    whole.p = any_bytes(whole.n);
    run();
    REACHED();
    return 0;
}
