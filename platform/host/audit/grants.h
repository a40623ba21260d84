/* What to do about services that are not used: the policies that grant them, asked for by up to 200
 * services at once. */
#ifndef HOST_AUDIT_GRANTS_H
#define HOST_AUDIT_GRANTS_H

#include "calls/caller.h"
#include "report.h"

#define GRANTS_MOST 200

/* The services that are asked about now. */
struct grants {
    struct report *report;
    struct hold_reader idle; /* the services that are to be asked about */
    struct iam_span names[GRANTS_MOST];
    char text[GRANTS_MOST][TURN_NAMESPACE_MAX];
    struct audit_row about[GRANTS_MOST]; /* Status, DaysAgo */
    bool answered[GRANTS_MOST], empty[GRANTS_MOST];
    uint16_t count;
    char here[TURN_NAMESPACE_MAX]; /* whose policies are coming */
    size_t here_n;
    struct held pending; /* they, until it is known */
};

/* Is there anything to ask? */
bool grants_begin(struct grants *, struct report *);
/* Asks about the next services. IAM_OK: it has begun; IAM_ITEM: there are none left; or an error. */
int grants_ask(struct grants *, struct line *, struct iam_span arn);
void grants_item(struct grants *, const struct iam_item *);
/* The reply is whole. */
void grants_answered(struct grants *);
void grants_drop(struct grants *);

#endif
