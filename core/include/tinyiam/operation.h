/* tinyiam/operation.h - what an operation is made of, to read: its name, and its parameters with their kinds
 * and limits, as IAM's service model has them. Layer: model.
 *
 * For programs that build options, forms or checks from them instead of writing the limits down once more.
 * Nothing of it can be changed, and an operation of one's own cannot be made: the rest is private. */
#ifndef TINYIAM_OPERATION_H
#define TINYIAM_OPERATION_H

#include "request.h"

#ifdef __cplusplus
extern "C" {
#endif

enum iam_param_kind {
    IAM_PARAM_TEXT,   /* struct iam_span, UTF-8, min..max characters */
    IAM_PARAM_WORD,   /* the same, of A-Z a-z 0-9 _ - only */
    IAM_PARAM_ENUM,   /* struct iam_span, one of the words that stand behind the name */
    IAM_PARAM_MARKER, /* struct iam_span, UTF-8 of U+0020..U+00FF; sent from the call's own copy */
    IAM_PARAM_COUNT,  /* uint16_t, min..max; 0: absent */
    /* what only some operations have, from here on */
    IAM_PARAM_NAME, /* as WORD, and + = , . @ */
    IAM_PARAM_ID,   /* as NAME, and : / */
    IAM_PARAM_BOOL, /* uint8_t, enum iam_choice */
    /* const struct iam_span *, and behind it their number, min..max, as uint16_t: each 1..64 characters like those
     * of WORD. Sent as Name.member.1, Name.member.2, ... */
    IAM_PARAM_WORDS,
    IAM_PARAM_REQUIRED = 0x80
};

struct iam_param {
    /* "PathPrefix"; of an ENUM with its words, each ending in a NUL, the last in two:
     * "Granularity" "\0SERVICE_LEVEL\0ACTION_LEVEL\0" */
    const char *name;
    uint8_t kind;   /* enum iam_param_kind; with IAM_PARAM_REQUIRED where it may not be absent */
    uint8_t offset; /* of its value in the operation's request struct */
    uint16_t min, max;
};

struct iam_service_model;
struct iam_rare_kinds;
struct iam_xml_node;

struct iam_operation {
    const struct iam_service_model *service;
    const struct iam_param *params; /* in the order in which they are sent */
    /* Its reply, whose root is the action's name and "Response", and the only place where the name stands. */
    const struct iam_xml_node *schema;
    /* Needed where a parameter's kind is IAM_PARAM_NAME or stands behind it in the enum. */
    const struct iam_rare_kinds *rare;
    uint8_t param_count;
    uint8_t request_size; /* of the request struct */
    uint8_t number; /* says in a checkpoint which operation it is of; 0: it has no checkpoints */
    /* How it pages. Offsets of a Marker, MaxItems and enum iam_scope in the request; 0: it has none. */
    uint8_t marker, max_items, scope;
    /* The first parameter is the JobId of a report: wait for it, one session for all. */
    bool of_job;
    bool makes_job;   /* the reply's JobId is a report of this session */
    bool is_unsigned; /* nobody's keys are needed */
};

/** The operation's name: "ListUsers". */
struct iam_span iam_operation_name(const struct iam_operation *);

#ifdef __cplusplus
}
#endif
#endif
