/* options.h - the options that host and firmware both have, a row each. A program has a table of its own, in which
 * the row is the beginning: {ROW_ARN, .help = ...}. Its members are
 *   const char *name;        with its dashes
 *   const char *param;       the service's name of the parameter that it stands for: its limits are the model's
 *   const char *choices;     KIND_CHOICE: "a|b|c"
 *   uint8_t kind;            what its value is like
 *   uint8_t commands;        enum command_kind: belongs to these, whatever they call
 *   uint8_t takers;          to these where an operation of theirs has the parameter
 * and what a row leaves out is zero: a flag, no parameter. */
#ifndef COMMON_OPTIONS_H
#define COMMON_OPTIONS_H

#include "commands.h"

enum option_kind {
    KIND_FLAG,
    KIND_NO_FLAG, /* a flag that says no */
    KIND_TEXT,
    KIND_INTEGER,
    KIND_SECONDS,
    KIND_CHOICE,
    KIND_REFUSED,
    KIND_COUNT /* a program's own kinds come behind */
};

/* parameters of the operations */
#define ROW_ARN                                                               \
    .name = "--arn", .kind = KIND_TEXT, .param = "Arn", .commands = ON_AUDIT, \
    .takers = ON_GENERATE | ON_ENTITIES
#define ROW_GRANULARITY \
    .name = "--granularity", .kind = KIND_TEXT, .param = "Granularity", .takers = ON_GENERATE
#define ROW_JOB_ID .name = "--job-id", .kind = KIND_TEXT, .param = "JobId", .takers = ON_REPORT
#define ROW_SERVICE_NAMESPACE                                                      \
    .name = "--service-namespace", .kind = KIND_TEXT, .param = "ServiceNamespace", \
    .commands = ON_AUDIT, .takers = ON_REPORT | ON_ENTITIES
#define ROW_MAX_ITEMS                                                                      \
    .name = "--max-items", .kind = KIND_INTEGER, .param = "MaxItems", .commands = ON_LIST, \
    .takers = ON_REPORT | ON_ENTITIES
#define ROW_MARKER \
    .name = "--marker", .kind = KIND_TEXT, .param = "Marker", .takers = ON_REPORT | ON_LIST

/* how a list is read */
#define ROW_ALL .name = "--all", .commands = ON_REPORT | ON_LIST
#define ROW_WAIT .name = "--wait", .commands = ON_REPORT
#define ROW_WAIT_TIMEOUT \
    .name = "--wait-timeout", .kind = KIND_SECONDS, .commands = ON_REPORT | ON_ENTITIES | ON_AUDIT

/* what of an audit is printed: enum audit_rows in words */
#define AUDIT_ROWS "services|entities|actions|grants"
#define ROW_ROWS .name = "--rows", .kind = KIND_CHOICE, .choices = AUDIT_ROWS, .commands = ON_AUDIT

/* output; of formats each program has its own */
#define ROW_OUTPUT .name = "--output", .commands = ON_EVERY
#define ROW_CSV_SAFE .name = "--csv-safe", .commands = ON_CALLS
#define ROW_NO_PROGRESS .name = "--no-progress", .commands = ON_CALLS
#define ROW_STATS .name = "--stats", .commands = ON_CALLS
#define ROW_DEBUG .name = "--debug", .commands = ON_EVERY
#define ROW_COLOR \
    .name = "--color", .kind = KIND_CHOICE, .choices = "auto|on|off", .commands = ON_EVERY

/* where, how patiently */
#define ROW_REGION .name = "--region", .kind = KIND_TEXT, .commands = ON_EVERY
#define ROW_ENDPOINT_URL .name = "--endpoint-url", .kind = KIND_TEXT, .commands = ON_EVERY
#define ROW_CA_BUNDLE .name = "--ca-bundle", .kind = KIND_TEXT, .commands = ON_EVERY
#define ROW_CONNECT_TIMEOUT \
    .name = "--cli-connect-timeout", .kind = KIND_SECONDS, .commands = ON_EVERY
#define ROW_READ_TIMEOUT .name = "--cli-read-timeout", .kind = KIND_SECONDS, .commands = ON_EVERY
#define ROW_MAX_ATTEMPTS .name = "--max-attempts", .kind = KIND_INTEGER, .commands = ON_EVERY
#define ROW_DEADLINE .name = "--deadline", .kind = KIND_SECONDS, .commands = ON_CALLS

/* a device's certificate instead of keys */
#define ROW_IOT_ENDPOINT .name = "--iot-endpoint", .kind = KIND_TEXT, .commands = ON_EVERY
#define ROW_IOT_ROLE_ALIAS .name = "--iot-role-alias", .kind = KIND_TEXT, .commands = ON_EVERY
#define ROW_IOT_THING_NAME .name = "--iot-thing-name", .kind = KIND_TEXT, .commands = ON_EVERY
#define ROW_IOT_CERT .name = "--iot-cert", .kind = KIND_TEXT, .commands = ON_EVERY
#define ROW_IOT_KEY .name = "--iot-key", .kind = KIND_TEXT, .commands = ON_EVERY

/* other, and what the AWS CLI takes */
#define ROW_HELP .name = "--help", .commands = ON_EVERY | ON_TOP
#define ROW_VERSION .name = "--version", .commands = ON_EVERY | ON_TOP
#define ROW_NO_CLI_PAGER .name = "--no-cli-pager", .commands = ON_EVERY
#define ROW_NO_PAGINATE .name = "--no-paginate", .commands = ON_EVERY

#endif
