/** @file
 * SHA-256 and HMAC over the crypto library, in the caller's memory. Layer: base. The backend is
 * chosen by the build: core/base/sha256_mbedtls.c (mbedTLS 2.28, 3.x) or core/base/sha256_psa.c
 * (PSA; mbedTLS 4.x, IAM_SHA256_PSA defined). Include tinyiam.h, not this. */
#ifndef TINYIAM_PARTS_SHA256_H
#define TINYIAM_PARTS_SHA256_H

#include <stddef.h>
#include <stdint.h>

#ifdef IAM_SHA256_PSA
#include <psa/crypto.h>
#else
#include <mbedtls/sha256.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** Life: start or clone, update any number of times, finish or clear. Errors stick and are told at
 * finish. */
struct iam_sha256 {
#ifdef IAM_SHA256_PSA
    psa_hash_operation_t ctx;
#else
    mbedtls_sha256_context ctx;
#endif
    int error; /**< the library's first error, its own code; stays after finish, zero after clear */
};

/** Begins. The memory may hold anything but a hash that was started and not finished, which would leak. */
void iam_sha256_start(struct iam_sha256 *);
void iam_sha256_update(struct iam_sha256 *, const void *, size_t);
/** Writes the digest and zeroises the state. IAM_OK or IAM_ERR_CRYPTO. */
int iam_sha256_finish(struct iam_sha256 *, uint8_t digest[32]);
/** Makes *to a copy of *from in the middle of its work; both go on independently. *to: as for start. */
void iam_sha256_clone(struct iam_sha256 *to, const struct iam_sha256 *from);
/** Zeroises; a zero-initialised one may be cleared too. */
void iam_sha256_clear(struct iam_sha256 *);
/** Overwrites memory that held a secret with zeros; compilers cannot leave it out. */
void iam_zeroize(void *, size_t);

#ifdef __cplusplus
}
#endif
#endif
