/* mbedTLS 3.6.6 offers RSA-PSS signatures for TLS 1.2 and refuses them when a server takes the offer, as
 * OpenSSL does with an RSA certificate (Mbed-TLS/mbedtls pull request 10674 repairs it). This file stands
 * for the library's own in the build: the same source, with the check seeing what was offered. */
#include "common.h"

#include "ssl_misc.h"

static int offered_in_tls12(const mbedtls_ssl_context *ssl, uint16_t algorithm)
{
    return algorithm == MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA256 ||
           algorithm == MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA384 ||
           algorithm == MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA512 ||
           mbedtls_ssl_sig_alg_is_supported(ssl, algorithm);
}
#define mbedtls_ssl_sig_alg_is_supported(ssl, algorithm) offered_in_tls12((ssl), (algorithm))

#include "ssl_tls12_client.c"
