/* Which ciphers are offered, and in what order: AES-GCM first where hardware helps mbedTLS with it, else ChaCha20-Poly1305.
 * Servers choose from the whole list; most take the client's first. Private to port/.
 *
 * Without help of hardware AES-GCM takes mbedTLS three to five times what ChaCha20-Poly1305 takes; and what it looks up in
 * its tables depends on the key. With AES-NI it is 1.5 to 1.7 times (tests/EVIDENCE.md has each alone), so who reads a
 * great deal may want the other order: CONFIG_TINYIAM_TLS_AES_FIRST, or iam_tls_shared_config.ciphersuites. */
#ifndef TINYIAM_PORT_TLS_CIPHERS_H
#define TINYIAM_PORT_TLS_CIPHERS_H

#include <tinyiam/parts/compiler.h>
#include <tinyiam/port_config.h>
#include <tinyiam/port_tls.h>

/* Does hardware help with AES? As far as mbedTLS's configuration says; where instructions of the processor are used that it
 * may lack, the processor as well, which mbedTLS asks in the same way (mbedtls_aesni_has_support() is its own). */
#if CONFIG_TINYIAM_TLS_AES_FIRST < 2
#define TLS_AES_FIRST CONFIG_TINYIAM_TLS_AES_FIRST
#elif defined(MBEDTLS_AES_ALT) || defined(MBEDTLS_AES_ENCRYPT_ALT) || defined(MBEDTLS_GCM_ALT) || \
    defined(MBEDTLS_PSA_ACCEL_KEY_TYPE_AES) || defined(MBEDTLS_PSA_ACCEL_ALG_GCM)
#define TLS_AES_FIRST 1 /* an accelerator */
#elif defined(MBEDTLS_AESNI_C) && defined(IAM_CPU_HAS)
#define TLS_AES_FIRST (IAM_CPU_HAS("aes") && IAM_CPU_HAS("pclmul"))
#elif defined(MBEDTLS_AESCE_C) && (defined(__ARM_FEATURE_AES) || defined(__ARM_FEATURE_CRYPTO))
#define TLS_AES_FIRST 1
#elif defined(MBEDTLS_AESCE_C) && defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#define TLS_AES_FIRST ((getauxval(AT_HWCAP) & 1ul << 3) != 0) /* HWCAP_AES */
#else
#define TLS_AES_FIRST 0
#endif

/* ECDHE and an AEAD, TLS 1.3 and 1.2. Numbers, because old headers lack the names of TLS 1.3. */
#define TLS_AES_13 0x1301, 0x1302,                 /* AES-128-GCM, AES-256-GCM */
#define TLS_AES_12 0xC02B, 0xC02F, 0xC02C, 0xC030, /* of each, ECDHE-ECDSA and ECDHE-RSA */
#if defined(MBEDTLS_CHACHAPOLY_C) || defined(PSA_WANT_ALG_CHACHA20_POLY1305)
#define TLS_CHACHA_13 0x1303,
#define TLS_CHACHA_12 0xCCA9, 0xCCA8,
#else
#define TLS_CHACHA_13
#define TLS_CHACHA_12
#endif

static inline const int *tls_ciphers(void)
{
    static const int aes_first[] = {TLS_AES_13 TLS_CHACHA_13 TLS_AES_12 TLS_CHACHA_12 0};
    static const int chacha_first[] = {TLS_CHACHA_13 TLS_AES_13 TLS_CHACHA_12 TLS_AES_12 0};

    return TLS_AES_FIRST ? aes_first : chacha_first;
}

#endif
