/** @file
 * tinyiam/port_posix.h - clocks, entropy and idling on POSIX (Linux, the BSDs, macOS, ESP-IDF's linux
 * target). */
#ifndef TINYIAM_PORT_POSIX_H
#define TINYIAM_PORT_POSIX_H

#include <tinyiam/port.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The caller allocates; lives as long as it is used. */
struct iam_posix {
    /** PUBLIC: hand &posix.system to whatever wants a system. A clock before 2001-09-09 (10^12 ms) counts
     * as not set: that is where clocks without a battery wake up. */
    struct iam_system system;
};

/** On fresh memory; cannot fail. Its idle waits for streams on sockets (port/idle_sockets.c). */
void iam_posix_init(struct iam_posix *);

#ifdef __cplusplus
}
#endif
#endif
