/* Tokens of the AWS CLI's paginator. */
#include "token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* ---- writing ---- */

/* One character of a Marker, which has none above U+00FF, in ASCII; moves *p over it. */
static size_t put_character(char *out, const char **p)
{
    unsigned c = (unsigned char)*(*p)++;
    if (c >= 0xC0 && **p)
        c = (c & 0x03) << 6 | ((unsigned char)*(*p)++ & 0x3F);
    if (c == '"' || c == '\\')
        return (size_t)sprintf(out, "\\%c", (int)c);
    if (c >= 0x20 && c < 0x7F)
        return (size_t)sprintf(out, "%c", (int)c);
    return (size_t)sprintf(out, "\\u%04x", c);
}

size_t token_encode(const struct token *t, bool between_pages, char out[TOKEN_SIZE])
{
    char json[6 * IAM_MARKER_MAX + 64];
    size_t n = (size_t)sprintf(json, "{\"Marker\": %s", *t->marker ? "\"" : "null"), at = 0;
    for (const char *p = t->marker; *p;)
        n += put_character(json + n, &p);
    if (*t->marker)
        json[n++] = '"';
    if (!between_pages)
        n += (size_t)sprintf(json + n, ", \"boto_truncate_amount\": %lu", t->shown);
    json[n++] = '}';
    for (size_t i = 0; i < n; i += 3) {
        unsigned long v = (unsigned long)(unsigned char)json[i] << 16;
        v |= i + 1 < n ? (unsigned long)(unsigned char)json[i + 1] << 8 : 0;
        v |= i + 2 < n ? (unsigned char)json[i + 2] : 0;
        out[at++] = digits[v >> 18 & 63];
        out[at++] = digits[v >> 12 & 63];
        out[at++] = i + 1 < n ? digits[v >> 6 & 63] : '=';
        out[at++] = i + 2 < n ? digits[v & 63] : '=';
    }
    out[at] = '\0';
    return at;
}

/* ---- reading ---- */

/* Base64 with its padding; the length, or -1. */
static long from_base64(const char *text, char *out, size_t room)
{
    size_t length = strlen(text), n = 0;
    if (length % 4 != 0 || length / 4 * 3 >= room)
        return -1;
    for (size_t i = 0; i < length; i += 4) {
        unsigned long v = 0;
        unsigned padding = 0;
        for (size_t k = 0; k < 4; k++) {
            const char *d = strchr(digits, text[i + k]);
            if (text[i + k] == '=' && i + 4 == length && k >= 2)
                padding++;
            else if (!d || padding)
                return -1;
            v = v << 6 | (padding ? 0 : (unsigned long)(d - digits));
        }
        out[n++] = (char)(v >> 16 & 0xFF);
        if (padding < 2)
            out[n++] = (char)(v >> 8 & 0xFF);
        if (padding < 1)
            out[n++] = (char)(v & 0xFF);
    }
    out[n] = '\0';
    return (long)n;
}

static const char *skip(const char *p)
{
    return p + strspn(p, " \t\r\n");
}

/* "\u00e9": U+0001 to U+00FF, of which a Marker is made, in UTF-8. */
static bool unescape(const char **p, char **to)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    const char *at = **p ? strchr(names, **p) : NULL;
    char hex[5] = "", *end;
    if (at) {
        *(*to)++ = values[at - names];
        ++*p;
        return true;
    }
    if (**p != 'u' || strspn(*p + 1, "0123456789abcdefABCDEF") < 4)
        return false;
    memcpy(hex, *p + 1, 4);
    unsigned long c = strtoul(hex, &end, 16);
    if (c == 0 || c > 0xFF)
        return false;
    if (c >= 0x80)
        *(*to)++ = (char)(0xC0 | c >> 6);
    *(*to)++ = (char)(c < 0x80 ? c : 0x80 | (c & 0x3F));
    *p += 5;
    return true;
}

/* A string behind its quote; moves *p behind the other one. */
static bool read_string(const char **p, char *to, size_t room)
{
    const char *end = to + room - 3;
    while (**p && **p != '"' && to < end)
        if (**p != '\\')
            *to++ = *(*p)++;
        else if (++*p, !unescape(p, &to))
            return false;
    *to = '\0';
    return *(*p)++ == '"';
}

/* One member and the comma or brace behind it; which ones were seen: bits of *seen. */
static bool read_member(const char **p, struct token *t, unsigned *seen)
{
    char name[32], *end;
    if (*(*p)++ != '"' || !read_string(p, name, sizeof name) || *(*p = skip(*p)) != ':')
        return false;
    *p = skip(*p + 1);
    if (strcmp(name, "Marker") == 0 && strncmp(*p, "null", 4) == 0) {
        *p += 4;
        *seen |= 1;
    } else if (strcmp(name, "Marker") == 0 && **p == '"') {
        ++*p;
        if (!read_string(p, t->marker, sizeof t->marker))
            return false;
        *seen |= 1;
    } else if (strcmp(name, "boto_truncate_amount") == 0 && **p >= '0' && **p <= '9') {
        t->shown = strtoul(*p, &end, 10);
        *p = end;
    } else {
        return false;
    }
    *p = skip(*p);
    return true;
}

static bool read_json(const char *p, struct token *t)
{
    unsigned seen = 0;
    p = skip(p);
    if (*p != '{')
        return false;
    do
        p = skip(p + 1);
    while (read_member(&p, t, &seen) && *p == ',');
    return *p == '}' && *skip(p + 1) == '\0' && seen == 1;
}

bool token_decode(const char *text, struct token *t)
{
    char json[TOKEN_SIZE];
    const char *number = strstr(text, "___");
    long n = from_base64(text, json, sizeof json);
    memset(t, 0, sizeof *t);
    if (n > 0 && strlen(json) == (size_t)n && read_json(json, t))
        return true;
    memset(t, 0, sizeof *t);
    size_t length = strlen(text);
    if (number && number[3] && strspn(number + 3, "0123456789") == strlen(number + 3)) {
        t->shown = strtoul(number + 3, NULL, 10);
        length = (size_t)(number - text);
    }
    if (length >= sizeof t->marker)
        return false;
    memcpy(t->marker, text, length);
    if (strcmp(t->marker, "None") == 0)
        t->marker[0] = '\0';
    return true;
}
