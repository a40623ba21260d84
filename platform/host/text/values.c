/* Times and numbers as the AWS CLI prints them, strings as Python's json.dumps(ensure_ascii=False) does. */
#include "values.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

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

/* ---- YAML ---- */

/* Words that YAML 1.1 or 1.2 reads as something else than text; what begins with a digit or a sign is quoted
 * anyhow. */
static bool is_yaml_word(struct iam_span text)
{
    static const char *const words[] = {"true", "false", "yes", "no", "on", "off",
                                        "null", "y",     "n",   "t",  "f"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == text.n && strncasecmp(words[i], text.p, text.n) == 0)
            return true;
    return false;
}

/* Letters, digits and what IAM's names have, with single blanks and colons inside. */
static bool is_yaml_plain(struct iam_span text)
{
    const char *p = text.p;
    if (text.n == 0 ||
        !((p[0] >= 'a' && p[0] <= 'z') || (p[0] >= 'A' && p[0] <= 'Z') || p[0] == '/'))
        return false;
    for (size_t i = 0; i < text.n; i++) {
        bool last = i + 1 == text.n;
        bool letter = (p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' && p[i] <= 'Z') ||
                      (p[i] >= '0' && p[i] <= '9') || memchr("/_.,+=@-", p[i], 8);
        bool inside = (p[i] == ':' || p[i] == ' ') && !last && p[i + 1] != ' ';
        if (!letter && !inside)
            return false;
    }
    return !is_yaml_word(text);
}

/* What YAML does not take as it is, and what it would fold: controls, line separators, the byte order mark,
 * noncharacters. The character at p of at most 3 bytes; 0: as it is. */
static unsigned yaml_escape(const unsigned char *p, size_t n, size_t *size)
{
    *size = p[0] < 0x80 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    if (*size > n || *size == 4)
        return 0;
    unsigned c = *size == 1   ? p[0]
                 : *size == 2 ? (p[0] & 0x1Fu) << 6 | (p[1] & 0x3F)
                              : (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3F);
    bool hidden = c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 ||
                  c == 0xFEFF || c >= 0xFFFE;
    return hidden || c == '"' || c == '\\' ? c : 0;
}

void yaml_text(struct sink *s, struct iam_span text)
{
    const unsigned char *p = (const unsigned char *)text.p;
    if (is_yaml_plain(text)) {
        sink_span(s, text);
        return;
    }
    sink_char(s, '"');
    for (size_t i = 0, size; i < text.n; i += size) {
        char escaped[12];
        unsigned c = yaml_escape(p + i, text.n - i, &size);
        size = size > text.n - i ? text.n - i : size;
        if (c == '"' || c == '\\')
            snprintf(escaped, sizeof escaped, "\\%c", (int)c);
        else if (c)
            snprintf(escaped, sizeof escaped, "\\u%04x", c);
        else
            snprintf(escaped, sizeof escaped, "%.*s", (int)size, text.p + i);
        sink_put(s, escaped, strlen(escaped));
    }
    sink_char(s, '"');
}
