#include <tinyiam/parts/xml.h>

#include <string.h>

#include "xml_scan.h"

_Static_assert(CONFIG_TINYIAM_XML_DEPTH_MAX > 0 && CONFIG_TINYIAM_XML_DEPTH_MAX <= 0xfffffffeLL,
               "the depth is counted in 32 bits");

/* What the next byte is part of.
 *
 *   START -> PROLOG -> CONTENT -> EPILOG      between markup; x->home says which one to return to
 *   LT -> NAME0 -> NAME -> TAG_NEXT <-> TAG -> EMPTY       start tag; an attribute goes
 *                          NAME -> EQUAL -> QUOTE -> ATTRIBUTE -> TAG_NEXT
 *   LT -> NAME0 -> NAME -> END_TAG                         end tag
 *   LT -> NAME0 -> NAME -> PI_TARGET -> PI <-> PI_QUESTION processing instruction
 *                  NAME -> DECL_NEXT <-> DECL, NAME -> EQUAL -> QUOTE -> DECL_VALUE -> DECL_NEXT
 *   LT -> BANG -> DASH -> COMMENT <-> COMMENT_DASH -> COMMENT_END
 *         BANG -> CDATA_OPEN -> CDATA <-> CDATA_BRACKET1 -> CDATA_BRACKET2 */
enum {
    CONTENT = IAM_XML_CONTENT,
    BRACKET1, /* content, after ] */
    BRACKET2, /* content, after ]] */
    CDATA,
    LAST_WITH_TEXT = CDATA, /* up to here a run of text may be at hand */
    CDATA_BRACKET1,
    CDATA_BRACKET2,
    CDATA_CR, /* after a CR that was reported as LF */
    CONTENT_CR,
    START,
    MARK, /* after a byte-order mark */
    PROLOG,
    EPILOG,
    LT, /* after < */
    NAME0,
    NAME,
    TAG_NEXT, /* directly after a name or a value: needs white space before an attribute */
    TAG,
    EMPTY, /* after / of an empty-element tag */
    EQUAL,
    QUOTE,
    ATTRIBUTE,
    END_TAG,
    REFERENCE,
    REFERENCE_NUMBER,
    REFERENCE_DECIMAL,
    REFERENCE_HEX,
    BANG, /* after <! */
    DASH,
    COMMENT,
    COMMENT_DASH,
    COMMENT_END,
    CDATA_OPEN,
    PI_TARGET, /* directly after it */
    PI,
    PI_QUESTION,
    PI_END, /* nothing but > may come */
    DECL_NEXT,
    DECL,
    DECL_VALUE,
    FAILED
};

/* Whose name is being read. */
enum { ROLE_OPEN, ROLE_CLOSE, ROLE_ATTRIBUTE, ROLE_PI, ROLE_DECL };

/* x->utf8: two bits of count, and what the character must be once it is complete. */
enum { UTF8_LEFT = 3, UTF8_NAME = 4, UTF8_NAME_START = 8 };

