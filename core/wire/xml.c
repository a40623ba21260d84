/* XML a byte at a time: every construct, at any split. */
#include <tinyiam/parts/xml.h>

#include <string.h>

#include "xml_char.h"
#include "xml_scan.h"

_Static_assert(CONFIG_TINYIAM_XML_DEPTH_MAX > 0 && CONFIG_TINYIAM_XML_DEPTH_MAX <= 0xfffffffeLL,
               "the depth is counted in 32 bits");

/* What the next byte is part of.
 *
 *   START -> PROLOG -> BRANCH, LEAF, SKIP -> EPILOG         between markup: x->home is where to return to
 *   LT -> NAME0 <-> NAME -> TAG_NEXT <-> TAG -> EMPTY       start tag
 *            an attribute: NAME -> EQUAL -> QUOTE -> ATTRIBUTE -> TAG_NEXT
 *   LT -> NAME0 <-> NAME -> END_TAG                         end tag
 *   LT -> NAME0 <-> NAME -> PI_TARGET -> PI, or DECL_NEXT   processing instruction, declaration
 *   LT -> BANG -> DASH -> COMMENT, or CDATA_1 ... CDATA     comment, CDATA section
 *
 * Those from START on have a row in rules[], which says what follows. */
enum {
    BRANCH = IAM_XML_CONTENT_OF_BRANCH,
    LEAF = IAM_XML_CONTENT_OF_LEAF, /* before its first child: character data is reported */
    SKIP, /* content of anything else; of any, up to the next markup, if the byte machine has to go on */
    LAST_CONTENT = SKIP,
    BRACKET1, /* content, after ] */
    BRACKET2, /* content, after ]] */
    CDATA,
    LAST_WITH_TEXT = CDATA, /* up to here a run of text may be at hand */
    CONTENT_CR,             /* after a CR that was reported as LF */
    CDATA_CR,
    CDATA_BRACKET1, /* brackets that are not reported yet: they may end the section */
    CDATA_BRACKET2,
    NAME0, /* a name begins, or goes on after its colon */
    NAME = IAM_XML_NAME,
    ATTRIBUTE, /* value of one */
    REFERENCE,
    REFERENCE_NUMBER,
    REFERENCE_DECIMAL,
    REFERENCE_HEX,
    DECL_VALUE, /* of a part of the XML declaration */

    START,
    FIRST_WITH_RULES = START,
    MARK, /* after a byte-order mark */
    PROLOG,
    EPILOG,
    LT,       /* after < */
    TAG_NEXT, /* directly after a name or a value: white space has to come before an attribute */
    TAG,
    EMPTY, /* after / of an empty-element tag */
    END_TAG,
    EQUAL,
    QUOTE,
    BANG, /* after <! */
    DASH,
    COMMENT,
    COMMENT_DASH,
    COMMENT_END,
    CDATA_1,
    CDATA_2,
    CDATA_3,
    CDATA_4,
    CDATA_5,
    CDATA_6,
    PI_TARGET, /* directly after it */
    PI,
    PI_QUESTION,
    PI_END, /* nothing but > may come */
    DECL_NEXT,
    DECL,
    FAILED,

    /* not states, but what a rule may do instead of changing to one */
    DO_HOME, /* markup has ended */
    DO_SPACE,
    DO_NAME_OPEN, /* a name has ended: one for each role, in the order of the roles */
    DO_NAME_CLOSE,
    DO_NAME_ATTRIBUTE,
    DO_NAME_PI,
    DO_NAME_DECL,
    DO_OPEN,
    DO_EMPTY,
    DO_CLOSE,
    DO_QUOTE,
    DO_CDATA,
    DO_DOCTYPE,
    DO_DECL_END
};

/* What a rule of the table applies to: a byte, or one of these classes. */
enum { SPACE = 1, LETTER, ANY };

struct rule {
    uint8_t on, next;
};

#define FOR(state) [(state)-FIRST_WITH_RULES]

