/* A Marker of any length on its way back to the service: nothing is written behind its place. */
#include "proof.h"

#define TEXT_LOOP                                                                 \
    CONTRACT(INSIDE(p, s.p, end) && n >= 0 && n <= IAM_MARKER_MAX, end - p, p, n, \
             __CPROVER_object_whole(out))

#include "core/model/encode.c"

#include "utf8_elsewhere.h"

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
