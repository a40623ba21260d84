/* Clocks, entropy and idling on Zephyr; see tinyiam/port_zephyr.h. */
#include <tinyiam/port_sockets.h>
#include <tinyiam/port_zephyr.h>

#include <string.h>
#include <zephyr/kernel.h>
#if __has_include(<zephyr/random/random.h>)
#include <zephyr/random/random.h>
#else
#include <zephyr/random/rand32.h> /* before 3.5 */
#endif

/* CSPRING_ENABLED: its name before 3.5. */
#if defined(CONFIG_CSPRNG_ENABLED) || defined(CONFIG_CSPRING_ENABLED)
#define HAS_CSPRNG 1
#else
#define HAS_CSPRNG 0
#endif
/* Native boards have a driver, but what it gives is random() of the host. Its second name: before 3.5. */
#if defined(CONFIG_TEST_CSPRNG_GENERATOR) || defined(CONFIG_FAKE_ENTROPY_NATIVE_SIM) || \
    defined(CONFIG_FAKE_ENTROPY_NATIVE_POSIX)
#define IS_FAKE 1
#else
#define IS_FAKE 0
#endif
#if (!HAS_CSPRNG || IS_FAKE) && !defined(CONFIG_TINYIAM_TEST_ENTROPY)
#error \
    "no cryptographically secure random generator: TLS keys could be guessed. Enable the board's entropy driver (CONFIG_ENTROPY_GENERATOR=y); for tests only: CONFIG_TINYIAM_TEST_ENTROPY=y"
#endif

static uint32_t zephyr_mono_ms(struct iam_system *system)
{
    (void)system;
    return (uint32_t)k_uptime_get();
}

static int64_t zephyr_unix_ms(struct iam_system *system)
{
    const struct iam_zephyr *z = (const struct iam_zephyr *)system;

    return z->config.unix_ms != NULL ? z->config.unix_ms(z->config.context) : -1;
}

static int zephyr_entropy(struct iam_system *system, void *out, size_t n)
{
    (void)system;
#if HAS_CSPRNG
    return n == 0 || sys_csrand_get(out, n) == 0 ? IAM_OK : IAM_ERR_CRYPTO;
#else
    sys_rand_get(out, n); /* CONFIG_TINYIAM_TEST_ENTROPY */
    return IAM_OK;
#endif
}

static void zephyr_idle(struct iam_system *system, struct iam_stream *const *streams, size_t n,
                        uint32_t ms)
{
    (void)system;
    ms = iam_sockets_idle(streams, n, ms);
    if (ms != 0)
        (void)k_msleep(ms > INT32_MAX ? INT32_MAX : (int32_t)ms);
}

static const struct iam_system_ops zephyr_ops = {zephyr_mono_ms, zephyr_unix_ms, zephyr_entropy,
                                                 zephyr_idle};

void iam_zephyr_init(struct iam_zephyr *z, const struct iam_zephyr_config *config)
{
    memset(z, 0, sizeof *z);
    z->system.ops = &zephyr_ops;
    z->config = *config;
}