/* The first rule that fits holds; where none does, the document is not well-formed. */
static const struct rule rules[][4] = {
    FOR(START) = {{'<', LT}, {SPACE, DO_SPACE}, {0xef, MARK}},
    FOR(MARK) = {{'<', LT}, {SPACE, DO_SPACE}},
    FOR(PROLOG) = {{'<', LT}, {SPACE, PROLOG}},
    FOR(EPILOG) = {{'<', LT}, {SPACE, EPILOG}},
    FOR(LT) = {{'/', DO_NAME_CLOSE}, {'!', BANG}, {'?', DO_NAME_PI}, {ANY, DO_NAME_OPEN}},
    FOR(TAG_NEXT) = {{'>', DO_OPEN}, {'/', DO_EMPTY}, {SPACE, TAG}},
    FOR(TAG) = {{'>', DO_OPEN}, {'/', DO_EMPTY}, {SPACE, TAG}, {ANY, DO_NAME_ATTRIBUTE}},
    FOR(EMPTY) = {{'>', DO_CLOSE}},
    FOR(END_TAG) = {{'>', DO_CLOSE}, {SPACE, END_TAG}},
    FOR(EQUAL) = {{'=', QUOTE}, {SPACE, EQUAL}},
    FOR(QUOTE) = {{'"', DO_QUOTE}, {'\'', DO_QUOTE}, {SPACE, QUOTE}},
    FOR(BANG) = {{'-', DASH}, {'[', DO_CDATA}, {LETTER, DO_DOCTYPE}},
    FOR(DASH) = {{'-', COMMENT}},
    FOR(COMMENT) = {{'-', COMMENT_DASH}, {ANY, COMMENT}},
    FOR(COMMENT_DASH) = {{'-', COMMENT_END}, {ANY, COMMENT}},
    FOR(COMMENT_END) = {{'>', DO_HOME}},
    FOR(CDATA_1) = {{'C', CDATA_2}},
    FOR(CDATA_2) = {{'D', CDATA_3}},
    FOR(CDATA_3) = {{'A', CDATA_4}},
    FOR(CDATA_4) = {{'T', CDATA_5}},
    FOR(CDATA_5) = {{'A', CDATA_6}},
    FOR(CDATA_6) = {{'[', CDATA}},
    FOR(PI_TARGET) = {{SPACE, PI}, {'?', PI_END}},
    FOR(PI) = {{'?', PI_QUESTION}, {ANY, PI}},
    FOR(PI_QUESTION) = {{'>', DO_HOME}, {'?', PI_QUESTION}, {ANY, PI}},
    FOR(PI_END) = {{'>', DO_HOME}},
    FOR(DECL_NEXT) = {{SPACE, DECL}, {'?', DO_DECL_END}},
    FOR(DECL) = {{SPACE, DECL}, {'?', DO_DECL_END}, {ANY, DO_NAME_DECL}},
};

/* What the name that is being read belongs to. */
enum { ROLE_OPEN, ROLE_CLOSE, ROLE_ATTRIBUTE, ROLE_PI, ROLE_DECL };

/* x->utf8: two bits of count, and what the character must be once it is complete. */
enum { UTF8_LEFT = 3, UTF8_NAME = 4, UTF8_NAME_START = 8 };

/* A byte beyond ASCII, or one that comes where a sequence goes on. Returns 1 for a continuation, which
 * is no business of the state's; 0 for the first byte; refuses overlong forms and surrogates as soon as
 * they show. */
static int utf8_step(struct iam_xml *x, unsigned c)
{
    uint32_t v = x->value << 6 | (c & 0x3f);
    unsigned left;

    if (x->utf8 == 0) {
        if (x->ascii)
            return IAM_ERR_XML_ENCODING;
        if (x->state < SKIP)
            x->state = SKIP; /* the fast tier, which knows no UTF-8 sequences, does not act there */
        left = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
        x->utf8 = (uint8_t)left;
        x->value = c & (0x3fu >> left);
        return c >= 0xc2 && c < 0xf5 ? 0 : IAM_ERR_XML_UTF8;
    }
    left = (x->utf8 & UTF8_LEFT) - 1;
    if (c >> 6 != 2 || (left == 2 && v - 0x10 >= 0x100) ||
        (left == 1 && (v < 0x20 || v >> 5 == 0x1b)) || (left == 0 && v >> 1 == 0xffff >> 1))
        return IAM_ERR_XML_UTF8;
    x->value = v;
    x->hash = hash_step(x->hash, c);
    x->utf8--;
    if (left == 0) {
        left = x->utf8;
        x->utf8 = 0;
        if ((left != 0 && !is_name_beyond(v, left == UTF8_NAME_START)) ||
            (x->state == MARK && v != 0xfeff))
            return IAM_ERR_XML;
    }
    return 1;
}

