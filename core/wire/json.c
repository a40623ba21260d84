/* Documents of keys, in JSON: the few members that a provider asks for, out of any number of others.
 *
 * Our own, where jsmn would do most of it: jsmn needs a token for each member, so that a document
 * with more of them than were foreseen is refused, and its tokens still have to be decoded, checked
 * and compared. One pass over the bytes with a bit for each open container takes 1,150 bytes of
 * flash and 384 of stack less, and has no such limit. */
#include <tinyiam/parts/json.h>

#include <string.h>
#include <tinyiam/parts/utf8.h>

enum { DEPTH = 256 }; /* of objects and arrays in each other */

struct reader {
    const char *p, *end;
    const struct iam_json_shape *shape;
    struct iam_span *out;
    const struct iam_json_member *member; /* whose value comes; NULL: nobody asks for it */
    bool is_inside;                       /* the value that comes is to be shape.inside's */
    bool found;                           /* that object has been there */
    unsigned depth,
        home; /* of containers that are open; and where the shape's members stand, 0: not here */
    uint32_t seen;              /* bits: members that were there */
    int error;                  /* the first that the shape has against a member, and which */
    struct iam_span what, last; /* last: the name that was known */
    uint8_t is_object[DEPTH / 8];
};

/* ---- characters ---- */

