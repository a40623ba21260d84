/* A device whose key never leaves its key store: AWS IoT gives it the keys of a role for a signature that the
 * store makes, and with those it starts a report and reads it.
 *
 *     device_key IOT_HOST[:PORT] ROLE_ALIAS THING CERTIFICATE KEY CA IAM_HOST[:PORT] REGION POLICY_ARN
 *
 * The store is mbedTLS's PSA; a secure element, or the digital-signature peripheral of an ESP32, gives a key id
 * in the same way, and then nothing is read from KEY. Needs mbedTLS 3.6 or later with MBEDTLS_USE_PSA_CRYPTO. */
#include <stdio.h>
#include <string.h>

#include <mbedtls/pk.h>
#include <mbedtls/platform_util.h>
#include <psa/crypto.h>
#include <tinyiam/port_posix.h>
#include <tinyiam/port_sockets.h>
#include <tinyiam/port_tls.h>
#include <tinyiam/tinyiam.h>

#if !defined(MBEDTLS_USE_PSA_CRYPTO) && MBEDTLS_VERSION_NUMBER < 0x04000000
#error "mbedTLS has to be built with MBEDTLS_USE_PSA_CRYPTO"
#endif

static struct iam_sockets sockets;
static struct iam_posix posix;
static struct iam_tls_shared iot_shared, iam_shared;
static struct iam_tls_session iot_session, iam_session;
static struct iam_tls iot_tls, iam_tls;
static struct iam_creds creds;
static struct iam_client client;
static char tx[1460], rx[1460], item[4096], keys[8192];

static int random_bytes(void *context, unsigned char *out, size_t n)
{
    (void)context;
    return psa_generate_random(out, n) == PSA_SUCCESS ? 0 : -1;
}

/* What a factory does once: the key goes in, may sign, and does not come out again. */
static int provision(const char *file, psa_key_id_t *id)
{
    psa_key_attributes_t may = PSA_KEY_ATTRIBUTES_INIT;
    mbedtls_pk_context plain;
    unsigned char out[2048];
    size_t n;
    int code;

    mbedtls_pk_init(&plain);
    code = mbedtls_pk_parse_keyfile(&plain, file, NULL, random_bytes, NULL);
    if (code == 0)
        code = mbedtls_pk_get_psa_attributes(&plain, PSA_KEY_USAGE_SIGN_HASH, &may);
    psa_set_key_usage_flags(&may, PSA_KEY_USAGE_SIGN_HASH); /* no more than that */
    if (PSA_KEY_TYPE_IS_RSA(psa_get_key_type(&may)))        /* TLS 1.3 signs with PSS */
        psa_set_key_enrollment_algorithm(&may, PSA_ALG_RSA_PSS(PSA_ALG_ANY_HASH));
    if (code == 0)
        code = mbedtls_pk_import_into_psa(&plain, &may, id);
    mbedtls_pk_free(&plain);
    if (code == 0 && psa_export_key(*id, out, sizeof out, &n) != PSA_ERROR_NOT_PERMITTED)
        code = -1; /* it would come out: not what this is about */
    return code;
}

static int refused(const char *what, const struct iam_fault *f)
{
    fprintf(stderr, "device_key: %s: %s %.*s %.*s\n", what, iam_result_text(f->error),
            (int)f->code.n, f->code.n ? f->code.p : "", (int)f->message.n,
            f->message.n ? f->message.p : "");
    return 1;
}

static int finish(unsigned *entities)
{
    int r;
    while ((r = iam_run(&client, UINT32_MAX)) == IAM_ITEM)
        *entities += iam_client_entity(&client) != NULL;
    return r;
}

static int report(const char *arn)
{
    struct iam_generate_request generate = {.arn = iam_span_of(arn)};
    struct iam_entities_request ask = {.service_namespace = IAM_SPAN("s3")};
    unsigned entities = 0;
    char job[64];
    int r = iam_generate_start(&client, &generate);

    if (r == IAM_OK)
        r = finish(&entities);
    if (r != IAM_OK)
        return r;
    ask.job_id = iam_client_report(&client)->job_id;
    if (ask.job_id.n > sizeof job)
        return IAM_ERR_SPACE;
    memcpy(job, ask.job_id.p, ask.job_id.n); /* it lies in the item buffer */
    ask.job_id.p = job;
    r = iam_entities_start(&client, &ask);
    if (r == IAM_OK)
        r = finish(&entities);
    if (r == IAM_OK)
        printf("signed by key %.*s: %u entities\n", (int)creds.keys.access_key_id.n,
               creds.keys.access_key_id.p, entities);
    return r;
}

