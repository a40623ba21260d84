/* The other question: every service that was used through the ARN, and by whom (EXAMPLE_AUDIT). */
#ifndef LAST_ACCESSED_AUDIT_H
#define LAST_ACCESSED_AUDIT_H

#include <tinyiam/tinyiam.h>

#ifdef CONFIG_EXAMPLE_AUDIT
#define AUDIT_WANTED true
#else
#define AUDIT_WANTED false
#endif

/* Gives the client the buffer that an audit needs. */
void audit_configure(struct iam_config *);
/* From the place that NVS has to the end of the report, or to the pause before the next look at it. IAM_OK: complete;
 * IAM_AGAIN: to be called again after a sleep, on any client; < 0: an error. */
int audit_step(struct iam_client *);

#endif
