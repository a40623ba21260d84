/* Texts as libyaml's emitter writes them for ruamel.yaml, which is what the AWS CLI prints YAML by: plain where nothing
 * else can be read into them, in single quotes where that is enough, else in double quotes; folded at blanks behind
 * column 80. What is plain is the core schema of YAML 1.2, as ruamel.yaml resolves it. */
#define _DEFAULT_SOURCE /* strncasecmp */
#include "yaml.h"

#include <string.h>
#include <strings.h>

#include <tinyiam/post.h>

#include "words.h"

#define WIDTH 80

/* ---- characters ---- */

/* A byte that is no UTF-8 is a character of its own that cannot be shown. */
#define NO_CHARACTER 0x110000u
struct character {
    uint32_t c;
    const char *p;
    size_t n;
};

static struct character character_at(const char *p, const char *end)
{
    struct character ch = {.p = p, .n = 1};
    const char *next = p;
    if (p == end)
        return (struct character){0, p, 0};
    int32_t c = iam_utf8_next(&next, end);
    if (c < 0)
        return (struct character){NO_CHARACTER + (unsigned char)*p, p, 1};
    ch.c = (uint32_t)c;
    ch.n = (size_t)(next - p);
    return ch;
}

/* Of the first plane what is no control; a carriage return and a tab are. */
static bool is_printable(uint32_t c)
{
    return c == '\n' || (c >= 0x20 && c <= 0x7E) || (c >= 0xA0 && c <= 0xD7FF) ||
           (c >= 0xE000 && c <= 0xFFFD && c != 0xFEFF);
}

