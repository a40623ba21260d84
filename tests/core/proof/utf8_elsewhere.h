/* iam_utf8_next() as "utf8" proves it, for harnesses of who reads texts by it. */
#ifndef TINYIAM_TESTS_PROOF_UTF8_ELSEWHERE_H
#define TINYIAM_TESTS_PROOF_UTF8_ELSEWHERE_H

#include "proof.h"

#include <tinyiam/parts/utf8.h>

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

#endif
