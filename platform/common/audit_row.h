/* audit_row.h - the rows of an audit: what is said of one service, entity, action or grant of one ARN. The columns are
 * data, in the order in which jsonl and csv have them. */
#ifndef COMMON_AUDIT_ROW_H
#define COMMON_AUDIT_ROW_H

#include "fields.h"

enum audit_rows { AUDIT_SERVICES, AUDIT_ENTITIES, AUDIT_ACTIONS, AUDIT_GRANTS };
/* unused: last used as long ago as the threshold says, or longer; without a threshold nothing is. never: not within
 * the tracking period. unknown: the ARN could not be read. */
enum audit_status { STATUS_NONE, STATUS_USED, STATUS_UNUSED, STATUS_NEVER, STATUS_UNKNOWN };

/* Text is borrowed; absent: p == NULL. Which members a kind of row shows: its columns. */
struct audit_row {
    struct iam_span report_arn, report_type; /* type: USER GROUP ROLE POLICY */
    struct iam_time create_date;             /* the ARN's own, where it is known */
    struct iam_span service_namespace, service_name;
    struct iam_span status; /* "used" ...: audit_judge(), audit_unknown() */
    uint8_t status_number;  /* enum audit_status */
    struct iam_time last;   /* LastAuthenticated; of an action LastAccessedTime */
    int64_t days_ago;       /* whole days, rounded down: audit_judge() */
    bool has_days_ago;      /* stands right behind it */
    struct iam_span last_entity, last_region;
    int64_t total; /* TotalAuthenticatedEntities */
    bool has_total;
    struct iam_span arn, name, type, id, path; /* of an entity */
    struct iam_span action_name;
    struct iam_span policy_name, policy_type, policy_arn, entity_type, entity_name; /* of a grant */
    struct iam_span error_code, error_message; /* of an ARN that could not be read */
};

/* The columns of each kind of row, in order. */
extern const struct fields audit_services, audit_entities, audit_actions, audit_grants;
struct iam_span audit_status_text(enum audit_status);

/* A service, an action or an entity as a row: its members, and what audit_judge() says. namespace_: whose it is. The
 * report's members are left to the caller. */
void audit_row_of(struct audit_row *, const struct iam_item *, struct iam_span namespace_,
                  int64_t now_us, int64_t threshold_s);

/* Whole days between two moments, rounded down. What lies up to five minutes ahead of the service's clock (the Date
 * field has whole seconds, and clocks differ) was just now; what lies further ahead is a negative number. */
int64_t audit_days(int64_t now_us, int64_t then_us);
/* Is it threshold_s ago, or longer? 0: there is no threshold, and nothing is. */
bool audit_is_old(int64_t now_us, int64_t then_us, int64_t threshold_s);
/* Used, unused or never. */
enum audit_status audit_status_of(int64_t now_us, const struct iam_time *last, int64_t threshold_s);
/* Status and days of a row by its own date; now_us is the Date field of the reply that it came with. */
void audit_judge(struct audit_row *, int64_t now_us, int64_t threshold_s);

#endif
