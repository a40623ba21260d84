/* An operation that only this table adds: a parameter of every kind (but a list of words: iam_op_grants has one),
 * an item with a member of every kind, and a kind of item that nothing in core/ has heard of. What works for it
 * works for any table. */
#ifndef TINYIAM_TESTS_MADE_UP_H
#define TINYIAM_TESTS_MADE_UP_H

#include <tinyiam/call.h>

#include "model/table.h"

struct made_up_request {
    struct iam_span text, word, enumerated, marker; /* word goes out under three names */
    uint16_t count;
    uint8_t choice;
    enum iam_scope scope;
};
_Static_assert(sizeof(struct made_up_request) <= sizeof(union iam_request), "room");

enum { MADE_UP_ITEM = 40, MADE_UP_PART = 41 };
/* In the place of struct iam_entity and so on. */
struct made_up_item {
    int64_t one;
    bool has_one;
    int64_t two; /* a second integer: whose presence is whose? */
    bool has_two;
    _Alignas(4) bool yes; /* places are counted in words */
    bool has_yes;
    struct iam_span word;
    uint8_t number;
    _Alignas(4) bool group;
    struct iam_span text;
    _Alignas(4) bool has_parts;
    bool late;
};
struct made_up_part {
    struct iam_span text;
    struct iam_time time;
};
_Static_assert(sizeof(struct made_up_item) <= sizeof(((struct iam_item *)0)->u), "room");

#define MADE_UP(type, field) \
    ((uint8_t)((offsetof(struct iam_decode, item.u) + offsetof(struct type, field)) / 4))

static const struct iam_param made_up_params[] = {
    {"Text", IAM_PARAM_TEXT, AT(made_up_request, text), 2, 20},
    {"Word", IAM_PARAM_WORD, AT(made_up_request, word), 1, 8},
    {"Name", IAM_PARAM_NAME, AT(made_up_request, word), 1, 8},
    {"Id", IAM_PARAM_ID, AT(made_up_request, word), 1, 8},
    {"Enum\0Red\0Green\0", IAM_PARAM_ENUM, AT(made_up_request, enumerated), 1, 64},
    {"Choice", IAM_PARAM_BOOL, AT(made_up_request, choice), 0, 0},
    {"Count", IAM_PARAM_COUNT, AT(made_up_request, count), 3, 500},
    {"Marker", IAM_PARAM_MARKER, AT(made_up_request, marker), 1, IAM_MARKER_MAX},
};

/* clang-format off */
enum {
    DOCUMENT, REPLY, RESULT, MARKER, TRUNCATED, LIST,
    MEMBER, ONE, TWO, YES, WORD, GROUP, GROUP_TEXT, PARTS, PART, PART_TEXT, PART_TIME,
    METADATA
};
/* clang-format on */

static const struct iam_xml_node made_up_schema[NODES] = {
    FRAME("MadeUp", MARKER),
    [MARKER] = MARKER_ROW(TRUNCATED),
    [TRUNCATED] = TRUNCATED_ROW(LIST),
    [LIST] = LIST_ROW("Things", MEMBER, 0),
    [MEMBER] = ITEM_ROW(LIST, ONE, MADE_UP_ITEM, IAM_ITEM_IS_USUAL | IAM_ITEM_HAS_END),
    [ONE] = LEAF("One", MEMBER, TWO, IAM_NODE_INT, MADE_UP(made_up_item, one), 1),
    [TWO] = LEAF("Two", MEMBER, YES, IAM_NODE_INT, MADE_UP(made_up_item, two), 2),
    [YES] = LEAF("Yes", MEMBER, WORD, IAM_NODE_BOOL, MADE_UP(made_up_item, yes), 3),
    [WORD] = {"Word>\0Red\0Green\0", 4, IAM_XML_LEAF, MEMBER, 0, GROUP, IAM_NODE_WORDS,
              MADE_UP(made_up_item, word), 4},
    [GROUP] =
        BRANCH("Group", MEMBER, GROUP_TEXT, PARTS, IAM_NODE_GROUP, MADE_UP(made_up_item, group), 5),
    [GROUP_TEXT] = LEAF("Text", GROUP, 0, IAM_NODE_TEXT, MADE_UP(made_up_item, text), 6),
    [PARTS] =
        BRANCH("Parts", MEMBER, PART, 0, IAM_NODE_SUBLIST, MADE_UP(made_up_item, has_parts), 7),
    [PART] =
        BRANCH("member", PARTS, PART_TEXT, 0, IAM_NODE_SUBITEM, IAM_ITEM_IS_USUAL, MADE_UP_PART),
    [PART_TEXT] = LEAF("PartText", PART, PART_TIME, IAM_NODE_TEXT, MADE_UP(made_up_part, text), 1),
    [PART_TIME] = LEAF("PartTime", PART, 0, IAM_NODE_TIME, MADE_UP(made_up_part, time), 2),
};

static const struct iam_operation made_up = {
    .service = &iam_model,
    .schema = made_up_schema,
    .rare = &iam_rare_kinds,
    .number = 200,
    REQUEST(made_up_request, made_up_params),
    .marker = AT(made_up_request, marker),
    .max_items = AT(made_up_request, count),
    .scope = AT(made_up_request, scope),
};

#endif
