/* AssumeRole: a role's keys for another's signature. */
#include "table_sts.h"

static const struct iam_param params[] = {
    DURATION_PARAM,
    {"ExternalId", IAM_PARAM_ID, ROLE(external_id), 2, 1224},
    POLICY_PARAM,
    ROLE_PARAMS,
    {"SerialNumber", IAM_PARAM_ID, ROLE(serial_number), 9, 256},
    {"SourceIdentity", IAM_PARAM_NAME, ROLE(source_identity), 2, 64},
    {"TokenCode", IAM_PARAM_WORD, ROLE(token_code), 6, 6},
};

static const struct iam_xml_node schema[NODES] = {KEYS_ROWS("AssumeRole")};

const struct iam_operation iam_op_assume_role = {
    .service = &iam_sts_model,
    .schema = schema,
    .rare = &iam_rare_kinds,
    REQUEST(iam_role_request, params),
};
