/* What mbedTLS needs of a platform: its arena, time, randomness. */
#include "tls_platform.h"

#include "clock.h"
#include "entropy.h"
#include "semihost.h"

#include <mbedtls/memory_buffer_alloc.h>
#include <mbedtls/platform.h>
#include <mbedtls/platform_time.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/version.h>
#include <string.h>
#include <tinyiam/port_config.h>
#if defined(MBEDTLS_PSA_CRYPTO_C)
#include <psa/crypto.h>
#endif
#if defined(CORTEXM_ECP_OPS)
#include <mbedtls/ecp.h>
#endif

static _Alignas(8) unsigned char arena[CONFIG_TINYIAM_TLS_ARENA];

int tls_platform_start(void)
{
    mbedtls_memory_buffer_alloc_init(arena, sizeof arena);
#if defined(CORTEXM_ECP_OPS)
    mbedtls_ecp_set_max_ops(CORTEXM_ECP_OPS);
#endif
#if defined(MBEDTLS_PSA_CRYPTO_C)
    return (int)psa_crypto_init();
#else
    return 0;
#endif
}

void tls_platform_usage(struct tls_usage *usage)
{
    memset(usage, 0, sizeof *usage);
    usage->size = sizeof arena;
#if defined(MBEDTLS_MEMORY_DEBUG)
    size_t blocks;
    mbedtls_memory_buffer_alloc_max_get(&usage->peak, &blocks);
    mbedtls_memory_buffer_alloc_cur_get(&usage->used, &blocks);
#endif
}

#if defined(MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG)
psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context,
                                             uint8_t *output, size_t size, size_t *length)
{
    (void)context;
    if (entropy_read(output, size) != 0)
        return PSA_ERROR_INSUFFICIENT_ENTROPY;
    *length = size;
    return PSA_SUCCESS;
}
#endif

/* Certificates are checked against this. While the clock is not set, it is no earlier than the image: what
 * was valid then passes, so that the time can be learned from the server's Date. */
int64_t tls_time(int64_t *out)
{
    int64_t ms = clock_unix_ms();
    int64_t seconds = ms < 0 ? CORTEXM_TIME_FLOOR : ms / 1000;
    if (out != NULL)
        *out = seconds;
    return seconds;
}

#if MBEDTLS_VERSION_NUMBER >= 0x03050000
/* Ages of session tickets, over a sleep too: by the time of day, where it is known. */
mbedtls_ms_time_t mbedtls_ms_time(void)
{
    int64_t ms = clock_unix_ms();
    return ms >= 0 ? ms : clock_ms();
}
#endif

/* Days to year, month and day: years begin in March, so that leap days come last. */
struct tm *mbedtls_platform_gmtime_r(const mbedtls_time_t *time, struct tm *to)
{
    int32_t days = (int32_t)(*time / 86400);
    int32_t rest = (int32_t)(*time % 86400);
    int32_t shifted = days + 719468; /* since 0000-03-01 */
    int32_t era = shifted / 146097;
    int32_t day_of_era = shifted % 146097;
    int32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int32_t day = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t month = (5 * day + 2) / 153;

    memset(to, 0, sizeof *to);
    to->tm_mday = (int)(day - (153 * month + 2) / 5 + 1);
    to->tm_mon = (int)(month < 10 ? month + 2 : month - 10);
    to->tm_year = (int)(year_of_era + era * 400 - 1900 + (to->tm_mon < 2 ? 1 : 0));
    to->tm_hour = (int)(rest / 3600);
    to->tm_min = (int)(rest / 60 % 60);
    to->tm_sec = (int)(rest % 60);
    return to;
}

/* The arena's bookkeeping is damaged: nothing can go on. */
void tls_corrupt(int code)
{
    semihost_puts("TLS arena damaged\n");
    semihost_exit(code | 255);
}

int tls_never(void)
{
    return -1;
}
