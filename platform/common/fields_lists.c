/* What is shown of the items of the account's lists. */
#include "fields_row.h"

/* The members that ListUsers, ListGroups and ListRoles begin with. */
#define RESOURCE(name_, id_, id_column)                                     \
    {NAME("Path", ""), FIELD_TEXT, AT(resource.path), 4, 0},                \
        {NAME(name_, "NAME"), FIELD_TEXT, AT(resource.name), 2, 4},         \
        {NAME(id_, "ID"), FIELD_TEXT, AT(resource.id), 3, id_column},       \
        {NAME("Arn", "ARN"), FIELD_TEXT, AT(resource.arn), 1, 5},           \
    {                                                                       \
        "CreateDate\0CREATED (UTC)", FIELD_TIME, AT(resource.created), 5, 1 \
    }

static const struct field user[] = {
    RESOURCE("UserName", "UserId", 0),
    {NAME("PasswordLastUsed", "PASSWORD USED"), FIELD_TIME, AT(resource.password_last_used), 6, 3},
};
static const struct field group[] = {RESOURCE("GroupName", "GroupId", 3)};
static const struct field role[] = {RESOURCE("RoleName", "RoleId", 3)};
static const struct field policy[] = {
    {NAME("PolicyName", "NAME"), FIELD_TEXT, AT(resource.name), 2, 4},
    {NAME("PolicyId", ""), FIELD_TEXT, AT(resource.id), 3, 0},
    {NAME("Arn", "ARN"), FIELD_TEXT, AT(resource.arn), 1, 5},
    {NAME("Path", ""), FIELD_TEXT, AT(resource.path), 4, 0},
    {NAME("AttachmentCount", "ATTACHED"), FIELD_INTEGER, AT(resource.attachments), 6, 3},
    {NAME("CreateDate", "CREATED (UTC)"), FIELD_TIME, AT(resource.created), 5, 1},
};
const struct fields fields_user = {FIELDS(IAM_ITEM_RESOURCE, user)};
const struct fields fields_group = {FIELDS(IAM_ITEM_RESOURCE, group)};
const struct fields fields_role = {FIELDS(IAM_ITEM_RESOURCE, role)};
const struct fields fields_policy = {FIELDS(IAM_ITEM_RESOURCE, policy)};

IS_BEHIND(resource.attachments, int64_t, resource.has_attachments);
