/** @file
 * tinyiam/span.h - text as everything here takes and gives it. Layer: base. Include tinyiam.h, not this. */
#ifndef TINYIAM_SPAN_H
#define TINYIAM_SPAN_H

#include <stddef.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Borrowed text of n bytes at p, without a NUL behind it. p == NULL means absent: a parameter that is not given, a
 * member that the reply did not have. n == 0 with p != NULL means that it is there and empty. */
struct iam_span {
    const char *p;
    size_t n;
};
/** The span of a string literal: IAM_LITERAL in the initialiser of a static, IAM_SPAN in any expression. */
#define IAM_LITERAL(s)     \
    {                      \
        (s), sizeof(s) - 1 \
    }
#ifdef __cplusplus
#define IAM_SPAN(s) (iam_span IAM_LITERAL(s))
#else
#define IAM_SPAN(s) ((struct iam_span)IAM_LITERAL(s))
#endif
/** The span of a NUL-terminated text, which is borrowed; of NULL: the absent one. */
static inline struct iam_span iam_span_of(const char *text)
{
    struct iam_span span = {text, text != NULL ? strlen(text) : 0};
    return span;
}

#ifdef __cplusplus
}
#endif
#endif
