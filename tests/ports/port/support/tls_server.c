#include "tls_server.h"

#include <string.h>

#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
#include <psa/crypto.h>
#endif

/* 4.x has one generator for all, PSA's. */
#if MBEDTLS_VERSION_MAJOR >= 4
static int random_start(struct tls_server *s)
{
    (void)s;
    return 0;
}
static void random_end(struct tls_server *s)
{
    (void)s;
}
static int start_tickets(struct tls_server *s)
{
    return mbedtls_ssl_ticket_setup(&s->tickets, PSA_ALG_GCM, PSA_KEY_TYPE_AES, 256, 3600);
}
#else
static int random_start(struct tls_server *s)
{
    mbedtls_entropy_init(&s->entropy);
    mbedtls_ctr_drbg_init(&s->random);
    mbedtls_ssl_conf_rng(&s->conf, mbedtls_ctr_drbg_random, &s->random);
    return mbedtls_ctr_drbg_seed(&s->random, mbedtls_entropy_func, &s->entropy, NULL, 0);
}
static void random_end(struct tls_server *s)
{
    mbedtls_ctr_drbg_free(&s->random);
    mbedtls_entropy_free(&s->entropy);
}
static int start_tickets(struct tls_server *s)
{
    return mbedtls_ssl_ticket_setup(&s->tickets, mbedtls_ctr_drbg_random, &s->random,
                                    MBEDTLS_CIPHER_AES_256_GCM, 3600);
}
#endif

static int transport_send(void *context, const unsigned char *bytes, size_t n)
{
    struct tls_server *s = context;
    int result = s->transport.send(s->transport.context, bytes, n);
    return result == 0  ? MBEDTLS_ERR_SSL_WANT_WRITE
           : result > 0 ? result
                        : MBEDTLS_ERR_SSL_CONN_EOF;
}

static int transport_recv(void *context, unsigned char *bytes, size_t n)
{
    struct tls_server *s = context;
    int result = s->transport.recv(s->transport.context, bytes, n);
    return result == 0 ? MBEDTLS_ERR_SSL_WANT_READ : result > 0 ? result : MBEDTLS_ERR_SSL_CONN_EOF;
}

static int on_name(void *context, mbedtls_ssl_context *ssl, const unsigned char *name, size_t n)
{
    struct tls_server *s = context;
    (void)ssl;
    memcpy(s->sni, name, n < sizeof s->sni - 1 ? n : sizeof s->sni - 1);
    return 0;
}

static void limit_version(struct tls_server *s, bool tls13)
{
#if MBEDTLS_VERSION_NUMBER >= 0x03020000
    mbedtls_ssl_conf_max_tls_version(&s->conf, tls13 ? MBEDTLS_SSL_VERSION_TLS1_3
                                                     : MBEDTLS_SSL_VERSION_TLS1_2);
#else
    (void)s;
    (void)tls13;
#endif
}

int tls_server_parse_key(struct tls_server *s, mbedtls_pk_context *to, const char *key)
{
    const unsigned char *bytes = (const unsigned char *)key;
#if MBEDTLS_VERSION_MAJOR == 3
    return mbedtls_pk_parse_key(to, bytes, strlen(key) + 1, NULL, 0, mbedtls_ctr_drbg_random,
                                &s->random);
#else
    (void)s;
    return mbedtls_pk_parse_key(to, bytes, strlen(key) + 1, NULL, 0);
#endif
}

static int parse_pem(mbedtls_x509_crt *to, const char *pem)
{
    return mbedtls_x509_crt_parse(to, (const unsigned char *)pem, strlen(pem) + 1);
}

