/* A client for tests: opens a TLS (or plain) stream, sends, reads to the end, and prints one line a
 * connection. Arguments are key=value:
 *   host= port=  where to;  ca=FILE  roots;  name=  server name, if not host;  plain=1  no TLS
 *   text=  what to send;  want=N  stop reading after N bytes;  rounds=N  connections;  chunk=N  read size
 *   ms=N  deadline of each step;  connect_ms=N;  cert= key=  client certificate;  forget=1
 *   attach=1  the roots by an attach that verifies with a callback of its own, as ESP-IDF's does
 *   attach=2  by one that leaves ours in place
 *   about=1  prints what mbedTLS this is instead */
#include <tinyiam/port_posix.h>
#include <tinyiam/port_sockets.h>
#include <tinyiam/port_tls.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mbedtls_keys.h"

#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
#define HAS_TLS13 1
#else
#define HAS_TLS13 0
#endif
#if defined(MBEDTLS_SSL_KEEP_PEER_CERTIFICATE)
#define KEEPS_PEER 1
#else
#define KEEPS_PEER 0
#endif

static const char *option(int argc, char **argv, const char *key, const char *fallback)
{
    size_t n = strlen(key);
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], key, n) == 0 && argv[i][n] == '=')
            return argv[i] + n + 1;
    return fallback;
}

static long number(int argc, char **argv, const char *key, long fallback)
{
    const char *text = option(argc, argv, key, NULL);
    return text != NULL ? strtol(text, NULL, 10) : fallback;
}

static struct iam_posix posix;
static struct iam_sockets sockets;
static struct iam_tls_shared shared;
static struct iam_tls_session session;
static struct iam_tls tls;
static uint32_t began;
static uint32_t limit;

static uint32_t now(void)
{
    return posix.system.ops->mono_ms(&posix.system);
}

/* Waits; false: the deadline has passed. */
static bool wait_more(struct iam_stream *s)
{
    uint32_t passed = now() - began;
    if (passed >= limit)
        return false;
    posix.system.ops->idle(&posix.system, &(struct iam_stream *){s}, 1, limit - passed);
    return true;
}

static mbedtls_x509_crt ca;

static int anything(void *context, mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
    (void)context, (void)crt, (void)depth, (void)flags;
    return 0;
}

static int attach_all(void *conf)
{
    mbedtls_ssl_conf_ca_chain(conf, &ca, NULL);
    mbedtls_ssl_conf_verify(conf, anything, NULL);
    return 0;
}

static int attach_roots(void *conf)
{
    mbedtls_ssl_conf_ca_chain(conf, &ca, NULL);
    return 0;
}

static int exchange(struct iam_stream *s, const char *text, long want, size_t chunk)
{
    static char room[65536];
    size_t n = strlen(text);
    long got = 0;
    unsigned long sum = 0;
    int r = 0;

    began = now();
    while (n > 0) {
        r = s->ops->send(s, text, n);
        if (r < 0) {
            printf(" send=%d", r);
            break;
        }
        text += r;
        n -= (size_t)r;
        if (r == 0 && !wait_more(s))
            return IAM_ERR_TIMEOUT_IDLE;
    }
    while (got < want) {
        r = s->ops->recv(s, room, chunk);
        if (r < 0)
            break;
        for (int i = 0; i < r; i++)
            sum = sum * 31 + (unsigned char)room[i];
        got += r;
        if (r == 0 && !wait_more(s)) {
            r = IAM_ERR_TIMEOUT_IDLE;
            break;
        }
    }
    printf(" got=%ld sum=%lu", got, sum & 0xFFFFFFFFul);
    return r < 0 ? r : 0;
}

int main(int argc, char **argv)
{
    const char *host = option(argc, argv, "host", "localhost");
    const char *name = option(argc, argv, "name", NULL);
    const char *cert = option(argc, argv, "cert", NULL);
    struct iam_sockets_config low = {.system = &posix.system,
                                     .connect_ms = (uint32_t)number(argc, argv, "connect_ms", 0)};
    struct iam_tls_shared_config all = {
        .system = &posix.system, .sessions = &session, .session_count = 1};
    struct iam_tls_config high = {.below = &sockets.stream, .shared = &shared};
    struct iam_stream *s = &sockets.stream;
    mbedtls_x509_crt own;
    mbedtls_pk_context key;
    int native = 0;
    int r;

    if (number(argc, argv, "about", 0) != 0) {
        printf("version=%s tls13=%d keep=%d find=%d\n", MBEDTLS_VERSION_STRING, HAS_TLS13,
               KEEPS_PEER, IAM_TLS_CAN_FIND);
        return 0;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    limit = (uint32_t)number(argc, argv, "ms", 5000);
    iam_posix_init(&posix);
    iam_sockets_init(&sockets, &low);
    mbedtls_x509_crt_init(&ca);
    mbedtls_x509_crt_init(&own);
    mbedtls_pk_init(&key);
    if (number(argc, argv, "plain", 0) == 0) {
        r = iam_tls_ca_file(&ca, option(argc, argv, "ca", ""), &native);
        if (r != IAM_OK) {
            printf("ca=%d native=%d\n", r, native);
            return 1;
        }
        if (cert != NULL) {
            all.own_certificate = &own;
            all.own_key = &key;
            if (mbedtls_x509_crt_parse_file(&own, cert) != 0 ||
                parse_key_file(&key, option(argc, argv, "key", "")) != 0)
                return 1;
        }
        switch (number(argc, argv, "attach", 0)) {
        case 1:
            all.attach = attach_all;
            break;
        case 2:
            all.attach = attach_roots;
            break;
        default:
            all.ca = &ca;
        }
        all.session_count = number(argc, argv, "forget", 0) == 0;
        if (name != NULL)
            high.server_name = iam_span_of(name);
        r = iam_tls_shared_init(&shared, &all);
        if (r == IAM_OK)
            r = iam_tls_init(&tls, &high);
        if (r != IAM_OK) {
            printf("init=%d native=%d\n", r, shared.native);
            return 1;
        }
        s = &tls.stream;
    }
    for (long i = 0; i < number(argc, argv, "rounds", 1); i++) {
        char why[200] = "";
        began = now();
        do {
            r = s->ops->open(s, iam_span_of(host), (uint16_t)number(argc, argv, "port", 443));
        } while (r == IAM_AGAIN && wait_more(s));
        printf("open=%d native=%d ms=%u", r, s->native, (unsigned)(now() - began));
        if (r == IAM_ERR_TLS_VERIFY)
            (void)iam_tls_verify_text(s->native, why, sizeof why);
        if (r == IAM_OK) {
            r = exchange(s, option(argc, argv, "text", "ping"),
                         number(argc, argv, "want", 1L << 40),
                         (size_t)number(argc, argv, "chunk", 4096));
            printf(" end=%d end_native=%d", r, s->native);
        }
        printf(" connects=%u handshakes=%u resumed=%u why=%s\n", (unsigned)s->connects,
               (unsigned)s->handshakes, (unsigned)s->resumed, why);
        s->ops->close(s);
    }
    if (s == &tls.stream) {
        iam_tls_free(&tls);
        iam_tls_shared_free(&shared);
    }
    mbedtls_x509_crt_free(&ca);
    mbedtls_x509_crt_free(&own);
    mbedtls_pk_free(&key);
    return 0;
}
