/* What is shown of the items of the account's lists. */
#include "fields_row.h"

/* The members that ListUsers, ListGroups and ListRoles begin with. */
#define RESOURCE(name_, id_, id_column)                                     \
    {NAME("Path", ""), AT(resource.path), FIELD_TEXT, 4, 0},                \
        {NAME(name_, "NAME"), AT(resource.name), FIELD_TEXT, 2, 4},         \
        {NAME(id_, "ID"), AT(resource.id), FIELD_TEXT, 3, id_column},       \
        {NAME("Arn", "ARN"), AT(resource.arn), FIELD_TEXT, 1, 5},           \
    {                                                                       \
        "CreateDate\0CREATED (UTC)", AT(resource.created), FIELD_TIME, 5, 1 \
    }

static const struct field user[] = {
    RESOURCE("UserName", "UserId", 0),
    {NAME("PasswordLastUsed", "PASSWORD USED"), AT(resource.password_last_used), FIELD_TIME, 6, 3},
};
static const struct field group[] = {RESOURCE("GroupName", "GroupId", 3)};
static const struct field role[] = {RESOURCE("RoleName", "RoleId", 3)};
static const struct field policy[] = {
    {NAME("PolicyName", "NAME"), AT(resource.name), FIELD_TEXT, 2, 4},
    {NAME("PolicyId", ""), AT(resource.id), FIELD_TEXT, 3, 0},
    {NAME("Arn", "ARN"), AT(resource.arn), FIELD_TEXT, 1, 5},
    {NAME("Path", ""), AT(resource.path), FIELD_TEXT, 4, 0},
    {NAME("AttachmentCount", "ATTACHED"), AT(resource.attachments), FIELD_INTEGER, 6, 3},
    {NAME("CreateDate", "CREATED (UTC)"), AT(resource.created), FIELD_TIME, 5, 1},
};
const struct fields fields_user = {FIELDS(IAM_ITEM_RESOURCE, user)};
const struct fields fields_group = {FIELDS(IAM_ITEM_RESOURCE, group)};
const struct fields fields_role = {FIELDS(IAM_ITEM_RESOURCE, role)};
const struct fields fields_policy = {FIELDS(IAM_ITEM_RESOURCE, policy)};

IS_BEHIND(resource.attachments, int64_t, resource.has_attachments);
