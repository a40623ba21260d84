/* SSO's expiration: a number of any length, beside another reckoning of it. */
#include "proof.h"

static const uint64_t beyond[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
static uint64_t sum; /* of the digits so far */
static bool no_number;
static int64_t read; /* the number as read_ms() has it, when it makes a time of it */
#define READ *(read = ms, 1)
#define DIGIT                                              \
    no_number = no_number || s.p[i] < '0' || s.p[i] > '9'; \
    sum = sum * 10 + (uint64_t)(s.p[i] - '0');
#define DIGITS                                                                                    \
    CONTRACT(i <= s.n && i <= 15 && ms >= 0 && (uint64_t)ms < beyond[i] && (uint64_t)ms == sum && \
                 !no_number,                                                                      \
             s.n - i, i, ms, sum, no_number)

#include "core/flow/creds_json.c"

int main(void)
{
    size_t n = nondet_size();
    ASSUME(n <= UINT32_MAX);
    struct iam_span s = {any_bytes(n), n};
    struct iam_time t;
    sum = 0, no_number = false;
    int r = read_ms(s, &t);
    bool is = !no_number && n <= 15 && sum < UINT64_C(253402300800000); /* before the year 10000 */
    PROVE(is ? r == IAM_OK : r == IAM_ERR_VALUE, "a time of the calendar, and no other");
    PROVE(!is || ((uint64_t)read == sum && t.present && t.offset_min == 0), "it is this one");
    REACHED();
    return 0;
}