static bool is_break(uint32_t c)
{
    return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

/* A blank, a break, or the end, which is a 0. */
static bool is_white(uint32_t c)
{
    return c == 0 || c == ' ' || c == '\t' || is_break(c);
}

static bool is_one_of(uint32_t c, const char *set)
{
    return c > 0 && c < 0x80 && strchr(set, (int)c) != NULL;
}

/* ---- what would be read as something else than text ---- */

/* How many of these stand at p. */
static size_t run(const char *p, const char *end, const char *set)
{
    size_t n = 0;
    while (p + n < end && is_one_of((unsigned char)p[n], set))
        n++;
    return n;
}

#define DIGITS "0123456789"

/* Behind the digits of a number: e, a sign, digits. sign: it has to be there. NULL: there is an e, but no such. */
static const char *skip_exponent(const char *p, const char *end, bool sign)
{
    if (p == end || (*p | 0x20) != 'e')
        return p;
    size_t signs = run(p + 1, end, "+-");
    size_t n = signs > 1 || (sign && !signs) ? 0 : run(p + 1 + signs, end, DIGITS);
    return n ? p + 1 + signs + n : NULL;
}

static bool is_float(const char *p, const char *end)
{
    static const char *const words[] = {".inf", ".Inf", ".INF", NULL};
    bool sign = p < end && (*p == '+' || *p == '-');
    const struct iam_span rest = {p + sign, (size_t)(end - p - sign)};
    size_t whole = run(rest.p, end, DIGITS);
    if (span_is_any(rest, words))
        return true;
    if (!sign && (span_is(rest, ".nan") || span_is(rest, ".NaN") || span_is(rest, ".NAN")))
        return true;
    p = rest.p;
    if (whole) {
        p += run(p, end, DIGITS "_");
        bool point = p < end && *p == '.';
        if (point)
            p += 1 + run(p + 1, end, DIGITS "_");
        const char *behind = skip_exponent(p, end, false);
        return behind == end && (point || behind > p);
    }
    size_t fraction = p < end && *p == '.' ? run(p + 1, end, DIGITS "_") : 0;
    return fraction && skip_exponent(p + 1 + fraction, end, true) == end;
}

static bool is_integer(const char *p, const char *end)
{
    size_t n = (size_t)(end - p);
    if (n && (*p == '+' || *p == '-'))
        p++, n--;
    if (n == 0)
        return false;
    if (run(p, end, DIGITS "_") == n)
        return true;
    return n > 2 && *p == '0' &&
           ((p[1] == 'b' && run(p + 2, end, "01_") == n - 2) ||
            (p[1] == 'o' && run(p + 2, end, "01234567_") == n - 2) ||
            (p[1] == 'x' && run(p + 2, end, DIGITS "abcdefABCDEF_") == n - 2));
}

/* Digits at *p, at least and at most so many. */
static bool take(const char **p, const char *end, size_t least, size_t most)
{
    size_t n = run(*p, end, DIGITS);
    n = n < most ? n : most;
    *p += n;
    return n >= least;
}

static bool take_one(const char **p, const char *end, const char *set)
{
    bool found = *p < end && is_one_of((unsigned char)**p, set);
    *p += found;
    return found;
}

/* Z, +1, +01 or +01:00, behind blanks or not; at least nothing. */
static bool is_zone(const char *p, const char *end)
{
    if (p == end)
        return true;
    p += run(p, end, " \t");
    if (take_one(&p, end, "Z"))
        return p == end;
    if (!take_one(&p, end, "+-") || !take(&p, end, 1, 2))
        return false;
    return p == end || (take_one(&p, end, ":") && take(&p, end, 2, 2) && p == end);
}

/* 2018-10-24, or with a time, and then month and day may have one digit. */
static bool is_timestamp(const char *p, const char *end)
{
    if (!take(&p, end, 4, 4) || !take_one(&p, end, "-"))
        return false;
    const char *month = p;
    if (!take(&p, end, 1, 2) || !take_one(&p, end, "-") || !take(&p, end, 1, 2))
        return false;
    if (p == end)
        return p - month == 5;
    size_t blanks = run(p, end, " \t");
    p += blanks;
    if (!blanks && !take_one(&p, end, "Tt"))
        return false;
    if (!take(&p, end, 1, 2) || !take_one(&p, end, ":") || !take(&p, end, 2, 2) ||
        !take_one(&p, end, ":") || !take(&p, end, 2, 2))
        return false;
    if (take_one(&p, end, "."))
        p += run(p, end, DIGITS);
    return is_zone(p, end);
}

/* Would it be read as a number, a truth, a date, nothing? */
static bool is_meant_otherwise(struct iam_span text)
{
    static const char *const words[] = {"",     "~",     "null",  "Null",  "NULL", "true", "True",
                                        "TRUE", "false", "False", "FALSE", "<<",   "=",    NULL};
    const char *end = text.p + text.n;
    if (span_is_any(text, words))
        return true;
    if (!is_one_of((unsigned char)text.p[0], "+-." DIGITS))
        return false;
    return is_float(text.p, end) || is_integer(text.p, end) || is_timestamp(text.p, end);
}

/* Would a reader of YAML 1.1 take it so? What begins as a number may be one there in many more ways. */
static bool is_old_word(struct iam_span text)
{
    static const char *const words[] = {"y", "n", "yes", "no", "on", "off"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == text.n && strncasecmp(words[i], text.p, text.n) == 0)
            return true;
    return text.n && is_one_of((unsigned char)text.p[0], "+-." DIGITS);
}

/* ---- how a text has to be written ---- */

enum style { PLAIN, SINGLE, DOUBLE };

/* Is this character one that begins something in a block, at the place where it stands? */
static bool is_indicator(uint32_t c, bool first, bool after_white, bool before_white)
{
    if (first && is_one_of(c, "#,[]{}&*!|>'\"%@`"))
        return true;
    if (first && is_one_of(c, "?-") && before_white)
        return true;
    return (c == ':' && before_white) || (c == '#' && after_white);
}

static enum style style_of(struct iam_span text)
{
    const char *end = text.p + text.n;
    enum style least = is_meant_otherwise(text) ? SINGLE : PLAIN;
    uint32_t before = 0; /* the beginning counts as white */
    if (text.n >= 3 && (memcmp(text.p, "---", 3) == 0 || memcmp(text.p, "...", 3) == 0))
        least = SINGLE;
    for (const char *p = text.p; p < end;) {
        struct character ch = character_at(p, end);
        bool first = p == text.p;
        p += ch.n;
        uint32_t next = character_at(p, end).c;
        bool at_edge = first || p == end;
        if (!is_printable(ch.c) || (ch.c == ' ' && !first && is_break(before)) ||
            (is_break(ch.c) && before == ' '))
            return DOUBLE; /* a fold would lose blanks, or a character cannot be shown */
        if (is_break(ch.c) || (ch.c == ' ' && at_edge) ||
            is_indicator(ch.c, first, first || is_white(before), is_white(next)))
            least = SINGLE;
        before = ch.c;
    }
    return least;
}

/* ---- writing ---- */

struct pen {
    struct sink *sink;
    unsigned column, indent;
};

static void put(struct pen *w, const char *p, size_t n)
{
    sink_put(w->sink, p, n);
    w->column++; /* a character, whatever its width */
}

static void new_line(struct pen *w)
{
    sink_char(w->sink, '\n');
    sink_spaces(w->sink, w->indent);
    w->column = w->indent;
}

/* May the line end at this blank, the only one here? */
static bool folds(const struct pen *w, uint32_t before, uint32_t next)
{
    return w->column > WIDTH && before != ' ' && next != ' ';
}

static void put_plain(struct pen *w, struct iam_span text)
{
    const char *end = text.p + text.n;
    uint32_t before = 0;
    for (const char *p = text.p; p < end;) {
        struct character ch = character_at(p, end);
        p += ch.n;
        if (ch.c == ' ' && folds(w, before, character_at(p, end).c))
            new_line(w);
        else
            put(w, ch.p, ch.n);
        before = ch.c;
    }
}

/* A break is written twice where it is the first of several, and the line behind them is indented. */
static void put_single(struct pen *w, struct iam_span text)
{
    const char *end = text.p + text.n;
    uint32_t before = 0;
    put(w, "'", 1);
    for (const char *p = text.p; p < end;) {
        struct character ch = character_at(p, end);
        bool first = p == text.p;
        p += ch.n;
        if (ch.c == ' ' && !first && p < end && folds(w, before, character_at(p, end).c)) {
            new_line(w);
        } else if (is_break(ch.c)) {
            if (!is_break(before) && ch.c == '\n')
                sink_char(w->sink, '\n');
            sink_put(w->sink, ch.p, ch.n);
            w->column = 0;
        } else {
            if (is_break(before)) {
                sink_spaces(w->sink, w->indent);
                w->column = w->indent;
            }
            if (ch.c == '\'')
                put(w, "'", 1);
            put(w, ch.p, ch.n);
        }
        before = ch.c;
    }
    if (is_break(before))
        sink_spaces(w->sink, w->indent);
    put(w, "'", 1);
}

/* "\n", "\x7F", "\u2028", "\U0001F600" */
static void put_escape(struct pen *w, uint32_t c)
{
    static const struct {
        uint16_t c;
        char letter;
    } short_forms[] = {{7, 'a'},    {8, 'b'},    {'\t', 't'}, {'\n', 'n'},   {11, 'v'},
                       {12, 'f'},   {'\r', 'r'}, {27, 'e'},   {'"', '"'},    {'\\', '\\'},
                       {0x85, 'N'}, {0xA0, '_'}, {0, '0'},    {0x2028, 'L'}, {0x2029, 'P'}};
    put(w, "\\", 1);
    for (size_t i = 0; i < sizeof short_forms / sizeof *short_forms; i++)
        if (short_forms[i].c == c) {
            put(w, &short_forms[i].letter, 1);
            return;
        }
    c = c >= NO_CHARACTER ? c - NO_CHARACTER : c;
    int digits = c <= 0xFF ? 2 : c <= 0xFFFF ? 4 : 8;
    put(w, digits == 2 ? "x" : digits == 4 ? "u" : "U", 1);
    while (digits-- > 0)
        put(w, &"0123456789ABCDEF"[c >> 4 * digits & 15], 1);
}

/* A line that is folded goes on behind a backslash where it would begin with a blank. */
static void put_double(struct pen *w, struct iam_span text)
{
    const char *end = text.p + text.n;
    uint32_t before = 0;
    put(w, "\"", 1);
    for (const char *p = text.p; p < end;) {
        struct character ch = character_at(p, end);
        bool first = p == text.p;
        p += ch.n;
        if (!is_printable(ch.c) || is_break(ch.c) || ch.c == '"' || ch.c == '\\') {
            put_escape(w, ch.c);
        } else if (ch.c == ' ' && !first && p < end && w->column > WIDTH && before != ' ') {
            new_line(w);
            if (*p == ' ')
                put(w, "\\", 1);
        } else {
            put(w, ch.p, ch.n);
        }
        before = ch.c;
    }
    put(w, "\"", 1);
}

static void put_text(struct pen *w, struct iam_span text, enum style style)
{
    if (style == PLAIN)
        put_plain(w, text);
    else if (style == SINGLE)
        put_single(w, text);
    else
        put_double(w, text);
}

/* ---- members ---- */

static void put_key(struct yaml *y, const char *key)
{
    sink_spaces(y->sink, y->dash ? y->indent - 2 : y->indent);
    if (y->dash)
        SINK_LITERAL(y->sink, "- ");
    y->dash = false;
    sink_put(y->sink, key, strlen(key));
    sink_char(y->sink, ':');
}

void yaml_open(struct yaml *y, const char *key)
{
    put_key(y, key);
    sink_char(y->sink, '\n');
}

void yaml_word(struct yaml *y, const char *key, struct iam_span word)
{
    put_key(y, key);
    sink_char(y->sink, ' ');
    sink_span(y->sink, word);
    sink_char(y->sink, '\n');
}

void yaml_text(struct yaml *y, const char *key, struct iam_span text)
{
    struct pen w = {y->sink, y->indent + (unsigned)strlen(key) + 2, y->indent + 2};
    enum style style = style_of(text);
    if (style == PLAIN && y->old_readers && is_old_word(text))
        style = SINGLE;
    put_key(y, key);
    sink_char(y->sink, ' ');
    put_text(&w, text, style);
    sink_char(y->sink, '\n');
}