static int32_t hex4(const char **p, const char *end)
{
    int32_t v = 0;
    if (end - *p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        unsigned char c = (unsigned char)*(*p)++;
        unsigned digit = c - (unsigned)'0', letter = (c | 32u) - 'a';
        if (digit > 9 && letter > 5)
            return -1;
        v = v << 4 | (int32_t)(digit > 9 ? letter + 10 : digit);
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

/* ---- what the shape says ---- */

static struct iam_span name_of(const char *name)
{
    return (struct iam_span){name, strlen(name)};
}

/* The document may still turn out to be none: that goes before. */
static void note(struct reader *r, int error, struct iam_span what)
{
    if (r->error != 0)
        return;
    r->error = error;
    r->what = what;
}

/* A name at the depth of the shape's members, or of the object that holds them. */
static void know(struct reader *r, struct iam_span name)
{
    const struct iam_json_shape *s = r->shape;
    for (uint8_t i = 0; i < s->count && r->depth == r->home; i++) {
        struct iam_span its = name_of(s->members[i].name);
        if (!same(name, its))
            continue;
        r->last = its;
        if (r->seen >> i & 1)
            note(r, IAM_ERR_MEMBER, its);
        else
            r->member = &s->members[i];
        r->seen |= 1u << i;
    }
    if (s->inside == NULL || r->depth != 1 || !same(name, name_of(s->inside)))
        return;
    r->last = name_of(s->inside);
    if (r->found)
        note(r, IAM_ERR_MEMBER, r->last);
    r->is_inside = r->found = true;
}

/* A value, of which the first bytes are enough where it is a container. */
static void take(struct reader *r, struct iam_span value)
{
    const struct iam_json_member *m = r->member;
    bool is_null = iam_span_is(value, "null"), good = is_null || value.p[0] == '"';
    if (r->is_inside && value.p[0] != '{')
        note(r, IAM_ERR_VALUE, name_of(r->shape->inside));
    if (r->is_inside)
        r->home = 2;
    r->is_inside = false;
    r->member = NULL;
    if (m == NULL)
        return;
    if (m->need == IAM_JSON_ONE)
        good = iam_span_is(value, "1");
    else if (m->need == IAM_JSON_NUMBER)
        good = good_number(value);
    if (!good)
        note(r, IAM_ERR_VALUE, name_of(m->name));
    if (!good || is_null || m->need == IAM_JSON_ONE)
        return;
    if (m->need != IAM_JSON_NUMBER)
        value = unescape((char *)value.p + 1, value.p + value.n - 1);
    r->out[m->slot] = value;
}

/* ---- the document ---- */

/* The next byte that is no blank; 0: there is none. */
static char look(struct reader *r)
{
    while (r->p < r->end && memchr(" \t\n\r", *r->p, 4) != NULL)
        r->p++;
    return r->p < r->end ? *r->p : '\0';
}

static bool in_object(const struct reader *r)
{
    return r->depth > 0 && (r->is_object[(r->depth - 1) / 8] >> (r->depth - 1) % 8 & 1) != 0;
}

static bool string(struct reader *r)
{
    const char *p = r->p + 1;
    while (p < r->end && *p != '"')
        if (character(&p, r->end) < 0)
            return false;
    if (p >= r->end)
        return false;
    r->p = p + 1;
    return true;
}

static bool name(struct reader *r)
{
    const char *from;
    if (look(r) != '"')
        return false;
    from = r->p;
    if (!string(r))
        return false;
    know(r, (struct iam_span){from + 1, (size_t)(r->p - from - 2)});
    if (look(r) != ':')
        return false;
    r->p++;
    return true;
}

/* A string, a number, or a word. */
static bool scalar(struct reader *r)
{
    const char *from = r->p;
    struct iam_span s = {from, 0};
    if (*from == '"') {
        if (!string(r))
            return false;
        s.n = (size_t)(r->p - from);
    } else {
        while (r->p < r->end && memchr(",]} \t\n\r", *r->p, 7) == NULL)
            r->p++;
        s.n = (size_t)(r->p - from);
        if (!iam_span_is(s, "null") && !iam_span_is(s, "true") && !iam_span_is(s, "false") &&
            !good_number(s))
            return false;
    }
    take(r, s);
    return true;
}

/* The container begins; *empty: it ends as well. */
static bool enter(struct reader *r, char first, bool *empty)
{
    unsigned bit = 1u << r->depth % 8, at = r->depth / 8;
    if (r->depth == DEPTH)
        return false;
    take(r, (struct iam_span){r->p, 1});
    r->is_object[at] = (uint8_t)(first == '{' ? r->is_object[at] | bit : r->is_object[at] & ~bit);
    r->depth++;
    r->p++;
    *empty = look(r) == (first == '{' ? '}' : ']');
    return true;
}

/* Behind a value: what ends with it. */
static bool leave(struct reader *r)
{
    while (r->depth > 0) {
        char c = look(r);
        if (c == ',') {
            r->p++;
            return true;
        }
        if (c != (in_object(r) ? '}' : ']'))
            return false;
        r->p++;
        if (r->depth == r->home)
            r->home = 0;
        r->depth--;
    }
    return true;
}

static bool well_formed(struct reader *r)
{
    do {
        bool whole = true;
        char c;
        if (in_object(r) && !name(r))
            return false;
        c = look(r);
        if (c == '\0' || !(c == '{' || c == '[' ? enter(r, c, &whole) : scalar(r)))
            return false;
        if (whole && !leave(r))
            return false;
    } while (r->depth > 0);
    look(r);
    return r->p == r->end;
}

static void missing(struct reader *r)
{
    const struct iam_json_shape *s = r->shape;
    if (s->inside != NULL && !r->found)
        note(r, IAM_ERR_MEMBER, name_of(s->inside));
    for (uint8_t i = 0; i < s->count; i++)
        if (s->members[i].need != IAM_JSON_OPTIONAL && !(r->seen >> i & 1))
            note(r, IAM_ERR_MEMBER, name_of(s->members[i].name));
}

int iam_json_read(const struct iam_json_shape *shape, char *p, size_t n, struct iam_span *out,
                  struct iam_span *what)
{
    struct reader r = {.p = p, .end = p + n, .shape = shape, .out = out, .home = 1};

    for (uint8_t i = 0; i < shape->count; i++)
        if (shape->members[i].need != IAM_JSON_ONE)
            out[shape->members[i].slot] = (struct iam_span){NULL, 0};
    if (shape->inside != NULL)
        r.home = 0;
    if (look(&r) != '{') {
        note(&r, IAM_ERR_FOREIGN, r.last);
    } else if (!well_formed(&r)) {
        r.error = IAM_ERR_JSON;
        r.what = r.last;
    } else {
        missing(&r);
    }
    *what = r.what;
    return r.error;
}
