/* Roots to trust, parsed when a chain asks for them. */
#include "trust.h"

#include "pem.h"
#include "startup.h"

#include <mbedtls/asn1.h>
#include <mbedtls/platform.h>
#include <mbedtls/ssl.h>
#include <stdbool.h>
#include <string.h>
#include <tinyiam/port_tls.h>

#define TRUST_BYTES (320u * 1024u) /* DER; all of Mozilla's roots are some 150 KB */

static STARTUP_PROVISION unsigned char store[TRUST_BYTES];
static size_t store_used;

int trust_load(const char *path)
{
    return pem_read(path, "CERTIFICATE", store, sizeof store, &store_used);
}

/* The certificate at *at, which moves behind it; its length, or 0 at the end. */
static size_t next(size_t *at, const unsigned char **der)
{
    unsigned char *p = store + *at;
    const unsigned char *end = store + store_used;
    size_t n;

    if (mbedtls_asn1_get_tag(&p, end, &n, MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE) != 0)
        return 0;
    *der = store + *at;
    n += (size_t)(p - *der);
    *at += n;
    return n;
}

#if IAM_TLS_CAN_FIND
/* For the TLS stream: the roots whose subject is the child's issuer. */
static int look_up(void *context, const mbedtls_x509_crt *child, mbedtls_x509_crt **found)
{
    const unsigned char *der;
    size_t n, at = 0;
    int code = 0;
    (void)context;

    while (code == 0 && (n = next(&at, &der)) != 0)
        code = iam_tls_found(found, child, der, n);
    return code;
}

int trust_use(struct iam_tls_shared_config *config)
{
    config->find = look_up;
    config->trust =
        (struct iam_span){(const char *)store, store_used}; /* no other name is as exact */
    return 0;
}
#else
int trust_use(struct iam_tls_shared_config *config)
{
    static mbedtls_x509_crt parsed;
    const unsigned char *der;
    size_t n, at = 0;
    int code = 0;

    mbedtls_x509_crt_init(&parsed);
    while (code == 0 && (n = next(&at, &der)) != 0) {
        code =
            mbedtls_x509_crt_parse_der_with_ext_cb(&parsed, der, n, 0, iam_tls_ca_extension, NULL);
    }
    config->ca = &parsed;
    return code;
}
#endif
