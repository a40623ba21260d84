#include "words.h"

#include <string.h>

#define BLANKS " \t\r\n"

/* Moves *p over one word and writes it to *out. 0, or what is wrong. */
static int one_word(const char **p, char **out)
{
    const char *c = *p;
    char quote = 0;
    for (; *c && (quote || !strchr(BLANKS, *c)); c++) {
        if (quote ? *c == quote : *c == '"' || *c == '\'') {
            quote = quote ? 0 : *c;
            continue;
        }
        if (*c == '\\' && (!quote || (quote == '"' && (c[1] == '"' || c[1] == '\\'))))
            c++;
        if (!*c)
            return WORDS_ESCAPE;
        *(*out)++ = *c;
    }
    *p = c;
    if (quote)
        return WORDS_QUOTE;
    *(*out)++ = '\0';
    return 0;
}

long words_split(const char *text, char *room, char **words, size_t most)
{
    long n = 0;
    for (;;) {
        text += strspn(text, BLANKS);
        if (!*text)
            return n;
        if ((size_t)n < most)
            words[n] = room;
        int wrong = one_word(&text, &room);
        if (wrong)
            return wrong;
        n++;
    }
}
