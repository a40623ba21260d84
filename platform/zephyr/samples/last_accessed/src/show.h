/* What the report says, on the console. */
#ifndef LAST_ACCESSED_SHOW_H
#define LAST_ACCESSED_SHOW_H

#include <tinyiam/tinyiam.h>

/* Who used a service (p == NULL: it goes without saying), and when for the last time. */
void show_access(struct iam_span service, struct iam_span who, const struct iam_time *last);

#endif
