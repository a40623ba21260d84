#include <tinyiam/parts/form.h>

static bool stands_for_itself(unsigned c)
{
    unsigned letter = (c | 0x20u) - 'a';

    return letter < 26 || c - '0' < 10 || c == '-' || c == '_' || c == '.' || c == '~';
}

static void put_percent(struct iam_out *o, unsigned c)
{
    unsigned high = c >> 4, low = c & 15u;
    char t[3] = {'%', (char)(high + (high < 10 ? '0' : 'A' - 10)),
                 (char)(low + (low < 10 ? '0' : 'A' - 10))};

    iam_out_put(o, t, 3);
}

static void put_form(struct iam_out *o, struct iam_span s, unsigned widen_from)
{
    size_t i = 0;

    while (i < s.n) {
        size_t run = i;
        unsigned c = 0;

        while (i < s.n && stands_for_itself(c = (unsigned char)s.p[i])) {
            i++;
        }
        if (i > run) {
            iam_out_put(o, s.p + run, i - run);
        }
        if (i == s.n) {
            return;
        }
        i++;
        if (c == ' ') {
            iam_out_put(o, "+", 1);
        } else if (c >= widen_from) {
            put_percent(o, 0xC0u | c >> 6);
            put_percent(o, 0x80u | (c & 0x3Fu));
        } else {
            put_percent(o, c);
        }
    }
}

void iam_form_text(struct iam_out *o, struct iam_span utf8)
{
    put_form(o, utf8, 0x100);
}

void iam_form_latin1(struct iam_out *o, struct iam_span latin1)
{
    put_form(o, latin1, 0x80);
}
