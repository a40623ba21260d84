/* Is the service that was asked for in the report at all? A report answers for a namespace that nobody has,
 * a slip of the finger, as for one that nobody used. */
#ifndef HOST_WANTED_H
#define HOST_WANTED_H

#include <stdbool.h>

#include <tinyiam/types.h>

#include "words.h"

struct wanted {
    const char *namespace_; /* as given */
    bool found;
    unsigned long services; /* in the report */
    char bare[65];          /* as given, of letters and digits, without amazon or aws in front */
    struct nearest by_given, by_bare; /* of namespaces; of both namespaces and services' names */
    char best[65];                    /* "": none is near */
};

void wanted_begin(struct wanted *, const char *namespace_);
/* Every service of the report. */
void wanted_look(struct wanted *, const struct iam_service *);
/* Says that it is not there, and which one may have been meant. The exit code. */
int wanted_missing(const struct wanted *, const char *job_id);
/* The same for several reports: a note, where it was in none of them. false: it was, or they had no services. */
bool wanted_nowhere(const struct wanted *);

#endif
