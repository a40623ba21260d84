/* options.h - what the command line asks for. The host command's commands and flags, and settings as
 * NAME=VALUE words before the command, named like the environment variables of the host:
 *
 *   [NAME=VALUE]... COMMAND [FLAG...]
 *
 * A flag or a variable is a row of a table in options.c; a flag's begins with its row of common/options.h. */
#ifndef CORTEXM_OPTIONS_H
#define CORTEXM_OPTIONS_H

#include "args.h"
#include "common/options.h"

#include <tinyiam/config.h>

#include <stdbool.h>
#include <stdint.h>

/* Exit codes of the host command. */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_UNKNOWN = 1, /* of an audit: what was asked about could not be read */
    EXIT_USAGE = 252,
    EXIT_CONFIGURATION = 253,
    EXIT_SERVICE = 254,
    EXIT_OTHER = 255
};

/* Is there the command audit? A constant, so that what is off is not linked. */
#if CONFIG_TINYIAM_AUDIT
#define OPTIONS_AUDIT 1
#else
#define OPTIONS_AUDIT 0
#endif

/* A command, from a row of common/commands.h. */
struct command_row {
    const char *name;
    const struct iam_operation *op, *first;
    uint8_t kind;
};
#define OPTIONS_COMMANDS (COMMAND_ENTITIES + 1u + OPTIONS_AUDIT)
const struct command_row *options_command(enum command);

/* Where the time of day comes from; a board has an RTC, or learns it. */
enum options_clock { CLOCK_HOST, CLOCK_SNTP, CLOCK_UNSET };

/* Text is NULL where it was not given. */
struct options {
    enum command command;
    const char *job_id, *service_namespace, *marker, *arn, *granularity, *rows;
    uint32_t max_items; /* of a page; 0: the service decides; over 1,000: to be refused */
    bool all, wait, stats, debug, help, version;

    const char *region, *endpoint_url, *ca_bundle;
    const char *access_key_id, *secret_access_key, *session_token;
    const char *iot_endpoint, *iot_role_alias, *iot_thing_name, *iot_cert, *iot_key;
    bool fips, dualstack;
    bool url_by_flag;
    uint32_t connect_ms, read_ms, job_ms, deadline_ms; /* 0: the default, no deadline */
    uint32_t max_attempts;                             /* 0: the default */
    const char *output;
    const char *no_matter; /* what makes no difference here */
    bool no_matter_either;

    /* NAME=VALUE alone: the board. */
    const char *address, *netmask, *gateway, *dns, *fixed, *sntp;
    uint8_t clock;        /* enum options_clock */
    uint32_t reset_after; /* entities, then the CPU is reset: shows that a checkpoint resumes */
};

/* The parameters of an operation, as far as they were given. Text is borrowed. */
void options_request(const struct options *, const struct iam_operation *, union iam_request *);
/* 0, or an exit code after saying why on stderr. */
int options_parse(struct options *, const struct args *);

#endif