/* Writes the character of a reference as UTF-8, and returns its length. */
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

static void name_begin(struct iam_xml *x, unsigned role)
{
    x->state = NAME0;
    x->role = (uint8_t)role;
    x->colon = role >= ROLE_PI;
    x->pos = 0;
    x->candidate = 0;
    x->hash = 0x811c9dc5u;
    if (role <= ROLE_CLOSE) {
        x->prefix = 0;
        if (x->depth == 0)
            x->candidate = role == ROLE_CLOSE ? x->at : x->schema[x->at].child;
    }
}

/* Is c the candidate's next byte? The end of a name is a '>'. */
static inline bool name_fits(struct iam_xml *x, unsigned c)
{
    if (x->candidate == 0 || x->schema[x->candidate].tag[x->pos] != (char)c)
        return false;
    x->pos++;
    return true;
}

/* Moves on to the next sibling that has the same beginning and c after it. If there is none, what was
 * read goes into the hash. */
static void name_match(struct iam_xml *x, unsigned c)
{
    const struct iam_xml_node *s = x->schema;
    unsigned k = x->candidate, i;
    const char *tag = s[k].tag;

    if (k == 0)
        return;
    while ((k = s[k].next) != 0) {
        if (s[k].len >= x->pos && s[k].tag[x->pos] == (char)c &&
            memcmp(s[k].tag, tag, x->pos) == 0) {
            x->candidate = (uint8_t)k;
            x->pos++;
            return;
        }
    }
    for (i = 0; i < x->pos; i++)
        x->hash = hash_step(x->hash, (uint8_t)tag[i]);
    x->candidate = 0;
}

static void name_step(struct iam_xml *x, unsigned c)
{
    if (x->role >= ROLE_PI) {
        if (x->pos < sizeof(x->word))
            x->word[x->pos++] = (char)c;
        return;
    }
    name_match(x, c);
    if (x->candidate == 0)
        x->hash = hash_step(x->hash, c);
}

/* A colon: what came was the prefix. Known names are compared after it. */
static void name_local(struct iam_xml *x)
{
    uint32_t hash;

    name_step(x, ':');
    hash = x->hash;
    if (x->role <= ROLE_CLOSE) {
        name_begin(x, x->role);
        x->prefix = hash;
    }
    x->state = NAME0;
    x->colon = 1;
    x->hash = hash;
}

/* What the XML declaration may say. x->count is how far it has come: a word that begins with that digit
 * may come, and takes it to the second one. Digits of the version are looked at one by one. */
enum { DECL_VERSION = 1, DECL_ENCODING = 3, DECL_TARGET = 7 };

static const char decl_words[] = "01version\0"
                                 "23encoding\0"
                                 "34utf-8\0"
                                 "34us-ascii\0"
                                 "25standalone\0"
                                 "45standalone\0"
                                 "56yes\0"
                                 "56no\0"
                                 "70xml\0";

/* Is x->word one of those that may come now? The encoding and the target in any case. */
static bool decl_word(struct iam_xml *x)
{
    unsigned fold = x->count == DECL_ENCODING || x->count == DECL_TARGET ? 0x20 : 0;
    const char *s;
    unsigned i;

    for (s = decl_words; *s != '\0'; s += strlen(s) + 1) {
        for (i = 0; i < x->pos && ((uint8_t)x->word[i] | fold) == (uint8_t)s[i + 2]; i++) {
        }
        if (x->count == s[0] - '0' && i == x->pos && s[i + 2] == '\0') {
            x->count = (uint8_t)(s[1] - '0');
            x->pos = 0;
            /* s[3] is the second letter: of the words only "us-ascii" has an s there */
            x->ascii |= s[3] == 's';
            return true;
        }
    }
    return false;
}

/* Reads a byte of a value of the XML declaration, or the quote that ends it. */
static int decl_value(struct iam_xml *x, unsigned c)
{
    bool fits;

    if (c == x->quote) {
        x->state = DECL_NEXT;
        if (x->count == DECL_VERSION) {
            fits = x->pos > 2;
            x->count = 2;
        } else {
            fits = decl_word(x);
        }
    } else {
        fits = x->count != DECL_VERSION ? is_name(c)
               : x->pos < 2             ? c == (uint8_t) "1."[x->pos]
                                        : is_digit(c);
        name_step(x, c);
    }
    return fits ? 0 : x->count == DECL_ENCODING ? IAM_ERR_XML_ENCODING : IAM_ERR_XML;
}

