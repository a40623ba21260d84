/* memcpy() and its like, of a length that is not known: checked, not done. For harnesses whose proofs do not depend on
 * the bytes: these are any before, and are any afterwards. Included before the code. */
#ifndef TINYIAM_TESTS_PROOF_COPIES_H
#define TINYIAM_TESTS_PROOF_COPIES_H

#include "proof.h"

static inline void *checked_copy(void *to, const void *from, size_t n)
{
    PROVE(__CPROVER_r_ok(from, n) && __CPROVER_w_ok(to, n),
          "what is copied lies somewhere, and has room");
    return to;
}

static inline void *checked_fill(void *to, size_t n)
{
    PROVE(__CPROVER_w_ok(to, n), "what is filled lies somewhere");
    return to;
}

static inline int checked_compare(const void *a, const void *b, size_t n)
{
    PROVE(__CPROVER_r_ok(a, n) && __CPROVER_r_ok(b, n), "what is compared lies somewhere");
    return (int)nondet_uint();
}

#define memcpy(to, from, n) \
    (__builtin_constant_p(n) ? (memcpy)(to, from, n) : checked_copy(to, from, n))
#define memmove(to, from, n) checked_copy(to, from, n)
#define memset(to, c, n) (__builtin_constant_p(n) ? (memset)(to, c, n) : checked_fill(to, n))
#define memcmp(a, b, n) (__builtin_constant_p(n) ? (memcmp)(a, b, n) : checked_compare(a, b, n))

#endif
