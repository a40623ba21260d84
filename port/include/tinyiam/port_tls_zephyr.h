/** @file
 * tinyiam/port_tls_zephyr.h - TLS by Zephyr's native TLS sockets: certificates by sec_tag, so that modems
 * that do TLS themselves work as well as mbedTLS. Chain and host name are verified always: there is no
 * switch, and a socket that cannot be told to verify is not used.
 *
 * What native sockets cannot do, and port_tls.h over port_sockets.h can: open BLOCKS while it resolves,
 * connects and shakes hands (the limits are Zephyr's, not iam_config.connect_ms); the reason why a
 * certificate was refused is not known; which parts of a certificate are looked at is decided by Zephyr or the
 * modem (mbedTLS accepts a common name where there are no alternative names, and ignores name constraints); a
 * connection that is cut without close_notify may look like an orderly end (the client notices by the length of
 * the reply). Dates of certificates are checked only where mbedTLS
 * has MBEDTLS_HAVE_TIME_DATE and a clock. */
#ifndef TINYIAM_PORT_TLS_ZEPHYR_H
#define TINYIAM_PORT_TLS_ZEPHYR_H

#include <tinyiam/port.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IAM_TLS_ZEPHYR_NAME_MAX 253 /**< bytes of a host name, RFC 1035 */

struct iam_tls_zephyr_config {
    /** Credentials added with tls_credential_add (or stored in the modem): at least the roots. Needed;
     * borrowed. Each is a sec_tag_t. */
    const int *sec_tags;
    size_t sec_tag_count;
    /** Name to ask for (SNI) and to verify, where it is not the host that open gets (a tunnel, a test
     * endpoint); borrowed. p NULL: that host. */
    struct iam_span server_name;
};

/** The caller allocates; lives as long as it is used. Errors, with native as errno unless said otherwise:
 *   IAM_ERR_RESOLVE     native: zsock_getaddrinfo's code
 *   IAM_ERR_CONNECT     of the last address tried
 *   IAM_ERR_TLS         the handshake failed (a refused certificate too), or a record is damaged
 *   IAM_ERR_TLS_SETUP   no sec_tags, no credentials behind them, or the socket refuses to verify
 *   IAM_ERR_TLS_MEMORY  out of memory, or of TLS contexts (CONFIG_NET_SOCKETS_TLS_MAX_CONTEXTS)
 *   IAM_ERR_RESET, IAM_ERR_IO */
struct iam_tls_zephyr {
    struct iam_stream stream; /**< PUBLIC: hand &tls.stream to whatever wants a stream */
    /* PRIVATE */
    struct iam_tls_zephyr_config config;
    void *list, *next; /* addresses: what was resolved, what to try next */
    char name[IAM_TLS_ZEPHYR_NAME_MAX + 1];
    int fd;    /* -1: none */
    int error; /* sticks until close */
    uint8_t state;
    uint8_t waits; /* directions that answered "none now": IAM_WAIT_READ, IAM_WAIT_WRITE */
};

/** On fresh memory. Opens nothing, cannot fail. config is copied. */
void iam_tls_zephyr_init(struct iam_tls_zephyr *, const struct iam_tls_zephyr_config *config);

#ifdef __cplusplus
}
#endif
#endif
