/* ListPoliciesGrantingServiceAccess: the policies by which somebody may use a service. */
#include "table.h"

static const struct iam_param params[] = {
    {"Marker", IAM_PARAM_MARKER, AT(iam_grants_request, marker), 1, IAM_MARKER_MAX},
    {"Arn", IAM_PARAM_TEXT | IAM_PARAM_REQUIRED, AT(iam_grants_request, arn), 20, 2048},
    {"ServiceNamespaces", IAM_PARAM_WORDS | IAM_PARAM_REQUIRED,
     WORDS_AT(iam_grants_request, namespaces, namespace_count), 1, 200},
};

/* clang-format off */
enum {
    DOCUMENT, REPLY, RESULT, LIST, TRUNCATED, MARKER,
    MEMBER, NAMESPACE, POLICIES,
    POLICY, NAME, TYPE, ARN, ENTITY_TYPE, ENTITY_NAME,
    METADATA
};
/* clang-format on */

static const struct iam_xml_node schema[NODES] = {
    FRAME("ListPoliciesGrantingServiceAccess", LIST),
    [LIST] = LIST_ROW("PoliciesGrantingServiceAccess", MEMBER, TRUNCATED),
    [TRUNCATED] = TRUNCATED_ROW(MARKER),
    [MARKER] = MARKER_ROW(0),
    [MEMBER] =
        ITEM_ROW(LIST, NAMESPACE, IAM_ITEM_GRANT_SERVICE, IAM_ITEM_IS_USUAL | IAM_ITEM_HAS_END),
    [NAMESPACE] = TEXT("ServiceNamespace", MEMBER, POLICIES, item.u.grant_service.namespace_, 1),
    [POLICIES] =
        BRANCH("Policies", MEMBER, POLICY, 0, IAM_NODE_SUBLIST,
               BEHIND(item.u.grant_service.has_policies, bool, item.u.grant_service.late), 2),
    [POLICY] =
        BRANCH("member", POLICIES, NAME, 0, IAM_NODE_SUBITEM, IAM_ITEM_IS_USUAL, IAM_ITEM_GRANT),
    [NAME] = TEXT("PolicyName", POLICY, TYPE, item.u.grant.policy_name, 1),
    [TYPE] = WORDS("PolicyType", POLICY, ARN, "INLINE\0MANAGED\0", item.u.grant.policy_type_text,
                   item.u.grant.policy_type, 2),
    [ARN] = TEXT("PolicyArn", POLICY, ENTITY_TYPE, item.u.grant.policy_arn, 3),
    [ENTITY_TYPE] = WORDS("EntityType", POLICY, ENTITY_NAME, "USER\0ROLE\0GROUP\0",
                          item.u.grant.entity_type_text, item.u.grant.entity_type, 4),
    [ENTITY_NAME] = TEXT("EntityName", POLICY, 0, item.u.grant.entity_name, 5),
};

const struct iam_operation iam_op_grants = {
    .service = &iam_model,
    .schema = schema,
    .rare = &iam_rare_kinds,
    .number = 7,
    REQUEST(iam_grants_request, params),
    .marker = AT(iam_grants_request, marker),
    .scope = AT(iam_grants_request, scope),
};
