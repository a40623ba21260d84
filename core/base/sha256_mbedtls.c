/* SHA-256 by mbedTLS's own functions. */
#include <mbedtls/platform_util.h>
#include <mbedtls/version.h>
#include <tinyiam/parts/sha256.h>
#include <tinyiam/types.h>

/* 2.x returns its error codes from functions named _ret; 3.x dropped the suffix. */
#if MBEDTLS_VERSION_NUMBER < 0x03000000
#define sha256_starts mbedtls_sha256_starts_ret
#define sha256_update mbedtls_sha256_update_ret
#define sha256_finish mbedtls_sha256_finish_ret
#else
#define sha256_starts mbedtls_sha256_starts
#define sha256_update mbedtls_sha256_update
#define sha256_finish mbedtls_sha256_finish
#endif

void iam_sha256_start(struct iam_sha256 *h)
{
    mbedtls_sha256_init(&h->ctx);
    h->error = sha256_starts(&h->ctx, 0);
}

void iam_sha256_update(struct iam_sha256 *h, const void *p, size_t n)
{
    if (h->error == 0)
        h->error = sha256_update(&h->ctx, p, n);
}

int iam_sha256_finish(struct iam_sha256 *h, uint8_t digest[32])
{
    if (h->error == 0)
        h->error = sha256_finish(&h->ctx, digest);
    mbedtls_sha256_free(&h->ctx);
    return h->error ? IAM_ERR_CRYPTO : IAM_OK;
}

void iam_sha256_clone(struct iam_sha256 *to, const struct iam_sha256 *from)
{
    mbedtls_sha256_init(&to->ctx);
    to->error = from->error;
    if (to->error == 0)
        mbedtls_sha256_clone(&to->ctx, &from->ctx);
}

void iam_sha256_clear(struct iam_sha256 *h)
{
    mbedtls_sha256_free(&h->ctx);
    h->error = 0;
}

void iam_zeroize(void *p, size_t n)
{
    mbedtls_platform_zeroize(p, n);
}
