/* What reads the bytes of a JSON document, of any length: strings, numbers, blanks, and the text that is put back where
 * it lies. */
#include "proof.h"

#define DIGITS CONTRACT(i <= n, n - i, i)
#define BLANKS CONTRACT(INSIDE(r->p, __CPROVER_loop_entry(r->p), r->end), r->end - r->p, r->p)
#define STRING CONTRACT(INSIDE(p, r->p + 1, r->end), r->end - p, p)
#define SAME CONTRACT(INSIDE(p, a.p, a.p + a.n) && INSIDE(q, b.p, b.p + b.n), a.p + a.n - p, p, q)
#define IN_PLACE                                                                \
    CONTRACT(INSIDE(from, p, end) && INSIDE(to, p, from), end - from, from, to, \
             __CPROVER_object_whole(p))

#include <stdint.h>
static int32_t character(const char **, const char *);
static char *put_utf8(char *, int32_t);
#include "core/wire/json.c"

static bool is_checked; /* the string has been read before: there are only characters in it */

static size_t length(int32_t c)
{
    return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

/* "utf8" proves it of the code. */
int32_t iam_utf8_next(const char **p, const char *end)
{
    int32_t c = (int32_t)nondet_uint();
    PROVE(INSIDE(*p, *p, end) && *p < end, "a character is looked for within the text");
    if (c < 0 || c > 0x10FFFF || length(c) > (size_t)(end - *p))
        return -1;
    *p += length(c);
    return c;
}

void *memchr(const void *p, int c, size_t n) /* anywhere, or nowhere */
{
    size_t i = nondet_size();
    (void)c;
    PROVE(__CPROVER_r_ok(p, n), "can be read");
    return i < n ? (char *)p + i : NULL;
}

/* The run "character" proves it of the code. */
static int32_t character(const char **p, const char *end)
{
    PROVE(INSIDE(*p, *p, end) && *p < end, "a character is looked for within the text");
    int32_t c = (int32_t)nondet_uint();
    size_t n = nondet_size();
    ASSUME(c <= 0x10FFFF && n <= (size_t)(end - *p) && (c < 0 ? !is_checked : n >= length(c)));
    *p += n;
    return c < 0 ? -1 : c;
}

static char *put_utf8(char *to, int32_t c)
{
    PROVE(c >= 0 && __CPROVER_w_ok(to, length(c)), "there is room for it");
    return to + length(c); /* nobody looks at what it has written */
}

int main(void)
{
    size_t n = nondet_size(), m = nondet_size();
    ASSUME(n >= 1 && n <= SIZE_MAX >> 12 && m <= SIZE_MAX >> 12);
    char *in = any_bytes(n);
#ifdef CHARACTER
    const char *p = in;
    int32_t c = character_code(&p, in + n);
    PROVE(c <= 0x10FFFF && INSIDE(p, in, in + n), "a character, or none");
    PROVE(c < 0 || p - in >= (ptrdiff_t)length(c), "never shorter than what it stands for");
    if (c >= 0) {
        char *to = any_bytes(length(c));
        PROVE(put_utf8_code(to, c) == to + length(c), "as long as its first byte says");
    }
#elif defined UNESCAPE
    is_checked = true;
    struct iam_span s = unescape(in, in + n);
    PROVE(s.p == in && s.n <= n, "in place");
#else
    struct reader r = {.p = in, .end = in + n};
    struct iam_span a = {in, n}, b = {any_bytes(m), m};
    size_t which = WHICH;
    is_checked = which == 1;
    if (which == 0)
        good_number(a);
    else if (which == 1)
        same(a, b);
    else if (which == 2)
        look(&r);
    else if (string(&r))
        PROVE(r.p - in >= 2 && r.p[-1] == '"', "a string ends in a quote");
    PROVE(INSIDE(r.p, in, in + n), "the place lies in the document");
#endif
    REACHED();
    return 0;
}
