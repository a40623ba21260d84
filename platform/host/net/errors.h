/* What went wrong, in the AWS CLI's words where it has some, and what to do about it. */
#ifndef HOST_ERRORS_H
#define HOST_ERRORS_H

#include <tinyiam/tinyiam.h>

#include "config/settings.h"
#include "net.h"

struct error_context {
    const char *action; /* the operation, by the service's name */
    const char *source; /* a source of credentials that is no AWS service: its name; else NULL */
    /* or an AWS service that speaks JSON: its errors are as any service's, its documents a source's */
    bool json;
    const struct settings *settings;
    struct iam_span authority, path; /* what was called */
    bool plain;                      /* over http */
    const struct net *net;           /* the way there; NULL: none was opened */
    const char *keys_from;           /* who signed, for advice */
    const char *place;               /* where the parameter at fault was set; NULL: not known */
    bool fetched;                    /* its keys are a session of this run alone */
    bool is_list;                    /* what was asked for is no report */
    const char *checkpoint;          /* the file that this run would go on from; NULL: none */
};

/* One line for a fault; returns the exit code. */
int errors_fault(const struct error_context *, const struct iam_fault *);
/* A report that came back FAILED; returns the exit code for a command that promised the report. */
int errors_job_failed(const struct iam_report *);
/* A report without a list for another reason: it is not ready, or its status is not known. */
int errors_job_status(const struct iam_report *);
/* The output could not be written: errno. */
int errors_output(int number);

#endif
