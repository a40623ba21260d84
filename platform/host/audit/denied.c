/* Which permission is missing, and what goes without it. */
#include "denied.h"

#include <string.h>

#include "text/say.h"

/* What an audit calls; without is what goes where that is not allowed. */
static const struct {
    const char *action, *without;
} actions[] = {
    {"GenerateServiceLastAccessedDetails", "nothing goes without it: each report is made by it"},
    {"GetServiceLastAccessedDetails", "nothing goes without it: each report is read by it"},
    {"GetServiceLastAccessedDetailsWithEntities",
     "--rows services, actions and grants go without it"},
    {"ListPoliciesGrantingServiceAccess", "--rows services, entities and actions go without it"},
    {"ListUsers", "--kinds group,role,policy goes without it, and so does --arn"},
    {"ListGroups", "--kinds user,role,policy goes without it, and so does --arn"},
    {"ListRoles", "--kinds user,group,policy goes without it, and so does --arn"},
    {"ListPolicies", "--kinds user,group,role goes without it, and so does --arn"},
};

void denied_note(uint32_t *told, struct line *line)
{
    const struct iam_fault *f = iam_client_fault(&line->client);
    if (f->error != IAM_ERR_SERVICE || f->status != 403 || say_is_for_programs())
        return;
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (strcmp(caller_action(line), actions[i].action) != 0 || *told >> i & 1)
            continue;
        *told |= 1u << i;
        say_note("The permission iam:%s is missing: %s. tinyiam audit --help has a policy with all "
                 "that is needed",
                 actions[i].action, actions[i].without);
    }
}
