/* What "sigv4" and "encode" take for granted: hashes, of which it is noted whether they have begun, and the sink,
 * which "out" proves. */
#ifndef TINYIAM_TESTS_PROOF_SINKS_H
#define TINYIAM_TESTS_PROOF_SINKS_H

#include "copies.h"

#include <tinyiam/parts/sigv4.h>

static struct iam_sigv4 s;
static bool broken; /* the library has refused something that belongs to the signature */

#define LIVE(h) (*(bool *)(void *)(h))
#define IS_KEPT(h) ((h) == &s.inner || (h) == &s.outer || (h) == &s.prefix)
/* Between two calls. */
#define INVARIANT                                                                          \
    (LIVE(&s.inner) == s.key_valid && LIVE(&s.outer) == s.key_valid && s.key_valid <= 1 && \
     LIVE(&s.prefix) == (s.prefix_valid != 0))

static inline struct iam_span any_span(void)
{
    size_t n = nondet_size();
    ASSUME(n <= UINT32_MAX >> 1);
    return (struct iam_span){any_bytes(n), n};
}

static inline void may_break(struct iam_sha256 *h)
{
    if (h->error == 0)
        h->error = nondet_bool() ? -1 : 0;
    broken |= h->error != 0;
}

void iam_sha256_start(struct iam_sha256 *h)
{
    PROVE(!IS_KEPT(h) || !LIVE(h), "a hash that has begun is not begun again");
    LIVE(h) = true;
    h->error = 0;
    may_break(h);
}

void iam_sha256_clone(struct iam_sha256 *to, const struct iam_sha256 *from)
{
    PROVE((!IS_KEPT(to) || !LIVE(to)) && LIVE(from), "one that has begun is cloned");
    LIVE(to) = true;
    to->error = from->error;
}

void iam_sha256_update(struct iam_sha256 *h, const void *p, size_t n)
{
    PROVE(LIVE(h) && (n == 0 || __CPROVER_r_ok(p, n)), "what is hashed can be read");
    may_break(h);
}

int iam_sha256_finish(struct iam_sha256 *h, uint8_t digest[32])
{
    PROVE(LIVE(h) && __CPROVER_w_ok(digest, 32), "a hash that has begun ends");
    LIVE(h) = false;
    may_break(h);
    if (h->error)
        return IAM_ERR_CRYPTO;
    __CPROVER_havoc_slice(digest, 32);
    return IAM_OK;
}

void iam_sha256_clear(struct iam_sha256 *h)
{
    LIVE(h) = false;
    h->error = 0;
}

void iam_zeroize(void *p, size_t n)
{
    PROVE(__CPROVER_w_ok(p, n), "what is wiped lies somewhere");
}

void iam_out_put(struct iam_out *o, const char *p, size_t n)
{
    PROVE(n == 0 || __CPROVER_r_ok(p, n), "what is put can be read");
    o->total += n;
    if (o->sha != NULL)
        iam_sha256_update(o->sha, p, n);
}

void iam_out_span(struct iam_out *o, struct iam_span t)
{
    iam_out_put(o, t.p, t.n);
}

void iam_out_text(struct iam_out *o, const char *text)
{
    iam_out_put(o, text, 1);
}

void iam_out_hex(struct iam_out *o, const uint8_t *p, size_t n)
{
    iam_out_put(o, (const char *)p, n);
}

void iam_out_escaped(struct iam_out *o, struct iam_span t, unsigned widen)
{
    (void)widen;
    iam_out_put(o, t.p, t.n);
}

void iam_out_uint(struct iam_out *o, uint32_t v)
{
    o->total += 1 + v % 10;
}

#endif
