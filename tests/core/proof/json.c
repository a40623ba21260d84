/* What reads a JSON document's strings, numbers and blanks, of any length, and puts text back where it lies. */
#include "proof.h"

#define DIGITS CONTRACT(i <= n, n - i, i)
#define BLANKS CONTRACT(INSIDE(r->p, __CPROVER_loop_entry(r->p), r->end), r->end - r->p, r->p)
#define STRING CONTRACT(INSIDE(p, r->p + 1, r->end), r->end - p, p)
#define SAME CONTRACT(INSIDE(p, a.p, a.p + a.n) && INSIDE(q, b.p, b.p + b.n), a.p + a.n - p, p, q)
#define IN_PLACE                                                                \
    CONTRACT(INSIDE(from, p, end) && INSIDE(to, p, from), end - from, from, to, \
             __CPROVER_object_whole(p))

static int32_t character(const char **, const char *);
static char *put_utf8(char *, int32_t);
#include "core/wire/json.c"

static bool is_checked; /* the string has been read before: there are only characters in it */

void *memchr(const void *p, int c, size_t n) /* anywhere, or nowhere */
{
    size_t i = nondet_size();
    (void)c;
    PROVE(__CPROVER_r_ok(p, n), "can be read");
    return i < n ? (char *)p + i : NULL;
}

static size_t length(int32_t c)
{
    return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

/* Of this and the next, "json_character" proves it of the code. */
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
    ASSUME(n <= SIZE_MAX >> 12 && m <= SIZE_MAX >> 12);
    char *in = any_bytes(n);
    struct reader r = {.p = in, .end = in + n};
    struct iam_span a = {in, n}, b = {any_bytes(m), m};
    is_checked = WHICH == 1 || WHICH == 4;
    if (WHICH == 0)
        PROVE(!good_number(a) || n > 0, "a number has a digit");
    else if (WHICH == 1)
        same(a, b);
    else if (WHICH == 2)
        look(&r);
    else if (WHICH == 3 && n > 0 && string(&r))
        PROVE(r.p - in >= 2 && r.p[-1] == '"', "a string ends in a quote");
    else if (WHICH == 4)
        b = unescape(in, in + n), PROVE(b.p == in && b.n <= n, "in place");
    PROVE(INSIDE(r.p, in, in + n), "the place lies in the document");
    REACHED();
    return 0;
}
