/* UTF-8 a character at a time, and spans compared. */
#include <tinyiam/parts/utf8.h>

#include <string.h>

int32_t iam_utf8_next(const char **p, const char *end)
{
    const unsigned char *s = (const unsigned char *)*p;
    size_t have = (size_t)(end - *p), n = 1;
    uint32_t c = s[0], least = 0;

    if (c >= 0xF0 && c <= 0xF4)
        n = 4, c &= 7, least = 0x10000;
    else if (c >= 0xE0 && c < 0xF0)
        n = 3, c &= 15, least = 0x800;
    else if (c >= 0xC2 && c < 0xE0)
        n = 2, c &= 31, least = 0x80;
    else if (c >= 0x80)
        return -1;
    if (have < n)
        return -1;
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return -1;
        c = c << 6 | (s[i] & 63u);
    }
    if (c < least || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        return -1;
    *p += n;
    return (int32_t)c;
}

bool iam_span_within(struct iam_span s, char least, char most)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < (unsigned char)least ||
            (unsigned char)s.p[i] > (unsigned char)most)
            return false;
    return true;
}

bool iam_span_equal(struct iam_span a, struct iam_span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool iam_span_is(struct iam_span a, const char *s)
{
    return iam_span_equal(a, (struct iam_span){s, strlen(s)});
}

static bool blank(char c)
{
    return (unsigned char)c <= ' ';
}

struct iam_span iam_span_trim(struct iam_span s)
{
    while (s.n > 0 && blank(s.p[0]))
        s.p++, s.n--;
    while (s.n > 0 && blank(s.p[s.n - 1]))
        s.n--;
    return s;
}
