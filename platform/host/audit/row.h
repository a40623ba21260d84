/* What an ARN of an audit comes to, which of its rows (common/audit_row.h) are printed, and the formats that print
 * them. */
#ifndef HOST_AUDIT_ROW_H
#define HOST_AUDIT_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tinyiam/types.h>

#include "args/commands.h"
#include "common/audit_row.h"
#include "text/say.h"
#include "text/sink.h"

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

/* The columns of a kind of row. */
const struct fields *audit_fields(enum audit_rows);
/* One of AUDIT_ROWS; NULL: services. */
enum audit_rows audit_rows_of(const char *name);

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
    /* It ends before its end: show what waits for its columns. NULL: nothing does. */
    void (*pause)(struct audit_out *);
    /* Gives back what begin() took; whether or not end() came. NULL: nothing. */
    void (*free)(struct audit_out *);
    bool marks;    /* the threshold marks rows here, it does not filter: table, html */
    bool lines;    /* lines that stand each for itself, so that a checkpoint can go on behind one */
    bool services; /* has AUDIT_SERVICES only */
};
extern const struct audit_out_ops audit_jsonl, audit_csv, audit_json, audit_text, audit_yaml,
    audit_table, audit_html, audit_off;

struct audit_out {
    const struct audit_out_ops *ops;
    struct sink *sink;
    struct audit_format_options options;
    bool any;  /* something was printed: json, yaml */
    void *own; /* the format's own; NULL before begin() */
    int error; /* errno of a temporary file of its own; 0: none */
};

#endif
