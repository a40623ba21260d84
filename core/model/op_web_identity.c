/* AssumeRoleWithWebIdentity: a role's keys for a token of an identity provider. */
#include "table_sts.h"

static const struct iam_param params[] = {
    DURATION_PARAM,
    POLICY_PARAM,
    {"ProviderId", IAM_PARAM_TEXT, ROLE(provider_id), 4, 2048},
    ROLE_PARAMS,
    {"WebIdentityToken", IAM_PARAM_TEXT REQUIRED, ROLE(web_identity_token), 4, 20000},
};

static const struct iam_xml_node schema[NODES] = {KEYS_ROWS("AssumeRoleWithWebIdentity")};

const struct iam_operation iam_op_web_identity = {
    .service = &iam_sts_model,
    .schema = schema,
    .rare = &iam_rare_kinds,
    .is_unsigned = true,
    REQUEST(iam_role_request, params),
};
