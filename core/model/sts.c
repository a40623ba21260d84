/* The two operations of STS as tables, from its service model 2011-06-15
 * (tests/vectors/facts/credentials_wire.json, "sts"). */
#include "shape.h"

#define AT(field) ((uint8_t)offsetof(struct iam_role_request, field))
#define REQUIRED | IAM_PARAM_REQUIRED

static const struct iam_param assume_params[] = {
    {"DurationSeconds", IAM_PARAM_COUNT, AT(duration_s), 900, 43200},
    {"ExternalId", IAM_PARAM_ID, AT(external_id), 2, 1224},
    {"Policy", IAM_PARAM_TEXT, AT(policy), 1, UINT16_MAX},
    {"RoleArn", IAM_PARAM_TEXT REQUIRED, AT(role_arn), 20, 2048},
    {"RoleSessionName", IAM_PARAM_NAME REQUIRED, AT(session_name), 2, 64},
    {"SerialNumber", IAM_PARAM_ID, AT(serial_number), 9, 256},
    {"SourceIdentity", IAM_PARAM_NAME, AT(source_identity), 2, 64},
    {"TokenCode", IAM_PARAM_WORD, AT(token_code), 6, 6},
};
static const struct iam_param web_params[] = {
    {"DurationSeconds", IAM_PARAM_COUNT, AT(duration_s), 900, 43200},
    {"Policy", IAM_PARAM_TEXT, AT(policy), 1, UINT16_MAX},
    {"ProviderId", IAM_PARAM_TEXT, AT(provider_id), 4, 2048},
    {"RoleArn", IAM_PARAM_TEXT REQUIRED, AT(role_arn), 20, 2048},
    {"RoleSessionName", IAM_PARAM_NAME REQUIRED, AT(session_name), 2, 64},
    {"WebIdentityToken", IAM_PARAM_TEXT REQUIRED, AT(web_identity_token), 4, 20000},
};

/* clang-format off */
enum {
    DOCUMENT,
    ERR, ERR_ERROR, ERR_CODE, ERR_MESSAGE, ERR_REQUEST_ID,
    ROLE, ROLE_RESULT, ROLE_KEYS, ROLE_ID, ROLE_SECRET, ROLE_TOKEN, ROLE_EXPIRATION, ROLE_META, ROLE_REQUEST_ID,
    WEB, WEB_RESULT, WEB_KEYS, WEB_ID, WEB_SECRET, WEB_TOKEN, WEB_EXPIRATION, WEB_META, WEB_REQUEST_ID,
    NODES
};
/* clang-format on */

#define IN(field)                                       \
    ((uint8_t)(offsetof(struct iam_decode, field) / 4 + \
               0 / (offsetof(struct iam_decode, field) % 4 == 0)))
#define BRANCH(tag, parent, child, next, type, member)                                 \
    {                                                                                  \
        tag ">", sizeof(tag) - 1, IAM_XML_BRANCH, parent, child, next, type, 0, member \
    }
#define LEAF(tag, parent, next, type, field, member)                                     \
    {                                                                                    \
        tag ">", sizeof(tag) - 1, IAM_XML_LEAF, parent, 0, next, type, IN(field), member \
    }
/* A reply: P is the prefix of its numbers. */
#define REPLY(P, action, following)                                                               \
    [P] = BRANCH(action "Response", DOCUMENT, P##_RESULT, following, IAM_NODE_PLAIN, 0),          \
    [P##_RESULT] = BRANCH(action "Result", P, P##_KEYS, P##_META, IAM_NODE_RESULT, 0),            \
    [P##_KEYS] = BRANCH("Credentials", P##_RESULT, P##_ID, 0, IAM_NODE_ITEM, IAM_ITEM_KEYS),      \
    [P##_ID] =                                                                                    \
        LEAF("AccessKeyId", P##_KEYS, P##_SECRET, IAM_NODE_TEXT, item.u.keys.access_key_id, 1),   \
    [P##_SECRET] = LEAF("SecretAccessKey", P##_KEYS, P##_TOKEN, IAM_NODE_TEXT,                    \
                        item.u.keys.secret_access_key, 2),                                        \
    [P##_TOKEN] = LEAF("SessionToken", P##_KEYS, P##_EXPIRATION, IAM_NODE_TEXT,                   \
                       item.u.keys.session_token, 3),                                             \
    [P##_EXPIRATION] = LEAF("Expiration", P##_KEYS, 0, IAM_NODE_TIME, item.u.keys.expiration, 4), \
    [P##_META] = BRANCH("ResponseMetadata", P, P##_REQUEST_ID, 0, IAM_NODE_PLAIN, 0),             \
    [P##_REQUEST_ID] = LEAF("RequestId", P##_META, 0, IAM_NODE_REQUEST_ID, code, 0)

static const struct iam_xml_node schema[NODES] = {
    [DOCUMENT] = {"", 0, IAM_XML_BRANCH, 0, ROLE, 0, 0, 0, 0},
    [ERR] = BRANCH("ErrorResponse", DOCUMENT, ERR_ERROR, 0, IAM_NODE_ERROR, 0),
    [ERR_ERROR] = BRANCH("Error", ERR, ERR_CODE, ERR_REQUEST_ID, IAM_NODE_PLAIN, 0),
    [ERR_CODE] = LEAF("Code", ERR_ERROR, ERR_MESSAGE, IAM_NODE_TEXT, code, 0),
    [ERR_MESSAGE] = LEAF("Message", ERR_ERROR, 0, IAM_NODE_TEXT, message, 0),
    [ERR_REQUEST_ID] = LEAF("RequestId", ERR, 0, IAM_NODE_REQUEST_ID, code, 0),
    REPLY(ROLE, "AssumeRole", WEB),
    REPLY(WEB, "AssumeRoleWithWebIdentity", ERR),
};

static const struct iam_service_model sts = {"sts", "2011-06-15", schema};

const struct iam_operation iam_assume_role = {
    "AssumeRole", &sts, assume_params, sizeof assume_params / sizeof *assume_params, ROLE, 0, 0, 0,
    false};
const struct iam_operation iam_web_identity = {"AssumeRoleWithWebIdentity",
                                               &sts,
                                               web_params,
                                               sizeof web_params / sizeof *web_params,
                                               WEB,
                                               0,
                                               0,
                                               0,
                                               true};
