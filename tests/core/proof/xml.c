/* The tokenizer's byte machine. */
#include "proof.h"

struct iam_xml;
static void any_look(struct iam_xml *, unsigned c);
static void any_run(const char **q, const char *p, const char *end);
static bool name_fits(struct iam_xml *, unsigned c);
static void name_match(struct iam_xml *, unsigned c);
static bool decl_word(struct iam_xml *);
static void any_turn(struct iam_xml *, const char *start, const char **p, const char *end,
                     const char **from);
/* At the head of the loop over bytes: any turn of it, and that the next one begins as it did. */
#define TURN any_turn(x, *pp, &p, end, &from);
#define LOOK any_look(x, c);
#define RUN , any_run(&q, p, end)

#include "core/wire/xml.c"
#include "xml_invariant.h"

static unsigned turns, looks, runs;
static struct iam_xml before;
static const char *p_before;

static void any_turn(struct iam_xml *x, const char *start, const char **p, const char *end,
                     const char **from)
{
    if (turns++ > 0) {
        PROVE(invariant(x) && x->state != FAILED, "the next turn begins so");
        PROVE(INSIDE(*p, start, end) && INSIDE(*from, start, *p), "places in the input");
        PROVE(*p > p_before, "progress");
        ASSUME(false);
    }
    size_t i = nondet_size(), j = nondet_size();
    ASSUME(i < (size_t)(end - start) && j <= i);
    *p = start + i;
    *from = start + j;
    p_before = *p;
}

static bool looks_twice(const struct iam_xml *x)
{
    return IS(UP_TO(CONTENT_CR, CDATA_BRACKET2) | ONE(NAME) | ONE(LT) | ONE(TAG) | ONE(DECL));
}

static bool can_look(const struct iam_xml *x, unsigned c)
{
    return c >= 0x80 ? x->utf8 >= 1 && x->utf8 <= 3 && x->state >= SKIP
                     : x->utf8 == 0 && (c >= 0x20 || is_space(c));
}

static void any_look(struct iam_xml *x, unsigned c)
{
    PROVE(is_sound(x) && x->state != FAILED && can_look(x, c), "every look begins so");
    if (looks++ > 0) {
        PROVE(looks_twice(&before) && !looks_twice(x), "a byte is looked at twice at most");
        ASSUME(false);
    }
    any_reader(x);
    ASSUME(is_sound(x) && x->state != FAILED && can_look(x, c));
    before = *x;
}

/* Over plain text, one byte after the other. */
static void any_run(const char **q, const char *p, const char *end)
{
    PROVE(INSIDE(*q, p, end), "text within the input");
    if (runs++ > 0)
        ASSUME(false);
    size_t n = nondet_size();
    ASSUME(n >= 1 && n <= (size_t)(end - p));
    *q = p + n;
}

static bool name_fits(struct iam_xml *x, unsigned c)
{
#ifdef FITS
    return name_fits_code(x, c);
#endif
    PROVE(x->candidate == 0 || x->pos <= schema[x->candidate].len, "a name is not left");
    if (x->candidate == 0 || nondet_bool())
        return false;
    x->pos++;
    ASSUME(c == '>' || x->pos <= schema[x->candidate].len);
    return true;
}

static void name_match(struct iam_xml *x, unsigned c)
{
#ifdef MATCH
    name_match_code(x, c);
    return;
#endif
    unsigned k = nondet_uint(), parent = schema[x->candidate].parent;
    PROVE(x->candidate == 0 || x->pos <= schema[x->candidate].len, "a name is not left");
    if (x->candidate == 0)
        return;
    ASSUME(is_tree(k) && (k == 0 || schema[k].parent == parent));
    x->candidate = k;
    if (k == 0) {
        x->hash = nondet_uint();
        return;
    }
    x->pos++;
    ASSUME(x->pos <= schema[k].len + (c == '>'));
}

static bool decl_word(struct iam_xml *x)
{
#ifdef WORD
    return decl_word_code(x);
#endif
    PROVE(x->pos <= sizeof(x->word), "a word ends");
    if (nondet_bool())
        return false;
    x->count = nondet_uint();
    ASSUME(x->count <= DECL_TARGET);
    x->pos = 0;
    x->ascii = nondet_bool();
    return true;
}

