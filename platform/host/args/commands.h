/* The commands, a row each: which operation is called, which options it takes, what of its reply is shown.
 * A list of IAM's is added to the command by a row in commands.c, its fields in common/fields.c, and a row in
 * options.c for each parameter that no command had before; parsing, limits, help, completion and every format of
 * output follow. What the firmware has as well stands in platform/common. */
#ifndef HOST_COMMANDS_H
#define HOST_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tinyiam/operation.h>

#include "common/commands.h"
#include "common/fields.h"

/* What of a reply is shown. */
struct reply {
    /* enum iam_member, in the model's order, 0-terminated; the list among them */
    const uint8_t *members;
    /* "EntityDetailsList"; NULL: the reply has none, and what follows is not used */
    const char *list;
    const char *one, *many; /* "entity", "entities" */
    const struct fields *item;
};

/* Bits of the fields that are there: 1 << index. */
uint16_t fields_present(const struct fields *, const void *of);
/* Any of the rows that say what lies in items of this kind; NULL: nothing of it is shown. */
const struct fields *fields_of(enum iam_item_kind);

/* ---- commands ---- */

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