/* The name is complete: returns the state that reads what follows it. */
static int name_end(struct iam_xml *x)
{
    uint32_t fold;
    unsigned known, i;

    if (!name_fits(x, '>'))
        name_match(x, '>');
    known = x->candidate;
    fold = known != 0 ? x->prefix : x->hash;
    switch (x->role) {
    case ROLE_OPEN:
        x->state = TAG_NEXT;
        x->count = 0;
        x->fold = fold;
        x->node = (uint8_t)known;
        break;
    case ROLE_CLOSE:
        x->state = END_TAG;
        /* at the latest the running hash finds what does not match; if the tag before this one was
         * the start tag, that is known now */
        if (x->depth == 0 ? known != x->at || (x->home == LEAF && x->fold != fold)
                          : x->fold != 0 && x->fold != fold)
            return IAM_ERR_XML_TAG;
        x->fold = fold;
        break;
    case ROLE_ATTRIBUTE:
        x->state = EQUAL;
        for (i = 0; i < x->count; i++)
            if (x->attributes[i] == x->hash)
                return IAM_ERR_XML;
        if (i < IAM_XML_ATTRIBUTES) {
            x->attributes[i] = x->hash;
            x->count++;
        }
        break;
    case ROLE_PI:
        x->state = PI_TARGET;
        x->count = DECL_TARGET;
        if (decl_word(x)) {
            x->state = DECL_NEXT;
            return x->home == START && memcmp(x->word, "xml", 3) == 0 ? 0 : IAM_ERR_XML;
        }
        break;
    default:
        x->state = EQUAL;
        return decl_word(x) ? 0 : IAM_ERR_XML;
    }
    return 0;
}

/* The state after a tag: inside an element, or behind the root. */
static void tag_home(struct iam_xml *x)
{
    if (x->depth != 0 || x->prefixes != 0 || x->schema[x->at].kind == IAM_XML_LEAF)
        x->home = SKIP;
    else
        x->home = x->at != 0 ? BRANCH : EPILOG;
    x->state = x->home;
    x->guess = 0;
}

/* End of a start tag, or / in it. */
static int tag_open(struct iam_xml *x)
{
    unsigned k = x->node;

    if (k == 0) {
        if (x->depth >= CONFIG_TINYIAM_XML_DEPTH_MAX)
            return IAM_ERR_XML_LIMIT;
        x->depth++;
        x->skipped = true;
        x->names = hash_push(x->names, x->fold);
        tag_home(x);
        return 0;
    }
    x->prefixes = hash_push(x->prefixes, x->fold);
    x->at = (uint8_t)k;
    tag_home(x);
    if (x->schema[k].kind == IAM_XML_LEAF)
        x->state = x->home = LEAF;
    return IAM_XML_OPEN;
}

/* End of an end tag or of an empty-element tag. */
static int tag_close(struct iam_xml *x)
{
    uint32_t wrong = 0;
    int event = 0;

    if (x->depth != 0) {
        x->names = hash_pop(x->names, x->fold);
        x->fold = 0;
        x->depth--;
        wrong = x->depth == 0 ? x->names : 0;
    } else {
        x->prefixes = hash_pop(x->prefixes, x->fold);
        x->node = x->at;
        x->at = x->schema[x->at].parent;
        wrong = x->at == 0 ? x->prefixes : 0;
        event = IAM_XML_CLOSE;
    }
    tag_home(x);
    return wrong == 0 ? event : IAM_ERR_XML_TAG;
}

/* A byte of a reference. Returns 1 when it is complete and its character is in x->value, 0 to go on. */
static int reference_step(struct iam_xml *x, unsigned c)
{
    unsigned digit = is_digit(c) ? c - '0' : is_letter(c) ? (c | 0x20) - 'a' + 10 : 99;
    unsigned base = x->state == REFERENCE_HEX ? 16 : 10;

    if (c == ';') {
        if (x->state == REFERENCE)
            x->value = entity(x->value);
        return is_character(x->value) ? 1 : IAM_ERR_XML_REFERENCE;
    }
    if (x->state == REFERENCE) {
        if (c == '#' && x->value == 0) {
            x->state = REFERENCE_NUMBER;
            return 0;
        }
        if (c - 'a' >= 26 || x->value >> 24 != 0)
            return IAM_ERR_XML_REFERENCE;
        x->value = x->value << 8 | c;
        return 0;
    }
    if (x->state == REFERENCE_NUMBER) {
        x->state = c == 'x' ? REFERENCE_HEX : REFERENCE_DECIMAL;
        if (c == 'x')
            return 0;
    }
    if (digit >= base || x->value > 0x10ffff)
        return IAM_ERR_XML_REFERENCE;
    x->value = x->value * base + digit;
    return 0;
}

