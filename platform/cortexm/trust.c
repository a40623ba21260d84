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
#define TRUST_PARSED_MAX \
    1 /* kept parsed, some 1,000 bytes of arena each; of more, one is looked up */

static STARTUP_PROVISION unsigned char store[TRUST_BYTES];
static size_t store_used;
static int count;
static mbedtls_x509_crt parsed;

int trust_load(const char *path)
{
    return count = pem_read(path, "CERTIFICATE", store, sizeof store, &store_used);
}

/* The certificate at *at, which moves behind it; its length, or 0 at the end. */
static size_t next(size_t *at, const unsigned char **der)
{
    unsigned char *p = store + *at;
    const unsigned char *end = store + store_used;
    size_t n;

    if (mbedtls_asn1_get_tag(&p, end, &n, MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE) != 0) {
        return 0;
    }
    *der = store + *at;
    n += (size_t)(p - *der);
    *at += n;
    return n;
}

static int parse(mbedtls_x509_crt *crt, const unsigned char *der, size_t n)
{
    return mbedtls_x509_crt_parse_der_with_ext_cb(crt, der, n, 0, iam_tls_ca_extension, NULL);
}

/* For mbedTLS: the roots whose subject is the child's issuer. It frees what it is given. */
static int look_up(void *context, mbedtls_x509_crt const *child, mbedtls_x509_crt **found)
{
    const unsigned char *der;
    size_t n, at = 0;
    (void)context;

    *found = NULL;
    while ((n = next(&at, &der)) != 0) {
        mbedtls_x509_crt *crt = mbedtls_calloc(1, sizeof *crt);
        if (crt == NULL) {
            return MBEDTLS_ERR_X509_ALLOC_FAILED;
        }
        mbedtls_x509_crt_init(crt);
        if (parse(crt, der, n) == 0 && crt->subject_raw.len == child->issuer_raw.len &&
            memcmp(crt->subject_raw.p, child->issuer_raw.p, crt->subject_raw.len) == 0) {
            crt->next = *found;
            *found = crt;
        } else {
            mbedtls_x509_crt_free(crt);
            mbedtls_free(crt);
        }
    }
    return 0;
}

static int attach(void *config)
{
    mbedtls_ssl_conf_ca_cb(config, look_up, NULL);
    return 0;
}

int trust_use(struct iam_tls_shared_config *config)
{
    const unsigned char *der;
    size_t n, at = 0;
    int code = 0;

    if (count > TRUST_PARSED_MAX) {
        config->attach = attach;
        return 0;
    }
    mbedtls_x509_crt_init(&parsed);
    while (code == 0 && (n = next(&at, &der)) != 0) {
        code = parse(&parsed, der, n);
    }
    config->ca = &parsed;
    return code;
}
