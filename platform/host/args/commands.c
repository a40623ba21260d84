/* The table of commands, and what of their replies is shown. */
#include "commands.h"

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
                                      .item = &fields_entity};
static const struct reply services = {.members = services_members,
                                      .list = "ServicesLastAccessed",
                                      .one = "service",
                                      .many = "services",
                                      .item = &fields_service};
static const struct reply generated = {.members = generate_members, .many = "entities"};
static const struct reply users = {
    .members = list_members, .list = "Users", .one = "user", .many = "users", .item = &fields_user};
static const struct reply groups = {.members = list_members,
                                    .list = "Groups",
                                    .one = "group",
                                    .many = "groups",
                                    .item = &fields_group};
static const struct reply roles = {
    .members = list_members, .list = "Roles", .one = "role", .many = "roles", .item = &fields_role};
static const struct reply policies = {.members = list_members,
                                      .list = "Policies",
                                      .one = "policy",
                                      .many = "policies",
                                      .item = &fields_policy};

/* ---- commands ---- */

const struct command_def command_defs[] = {
    [COMMAND_NONE] = {ROW_NONE, .help = "", .more = ""},
    [COMMAND_PAGE_ENTITIES] =
        {ROW_PAGE_ENTITIES, .reply = &entities,
         .help = "which entities used a service, and when: one page of a report, or with --all "
                 "every page",
         .more =
             "A running report is shown as it is, with no entities; --wait and --all wait for it."},
    [COMMAND_PAGE_SERVICES] =
        {ROW_PAGE_SERVICES, .reply = &services,
         .help =
             "which services were used, and when: one page of a report, or with --all every page",
         .more =
             "A running report is shown as it is, with no services; --wait and --all wait for it."},
    [COMMAND_GENERATE] = {ROW_GENERATE, .reply = &generated,
                          .help = "starts the making of a report, and prints its JobId"},
    [COMMAND_ENTITIES] =
        {ROW_ENTITIES, .reply = &entities,
         .help =
             "generates a report, waits for it, and prints every page: the answer in one command"},
    [COMMAND_AUDIT] =
        {ROW_AUDIT,
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
        {.name = "configure",
         .kind = ON_CONFIGURE,
         .help = "every setting, its value, and where it comes from",
         .more = "Secrets are masked. Credentials are fetched where that is what it takes "
                 "to know them."},
    [COMMAND_USERS] =
        {.name = "list-users",
         .kind = ON_LIST,
         .op = &iam_op_users,
         .reply = &users,
         .help = "the account's users, every page",
         .more = "Of each: Path, UserName, UserId, Arn, CreateDate, PasswordLastUsed; not Tags and "
                 "PermissionsBoundary."},
    {.name = "list-groups",
     .kind = ON_LIST,
     .op = &iam_op_groups,
     .reply = &groups,
     .help = "the account's groups, every page",
     .more = "Of each: Path, GroupName, GroupId, Arn, CreateDate."},
    {.name = "list-roles",
     .kind = ON_LIST,
     .op = &iam_op_roles,
     .reply = &roles,
     .help = "the account's roles, every page",
     .more = "Of each: Path, RoleName, RoleId, Arn, CreateDate; not AssumeRolePolicyDocument, "
             "Description and\nMaxSessionDuration."},
    {.name = "list-policies",
     .kind = ON_LIST,
     .op = &iam_op_policies,
     .reply = &policies,
     .help = "managed policies: the account's own, AWS's, or both, every page",
     .more = "Of each: PolicyName, PolicyId, Arn, Path, AttachmentCount, CreateDate; not "
             "DefaultVersionId,\nPermissionsBoundaryUsageCount, IsAttachable and UpdateDate."},
};
const unsigned command_count = sizeof command_defs / sizeof *command_defs;

const struct fields *fields_of(enum iam_item_kind kind)
{
    for (unsigned c = 0; c < command_count; c++) {
        const struct reply *r = command_defs[c].reply;
        if (r && r->item && r->item->kind == kind)
            return r->item;
        if (r && r->item && r->item->sub && r->item->sub->kind == kind)
            return r->item->sub;
    }
    return NULL;
}
