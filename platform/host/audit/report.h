/* Items of a report become rows. */
#ifndef HOST_AUDIT_REPORT_H
#define HOST_AUDIT_REPORT_H

#include <tinyiam/types.h>

#include "namespaces.h"
#include "out/spool.h"
#include "turns.h"

/* What is asked of every ARN. */
struct ask {
    enum audit_rows rows;
    int64_t unused_for_s; /* 0: there is no threshold */
    bool marks;           /* the threshold marks rows, it does not leave any out */
    const struct iam_span *namespaces;
    size_t namespace_count; /* 0: all */
};

/* What has been read of one ARN's. */
struct report {
    const struct ask *ask;
    struct hold *hold;
    struct turn turn;
    struct held idle;    /* grants: services to ask about */
    struct kept service; /* a service with actions: until all of it is there */
    struct held pending; /* its actions */
    struct names names;  /* of its services */
    const char *wrong;   /* what makes no sense in the replies; NULL: nothing */
};

void report_begin(struct report *, const struct ask *, struct hold *);
/* Any item of the audit; namespace_: whose entity it is; now_us: the service's clock. */
void report_item(struct report *, const struct iam_item *, struct iam_span namespace_,
                 int64_t now_us);
/* Instead of all that was read so far: one row that says why it is not known. */
void report_unknown(struct report *, struct iam_span code, struct iam_span message);
/* Reads it anew, or gives it up. */
void report_drop(struct report *);

#endif
