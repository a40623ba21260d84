/* What an audit must be allowed to do, and what goes without it. */
#ifndef HOST_AUDIT_DENIED_H
#define HOST_AUDIT_DENIED_H

#include "calls/caller.h"

/* Where the line's operation was denied: says, once for each action (a bit of *told), which one is missing. */
void denied_note(uint32_t *told, struct line *line);

#endif
