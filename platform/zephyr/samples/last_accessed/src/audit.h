/* The other question: every service that was used through the ARN, and by whom (SAMPLE_AUDIT). */
#ifndef LAST_ACCESSED_AUDIT_H
#define LAST_ACCESSED_AUDIT_H

#include <tinyiam/tinyiam.h>

#ifdef CONFIG_SAMPLE_AUDIT
#define AUDIT_WANTED true
#else
#define AUDIT_WANTED false
#endif

/* Gives the client the buffer that an audit needs. */
void audit_configure(struct iam_config *);
/* The whole of it. IAM_OK, or an error. */
int audit_run(struct iam_client *);

#endif
