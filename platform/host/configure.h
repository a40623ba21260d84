/* tinyiam configure list. */
#ifndef HOST_CONFIGURE_H
#define HOST_CONFIGURE_H

#include "config/settings.h"

/* Prints every setting with its value and where it comes from. Returns the exit code. */
int configure_list(struct settings *, const struct args *);

#endif
