/* A header as it is signed, of any length. */
#include "sinks.h"

#define WORDS                                                                  \
    CONTRACT(INSIDE(p, header->value.p, end) &&                                \
                 (before == (const char *)":" || before == (const char *)" "), \
             end - p, p, word, before, o->total)
#define WORD CONTRACT(INSIDE(p, word, end), end - p, p)

#include "core/wire/sigv4.c"

int main(void)
{
    struct iam_out o = {0};
    struct iam_header header = {any_span(), any_span()};
    put_header(&o, &header);
    REACHED();
    return 0;
}
