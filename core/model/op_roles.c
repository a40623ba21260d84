/* ListRoles. Roles of the account; their policy documents stream past. */
#include "table.h"

static const struct iam_param params[] = {
    PATH_PREFIX_PARAM(iam_list_request),
    PAGE_PARAMS(iam_list_request),
};

enum { RESOURCES, METADATA };

static const struct iam_xml_node schema[NODES] = {
    RESOURCE_ROWS("ListRoles", "Roles", "RoleName", "RoleId", 0),
};

const struct iam_operation iam_op_roles = {
    .service = &iam_model,
    .schema = schema,
    .number = 5,
    REQUEST(iam_list_request, params),
    PAGED(iam_list_request),
};
