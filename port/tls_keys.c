/* The server's certificates before their keys are used: how many, and how large. A public exponent as long
 * as the modulus costs a thousand times what 65537 costs, and anybody who answers can send one. */
#include "tls_keys.h"

#include <string.h>

#include <mbedtls/asn1.h>
#include <mbedtls/platform.h>
#include <tinyiam/port_config.h>

/* A chain ends at the first root that fits. Two that bear the right name and do not fit are rare: a root with
 * an old key and a new one. A chain that is made up could go on so. */
#define ROOTS_TRIED_MAX 2

#define RSA_BYTES_MAX 512u /* 4096 bits */
#define EXPONENT_BYTES_MAX 4u

/* By the SubjectPublicKeyInfo itself (RFC 5280, 4.1), which is the same for every generation of mbedTLS:
 * SEQUENCE { SEQUENCE algorithm, BIT STRING key }. An RSA key in there is (RFC 8017, A.1.1)
 * SEQUENCE { INTEGER modulus, INTEGER exponent }; what is none is a point on a curve that mbedTLS has. */
static bool is_costly(const mbedtls_x509_buf *key)
{
    const int list = MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE;
    unsigned char *p = key->p;
    const unsigned char *end = key->p + key->len;
    size_t n, most;

    if (mbedtls_asn1_get_tag(&p, end, &n, list) != 0)
        return true;
    if (mbedtls_asn1_get_tag(&p, end, &n, list) != 0)
        return true;
    p += n;
    if (mbedtls_asn1_get_bitstring_null(&p, end, &n) != 0)
        return true;
    if (mbedtls_asn1_get_tag(&p, end, &n, list) != 0)
        return false;
    for (most = RSA_BYTES_MAX;; most = EXPONENT_BYTES_MAX) {
        if (mbedtls_asn1_get_tag(&p, end, &n, MBEDTLS_ASN1_INTEGER) != 0 || n == 0 ||
            n > most + (*p == 0)) /* a leading zero byte only keeps the number positive */
            return true;
        p += n;
        if (most == EXPONENT_BYTES_MAX)
            return false;
    }
}

uint32_t tls_keys_judge(const mbedtls_x509_crt *sent)
{
    uint32_t flags = 0;
    int n;

    for (n = 0; sent != NULL; sent = sent->next) {
        if (++n > CONFIG_TINYIAM_TLS_CHAIN_MAX)
            return flags | IAM_TLS_BADCERT_CHAIN;
        if (is_costly(&sent->pk_raw))
            flags |= IAM_TLS_BADCERT_COSTLY;
    }
    return flags;
}

#if IAM_TLS_CAN_FIND

int iam_tls_found(mbedtls_x509_crt **found, const mbedtls_x509_crt *child, const void *der,
                  size_t n)
{
    mbedtls_x509_crt *crt = mbedtls_calloc(1, sizeof *crt);
    int code;

    if (crt == NULL)
        return MBEDTLS_ERR_X509_ALLOC_FAILED;
    mbedtls_x509_crt_init(crt);
    code = mbedtls_x509_crt_parse_der_with_ext_cb(crt, der, n, 0, iam_tls_ca_extension, NULL);
    if (code == 0 && crt->subject_raw.len == child->issuer_raw.len &&
        memcmp(crt->subject_raw.p, child->issuer_raw.p, crt->subject_raw.len) == 0) {
        crt->next = *found;
        *found = crt;
        return 0;
    }
    tls_keys_roots_end(crt);
    return code != 0 && tls_keys_starved(code) ? code : 0;
}

static int find_roots(struct iam_tls *t, const mbedtls_x509_crt *child, mbedtls_x509_crt **found)
{
    const mbedtls_x509_crt *root;
    int code = 0;

    *found = NULL;
    if (t->shared->config.find != NULL)
        code = t->shared->config.find(t->shared->config.find_context, child, found);
    for (root = t->shared->config.ca; root != NULL && code == 0; root = root->next)
        if (root->subject_raw.len == child->issuer_raw.len && root->raw.p != NULL)
            code = iam_tls_found(found, child, root->raw.p, root->raw.len);
    if (code != 0) {
        t->error = tls_keys_starved(code) ? IAM_ERR_TLS_MEMORY : IAM_ERR_TLS_SETUP;
        t->stream.native = code;
    }
    return code;
}

/* For mbedTLS, which asks for each certificate of the chain, the server's own first, before it checks a
 * signature: the roots that may have issued it. What it is given, it frees. */
static int find_judged(void *context, const mbedtls_x509_crt *child, mbedtls_x509_crt **found)
{
    struct iam_tls *t = ((struct iam_tls_shared *)context)->working;
    uint32_t flags = tls_keys_judge(child);
    int code = 0;

    if (flags != 0) {
        t->error = IAM_ERR_TLS_VERIFY;
        t->stream.native = (int)flags;
        return MBEDTLS_ERR_X509_FATAL_ERROR;
    }
    if (t->tried < ROOTS_TRIED_MAX) {
        code = find_roots(t, child, found);
        t->tried = (uint8_t)(t->tried + (*found != NULL));
    }
    return code;
}

mbedtls_x509_crt *tls_keys_roots(struct iam_tls *t, const mbedtls_x509_crt *crt)
{
    mbedtls_x509_crt *found;

    (void)find_roots(t, crt, &found);
    return found;
}

void tls_keys_roots_end(mbedtls_x509_crt *roots)
{
    mbedtls_x509_crt_free(roots); /* frees the rest of the list, too */
    mbedtls_free(roots);
}

void tls_keys_trust(struct iam_tls_shared *s)
{
    mbedtls_ssl_conf_ca_cb(&s->conf, find_judged, s);
}

#else

void tls_keys_trust(struct iam_tls_shared *s)
{
    mbedtls_ssl_conf_ca_chain(&s->conf, s->config.ca, NULL);
}

#endif

#if IAM_TLS_SMALL_RECORDS

void tls_keys_begin(struct iam_tls *t)
{
    t->record_n = 0;
    t->record_rest = 0;
    t->too_large = false;
}

/* ContentType (20 to 24), version (3, x), length (RFC 8446, 5.1) */
void tls_keys_watch(struct iam_tls *t, const unsigned char *p, size_t n)
{
    while (n > 0) {
        size_t part = n < t->record_rest ? n : t->record_rest;
        t->record_rest -= (uint32_t)part;
        p += part;
        n -= part;
        if (n > 0) {
            t->record[t->record_n++] = *p++;
            n--;
        }
        if (t->record_n == sizeof t->record) {
            t->record_n = 0;
            t->record_rest = (uint32_t)t->record[3] << 8 | t->record[4];
            t->too_large = t->record[0] >= 20 && t->record[0] <= 24 && t->record[1] == 3 &&
                           t->record_rest > MBEDTLS_SSL_IN_CONTENT_LEN;
        }
    }
}

/* A message of several records that does not fit is BUFFER_TOO_SMALL. */
bool tls_keys_too_large(const struct iam_tls *t, int code)
{
    return (t->too_large &&
            (code == MBEDTLS_ERR_SSL_BAD_INPUT_DATA || code == MBEDTLS_ERR_SSL_INVALID_RECORD)) ||
           code == MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
}

#endif
