/* Roots from PEM or DER, those with name constraints among them: mbedTLS alone refuses these as critical, as
 * it does not evaluate them. tls_verify.c does. */
#include "tls_keys.h"
#include "tls_verify.h"

#include <string.h>

#if defined(MBEDTLS_PEM_PARSE_C)
#include <mbedtls/pem.h>
#endif

static int add(mbedtls_x509_crt *roots, const unsigned char *der, size_t n)
{
    return mbedtls_x509_crt_parse_der_with_ext_cb(roots, der, n, 1, iam_tls_ca_extension, NULL);
}

#if defined(MBEDTLS_PEM_PARSE_C)
#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END "-----END CERTIFICATE-----"

/* Reads the next certificate of a list, and tells in *used how many bytes it took. */
static int add_next(mbedtls_x509_crt *roots, const unsigned char *text, size_t *used)
{
    mbedtls_pem_context pem;
    const unsigned char *der;
    size_t n;
    int code;

    *used = 0;
    mbedtls_pem_init(&pem);
    code = mbedtls_pem_read_buffer(&pem, BEGIN, END, text, NULL, 0, used);
    if (code == 0) {
#if MBEDTLS_VERSION_NUMBER < 0x03000000
        der = pem.buf;
        n = pem.buflen;
#else
        der = mbedtls_pem_get_buffer(&pem, &n);
#endif
        code = add(roots, der, n);
    }
    mbedtls_pem_free(&pem);
    return code;
}

int tls_roots_parse(mbedtls_x509_crt *roots, const unsigned char *p, size_t n)
{
    int refused = 0, taken = 0, first = 0;

    if (n == 0 || p[n - 1] != '\0' || strstr((const char *)p, BEGIN) == NULL)
        return add(roots, p, n);
    for (;;) {
        size_t used;
        int code = add_next(roots, p, &used);
        if (tls_keys_starved(code))
            return code;
        taken += code == 0;
        first = first != 0 ? first : code;
        if (used == 0) /* no certificate is left, or its end is missing */
            return taken != 0 ? refused : first;
        refused += code != 0;
        p += used;
    }
}
#else
int tls_roots_parse(mbedtls_x509_crt *roots, const unsigned char *p, size_t n)
{
    return add(roots, p, n);
}
#endif
