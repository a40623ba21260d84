#include <string.h>
#include <tinyiam/parts/out.h>

void iam_out_put(struct iam_out *o, const char *p, size_t n)
{
    size_t at = o->total;

    o->total += n;
    if (n == 0) {
        return;
    }
    if (o->sha) {
        iam_sha256_update(o->sha, p, n);
        return;
    }
    if (at < o->skip) {
        size_t before = o->skip - at;

        if (n <= before) {
            return;
        }
        p += before;
        n -= before;
    }
    if (n > o->cap - o->n) {
        n = o->cap - o->n;
    }
    if (o->p && n) {
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

void iam_out_hex(struct iam_out *o, const uint8_t *p, size_t n)
{
    static const char digit[16] = {'0', '1', '2', '3', '4', '5', '6', '7',
                                   '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    for (; n; n--, p++) {
        char pair[2] = {digit[*p >> 4], digit[*p & 15]};

        iam_out_put(o, pair, 2);
    }
}
