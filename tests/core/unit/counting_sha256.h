/* The mbedtls_sha256_* functions, written here a second time, with a counter of compressions, a
 * record of the last digests and a call that can be made to fail. A test that includes this (once)
 * and links core/base/sha256_mbedtls.c runs on it instead of on the library's. */
#ifndef TINYIAM_TESTS_COUNTING_SHA256_H
#define TINYIAM_TESTS_COUNTING_SHA256_H

#include <stdint.h>
#include <string.h>

#define SHA256_FAILURE (-0x0074)

/* In an image of several such programs (an SDK's) the functions of the first serve all: what they count is one, too. */
#define SHARED __attribute__((weak))
SHARED unsigned long sha256_compressions; /* since the test set it to 0 */
SHARED unsigned long sha256_finished;     /* likewise */
SHARED uint8_t sha256_digests[16][32];    /* of finish number i at [i % 16] */
SHARED long sha256_fail_in = -1;          /* this many calls from now one fails; < 0: none */

#ifdef IAM_SHA256_PSA
#define SHA256_IS_COUNTED 0 /* PSA's functions cannot be replaced one by one */
#else
#define SHA256_IS_COUNTED 1

#include <mbedtls/sha256.h>
#include <mbedtls/version.h>

#if MBEDTLS_VERSION_NUMBER < 0x03000000
#define mbedtls_sha256_starts mbedtls_sha256_starts_ret
#define mbedtls_sha256_update mbedtls_sha256_update_ret
#define mbedtls_sha256_finish mbedtls_sha256_finish_ret
#define COUNTED_DIGEST digest[32] /* as the header has it: gcc compares */
#else
#define COUNTED_DIGEST *digest
#endif

struct counted {
    uint32_t length, state[8];
    uint8_t block[64];
};
_Static_assert(sizeof(struct counted) <= sizeof(mbedtls_sha256_context),
               "does not fit the library's context");

static uint32_t counted_rotate(uint32_t v, int by)
{
    return v >> by | v << (32 - by);
}

static uint32_t counted_load(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void counted_block(struct counted *c, const uint8_t *p)
{
    static const uint32_t k[64] = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
        0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
        0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
        0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
        0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
        0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
        0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
        0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
        0xc67178f2};
    uint32_t w[64], v[8];
    int i;

    for (i = 0; i < 64; i++) {
        if (i < 16) {
            w[i] = counted_load(p + 4 * i);
        } else {
            uint32_t a = w[i - 15], b = w[i - 2];

            w[i] = w[i - 16] + w[i - 7] + (counted_rotate(a, 7) ^ counted_rotate(a, 18) ^ a >> 3) +
                   (counted_rotate(b, 17) ^ counted_rotate(b, 19) ^ b >> 10);
        }
    }
    memcpy(v, c->state, sizeof v);
    for (i = 0; i < 64; i++) {
        uint32_t e = v[4], a = v[0];
        uint32_t t1 = v[7] +
                      (counted_rotate(e, 6) ^ counted_rotate(e, 11) ^ counted_rotate(e, 25)) +
                      ((e & v[5]) ^ (~e & v[6])) + k[i] + w[i];
        uint32_t t2 = (counted_rotate(a, 2) ^ counted_rotate(a, 13) ^ counted_rotate(a, 22)) +
                      ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));

        memmove(v + 1, v, 7 * sizeof v[0]);
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (i = 0; i < 8; i++)
        c->state[i] += v[i];
    sha256_compressions++;
}

static void counted_add(struct counted *c, const uint8_t *p, size_t n)
{
    for (; n; n--) {
        c->block[c->length++ % 64] = *p++;
        if (c->length % 64 == 0)
            counted_block(c, c->block);
    }
}

static int counted_failure(void)
{
    return sha256_fail_in >= 0 && sha256_fail_in-- == 0 ? SHA256_FAILURE : 0;
}

void mbedtls_sha256_init(mbedtls_sha256_context *ctx)
{
    memset(ctx, 0, sizeof *ctx);
}

void mbedtls_sha256_free(mbedtls_sha256_context *ctx)
{
    memset(ctx, 0, sizeof *ctx);
}

void mbedtls_sha256_clone(mbedtls_sha256_context *dst, const mbedtls_sha256_context *src)
{
    *dst = *src;
}

int mbedtls_sha256_starts(mbedtls_sha256_context *ctx, int is224)
{
    static const uint32_t first[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    struct counted c = {0};

    (void)is224;
    memcpy(c.state, first, sizeof first);
    memcpy(ctx, &c, sizeof c);
    return counted_failure();
}

int mbedtls_sha256_update(mbedtls_sha256_context *ctx, const unsigned char *p, size_t n)
{
    struct counted c;

    memcpy(&c, ctx, sizeof c);
    counted_add(&c, p, n);
    memcpy(ctx, &c, sizeof c);
    return counted_failure();
}

int mbedtls_sha256_finish(mbedtls_sha256_context *ctx, unsigned char COUNTED_DIGEST)
{
    static const uint8_t pad[64] = {0x80};
    struct counted c;
    uint8_t length[8] = {0};
    uint32_t bits;
    int i;

    memcpy(&c, ctx, sizeof c);
    bits = c.length * 8;
    for (i = 0; i < 4; i++)
        length[7 - i] = (uint8_t)(bits >> 8 * i);
    counted_add(&c, pad, 1 + (55 - c.length) % 64);
    counted_add(&c, length, 8);
    for (i = 0; i < 32; i++)
        digest[i] = (uint8_t)(c.state[i / 4] >> (24 - 8 * (i % 4)));
    memcpy(sha256_digests[sha256_finished++ % 16], digest, 32);
    return counted_failure();
}

#endif
#endif
