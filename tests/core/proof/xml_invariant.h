/* Which states the tokenizer can be in, for ANY schema that is one tree (test_model.c holds every schema of core/ to
 * that). For harnesses that have included core/wire/xml.c. */
#ifndef TINYIAM_TESTS_XML_INVARIANT_H
#define TINYIAM_TESTS_XML_INVARIANT_H

enum { nodes = 32 }; /* more than any schema of core/ has */
static struct iam_xml_node schema[nodes];

static unsigned any_place; /* in a word: what holds there holds everywhere */

/* The schema is a tree as far as node i and its links go. Whatever a harness meets of it is assumed to be so. */
static bool is_tree(unsigned i)
{
    if (i >= nodes)
        return false;
    const struct iam_xml_node *s = &schema[i];
    if (s->parent >= nodes || s->child >= nodes || s->next >= nodes || s->len > 63 ||
        s->kind > IAM_XML_LEAF || schema[s->parent].kind != IAM_XML_BRANCH)
        return false;
    if (i == 0 && (s->parent != 0 || s->next != 0))
        return false;
    return (s->child == 0 || (s->kind == IAM_XML_BRANCH && schema[s->child].parent == i)) &&
           (s->next == 0 || schema[s->next].parent == s->parent);
}

/* A reader of which nothing is known. */
static void any_reader(struct iam_xml *x)
{
    __CPROVER_havoc_object(x);
    x->schema = schema;
    ASSUME(any_place < sizeof(x->word));
    ASSUME(x->at < nodes && is_tree(x->at) && is_tree(schema[x->at].parent));
    ASSUME(is_tree(x->node) && is_tree(x->guess) && is_tree(x->candidate));
}

#define ONE(state) (UINT64_C(1) << (state))
#define UP_TO(first, last) (ONE((last) + 1) - ONE(first))
#define IS(set) (ONE(x->state) & (set))
#define NAMES (ONE(NAME0) | ONE(NAME))
#define REFERENCES UP_TO(REFERENCE, REFERENCE_HEX)

static bool is_sound(const struct iam_xml *x)
{
    if (x->schema != schema || x->state > FAILED || x->at >= nodes || x->node >= nodes ||
        x->guess >= nodes || x->candidate >= nodes)
        return false;
    if (x->state == FAILED)
        return (int)x->value < 0 && x->utf8 == 0;
    bool inside = x->home <= LAST_CONTENT; /* an element */
    bool open = x->depth != 0 || x->at != 0;
    bool decl = IS(ONE(DECL_NEXT) | ONE(DECL) | ONE(DECL_VALUE)) ||
                (x->role == ROLE_DECL && IS(NAMES | ONE(EQUAL) | ONE(QUOTE)));
    bool tag = IS(ONE(TAG_NEXT) | ONE(TAG) | ONE(ATTRIBUTE)) || (x->quote != 0 && IS(REFERENCES)) ||
               (x->role == ROLE_ATTRIBUTE && IS(NAMES | ONE(EQUAL) | ONE(QUOTE)));
    bool opens = x->role == ROLE_OPEN && IS(NAMES);
    bool name_known = IS(NAMES) && x->candidate != 0;

    /* where it is */
    if (!inside && x->home != START && x->home != PROLOG && x->home != EPILOG)
        return false;
    if (x->depth > CONFIG_TINYIAM_XML_DEPTH_MAX ||
        (x->depth == 0 ? x->names != 0 : x->home != SKIP))
        return false;
    if (x->at == 0 && x->prefixes != 0)
        return false;
    if (inside ? !open && !tag && !opens : open)
        return false;
    if (x->home == BRANCH && (x->prefixes != 0 || schema[x->at].kind != IAM_XML_BRANCH))
        return false;
    if (x->home == LEAF && schema[x->at].kind != IAM_XML_LEAF)
        return false;
    if (x->guess != 0 && schema[x->guess].parent != x->at)
        return false;
    /* what may be read there */
    if (IS(ONE(BRANCH) | ONE(LEAF) | ONE(PROLOG) | ONE(EPILOG) | ONE(START)) && x->home != x->state)
        return false;
    if (IS(ONE(SKIP) | UP_TO(BRACKET1, CDATA_BRACKET2) | UP_TO(CDATA_1, CDATA_6) | ONE(END_TAG) |
           ONE(EMPTY)) &&
        !inside)
        return false;
    if ((tag || opens || (x->quote == 0 && IS(REFERENCES))) && !inside)
        return false;
    if ((tag || opens) && x->home != SKIP)
        return false;
    if ((decl || x->state == MARK) && x->home != START)
        return false;
    /* the name, and what came before it in the tag */
    if (x->role > ROLE_DECL || (IS(ONE(EQUAL) | ONE(QUOTE)) && !decl && !tag))
        return false;
    if (x->role == ROLE_CLOSE && IS(NAMES) && !inside)
        return false;
    if (name_known && (x->role > ROLE_CLOSE || x->depth != 0 || x->pos > schema[x->candidate].len))
        return false;
    if (name_known &&
        schema[x->candidate].parent != (x->role == ROLE_OPEN ? x->at : schema[x->at].parent))
        return false;
    if (tag && (x->count > IAM_XML_ATTRIBUTES ||
                (x->node != 0 && (x->depth != 0 || schema[x->node].parent != x->at))))
        return false;
    if ((IS(ONE(ATTRIBUTE) | ONE(DECL_VALUE)) || (tag && IS(REFERENCES))) && x->quote != '"' &&
        x->quote != '\'')
        return false;
    /* declarations and instructions: a word without a NUL */
    if ((x->role >= ROLE_PI && IS(NAMES)) || IS(ONE(EQUAL) | ONE(QUOTE) | ONE(DECL_VALUE)))
        if (x->role >= ROLE_PI) {
            if (x->pos > sizeof(x->word))
                return false;
            if (any_place < x->pos && x->word[any_place] == '\0')
                return false;
        }
    if (x->state == DECL_VALUE && x->role != ROLE_DECL)
        return false;
    if (decl && x->count > DECL_TARGET)
        return false;
    /* a character */
    if (IS(REFERENCES & ~ONE(REFERENCE)) && x->value > 0x10ffff * 16 + 15)
        return false;
    return true;
}

static bool invariant(const struct iam_xml *x)
{
    if (!is_sound(x) || x->utf8 == 0 || x->state == FAILED)
        return is_sound(x) && (x->state != REFERENCE_NUMBER || x->value == 0);
    return (x->utf8 & UTF8_LEFT) != 0 && x->utf8 <= (UTF8_LEFT | UTF8_NAME_START) &&
           (x->state == NAME || x->utf8 <= UTF8_LEFT) &&
           IS(ONE(SKIP) | ONE(CDATA) | ONE(NAME) | ONE(ATTRIBUTE) | ONE(COMMENT) | ONE(PI) |
              ONE(MARK));
}

#endif
