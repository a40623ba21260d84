/* A proof of possession: a note signed with the key of a login. */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "dpop.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <mbedtls/md.h>
#include <mbedtls/pk.h>
#include <mbedtls/version.h>

#include "net/net.h"
#include "text/json.h"

enum {
    NUMBER = 32,
    POINT = 1 + 2 * NUMBER
};                  /* bytes of a coordinate; of a point, after its kind */
enum { SPKI = 91 }; /* of a public key of P-256 in DER: only there is it as long */

static int parse_key(mbedtls_pk_context *key, const char *pem, struct iam_system *system)
{
    const unsigned char *p = (const unsigned char *)pem;
    size_t n = strlen(pem) + 1;
#if MBEDTLS_VERSION_MAJOR == 3
    return mbedtls_pk_parse_key(key, p, n, NULL, 0, net_random, system);
#else
    (void)system;
    return mbedtls_pk_parse_key(key, p, n, NULL, 0);
#endif
}

static int sign(mbedtls_pk_context *key, const unsigned char sum[32], unsigned char *to,
                size_t size, size_t *n, struct iam_system *system)
{
#if MBEDTLS_VERSION_MAJOR >= 4
    (void)system;
    return mbedtls_pk_sign(key, MBEDTLS_MD_SHA256, sum, 32, to, size, n);
#elif MBEDTLS_VERSION_MAJOR == 3
    return mbedtls_pk_sign(key, MBEDTLS_MD_SHA256, sum, 32, to, size, n, net_random, system);
#else
    (void)size;
    return mbedtls_pk_sign(key, MBEDTLS_MD_SHA256, sum, 32, to, n, net_random, system);
#endif
}

/* Base64 for URLs, without padding, and a NUL. */
static size_t encode(const unsigned char *p, size_t n, char *to)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t k = 0;
    for (size_t i = 0; i < n; i += 3) {
        unsigned long v = (unsigned long)p[i] << 16;
        v |= i + 1 < n ? (unsigned long)p[i + 1] << 8 : 0;
        v |= i + 2 < n ? p[i + 2] : 0;
        for (size_t j = 0; j < 4 && i + j <= n; j++)
            to[k++] = letters[v >> (18 - 6 * j) & 63];
    }
    to[k] = '\0';
    return k;
}

/* An INTEGER of a signature in DER: its number without zeros in front, at the end of 32 bytes. */
static const unsigned char *take_number(const unsigned char *p, const unsigned char *end,
                                        unsigned char to[NUMBER])
{
    if (!p || end - p < 2 || p[0] != 2 || p[1] > end - p - 2)
        return NULL;
    size_t n = p[1];
    p += 2;
    for (; n > NUMBER; n--)
        if (*p++ != 0)
            return NULL;
    memset(to, 0, NUMBER);
    memcpy(to + NUMBER - n, p, n);
    return p + n;
}

/* SEQUENCE { INTEGER r, INTEGER s } to r and s alone. */
static bool flatten(const unsigned char *der, size_t n, unsigned char to[2 * NUMBER])
{
    if (n < 2 || der[0] != 0x30 || der[1] != n - 2)
        return false;
    const unsigned char *s = take_number(der + 2, der + n, to);
    return take_number(s, der + n, to + NUMBER) == der + n;
}

/* A random UUID. */
static bool make_id(struct iam_system *system, char out[37])
{
    unsigned char b[16];
    if (system->ops->entropy(system, b, sizeof b) != IAM_OK)
        return false;
    b[6] = (unsigned char)((b[6] & 0x0F) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3F) | 0x80);
    for (int i = 0, k = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out[k++] = '-';
        k += snprintf(out + k, 3, "%02x", b[i]);
    }
    return true;
}

/* HEADER.PAYLOAD, in base64 each. Its length, 0: it does not fit. */
static size_t make_claim(const unsigned char *point, const char *url, const char *id, char *out)
{
    char x[48], y[48], header[256], payload[1024], quoted[640];
    struct json j;
    encode(point + 1, NUMBER, x);
    encode(point + 1 + NUMBER, NUMBER, y);
    int n = snprintf(header, sizeof header,
                     "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":{\"kty\":\"EC\",\"x\":\"%s\","
                     "\"y\":\"%s\",\"crv\":\"P-256\"}}",
                     x, y);
    size_t k = encode((const unsigned char *)header, (size_t)n, out);
    json_begin(&j, quoted, sizeof quoted - 1);
    json_string(&j, iam_span_of(url));
    quoted[j.n] = '\0';
    n = snprintf(payload, sizeof payload,
                 "{\"htm\":\"POST\",\"htu\":%s,\"iat\":%lld,\"jti\":\"%s\"}", quoted,
                 (long long)time(NULL), id);
    if (j.bad || k + 1 + ((size_t)n + 2) / 3 * 4 + 2 + 88 > DPOP_MAX)
        return 0;
    out[k++] = '.';
    return k + encode((const unsigned char *)payload, (size_t)n, out + k);
}

static bool prove(mbedtls_pk_context *key, const char *url, struct iam_system *system,
                  char out[DPOP_MAX])
{
    unsigned char spki[128], sum[32], der[128], flat[2 * NUMBER];
    char id[37];
    size_t n, der_n;
    const unsigned char *point = spki + sizeof spki - POINT; /* it is written from the end */
    if (mbedtls_pk_write_pubkey_der(key, spki, sizeof spki) != SPKI || point[0] != 4 ||
        !make_id(system, id) || (n = make_claim(point, url, id, out)) == 0)
        return false;
    if (mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), (const unsigned char *)out, n,
                   sum) != 0 ||
        sign(key, sum, der, sizeof der, &der_n, system) != 0 || !flatten(der, der_n, flat))
        return false;
    out[n++] = '.';
    encode(flat, sizeof flat, out + n);
    return true;
}

bool dpop_make(const char *pem, const char *url, struct iam_system *system, char out[DPOP_MAX])
{
    mbedtls_pk_context key;
    mbedtls_pk_init(&key);
    bool good = parse_key(&key, pem, system) == 0 && prove(&key, url, system, out);
    mbedtls_pk_free(&key);
    return good;
}
