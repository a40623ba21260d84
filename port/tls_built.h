/* How mbedTLS was built, where that makes it fail oddly later: said at compile time. Each warning stands in
 * port_tls.h and goes with IAM_TLS_AS_BUILT defined. Private to port/. */
#ifndef TINYIAM_PORT_TLS_BUILT_H
#define TINYIAM_PORT_TLS_BUILT_H

#include <tinyiam/port_config.h>
#include <tinyiam/port_tls.h>

#if !defined(MBEDTLS_X509_CRT_PARSE_C) || !defined(MBEDTLS_SSL_CLI_C)
#error \
    "mbedTLS is built without TLS clients or certificates: MBEDTLS_SSL_CLI_C, MBEDTLS_X509_CRT_PARSE_C"
#endif
#if !defined(MBEDTLS_SSL_ALPN)
#error "mbedTLS is built without MBEDTLS_SSL_ALPN, which says HTTP/1.1 to servers"
#endif

#if MBEDTLS_VERSION_NUMBER < 0x03000000 && \
    (!defined(MBEDTLS_X509_CHECK_KEY_USAGE) || !defined(MBEDTLS_X509_CHECK_EXTENDED_KEY_USAGE))
#error "mbedTLS is built without MBEDTLS_X509_CHECK_(EXTENDED_)KEY_USAGE: usages go unchecked"
#endif

#if !defined(IAM_TLS_AS_BUILT)

#if IAM_TLS_SMALL_RECORDS
#warning \
    "MBEDTLS_SSL_IN_CONTENT_LEN is under 16384: servers send records of that size, and replies will fail"
#endif
#if MBEDTLS_SSL_OUT_CONTENT_LEN < 1024
#warning \
    "MBEDTLS_SSL_OUT_CONTENT_LEN is under 1024: a ClientHello with a session ticket does not fit"
#endif
#if defined(MBEDTLS_SSL_VARIABLE_BUFFER_LENGTH)
#warning \
    "MBEDTLS_SSL_VARIABLE_BUFFER_LENGTH shrinks the incoming buffer though servers know nothing of it"
#endif
#if !defined(MBEDTLS_SSL_SERVER_NAME_INDICATION)
#warning \
    "mbedTLS is built without MBEDTLS_SSL_SERVER_NAME_INDICATION: servers may show another certificate"
#endif
#if !defined(MBEDTLS_GCM_C) && !defined(MBEDTLS_CHACHAPOLY_C) && !defined(PSA_WANT_ALG_GCM) && \
    !defined(PSA_WANT_ALG_CHACHA20_POLY1305)
#warning "mbedTLS is built with neither GCM nor ChaCha20-Poly1305: no cipher suite is left to offer"
#endif
#if !defined(MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED) && \
    !defined(MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED) && !defined(MBEDTLS_SSL_PROTO_TLS1_3)
#warning "mbedTLS is built without MBEDTLS_KEY_EXCHANGE_ECDHE_*: no cipher suite is left to offer"
#endif
#if MBEDTLS_X509_MAX_INTERMEDIATE_CA < CONFIG_TINYIAM_TLS_CHAIN_MAX - 1
#warning "MBEDTLS_X509_MAX_INTERMEDIATE_CA is less than CONFIG_TINYIAM_TLS_CHAIN_MAX has room for"
#endif
#if !defined(MBEDTLS_ECP_DP_SECP256R1_ENABLED) && !defined(PSA_WANT_ECC_SECP_R1_256)
#warning "mbedTLS is built without P-256, which servers' keys and certificates are on"
#endif

#endif
#endif
