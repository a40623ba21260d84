/* fields_row.h - what rows of fields are made of: for fields*.c alone. */
#ifndef COMMON_FIELDS_ROW_H
#define COMMON_FIELDS_ROW_H

#include "fields.h"

#define AT(member) (uint8_t) offsetof(struct iam_item, u.member)
_Static_assert(sizeof(struct iam_item) < 256, "field.at is one byte");

/* A device that prints no table does without the titles of its columns. */
#ifdef FIELDS_WITHOUT_TITLES
#define NAME(name, title) name
#else
#define NAME(name, title) name "\0" title
#endif

#define COUNT_OF(array) (uint8_t)(sizeof(array) / sizeof *(array))
#define FIELDS(kind_, rows) .kind = (kind_), .field = (rows), .count = COUNT_OF(rows)

/* field_present() looks for the flag of an integer there. */
#define IS_BEHIND(field, type, flag)                                      \
    _Static_assert(offsetof(struct iam_item, u.flag) ==                   \
                       offsetof(struct iam_item, u.field) + sizeof(type), \
                   #flag)

#endif
