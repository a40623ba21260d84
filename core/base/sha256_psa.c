/* SHA-256 by PSA. */
#include <tinyiam/parts/sha256.h>
#include <tinyiam/types.h>

/* The application has called psa_crypto_init(). */

void iam_sha256_start(struct iam_sha256 *h)
{
    h->ctx = psa_hash_operation_init();
    h->error = (int)psa_hash_setup(&h->ctx, PSA_ALG_SHA_256);
}

void iam_sha256_update(struct iam_sha256 *h, const void *p, size_t n)
{
    if (h->error == 0)
        h->error = (int)psa_hash_update(&h->ctx, p, n);
}

int iam_sha256_finish(struct iam_sha256 *h, uint8_t digest[32])
{
    size_t n;

    if (h->error == 0)
        h->error = (int)psa_hash_finish(&h->ctx, digest, 32, &n);
    (void)psa_hash_abort(&h->ctx);
    iam_zeroize(&h->ctx, sizeof h->ctx);
    return h->error ? IAM_ERR_CRYPTO : IAM_OK;
}

void iam_sha256_clone(struct iam_sha256 *to, const struct iam_sha256 *from)
{
    to->ctx = psa_hash_operation_init();
    to->error = from->error;
    if (to->error == 0)
        to->error = (int)psa_hash_clone(&from->ctx, &to->ctx);
}

void iam_sha256_clear(struct iam_sha256 *h)
{
    (void)psa_hash_abort(&h->ctx);
    iam_zeroize(&h->ctx, sizeof h->ctx);
    h->error = 0;
}

/* PSA has no such call. */
void iam_zeroize(void *p, size_t n)
{
    volatile unsigned char *v = p;

    while (n--)
        *v++ = 0;
}
