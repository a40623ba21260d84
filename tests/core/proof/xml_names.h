/* The runs of xml.c about a name, byte by byte, and about a word of a declaration. */
#ifndef TINYIAM_TESTS_PROOF_XML_NAMES_H
#define TINYIAM_TESTS_PROOF_XML_NAMES_H

#include "xml_parts.h"

#ifdef WORD
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
#endif

#endif
