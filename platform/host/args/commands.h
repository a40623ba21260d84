/* The commands, a row each: which operation is called, which options it takes, what of its reply is shown.
 * A list of IAM's is added to the command by a row in commands.c, and a row in options.c for each parameter
 * that no command had before; parsing, limits, help, completion and every format of output follow. */
#ifndef HOST_COMMANDS_H
#define HOST_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tinyiam/operation.h>

/* Those that the code names. Others are rows behind them. */
enum command {
    COMMAND_NONE = 0,
    COMMAND_PAGE_ENTITIES, /* get-service-last-accessed-details-with-entities */
    COMMAND_PAGE_SERVICES, /* get-service-last-accessed-details */
    COMMAND_GENERATE,      /* generate-service-last-accessed-details */
    COMMAND_ENTITIES,      /* entities */
    COMMAND_CONFIGURE,     /* configure list */
    COMMAND_USERS,         /* list-users, the first of the rows that only the table knows */
};

/* ---- what of a reply is shown ---- */

enum field_type {
    FIELD_TEXT,   /* struct iam_span */
    FIELD_TIME,   /* struct iam_time */
    FIELD_INTEGER /* int64_t, and a bool behind it: is it there? */
};

/* A member of a struct: of struct iam_item, or of the row of an audit. Of an item they stand in the order of the
 * service's model, which is JSON's. */
struct field {
    const char *name; /* in JSON and CSV */
    uint8_t type;     /* enum field_type */
    uint16_t at;      /* in the struct */
    uint8_t csv;      /* which column, from 1 on */
    /* Which column of the table, from 1 on; 0: none. 1 is the time whose age column 2 shows, 4 is the one that
     * gives way where the terminal is narrow. */
    uint8_t table;
    const char *title; /* of that column */
};

/* An item, a member of the list inside one, or a row of an audit. */
struct fields {
    const struct field *field;
    enum iam_item_kind kind; /* of an item; IAM_ITEM_NONE: of another struct */
    uint8_t count;
    /* The first `grouped` fields stand in an object of their own inside the item; group_at: the bool in
     * struct iam_item that says whether it is there. */
    uint8_t grouped, group_at;
    const char *group; /* "EntityInfo" */
};

struct reply {
    const uint8_t
        *members; /* enum iam_member, in the model's order, 0-terminated; the list among them */
    const char
        *list; /* "EntityDetailsList"; NULL: the reply has none, and what follows is not used */
    const char *one, *many; /* "entity", "entities" */
    const struct fields *item;
    /* The list inside each item; NULL: there is none. sub_at: the bool that says whether it is there. */
    const struct fields *sub;
    const char *sub_list;
    uint8_t sub_at;
};

/* Where the value of a field lies in the struct that it is a member of; is it there? */
static inline const void *field_at(const struct field *f, const void *of)
{
    return (const char *)of + f->at;
}
bool field_present(const struct field *, const void *of);
/* Bits of the fields that are there: 1 << index. */
uint16_t fields_present(const struct fields *, const void *of);
/* Any of the rows that say what lies in items of this kind; NULL: nothing of it is shown. */
const struct fields *fields_of(enum iam_item_kind);

/* ---- commands ---- */

/* What a command is like: an option says which of these it belongs to. */
enum command_kind {
    ON_TOP = 1,       /* no command */
    ON_REPORT = 2,    /* a page of a report, or with --all every page */
    ON_GENERATE = 4,  /* makes a report */
    ON_ENTITIES = 8,  /* generates, waits, lists */
    ON_LIST = 16,     /* a list of the account: every page, as the AWS CLI's paginator has it */
    ON_CONFIGURE = 32 /* calls nobody */
};

struct command_def {
    const char *name;
    uint8_t kind; /* enum command_kind, one of them */
    /* What is called, in the end; before that. Errors name the last, options are the parameters of both. */
    const struct iam_operation *op, *first;
    const struct reply *reply;
    const char *help;
    const char *more; /* lines of help below it; NULL: none */
};
extern const struct command_def command_defs[];
extern const unsigned command_count;

#endif
