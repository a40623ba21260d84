/* The macros that tables of operations are made of: for op_*.c alone.
 *
 * A schema's elements are numbered by an enum: DOCUMENT, REPLY, RESULT first, then the operation's own, then
 * METADATA, which stands last in each. Children of one parent are linked in the order of the service's
 * replies; an item's leaves stand behind it, before anything that is none of its own. */
#ifndef TINYIAM_MODEL_TABLE_H
#define TINYIAM_MODEL_TABLE_H

#include "shape.h"

/* ---- places ---- */

_Static_assert(sizeof(struct iam_decode) <= 4 * 255,
               "iam_xml_node.offset counts in units of 4 bytes");
/* the second term does not compile for a field that is not aligned to 4 bytes */
#define IN(field)                                       \
    ((uint8_t)(offsetof(struct iam_decode, field) / 4 + \
               0 / (offsetof(struct iam_decode, field) % 4 == 0)))
/* nor for a flag that does not stand right behind its field */
#define BEHIND(field, type, flag)                                    \
    ((uint8_t)(IN(field) + 0 / (offsetof(struct iam_decode, flag) == \
                                offsetof(struct iam_decode, field) + sizeof(type))))
#define AT(type_, field) ((uint8_t)offsetof(struct type_, field))
/* of IAM_PARAM_WORDS; does not compile for a number that does not stand right behind the pointer */
#define WORDS_AT(type_, field, number)                                   \
    ((uint8_t)(AT(type_, field) + 0 / (offsetof(struct type_, number) == \
                                       offsetof(struct type_, field) + sizeof(void *))))

/* ---- elements ---- */

#define BRANCH(tag, parent, child, next, type, at, member)                              \
    {                                                                                   \
        tag ">", sizeof(tag) - 1, IAM_XML_BRANCH, parent, child, next, type, at, member \
    }
#define LEAF(tag, parent, next, type, at, member)                                 \
    {                                                                             \
        tag ">", sizeof(tag) - 1, IAM_XML_LEAF, parent, 0, next, type, at, member \
    }
#define PLAIN(tag, parent, child, next, member) \
    BRANCH(tag, parent, child, next, IAM_NODE_PLAIN, 0, member)
#define TEXT(tag, parent, next, field, member) \
    LEAF(tag, parent, next, IAM_NODE_TEXT, IN(field), member)
#define TIME(tag, parent, next, field, member) \
    LEAF(tag, parent, next, IAM_NODE_TIME, IN(field), member)
#define BOOL(tag, parent, next, field, flag, member) \
    LEAF(tag, parent, next, IAM_NODE_BOOL, BEHIND(field, bool, flag), member)
#define INT(tag, parent, next, field, flag, member) \
    LEAF(tag, parent, next, IAM_NODE_INT, BEHIND(field, int64_t, flag), member)
/* words: "ONE\0TWO\0" */
#define WORDS(tag, parent, next, words, field, number, member)                           \
    {                                                                                    \
        tag ">\0" words, sizeof(tag) - 1, IAM_XML_LEAF, parent, 0, next, IAM_NODE_WORDS, \
            BEHIND(field, struct iam_span, number), member                               \
    }
#define REQUEST_ID(tag, parent) LEAF(tag, parent, 0, IAM_NODE_REQUEST_ID, 0, 0)

/* What every reply begins and ends with; first: the first child of its Result. */
#define FRAME(action, first)                                                       \
    [DOCUMENT] = BRANCH("", 0, REPLY, 0, IAM_NODE_PLAIN, 0, 0),                    \
    [REPLY] = PLAIN(action "Response", DOCUMENT, RESULT, 0, 0),                    \
    [RESULT] = BRANCH(action "Result", REPLY, first, META, IAM_NODE_RESULT, 0, 0), \
    [META] = PLAIN("ResponseMetadata", REPLY, META_REQUEST_ID, 0, 0),              \
    [META_REQUEST_ID] = REQUEST_ID("RequestId", META)

#define METADATA META, META_REQUEST_ID, NODES

/* ---- members that several replies have ---- */

#define TRUNCATED_ROW(next)                                                      \
    BOOL("IsTruncated", RESULT, next, report.is_truncated, report.has_truncated, \
         IAM_MEMBER_IS_TRUNCATED)
