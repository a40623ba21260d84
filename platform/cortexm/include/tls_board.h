/* What mbedTLS of every generation has to know of this platform: no libc beyond memcpy and friends, all memory
 * from one static arena, the board's clock. */
#ifndef CORTEXM_TLS_BOARD_H
#define CORTEXM_TLS_BOARD_H

#include <stddef.h>
#include <stdint.h>
#ifndef CONFIG_TINYIAM
#include <tls_versions.h> /* made by CMake: what Kconfig says of TLS */
#endif
#include <tinyiam/port_config.h>

#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_MEMORY_BUFFER_ALLOC_C
#define MBEDTLS_MEMORY_DEBUG /* counts what is in use, and the peak: 300 bytes of flash */
#define MBEDTLS_PLATFORM_FPRINTF_MACRO tls_no_fprintf
#define tls_no_fprintf(...) ((void)0)
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS
#define MBEDTLS_HAVE_ASM
#define MBEDTLS_HAVE_TIME
#define MBEDTLS_HAVE_TIME_DATE /* without it, expired certificates pass */
#define MBEDTLS_PLATFORM_TIME_TYPE_MACRO int64_t
#define MBEDTLS_PLATFORM_TIME_MACRO tls_time
#define MBEDTLS_PLATFORM_MS_TIME_TYPE_MACRO int64_t
#define MBEDTLS_PLATFORM_MS_TIME_ALT
#define MBEDTLS_PLATFORM_GMTIME_R_ALT
/* not linked: no text of certificates is made */
#define MBEDTLS_PLATFORM_SNPRINTF_MACRO tls_no_snprintf
#define MBEDTLS_PLATFORM_VSNPRINTF_MACRO tls_no_vsnprintf
#define MBEDTLS_PLATFORM_EXIT_MACRO tls_corrupt /* of the arena, where it is damaged */
int64_t tls_time(int64_t *);
int tls_no_snprintf(char *, size_t, const char *, ...);
_Noreturn void tls_corrupt(int);

#endif
