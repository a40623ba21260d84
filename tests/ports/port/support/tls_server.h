/* The far end of a TLS stream, for tests: mbedTLS as a server over any transport, pumped by hand. */
#ifndef TESTS_PORT_TLS_SERVER_H
#define TESTS_PORT_TLS_SERVER_H

#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>
#include <stdbool.h>
#if MBEDTLS_VERSION_NUMBER < 0x04000000
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#endif

/* The transport as mbedTLS wants it; 0 bytes: none now. < 0: it is over. */
struct tls_transport {
    void *context;
    int (*send)(void *context, const unsigned char *, size_t);
    int (*recv)(void *context, unsigned char *, size_t);
};

struct tls_server {
    mbedtls_ssl_config conf;
    mbedtls_ssl_context ssl;
    mbedtls_x509_crt chain, clients;
    mbedtls_pk_context key;
#if MBEDTLS_VERSION_NUMBER < 0x04000000
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context random;
#endif
    mbedtls_ssl_ticket_context tickets;
    struct tls_transport transport;
    char sni[256];
    bool running, done; /* in a handshake or beyond; handshake complete */
    int error;          /* mbedTLS's code of the failure, 0: none */
};

/* pem, key: NUL-terminated PEM. clients: roots of client certificates, which are then required; or NULL.
 * tls13: the highest version. 0 or mbedTLS's code. */
int tls_server_init(struct tls_server *, const char *pem, const char *key, const char *clients,
                    bool tls13);
/* A private key from PEM; the server lends its random generator. */
int tls_server_parse_key(struct tls_server *, mbedtls_pk_context *, const char *key);
void tls_server_free(struct tls_server *);

/* Awaits the next connection on the transport. */
void tls_server_accept(struct tls_server *, const struct tls_transport *);
/* Goes on with the handshake. */
void tls_server_turn(struct tls_server *);
/* > 0, 0: none now, < 0: mbedTLS's code (the end too). */
int tls_server_send(struct tls_server *, const void *, size_t);
int tls_server_recv(struct tls_server *, void *, size_t);
void tls_server_close_notify(struct tls_server *);

#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
#define TLS_SERVER_HAS_TLS13 true
#else
#define TLS_SERVER_HAS_TLS13 false
#endif

#endif
