/* JSON into a buffer, as Python's json.dumps() writes it. */
#include "json.h"

#include <stdio.h>
#include <string.h>

#include <tinyiam/post.h>

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

struct iam_span json_find(struct iam_span document, const char *name)
{
    const char *p = document.p, *end = document.p + document.n, *from = NULL;
    size_t depth = 0, name_n = strlen(name);
    bool ours = false, is_name = true;
    for (; p < end; p++) {
        if (from && depth == 1 && (*p == ',' || *p == '}')) {
            while (p > from && memchr(" \t\r\n", p[-1], 4))
                p--;
            return (struct iam_span){from, (size_t)(p - from)};
        }
        if (*p == '"') {
            const char *text = ++p;
            while (*p != '"')
                p += *p == '\\' ? 2 : 1;
            if (depth == 1 && is_name)
                ours = (size_t)(p - text) == name_n && memcmp(text, name, name_n) == 0;
        } else if (*p == '{' || *p == '[') {
            depth++;
        } else if (*p == '}' || *p == ']') {
            depth--;
        } else if (depth == 1 && *p == ':') {
            is_name = false;
            if (ours)
                for (from = p + 1; memchr(" \t\r\n", *from, 4);)
                    from++;
        } else if (depth == 1 && *p == ',') {
            is_name = true;
        }
    }
    return (struct iam_span){NULL, 0};
}
