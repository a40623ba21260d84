/* tinyiam/port_sntp.h - the time of day by lwIP's SNTP client, for boards whose clock starts unset. In
 * lwipopts.h: #define SNTP_SET_SYSTEM_TIME_US(s, us) iam_sntp_lwip_time((s), (us)), with the prototype
 * below in reach; SNTP_STARTUP_DELAY 0 and SNTP_RETRY_TIMEOUT 3000 serve a device that waits for it (the
 * first datagram is lost now and then). SNTP is not authenticated: certificates are still checked
 * against what it says, so a lie about the time can only stop the client, or let an old certificate of the
 * same name and issuer pass. */
#ifndef TINYIAM_PORT_SNTP_H
#define TINYIAM_PORT_SNTP_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Asks the server (an ip_addr_t) until it answers and then every hour. set is called with milliseconds
 * since 1970, from within lwIP's timers or input. */
void iam_sntp_lwip_start(const void *server, void (*set)(int64_t unix_ms));
void iam_sntp_lwip_stop(void);

/* lwIP calls it. */
void iam_sntp_lwip_time(uint32_t seconds, uint32_t microseconds);

#ifdef __cplusplus
}
#endif
#endif
