/* Times and numbers as the AWS CLI prints them, strings as Python's json.dumps(ensure_ascii=False) does. */
#include "values.h"

#include <stdio.h>
#include <string.h>

#include <tinyiam/tinyiam.h>

/* ---- times and numbers ---- */

#define SECOND_US 1000000
#define YEAR_1_US INT64_C(-62135596800000000) /* 0001-01-01T00:00:00Z */
#define YEARS_US INT64_C(315537897600000000)  /* from there to the end of 9999 */

static char *put_digits(char *to, unsigned n, unsigned digits)
{
    for (unsigned i = digits; i-- > 0; n /= 10)
        to[i] = (char)('0' + n % 10);
    return to + digits;
}

/* "2018-10-24" of a day since 0001-01-01. Years are counted from March on, so that the day that not every year has
 * comes last; 400 of them have 146,097 days. */
static char *put_date(char *to, unsigned day)
{
    unsigned n = (day + 306) % 146097, year = (n - n / 1460 + n / 36524 - n / 146096) / 365;
    unsigned in_year = n - (365 * year + year / 4 - year / 100), month = (5 * in_year + 2) / 153;
    year += (day + 306) / 146097 * 400 + (month >= 10);
    to = put_digits(to, year, 4);
    *to++ = '-';
    to = put_digits(to, month < 10 ? month + 3 : month - 9, 2);
    *to++ = '-';
    return put_digits(to, in_year - (153 * month + 2) / 5 + 1, 2);
}

/* iam_time_text() says the same, for machines that have no division; an audit prints a million of them. */
static struct iam_span iso_text(const struct iam_time *t, char buf[40])
{
    if (t->us < YEAR_1_US || t->us >= YEAR_1_US + YEARS_US)
        return (struct iam_span){buf, iam_time_text(t, buf)};
    int64_t local = t->us - YEAR_1_US + t->offset_min * INT64_C(60) * SECOND_US;
    if (local < 0 || local >= YEARS_US)
        return (struct iam_span){buf, iam_time_text(t, buf)};
    uint64_t seconds = (uint64_t)local / SECOND_US;
    unsigned fraction = (unsigned)((uint64_t)local % SECOND_US),
             in_day = (unsigned)(seconds % 86400);
    unsigned offset = (unsigned)(t->offset_min < 0 ? -t->offset_min : t->offset_min);
    char *to = put_date(buf, (unsigned)(seconds / 86400));
    *to++ = 'T';
    to = put_digits(to, in_day / 3600, 2);
    *to++ = ':';
    to = put_digits(to, in_day / 60 % 60, 2);
    *to++ = ':';
    to = put_digits(to, in_day % 60, 2);
    if (fraction) {
        *to++ = '.';
        to = put_digits(to, fraction, 6);
    }
    *to++ = t->offset_min < 0 ? '-' : '+';
    to = put_digits(to, offset / 60, 2);
    *to++ = ':';
    to = put_digits(to, offset % 60, 2);
    return (struct iam_span){buf, (size_t)(to - buf)};
}

#define SECONDS 19 /* letters of 2018-10-24T19:47:31 */

/* A bare number: seconds since 1970, with so many letters. */
static struct iam_span epoch_text(const struct iam_time *t, char buf[40])
{
    int64_t us = t->us < 0 ? -t->us : t->us;
    snprintf(buf, 40, "%s%lld.%06lld0000000000", t->us < 0 ? "-" : "", (long long)(us / SECOND_US),
             (long long)(us % SECOND_US));
    return (struct iam_span){buf, t->length < 40 ? t->length : 39};
}

/* The text that it was read from, made again: ISO 8601 behind whose seconds a fraction of some length and a zone may
 * stand; Z, nothing, or +hh:mm. IAM has milliseconds, or no fraction, and Z. Another form becomes ours. */
