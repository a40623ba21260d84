/* fields.h - what of a reply is shown: the members of items, a row each, for every format of output. */
#ifndef COMMON_FIELDS_H
#define COMMON_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tinyiam/types.h>

enum field_type {
    FIELD_TEXT,   /* struct iam_span */
    FIELD_TIME,   /* struct iam_time */
    FIELD_INTEGER /* int64_t, and a bool behind it: is it there? */
};

/* A member of a struct: of struct iam_item, or of the row of an audit. Of an item they stand in the order of the
 * service's model, which is JSON's. */
struct field {
    /* In JSON and CSV; behind its NUL the title of its column in a table, which may be empty: "Arn\0ARN".
     * FIELDS_WITHOUT_TITLES: it has none. */
    const char *name;
    uint16_t at;  /* in the struct */
    uint8_t type; /* enum field_type */
    /* Which column of CSV, from 1 on; and which of the table, 0: none. In the table 1 is the time whose age column
     * 2 shows, 4 is the one that gives way where the terminal is narrow. */
    uint8_t csv : 4, table : 4;
};

/* An item, a member of the list inside one, or a row of an audit. */
struct fields {
    const struct field *field;
    /* The first `grouped` fields stand in an object of their own inside the item; group_at: the bool in
     * struct iam_item that says whether it is there. */
    const char *group; /* "EntityInfo" */
    /* The list inside each item; NULL: there is none. sub_at: the bool that says whether it is there. */
    const struct fields *sub;
    const char *sub_list;
    uint8_t kind; /* enum iam_item_kind; IAM_ITEM_NONE: of another struct */
    uint8_t count, grouped, group_at, sub_at;
};
extern const struct fields fields_entity, fields_service, fields_user, fields_group, fields_role,
    fields_policy;

/* Where the value of a field lies in the struct that it is a member of. */
static inline const void *field_at(const struct field *f, const void *of)
{
    return (const char *)of + f->at;
}
/* false: it is absent. */
bool field_present(const struct field *, const void *of);
/* The title of its column. */
static inline const char *field_title(const struct field *f)
{
    return f->name + strlen(f->name) + 1;
}

#endif
