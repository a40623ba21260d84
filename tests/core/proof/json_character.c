/* A character of a JSON string, as it is written and as it is put back: any text, of any length. */
#include "proof.h"

#include "core/base/utf8.c"
#include "core/wire/json.c"

static size_t length(int32_t c)
{
    return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

void *memchr(const void *p, int c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (((const char *)p)[i] == (char)c)
            return (char *)p + i;
    return NULL;
}

int main(void)
{
    size_t n = nondet_size(), less = nondet_size();
    ASSUME(n >= 1 && n <= SIZE_MAX >> 12 && less < n);
    char *in = any_bytes(n);
    const char *p = in, *q = in;
    int32_t c = character(&p, in + n);
    PROVE(c <= 0x10FFFF && INSIDE(p, in, in + n), "a character, or none");
    PROVE(c < 0 || p - in >= (ptrdiff_t)length(c), "never shorter than what it stands for");
    if (c >= 0) {
        char *to = any_bytes(length(c));
        PROVE(put_utf8(to, c) == to + length(c), "as long as its first byte says");
    }
    if (c >= 0 && p <= in + (n - less))
        PROVE(character(&q, in + (n - less)) == c && q == p, "the same where the text ends there");
    REACHED();
    return 0;
}
