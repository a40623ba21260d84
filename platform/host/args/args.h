/* The command line. One table says what there is: it parses, explains, completes and corrects. */
#ifndef HOST_ARGS_H
#define HOST_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "commands.h"
#include "common/given.h"
#include "common/options.h"
#include "text/say.h"

/* What errors of parameters begin with. */
#define PARAM_ERROR "An error occurred (ParamValidation): "

enum option {
    OPT_ARN,
    OPT_ACCOUNT,
    OPT_KINDS,
    OPT_ATTACHED,
    OPT_AWS_MANAGED,
    OPT_NO_SERVICE_LINKED,
    OPT_ROWS,
    OPT_UNUSED_FOR,
    OPT_FAIL_ON,
    OPT_CONNECTIONS,
    OPT_OPEN_JOBS,
    OPT_MAX_RATE,
    OPT_SHARD,
    OPT_GRANULARITY,
    OPT_JOB_ID,
    OPT_SERVICE_NAMESPACE,
    OPT_MAX_ITEMS,
    OPT_MARKER,
    OPT_PAGE_SIZE,
    OPT_STARTING_TOKEN,
    OPT_PATH_PREFIX,
    OPT_SCOPE,
    OPT_ONLY_ATTACHED,
    OPT_NO_ONLY_ATTACHED,
    OPT_POLICY_USAGE_FILTER,
    OPT_ALL,
    OPT_WAIT,
    OPT_WAIT_TIMEOUT,
    OPT_CHECKPOINT,
    OPT_OUTPUT,
    OPT_CSV_SAFE,
    OPT_NO_PROGRESS,
    OPT_STATS,
    OPT_DEBUG,
    OPT_CLI_ERROR_FORMAT,
    OPT_REGION,
    OPT_PROFILE,
    OPT_ENDPOINT_URL,
    OPT_CA_BUNDLE,
    OPT_TLS_SESSIONS,
    OPT_CONNECT_TIMEOUT,
    OPT_READ_TIMEOUT,
    OPT_MAX_ATTEMPTS,
    OPT_DEADLINE,
    OPT_IOT_ENDPOINT,
    OPT_IOT_ROLE_ALIAS,
    OPT_IOT_THING_NAME,
    OPT_IOT_CERT,
    OPT_IOT_KEY,
    OPT_HELP,
    OPT_VERSION,
    OPT_COMPLETION,
    OPT_COLOR,
    /* taken, and without effect */
    OPT_NO_CLI_PAGER,
    OPT_CLI_AUTO_PROMPT,
    OPT_NO_CLI_AUTO_PROMPT,
    OPT_CLI_BINARY_FORMAT,
    OPT_NO_PAGINATE,
    /* refused, with what to do instead */
    OPT_QUERY,
    OPT_NO_VERIFY_SSL,
    OPT_NO_SIGN_REQUEST,
    OPT_CLI_INPUT_JSON,
    OPT_CLI_INPUT_YAML,
    OPT_GENERATE_CLI_SKELETON,
    OPT_COUNT
};

/* What completion offers for a value that is no choice and no FILE. */
enum option_values { VALUES_NONE, VALUES_ARN, VALUES_PROFILE, VALUES_REGION, VALUES_SERVICE };

enum option_group { GROUP_COMMAND, GROUP_OUTPUT, GROUP_NETWORK, GROUP_IOT, GROUP_OTHER, GROUP_AWS };

enum { KIND_FORMAT = KIND_COUNT /* the name of a format: formats.h */ };

struct option_def {
    const char *name;    /* with its dashes */
    const char *value;   /* what to call its value; NULL: it takes none */
    const char *help;    /* refused ones: what to do instead */
    const char *param;   /* the service's name of the parameter, or NULL; limits are the model's */
    const char *choices; /* KIND_CHOICE: "a|b|c"; KIND_TEXT: a list of these, with commas */
    uint8_t commands;    /* enum command_kind: belongs to these, whatever they call */
    uint8_t takers;      /* to these where an operation of theirs has the parameter */
    uint8_t kind, group; /* kind: enum option_kind, or KIND_FORMAT */
    uint8_t values;      /* enum option_values */
    const char *list_help;  /* where it is another one with ON_LIST; or NULL */
    const char *audit_help; /* with ON_AUDIT */
    const char *instead; /* what to do where the command has it not; NULL: said by its commands */
};
extern const struct option_def option_defs[OPT_COUNT];

struct args {
    unsigned command;            /* index into command_defs */
    bool list;                   /* configure list */
    const char *text[OPT_COUNT]; /* as given; NULL: not given; flags: "" */
    long number[OPT_COUNT];      /* KIND_INTEGER: value, KIND_SECONDS: milliseconds */
    uint16_t given[OPT_COUNT];   /* how often: text has the last one, args_each() all of them */
    int argc;
    char **argv;
};

/* The option of that name, with its dashes; -1: there is none. */
int args_option(const char *word, size_t n);
/* The command of that name, COMMAND_NONE: there is none. */
unsigned args_command(const char *word);
/* Is it an option of this command? */
bool args_belongs(enum option, unsigned command);
/* The parameter that it stands for in this command; NULL: none. */
const struct iam_param *args_param(enum option, unsigned command);
/* The words that a parameter may be, one after the other: NULL begins, and ends. */
const char *args_word(const struct iam_param *, const char *before);
/* A list by hand, as with the AWS CLI's --no-paginate: one page, and --max-items is its size. */
bool args_one_page(const struct args *);
/* The parameters of an operation, as far as they are options here. Text is borrowed. */
void args_request(const struct args *, const struct iam_operation *, union iam_request *);

/* 0, or an exit code after saying what is wrong. */
int args_parse(struct args *, int argc, char **argv);
/* The values of an option that may be given several times, in order: *at 0 begins. NULL: there are no more. */
const char *args_each(const struct args *, enum option, int *at);
/* Parameters against the service's limits; every failure is said, in the AWS CLI's words. */
int args_check(const struct args *);
/* "json, text, ...": the formats of a command. */
void args_say_formats(struct say *, unsigned command);
/* The nearest of n names at most a third of its letters away, or NULL. */
const char *args_nearest(const char *given, const char *(*name)(size_t), size_t n);
/* Characters of UTF-8 text; bytes where it is not UTF-8. */
size_t args_characters(const char *);

static inline bool args_has(const struct args *a, enum option o)
{
    return a->text[o] != NULL;
}

/* help.c */
void help_top(void);
void help_command(unsigned command);
/* Is it one that the help of this command has? */
bool help_lists(int option, unsigned command);
/* What it says of it. */
const char *help_of(int option, unsigned command);
/* The permissions that an audit needs, as a policy document. */
extern const char help_audit_policy[];

#endif
