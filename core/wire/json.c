/* JSON documents of sources of keys, by a table of the members that count. */
#include <tinyiam/parts/json.h>

#include <string.h>
#include <tinyiam/parts/utf8.h>

#define JSMN_STATIC
#define JSMN_STRICT
#include <jsmn.h>

/* A document and its tokens: in order of their beginnings, each container before what it holds. */
struct document {
    char *p;
    int n, count;
    jsmntok_t token[IAM_JSON_TOKENS];
};

/* ---- characters ---- */

static int32_t hex4(const char **p, const char *end)
{
    int32_t v = 0;
    if (end - *p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        char c = *(*p)++;
        int32_t digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
        if (digit < 0 || digit > 15 || (digit > 9 && (c | 32) < 'a'))
            return -1;
        v = v << 4 | digit;
    }
    return v;
}

/* \uXXXX, or two of them that make one character. */
static int32_t escaped(const char **p, const char *end)
{
    int32_t c = hex4(p, end), low;
    if (c < 0xD800 || c > 0xDFFF)
        return c;
    if (c > 0xDBFF || end - *p < 2 || (*p)[0] != '\\' || (*p)[1] != 'u')
        return -1;
    *p += 2;
    low = hex4(p, end);
    return low >= 0xDC00 && low <= 0xDFFF ? 0x10000 + (c - 0xD800) * 1024 + (low - 0xDC00) : -1;
}

/* The next character of a string's inside; negative: there may be no such thing in a string. */
static int32_t character(const char **p, const char *end)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    const char *name;
    if ((unsigned char)**p < 0x20)
        return -1;
    if (**p != '\\')
        return iam_utf8_next(p, end);
    if (++*p == end)
        return -1;
    if (*(*p)++ == 'u')
        return escaped(p, end);
    name = memchr(names, (*p)[-1], sizeof names - 1);
    return name != NULL ? values[name - names] : -1;
}

static char *put_utf8(char *to, int32_t c)
{
    int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xC0, 0xE0, 0xF0};
    *to++ = (char)(lead[more] | c >> 6 * more);
    while (more-- > 0)
        *to++ = (char)(0x80 | (c >> 6 * more & 0x3F));
    return to;
}

/* In place: an escape is never shorter than what it stands for. */
static struct iam_span unescape(char *p, const char *end)
{
    char *to = p;
    const char *from = p;
    while (from < end)
        to = put_utf8(to, character(&from, end));
    return (struct iam_span){p, (size_t)(to - p)};
}

static bool good_string(const char *p, const char *end)
{
    while (p < end)
        if (character(&p, end) < 0)
            return false;
    return true;
}

/* Two strings' insides, which may write the same thing differently. */
static bool same(struct iam_span a, struct iam_span b)
{
    const char *p = a.p, *q = b.p;
    while (p < a.p + a.n && q < b.p + b.n)
        if (character(&p, a.p + a.n) != character(&q, b.p + b.n))
            return false;
    return p == a.p + a.n && q == b.p + b.n;
}

static size_t digits(const char *p, size_t n)
{
    size_t i = 0;
    while (i < n && p[i] >= '0' && p[i] <= '9')
        i++;
    return i;
}

static bool good_number(struct iam_span s)
{
    size_t i = s.n > 0 && s.p[0] == '-', n = digits(s.p + i, s.n - i);
    if (n == 0 || (n > 1 && s.p[i] == '0'))
        return false;
    i += n;
    if (i < s.n && s.p[i] == '.') {
        n = digits(s.p + i + 1, s.n - i - 1);
        if (n == 0)
            return false;
        i += 1 + n;
    }
    if (i < s.n && (s.p[i] | 32) == 'e') {
        i++;
        i += i < s.n && (s.p[i] == '+' || s.p[i] == '-');
        n = digits(s.p + i, s.n - i);
        if (n == 0)
            return false;
        i += n;
    }
    return i == s.n;
}

/* ---- tokens ---- */

static struct iam_span text(const struct document *d, int i)
{
    const jsmntok_t *t = &d->token[i];
    return (struct iam_span){d->p + t->start, (size_t)(t->end - t->start)};
}

/* Where a token begins and ends, its quotes included. */
static int outer_start(const struct document *d, int i)
{
    return d->token[i].start - (d->token[i].type == JSMN_STRING);
}

static int outer_end(const struct document *d, int i)
{
    return d->token[i].end + (d->token[i].type == JSMN_STRING);
}

static bool is_container(const struct document *d, int i)
{
    return d->token[i].type == JSMN_OBJECT || d->token[i].type == JSMN_ARRAY;
}

/* The first token that comes after token i and everything inside it. */
static int behind(const struct document *d, int i)
{
    int end = outer_end(d, i), k = i + 1;
    while (k < d->count && d->token[k].start < end)
        k++;
    return k;
}

/* Is there nothing but white space between from and to, with the mark in it once (mark 0: without one)? */
static bool gap(const struct document *d, int from, int to, char mark)
{
    for (; from < to; from++) {
        char c = d->p[from];
        if (mark != 0 && c == mark)
            mark = 0;
        else if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
            return false;
    }
    return mark == 0;
}

static bool good_token(const struct document *d, int i)
{
    struct iam_span s = text(d, i);
    if (d->token[i].type == JSMN_STRING)
        return good_string(s.p, s.p + s.n);
    return is_container(d, i) || iam_span_is(s, "true") || iam_span_is(s, "false") ||
           iam_span_is(s, "null") || good_number(s);
}