#define MARKER_ROW(next) TEXT("Marker", RESULT, next, report.marker, IAM_MEMBER_MARKER)
#define LIST_ROW(tag, member_, next) \
    BRANCH(tag, RESULT, member_, next, IAM_NODE_LIST, 0, IAM_MEMBER_LIST)
#define ITEM_ROW(parent, first, kind, bits) \
    BRANCH("member", parent, first, 0, IAM_NODE_ITEM, bits, kind)

/* Of a report: everything beside the list, and what stands between the status and it. */
#define REPORT TRUNCATED, COMPLETION, CREATION, STATUS, MARKER, ERROR, ERROR_CODE, ERROR_MESSAGE
#define REPORT_ROWS(after_status)                                                           \
    [TRUNCATED] = TRUNCATED_ROW(COMPLETION),                                                \
    [COMPLETION] = TIME("JobCompletionDate", RESULT, CREATION, report.job_completion,       \
                        IAM_MEMBER_JOB_COMPLETION_DATE),                                    \
    [CREATION] = TIME("JobCreationDate", RESULT, STATUS, report.job_creation,               \
                      IAM_MEMBER_JOB_CREATION_DATE),                                        \
    [STATUS] = WORDS("JobStatus", RESULT, after_status, "IN_PROGRESS\0COMPLETED\0FAILED\0", \
                     report.status_text, report.status, IAM_MEMBER_JOB_STATUS),             \
    [MARKER] = MARKER_ROW(ERROR),                                                           \
    [ERROR] = PLAIN("Error", RESULT, ERROR_CODE, 0, IAM_MEMBER_ERROR),                      \
    [ERROR_CODE] = TEXT("Code", ERROR, ERROR_MESSAGE, report.error_code, 0),                \
    [ERROR_MESSAGE] = TEXT("Message", ERROR, 0, report.error_message, 0)

/* ListUsers and its like: a page of struct iam_resource. last: rows after CreateDate. */
#define RESOURCES \
    DOCUMENT, REPLY, RESULT, TRUNCATED, LIST, MARKER, MEMBER, PATH, NAME, ID, ARN, CREATED
#define RESOURCE_ROWS(action, list, name_tag, id_tag, last)                                      \
    FRAME(action, TRUNCATED), [TRUNCATED] = TRUNCATED_ROW(LIST),                                 \
                              [LIST] = LIST_ROW(list, MEMBER, MARKER), [MARKER] = MARKER_ROW(0), \
                              [MEMBER] =                                                         \
                                  ITEM_ROW(LIST, PATH, IAM_ITEM_RESOURCE, IAM_ITEM_IS_USUAL),    \
                              [PATH] = TEXT("Path", MEMBER, NAME, item.u.resource.path, 1),      \
                              [NAME] = TEXT(name_tag, MEMBER, ID, item.u.resource.name, 2),      \
                              [ID] = TEXT(id_tag, MEMBER, ARN, item.u.resource.id, 3),           \
                              [ARN] = TEXT("Arn", MEMBER, CREATED, item.u.resource.arn, 4),      \
                              [CREATED] =                                                        \
                                  TIME("CreateDate", MEMBER, last, item.u.resource.created, 5)

/* ---- parameters and rows ---- */

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define PATH_PREFIX_PARAM(type)                                     \
    {                                                               \
        "PathPrefix", IAM_PARAM_TEXT, AT(type, path_prefix), 1, 512 \
    }
#define JOB_PARAM(type)                                                        \
    {                                                                          \
        "JobId", IAM_PARAM_TEXT | IAM_PARAM_REQUIRED, AT(type, job_id), 36, 36 \
    }
/* the two that a list ends with */
#define PAGE_PARAMS(type)                                               \
    {"MaxItems", IAM_PARAM_COUNT, AT(type, max_items), 1, 1000},        \
    {                                                                   \
        "Marker", IAM_PARAM_MARKER, AT(type, marker), 1, IAM_MARKER_MAX \
    }
/* of struct iam_operation: a request of this type, and how it pages */
#define REQUEST(type, array) \
    .params = (array), .param_count = COUNT_OF(array), .request_size = sizeof(struct type)
#define PAGED(type) \
    .marker = AT(type, marker), .max_items = AT(type, max_items), .scope = AT(type, scope)

#endif