/* A byte in a state that has rules. 0: go on with the next byte; 1: this byte again; else an event as
 * enum iam_xml_event has it plus 1, or an error. */
static int rule_step(struct iam_xml *x, unsigned c)
{
    const struct rule *rule = rules[x->state - FIRST_WITH_RULES];
    unsigned i, on;
    int r = 0;

    for (i = 0;; i++) {
        if (i == 4 || (on = rule[i].on) == 0)
            return IAM_ERR_XML;
        if (on == c || on == ANY || (on == SPACE && is_space(c)) || (on == LETTER && is_letter(c)))
            break;
    }
    switch (rule[i].next) {
    case DO_NAME_OPEN:
        if (x->home == EPILOG)
            return IAM_ERR_XML;
        x->home = SKIP;
        /* fallthrough */
    case DO_NAME_ATTRIBUTE:
    case DO_NAME_DECL:
        name_begin(x, rule[i].next - DO_NAME_OPEN);
        return 1;
    case DO_NAME_CLOSE:
        if (x->home > LAST_CONTENT)
            return IAM_ERR_XML;
        /* fallthrough */
    case DO_NAME_PI:
        name_begin(x, rule[i].next - DO_NAME_OPEN);
        break;
    case DO_OPEN:
        r = tag_open(x);
        break;
    case DO_EMPTY:
        r = tag_open(x);
        x->state = EMPTY;
        break;
    case DO_CLOSE:
        r = tag_close(x);
        break;
    case DO_SPACE:
        x->state = x->home = PROLOG;
        break;
    case DO_HOME:
        if (x->home == START)
            x->home = PROLOG;
        x->state = x->home;
        break;
    case DO_QUOTE:
        x->quote = (uint8_t)c;
        x->state = x->role == ROLE_DECL ? DECL_VALUE : ATTRIBUTE;
        break;
    case DO_CDATA:
        x->state = CDATA_1;
        return x->home <= LAST_CONTENT ? 0 : IAM_ERR_XML;
    case DO_DOCTYPE:
        return IAM_ERR_XML_DOCTYPE;
    case DO_DECL_END:
        x->state = PI_END;
        return x->count != 0 ? 0 : IAM_ERR_XML;
    default:
        x->state = rule[i].next;
    }
    return r > 0 ? r + 1 : r;
}

