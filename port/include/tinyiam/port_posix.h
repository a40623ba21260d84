/* tinyiam/port_posix.h - clocks, entropy and idling on POSIX (Linux, the BSDs, macOS, ESP-IDF's linux
 * target). */
#ifndef TINYIAM_PORT_POSIX_H
#define TINYIAM_PORT_POSIX_H

#include <tinyiam/port.h>

#ifdef __cplusplus
extern "C" {
#endif

struct iam_sockets;

/* The caller allocates; lives as long as it is used. */
struct iam_posix {
    /* PUBLIC: hand &posix.system to whatever wants a system. A clock before 2001-09-09 (10^12 ms) counts
     * as not set: that is where clocks without a battery wake up. */
    struct iam_system system;

    /* PRIVATE */
    struct iam_sockets *sockets;
};

/* On fresh memory; cannot fail. sockets: the transport that idle waits for; NULL: idle only sleeps. It
 * need not be initialised yet, so that each can be given the other. */
void iam_posix_init(struct iam_posix *, struct iam_sockets *sockets);

#ifdef __cplusplus
}
#endif
#endif
