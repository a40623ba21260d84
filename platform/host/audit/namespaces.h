/* --service-namespace of an audit, which may be several: which of them no report knows, and what may have been meant. A
 * report answers for a slip of the finger as for a service that nobody used. */
#ifndef HOST_AUDIT_NAMESPACES_H
#define HOST_AUDIT_NAMESPACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/wanted.h"

#define NAMESPACES_SEEN 1024 /* AWS has some 400; those beyond are not suggested */

/* Names, each once whatever its case: their hashes. */
struct names {
    uint64_t *hashes; /* size of them, a power of two; 0: free */
    size_t size, n;
};

/* false: it was there already. */
bool names_add(struct names *, struct iam_span name);
void names_end(struct names *);

struct namespaces {
    struct wanted *wanted; /* each once */
    size_t n;
    uint64_t seen[NAMESPACES_SEEN]; /* hashes of those that were looked at; 0: free */
    size_t seen_n;
};

/* The names are borrowed; none: nothing is ever said. */
void namespaces_begin(struct namespaces *, const char *const *names, size_t n);
/* Every service of every report; costs little after the first report. */
void namespaces_look(struct namespaces *, const struct iam_service *);
/* A line on stderr for each that was in no report; nothing where no report had a service. How many there were. */
size_t namespaces_say(const struct namespaces *);
void namespaces_end(struct namespaces *);

#endif
