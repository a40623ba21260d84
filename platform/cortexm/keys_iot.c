/* Keys from AWS IoT's credential provider, for the device's certificate. */
#include "app.h"
#include "console.h"
#include "entropy.h"
#include "keys.h"
#include "pem.h"
#include "startup.h"

#include <mbedtls/pk.h>
#include <mbedtls/platform.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/version.h>
#include <string.h>

/* What a product has in flash, and its key in a secure element. */
static STARTUP_PROVISION unsigned char certificate_der[2048], key_der[2560];
static mbedtls_x509_crt certificate;
static mbedtls_pk_context key;

/* In the TLS arena, which has room for them beside a handshake. */
#define KEYS_SIZE 1536u /* a token of 1,360 bytes */
static struct iam_creds *creds;
static char *keys;

int keys_open(struct iam_config *config)
{
    const struct options *o = &app.options;
    struct iam_creds_config from = {.kind = IAM_CREDS_IOT,
                                    .tx = config->tx, /* they take turns */
                                    .tx_size = config->tx_size,
                                    .rx = config->rx,
                                    .rx_size = config->rx_size,
                                    .keys_size = KEYS_SIZE,
                                    .stream = config->stream,
                                    .endpoint = iam_span_of(o->iot_endpoint),
                                    .connect_ms = config->connect_ms,
                                    .response_ms = config->response_ms,
                                    .max_attempts = config->max_attempts,
                                    .user_agent = config->user_agent};
    uint32_t seed = 0;

    if (o->iot_endpoint == NULL || creds != NULL) {
        config->provider = creds;
        return EXIT_DONE;
    }
    if (o->iot_cert == NULL || o->iot_key == NULL)
        return console_fail(EXIT_USAGE, "--iot-endpoint needs ", "--iot-cert and --iot-key");
    from.from.iot.role_alias = iam_span_of(o->iot_role_alias);
    from.from.iot.thing_name = iam_span_of(o->iot_thing_name);
    (void)entropy_read(&seed, sizeof seed);
    creds = mbedtls_calloc(1, sizeof *creds);
    from.keys = keys = mbedtls_calloc(1, KEYS_SIZE);
    if (creds == NULL || keys == NULL)
        return console_fail(EXIT_OTHER, "the TLS arena is too small", "");
    if (iam_creds_init(creds, &from, seed) != IAM_OK)
        return console_fail(EXIT_USAGE, "AWS IoT, not usable: ", creds->exchange.fault.what.p);
    config->provider = creds;
    return EXIT_DONE;
}

#if MBEDTLS_VERSION_NUMBER >= 0x03000000 && MBEDTLS_VERSION_NUMBER < 0x04000000
static int random_bytes(void *context, unsigned char *to, size_t n)
{
    (void)context;
    return entropy_read(to, n);
}

static int parse_key(size_t n)
{
    return mbedtls_pk_parse_key(&key, key_der, n, NULL, 0, random_bytes, NULL);
}
#else
static int parse_key(size_t n)
{
    return mbedtls_pk_parse_key(&key, key_der, n, NULL, 0);
}
#endif

int keys_tls(struct iam_tls_shared_config *config)
{
    const struct options *o = &app.options;
    size_t n = 0;

    if (o->iot_endpoint == NULL)
        return EXIT_DONE;
    mbedtls_x509_crt_init(&certificate);
    mbedtls_pk_init(&key);
    if (pem_read(o->iot_cert, "CERTIFICATE", certificate_der, sizeof certificate_der, &n) < 1 ||
        mbedtls_x509_crt_parse_der_nocopy(&certificate, certificate_der, n) != 0)
        return console_fail(EXIT_OTHER, "no usable certificate in ", o->iot_cert);
    if (pem_read(o->iot_key, "PRIVATE KEY", key_der, sizeof key_der, &n) < 1 || parse_key(n) != 0)
        return console_fail(EXIT_OTHER, "no usable key in ", o->iot_key);
    mbedtls_platform_zeroize(key_der, sizeof key_der);
    config->own_certificate = &certificate;
    config->own_key = &key;
    return EXIT_DONE;
}

const struct iam_fault *keys_fault(void)
{
    return creds != NULL && creds->error < 0 ? &creds->exchange.fault : NULL;
}

size_t keys_size(void)
{
    return creds != NULL ? sizeof *creds + KEYS_SIZE : 0;
}

void keys_end(void)
{
    if (creds != NULL) {
        iam_creds_end(creds);
        mbedtls_free(creds);
        mbedtls_free(keys);
        mbedtls_pk_free(&key);
        mbedtls_x509_crt_free(&certificate);
    }
}
