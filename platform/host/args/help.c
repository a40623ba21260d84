/* Help and completion, from the table of options. */
#include <stdio.h>
#include <string.h>

#include "args.h"

static const char *const group_titles[] = {
    [GROUP_COMMAND] = "Parameters",
    [GROUP_OUTPUT] = "Output",
    [GROUP_NETWORK] = "Where, as whom, how patiently",
    [GROUP_IOT] = "A device's certificate instead of keys",
    [GROUP_OTHER] = "Other",
    [GROUP_AWS] = "Taken as the AWS CLI has them",
};

static const char *second_word(int command)
{
    return command == COMMAND_CONFIGURE ? " list" : "";
}

static bool listed(const struct option_def *d, unsigned commands)
{
    return d->kind != KIND_REFUSED && d->commands & commands;
}

static void put_group(unsigned commands, int group, bool required)
{
    bool any = false;
    for (int o = 0; o < OPT_COUNT; o++) {
        const struct option_def *d = &option_defs[o];
        char left[64];
        if (d->group != group || !listed(d, commands))
            continue;
        if (!any)
            printf("\n%s:\n", group_titles[group]);
        any = true;
        snprintf(left, sizeof left, "%s%s%s", d->name, d->value ? " " : "",
                 d->value ? d->value : "");
        printf("  %-29s %s%s\n", left, d->help,
               required && d->required & commands ? " (required)" : "");
    }
}

static void put_groups(unsigned commands, bool required)
{
    for (int group = GROUP_COMMAND; group <= GROUP_AWS; group++)
        put_group(commands, group, required);
}

void help_top(void)
{
    puts("usage: tinyiam COMMAND [options]\n\n"
         "Who used which AWS service, and when: IAM's service last accessed reports, signed, paged "
         "and\n"
         "complete, in constant memory. Output, exit codes and configuration are the AWS CLI's.\n\n"
         "Commands:");
    for (int c = 1; c < COMMAND_COUNT; c++)
        printf("  %s%s\n      %s\n", command_defs[c].name, second_word(c), command_defs[c].help);
    printf("\nOptions of every command (tinyiam COMMAND --help has them all):\n");
    for (int group = GROUP_OUTPUT; group <= GROUP_OTHER; group++)
        put_group((1u << COMMAND_GENERATE) | 1u, group, false);
    puts("\nFor example:\n"
         "  tinyiam entities --arn arn:aws:iam::123456789012:policy/ExamplePolicy1 "
         "--service-namespace s3 \\\n"
         "      --output table\n\n"
         "Exit codes: 0 done, 252 usage or parameters, 253 no credentials, region or "
         "configuration,\n"
         "254 the service answered with an error, 255 anything else, 130 interrupted.");
}

void help_command(enum command c)
{
    const struct command_def *d = &command_defs[c];
    printf("usage: tinyiam %s%s", d->name, second_word((int)c));
    for (int o = 0; o < OPT_COUNT; o++)
        if (option_defs[o].required & (1u << c))
            printf(" %s %s", option_defs[o].name, option_defs[o].value);
    printf(" [options]\n\n%c%s.\n", d->help[0] >= 'a' ? d->help[0] - 32 : d->help[0], d->help + 1);
    if (d->more)
        printf("%s\n", d->more);
    put_groups(1u << c, true);
}

/* ---- completion ---- */

static void put_names(unsigned commands)
{
    bool any = false;
    for (int o = 0; o < OPT_COUNT; o++)
        if (listed(&option_defs[o], commands)) {
            printf("%s%s", any ? " " : "", option_defs[o].name);
            any = true;
        }
}

static void put_words(const char *choices)
{
    for (const char *p = choices; *p; p++)
        putchar(*p == '|' ? ' ' : *p);
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
    for (int c = 1; c < COMMAND_COUNT; c++)
        printf("%s%s", c > 1 ? "|" : "", command_defs[c].name);
    puts(") command=${COMP_WORDS[i]} ;;\n        esac\n    done\n    case $before in");
    for (int o = 0; o < OPT_COUNT; o++) {
        if (!option_defs[o].value || option_defs[o].kind == KIND_REFUSED)
            continue;
        printf("    %s) ", option_defs[o].name);
        if (option_defs[o].choices) {
            printf("COMPREPLY=($(compgen -W \"");
            put_words(option_defs[o].choices);
            puts("\" -- \"$word\")); return ;;");
        } else if (takes_file(o)) {
            puts("COMPREPLY=($(compgen -f -- \"$word\")); return ;;");
        } else {
            puts("COMPREPLY=(); return ;;");
        }
    }
    puts("    esac\n    case $command in");
    for (int c = 0; c < COMMAND_COUNT; c++) {
        printf("    %s) COMPREPLY=($(compgen -W \"", c ? command_defs[c].name : "''");
        for (int k = 1; c == 0 && k < COMMAND_COUNT; k++)
            printf("%s ", command_defs[k].name);
        if (c == COMMAND_CONFIGURE)
            printf("list ");
        put_names(1u << c);
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
    for (int c = 1; c < COMMAND_COUNT; c++) {
        printf("        '%s:", command_defs[c].name);
        put_help(command_defs[c].help);
        puts("'");
    }
    printf("    )\n    case ${words[(r)(");
    for (int c = 1; c < COMMAND_COUNT; c++)
        printf("%s%s", c > 1 ? "|" : "", command_defs[c].name);
    puts(")]} in");
    for (int c = 1; c <= COMMAND_COUNT; c++) {
        int command = c % COMMAND_COUNT; /* without a command last: it is what else there is */
        printf("    %s) options=(\n", command ? command_defs[command].name : "*");
        for (int o = 0; o < OPT_COUNT; o++) {
            const struct option_def *d = &option_defs[o];
            if (!listed(d, 1u << command))
                continue;
            printf("        '%s[", d->name);
            put_help(d->help);
            putchar(']');
            if (d->value)
                printf(":%s:", d->value);
            if (d->value && d->choices) {
                putchar('(');
                put_words(d->choices);
                putchar(')');
            } else if (d->value && takes_file(o)) {
                printf("_files");
            }
            puts("'");
        }
        puts("    ) ;;");
    }
    puts("    esac\n"
         "    _arguments -s $options '1: :{_describe command commands}' '2: :(list)'\n"
         "}\n"
         "_tinyiam \"$@\"");
}

int help_completion(const char *shell)
{
    if (strcmp(shell, "bash") == 0)
        complete_bash();
    else
        complete_zsh();
    return 0;
}
