/* The command line. One table says what there is: it parses, explains, completes and corrects. */
#ifndef HOST_ARGS_H
#define HOST_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/say.h"

enum command {
    COMMAND_NONE = 0,
    COMMAND_PAGE_ENTITIES, /* get-service-last-accessed-details-with-entities */
    COMMAND_PAGE_SERVICES, /* get-service-last-accessed-details */
    COMMAND_GENERATE,      /* generate-service-last-accessed-details */
    COMMAND_ENTITIES,      /* entities */
    COMMAND_CONFIGURE,     /* configure list */
    COMMAND_COUNT
};

struct command_def {
    const char *name;
    const char *action; /* the service's name of the operation; of the one it ends with */
    const char *help;
    const char *more; /* lines of help below the options */
};
extern const struct command_def command_defs[COMMAND_COUNT];

enum option {
    OPT_ARN,
    OPT_GRANULARITY,
    OPT_JOB_ID,
    OPT_SERVICE_NAMESPACE,
    OPT_MAX_ITEMS,
    OPT_MARKER,
    OPT_ALL,
    OPT_WAIT,
    OPT_WAIT_TIMEOUT,
    OPT_CHECKPOINT,
    OPT_OUTPUT,
    OPT_CSV_SAFE,
    OPT_NO_PROGRESS,
    OPT_STATS,
    OPT_DEBUG,
    OPT_REGION,
    OPT_PROFILE,
    OPT_ENDPOINT_URL,
    OPT_CA_BUNDLE,
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
    OPT_NO_PAGINATE,
    /* refused, with what to do instead */
    OPT_QUERY,
    OPT_NO_VERIFY_SSL,
    OPT_NO_SIGN_REQUEST,
    OPT_PAGE_SIZE,
    OPT_STARTING_TOKEN,
    OPT_CLI_INPUT_JSON,
    OPT_CLI_INPUT_YAML,
    OPT_GENERATE_CLI_SKELETON,
    OPT_CLI_ERROR_FORMAT,
    OPT_COUNT
};

enum option_kind { KIND_FLAG, KIND_TEXT, KIND_INTEGER, KIND_SECONDS, KIND_CHOICE, KIND_REFUSED };

enum option_group { GROUP_COMMAND, GROUP_OUTPUT, GROUP_NETWORK, GROUP_IOT, GROUP_OTHER, GROUP_AWS };

enum char_set { CHARS_ANY, CHARS_NAMESPACE, CHARS_MARKER };

struct option_def {
    const char *name;    /* with its dashes */
    const char *value;   /* what to call its value; NULL: it takes none */
    const char *help;    /* refused ones: what to do instead */
    const char *param;   /* the service's name of the parameter, or NULL */
    const char *choices; /* KIND_CHOICE: "a|b|c" */
    int min, max;        /* KIND_INTEGER: value; KIND_TEXT: characters; both 0: any */
    uint8_t commands;    /* bits 1 << enum command */
    uint8_t required;    /* for which of them */
    uint8_t kind, group, chars;
};
extern const struct option_def option_defs[OPT_COUNT];

struct args {
    enum command command;
    bool list;                   /* configure list */
    const char *text[OPT_COUNT]; /* as given; NULL: not given; flags: "" */
    long number[OPT_COUNT];      /* KIND_INTEGER: value, KIND_SECONDS: milliseconds */
};

/* 0, or an exit code after saying what is wrong. */
int args_parse(struct args *, int argc, char **argv);
/* Parameters against the service's limits; every failure is said, in the AWS CLI's words. */
int args_check(const struct args *);
/* A number of seconds ("2", "0.5") as milliseconds; false: not one. */
bool args_seconds(const char *, long *ms);
/* A decimal integer with blanks around it, as Python's int() reads it. */
bool args_integer(const char *, long *);
/* "a|b|c" has it. */
bool args_is_choice(const char *choices, const char *value);
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
void help_command(enum command);
/* 0, or an exit code: the shell is not known. */
int help_completion(const char *shell);

#endif