int tls_server_init(struct tls_server *s, const char *pem, const char *key, const char *clients,
                    bool tls13)
{
    static const char *protocols[] = {"h2", "http/1.1", NULL};
    int code;

    memset(s, 0, sizeof *s);
    mbedtls_ssl_config_init(&s->conf);
    mbedtls_ssl_init(&s->ssl);
    mbedtls_x509_crt_init(&s->chain);
    mbedtls_x509_crt_init(&s->clients);
    mbedtls_pk_init(&s->key);
    mbedtls_ssl_ticket_init(&s->tickets);
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    (void)psa_crypto_init();
#endif
    code = random_start(s);
    code = code != 0 ? code : parse_pem(&s->chain, pem);
    code = code != 0 ? code : tls_server_parse_key(s, &s->key, key);
    code = code != 0 ? code
                     : mbedtls_ssl_config_defaults(&s->conf, MBEDTLS_SSL_IS_SERVER,
                                                   MBEDTLS_SSL_TRANSPORT_STREAM,
                                                   MBEDTLS_SSL_PRESET_DEFAULT);
    if (code != 0)
        return code;
    mbedtls_ssl_conf_sni(&s->conf, on_name, s);
    limit_version(s, tls13);
    code = mbedtls_ssl_conf_own_cert(&s->conf, &s->chain, &s->key);
    code = code != 0 ? code : start_tickets(s);
    mbedtls_ssl_conf_session_tickets_cb(&s->conf, mbedtls_ssl_ticket_write,
                                        mbedtls_ssl_ticket_parse, &s->tickets);
    code = code != 0 ? code : mbedtls_ssl_conf_alpn_protocols(&s->conf, protocols);
    if (code == 0 && clients != NULL) {
        code = parse_pem(&s->clients, clients);
        mbedtls_ssl_conf_ca_chain(&s->conf, &s->clients, NULL);
        mbedtls_ssl_conf_authmode(&s->conf, MBEDTLS_SSL_VERIFY_REQUIRED);
    }
    return code;
}

void tls_server_free(struct tls_server *s)
{
    mbedtls_ssl_free(&s->ssl);
    mbedtls_ssl_config_free(&s->conf);
    mbedtls_ssl_ticket_free(&s->tickets);
    mbedtls_x509_crt_free(&s->chain);
    mbedtls_x509_crt_free(&s->clients);
    mbedtls_pk_free(&s->key);
    random_end(s);
}

void tls_server_accept(struct tls_server *s, const struct tls_transport *transport)
{
    mbedtls_ssl_free(&s->ssl);
    mbedtls_ssl_init(&s->ssl);
    s->transport = *transport;
    s->done = false;
    s->sni[0] = '\0';
    s->error = mbedtls_ssl_setup(&s->ssl, &s->conf);
    s->running = s->error == 0;
    mbedtls_ssl_set_bio(&s->ssl, s, transport_send, transport_recv, NULL);
}

static bool would_block(int code)
{
    return code == MBEDTLS_ERR_SSL_WANT_READ || code == MBEDTLS_ERR_SSL_WANT_WRITE;
}

void tls_server_turn(struct tls_server *s)
{
    if (s->running && !s->done) {
        int code = mbedtls_ssl_handshake(&s->ssl);
        if (code == 0) {
            s->done = true;
        } else if (!would_block(code)) {
            s->error = code;
            s->running = false;
        }
    }
}

static int result(struct tls_server *s, int code)
{
    if (code > 0 || would_block(code))
        return code > 0 ? code : 0;
    s->running = false;
    s->error = code != 0 ? code : MBEDTLS_ERR_SSL_CONN_EOF;
    return s->error;
}

int tls_server_send(struct tls_server *s, const void *bytes, size_t n)
{
    tls_server_turn(s);
    if (!s->running || !s->done)
        return s->running ? 0 : s->error;
    return result(s, mbedtls_ssl_write(&s->ssl, bytes, n));
}

int tls_server_recv(struct tls_server *s, void *bytes, size_t n)
{
    tls_server_turn(s);
    if (!s->running || !s->done)
        return s->running ? 0 : s->error;
    return result(s, mbedtls_ssl_read(&s->ssl, bytes, n));
}

void tls_server_close_notify(struct tls_server *s)
{
    (void)mbedtls_ssl_close_notify(&s->ssl);
}
