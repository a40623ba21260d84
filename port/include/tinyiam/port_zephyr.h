/** @file
 * tinyiam/port_zephyr.h - clocks, entropy, idling and checkpoints on Zephyr (3.4 and later). */
#ifndef TINYIAM_PORT_ZEPHYR_H
#define TINYIAM_PORT_ZEPHYR_H

#include <tinyiam/call.h>
#include <tinyiam/port.h>

#ifdef __cplusplus
extern "C" {
#endif

/** All zero is valid: a system whose clock is not set. */
struct iam_zephyr_config {
    /** A function of the application's that tells milliseconds since 1970 by an RTC or a modem, or a negative number
     * while the time is not known; or iam_zephyr_clock_unix_ms below. NULL: the time is never known, and the
     * client learns it from the endpoint. */
    int64_t (*unix_ms)(void *context);
    void *context; /**< for unix_ms */
};

/** The caller allocates; lives as long as it is used. Entropy is Zephyr's CSPRNG; where there is none it
 * does not compile (CONFIG_TINYIAM_TEST_ENTROPY: accepts the generator for tests). */
struct iam_zephyr {
    struct iam_system system;        /**< PUBLIC: hand &zephyr.system to whatever wants a system */
    struct iam_zephyr_config config; /* PRIVATE */
};

/** On fresh memory; cannot fail. config is copied. */
void iam_zephyr_init(struct iam_zephyr *, const struct iam_zephyr_config *config);

/* ---- the time by SNTP (CONFIG_TINYIAM_SNTP) ---- */

/** A time of day that runs with the uptime; zeroed: not set. The system's clock is left alone. */
struct iam_zephyr_clock {
    int64_t boot_unix_ms; /**< when the uptime was 0; 0: not known */
};

/** Asks server ("pool.ntp.org", or an address; ":port" may follow) up to tries times, 3 s each: the first
 * datagram is lost now and then. Blocks. 0, or Zephyr's negative errno of the last try. Not
 * authenticated: port_sntp.h says what that means. */
int iam_zephyr_clock_sntp(struct iam_zephyr_clock *, const char *server, unsigned tries);
/** For iam_zephyr_config.unix_ms, with the clock as context. */
int64_t iam_zephyr_clock_unix_ms(void *clock);

/* ---- checkpoints in settings (CONFIG_TINYIAM_SETTINGS) ---- */

/** Keep, read and delete a checkpoint under a name of Zephyr's settings, as "app/report"; call settings_subsys_init()
 * before. They return 0 or a negative errno, load -ENOENT if there is none. iam_resume() finds damage. */
int iam_zephyr_checkpoint_save(const char *name, const struct iam_checkpoint *);
int iam_zephyr_checkpoint_load(const char *name, struct iam_checkpoint *);
int iam_zephyr_checkpoint_forget(const char *name);

#ifdef __cplusplus
}
#endif
#endif
