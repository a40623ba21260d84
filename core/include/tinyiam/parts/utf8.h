/** @file
 * UTF-8 and small questions about spans. Layer: base. */
#ifndef TINYIAM_PARTS_UTF8_H
#define TINYIAM_PARTS_UTF8_H

#include "../types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The next character of [*p, end), *p moved behind it; negative: not UTF-8 (overlong and surrogates are
 * not). Not to be called with *p == end. */
int32_t iam_utf8_next(const char **p, const char *end);
bool iam_span_is(struct iam_span, const char *nul_terminated);
/** Does every byte lie between least and most? '!' to '~' are the visible characters of ASCII. */
bool iam_span_within(struct iam_span, char least, char most);
bool iam_span_equal(struct iam_span, struct iam_span);
/** The span without white space and control bytes at both ends. */
struct iam_span iam_span_trim(struct iam_span);

#ifdef __cplusplus
}
#endif
#endif
