/* Documents that `aws iam list-*` and get-account-authorization-details print, as they stream past. Of RFC 8259 nothing
 * is left out: what is damaged anywhere is refused, because a list that is cut short looks like one that is whole. */
#include <string.h>

#include <tinyiam/time.h>

#include "input_parts.h"
#include "text/words.h"

/*   VALUE -> AFTER                      a value, then "," or the end of what it is in
 *   { FIRST_KEY -> COLON -> VALUE       "}" instead of the first key
 *   , KEY -> COLON -> VALUE             no "}" here
 *   [ FIRST_VALUE                       "]" instead of the first value
 *   STRING, ESCAPE, HEX, PAIR, LITERAL, NUMBER     inside one */
enum json_state {
    OUTSIDE, /* before a document, and behind one: others may follow */
    VALUE,
    FIRST_VALUE,
    FIRST_KEY,
    KEY,
    COLON,
    AFTER,
    STRING,
    ESCAPE,
    HEX,
    LITERAL,
    NUMBER
};

enum json_key { KEY_OTHER, KEY_ARN, KEY_CREATED, KEY_DOCUMENT, KEY_TRUNCATED, KEY_TOKEN };

/* Where in a number: -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)? */
enum json_number { MINUS, ZERO, WHOLE, POINT, FRACTION, E, E_SIGN, POWER };

static struct json_level *level(struct input_json *j)
{
    return &j->level[j->depth - 1];
}

void input_json_begin(struct input_json *j, struct input *in)
{
    memset(j, 0, sizeof *j);
    j->input = in;
}

/* ---- what it says ---- */

static void take_key(struct input_json *j)
{
    static const char *const lists[] = {
        "Users",          "Groups",          "Roles",          "Policies",
        "UserDetailList", "GroupDetailList", "RoleDetailList", NULL};
    static const char *const documents[] = {"AssumeRolePolicyDocument", "PolicyDocument",
                                            "Document", NULL};
    static const char *const tokens[] = {"NextToken", "Marker", NULL};
    struct iam_span name = word_text(&j->text);
    struct json_level *l = level(j);
    l->key = span_is(name, "Arn")           ? KEY_ARN
             : span_is(name, "CreateDate")  ? KEY_CREATED
             : span_is_any(name, documents) ? KEY_DOCUMENT
             : span_is(name, "IsTruncated") ? KEY_TRUNCATED
             : span_is_any(name, tokens)    ? KEY_TOKEN
                                            : KEY_OTHER;
    j->known |= j->depth == 1 && span_is_any(name, lists);
}

/* ARNs of other things stand in the same documents: of instance profiles, and in other services' lists. */
static bool is_other_arn(struct iam_span text)
{
    size_t colons = 0;
    for (size_t i = 0; i < text.n; i++)
        colons += text.p[i] == ':';
    if (colons < 5 || memcmp(text.p, "arn:", 4) != 0)
        return false;
    static const char *const types[] = {":user/", ":group/", ":role/", ":policy/"};
    const char *p = text.p;
    for (int i = 0; i < 5; i++)
        p = (const char *)memchr(p, ':', text.n - (size_t)(p - text.p)) + 1;
    size_t left = text.n - (size_t)(p - text.p) + 1;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (left >= strlen(types[i]) && memcmp(p - 1, types[i], strlen(types[i])) == 0)
            return false;
    return true;
}

static void take_arn(struct input_json *j, const struct iam_time *created)
{
    struct iam_span text = word_text(&j->text);
    level(j)->entry = input_put(j->input, text, j->text.n > text.n, created);
    j->found++;
}

/* A string or a number is complete. */
static void take_value(struct input_json *j, bool string)
{
    struct json_level *l = level(j);
    struct iam_span text = word_text(&j->text);
    struct iam_time created = {.present = false};
    if (l->passed)
        return;
    if (l->object) {
        if (l->key == KEY_TOKEN)
            j->goes_on |= j->depth == 1;
        else if (l->key == KEY_ARN && string && !is_other_arn(text))
            take_arn(j, &l->created);
        else if (l->key == KEY_CREATED &&
                 (string ? input_date(text, &created) : iam_time_parse(text, &created) == IAM_OK)) {
            l->created = created;
            input_set_date(j->input, l->entry, &created);
        }
    } else if (l->bare && string) {
        if (j->depth == 1 || (text.n >= 4 && memcmp(text.p, "arn:", 4) == 0))
            take_arn(j, &created);
        else if (input_date(text, &created))
            input_set_date(j->input, l->entry, &created);
    }
}

