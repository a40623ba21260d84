/* --account: the ARNs of the account's own lists: users, groups, roles, policies. */
#ifndef HOST_AUDIT_ACCOUNT_H
#define HOST_AUDIT_ACCOUNT_H

#include "calls/caller.h"
#include "input.h"

enum account_kind { ACCOUNT_USER = 1, ACCOUNT_GROUP = 2, ACCOUNT_ROLE = 4, ACCOUNT_POLICY = 8 };

struct account {
    unsigned kinds; /* of enum account_kind */
    struct iam_span path_prefix;
    bool attached, aws_managed, no_service_linked;
    void (*tick)(void *); /* called now and then */
    void *tick_arg;
};

/* "user,role"; 0: something else stands in it, or nothing does. */
unsigned account_kinds(const char *);
/* Takes the lists over one of the lines. 0, or an exit code: what went wrong has been said; it ends also where the run
 * is to (stop.h), with that code. */
int account_list(const struct account *, struct caller *, struct line *, struct input *);

#endif
