/* --stats: one line of JSON about what a run has cost. */
#ifndef HOST_STATS_H
#define HOST_STATS_H

#include "caller.h"
#include "text/sink.h"

struct stats_row {
    const char *name;
    unsigned long long value;
};

/* The first rows are the command's own, the first of all the pages; the others are sums over all clients. */
void stats_put(const struct caller *, const struct stats_row *first, size_t count,
               const struct sink *);

#endif
