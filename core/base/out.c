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
    char text[10];
    size_t i = sizeof text;

    do {
        text[--i] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    iam_out_put(o, text + i, sizeof text - i);
}

static const char digits[] = "0123456789ABCDEF"; /* the same with the bit 0x20: in lower case */

void iam_out_hex(struct iam_out *o, const uint8_t *p, size_t n)
{
    for (; n; n -= 8) {
        char text[16];

        for (int i = 0; i < 16; i += 2, p++) {
            text[i] = (char)(digits[*p >> 4] | 0x20);
            text[i + 1] = (char)(digits[*p & 15] | 0x20);
        }
        iam_out_put(o, text, sizeof text);
    }
}

static bool stands_for_itself(unsigned c)
{
    return (c | 0x20) - 'a' < 26 || c - '0' < 10 || c == '-' || c == '_' || c == '.' || c == '~';
}

static char *percent(char *t, unsigned c)
{
    *t++ = '%';
    *t++ = digits[c >> 4];
    *t++ = digits[c & 15];
    return t;
}

void iam_out_escaped(struct iam_out *o, struct iam_span s, unsigned widen)
{
    const char *p = s.p, *end = s.n ? p + s.n : p, *run;
    char text[6], *t;

    while (p < end) {
        for (run = p; p < end && stands_for_itself((unsigned char)*p);)
            p++;
        iam_out_put(o, run, (size_t)(p - run));
        if (p == end)
            return;
        unsigned c = (unsigned char)*p++;
        t = text;
        if (c == ' ') {
            *t++ = '+';
        } else {
            if (c >= widen) {
                t = percent(t, 0xC0 | c >> 6);
                c = 0x80 | (c & 0x3F);
            }
            t = percent(t, c);
        }
        iam_out_put(o, text, (size_t)(t - text));
    }
}