int iam_xml_bytes(struct iam_xml *x, const char **pp, const char *end, struct iam_span *text)
{
    const char *p = *pp;
    const char *q, *from = p; /* of a run of text, in states up to LAST_WITH_TEXT */
    unsigned c;
    size_t n;
    int r;

    if (x->state == FAILED)
        return (int)x->value;
    for (; p < end; p++) {
        c = (uint8_t)*p;
        r = 0;
        if (c >= 0x80 || x->utf8 != 0) {
            r = utf8_step(x, c);
            if (r > 0)
                continue;
        } else if (c < 0x20 && !is_space(c)) {
            r = IAM_ERR_XML_UTF8;
        }
        if (r < 0) {
            if (x->home == START && (c == 0 || c >= 0xfe))
                r = IAM_ERR_XML_ENCODING; /* UTF-16 and UTF-32 show in the first two bytes */
            goto failed;
        }
    again:
        switch (x->state) {
        case BRACKET1:
        case BRACKET2:
            if (c == ']') {
                x->state = BRACKET2;
                continue;
            }
            if (c == '>' && x->state == BRACKET2) {
                r = IAM_ERR_XML;
                goto failed;
            }
            x->state = SKIP;
            /* fallthrough */
        case BRANCH:
        case LEAF:
        case SKIP:
            if (c == '<')
                goto stop;
            q = p;
            while (q < end && is_plain((uint8_t)*q))
                q++;
            if (q > p) {
                p = q - 1;
                continue;
            }
            if (c == ']') {
                x->state = BRACKET1;
                continue;
            }
            if (c != '&' && (c != '\r' || x->home != LEAF))
                continue;
            goto stop;
        case CDATA:
            if (c != ']' && (c != '\r' || x->home != LEAF))
                continue;
        stop: /* of a run of text */
            n = (size_t)(p - from);
            if (x->home == LEAF && n > 0)
                goto report;
            if (c == '<') {
                x->state = LT;
            } else if (c == '&') {
                x->state = REFERENCE;
                x->quote = 0;
                x->value = 0;
            } else if (c == ']') {
                x->state = CDATA_BRACKET1;
            } else {
                x->state = x->state == CDATA ? CDATA_CR : CONTENT_CR;
                p++;
                from = "\n";
                n = 1;
                goto report;
            }
            continue;
        case CONTENT_CR:
        case CDATA_CR:
            x->state = x->state == CDATA_CR ? CDATA : SKIP;
            if (c == '\n') {
                from = p + 1;
                continue;
            }
            goto again;
        case CDATA_BRACKET1:
        case CDATA_BRACKET2:
            n = x->state == CDATA_BRACKET1 ? 1 : 2;
            if (c == '>' && n == 2) {
                x->state = x->home;
                from = p + 1;
                continue;
            }
            if (c == ']' && (n == 1 || x->home != LEAF)) {
                x->state = CDATA_BRACKET2;
                continue;
            }
            /* what was held back is text: all, or the first of three brackets */
            if (x->home != LEAF) {
                x->state = CDATA;
                from = p;
                goto again;
            }
            from = "]]";
            if (c == ']') {
                p++;
                n = 1;
            } else {
                x->state = CDATA;
                x->utf8 = 0; /* the byte is not part of the sequence, and is looked at again */
            }
            goto report;
        case NAME0:
            if (c >= 0x80) {
                x->utf8 |= UTF8_NAME_START;
            } else if (!is_letter(c) && c != '_') {
                r = IAM_ERR_XML;
                goto failed;
            }
            x->state = NAME;
            if (!name_fits(x, c))
                name_step(x, c);
            continue;
        case NAME:
            if (c != '>' && name_fits(x, c))
                continue;
            if (c >= 0x80) {
                x->utf8 |= UTF8_NAME;
            } else if (c == ':' && !x->colon) {
                name_local(x);
                continue;
            } else if (!is_name(c)) {
                r = name_end(x);
                if (r < 0)
                    goto failed;
                goto again;
            }
            name_step(x, c);
            continue;
        case ATTRIBUTE:
            if (c == x->quote) {
                x->state = TAG_NEXT;
            } else if (c == '&') {
                x->state = REFERENCE;
                x->value = 0;
            } else if (c == '<') {
                r = IAM_ERR_XML;
                goto failed;
            }
            continue;
        case DECL_VALUE:
            r = decl_value(x, c);
            break;
        case REFERENCE:
        case REFERENCE_NUMBER:
        case REFERENCE_DECIMAL:
        case REFERENCE_HEX:
            r = reference_step(x, c);
            if (r <= 0)
                break;
            x->state = x->quote != 0 ? ATTRIBUTE : x->home;
            from = p + 1;
            if (x->quote != 0 || x->home != LEAF)
                continue;
            p++;
            n = utf8_write(x);
            from = x->decoded;
            goto report;
        default:
            r = rule_step(x, c);
            if (r == 1)
                goto again;
            if (r > 0) {
                *pp = p + 1;
                return r - 1;
            }
            from = p + 1;
        }
        if (r < 0)
            goto failed;
    }
    n = (size_t)(p - from);
    if (x->home != LEAF || x->state > LAST_WITH_TEXT || n == 0) {
        *pp = p;
        return IAM_XML_MORE;
    }
report:
    *pp = p;
    text->p = from;
    text->n = n;
    return IAM_XML_TEXT;
failed:
    *pp = p;
    x->state = FAILED;
    x->utf8 = 0;
    x->value = (uint32_t)r;
    return r;
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
    if (x->state == FAILED)
        return (int)x->value;
    return x->state == EPILOG ? IAM_OK : IAM_ERR_XML_TRUNCATED;
}

#if !CONFIG_TINYIAM_XML_FAST
int iam_xml_next(struct iam_xml *x, const char **p, const char *end, struct iam_span *text)
{
    return iam_xml_bytes(x, p, end, text);
}
#endif
