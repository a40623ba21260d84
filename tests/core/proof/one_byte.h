/* memcpy() of a length that is not known: checked, and the byte at one place, any, is copied. What is proved of it holds
 * of all. memcmp() of such a length: checked, with any answer. Included before the code. */
#ifndef TINYIAM_TESTS_PROOF_ONE_BYTE_H
#define TINYIAM_TESTS_PROOF_ONE_BYTE_H

#include "proof.h"

static size_t some; /* the place: main() makes it any */

static inline void *copy(void *to, const void *from, size_t n)
{
    PROVE(n == 0 || (__CPROVER_r_ok(from, n) && __CPROVER_w_ok(to, n)), "lies somewhere, has room");
    if (some < n)
        ((uint8_t *)to)[some] = ((const uint8_t *)from)[some];
    return to;
}

static inline int compared(const void *p, const void *q, size_t n)
{
    PROVE(__CPROVER_r_ok(p, n) && __CPROVER_r_ok(q, n), "what is compared lies somewhere");
    return (int)nondet_uint();
}

#define memcpy(to, from, n) (__builtin_constant_p(n) ? (memcpy)(to, from, n) : copy(to, from, n))
#define memcmp(p, q, n) (__builtin_constant_p(n) ? (memcmp)(p, q, n) : compared(p, q, n))

#endif