/* ---- how it is written ---- */

static const char *open_level(struct input_json *j, bool object)
{
    const struct json_level *outer = j->depth ? level(j) : NULL;
    struct json_level inner = {.object = object};
    if (j->depth == JSON_DEPTH)
        return "it is nested too deeply";
    inner.bare = !object && (!outer || outer->bare);
    inner.passed = outer && (outer->passed || (outer->object && outer->key == KEY_DOCUMENT));
    j->level[j->depth++] = inner;
    j->state = object ? FIRST_KEY : FIRST_VALUE;
    return NULL;
}

static void close_level(struct input_json *j)
{
    j->depth--;
    j->state = j->depth ? AFTER : OUTSIDE;
}

static void begin_string(struct input_json *j, bool is_key)
{
    j->is_key = is_key;
    j->text.n = 0;
    j->high = 0;
    j->utf8_left = 0;
    j->state = STRING;
}

static void add_utf8(struct input_json *j, uint32_t c)
{
    static const unsigned char lead[] = {0, 0xC0, 0xE0, 0xF0};
    int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    word_add(&j->text, (char)(lead[more] | c >> 6 * more));
    while (more-- > 0)
        word_add(&j->text, (char)(0x80 | (c >> 6 * more & 0x3F)));
}

/* Half of a pair that has no other half: nobody's name has one, but a description may. */
static void end_pair(struct input_json *j)
{
    if (j->high)
        add_utf8(j, 0xFFFD);
    j->high = 0;
}

static const char *begin_number(struct input_json *j, unsigned char c)
{
    j->number = c == '-' ? MINUS : c == '0' ? ZERO : WHOLE;
    j->text.n = 0;
    word_add(&j->text, (char)c);
    j->state = NUMBER;
    return NULL;
}

static const char *begin_value(struct input_json *j, unsigned char c)
{
    static const char *const literals[] = {"true", "false", "null"};
    if (c == '{' || c == '[')
        return open_level(j, c == '{');
    if (c == '"') {
        begin_string(j, false);
        return NULL;
    }
    if (c == '-' || (c >= '0' && c <= '9'))
        return begin_number(j, c);
    for (size_t i = 0; i < 3; i++)
        if (c == (unsigned char)literals[i][0]) {
            j->literal = literals[i] + 1;
            j->goes_on |=
                c == 't' && j->depth == 1 && level(j)->object && level(j)->key == KEY_TRUNCATED;
            j->state = LITERAL;
            return NULL;
        }
    return "a value is missing";
}

static const char *in_string_escape(struct input_json *j, unsigned char c)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    if (c == 'u') {
        j->code = 0;
        j->digits = 0;
        j->state = HEX;
        return NULL;
    }
    const char *name = c ? memchr(names, c, sizeof names - 1) : NULL;
    if (!name)
        return "there is no such escape";
    end_pair(j);
    word_add(&j->text, values[name - names]);
    j->state = STRING;
    return NULL;
}

static const char *in_hex(struct input_json *j, unsigned char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *digit = c ? memchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c, 16) : NULL;
    if (!digit)
        return "there is no such escape";
    j->code = j->code << 4 | (uint32_t)(digit - digits);
    if (++j->digits < 4)
        return NULL;
    j->state = STRING;
    if (j->high && j->code >= 0xDC00 && j->code < 0xE000) {
        add_utf8(j, 0x10000 + (j->high - 0xD800) * 1024 + (j->code - 0xDC00));
        j->high = 0;
        return NULL;
    }
    end_pair(j);
    if (j->code >= 0xD800 && j->code < 0xDC00)
        j->high = j->code;
    else
        add_utf8(j, j->code >= 0xDC00 && j->code < 0xE000 ? 0xFFFD : j->code);
    return NULL;
}