static int run(char **argv, mbedtls_x509_crt *certificate, mbedtls_pk_context *key,
               mbedtls_x509_crt *ca)
{
    struct iam_sockets_config below = {.system = &posix.system};
    struct iam_tls_shared_config shared = {
        .system = &posix.system, .ca = ca, .sessions = &iam_session, .session_count = 1};
    struct iam_tls_config tls = {.below = &sockets.stream, .shared = &iam_shared};
    struct iam_creds_config from = {.kind = IAM_CREDS_IOT, .stream = &iot_tls.stream};
    struct iam_config config = {.stream = &iam_tls.stream, .system = &posix.system};
    int r;

    iam_posix_init(&posix);
    iam_sockets_init(&sockets, &below); /* one transport for both: they take turns */
    r = iam_tls_shared_init(&iam_shared, &shared);
    shared.own_certificate = certificate; /* for AWS IoT alone: settings of its own */
    shared.own_key = key;
    shared.sessions = &iot_session;
    if (r != IAM_OK || iam_tls_init(&iam_tls, &tls) != IAM_OK ||
        iam_tls_shared_init(&iot_shared, &shared) != IAM_OK)
        return refused("TLS", &(struct iam_fault){.error = IAM_ERR_TLS_SETUP});
    tls.shared = &iot_shared;
    if (iam_tls_init(&iot_tls, &tls) != IAM_OK)
        return refused("TLS", &(struct iam_fault){.error = IAM_ERR_TLS_SETUP});

    from.endpoint = iam_span_of(argv[1]);
    from.from.iot.role_alias = iam_span_of(argv[2]);
    from.from.iot.thing_name = iam_span_of(argv[3]);
    from.tx = config.tx = tx;
    from.tx_size = config.tx_size = sizeof tx;
    from.rx = config.rx = rx;
    from.rx_size = config.rx_size = sizeof rx;
    from.keys = keys;
    from.keys_size = sizeof keys;
    if (iam_creds_init(&creds, &from, 1) != IAM_OK)
        return refused("credentials", &creds.exchange.fault);

    config.provider = &creds;
    config.item = item;
    config.item_size = sizeof item;
    config.authority = iam_span_of(argv[7]);
    config.region = iam_span_of(argv[8]);
    if (iam_client_init(&client, &config) != IAM_OK)
        return refused("client", iam_client_fault(&client));
    r = report(argv[9]);
    if (r == IAM_ERR_CREDENTIALS)
        return refused("AWS IoT", &creds.exchange.fault);
    return r == IAM_OK ? 0 : refused("IAM", iam_client_fault(&client));
}

int main(int argc, char **argv)
{
    mbedtls_x509_crt certificate, ca;
    mbedtls_pk_context key;
    psa_key_id_t id = PSA_KEY_ID_NULL;
    int code = 1, native;

    if (argc != 10) {
        fprintf(stderr, "usage: device_key IOT_HOST[:PORT] ROLE_ALIAS THING CERTIFICATE KEY CA "
                        "IAM_HOST[:PORT] REGION POLICY_ARN\n");
        return 2;
    }
    mbedtls_x509_crt_init(&certificate);
    mbedtls_x509_crt_init(&ca);
    mbedtls_pk_init(&key);
    if (psa_crypto_init() != PSA_SUCCESS || provision(argv[5], &id) != 0 ||
        mbedtls_pk_setup_opaque(&key, id) != 0) {
        fprintf(stderr, "device_key: %s cannot be put into the key store\n", argv[5]);
    } else if (iam_tls_ca_file(&certificate, argv[4], &native) != IAM_OK ||
               iam_tls_ca_file(&ca, argv[6], &native) != IAM_OK) {
        fprintf(stderr, "device_key: %s or %s cannot be read\n", argv[4], argv[6]);
    } else {
        code = run(argv, &certificate, &key, &ca);
        iam_client_end(&client);
        iam_creds_end(&creds);
        iam_tls_free(&iot_tls);
        iam_tls_free(&iam_tls);
        iam_tls_shared_free(&iot_shared);
        iam_tls_shared_free(&iam_shared);
    }
    mbedtls_pk_free(&key);
    psa_destroy_key(id);
    mbedtls_x509_crt_free(&certificate);
    mbedtls_x509_crt_free(&ca);
    return code;
}