/* What container i holds is well-formed, as far as it lies in it directly. */
static bool good_container(const struct document *d, int i)
{
    bool object = d->token[i].type == JSMN_OBJECT;
    int end = d->token[i].end - 1, from = d->token[i].start + 1, order = 0;
    for (int k = i + 1; k < d->count && d->token[k].start < end; k = behind(d, k), order++) {
        char mark = order == 0 ? 0 : object && order % 2 == 1 ? ':' : ',';
        if (!gap(d, from, outer_start(d, k), mark) || !good_token(d, k) ||
            (object && order % 2 == 0 && d->token[k].type != JSMN_STRING))
            return false;
        from = outer_end(d, k);
    }
    return gap(d, from, end, 0) && !(object && order % 2 == 1);
}

static bool good_document(const struct document *d)
{
    if (d->token[0].type != JSMN_OBJECT || behind(d, 0) != d->count ||
        !gap(d, 0, d->token[0].start, 0) || !gap(d, d->token[0].end, d->n, 0))
        return false;
    for (int i = 0; i < d->count; i++)
        if (is_container(d, i) && !good_container(d, i))
            return false;
    return true;
}

/* ---- shape ---- */

static const struct iam_json_member *known(const struct iam_json_shape *shape, struct iam_span name)
{
    for (uint8_t i = 0; i < shape->count; i++) {
        const char *n = shape->members[i].name;
        if (same(name, (struct iam_span){n, strlen(n)}))
            return &shape->members[i];
    }
    return NULL;
}

static struct iam_span name_of(const struct iam_json_member *m)
{
    return m != NULL ? (struct iam_span){m->name, strlen(m->name)} : IAM_SPAN("another member");
}

static bool named_before(const struct document *d, int object, int name)
{
    for (int k = object + 1; k < name; k = behind(d, k + 1))
        if (same(text(d, k), text(d, name)))
            return true;
    return false;
}

static int read_members(const struct iam_json_shape *shape, struct document *d, int object,
                        struct iam_span *out, struct iam_span *what)
{
    uint32_t seen = 0;
    int end = d->token[object].end;
    for (int k = object + 1; k < d->count && d->token[k].start < end; k = behind(d, k + 1)) {
        const struct iam_json_member *m = known(shape, text(d, k));
        struct iam_span value = text(d, k + 1);
        *what = name_of(m);
        if (named_before(d, object, k))
            return IAM_ERR_MEMBER;
        if (m == NULL)
            continue;
        if (m->need == IAM_JSON_ONE
                ? d->token[k + 1].type != JSMN_PRIMITIVE || !iam_span_is(value, "1")
                : d->token[k + 1].type != JSMN_STRING)
            return IAM_ERR_VALUE;
        seen |= 1u << (m - shape->members);
        if (m->need != IAM_JSON_ONE) {
            char *p = d->p + d->token[k + 1].start;
            out[m->slot] = unescape(p, p + value.n);
        }
    }
    for (uint8_t i = 0; i < shape->count; i++) {
        *what = name_of(&shape->members[i]);
        if (shape->members[i].need != IAM_JSON_OPTIONAL && !(seen >> i & 1))
            return IAM_ERR_MEMBER;
    }
    *what = (struct iam_span){NULL, 0};
    return IAM_OK;
}

/* The object that holds the members. */
static int find_object(const struct iam_json_shape *shape, const struct document *d, int *object,
                       struct iam_span *what)
{
    struct iam_span inside = {shape->inside, shape->inside != NULL ? strlen(shape->inside) : 0};
    *object = 0;
    if (shape->inside == NULL)
        return IAM_OK;
    for (int k = 1; k < d->count; k = behind(d, k + 1)) {
        *what = IAM_SPAN("another member");
        if (named_before(d, 0, k)) {
            if (same(text(d, k), inside))
                *what = inside;
            return IAM_ERR_MEMBER;
        }
        if (same(text(d, k), inside))
            *object = k + 1;
    }
    *what = inside;
    if (*object == 0)
        return IAM_ERR_MEMBER;
    return d->token[*object].type == JSMN_OBJECT ? IAM_OK : IAM_ERR_VALUE;
}

/* The document is not well-formed: finds the member in which the error is, if there is one. */
static int malformed(const struct iam_json_shape *shape, const struct document *d, int count,
                     struct iam_span *what)
{
    for (int i = count - 1; i > 0; i--) {
        const struct iam_json_member *m = NULL;
        if (d->token[i].type == JSMN_STRING && d->token[i].end >= d->token[i].start &&
            good_token(d, i))
            m = known(shape, text(d, i));
        if (m != NULL) {
            *what = name_of(m);
            break;
        }
    }
    return IAM_ERR_JSON;
}

int iam_json_read(const struct iam_json_shape *shape, char *p, size_t n, struct iam_span *out,
                  struct iam_span *what)
{
    struct document d = {.p = p, .n = (int)n};
    jsmn_parser parser;
    size_t begin = 0;
    int object, r;

    *what = (struct iam_span){NULL, 0};
    for (uint8_t i = 0; i < shape->count; i++)
        if (shape->members[i].need != IAM_JSON_ONE)
            out[shape->members[i].slot] = (struct iam_span){NULL, 0};
    while (begin < n && memchr(" \t\n\r", p[begin], 4) != NULL)
        begin++;
    if (begin == n || p[begin] != '{' || n > INT32_MAX)
        return IAM_ERR_FOREIGN;
    jsmn_init(&parser);
    d.count = jsmn_parse(&parser, p, n, d.token, IAM_JSON_TOKENS);
    if (d.count <= 0)
        return malformed(shape, &d, (int)parser.toknext, what);
    if (!good_document(&d))
        return malformed(shape, &d, d.count, what);
    r = find_object(shape, &d, &object, what);
    return r < 0 ? r : read_members(shape, &d, object, out, what);
}
