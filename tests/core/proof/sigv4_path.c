/* The path of a canonical request, of any length: a ".." is never taken for a segment that lasts, and nothing is read
 * outside the path. */
#include "sigv4_path.h"

#include "core/wire/sigv4.c"

/* The same at the same place: so the numbers in "follow" can be. */
static size_t next_segment(const char **p, const char *end)
{
#ifdef SEGMENT
    return next_segment_code(p, end);
#else
    size_t n = nondet_size(), run = nondet_size();
    const char *from = *p;
    PROVE(INSIDE(from, start, end), "is called within the path");
    ASSUME(run <= (size_t)(end - from) && (n == PARENT ? run >= 2 : n <= run));
    *p += run;
    ASSUME((n == PARENT) == (FOLLOW(from) == 0) && (n != 0 || FOLLOW(from) == NONE));
    ASSUME(n == 0 || n == PARENT || FOLLOW(*p) == FOLLOW(from) - (FOLLOW(from) != NONE));
    return n;
#endif
}

static bool is_parent(const char *p)
{
    return p[0] == '.' && p[1] == '.';
}

int main(void)
{
    struct iam_span path = any_span();
    struct iam_out o = {0};
    ASSUME(path.n >= 1);
    start = path.p;
#ifdef SEGMENT
    size_t from = nondet_size();
    ASSUME(from <= path.n);
    const char *p = start + from, *end = start + path.n;
    size_t n = next_segment(&p, end), passed = (size_t)(p - (start + from));
    PROVE(INSIDE(p, start + from, end), "within the path");
    PROVE(n == PARENT ? passed >= 2 : n <= passed, "a segment that it has passed");
    PROVE(n == PARENT ? is_parent(p - 2) : n != 2 || !is_parent(p - 2), "a \"..\" is no segment");
    PROVE(n != 0 || p == end, "none: there is no other");
#else
    put_path(&o, path);
#endif
    REACHED();
    return 0;
}
