/* The table of commands, and the fields that their replies show. */
#include "commands.h"

/* ---- fields ---- */

#define AT(member) (uint8_t) offsetof(struct iam_item, u.member)
_Static_assert(sizeof(struct iam_item) < 256, "group_at and sub_at are one byte");

#define COUNT_OF(array) (uint8_t)(sizeof(array) / sizeof *(array))
#define FIELDS(kind_, rows)                                       \
    {                                                             \
        .kind = (kind_), .field = (rows), .count = COUNT_OF(rows) \
    }

static const struct field entity[] = {
    {"Arn", FIELD_TEXT, AT(entity.arn), 1, 5, "ARN"},
    {"Name", FIELD_TEXT, AT(entity.name), 2, 4, "NAME"},
    {"Type", FIELD_TEXT, AT(entity.type_text), 3, 3, "TYPE"},
    {"Id", FIELD_TEXT, AT(entity.id), 4, 0, NULL},
    {"Path", FIELD_TEXT, AT(entity.path), 5, 0, NULL},
    {"LastAuthenticated", FIELD_TIME, AT(entity.last_authenticated), 6, 1, "LAST ACCESS (UTC)"},
};
static const struct fields entity_fields = {
    .kind = IAM_ITEM_ENTITY,
    .field = entity,
    .count = COUNT_OF(entity),
    .grouped = 5,
    .group = "EntityInfo",
    .group_at = AT(entity.info),
};

static const struct field service[] = {
    {"ServiceName", FIELD_TEXT, AT(service.name), 1, 4, "SERVICE"},
    {"LastAuthenticated", FIELD_TIME, AT(service.last_authenticated), 3, 1, "LAST ACCESS (UTC)"},
    {"ServiceNamespace", FIELD_TEXT, AT(service.namespace_), 2, 3, "NAMESPACE"},
    {"LastAuthenticatedEntity", FIELD_TEXT, AT(service.last_entity), 4, 7, "LAST ENTITY"},
    {"LastAuthenticatedRegion", FIELD_TEXT, AT(service.last_region), 5, 6, "REGION"},
    {"TotalAuthenticatedEntities", FIELD_INTEGER, AT(service.total_entities), 6, 5, "ENTITIES"},
};
static const struct fields service_fields = FIELDS(IAM_ITEM_SERVICE, service);

static const struct field action[] = {
    {"ActionName", FIELD_TEXT, AT(action.name), 1, 4, NULL},
    {"LastAccessedEntity", FIELD_TEXT, AT(action.last_entity), 3, 7, NULL},
    {"LastAccessedTime", FIELD_TIME, AT(action.last_accessed), 2, 1, NULL},
    {"LastAccessedRegion", FIELD_TEXT, AT(action.last_region), 4, 6, NULL},
};
static const struct fields action_fields = FIELDS(IAM_ITEM_ACTION, action);

/* The members that ListUsers, ListGroups and ListRoles begin with. */
#define RESOURCE(name_, id_, id_column)                                       \
    {"Path", FIELD_TEXT, AT(resource.path), 4, 0, NULL},                      \
        {name_, FIELD_TEXT, AT(resource.name), 2, 4, "NAME"},                 \
        {id_, FIELD_TEXT, AT(resource.id), 3, id_column, "ID"},               \
        {"Arn", FIELD_TEXT, AT(resource.arn), 1, 5, "ARN"},                   \
    {                                                                         \
        "CreateDate", FIELD_TIME, AT(resource.created), 5, 1, "CREATED (UTC)" \
    }

