/* What an audit is asked for, from the command line. */
#include "audit_options.h"

#include <string.h>

#include <tinyiam/pace.h>

#include "audit/jobs.h"

#define WRONG PARAM_ERROR "argument "

static int number(const struct args *a, enum option o, unsigned usual, unsigned most, unsigned *to)
{
    long value = args_has(a, o) ? a->number[o] : (long)usual;
    if (value < 1 || value > (long)most)
        return say_error(CODE_USAGE, WRONG "%s: %ld is not from 1 to %u", option_defs[o].name,
                         value, most);
    *to = (unsigned)value;
    return 0;
}

/* "5" or "0.5", a second; in millionths. */
static int rate(const char *text, uint32_t *to)
{
    long thousandths = 0;
    *to = 0;
    if (!text)
        return 0;
    if (!args_seconds(text, &thousandths) || thousandths < 1)
        return say_error(CODE_USAGE,
                         WRONG "--max-rate: '%s' is no number of requests a second (5, 0.5)", text);
    uint64_t millionths = (uint64_t)thousandths * 1000;
    *to = millionths < IAM_PACE_MOST ? (uint32_t)millionths : IAM_PACE_MOST;
    return 0;
}

static int format(struct audit_options *o, const struct settings *s)
{
    o->format = s->output->audit_ops;
    o->ask.marks = o->format->marks;
    if (o->format->services && o->ask.rows != AUDIT_SERVICES)
        return say_error(CODE_USAGE, WRONG "--output: %s is a page of --rows services",
                         s->output->name);
    return 0;
}

static int namespaces(struct audit_options *o, const struct args *a)
{
    const char *name;
    int at = 0;
    while ((name = args_each(a, OPT_SERVICE_NAMESPACE, &at)) != NULL) {
        size_t i = 0;
        while (i < o->ask.namespace_count && strcmp(o->namespaces[i], name) != 0)
            i++;
        if (i < o->ask.namespace_count)
            continue;
        if (i == AUDIT_NAMESPACES_MAX)
            return say_error(CODE_USAGE, WRONG "--service-namespace: more than %d of them",
                             AUDIT_NAMESPACES_MAX);
        o->namespaces[i] = name;
        o->spans[i] = iam_span_of(name);
        o->ask.namespace_count++;
    }
    o->ask.namespaces = o->spans;
    return 0;
}

/* The service takes a path with both of its slashes only, and its error names none of them. */
static int path_prefix(const struct args *a)
{
    const char *path = a->text[OPT_PATH_PREFIX];
    size_t n = path ? strlen(path) : 0;
    if (n == 0 || (path[0] == '/' && path[n - 1] == '/'))
        return 0;
    return say_error(CODE_USAGE,
                     WRONG "--path-prefix: '%s' does not begin and end with a slash: %s%s%s", path,
                     path[0] == '/' ? "" : "/", path, path[n - 1] == '/' ? "" : "/");
}

/* What narrows the account's lists. */
static int account(struct audit_options *o, const struct args *a)
{
    static const enum option only[] = {OPT_KINDS, OPT_PATH_PREFIX, OPT_ATTACHED, OPT_AWS_MANAGED,
                                       OPT_NO_SERVICE_LINKED};
    const char *kinds = args_has(a, OPT_KINDS) ? a->text[OPT_KINDS] : "user,group,role,policy";
    o->whole_account = args_has(a, OPT_ACCOUNT);
    for (size_t i = 0; i < sizeof only / sizeof *only; i++)
        if (args_has(a, only[i]) && !o->whole_account)
            return say_error(CODE_USAGE, WRONG "%s: goes with --account only",
                             option_defs[only[i]].name);
    int rc = path_prefix(a);
    if (rc)
        return rc;
    o->account = (struct account){.kinds = account_kinds(kinds),
                                  .path_prefix = iam_span_of(a->text[OPT_PATH_PREFIX]),
                                  .attached = args_has(a, OPT_ATTACHED),
                                  .aws_managed = args_has(a, OPT_AWS_MANAGED),
                                  .no_service_linked = args_has(a, OPT_NO_SERVICE_LINKED)};
    if (!o->account.kinds)
        return say_error(CODE_USAGE,
                         WRONG "--kinds: '%s' is not one or several, with commas between, of user, "
                               "group, role, policy",
                         kinds);
    if (o->whole_account || args_has(a, OPT_ARN))
        return 0;
    return say_error(
        CODE_USAGE, "An error occurred (ParamValidation): nothing to audit is given. Three ways "
                    "to give it: --arn ARN, which may be repeated; --arn @FILE, or --arn - for "
                    "standard input: ARNs in lines, or what aws iam list-roles and the like print; "
                    "--account, for the account's own lists");
}

int audit_options(struct audit_options *o, const struct args *a, const struct settings *s)
{
    memset(o, 0, sizeof *o);
    o->ask.rows = audit_rows_of(a->text[OPT_ROWS]);
    o->fail_on_unused = args_has(a, OPT_FAIL_ON);
    int rc = account(o, a);
    if (rc == 0 && args_has(a, OPT_UNUSED_FOR))
        rc = audit_threshold(a->text[OPT_UNUSED_FOR], &o->ask.unused_for_s);
    if (rc == 0 && o->fail_on_unused && !o->ask.unused_for_s)
        rc = say_error(CODE_USAGE, WRONG "--fail-on: unused for how long? It needs --unused-for");
    if (rc == 0)
        rc = format(o, s);
    if (rc == 0 && args_has(a, OPT_CHECKPOINT) && !o->format->lines)
        rc = say_error(CODE_USAGE, WRONG "--checkpoint: goes with --output jsonl and csv only; "
                                         "other documents cannot be gone on with");
    if (rc == 0)
        rc = namespaces(o, a);
    if (rc == 0)
        rc = number(a, OPT_CONNECTIONS, 4, NET_CONNECTIONS_MAX, &o->connections);
    if (rc == 0)
        rc = number(a, OPT_OPEN_JOBS, o->connections > 8 ? o->connections : 8, JOBS_MAX,
                    &o->open_jobs);
    if (rc == 0)
        rc = rate(a->text[OPT_MAX_RATE], &o->max_rate);
    return rc;
}
