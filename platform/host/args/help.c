/* Help, from the table of options. */
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "formats.h"

static const char *const group_titles[] = {
    [GROUP_COMMAND] = "Parameters",
    [GROUP_OUTPUT] = "Output",
    [GROUP_NETWORK] = "Where, as whom, how patiently",
    [GROUP_IOT] = "A device's certificate instead of keys",
    [GROUP_OTHER] = "Other",
    [GROUP_AWS] = "Taken as the AWS CLI has them",
};

const char help_audit_policy[] = "{\n"
                                 "    \"Version\": \"2012-10-17\",\n"
                                 "    \"Statement\": [{\n"
                                 "        \"Effect\": \"Allow\",\n"
                                 "        \"Action\": [\n"
                                 "            \"iam:GenerateServiceLastAccessedDetails\",\n"
                                 "            \"iam:GetServiceLastAccessedDetails\",\n"
                                 "            \"iam:GetServiceLastAccessedDetailsWithEntities\",\n"
                                 "            \"iam:ListUsers\",\n"
                                 "            \"iam:ListGroups\",\n"
                                 "            \"iam:ListRoles\",\n"
                                 "            \"iam:ListPolicies\",\n"
                                 "            \"iam:ListPoliciesGrantingServiceAccess\"\n"
                                 "        ],\n"
                                 "        \"Resource\": \"*\"\n"
                                 "    }]\n"
                                 "}\n";

static const char *second_word(unsigned command)
{
    return command == COMMAND_CONFIGURE ? " list" : "";
}

bool help_lists(int o, unsigned command)
{
    return option_defs[o].kind != KIND_REFUSED && args_belongs((enum option)o, command);
}

const char *help_of(int o, unsigned command)
{
    const struct option_def *d = &option_defs[o];
    uint8_t kind = command_defs[command].kind;
    return d->list_help && kind == ON_LIST     ? d->list_help
           : d->audit_help && kind == ON_AUDIT ? d->audit_help
                                               : d->help;
}

static bool is_required(int o, unsigned command)
{
    const struct iam_param *p = args_param((enum option)o, command);
    return p && p->kind & IAM_PARAM_REQUIRED;
}

/* Options of either command. */
static void put_group(unsigned command, unsigned other, int group)
{
    bool any = false;
    for (int o = 0; o < OPT_COUNT; o++) {
        const struct option_def *d = &option_defs[o];
        char left[64];
        if (d->group != group || (!help_lists(o, command) && !help_lists(o, other)))
            continue;
        if (!any)
            printf("\n%s:\n", group_titles[group]);
        any = true;
        snprintf(left, sizeof left, "%s%s%s", d->name, d->value ? " " : "",
                 d->value ? d->value : "");
        printf("  %-29s %s%s\n", left, help_of(o, command),
               is_required(o, command) ? " (required)" : "");
    }
}

void help_top(void)
{
    puts("usage: tinyiam COMMAND [options]\n\n"
         "Who used which AWS service, and when: IAM's service last accessed reports, signed, paged "
         "and\n"
         "complete, in constant memory. Output, exit codes and configuration are the AWS CLI's.\n\n"
         "Commands:");
    for (unsigned c = 1; c < command_count; c++)
        printf("  %s%s\n      %s\n", command_defs[c].name, second_word(c), command_defs[c].help);
    printf("\nOptions of every command (tinyiam COMMAND --help has them all):\n");
    for (int group = GROUP_OUTPUT; group <= GROUP_OTHER; group++)
        put_group(COMMAND_GENERATE, COMMAND_NONE, group);
    puts("\nFor example:\n"
         "  tinyiam entities --arn arn:aws:iam::123456789012:policy/ExamplePolicy1 "
         "--service-namespace s3 \\\n"
         "      --output table\n\n"
         "Exit codes: 0 done, 1 an audit is done but some ARN is unknown, 3 --fail-on unused and "
         "something is,\n"
         "252 usage or parameters, 253 no credentials, region or configuration, 254 the service "
         "answered\n"
         "with an error, 255 anything else, 130 interrupted.");
}

void help_command(unsigned c)
{
    const struct command_def *d = &command_defs[c];
    printf("usage: tinyiam %s%s", d->name, second_word(c));
    for (int o = 0; o < OPT_COUNT; o++)
        if (is_required(o, c))
            printf(" %s %s", option_defs[o].name, option_defs[o].value);
    printf(" [options]\n\n%c%s.\n", d->help[0] >= 'a' ? d->help[0] - 32 : d->help[0], d->help + 1);
    if (d->more)
        printf("%s\n", d->more);
    for (int group = GROUP_COMMAND; group <= GROUP_AWS; group++)
        put_group(c, c, group);
    if (d->kind == ON_AUDIT)
        printf(
            "\nWhat it has to be allowed to do, as a policy to paste (the last action for --rows "
            "grants only):\n\n%s",
            help_audit_policy);
}
