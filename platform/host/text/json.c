#include "json.h"

#include <stdio.h>
#include <string.h>

#include <tinyiam/parts/utf8.h>

static void put(struct json *j, const char *p, size_t n)
{
    j->bad |= n > j->size - j->n;
    if (j->bad)
        return;
    memcpy(j->p + j->n, p, n);
    j->n += n;
}

void json_begin(struct json *j, char *room, size_t size)
{
    *j = (struct json){.p = room, .size = size};
}

void json_word(struct json *j, const char *word)
{
    put(j, word, strlen(word));
}

/* Beyond the first plane by two halves. */
static void put_escaped(struct json *j, unsigned long c)
{
    char out[16];
    if (c >= 0x10000)
        snprintf(out, sizeof out, "\\u%04lx\\u%04lx", 0xD800 + ((c - 0x10000) >> 10),
                 0xDC00 + ((c - 0x10000) & 0x3FF));
    else
        snprintf(out, sizeof out, "\\u%04lx", c);
    json_word(j, out);
}

void json_string(struct json *j, struct iam_span s)
{
    static const char special[] = "\"\\\n\r\t\b\f", letters[] = "\"\\nrtbf";
    const char *p = s.p, *end = s.p + s.n;
    json_word(j, "\"");
    while (p < end && !j->bad) {
        const char *found = *p ? memchr(special, *p, sizeof special - 1) : NULL;
        int32_t c = iam_utf8_next(&p, end);
        char out[2] = {'\\', found ? letters[found - special] : (char)c};
        if (c < 0)
            j->bad = true;
        else if (found || (c >= 0x20 && c < 0x7F))
            put(j, found ? out : out + 1, found ? 2 : 1);
        else
            put_escaped(j, (unsigned long)c);
    }
    json_word(j, "\"");
}

void json_name(struct json *j, const char *name)
{
    if (j->n && j->p[j->n - 1] != '{')
        json_word(j, j->compact ? "," : ", ");
    json_word(j, "\"");
    json_word(j, name);
    json_word(j, j->compact ? "\":" : "\": ");
}

void json_member(struct json *j, const char *name, struct iam_span value)
{
    if (value.p == NULL)
        return;
    json_name(j, name);
    json_string(j, value);
}
