/** @file
 * tinyiam/port_sntp.h - the time of day by lwIP's SNTP client, for boards whose clock starts unset.
 * lwipopts.h needs the prototype of iam_sntp_lwip_time() below, and
 *
 *     #define SNTP_SET_SYSTEM_TIME_US(s, us) iam_sntp_lwip_time((s), (us))
 *
 * A device that waits for the time should have SNTP_STARTUP_DELAY 0 and SNTP_RETRY_TIMEOUT 3000 there, because
 * the first datagram is lost now and then. SNTP is not authenticated: certificates are still checked
 * against what it says, so a lie about the time can only stop the client, or let an old certificate of the
 * same name and issuer pass. */
#ifndef TINYIAM_PORT_SNTP_H
#define TINYIAM_PORT_SNTP_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Asks the server, a const ip_addr_t *, until it answers, and then every hour. set is called with milliseconds
 * since 1970, from within lwIP's timers or input. */
void iam_sntp_lwip_start(const void *server, void (*set)(int64_t unix_ms));
/** Ends the asking. */
void iam_sntp_lwip_stop(void);

/** What SNTP_SET_SYSTEM_TIME_US calls: see above. */
void iam_sntp_lwip_time(uint32_t seconds, uint32_t microseconds);

#ifdef __cplusplus
}
#endif
#endif
