/* What the two operations of STS have in common (service model 2011-06-15): for op_assume_role.c and
 * op_web_identity.c alone. */
#ifndef TINYIAM_MODEL_TABLE_STS_H
#define TINYIAM_MODEL_TABLE_STS_H

#include "table.h"

#define ROLE(field) AT(iam_role_request, field)
#define REQUIRED | IAM_PARAM_REQUIRED
#define DURATION_PARAM                                                   \
    {                                                                    \
        "DurationSeconds", IAM_PARAM_COUNT, ROLE(duration_s), 900, 43200 \
    }
#define POLICY_PARAM                                          \
    {                                                         \
        "Policy", IAM_PARAM_TEXT, ROLE(policy), 1, UINT16_MAX \
    }
#define ROLE_PARAMS                                                           \
    {"RoleArn", IAM_PARAM_TEXT REQUIRED, ROLE(role_arn), 20, 2048},           \
    {                                                                         \
        "RoleSessionName", IAM_PARAM_NAME REQUIRED, ROLE(session_name), 2, 64 \
    }

enum { DOCUMENT, REPLY, RESULT, KEYS, KEY_ID, SECRET, TOKEN, EXPIRATION, METADATA };

#define KEYS_ROWS(action)                                                                   \
    FRAME(action, KEYS),                                                                    \
        [KEYS] = BRANCH("Credentials", RESULT, KEY_ID, 0, IAM_NODE_ITEM, 0, IAM_ITEM_KEYS), \
        [KEY_ID] = TEXT("AccessKeyId", KEYS, SECRET, item.u.keys.access_key_id, 1),         \
        [SECRET] = TEXT("SecretAccessKey", KEYS, TOKEN, item.u.keys.secret_access_key, 2),  \
        [TOKEN] = TEXT("SessionToken", KEYS, EXPIRATION, item.u.keys.session_token, 3),     \
        [EXPIRATION] = TIME("Expiration", KEYS, 0, item.u.keys.expiration, 4)

extern const struct iam_service_model iam_sts_model;

#endif
