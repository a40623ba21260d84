/* Why a certificate was refused, in words. A file of its own: firmware that does not ask has not got it. */
#include <tinyiam/port_tls.h>

#include <string.h>

#include <mbedtls/asn1.h>

static const struct {
    uint32_t flags;
    const char *words;
} reasons[] = {
    {MBEDTLS_X509_BADCERT_EXPIRED, "the certificate has expired"},
    {MBEDTLS_X509_BADCERT_FUTURE, "the certificate is not yet valid (is the clock right?)"},
    {MBEDTLS_X509_BADCERT_CN_MISMATCH, "the certificate is for another host name"},
    {IAM_TLS_BADCERT_CONSTRAINTS, "an authority's name constraints do not permit its names"},
    {MBEDTLS_X509_BADCERT_NOT_TRUSTED, "the issuer is unknown or the chain is incomplete"},
    {MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_EXT_KEY_USAGE |
         MBEDTLS_X509_BADCERT_NS_CERT_TYPE,
     "the certificate is not meant for a server"},
    {MBEDTLS_X509_BADCERT_BAD_MD, "a signature uses a weak hash (SHA-1, MD5)"},
    {MBEDTLS_X509_BADCERT_BAD_PK, "a key is of a kind that is not accepted"},
    {MBEDTLS_X509_BADCERT_BAD_KEY, "a key is too weak (RSA under 2048 bits, a small curve)"},
    {IAM_TLS_BADCERT_COSTLY, "a key is too large (RSA over 4096 bits, an exponent over 32)"},
    {IAM_TLS_BADCERT_CHAIN, "too many certificates were sent"},
    {MBEDTLS_X509_BADCERT_REVOKED, "the certificate was revoked"},
    {MBEDTLS_X509_BADCERT_MISSING, "the server sent no certificate"},
    {MBEDTLS_X509_BADCERT_SKIP_VERIFY, "the certificate was not verified"},
};

struct text {
    char *out;
    size_t size, n;
};

static void add(struct text *t, const char *words)
{
    size_t n = strlen(words);
    size_t room = t->size > t->n ? t->size - t->n - 1 : 0;

    if (room > 0)
        memcpy(t->out + t->n, words, n < room ? n : room);
    t->n += n;
}

/* Which one it was mbedTLS does not say. It knows all that a server needs, but for name constraints. */
static bool is_extension(int code)
{
    return code == MBEDTLS_ERR_X509_INVALID_EXTENSIONS + MBEDTLS_ERR_ASN1_UNEXPECTED_TAG ||
           code == MBEDTLS_ERR_X509_FEATURE_UNAVAILABLE;
}

size_t iam_tls_verify_text(int native, char *out, size_t size)
{
    struct text t = {out, size, 0};
    uint32_t flags = native > 0 ? (uint32_t)native : 0;
    size_t i;

    for (i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if ((flags & reasons[i].flags) != 0) {
            add(&t, t.n != 0 ? "; " : "");
            add(&t, reasons[i].words);
        }
    }
    if (t.n == 0) {
        add(&t, native == MBEDTLS_ERR_X509_FATAL_ERROR
                    ? "the chain is longer than mbedTLS takes (MBEDTLS_X509_MAX_INTERMEDIATE_CA)"
                : native < 0 ? "the certificate could not be read"
                             : "the certificate was refused");
        add(&t, is_extension(native) ? ": a critical extension that mbedTLS does not know, name "
                                       "constraints perhaps"
                                     : "");
    }
    if (size > 0)
        out[t.n < size ? t.n : size - 1] = '\0';
    return t.n;
}
