#include "trust.h"

#include "semihost.h"
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
#define LINE_MAX 80

static STARTUP_PROVISION unsigned char store[TRUST_BYTES];
static size_t store_used;
static int count;
static mbedtls_x509_crt parsed;

struct pem {
    char line[LINE_MAX];
    size_t n;
    bool inside;
    uint32_t bits;
    unsigned have; /* of bits */
};

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool is_line(const struct pem *pem, const char *text)
{
    return pem->n == strlen(text) && memcmp(pem->line, text, pem->n) == 0;
}

/* False: no room. */
static bool end_line(struct pem *pem)
{
    if (is_line(pem, "-----BEGIN CERTIFICATE-----")) {
        pem->inside = true;
        pem->bits = pem->have = 0;
    } else if (is_line(pem, "-----END CERTIFICATE-----")) {
        count += pem->inside;
        pem->inside = false;
    } else if (pem->inside) {
        for (size_t i = 0; i < pem->n; i++) {
            int v = value_of(pem->line[i]);
            if (v < 0) {
                continue; /* padding; damage shows when it is parsed */
            }
            pem->bits = pem->bits << 6 | (uint32_t)v;
            pem->have += 6;
            if (pem->have >= 8) {
                pem->have -= 8;
                if (store_used == sizeof store) {
                    return false;
                }
                store[store_used++] = (unsigned char)(pem->bits >> pem->have);
            }
        }
    }
    pem->n = 0;
    return true;
}

static bool take_pem(struct pem *pem, const char *data, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (data[i] == '\n') {
            if (!end_line(pem)) {
                return false;
            }
        } else if (data[i] != '\r' && pem->n < sizeof pem->line) {
            pem->line[pem->n++] = data[i];
        }
    }
    return true;
}

static bool take_der(const char *data, size_t n)
{
    if (n > sizeof store - store_used) {
        return false;
    }
    memcpy(store + store_used, data, n);
    store_used += n;
    count = 1;
    return true;
}

int trust_load(const char *path)
{
    struct pem pem = {.n = 0};
    char data[256];
    bool der = false, first = true, room = true;
    int n;

    int handle = semihost_open(path, SEMIHOST_READ);
    if (handle < 0) {
        return -1;
    }
    while (room && (n = semihost_read(handle, data, sizeof data)) > 0) {
        der = first ? data[0] == 0x30 : der;
        first = false;
        room = der ? take_der(data, (size_t)n) : take_pem(&pem, data, (size_t)n);
    }
    semihost_close(handle);
    if (room && !der) {
        room = end_line(&pem); /* a last line without its end */
    }
    return room ? count : -1;
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
        if (mbedtls_x509_crt_parse_der_nocopy(crt, der, n) == 0 &&
            crt->subject_raw.len == child->issuer_raw.len &&
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

int trust_use(struct iam_tls_config *config)
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
        code = mbedtls_x509_crt_parse_der_nocopy(&parsed, der, n);
    }
    config->ca = &parsed;
    return code;
}
