/* mbedTLS 3.6 for a TLS client on a microcontroller: TLS 1.2 and 1.3, ECDHE with AES-GCM (and
 * ChaCha20-Poly1305 where CORTEXM_TLS_CHACHA is defined), RSA and ECDSA certificates, all memory from one
 * static arena. Each saving is named with what it costs. Kconfig says which
 * versions of TLS there are; TLS 1.2 alone leaves PSA out. CORTEXM_ECP_OPS: handshakes in small steps, which
 * work without TLS 1.3 and RSA only. */
#ifndef CORTEXM_TLS_CONFIG_H
#define CORTEXM_TLS_CONFIG_H

#include "tls_board.h"

/* Ciphers and hashes. */
#define MBEDTLS_AES_C
#define MBEDTLS_AES_ROM_TABLES          /* tables in flash instead of 8.5 KB of RAM */
#define MBEDTLS_AES_FEWER_TABLES        /* 2 KB of them instead of 8; some 20 % slower */
#define MBEDTLS_BLOCK_CIPHER_NO_DECRYPT /* GCM and CTR_DRBG only encrypt */
#define MBEDTLS_CIPHER_C
#define MBEDTLS_GCM_C
#define MBEDTLS_MD_C
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA256_SMALLER /* half the flash, some 30 % slower */
#define MBEDTLS_SHA384_C
#define MBEDTLS_SHA512_C
#define MBEDTLS_SHA512_SMALLER
#define MBEDTLS_CTR_DRBG_C
#define MBEDTLS_NO_PLATFORM_ENTROPY
#if defined(CORTEXM_TLS_CHACHA)
#define MBEDTLS_CHACHA20_C
#define MBEDTLS_POLY1305_C
#define MBEDTLS_CHACHAPOLY_C
#endif

/* Public keys: P-256 and P-384 (Amazon's roots use both), RSA to 4096 bits. */
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_MPI_MAX_SIZE 512
#define MBEDTLS_ECP_C
#define MBEDTLS_ECDH_C
#define MBEDTLS_ECDSA_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_DP_SECP384R1_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECP_WINDOW_SIZE 2 /* RAM and flash for speed */
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0
#if defined(CORTEXM_ECP_OPS)
#define MBEDTLS_ECP_RESTARTABLE
#else
#define MBEDTLS_RSA_C
#define MBEDTLS_RSA_NO_CRT
#define MBEDTLS_PKCS1_V15
#define MBEDTLS_PKCS1_V21
#define MBEDTLS_X509_RSASSA_PSS_SUPPORT
#define MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK /* roots are looked up one at a time: trust.c */
#endif
#define MBEDTLS_PK_C
#define MBEDTLS_PK_PARSE_C
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_OID_C
#define MBEDTLS_X509_USE_C
#define MBEDTLS_X509_CRT_PARSE_C
#define MBEDTLS_X509_REMOVE_INFO

/* TLS. */
#define MBEDTLS_SSL_TLS_C
#define MBEDTLS_SSL_CLI_C
#define MBEDTLS_SSL_SERVER_NAME_INDICATION
#define MBEDTLS_SSL_ALPN
#define MBEDTLS_SSL_SESSION_TICKETS
/* servers send records of this size: less fails on the body */
#define MBEDTLS_SSL_IN_CONTENT_LEN 16384
#define MBEDTLS_SSL_OUT_CONTENT_LEN 2048
/* port/ says which suites are offered: of all that mbedTLS knows, the list takes 700 bytes */
#define MBEDTLS_SSL_CIPHERSUITES 0xC02B, 0x1301

#if CONFIG_TINYIAM_TLS12
#define MBEDTLS_SSL_PROTO_TLS1_2
#if !defined(CORTEXM_ECP_OPS)
#define MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED
#endif
#define MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED
#define MBEDTLS_SSL_EXTENDED_MASTER_SECRET
#endif

#if CONFIG_TINYIAM_TLS13
#if defined(CORTEXM_ECP_OPS)
#error "CORTEXM_ECP_OPS: mbedTLS has small steps for TLS 1.2 only, without TINYIAM_TLS13"
#endif
#define MBEDTLS_SSL_PROTO_TLS1_3
#define MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ENABLED
#define MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_EPHEMERAL_ENABLED
#define MBEDTLS_SSL_KEEP_PEER_CERTIFICATE /* TLS 1.3 needs it */
#define MBEDTLS_PSA_CRYPTO_C
#define MBEDTLS_PSA_CRYPTO_CONFIG
#define MBEDTLS_PSA_CRYPTO_CONFIG_FILE "psa_config.h"
#define MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG      /* tls_platform.c: the board's own generator */
#define MBEDTLS_PSA_ASSUME_EXCLUSIVE_BUFFERS /* no copies of every input: 27 KB of arena less */
#define MBEDTLS_PSA_KEY_SLOT_COUNT 8
#endif

#endif
