/* UTF-8 and small questions about spans. Layer: base. */
#ifndef TINYIAM_PARTS_UTF8_H
#define TINYIAM_PARTS_UTF8_H

#include "../types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The next character of [*p, end), *p moved behind it; negative: not UTF-8 (overlong and surrogates are
 * not). Not to be called with *p == end. */
int32_t iam_utf8_next(const char **p, const char *end);
bool iam_span_is(struct iam_span, const char *nul_terminated);
/* Every byte from least to most? '!' to '~': what may stand in a header, with ' ' as well as text. */
bool iam_span_within(struct iam_span, char least, char most);
bool iam_span_equal(struct iam_span, struct iam_span);
/* Without white space and control bytes around it. */
struct iam_span iam_span_trim(struct iam_span);

#ifdef __cplusplus
}
#endif
#endif
