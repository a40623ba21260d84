/* The next character of any text: it is one, or is refused, and no byte behind the text is read. */
#include <tinyiam/parts/utf8.h>

#include "proof.h"

int main(void)
{
    size_t n = nondet_size();
    ASSUME(n >= 1 && n <= SIZE_MAX >> 12);
    char *in = any_bytes(n);
    const char *p = in;
    int32_t c = iam_utf8_next(&p, in + n);

    PROVE(c >= -1 && c <= 0x10FFFF && !(c >= 0xD800 && c < 0xE000), "a character, or none");
    PROVE(c < 0 ? p == in : p > in && p <= in + n, "moves by the character alone");
    PROVE(c < 0 || p - in == (c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4), "not overlong");
    REACHED();
    return 0;
}