static struct iam_span text_as_it_came(const struct iam_time *t, char buf[40])
{
    unsigned rest = t->length - SECONDS,
             micro = (unsigned)((t->us % SECOND_US + SECOND_US) % SECOND_US);
    bool zulu = t->last == 'Z' || t->last == 'z';
    struct iam_span text = iso_text(t, buf);
    if (t->length < SECONDS && t->offset_min == 0 && t->last >= '0' && t->last <= '9' &&
        (t->length != 10 || t->us % (86400LL * SECOND_US)))
        return epoch_text(t, buf);
    if (t->length == 10)
        return (struct iam_span){buf, 10};
    unsigned zone = zulu ? 1 : rest >= 6 ? 6 : 0, fraction = rest - zone;
    if (t->length < SECONDS || rest < zone || fraction == 1 || fraction > 10 ||
        (!zulu && (t->last < '0' || t->last > '9')))
        return text;
    char end[8] = "Z", *to = buf + SECONDS;
    if (zone == 6)
        memcpy(end, text.p + text.n - 6, 6);
    else
        end[0] = t->last;
    if (fraction) {
        char digits[16];
        snprintf(digits, sizeof digits, "%06u000000", micro);
        *to++ = '.';
        memcpy(to, digits, fraction - 1);
        to += fraction - 1;
    }
    memcpy(to, end, zone);
    return (struct iam_span){buf, (size_t)(to - buf) + zone};
}

static bool as_it_came;

void time_as_it_came(void)
{
    as_it_came = true;
}

struct iam_span time_text(const struct iam_time *t, char buf[40])
{
    return as_it_came && t->length ? text_as_it_came(t, buf) : iso_text(t, buf);
}

struct iam_span integer_text(int64_t v, char buf[24])
{
    uint64_t left = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    size_t n = 1, sign = v < 0;
    for (uint64_t k = left; k >= 10; k /= 10)
        n++;
    for (size_t i = n; i-- > 0; left /= 10)
        buf[sign + i] = (char)('0' + left % 10);
    if (sign)
        buf[0] = '-';
    return (struct iam_span){buf, sign + n};
}

struct iam_span count_text(uint64_t n, char buf[32])
{
    char digits[24];
    size_t at = 0, length = (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            buf[at++] = ',';
        buf[at++] = digits[i];
    }
    buf[at] = '\0';
    return (struct iam_span){buf, at};
}

/* ---- JSON ---- */

static char *put_escape(char *to, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    const char out[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    const char *short_form = c == '"'    ? "\\\""
                             : c == '\\' ? "\\\\"
                             : c == '\n' ? "\\n"
                             : c == '\r' ? "\\r"
                             : c == '\t' ? "\\t"
                             : c == '\b' ? "\\b"
                             : c == '\f' ? "\\f"
                                         : NULL;
    size_t n = short_form ? 2 : sizeof out;
    memcpy(to, short_form ? short_form : out, n);
    return to + n;
}

char *json_put(char *to, struct iam_span text)
{
    const char *p = text.p, *end = text.p + text.n;
    while (p < end) {
        for (; end - p >= 8 && !any_of_8(p, '"', '\\'); p += 8, to += 8)
            memcpy(to, p, 8);
        if (p == end)
            break;
        unsigned char c = (unsigned char)*p++;
        if (c >= 0x20 && c != '"' && c != '\\')
            *to++ = (char)c;
        else
            to = put_escape(to, c);
    }
    return to;
}

#define PIECE 1024 /* of a text at a time */

void json_text(struct sink *s, struct iam_span text)
{
    sink_char(s, '"');
    while (text.n) {
        size_t n = text.n < PIECE ? text.n : PIECE;
        char *to = sink_room(s, 6 * PIECE + 8);
        sink_wrote(s, (size_t)(json_put(to, (struct iam_span){text.p, n}) - to));
        text = (struct iam_span){text.p + n, text.n - n};
    }
    sink_char(s, '"');
}
