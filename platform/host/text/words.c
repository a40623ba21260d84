/* A line split into words and put together again, and the nearest word. */
#include "words.h"

#include <stdlib.h>
#include <string.h>

/* Moves *p over one word and writes it to *out. 0, or what is wrong. */
static int one_word(const char **p, char **out)
{
    const char *c = *p;
    char quote = 0;
    for (; *c && (quote || !strchr(WORDS_BLANKS, *c)); c++) {
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
        text += strspn(text, WORDS_BLANKS);
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

#define BARE "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-"
#define QUOTE \
    "'\"'\"'" /* within quotes: their end, a quote in the other kind, and their beginning */

static char *put_quoted(char *to, const char *word)
{
    bool bare = *word && !word[strspn(word, BARE)];
    if (!bare)
        *to++ = '\'';
    for (; *word; word++) {
        bool quote = *word == '\'';
        size_t n = quote ? sizeof QUOTE - 1 : 1;
        memcpy(to, quote ? QUOTE : word, n);
        to += n;
    }
    if (!bare)
        *to++ = '\'';
    return to;
}

char *words_join(int count, char *const *words)
{
    size_t room = 1;
    for (int i = 0; i < count; i++)
        room += strlen(words[i]) * (sizeof QUOTE - 1) + 3;
    char *line = malloc(room), *to = line;
    for (int i = 0; line && i < count; i++) {
        if (i > 0)
            *to++ = ' ';
        to = put_quoted(to, words[i]);
    }
    if (line)
        *to = '\0';
    return line;
}

/* Letters to add, drop, change or swap to come from one word to the other. */
static size_t distance(const char *a, const char *b)
{
    enum { MAX = 72 };
    size_t n = strlen(a), m = strlen(b), row[3][MAX + 1];
    if (n > MAX || m > MAX)
        return MAX;
    for (size_t j = 0; j <= m; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *now = row[i % 3], *above = row[(i + 2) % 3], *higher = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t best = above[j - 1] + (a[i - 1] != b[j - 1]);
            if (above[j] + 1 < best)
                best = above[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                higher[j - 2] + 1 < best)
                best = higher[j - 2] + 1;
            now[j] = best;
        }
    }
    return row[n % 3][m];
}

struct nearest nearest_begin(const char *given)
{
    return (struct nearest){given, strlen(given) / 3 + 1, false};
}

bool nearest_try(struct nearest *nearest, const char *candidate)
{
    const char *bare = nearest->given + strspn(nearest->given, "-");
    size_t d = distance(nearest->given, candidate), length = strlen(nearest->given);
    size_t n = strlen(bare), whole = strlen(candidate);
    if ((length > 3 && strncmp(candidate, nearest->given, length) == 0) ||
        (n > 3 && whole >= n && strcmp(candidate + whole - n, bare) == 0))
        d = d > 0; /* the beginning or the end of one is as good as a slip */
    if (d > nearest->least || (d == nearest->least && nearest->found))
        return false;
    nearest->least = d;
    return nearest->found = true;
}