static bool is_space(unsigned c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static bool is_letter(unsigned c)
{
    return (c | 0x20) - 'a' < 26;
}

static bool is_digit(unsigned c)
{
    return c - '0' < 10;
}

static bool is_name(unsigned c)
{
    return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.';
}

/* Name characters beyond ASCII, XML 1.0 fifth edition. Odd entries end a range. */
static bool is_name_beyond(uint32_t c, bool start)
{
    static const uint16_t ranges[] = {0xc0,   0xd7,   0xd8,   0xf7,   0xf8,   0x300,  0x370,
                                      0x37e,  0x37f,  0x2000, 0x200c, 0x200e, 0x2070, 0x2190,
                                      0x2c00, 0x2ff0, 0x3001, 0xd800, 0xf900, 0xfdd0, 0xfdf0};
    unsigned i = 0;

    if (!start && (c == 0xb7 || c - 0x300 < 0x70 || c - 0x203f < 2)) {
        return true;
    }
    while (i < sizeof(ranges) / sizeof(ranges[0]) && c >= ranges[i]) {
        i++;
    }
    return (i & 1) != 0 && c < 0xf0000;
}

/* First byte of a sequence. */
static bool utf8_begin(struct iam_xml *x, unsigned c)
{
    unsigned left = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

    x->utf8 = (uint8_t)left;
    x->value = c & (0x3fu >> left);
    return c >= 0xc2 && c < 0xf5;
}

/* A further byte: refuses overlong forms and surrogates as soon as they show. */
static int utf8_more(struct iam_xml *x, unsigned c)
{
    uint32_t v = x->value << 6 | (c & 0x3f);
    unsigned left = (x->utf8 & UTF8_LEFT) - 1;

    if ((c & 0xc0) != 0x80 || (left == 2 && (v < 0x10 || v >= 0x110)) ||
        (left == 1 && (v < 0x20 || v >> 5 == 0x1b)) || (left == 0 && v >> 1 == 0xffff >> 1)) {
        return IAM_ERR_XML_UTF8;
    }
    x->value = v;
    x->utf8--;
    if (left != 0 || x->utf8 == 0) {
        return 0;
    }
    left = x->utf8;
    x->utf8 = 0;
    return is_name_beyond(v, left == UTF8_NAME_START) ? 0 : IAM_ERR_XML;
}

/* Bytes of the character in x->decoded. */
static size_t utf8_write(struct iam_xml *x)
{
    uint32_t v = x->value;
    size_t n = v < 0x80 ? 1 : v < 0x800 ? 2 : v < 0x10000 ? 3 : 4;
    size_t i;

    for (i = n - 1; i > 0; i--) {
        x->decoded[i] = (char)(0x80 | (v & 0x3f));
        v >>= 6;
    }
    x->decoded[0] = (char)(n == 1 ? v : (0xf00u >> n & 0xff) | v);
    return n;
}

/* One step of the hash of a name. */
static uint32_t hash_step(uint32_t h, unsigned c)
{
    return (h ^ c) * 0x01000193u;
}

/* The running hash of open names is a permutation for each name, so that an end tag can undo what its
 * start tag did. No name (0) leaves an empty hash (0) as it is. */
static uint32_t hash_push(uint32_t h, uint32_t name)
{
    h = (h ^ name) * 0x9e3779b1u;
    return h << 15 | h >> 17;
}

static uint32_t hash_pop(uint32_t h, uint32_t name)
{
    h = h >> 15 | h << 17;
    return h * 0x0e8b2f51u ^ name;
}

static void name_begin(struct iam_xml *x, unsigned role)
{
    x->state = NAME0;
    x->role = (uint8_t)role;
    x->colon = role >= ROLE_PI;
    x->pos = 0;
    x->hash = 0x811c9dc5u;
    if (role <= ROLE_CLOSE) {
        x->prefix = 0;
        x->candidate = x->depth != 0 ? 0 : role == ROLE_CLOSE ? x->at : x->schema[x->at].child;
    }
}

/* A colon: what came was the prefix. Known names are compared after it. */
static void name_local(struct iam_xml *x)
{
    uint32_t hash = hash_step(x->hash, ':');

    if (x->role <= ROLE_CLOSE) {
        name_begin(x, x->role);
        x->prefix = hash;
    }
    x->state = NAME0;
    x->colon = 1;
    x->hash = hash;
}

/* Moves the candidate on to the next sibling that has the same beginning and c after it. */
static void name_match(struct iam_xml *x, unsigned c)
{
    const struct iam_xml_node *s = x->schema;
    const char *tag = s[x->candidate].tag;
    unsigned k = x->candidate;

    while (k != 0 && (s[k].len <= x->pos || s[k].tag[x->pos] != (char)c ||
                      memcmp(s[k].tag, tag, x->pos) != 0)) {
        k = s[k].next;
    }
    x->candidate = (uint8_t)k;
    x->pos++;
}

static void name_step(struct iam_xml *x, unsigned c)
{
    x->hash = hash_step(x->hash, c);
    if (x->role >= ROLE_PI) {
        if (x->pos < sizeof(x->word)) {
            x->word[x->pos++] = (char)c;
        }
    } else if (x->role != ROLE_ATTRIBUTE && x->candidate != 0) {
        name_match(x, c);
    }
}

/* Is x->word s? fold 0x20: in any case, s being lower case. */
static bool word_is(const struct iam_xml *x, const char *s, unsigned fold)
{
    unsigned i;

    for (i = 0; i < x->pos && s[i] != '\0' && ((uint8_t)x->word[i] | fold) == (uint8_t)s[i]; i++) {
    }
    return i == x->pos && s[i] == '\0';
}

static bool decl_name(struct iam_xml *x)
{
    if (x->count == 0 && word_is(x, "version", 0)) {
        x->count = 1;
    } else if (x->count == 1 && word_is(x, "encoding", 0)) {
        x->count = 2;
    } else if ((x->count == 1 || x->count == 2) && word_is(x, "standalone", 0)) {
        x->count = 4;
    } else {
        return false;
    }
    x->pos = 0;
    return true;
}

static int decl_value(const struct iam_xml *x)
{
    unsigned i;

    if (x->count == 2) {
        return word_is(x, "utf-8", 0x20) || word_is(x, "us-ascii", 0x20) ||
                       word_is(x, "iso-8859-1", 0x20)
                   ? 0
                   : IAM_ERR_XML_ENCODING;
    }
    if (x->count == 4) {
        return word_is(x, "yes", 0) || word_is(x, "no", 0) ? 0 : IAM_ERR_XML;
    }
    for (i = 2; i < x->pos && is_digit((uint8_t)x->word[i]); i++) {
    }
    return i > 2 && i == x->pos && i < sizeof(x->word) && memcmp(x->word, "1.", 2) == 0
               ? 0
               : IAM_ERR_XML;
}

/* The name is complete: which state reads on? */
static int name_end(struct iam_xml *x)
{
    /* "Error" may have been followed as the beginning of "ErrorResponse" */
    if (x->role <= ROLE_CLOSE) {
        const struct iam_xml_node *s = x->schema;
        const char *tag = s[x->candidate].tag;
        unsigned k = x->candidate;
        while (k != 0 && (s[k].len != x->pos || memcmp(s[k].tag, tag, x->pos) != 0)) {
            k = s[k].next;
        }
        x->candidate = (uint8_t)k;
    }
    bool known = x->candidate != 0 && x->schema[x->candidate].len == x->pos;
    uint32_t fold = known ? x->prefix : x->hash;
    unsigned i;

    switch (x->role) {
    case ROLE_OPEN:
        x->state = TAG_NEXT;
        x->count = 0;
        x->fold = fold;
        if (!known) {
            x->candidate = 0;
        }
        return 0;
    case ROLE_CLOSE:
        x->state = END_TAG;
        /* at the latest the running hash finds what does not match; if the tag before this one was
         * the start tag, that is known now */
        if (x->depth == 0 ? !known || x->candidate != x->at || (x->loud && x->fold != fold)
                          : x->fold != 0 && x->fold != fold) {
            return IAM_ERR_XML_TAG;
        }
        x->fold = fold;
        return 0;
    case ROLE_ATTRIBUTE:
        x->state = EQUAL;
        for (i = 0; i < x->count; i++) {
            if (x->attributes[i] == x->hash) {
                return IAM_ERR_XML;
            }
        }
        if (i < IAM_XML_ATTRIBUTES) {
            x->attributes[i] = x->hash;
            x->count++;
        }
        return 0;
    case ROLE_PI:
        x->state = PI_TARGET;
        if (!word_is(x, "xml", 0x20)) {
            return 0;
        }
        x->state = DECL_NEXT;
        x->count = 0;
        return x->home == START && word_is(x, "xml", 0) ? 0 : IAM_ERR_XML;
    default:
        x->state = EQUAL;
        return decl_name(x) ? 0 : IAM_ERR_XML;
    }
}

/* End of a start tag, or / in it. */
static int tag_open(struct iam_xml *x)
{
    unsigned k = x->candidate;

    x->state = CONTENT;
    if (k != 0) {
        x->prefixes = hash_push(x->prefixes, x->fold);
        x->at = x->node = (uint8_t)k;
        x->loud = x->schema[k].kind;
        return IAM_XML_OPEN;
    }
    x->loud = 0;
    if (x->depth >= CONFIG_TINYIAM_XML_DEPTH_MAX) {
        return IAM_ERR_XML_LIMIT;
    }
    x->depth++;
    x->names = hash_push(x->names, x->fold);
    return 0;
}

/* End of an end tag or of an empty-element tag. */
static int tag_close(struct iam_xml *x)
{
    int event = 0;

    x->state = CONTENT;
    x->loud = 0;
    if (x->depth != 0) {
        x->names = hash_pop(x->names, x->fold);
        x->fold = 0;
        if (--x->depth == 0 && x->names != 0) {
            return IAM_ERR_XML_TAG;
        }
    } else {
        x->prefixes = hash_pop(x->prefixes, x->fold);
        x->node = x->at;
        x->at = x->schema[x->at].parent;
        event = IAM_XML_CLOSE;
    }
    if (x->at == 0 && x->depth == 0) {
        x->state = x->home = EPILOG;
        if (x->prefixes != 0) {
            return IAM_ERR_XML_TAG;
        }
    }
    return event;
}

/* A character that a reference may name. */
static bool is_character(uint32_t v)
{
    return v >= 0x20 ? v >> 11 != 0x1b && v >> 1 != 0xffff >> 1 && v <= 0x10ffff : is_space(v);
}

/* A byte of a reference. Returns 1 when it is complete and its character is in x->value, 0 to go on. */
static int reference_step(struct iam_xml *x, unsigned c)
{
    unsigned digit = is_digit(c) ? c - '0' : is_letter(c) ? (c | 0x20) - 'a' + 10 : 99;
    unsigned base = x->state == REFERENCE_HEX ? 16 : 10;

    if (x->state == REFERENCE) {
        if (c == '#' && x->value == 0) {
            x->state = REFERENCE_NUMBER;
            return 0;
        }
        if (c == ';') {
            uint32_t v = x->value;
            x->value = v == 0x616d70       ? '&'
                       : v == 0x6c74       ? '<'
                       : v == 0x6774       ? '>'
                       : v == 0x71756f74   ? '"'
                       : v == 0x61706f73   ? '\''
                                           : 0;
            return x->value != 0 ? 1 : IAM_ERR_XML_REFERENCE;
        }
        if (c - 'a' >= 26 || x->value >> 24 != 0) {
            return IAM_ERR_XML_REFERENCE;
        }
        x->value = x->value << 8 | c;
        return 0;
    }
    if (x->state == REFERENCE_NUMBER) {
        x->state = c == 'x' ? REFERENCE_HEX : REFERENCE_DECIMAL;
        if (c == 'x') {
            return 0;
        }
    }
    if (c == ';') {
        return is_character(x->value) ? 1 : IAM_ERR_XML_REFERENCE;
    }
    if (digit >= base || x->value > 0x10ffff) {
        return IAM_ERR_XML_REFERENCE;
    }
    x->value = x->value * base + digit;
    return 0;
}

static int fail(struct iam_xml *x, int error)
{
    x->state = FAILED;
    x->utf8 = 0;
    x->value = (uint32_t)error;
    return error;
}

static int report(struct iam_span *text, const char *p, size_t n)
{
    text->p = p;
    text->n = n;
    return IAM_XML_TEXT;
}

int iam_xml_bytes(struct iam_xml *x, const char **pp, const char *end, struct iam_span *text)
{
    const char *p = *pp;
    const char *from = p; /* of a run of text, in states up to LAST_WITH_TEXT */
    int r = IAM_ERR_XML;

    if (x->state == FAILED) {
        return (int)x->value;
    }
    for (; p < end; p++) {
        unsigned c = (uint8_t)*p;

        if (x->utf8 != 0) {
            r = utf8_more(x, c);
            if (r != 0) {
                goto failed;
            }
            r = IAM_ERR_XML;
            x->hash = hash_step(x->hash, c);
            if (x->state == MARK && x->utf8 == 0 && x->value != 0xfeff) {
                goto failed;
            }
            continue;
        }
        if (c < 0x20 ? !is_space(c) : c >= 0x80 && !utf8_begin(x, c)) {
            /* UTF-16 and UTF-32 show in the first two bytes */
            r = x->home == START && (c == 0 || c >= 0xfe) ? IAM_ERR_XML_ENCODING : IAM_ERR_XML_UTF8;
            goto failed;
        }
    again:
        switch (x->state) {
        case CONTENT_CR:
            x->state = CONTENT;
            if (c == '\n') {
                from = p + 1;
                continue;
            }
            goto again;
        case BRACKET2:
            if (c == '>') {
                goto failed;
            }
            if (c == ']') {
                continue;
            }
            x->state = CONTENT;
            goto again;
        case BRACKET1:
            x->state = c == ']' ? BRACKET2 : CONTENT;
            if (c == ']') {
                continue;
            }
            /* fallthrough */
        case CONTENT:
            if (c == ']') {
                x->state = BRACKET1;
                continue;
            }
            if (c != '<' && c != '&' && (c != '\r' || !x->loud)) {
                continue;
            }
            if (x->loud && p > from) {
                *pp = p;
                return report(text, from, (size_t)(p - from));
            }
            if (c == '<') {
                x->state = LT;
            } else if (c == '&') {
                x->state = REFERENCE;
                x->quote = 0;
                x->value = 0;
            } else {
                x->state = CONTENT_CR;
                *pp = p + 1;
                return report(text, "\n", 1);
            }
            continue;
        case CDATA_CR:
            x->state = CDATA;
            if (c == '\n') {
                from = p + 1;
                continue;
            }
            /* fallthrough */
        case CDATA:
            if (c != ']' && (c != '\r' || !x->loud)) {
                continue;
            }
            if (x->loud && p > from) {
                *pp = p;
                return report(text, from, (size_t)(p - from));
            }
            if (c == ']') {
                x->state = CDATA_BRACKET1;
                continue;
            }
            x->state = CDATA_CR;
            *pp = p + 1;
            return report(text, "\n", 1);
        case CDATA_BRACKET1:
        case CDATA_BRACKET2:
            if (x->state == CDATA_BRACKET2 && c == '>') {
                goto home;
            }
            if (c == ']' && (x->state == CDATA_BRACKET1 || !x->loud)) {
                x->state = CDATA_BRACKET2;
                continue;
            }
            /* brackets that were held back turn out to be text; this byte is seen again, unless it
             * is a bracket that takes the place of the one reported */
            from = p;
            if (!x->loud) {
                x->state = CDATA;
                goto again;
            }
            if (c == ']') {
                *pp = p + 1;
                return report(text, "]", 1);
            }
            x->utf8 = 0;
            *pp = p;
            r = report(text, "]]", x->state == CDATA_BRACKET1 ? 1 : 2);
            x->state = CDATA;
            return r;
        case START:
        case MARK:
            if (c == 0xef && x->state == START) {
                x->state = MARK;
                continue;
            }
            if (c != '<') {
                x->home = PROLOG;
            }
            /* fallthrough */
        case PROLOG:
        case EPILOG:
            if (c == '<') {
                x->state = LT;
                continue;
            }
            if (!is_space(c)) {
                goto failed;
            }
            x->state = x->home;
            continue;
        case LT:
            if (c == '?') {
                name_begin(x, ROLE_PI);
                continue;
            }
            if (x->home == START) {
                x->home = PROLOG;
            }
            if (c == '!') {
                x->state = BANG;
                continue;
            }
            if (c == '/') {
                if (x->home != CONTENT) {
                    goto failed;
                }
                name_begin(x, ROLE_CLOSE);
                continue;
            }
            if (x->home == EPILOG) {
                goto failed;
            }
            x->home = CONTENT;
            name_begin(x, ROLE_OPEN);
            /* fallthrough */
        case NAME0:
            if (c >= 0x80) {
                x->utf8 |= UTF8_NAME_START;
            } else if (!is_letter(c) && c != '_') {
                goto failed;
            }
            x->state = NAME;
            name_step(x, c);
            continue;
        case NAME:
            if (c >= 0x80) {
                x->utf8 |= UTF8_NAME;
            } else if (c == ':' && !x->colon) {
                name_local(x);
                continue;
            } else if (!is_name(c)) {
                r = name_end(x);
                if (r != 0) {
                    goto failed;
                }
                r = IAM_ERR_XML;
                goto again;
            }
            name_step(x, c);
            continue;
        case TAG_NEXT:
        case TAG:
            if (is_space(c)) {
                x->state = TAG;
                continue;
            }
            if (c == '>' || c == '/') {
                r = tag_open(x);
                if (r < 0) {
                    goto failed;
                }
                if (c == '/') {
                    x->state = EMPTY;
                }
                if (r > 0) {
                    *pp = p + 1;
                    return r;
                }
                r = IAM_ERR_XML;
                from = p + 1;
                continue;
            }
            if (x->state == TAG_NEXT) {
                goto failed;
            }
            name_begin(x, ROLE_ATTRIBUTE);
            goto again;
        case END_TAG:
            if (is_space(c)) {
                continue;
            }
            /* fallthrough */
        case EMPTY:
            if (c != '>') {
                goto failed;
            }
            r = tag_close(x);
            if (r < 0) {
                goto failed;
            }
            if (r > 0) {
                *pp = p + 1;
                return r;
            }
            r = IAM_ERR_XML;
            from = p + 1;
            continue;
        case EQUAL:
            if (c == '=') {
                x->state = QUOTE;
            } else if (!is_space(c)) {
                goto failed;
            }
            continue;
        case QUOTE:
            if (c == '"' || c == '\'') {
                x->quote = (uint8_t)c;
                x->state = x->role == ROLE_DECL ? DECL_VALUE : ATTRIBUTE;
            } else if (!is_space(c)) {
                goto failed;
            }
            continue;
        case ATTRIBUTE:
            if (c == x->quote) {
                x->state = TAG_NEXT;
            } else if (c == '&') {
                x->state = REFERENCE;
                x->value = 0;
            } else if (c == '<') {
                goto failed;
            }
            continue;
        case REFERENCE:
        case REFERENCE_NUMBER:
        case REFERENCE_DECIMAL:
        case REFERENCE_HEX:
            r = reference_step(x, c);
            if (r < 0) {
                goto failed;
            }
            if (r > 0) {
                x->state = x->quote != 0 ? ATTRIBUTE : CONTENT;
                from = p + 1;
                if (x->quote == 0 && x->loud) {
                    *pp = from;
                    return report(text, x->decoded, utf8_write(x));
                }
            }
            r = IAM_ERR_XML;
            continue;
        case BANG:
            if (is_letter(c)) {
                r = IAM_ERR_XML_DOCTYPE;
                goto failed;
            }
            if (c == '-') {
                x->state = DASH;
            } else if (c == '[' && x->home == CONTENT) {
                x->state = CDATA_OPEN;
                x->pos = 0;
            } else {
                goto failed;
            }
            continue;
        case DASH:
            if (c != '-') {
                goto failed;
            }
            x->state = COMMENT;
            continue;
        case COMMENT:
        case COMMENT_DASH:
            x->state = c != '-' ? COMMENT : x->state == COMMENT ? COMMENT_DASH : COMMENT_END;
            continue;
        case CDATA_OPEN:
            if (c != (uint8_t) "CDATA["[x->pos]) {
                goto failed;
            }
            if (++x->pos == 6) {
                x->state = CDATA;
                from = p + 1;
            }
            continue;
        case PI_TARGET:
            if (c != '?' && !is_space(c)) {
                goto failed;
            }
            x->state = c == '?' ? PI_END : PI;
            continue;
        case PI:
            if (c == '?') {
                x->state = PI_QUESTION;
            }
            continue;
        case PI_QUESTION:
            if (c == '?') {
                continue;
            }
            x->state = PI;
            if (c != '>') {
                continue;
            }
            goto home;
        case COMMENT_END:
        case PI_END:
            if (c != '>') {
                goto failed;
            }
            goto home;
        case DECL_NEXT:
        case DECL:
            if (is_space(c)) {
                x->state = DECL;
                continue;
            }
            if (c == '?' && x->count != 0) {
                x->state = PI_END;
                continue;
            }
            if (x->state == DECL_NEXT) {
                goto failed;
            }
            name_begin(x, ROLE_DECL);
            goto again;
        case DECL_VALUE:
            if (c == x->quote) {
                r = decl_value(x);
                if (r != 0) {
                    goto failed;
                }
                r = IAM_ERR_XML;
                x->state = DECL_NEXT;
            } else if (!is_name(c)) {
                r = x->count == 2 ? IAM_ERR_XML_ENCODING : IAM_ERR_XML;
                goto failed;
            } else {
                name_step(x, c);
            }
            continue;
        default:
            goto failed;
        }
    home: /* markup has ended */
        if (x->home == START) {
            x->home = PROLOG;
        }
        x->state = x->home;
        from = p + 1;
    }
    *pp = p;
    if (x->loud && x->state <= LAST_WITH_TEXT && p > from) {
        return report(text, from, (size_t)(p - from));
    }
    return IAM_XML_MORE;
failed:
    *pp = p;
    return fail(x, r);
}

void iam_xml_init(struct iam_xml *x, const struct iam_xml_node *schema)
{
    memset(x, 0, sizeof(*x));
    x->schema = schema;
    x->state = START;
    x->home = START;
}

int iam_xml_finish(const struct iam_xml *x)
{
    if (x->state == FAILED) {
        return (int)x->value;
    }
    return x->state == EPILOG ? IAM_OK : IAM_ERR_XML_TRUNCATED;
}

int iam_xml_next(struct iam_xml *x, const char **p, const char *end, struct iam_span *text)
{
    return iam_xml_bytes(x, p, end, text);
}
