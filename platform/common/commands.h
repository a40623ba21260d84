/* commands.h - the commands: what each is like, and the rows of those that host and firmware both have. A program
 * has a table of its own, in which the row is the beginning: {ROW_GENERATE, .help = ...}. Its members are
 *   const char *name; uint8_t kind; const struct iam_operation *op, *first;
 * where op is what is called in the end, and first what is called before it. */
#ifndef COMMON_COMMANDS_H
#define COMMON_COMMANDS_H

#include <tinyiam/operation.h>

/* Those that the code names. Others are rows behind them. */
enum command {
    COMMAND_NONE = 0,
    COMMAND_PAGE_ENTITIES, /* get-service-last-accessed-details-with-entities */
    COMMAND_PAGE_SERVICES, /* get-service-last-accessed-details */
    COMMAND_GENERATE,      /* generate-service-last-accessed-details */
    COMMAND_ENTITIES,      /* entities */
    COMMAND_AUDIT,         /* audit; the last one that the firmware has */
    COMMAND_CONFIGURE,     /* configure list */
    COMMAND_USERS,         /* list-users, the first of the rows that only the table knows */
};

/* What a command is like: an option says which of these it belongs to. */
enum command_kind {
    ON_TOP = 1,        /* no command */
    ON_REPORT = 2,     /* a page of a report, or with --all every page */
    ON_GENERATE = 4,   /* makes a report */
    ON_ENTITIES = 8,   /* generates, waits, lists */
    ON_LIST = 16,      /* a list of the account: every page, as the AWS CLI's paginator has it */
    ON_CONFIGURE = 32, /* calls nobody */
    ON_AUDIT = 64      /* many reports */
};
#define ON_CALLS (ON_REPORT | ON_GENERATE | ON_ENTITIES | ON_LIST | ON_AUDIT)
#define ON_EVERY (ON_CALLS | ON_CONFIGURE)

#define ROW_NONE .name = "", .kind = ON_TOP
#define ROW_PAGE_ENTITIES                                                         \
    .name = "get-service-last-accessed-details-with-entities", .kind = ON_REPORT, \
    .op = &iam_op_entities
#define ROW_PAGE_SERVICES \
    .name = "get-service-last-accessed-details", .kind = ON_REPORT, .op = &iam_op_services
#define ROW_GENERATE \
    .name = "generate-service-last-accessed-details", .kind = ON_GENERATE, .op = &iam_op_generate
#define ROW_ENTITIES \
    .name = "entities", .kind = ON_ENTITIES, .op = &iam_op_entities, .first = &iam_op_generate
#define ROW_AUDIT .name = "audit", .kind = ON_AUDIT

#endif