static const struct field user[] = {
    RESOURCE("UserName", "UserId", 0),
    {"PasswordLastUsed", FIELD_TIME, AT(resource.password_last_used), 6, 3, "PASSWORD USED"},
};
static const struct field group[] = {RESOURCE("GroupName", "GroupId", 3)};
static const struct field role[] = {RESOURCE("RoleName", "RoleId", 3)};
static const struct field policy[] = {
    {"PolicyName", FIELD_TEXT, AT(resource.name), 2, 4, "NAME"},
    {"PolicyId", FIELD_TEXT, AT(resource.id), 3, 0, NULL},
    {"Arn", FIELD_TEXT, AT(resource.arn), 1, 5, "ARN"},
    {"Path", FIELD_TEXT, AT(resource.path), 4, 0, NULL},
    {"AttachmentCount", FIELD_INTEGER, AT(resource.attachments), 6, 3, "ATTACHED"},
    {"CreateDate", FIELD_TIME, AT(resource.created), 5, 1, "CREATED (UTC)"},
};
static const struct fields user_fields = FIELDS(IAM_ITEM_RESOURCE, user);
static const struct fields group_fields = FIELDS(IAM_ITEM_RESOURCE, group);
static const struct fields role_fields = FIELDS(IAM_ITEM_RESOURCE, role);
static const struct fields policy_fields = FIELDS(IAM_ITEM_RESOURCE, policy);

