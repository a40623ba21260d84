/* The rows of an audit: what is said of one service, entity, action or grant of one ARN; what that ARN comes to; and
 * the formats that print them. The columns are data (row.c), in the order in which jsonl and csv have them. */
#ifndef HOST_AUDIT_ROW_H
#define HOST_AUDIT_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tinyiam/types.h>

#include "args/commands.h"
#include "text/say.h"
#include "text/sink.h"

enum audit_rows { AUDIT_SERVICES, AUDIT_ENTITIES, AUDIT_ACTIONS, AUDIT_GRANTS };
/* unused: last used as long ago as the threshold says, or longer; without a threshold nothing is. never: not within
 * the tracking period. unknown: the ARN could not be read. */
enum audit_status { STATUS_NONE, STATUS_USED, STATUS_UNUSED, STATUS_NEVER, STATUS_UNKNOWN };

/* Text is borrowed; absent: p == NULL. Which members a kind of row shows: audit_fields(). */
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

/* An ARN, whole: told before its rows. */
struct audit_arn {
    struct iam_span arn, type; /* type: p NULL where it cannot be an ARN */
    struct iam_time create_date;
    bool young;   /* made within the threshold: it has no rows where the threshold filters */
    bool unknown; /* could not be read: its one row has the error */
    uint64_t services, used, unused, never; /* of all its services, before anything is left out */
    struct iam_time newest;                 /* absent: none of them was ever used */
    int64_t newest_days;                    /* how many days before its reply that was */
    struct iam_span newest_namespace;
};

/* What it all came to. gone and failed are those of the unknown: NoSuchEntity, and everything else. */
struct audit_totals {
    uint64_t arns, read, gone, failed, young;
    uint64_t services, used, unused, never;
    uint64_t rows;
};

struct audit_format_options {
    enum audit_rows rows;
    int64_t unused_for_s; /* the threshold; 0: there is none */
    int64_t now_us;       /* the clock of the service when the audit began, for a page's head */
    const char *account;  /* whose it is, or NULL */
    const char *command;  /* what was asked, as it was typed, or NULL */
    bool csv_safe;        /* csv: cells that a spreadsheet would take for formulas are text */
    bool header;          /* csv: with the names of its columns */
    bool color;           /* table: on a terminal that wants it */
    unsigned width;       /* table: columns of the terminal; 0: it is none */
};

/* ---- what a row says ---- */

/* The columns of a kind of row, in order. */
const struct fields *audit_fields(enum audit_rows);
/* The choices of --rows; NULL: services. */
#define AUDIT_ROWS "services|entities|actions|grants"
enum audit_rows audit_rows_of(const char *name);
struct iam_span audit_status_text(enum audit_status);

/* Whole days between two moments, rounded down. What lies up to five minutes ahead of the service's clock (the Date
 * field has whole seconds, and clocks differ) was just now; what lies further ahead is a negative number. */
int64_t audit_days(int64_t now_us, int64_t then_us);
/* Is it threshold_s ago, or longer? 0: there is no threshold, and nothing is. */
bool audit_is_old(int64_t now_us, int64_t then_us, int64_t threshold_s);
/* Used, unused or never. */
enum audit_status audit_status_of(int64_t now_us, const struct iam_time *last, int64_t threshold_s);
/* Status and days of a row by its own date; now_us is the Date field of the reply that it came with. */
void audit_judge(struct audit_row *, int64_t now_us, int64_t threshold_s);
/* Was an ARN with this create date made within the threshold? Where it is not known: no. */
bool audit_is_young(int64_t now_us, const struct iam_time *create_date, int64_t threshold_s);
/* Is the row printed where the threshold filters? Without one every row is; one with an error always. */
bool audit_is_shown(const struct audit_row *, int64_t threshold_s);
/* One service of an ARN into its sums. The newest of them is the caller's, who keeps its text, to copy: is this it? */
void audit_count(struct audit_arn *, const struct audit_row *);
bool audit_is_newer(const struct audit_arn *, const struct iam_time *last);
/* An ARN that is whole, into the totals. gone: of one that is unknown, it is NoSuchEntity. */
void audit_add(struct audit_totals *, const struct audit_arn *, bool gone);
/* The one row of an ARN that could not be read. */
void audit_unknown(struct audit_row *, const struct audit_arn *, struct iam_span code,
                   struct iam_span message);

/* "90d", "12w", "3m" (of 30 days), "1y" (of 365) as seconds. 0, or an exit code after saying what is wrong; notes
 * what reaches behind the tracking period. */
int audit_threshold(const char *text, int64_t *seconds);
/* "90 days", for people; of seconds that audit_threshold() made. */
struct iam_span audit_threshold_text(int64_t seconds, char buf[40]);
/* The last line, for stderr: "200 ARNs: 197 read, 2 gone, 1 failed; 4,000 services: ...". */
void audit_last_line(struct say *, const struct audit_totals *,
                     const struct audit_format_options *);
/* Said once, where anything was never used: a line of its own before the last one. */
#define AUDIT_NEVER \
    "Never means: not within the tracking period (400 days; less where AWS began later)."

/* ---- formats ---- */

struct audit_out;
/* One for each format. begin() comes first and end() last, where the audit ran to its end: a document of an audit
 * that did not stays open. Between them an ARN is told, then its rows, then that they are all. Rows that are not to be
 * printed are left out by the caller: audit_is_shown(), except where marks is set. */
struct audit_out_ops {
    void (*begin)(struct audit_out *);
    void (*arn)(struct audit_out *, const struct audit_arn *);
    void (*row)(struct audit_out *, const struct audit_row *);
    void (*arn_end)(struct audit_out *);
    void (*end)(struct audit_out *, const struct audit_totals *);
    /* Nothing arrives for a moment: show what waits for its columns. NULL: nothing does. */
    void (*pause)(struct audit_out *);
    /* Gives back what begin() took; whether or not end() came. NULL: nothing. */
    void (*free)(struct audit_out *);
    bool marks; /* the threshold marks rows here, it does not filter: table, html */
};
extern const struct audit_out_ops audit_jsonl, audit_csv, audit_json, audit_text, audit_yaml,
    audit_table, audit_html;

struct audit_out {
    const struct audit_out_ops *ops;
    struct sink *sink;
    struct audit_format_options options;
    bool any;  /* something was printed: json, yaml */
    void *own; /* the format's own; NULL before begin() */
    int error; /* errno of a temporary file of its own; 0: none */
};

#endif
