/* ListPolicies. Managed policies: the account's own, AWS's, or both. */
#include "table.h"

static const struct iam_param params[] = {
    {"Scope\0All\0AWS\0Local\0", IAM_PARAM_ENUM, AT(iam_policies_request, policy_scope), 1, 64},
    {"OnlyAttached", IAM_PARAM_BOOL, AT(iam_policies_request, only_attached), 0, 0},
    PATH_PREFIX_PARAM(iam_policies_request),
    {"PolicyUsageFilter\0PermissionsPolicy\0PermissionsBoundary\0", IAM_PARAM_ENUM,
     AT(iam_policies_request, usage_filter), 1, 64},
    PAGE_PARAMS(iam_policies_request),
};

enum { RESOURCES, ATTACHMENTS, METADATA };

static const struct iam_xml_node schema[NODES] = {
    RESOURCE_ROWS("ListPolicies", "Policies", "PolicyName", "PolicyId", ATTACHMENTS),
    [ATTACHMENTS] = INT("AttachmentCount", MEMBER, 0, item.u.resource.attachments,
                        item.u.resource.has_attachments, 6),
};

const struct iam_operation iam_op_policies = {
    .service = &iam_model,
    .schema = schema,
    .rare = &iam_rare_kinds,
    .number = 6,
    REQUEST(iam_policies_request, params),
    PAGED(iam_policies_request),
};
