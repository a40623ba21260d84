/* The reports of an audit: some are generated ahead, fewer are worked on at once, each over a client of its own. One
 * that is IN_PROGRESS is set aside, and goes on over whichever client is free when the next look at it is due. */
#ifndef HOST_AUDIT_JOBS_H
#define HOST_AUDIT_JOBS_H

#include <tinyiam/audit.h>

#include "calls/caller.h"
#include "grants.h"
#include "namespaces.h"
#include "report.h"

#define JOBS_MAX 100

enum job_state { JOB_FREE = 0, JOB_READY, JOB_RUNS, JOB_ASIDE };

struct job {
    uint8_t state;   /* enum job_state */
    uint8_t again;   /* how often it was begun anew */
    bool resumes;    /* from place */
    bool granting;   /* the report is read; which policies grant what is not used? */
    uint8_t at;      /* which of the two places is the latest */
    uint64_t number; /* of its ARN */
    uint32_t due_ms; /* ASIDE: when to look again */
    struct iam_audit_checkpoint place[2]; /* a client borrows the one that it has resumed from */
    struct report report;
    struct iam_time create_date;
    bool is_policy;
    char id[36]; /* of the report */
    size_t arn_n;
    char arn[INPUT_ARN_MAX];
};

struct jobs {
    struct caller *caller;
    struct turns *turns;
    const struct ask *ask;
    unsigned open_most; /* reports at once */
    uint64_t next;      /* ARN to begin with next */
    unsigned open;
    struct job *jobs;                           /* open_most of them */
    struct job *on[NET_CONNECTIONS_MAX];        /* whose turn it is on which line; NULL: nobody's */
    struct grants *grants[NET_CONNECTIONS_MAX]; /* asked for on that line; NULL: none yet */
    unsigned lines;                             /* that may be used by now */
    size_t which;                               /* iam_run_any()'s */
    uint64_t read, denied; /* ARNs that were, and to which generating a report was denied */
    unsigned lost;         /* ARNs in a row that the network has cost */
    unsigned refused;      /* keys, in a row */
    unsigned line;         /* where it went wrong */
    int64_t now_us;        /* the service's clock, as far as a reply has told; 0: none has */
    uint64_t pages;
    uint32_t told;                 /* actions that were denied: a bit each */
    bool waited;                   /* the last turn ended by waiting */
    struct namespaces *namespaces; /* gets every service */
    struct names ids;              /* of the reports that were read */
};

void jobs_begin(struct jobs *, struct caller *, struct turns *, const struct ask *,
                unsigned open_most);
/* All that can be done without waiting, and then waits for what comes next, ms milliseconds at most. IAM_OK: every ARN
 * is whole; IAM_AGAIN: call again; < 0: an error that ends the audit for all, of line. */
int jobs_turn(struct jobs *, uint32_t ms);
/* Says what ended it; the exit code. */
int jobs_explain(struct jobs *, int error);
/* Drops what is open. */
void jobs_end(struct jobs *);

#endif
