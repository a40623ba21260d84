/* What differs between mbedTLS 2.28, 3.6 and 4.x: for port/tls_*.c only. */
#ifndef TINYIAM_PORT_TLS_COMPAT_H
#define TINYIAM_PORT_TLS_COMPAT_H

#include <tinyiam/port_config.h>
#include <tinyiam/port_tls.h>

#if !CONFIG_TINYIAM_TLS12 && !CONFIG_TINYIAM_TLS13
#error "Kconfig: TINYIAM_TLS12 or TINYIAM_TLS13 has to be on"
#endif

#define TLS_COMPAT_BAD_VERSION (-0x6E80) /* its name has changed from 2.28 to 3.x */

#if defined(MBEDTLS_USE_PSA_CRYPTO) || defined(MBEDTLS_SSL_PROTO_TLS1_3) || \
    MBEDTLS_VERSION_NUMBER >= 0x04000000
#include <psa/crypto.h>
/* 0 or psa_status_t; as often as one likes. */
static inline int tls_compat_start(void)
{
    return (int)psa_crypto_init();
}
#define TLS_COMPAT_NO_MEMORY(code) ((code) == PSA_ERROR_INSUFFICIENT_MEMORY)
#else
static inline int tls_compat_start(void)
{
    return 0;
}
#define TLS_COMPAT_NO_MEMORY(code) (0)
#endif

/* The random generator of the connections that share one. */
#if MBEDTLS_VERSION_NUMBER < 0x04000000
static inline void tls_compat_random_init(struct iam_tls_shared *s)
{
    mbedtls_ctr_drbg_init(&s->random);
}
static inline void tls_compat_random_free(struct iam_tls_shared *s)
{
    mbedtls_ctr_drbg_free(&s->random);
}
static inline int tls_compat_random(struct iam_tls_shared *s,
                                    int (*entropy)(void *, unsigned char *, size_t), void *context)
{
    static const unsigned char personal[] = "tinyiam";
    int code = mbedtls_ctr_drbg_seed(&s->random, entropy, context, personal, sizeof personal);
    mbedtls_ssl_conf_rng(&s->conf, mbedtls_ctr_drbg_random, &s->random);
    return code;
}
#else
static inline void tls_compat_random_init(struct iam_tls_shared *s)
{
    (void)s;
}
static inline void tls_compat_random_free(struct iam_tls_shared *s)
{
    (void)s;
}
static inline int tls_compat_random(struct iam_tls_shared *s,
                                    int (*entropy)(void *, unsigned char *, size_t), void *context)
{
    (void)s, (void)entropy, (void)context;
    return 0;
}
#endif

/* TLS 1.2 at least; signatures in the handshake with SHA-256 and better. PKCS#1 v1.5 comes before PSS,
 * which TLS 1.3 asks for and some versions do not take in TLS 1.2 (below). */
