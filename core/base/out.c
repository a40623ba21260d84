/* Text into a buffer of the caller, counted where it does not fit. */
#include <string.h>
#include <tinyiam/parts/out.h>

void iam_out_put(struct iam_out *o, const char *p, size_t n)
{
    size_t before;

    if (o->sha) {
        o->total += n;
        iam_sha256_update(o->sha, p, n);
        return;
    }
    before = o->skip > o->total ? o->skip - o->total : 0;
    o->total += n;
    if (n <= before)
        return;
    p += before;
    n -= before;
    if (n > o->cap - o->n)
        n = o->cap - o->n;
    if (o->p) {
        memcpy(o->p + o->n, p, n);
        o->n += n;
    }
}

void iam_out_span(struct iam_out *o, struct iam_span s)
{
    iam_out_put(o, s.p, s.n);
}

void iam_out_text(struct iam_out *o, const char *text)
{
    iam_out_put(o, text, strlen(text));
}

void iam_out_uint(struct iam_out *o, uint32_t v)
{
    char digits[10];
    size_t i = sizeof digits;

    do {
        digits[--i] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    iam_out_put(o, digits + i, sizeof digits - i);
}

static char hex_digit(unsigned v)
{
    return (char)(v + (v < 10 ? '0' : 'a' - 10));
}

void iam_out_hex(struct iam_out *o, const uint8_t *p, size_t n)
{
    for (; n; n--, p++) {
        char pair[2] = {hex_digit(*p >> 4), hex_digit(*p & 15)};

        iam_out_put(o, pair, 2);
    }
}

static bool stands_for_itself(unsigned c)
{
    return (c | 0x20) - 'a' < 26 || c - '0' < 10 || c == '-' || c == '_' || c == '.' || c == '~';
}

static char *percent(char *t, unsigned c)
{
    static const char digit[] = "0123456789ABCDEF";

    *t++ = '%';
    *t++ = digit[c >> 4];
    *t++ = digit[c & 15];
    return t;
}

void iam_out_escaped(struct iam_out *o, struct iam_span s, unsigned widen)
{
    char text[32], *t = text;
    size_t i;

    for (i = 0; i < s.n; i++) {
        unsigned c = (unsigned char)s.p[i];

        if (c == ' ') {
            *t++ = '+';
        } else if (stands_for_itself(c)) {
            *t++ = (char)c;
        } else {
            if (c >= widen) {
                t = percent(t, 0xC0 | c >> 6);
                c = 0x80 | (c & 0x3F);
            }
            t = percent(t, c);
        }
        if (t > text + sizeof text - 6) {
            iam_out_put(o, text, (size_t)(t - text));
            t = text;
        }
    }
    iam_out_put(o, text, (size_t)(t - text));
}
