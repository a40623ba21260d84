/* ListUsers. Users of the account, with the last use of their password. */
#include "table.h"

static const struct iam_param params[] = {
    PATH_PREFIX_PARAM(iam_list_request),
    PAGE_PARAMS(iam_list_request),
};

enum { RESOURCES, PASSWORD, METADATA };

static const struct iam_xml_node schema[NODES] = {
    RESOURCE_ROWS("ListUsers", "Users", "UserName", "UserId", PASSWORD),
    [PASSWORD] = TIME("PasswordLastUsed", MEMBER, 0, item.u.resource.password_last_used, 6),
};

const struct iam_operation iam_op_users = {
    .service = &iam_model,
    .schema = schema,
    .number = 3,
    REQUEST(iam_list_request, params),
    PAGED(iam_list_request),
};
