/* What the decoder takes for granted of a schema, beside its being a tree: of an element and its parent. test_model.c holds
 * every table of core/ to it; tests/core/proof proves the decoder for any table that it allows. */
#ifndef TINYIAM_TESTS_SCHEMA_SHAPE_H
#define TINYIAM_TESTS_SCHEMA_SHAPE_H

#include "model/shape.h"

/* Where an element lies: in an item (or is one), in a list inside one. */
struct element_place {
    bool in_item, in_sub;
};

static struct element_place place_below(struct element_place up, unsigned type)
{
    const struct element_place at = {up.in_item || type == IAM_NODE_ITEM,
                                     up.in_sub || type == IAM_NODE_SUBLIST};
    return at;
}

/* Bytes that the decoder writes at an element's place. */
static size_t value_size(unsigned type)
{
    return type == IAM_NODE_TEXT      ? sizeof(struct iam_span)
           : type == IAM_NODE_TIME    ? sizeof(struct iam_time)
           : type == IAM_NODE_BOOL    ? 2
           : type == IAM_NODE_INT     ? sizeof(int64_t) + 1
           : type == IAM_NODE_WORDS   ? sizeof(struct iam_span) + 1
           : type == IAM_NODE_SUBLIST ? 2
           : type == IAM_NODE_GROUP   ? 1
                                      : 0;
}

/* Where it comes twice: may the second one, and all inside, be passed over? */
static bool may_ignore(const struct iam_xml_node *n)
{
    return (n->member != 0 || n->kind == IAM_XML_LEAF) &&
           (n->type >= IAM_NODE_GROUP || n->type == IAM_NODE_PLAIN);
}

/* up: where the parent lies; root: it is the document. */
static bool is_in_shape(const struct iam_xml_node *n, const struct iam_xml_node *parent,
                        struct element_place up, bool root, bool envelopes)
{
    bool leaf = n->kind == IAM_XML_LEAF;
    if (n->type > IAM_NODE_REQUEST_ID || leaf != (n->type >= IAM_NODE_TEXT) ||
        parent->kind != IAM_XML_BRANCH || (may_ignore(parent) && !leaf))
        return false;
    if (root)
        return n->type == IAM_NODE_PLAIN && n->member == 0;
    if (envelopes) /* two texts, told apart by their place */
        return (n->type == IAM_NODE_PLAIN || n->type == IAM_NODE_TEXT ||
                n->type == IAM_NODE_REQUEST_ID) &&
               n->member == 0;
    switch (n->type) {
    case IAM_NODE_PLAIN:
    case IAM_NODE_RESULT:
        return !up.in_item && n->member < IAM_MEMBER_COUNT_;
    case IAM_NODE_LIST:
        return !up.in_item && n->member < IAM_MEMBER_COUNT_ && n->member != 0;
    case IAM_NODE_ITEM:
        return !up.in_item && n->member != 0;
    case IAM_NODE_SUBLIST:
        return parent->type == IAM_NODE_ITEM && n->member != 0 && n->member < 16;
    case IAM_NODE_SUBITEM:
        return parent->type == IAM_NODE_SUBLIST && n->member != 0;
    case IAM_NODE_GROUP:
        return (parent->type == IAM_NODE_ITEM || parent->type == IAM_NODE_SUBITEM) &&
               n->member != 0 && n->member < 16;
    default: /* a leaf: one of which a second is noticed */
        return parent->type != IAM_NODE_LIST && parent->type != IAM_NODE_SUBLIST &&
               (up.in_item ? n->member != 0 && n->member < 16
                           : n->member < IAM_MEMBER_COUNT_ &&
                                 (n->member != 0 || n->type == IAM_NODE_TEXT ||
                                  n->type == IAM_NODE_REQUEST_ID));
    }
}

#endif