#if defined FITS || defined MATCH
/* A tag of exactly len + 1 bytes: a name in ASCII, and '>'. */
static char *any_tag(unsigned len)
{
    char *tag = any_bytes(len + 1u);
    ASSUME(len <= 63 && tag[len] == '>');
    for (unsigned i = 0; i < 63; i++)
        ASSUME(i >= len || (tag[i] > 0 && tag[i] != '>'));
    return tag;
}

int main(
    void) /* one name and its next sibling: nothing but its number goes from one sibling to the next */
{
    struct iam_xml x;
    unsigned c = nondet_uint() & 0xff;
    __CPROVER_havoc_object(schema);
    x.schema = schema;
    schema[1].tag = any_tag(schema[1].len);
    schema[2].tag = any_tag(schema[2].len);
    ASSUME(schema[1].next == 0 || schema[1].next == 2);
    schema[2].next = 0;
    ASSUME(x.candidate == 0 || (x.candidate == 1 && x.pos <= schema[1].len));
    struct iam_xml y = x;
#ifdef FITS
    bool fits = name_fits(&x, c);
    PROVE(x.pos == y.pos + fits && (!fits || x.candidate != 0), "a byte of the name");
    PROVE(!fits || (c < 0x80 && (c == '>') == (x.pos > schema[1].len)), "the name's end is one");
    y.pos = x.pos;
#else
    name_match(&x, c);
    if (x.candidate != 0) {
        PROVE(y.candidate != 0 && x.candidate == schema[y.candidate].next && x.pos == y.pos + 1,
              "a sibling");
        PROVE(c < 0x80 && (c == '>') == (x.pos > schema[2].len), "the name's end is one");
    }
    y.candidate = x.candidate;
    y.pos = x.pos;
    y.hash = x.hash = 0;
#endif
    PROVE(memcmp(&x, &y, sizeof(x)) == 0, "nothing else changes");
    REACHED();
    return 0;
}
#elif defined WORD
int main(void)
{
    struct iam_xml x;
    ASSUME(x.pos <= sizeof(x.word));
    for (unsigned i = 0; i < sizeof(x.word); i++)
        ASSUME(i >= x.pos || x.word[i] != '\0');
    struct iam_xml y = x;
    if (decl_word(&x)) {
        PROVE(x.count <= DECL_TARGET && x.pos == 0, "a word is taken");
        y.count = x.count;
        y.pos = x.pos;
        y.ascii = x.ascii;
    }
    PROVE(memcmp(&x, &y, sizeof(x)) == 0, "nothing else changes");
    REACHED();
    return 0;
}
#else
int main(void)
{
    struct iam_xml x;
    struct iam_span text;
    size_t n = nondet_size();
    ASSUME(n <= SIZE_MAX >> 12);
    char *in = any_bytes(n);
    const char *p = in;
    __CPROVER_havoc_object(schema);
    any_place = nondet_uint();
    any_reader(&x);
    ASSUME(invariant(&x));
    before = x;
    p_before = p;
    int r = iam_xml_bytes(&x, &p, in + n, &text);

    PROVE(INSIDE(p, in, in + n) && invariant(&x), "what it leaves behind");
    PROVE(r >= 0 ? x.state != FAILED && r <= IAM_XML_CLOSE : x.state == FAILED && r == (int)x.value,
          "an error is kept");
    PROVE(before.state != FAILED || (p == in && r == (int)before.value),
          "an error sticks, and takes nothing more");
    PROVE(r != IAM_XML_MORE || p == in + n, "more is asked for when all is used");
    PROVE(r != IAM_XML_TEXT || (x.home == LEAF && text.n >= 1 && __CPROVER_r_ok(text.p, text.n)),
          "text of a leaf can be read");
    PROVE(r <= 0 || p > in ||
              ((before.state == CDATA_BRACKET1 || before.state == CDATA_BRACKET2) &&
               x.state == CDATA) ||
              n == 0,
          "progress");
    PROVE(iam_xml_finish(&x) != IAM_OK || (x.depth == 0 && x.at == 0 && x.state == EPILOG),
          "the end");
    REACHED();
    return 0;
}
#endif
