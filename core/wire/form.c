#include <tinyiam/parts/form.h>

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

/* Bytes from widen on are Latin-1 and become two. */
static void put_form(struct iam_out *o, struct iam_span s, unsigned widen)
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

void iam_form_text(struct iam_out *o, struct iam_span utf8)
{
    put_form(o, utf8, 0x100);
}

void iam_form_latin1(struct iam_out *o, struct iam_span latin1)
{
    put_form(o, latin1, 0x80);
}
