/* Help and completion, from the table of options. */
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

static bool listed(int o, unsigned command)
{
    return option_defs[o].kind != KIND_REFUSED && args_belongs((enum option)o, command);
}

static const char *help_of(const struct option_def *d, unsigned command)
{
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
        if (d->group != group || (!listed(o, command) && !listed(o, other)))
            continue;
        if (!any)
            printf("\n%s:\n", group_titles[group]);
        any = true;
        snprintf(left, sizeof left, "%s%s%s", d->name, d->value ? " " : "",
                 d->value ? d->value : "");
        printf("  %-29s %s%s\n", left, help_of(d, command),
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

/* ---- completion ---- */

static void put_names(unsigned command)
{
    bool any = false;
    for (int o = 0; o < OPT_COUNT; o++)
        if (listed(o, command)) {
            printf("%s%s", any ? " " : "", option_defs[o].name);
            any = true;
        }
}

/* The parameter that an option stands for, in whichever command. */
static const struct iam_param *any_param(int o)
{
    const struct iam_param *p = NULL;
    for (unsigned c = 0; c < command_count && !p; c++)
        p = args_param((enum option)o, c);
    return p;
}

/* What an option may be, between two strings; false: that has no end. */
static bool put_words(int o, const char *before, const char *behind)
{
    const char *choices = option_defs[o].choices;
    const struct iam_param *p = any_param(o);
    bool format = option_defs[o].kind == KIND_FORMAT;
    if (!choices && !format && (!p || param_kind(p) != IAM_PARAM_ENUM))
        return false;
    printf("%s", before);
    for (; choices && *choices; choices++)
        putchar(*choices == '|' ? ' ' : *choices);
    for (unsigned i = 0; format && i < format_count; i++)
        printf("%s%s", i ? " " : "", formats[i].name);
    for (const char *w = p ? args_word(p, NULL) : NULL, *next; w; w = next) {
        next = args_word(p, w);
        printf("%s%s", w, next ? " " : "");
    }
    printf("%s", behind);
    return true;
}

static bool takes_file(int o)
{
    return option_defs[o].value && strcmp(option_defs[o].value, "FILE") == 0;
}

static void complete_bash(void)
{
    puts("# bash completion for tinyiam: source <(tinyiam --completion bash)\n"
         "_tinyiam() {\n"
         "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= i\n"
         "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "        case ${COMP_WORDS[i]} in");
    printf("        ");
    for (unsigned c = 1; c < command_count; c++)
        printf("%s%s", c > 1 ? "|" : "", command_defs[c].name);
    puts(") command=${COMP_WORDS[i]} ;;\n        esac\n    done\n    case $before in");
    for (int o = 0; o < OPT_COUNT; o++) {
        if (!option_defs[o].value || option_defs[o].kind == KIND_REFUSED)
            continue;
        printf("    %s) ", option_defs[o].name);
        if (put_words(o, "COMPREPLY=($(compgen -W \"", "\" -- \"$word\")); return ;;\n"))
            continue;
        else if (takes_file(o))
            puts("COMPREPLY=($(compgen -f -- \"$word\")); return ;;");
        else
            puts("COMPREPLY=(); return ;;");
    }
    puts("    esac\n    case $command in");
    for (unsigned c = 0; c < command_count; c++) {
        printf("    %s) COMPREPLY=($(compgen -W \"", c ? command_defs[c].name : "''");
        for (unsigned k = 1; c == 0 && k < command_count; k++)
            printf("%s ", command_defs[k].name);
        if (c == COMMAND_CONFIGURE)
            printf("list ");
        put_names(c);
        puts("\" -- \"$word\")) ;;");
    }
    puts("    esac\n}\ncomplete -F _tinyiam tinyiam");
}

/* Inside '...[help]': neither quotes nor brackets. */
static void put_help(const char *text)
{
    for (; *text; text++)
        if (strchr("[]':\\", *text))
            putchar(' ');
        else
            putchar(*text);
}

static void complete_zsh(void)
{
    puts(
        "#compdef tinyiam\n"
        "# zsh completion for tinyiam: tinyiam --completion zsh > a folder of $fpath, as _tinyiam\n"
        "_tinyiam() {\n"
        "    local -a commands options\n"
        "    commands=(");
    for (unsigned c = 1; c < command_count; c++) {
        printf("        '%s:", command_defs[c].name);
        put_help(command_defs[c].help);
        puts("'");
    }
    printf("    )\n    case ${words[(r)(");
    for (unsigned c = 1; c < command_count; c++)
        printf("%s%s", c > 1 ? "|" : "", command_defs[c].name);
    puts(")]} in");
    for (unsigned c = 1; c <= command_count; c++) {
        unsigned command = c % command_count; /* without a command last: it is what else there is */
        printf("    %s) options=(\n", command ? command_defs[command].name : "*");
        for (int o = 0; o < OPT_COUNT; o++) {
            const struct option_def *d = &option_defs[o];
            if (!listed(o, command))
                continue;
            printf("        '%s[", d->name);
            put_help(help_of(d, command));
            putchar(']');
            if (d->value)
                printf(":%s:", d->value);
            if (d->value && !put_words(o, "(", ")") && takes_file(o))
                printf("_files");
            puts("'");
        }
        puts("    ) ;;");
    }
    puts("    esac\n"
         "    _arguments -s $options '1: :{_describe command commands}' '2: :(list)'\n"
         "}\n"
         "_tinyiam \"$@\"");
}

/* Inside '...': no quotes. */
static void fish_option(int o, unsigned command)
{
    const struct option_def *d = &option_defs[o];
    printf("complete -c tinyiam -n '");
    if (command)
        printf("__fish_seen_subcommand_from %s' -l %s", command_defs[command].name, d->name + 2);
    else
        printf("__fish_use_subcommand' -l %s", d->name + 2);
    if (d->value && !put_words(o, " -x -a '", "'"))
        printf("%s", takes_file(o) ? " -r -F" : " -x");
    printf(" -d '");
    put_help(help_of(d, command));
    puts("'");
}

static void complete_fish(void)
{
    puts("# fish completion for tinyiam: tinyiam --completion fish > "
         "~/.config/fish/completions/tinyiam.fish\n"
         "complete -c tinyiam -f");
    for (unsigned c = 1; c < command_count; c++) {
        printf("complete -c tinyiam -n __fish_use_subcommand -a %s -d '", command_defs[c].name);
        put_help(command_defs[c].help);
        puts("'");
        if (c == COMMAND_CONFIGURE)
            printf("complete -c tinyiam -n '__fish_seen_subcommand_from %s' -a list\n",
                   command_defs[c].name);
    }
    for (unsigned c = 0; c < command_count; c++)
        for (int o = 0; o < OPT_COUNT; o++)
            if (listed(o, c))
                fish_option(o, c);
}

int help_completion(const char *shell)
{
    if (strcmp(shell, "bash") == 0)
        complete_bash();
    else if (strcmp(shell, "fish") == 0)
        complete_fish();
    else
        complete_zsh();
    return 0;
}
