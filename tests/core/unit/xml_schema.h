/* A schema to test the tokenizer with: the replies of the service, cut down, and the error envelope.
 * Names that share beginnings stand next to each other on purpose. */
#ifndef TINYIAM_TESTS_XML_SCHEMA_H
#define TINYIAM_TESTS_XML_SCHEMA_H

#include <tinyiam/parts/xml.h>

enum {
    X_DOCUMENT,
    X_RESPONSE,
    X_RESULT,
    X_TRUNCATED,
    X_COMPLETION,
    X_CREATION,
    X_STATUS,
    X_LIST,
    X_MARKER,
    X_MEMBER,
    X_INFO,
    X_ARN,
    X_ID,
    X_NAME,
    X_PATH,
    X_TYPE,
    X_LAST,
    X_META,
    X_REQUEST,
    X_ERROR_RESPONSE,
    X_ERROR,
    X_CODE,
    X_MESSAGE,
    X_ERROR_REQUEST,
    X_SHORT,
    X_SHORT_A,
    X_SHORT_AB,
    X_SHORT_ABC,
    X_SHORT_B,
    X_SHORT_LONG,
    X_COUNT
};

#define X_BRANCH(name, parent, child, next)                             \
    {                                                                   \
        IAM_XML_TAG(name), IAM_XML_BRANCH, parent, child, next, 0, 0, 0 \
    }
#define X_LEAF(name, parent, next)                                \
    {                                                             \
        IAM_XML_TAG(name), IAM_XML_LEAF, parent, 0, next, 0, 0, 0 \
    }

static const struct iam_xml_node x_schema[X_COUNT] = {
    [X_DOCUMENT] = {"", 0, IAM_XML_BRANCH, 0, X_RESPONSE, 0, 0, 0, 0},

    [X_RESPONSE] = X_BRANCH("GetServiceLastAccessedDetailsWithEntitiesResponse", X_DOCUMENT,
                            X_RESULT, X_ERROR_RESPONSE),
    [X_RESULT] = X_BRANCH("GetServiceLastAccessedDetailsWithEntitiesResult", X_RESPONSE,
                          X_TRUNCATED, X_META),
    [X_TRUNCATED] = X_LEAF("IsTruncated", X_RESULT, X_COMPLETION),
    [X_COMPLETION] = X_LEAF("JobCompletionDate", X_RESULT, X_CREATION),
    [X_CREATION] = X_LEAF("JobCreationDate", X_RESULT, X_STATUS),
    [X_STATUS] = X_LEAF("JobStatus", X_RESULT, X_LIST),
    [X_LIST] = X_BRANCH("EntityDetailsList", X_RESULT, X_MEMBER, X_MARKER),
    [X_MARKER] = X_LEAF("Marker", X_RESULT, 0),
    [X_MEMBER] = X_BRANCH("member", X_LIST, X_INFO, 0),
    [X_INFO] = X_BRANCH("EntityInfo", X_MEMBER, X_ARN, X_LAST),
    [X_ARN] = X_LEAF("Arn", X_INFO, X_ID),
    [X_ID] = X_LEAF("Id", X_INFO, X_NAME),
    [X_NAME] = X_LEAF("Name", X_INFO, X_PATH),
    [X_PATH] = X_LEAF("Path", X_INFO, X_TYPE),
    [X_TYPE] = X_LEAF("Type", X_INFO, 0),
    [X_LAST] = X_LEAF("LastAuthenticated", X_MEMBER, 0),
    [X_META] = X_BRANCH("ResponseMetadata", X_RESPONSE, X_REQUEST, 0),
    [X_REQUEST] = X_LEAF("RequestId", X_META, 0),

    [X_ERROR_RESPONSE] = X_BRANCH("ErrorResponse", X_DOCUMENT, X_ERROR, X_SHORT),
    [X_ERROR] = X_BRANCH("Error", X_ERROR_RESPONSE, X_CODE, X_ERROR_REQUEST),
    [X_CODE] = X_LEAF("Code", X_ERROR, X_MESSAGE),
    [X_MESSAGE] = X_LEAF("Message", X_ERROR, 0),
    [X_ERROR_REQUEST] = X_LEAF("RequestId", X_ERROR_RESPONSE, 0),

    [X_SHORT] = X_BRANCH("R", X_DOCUMENT, X_SHORT_ABC, 0),
    [X_SHORT_ABC] = X_LEAF("abc", X_SHORT, X_SHORT_A),
    [X_SHORT_A] = X_LEAF("a", X_SHORT, X_SHORT_AB),
    [X_SHORT_AB] = X_LEAF("ab", X_SHORT, X_SHORT_B),
    [X_SHORT_B] = X_BRANCH("B", X_SHORT, X_SHORT_LONG, 0),
    [X_SHORT_LONG] =
        X_LEAF("x23456789_123456789_123456789_123456789_123456789_123456789_123", X_SHORT_B, 0),
};

#endif