/* A byte of a character of several; what may follow the first is in the table of RFC 3629. */
static const char *in_utf8(struct input_json *j, unsigned char c)
{
    if (j->utf8_left) {
        if (c < j->utf8_least || c > j->utf8_most)
            return "it is not UTF-8";
        j->utf8_left--;
        j->utf8_least = 0x80;
        j->utf8_most = 0xBF;
        return NULL;
    }
    if (c < 0xC2 || c > 0xF4)
        return "it is not UTF-8";
    j->utf8_left = c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
    j->utf8_least = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
    j->utf8_most = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
    return NULL;
}

static const char *in_string(struct input_json *j, unsigned char c)
{
    if (j->utf8_left || c >= 0x80) {
        const char *wrong = in_utf8(j, c);
        end_pair(j);
        word_add(&j->text, (char)c);
        return wrong;
    }
    if (c < ' ')
        return "a string has no end";
    if (c == '\\') {
        j->state = ESCAPE;
        return NULL;
    }
    end_pair(j);
    if (c != '"') {
        word_add(&j->text, (char)c);
        return NULL;
    }
    j->state = j->is_key ? COLON : AFTER;
    if (j->is_key)
        take_key(j);
    else
        take_value(j, true);
    return NULL;
}

/* false: the number is over, and c stands behind it. */
static bool in_number(struct input_json *j, unsigned char c)
{
    bool digit = c >= '0' && c <= '9';
    uint8_t n = j->number;
    if (n == MINUS && digit)
        j->number = c == '0' ? ZERO : WHOLE;
    else if ((n == ZERO || n == WHOLE) && c == '.')
        j->number = POINT;
    else if ((n == ZERO || n == WHOLE || n == FRACTION) && (c == 'e' || c == 'E'))
        j->number = E;
    else if (n == POINT && digit)
        j->number = FRACTION;
    else if (n == E && (c == '+' || c == '-'))
        j->number = E_SIGN;
    else if ((n == E || n == E_SIGN) && digit)
        j->number = POWER;
    else if (!(digit && (n == WHOLE || n == FRACTION || n == POWER)))
        return false;
    word_add(&j->text, (char)c);
    return true;
}

static const char *after_value(struct input_json *j, unsigned char c)
{
    bool object = level(j)->object;
    if (c == ',')
        j->state = object ? KEY : VALUE;
    else if (c == (object ? '}' : ']'))
        close_level(j);
    else
        return object ? "a comma or a brace is missing" : "a comma or a bracket is missing";
    return NULL;
}

static const char *at_key(struct input_json *j, unsigned char c)
{
    if (c == '"') {
        begin_string(j, true);
        return NULL;
    }
    if (c != '}' || j->state != FIRST_KEY)
        return "a member's name is missing";
    close_level(j);
    return NULL;
}

/* Between values. */
static const char *between(struct input_json *j, unsigned char c)
{
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
        return NULL;
    switch ((enum json_state)j->state) {
    case FIRST_KEY:
    case KEY:
        return at_key(j, c);
    case COLON:
        if (c != ':')
            return "a colon is missing";
        j->state = VALUE;
        return NULL;
    case AFTER:
        return after_value(j, c);
    case FIRST_VALUE:
        if (c == ']') {
            j->known |= j->depth == 1; /* a list of nothing */
            close_level(j);
            return NULL;
        }
        return begin_value(j, c);
    case OUTSIDE:
        if (c != '{' && c != '[')
            return "something stands behind the document";
        return begin_value(j, c);
    default:
        return begin_value(j, c);
    }
}

const char *input_json_byte(struct input_json *j, unsigned char c)
{
    switch ((enum json_state)j->state) {
    case STRING:
        return in_string(j, c);
    case ESCAPE:
        return in_string_escape(j, c);
    case HEX:
        return in_hex(j, c);
    case LITERAL:
        if (c != (unsigned char)*j->literal)
            return "a value is missing";
        if (*++j->literal == '\0')
            j->state = AFTER;
        return NULL;
    case NUMBER:
        if (in_number(j, c))
            return NULL;
        if (j->number == MINUS || j->number == POINT || j->number == E || j->number == E_SIGN)
            return "a number has no end";
        j->state = AFTER;
        take_value(j, false);
        return between(j, c);
    default:
        return between(j, c);
    }
}

const char *input_json_end(struct input_json *j)
{
    return j->state == OUTSIDE ? NULL : "it ends in the middle";
}
