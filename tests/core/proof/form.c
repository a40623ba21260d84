/* Form encoding into a window of any size at any place of the stream. */
#include <tinyiam/parts/form.h>

#include "proof.h"

void iam_sha256_update(struct iam_sha256 *h, const void *p, size_t n)
{
    (void)h;
    PROVE(n == 0 || __CPROVER_r_ok(p, n), "what is hashed can be read");
}

int main(void)
{
    size_t n = nondet_uint(), cap = nondet_uint();
    ASSUME(n <= MOST && cap <= 4);
    struct iam_sha256 sha;
    struct iam_out o = {0};
    struct iam_span s = {any_bytes(n), n};
    o.p = nondet_bool() ? any_bytes(cap) : NULL;
    o.cap = cap;
    o.skip = nondet_uint() & 63;
    o.sha = nondet_bool() ? &sha : NULL;
    if (nondet_bool())
        iam_form_text(&o, s);
    else
        iam_form_latin1(&o, s);
    PROVE(o.n <= cap && o.total >= n && o.total <= 6 * n, "the window is kept, all is counted");
    PROVE(o.sha != NULL || o.p == NULL || o.total <= o.skip ||
              o.n == (o.total - o.skip < cap ? o.total - o.skip : cap),
          "the window is full as far as the stream goes");
    REACHED();
    return 0;
}
