/* tinyiam/span.h - text as everything here takes and gives it. Layer: base. Include tinyiam.h, not this. */
#ifndef TINYIAM_SPAN_H
#define TINYIAM_SPAN_H

#include <stddef.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Borrowed text: not NUL-terminated, not owned. p == NULL: the member was absent. n == 0 with
 * p != NULL: it was there and empty. */
struct iam_span {
    const char *p;
    size_t n;
};
/* Of a string literal: an initialiser, and a value. */
#define IAM_LITERAL(s)     \
    {                      \
        (s), sizeof(s) - 1 \
    }
#ifdef __cplusplus
#define IAM_SPAN(s) (iam_span IAM_LITERAL(s))
#else
#define IAM_SPAN(s) ((struct iam_span)IAM_LITERAL(s))
#endif
/* Of a NUL-terminated text of any length, which is borrowed; NULL: the absent one. */
static inline struct iam_span iam_span_of(const char *text)
{
    struct iam_span span = {text, text != NULL ? strlen(text) : 0};
    return span;
}

#ifdef __cplusplus
}
#endif
#endif
