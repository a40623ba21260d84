/* Values of a reply as text: times, numbers, strings of JSON. */
#ifndef HOST_VALUES_H
#define HOST_VALUES_H

#include "sink.h"

/* "2018-10-24T19:47:31.466000+00:00"; or as it came: time_as_it_came(). */
struct iam_span time_text(const struct iam_time *, char buf[40]);
/* From now on times that were read from a reply are shown as they came: "2018-10-24T19:47:31.466Z". */
void time_as_it_came(void);
struct iam_span integer_text(int64_t, char buf[24]);
/* "1,310", and a NUL */
struct iam_span count_text(uint64_t, char buf[32]);
#define EIGHT(c) (UINT64_C(0x0101010101010101) * (c))
/* Is any of 8 bytes a control character, or one of these two? May say yes for what follows such a byte; never no
 * for one. */
static inline bool any_of_8(const char *p, unsigned char first, unsigned char second)
{
    uint64_t x, one, other;
    memcpy(&x, p, sizeof x);
    one = x ^ EIGHT(first);
    other = x ^ EIGHT(second);
    return ((((x - EIGHT(0x20)) & ~x) | ((one - EIGHT(1)) & ~one) | ((other - EIGHT(1)) & ~other)) &
            EIGHT(0x80)) != 0;
}

/* What stands between the quotes of a text in JSON; room for 6 bytes a byte, and 8. The end of what was written. */
char *json_put(char *to, struct iam_span);
/* Text between quotes, escaped as Python's json.dumps(ensure_ascii=False) does. */
void json_text(struct sink *, struct iam_span);

#endif
