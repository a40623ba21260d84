/* audit_columns.h - what columns of an audit's rows are made of: for audit_*.c alone. */
#ifndef COMMON_AUDIT_COLUMNS_H
#define COMMON_AUDIT_COLUMNS_H

#include "audit_row.h"

#define AT(member) (uint16_t) offsetof(struct audit_row, member)
#define TEXT(name, member)                   \
    {                                        \
        (name), AT(member), FIELD_TEXT, 0, 0 \
    }
#define TIME(name, member)                   \
    {                                        \
        (name), AT(member), FIELD_TIME, 0, 0 \
    }
#define INTEGER(name, member)                   \
    {                                           \
        (name), AT(member), FIELD_INTEGER, 0, 0 \
    }
/* Every kind ends with what went wrong. */
#define ERRORS TEXT("ErrorCode", error_code), TEXT("ErrorMessage", error_message)
#define REPORT TEXT("ReportArn", report_arn), TEXT("ReportType", report_type)

#define FIELDS(rows)                                            \
    {                                                           \
        .field = (rows), .count = sizeof(rows) / sizeof *(rows) \
    }

/* field_present() looks for the flag of an integer there. */
#define IS_BEHIND(field, flag)                                                                   \
    _Static_assert(offsetof(struct audit_row, flag) ==                                           \
                       offsetof(struct audit_row, field) + sizeof((struct audit_row *)0)->field, \
                   #flag)
IS_BEHIND(days_ago, has_days_ago);
IS_BEHIND(total, has_total);

#endif
