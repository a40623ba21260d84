/* Dates as servers write them, of any digits, zones and names; and the text that a signature wants of any second. */
#include "datetime_parts.h"

#ifdef WRITE
int main(void)
{
    char *out = any_bytes(17);
    iam_time_basic((int64_t)nondet_uint64(), out);
    for (unsigned i = 0; i < 16; i++)
        PROVE(i == 8    ? out[i] == 'T'
              : i == 15 ? out[i] == 'Z'
                        : out[i] >= '0' && out[i] <= '9',
              "a digit at its place");
    PROVE(out[16] == '\0', "and an end");
    REACHED();
    return 0;
}
#elif defined EPOCH
int main(void)
{
    size_t n = nondet_uint();
    ASSUME(n >= 1 && n <= MOST);
    char *in = any_bytes(n);
    struct iam_time t;
    if (read_epoch(in, in + n, &t))
        PROVE(t.us >= MIN_US && t.us <= MAX_S * 1000000 + 999999, "within the years 1 to 9999");
    REACHED();
    return 0;
}
#elif defined DAYS
int main(void) /* read_form() finds any digits: from them on */
{
    struct iam_time t = {0};
    int code = read_date((struct iam_span){"", 0}, nondet_uint() % FORMS, &t);
    PROVE(code == IAM_OK || code == IAM_ERR_VALUE, "a date or none");
    if (code == IAM_OK)
        PROVE(t.us >= MIN_US - INT64_C(86400000000) && t.us <= (MAX_S + 1 + DAY_S) * 1000000 &&
                  t.offset_min > -1440 && t.offset_min < 1440,
              "within the years 1 to 9999, but for a zone");
    REACHED();
    return 0;
}
#elif defined PART
int main(void) /* the parts that "form" takes for granted */
{
    size_t n = nondet_uint();
    ASSUME(n <= MOST);
    char *in = any_bytes(n);
    struct civil c = {0};
    const char *p = PART;
    PROVE(p == NULL || INSIDE(p, in, in + n), "moves within the text");
    PROVE(ARE_DIGITS(c), "fields are what their digits say");
    REACHED();
    return 0;
}
#else
int main(void)
{
    static const char *const forms[] = {"0-1-2T3:4sz",  "0-1-2",        "ad b 0 3:4sz",
                                        "ad b y 3:4sz", "ad-b-y 3:4sz", "ab d 3:4s 0"};
    size_t n = nondet_uint();
    ASSUME(n <= MOST);
    char *in = any_bytes(n);
    struct civil c;
    if (read_form(in, in + n, forms[FORM], &c))
        PROVE(ARE_DIGITS(c), "fields are what their digits say");
    REACHED();
    return 0;
}
#endif
