/* The time of day by lwIP's SNTP. */
#include <lwip/apps/sntp.h>
#include <stddef.h>
#include <tinyiam/port_sntp.h>

/* lwIP has one SNTP client for the whole machine, so that this is one, too. */
static void (*set_clock)(int64_t unix_ms);

void iam_sntp_lwip_start(const void *server, void (*set)(int64_t unix_ms))
{
    set_clock = set;
    sntp_setoperatingmode(SNTP_OPMODE_POLL);
    sntp_setserver(0, server);
    sntp_init();
}

void iam_sntp_lwip_stop(void)
{
    sntp_stop();
    set_clock = NULL;
}

void iam_sntp_lwip_time(uint32_t seconds, uint32_t microseconds)
{
    if (set_clock != NULL)
        set_clock((int64_t)seconds * 1000 + microseconds / 1000);
}
