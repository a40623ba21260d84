/* The byte machine, its loops a turn at a time, and what one part takes for granted of another: each is proved of the code
 * in a run of its own. For xml.c. */
#ifndef TINYIAM_TESTS_PROOF_XML_PARTS_H
#define TINYIAM_TESTS_PROOF_XML_PARTS_H

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

#endif
