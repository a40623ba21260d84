/* A command at work: client, output, progress, checkpoint, signals, and what it ends with. */
#ifndef HOST_RUN_H
#define HOST_RUN_H

#include "args/args.h"
#include "config/settings.h"

/* The exit code; whatever went wrong has been said. */
int run_command(const struct args *, struct settings *);

#endif
