/* audit.h - tinyiam audit --arn ARN: one ARN, whole. audit.c is left out, with the command, where
 * OPTIONS_AUDIT is 0. */
#ifndef CORTEXM_AUDIT_H
#define CORTEXM_AUDIT_H

#include <tinyiam/tinyiam.h>

/* Its buffer. */
void audit_configure(struct iam_config *);
/* A result of the client, as of all operations. */
int audit_start(void);
/* Prints what --rows asks for. 0, or an exit code after saying why. */
int audit_item(const struct iam_item *);
/* It has failed. true: because of what was asked about, which a row says; false: the network, the
 * keys, this machine. */
bool audit_unknown(int result);

#endif
