/* A Marker of any length on its way back to the service: nothing is written behind its place. */
#include "proof.h"

#define TEXT_LOOP                                                                 \
    CONTRACT(INSIDE(p, s.p, end) && n >= 0 && n <= IAM_MARKER_MAX, end - p, p, n, \
             __CPROVER_object_whole(out))

#include "core/model/encode.c"

/* "utf8" proves it of the code. */
int32_t iam_utf8_next(const char **p, const char *end)
{
    int32_t c = (int32_t)nondet_uint();
    size_t n = nondet_size();
    PROVE(INSIDE(*p, *p, end) && *p < end, "a character is looked for within the text");
    if (c < 0 || c > 0x10FFFF)
        return -1;
    ASSUME(n >= 1 && n <= 4 && n <= (size_t)(end - *p));
    *p += n;
    return c;
}

int main(void)
{
    size_t n = nondet_size();
    ASSUME(n <= SIZE_MAX >> 12);
    struct iam_span s = {any_bytes(n), n};
    char *out = any_bytes(IAM_MARKER_MAX);
    int r = iam_marker_latin1(s, out);
    PROVE(r == -1 || (r >= 1 && r <= IAM_MARKER_MAX), "a Marker that can be sent, or none");
    PROVE(n > 0 || r == -1, "an empty one is none");
    REACHED();
    return 0;
}
