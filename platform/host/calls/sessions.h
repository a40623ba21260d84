/* --tls-sessions: the TLS session with IAM's endpoint, from run to run. A file of 0600 with one session, good for the
 * endpoint, the certificates, the settings and the mbedTLS that it was made with, and for a day. It is a secret like a
 * password for that endpoint; whatever is wrong with the file, a full handshake follows. */
#ifndef HOST_SESSIONS_H
#define HOST_SESSIONS_H

#include "net/net.h"

struct sessions {
    const char *path; /* NULL: none are kept */
    struct iam_span host;
    uint16_t port;
};

/* Once the way to the endpoint is set up: what the next handshake may resume. */
void sessions_take(const struct sessions *, struct net_shared *);
/* When its connections are closed: what there is for the next run, or that there is nothing. */
void sessions_keep(const struct sessions *, struct net_shared *);

#endif
