/* Looking up names without blocking: in a thread, so that a deadline, a connect timeout and Ctrl-C
 * end the wait for a name server that does not answer. core/ and port/ know nothing of threads;
 * this stands behind iam_sockets_config.resolve. The C library has an asynchronous look-up of its
 * own (getaddrinfo_a), but musl lacks it, and it cannot be given up. */
#ifndef HOST_RESOLVE_H
#define HOST_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>

#include <tinyiam/types.h>

struct resolve_job;

/* For one connection at a time. Zeroed memory is a beginning. */
struct resolve {
    struct resolve_job *job; /* under way, or whose answer is being handed out */
    int code;                /* getaddrinfo's, of the last name without an address; 0: none */
};

/* Is iam_sockets_config.resolve; context: a struct resolve. */
int resolve_ask(void *context, struct iam_span host, unsigned index, char *address, size_t size);
/* A name is being looked up, or was when its connection was given up. */
bool resolve_pending(const struct resolve *);
/* Gives up what is under way: its thread ends by itself, whenever its name server has answered. */
void resolve_end(struct resolve *);

#endif
