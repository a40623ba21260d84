/* tinyiam audit: many ARNs, over several connections, in the order of the input. */
#ifndef HOST_AUDIT_H
#define HOST_AUDIT_H

#include "args/args.h"
#include "config/settings.h"

/* The exit code; whatever went wrong has been said. */
int audit_command(const struct args *, struct settings *);

#endif