bool field_present(const struct field *f, const void *of)
{
    const void *at = field_at(f, of);
    if (f->type == FIELD_TEXT)
        return ((const struct iam_span *)at)->p != NULL;
    if (f->type == FIELD_TIME)
        return ((const struct iam_time *)at)->present;
    return *((const bool *)at + sizeof(int64_t));
}
#define IS_BEHIND(field, type, flag)                                      \
    _Static_assert(offsetof(struct iam_item, u.flag) ==                   \
                       offsetof(struct iam_item, u.field) + sizeof(type), \
                   #flag)
IS_BEHIND(service.total_entities, int64_t, service.has_total);
IS_BEHIND(resource.attachments, int64_t, resource.has_attachments);

uint16_t fields_present(const struct fields *fields, const void *of)
{
    uint16_t bits = 0;
    for (unsigned i = 0; i < fields->count; i++)
        if (field_present(&fields->field[i], of))
            bits |= (uint16_t)(1u << i);
    return bits;
}

/* ---- replies ---- */

static const uint8_t entities_members[] = {IAM_MEMBER_JOB_STATUS,
                                           IAM_MEMBER_JOB_CREATION_DATE,
                                           IAM_MEMBER_JOB_COMPLETION_DATE,
                                           IAM_MEMBER_LIST,
                                           IAM_MEMBER_IS_TRUNCATED,
                                           IAM_MEMBER_MARKER,
                                           IAM_MEMBER_ERROR,
                                           0};
static const uint8_t services_members[] = {IAM_MEMBER_JOB_STATUS,
                                           IAM_MEMBER_JOB_TYPE,
                                           IAM_MEMBER_JOB_CREATION_DATE,
                                           IAM_MEMBER_LIST,
                                           IAM_MEMBER_JOB_COMPLETION_DATE,
                                           IAM_MEMBER_IS_TRUNCATED,
                                           IAM_MEMBER_MARKER,
                                           IAM_MEMBER_ERROR,
                                           0};
static const uint8_t generate_members[] = {IAM_MEMBER_JOB_ID, 0};
static const uint8_t list_members[] = {IAM_MEMBER_LIST, IAM_MEMBER_IS_TRUNCATED, IAM_MEMBER_MARKER,
                                       0};

static const struct reply entities = {.members = entities_members,
                                      .list = "EntityDetailsList",
                                      .one = "entity",
                                      .many = "entities",
                                      .item = &entity_fields};
static const struct reply services = {.members = services_members,
                                      .list = "ServicesLastAccessed",
                                      .one = "service",
                                      .many = "services",
                                      .item = &service_fields,
                                      .sub = &action_fields,
                                      .sub_list = "TrackedActionsLastAccessed",
                                      .sub_at = AT(service.has_actions)};
static const struct reply generated = {.members = generate_members, .many = "entities"};
static const struct reply users = {
    .members = list_members, .list = "Users", .one = "user", .many = "users", .item = &user_fields};
static const struct reply groups = {.members = list_members,
                                    .list = "Groups",
                                    .one = "group",
                                    .many = "groups",
                                    .item = &group_fields};
static const struct reply roles = {
    .members = list_members, .list = "Roles", .one = "role", .many = "roles", .item = &role_fields};
static const struct reply policies = {.members = list_members,
                                      .list = "Policies",
                                      .one = "policy",
                                      .many = "policies",
                                      .item = &policy_fields};

/* ---- commands ---- */

const struct command_def command_defs[] = {
    [COMMAND_NONE] = {"", ON_TOP, NULL, NULL, NULL, "", ""},
    [COMMAND_PAGE_ENTITIES] =
        {"get-service-last-accessed-details-with-entities", ON_REPORT, &iam_op_entities, NULL,
         &entities,
         "which entities used a service, and when: one page of a report, or with --all every page",
         "A running report is shown as it is, with no entities; --wait and --all wait for it."},
    [COMMAND_PAGE_SERVICES] =
        {"get-service-last-accessed-details", ON_REPORT, &iam_op_services, NULL, &services,
         "which services were used, and when: one page of a report, or with --all every page",
         "A running report is shown as it is, with no services; --wait and --all wait for it."},
    [COMMAND_GENERATE] = {"generate-service-last-accessed-details", ON_GENERATE, &iam_op_generate,
                          NULL, &generated, "starts the making of a report, and prints its JobId",
                          NULL},
    [COMMAND_ENTITIES] =
        {"entities", ON_ENTITIES, &iam_op_entities, &iam_op_generate, &entities,
         "generates a report, waits for it, and prints every page: the answer in one command",
         NULL},
    [COMMAND_AUDIT] =
        {.name = "audit",
         .kind = ON_AUDIT,
         .op = &iam_op_generate,
         .help = "many ARNs, or the whole account: which services were used, by whom, and what has "
                 "been unused",
         .more = "One row for each service of each ARN (--rows says of what else), in the order of "
                 "the input. An ARN\nthat cannot be read is one row with its error; the others go "
                 "on. For example:\n\n"
                 "  tinyiam audit --account --unused-for 90d --output csv > unused.csv\n"
                 "  aws iam list-policies --scope Local | tinyiam audit --arn - --rows entities "
                 "--service-namespace s3\n"
                 "  tinyiam audit --arn @arns.txt --output html > audit.html"},
    [COMMAND_CONFIGURE] =
        {"configure", ON_CONFIGURE, NULL, NULL, NULL,
         "every setting, its value, and where it comes from",
         "Secrets are masked. Credentials are fetched where that is what it takes "
         "to know them."},
    [COMMAND_USERS] =
        {"list-users", ON_LIST, &iam_op_users, NULL, &users, "the account's users, every page",
         "Of each: Path, UserName, UserId, Arn, CreateDate, PasswordLastUsed; not Tags and "
         "PermissionsBoundary."},
    {"list-groups", ON_LIST, &iam_op_groups, NULL, &groups, "the account's groups, every page",
     "Of each: Path, GroupName, GroupId, Arn, CreateDate."},
    {"list-roles", ON_LIST, &iam_op_roles, NULL, &roles, "the account's roles, every page",
     "Of each: Path, RoleName, RoleId, Arn, CreateDate; not AssumeRolePolicyDocument, Description "
     "and\nMaxSessionDuration."},
    {"list-policies", ON_LIST, &iam_op_policies, NULL, &policies,
     "managed policies: the account's own, AWS's, or both, every page",
     "Of each: PolicyName, PolicyId, Arn, Path, AttachmentCount, CreateDate; not "
     "DefaultVersionId,\nPermissionsBoundaryUsageCount, IsAttachable and UpdateDate."},
};
const unsigned command_count = sizeof command_defs / sizeof *command_defs;

const struct fields *fields_of(enum iam_item_kind kind)
{
    for (unsigned c = 0; c < command_count; c++) {
        const struct reply *r = command_defs[c].reply;
        if (r && r->item && r->item->kind == kind)
            return r->item;
        if (r && r->sub && r->sub->kind == kind)
            return r->sub;
    }
    return NULL;
}
