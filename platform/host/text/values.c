/* Times and numbers as the AWS CLI prints them, strings as Python's json.dumps(ensure_ascii=False) does. */
#include "values.h"

#include <stdio.h>
#include <string.h>

#include <tinyiam/tinyiam.h>

struct iam_span time_text(const struct iam_time *t, char buf[40])
{
    return (struct iam_span){buf, iam_time_text(t, buf)};
}

struct iam_span integer_text(int64_t v, char buf[24])
{
    int n = snprintf(buf, 24, "%lld", (long long)v);
    return (struct iam_span){buf, n > 0 ? (size_t)n : 0};
}

#define ONES 0x0101010101010101u
#define HIGH 0x8080808080808080u

/* Does any of 8 bytes need an escape: a control character, a quote, a backslash? May say yes for what
 * follows such a byte; never no for one. */
static bool any_special(const char *p)
{
    uint64_t x, quote, slash;
    memcpy(&x, p, sizeof x);
    quote = x ^ (ONES * '"');
    slash = x ^ (ONES * '\\');
    return ((((x - ONES * 0x20) & ~x) | ((quote - ONES) & ~quote) | ((slash - ONES) & ~slash)) &
            HIGH) != 0;
}

static void escape(struct sink *s, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    char out[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    const char *short_form = c == '"'    ? "\\\""
                             : c == '\\' ? "\\\\"
                             : c == '\n' ? "\\n"
                             : c == '\r' ? "\\r"
                             : c == '\t' ? "\\t"
                             : c == '\b' ? "\\b"
                             : c == '\f' ? "\\f"
                                         : NULL;
    if (short_form)
        sink_put(s, short_form, 2);
    else
        sink_put(s, out, 6);
}

void json_text(struct sink *s, struct iam_span text)
{
    const char *p = text.p, *end = text.p + text.n;
    sink_char(s, '"');
    while (p < end) {
        const char *run = p;
        while (end - p >= 8 && !any_special(p))
            p += 8;
        while (p < end && (unsigned char)*p >= 0x20 && *p != '"' && *p != '\\')
            p++;
        sink_put(s, run, (size_t)(p - run));
        if (p < end)
            escape(s, (unsigned char)*p++);
    }
    sink_char(s, '"');
}
