/* What an audit is asked for, from the command line. */
#ifndef HOST_AUDIT_OPTIONS_H
#define HOST_AUDIT_OPTIONS_H

#include "args/args.h"
#include "audit/account.h"
#include "audit/report.h"
#include "config/settings.h"

#define AUDIT_NAMESPACES_MAX 200

struct audit_options {
    struct ask ask;
    bool whole_account, fail_on_unused;
    struct account account;
    unsigned connections, open_jobs;
    uint32_t max_rate; /* millionths of a request a second; 0: no limit */
    const struct audit_out_ops *format;
    const char *namespaces[AUDIT_NAMESPACES_MAX];
    struct iam_span spans[AUDIT_NAMESPACES_MAX]; /* the same */
};

/* 0, or an exit code after saying what is wrong. Text is borrowed from the arguments. */
int audit_options(struct audit_options *, const struct args *, const struct settings *);

#endif