static inline void tls_compat_limits(mbedtls_ssl_config *conf)
{
#if MBEDTLS_VERSION_NUMBER >= 0x03020000
    static const uint16_t signatures[] = {
        MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256, MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,
        MBEDTLS_TLS1_3_SIG_ECDSA_SECP521R1_SHA512, MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,
        MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384,       MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA512,
        MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA256,    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA384,
        MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA512,    MBEDTLS_TLS1_3_SIG_NONE};
    mbedtls_ssl_conf_sig_algs(conf, signatures);
    /* P-256 first, for which mbedTLS has fast reduction and tables: X25519 takes it some four times
     * as long. And elliptic curves alone: a server may choose a group of 8192 bits where one is
     * offered. */
    static const uint16_t groups[] = {
#if CONFIG_TINYIAM_TLS_X25519_FIRST
        MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
        MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
#else
        MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
        MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
#endif
        MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1,
        MBEDTLS_SSL_IANA_TLS_GROUP_SECP521R1,
        MBEDTLS_SSL_IANA_TLS_GROUP_NONE
    };
    mbedtls_ssl_conf_groups(conf, groups);
#if CONFIG_TINYIAM_TLS12
    mbedtls_ssl_conf_min_tls_version(conf, MBEDTLS_SSL_VERSION_TLS1_2);
#else
    mbedtls_ssl_conf_min_tls_version(conf, MBEDTLS_SSL_VERSION_TLS1_3);
#endif
#if !CONFIG_TINYIAM_TLS13
    mbedtls_ssl_conf_max_tls_version(conf, MBEDTLS_SSL_VERSION_TLS1_2);
#endif
#else
    static const int hashes[] = {
        MBEDTLS_MD_SHA256,
#if defined(MBEDTLS_SHA512_C)
        MBEDTLS_MD_SHA384,
        MBEDTLS_MD_SHA512,
#endif
        MBEDTLS_MD_NONE
    };
    /* all that are built in, in the order of the groups above; one that is not is an error to it */
    static const mbedtls_ecp_group_id curves[] = {
#if CONFIG_TINYIAM_TLS_X25519_FIRST && defined(MBEDTLS_ECP_DP_CURVE25519_ENABLED)
        MBEDTLS_ECP_DP_CURVE25519,
#endif
#if defined(MBEDTLS_ECP_DP_SECP256R1_ENABLED)
        MBEDTLS_ECP_DP_SECP256R1,
#endif
#if !CONFIG_TINYIAM_TLS_X25519_FIRST && defined(MBEDTLS_ECP_DP_CURVE25519_ENABLED)
        MBEDTLS_ECP_DP_CURVE25519,
#endif
#if defined(MBEDTLS_ECP_DP_SECP384R1_ENABLED)
        MBEDTLS_ECP_DP_SECP384R1,
#endif
#if defined(MBEDTLS_ECP_DP_SECP521R1_ENABLED)
        MBEDTLS_ECP_DP_SECP521R1,
#endif
#if defined(MBEDTLS_ECP_DP_BP256R1_ENABLED)
        MBEDTLS_ECP_DP_BP256R1,
#endif
#if defined(MBEDTLS_ECP_DP_BP384R1_ENABLED)
        MBEDTLS_ECP_DP_BP384R1,
#endif
#if defined(MBEDTLS_ECP_DP_BP512R1_ENABLED)
        MBEDTLS_ECP_DP_BP512R1,
#endif
#if defined(MBEDTLS_ECP_DP_SECP256K1_ENABLED)
        MBEDTLS_ECP_DP_SECP256K1,
#endif
        MBEDTLS_ECP_DP_NONE
    };
    mbedtls_ssl_conf_sig_hashes(conf, hashes);
    mbedtls_ssl_conf_curves(conf, curves);
    mbedtls_ssl_conf_min_version(conf, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
#endif
#if defined(MBEDTLS_SSL_RENEGOTIATION)
    mbedtls_ssl_conf_renegotiation(conf, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
#endif
}

/* mbedTLS 3.6.6 and 4.1.0 offer RSA-PSS for TLS 1.3 and refuse it where a server that has TLS 1.2 only
 * takes it (Mbed-TLS/mbedtls issue 10668). true: that has happened, and a new connection, now without
 * TLS 1.3, will do. */
static inline bool tls_compat_without_tls13(mbedtls_ssl_config *conf,
                                            const mbedtls_ssl_context *ssl, int code)
{
#if defined(MBEDTLS_SSL_PROTO_TLS1_3) && defined(MBEDTLS_SSL_PROTO_TLS1_2) && \
    (MBEDTLS_VERSION_NUMBER == 0x03060600 || MBEDTLS_VERSION_NUMBER == 0x04010000)
    if (code == MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER &&
        mbedtls_ssl_get_version_number(ssl) == MBEDTLS_SSL_VERSION_TLS1_2) {
        mbedtls_ssl_conf_max_tls_version(conf, MBEDTLS_SSL_VERSION_TLS1_2);
        return true;
    }
#else
    (void)conf, (void)ssl, (void)code;
#endif
    return false;
}

static inline void tls_compat_no_tickets(mbedtls_ssl_config *conf)
{
    (void)conf;
#if defined(MBEDTLS_SSL_SESSION_TICKETS)
    mbedtls_ssl_conf_session_tickets(conf, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
#endif
}

/* Tickets of TLS 1.3 are told by mbedtls_ssl_read; from 3.6.1 on, and not in 4.x, only if asked to. */
#if defined(MBEDTLS_SSL_PROTO_TLS1_3) && defined(MBEDTLS_SSL_SESSION_TICKETS) && \
    defined(MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED)
static inline void tls_compat_tickets(mbedtls_ssl_config *conf)
{
    mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
        conf, MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
}
#else
static inline void tls_compat_tickets(mbedtls_ssl_config *conf)
{
    (void)conf;
}
#endif
#if defined(MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
#define TLS_COMPAT_IS_TICKET(code) ((code) == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
#else
#define TLS_COMPAT_IS_TICKET(code) (0)
#endif

/* The handshake, one step after another. */
static inline bool tls_compat_is_over(mbedtls_ssl_context *ssl)
{
#if MBEDTLS_VERSION_NUMBER >= 0x03020000
    return mbedtls_ssl_is_handshake_over(ssl) != 0;
#else
    return ssl->state == MBEDTLS_SSL_HANDSHAKE_OVER;
#endif
}

/* Is the server's certificate what the handshake reads next? 3.x has no function that tells. */
static inline bool tls_compat_at_certificate(const mbedtls_ssl_context *ssl)
{
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
    return ssl->MBEDTLS_PRIVATE(state) == MBEDTLS_SSL_SERVER_CERTIFICATE;
#else
    return ssl->state == MBEDTLS_SSL_SERVER_CERTIFICATE;
#endif
}

/* Sessions of TLS 1.3 come with tickets, those of 1.2 with the handshake. */
static inline bool tls_compat_is_tls12(const mbedtls_ssl_context *ssl)
{
#if MBEDTLS_VERSION_NUMBER >= 0x03020000
    return mbedtls_ssl_get_version_number(ssl) == MBEDTLS_SSL_VERSION_TLS1_2;
#else
    (void)ssl;
    return true;
#endif
}

#endif
