/* The time of day by Zephyr's SNTP client; see tinyiam/port_zephyr.h. */
#include <tinyiam/port_zephyr.h>

#include <errno.h>
#include <zephyr/kernel.h>
#include <zephyr/net/sntp.h>

#define WAIT_MS 3000u

int iam_zephyr_clock_sntp(struct iam_zephyr_clock *clock, const char *server, unsigned tries)
{
    struct sntp_time now;
    int code = -EINVAL;

    for (unsigned i = 0; i < tries; i++) {
        code = sntp_simple(server, WAIT_MS, &now);
        if (code == 0) {
            clock->boot_unix_ms = (int64_t)now.seconds * 1000 +
                                  (int64_t)(((uint64_t)now.fraction * 1000u) >> 32) -
                                  k_uptime_get();
            return 0;
        }
    }
    return code;
}

int64_t iam_zephyr_clock_unix_ms(void *clock)
{
    int64_t boot = ((const struct iam_zephyr_clock *)clock)->boot_unix_ms;

    return boot != 0 ? boot + k_uptime_get() : -1;
}
