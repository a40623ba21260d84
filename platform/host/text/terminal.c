/* Text from outside, made harmless for a terminal and for a shell. */
#include "terminal.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "columns.h"

/* What is not to be seen, or changes how others are: controls, line and paragraph separators, everything
 * of Unicode's category Cf (direction, joining, tags), fillers, variation selectors, noncharacters. */
static const struct {
    uint32_t first, last;
} hidden[] = {
    {0x80, 0x9F},       {0xAD, 0xAD},       {0x34F, 0x34F},     {0x600, 0x605},
    {0x61C, 0x61C},     {0x6DD, 0x6DD},     {0x70F, 0x70F},     {0x890, 0x891},
    {0x8E2, 0x8E2},     {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},
    {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},   {0x3164, 0x3164},
    {0xFDD0, 0xFDEF},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
    {0xFFF0, 0xFFFB},   {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x1345F},
    {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
};

static bool is_hidden(uint32_t c)
{
    if (c < 0x20 || c == 0x7F || (c & 0xFFFE) == 0xFFFE)
        return true;
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (c >= hidden[i].first && c <= hidden[i].last)
            return true;
    return false;
}

size_t terminal_utf8(const char *text, size_t n, uint32_t *c)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *p = (const unsigned char *)text;
    size_t k = *p < 0x80 ? 1 : *p < 0xC0 ? 0 : *p < 0xE0 ? 2 : *p < 0xF0 ? 3 : *p < 0xF8 ? 4 : 0;
    if (k == 0 || k > n)
        return 0;
    *c = k == 1 ? *p : *p & (0x7Fu >> k);
    for (size_t i = 1; i < k; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        *c = *c << 6 | (p[i] & 0x3F);
    }
    return *c < least[k] || *c > 0x10FFFF || (*c >= 0xD800 && *c < 0xE000) ? 0 : k;
}

size_t terminal_char(const char *p, size_t n, struct terminal_char *shown)
{
    uint32_t c = 0;
    size_t k = terminal_utf8(p, n, &c);
    if (k && !is_hidden(c)) {
        shown->p = p;
        shown->n = k;
        shown->columns = columns_of(c);
        return k;
    }
    if (*p == '\n' || *p == '\r' || *p == '\t')
        snprintf(shown->escape, sizeof shown->escape, "\\%c",
                 *p == '\n'   ? 'n'
                 : *p == '\r' ? 'r'
                              : 't');
    else
        for (size_t i = 0; i < (k ? k : 1); i++)
            snprintf(shown->escape + 4 * i, 5, "\\x%02x", (unsigned char)p[i]);
    shown->p = shown->escape;
    shown->n = strlen(shown->escape);
    shown->columns = (unsigned)shown->n;
    return k ? k : 1;
}

unsigned terminal_columns(struct iam_span text)
{
    struct terminal_char shown;
    unsigned columns = 0;
    for (size_t i = 0; i < text.n;) {
        i += terminal_char(text.p + i, text.n - i, &shown);
        columns += shown.columns;
    }
    return columns;
}

bool terminal_is_plain(struct iam_span text)
{
    struct terminal_char shown;
    for (size_t i = 0; i < text.n;) {
        i += terminal_char(text.p + i, text.n - i, &shown);
        if (shown.p == shown.escape)
            return false;
    }
    return true;
}

bool terminal_quote(struct iam_span text, char *out, size_t size)
{
    bool escapes = !terminal_is_plain(text);
    int n = snprintf(out, size, escapes ? "$'" : "'");
    for (size_t i = 0; i < text.n;) {
        struct terminal_char shown;
        size_t k = terminal_char(text.p + i, text.n - i, &shown);
        if ((size_t)n + 4 * k + 2 > size || text.p[i] == '\0')
            return false;
        char *to = out + n;
        size_t room = size - (size_t)n;
        if (shown.p == shown.escape)
            for (size_t b = 0; b < k; b++)
                n += snprintf(out + n, size - (size_t)n, "\\%03o",
                              (unsigned)(unsigned char)text.p[i + b]);
        else if (text.p[i] == '\'')
            n += snprintf(to, room, escapes ? "\\'" : "'\\''");
        else if (text.p[i] == '\\' && escapes)
            n += snprintf(to, room, "\\\\");
        else
            n += snprintf(to, room, "%.*s", (int)k, text.p + i);
        i += k;
    }
    snprintf(out + n, size - (size_t)n, "'");
    return true;
}
