/** @file
 * tinyiam/port_proxy.h - a way out through an HTTP proxy: CONNECT (RFC 9110, 9.3.6) as a stream over a
 * stream. Below it a transport (or TLS, for a proxy that wants that); above it the TLS to the endpoint,
 * whose name the proxy gets to see, and nothing else:
 *
 *   sockets <- iam_proxy <- iam_tls <- client
 */
#ifndef TINYIAM_PORT_PROXY_H
#define TINYIAM_PORT_PROXY_H

#include <tinyiam/parts/http.h>
#include <tinyiam/port.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Everything that is pointed to must live as long as the struct iam_proxy. */
struct iam_proxy_config {
    /** Leads to the proxy; needed. The proxy stream opens and closes it. */
    struct iam_stream *below;
    struct iam_span host; /**< the proxy's name, or address without brackets; needed */
    uint16_t port;        /**< the proxy's; needed */
    /** Value of Proxy-Authorization ("Basic " and base64 of user:password); absent: it is not sent. It is
     * a secret, of which the stream keeps no copy once the request is sent. */
    struct iam_span authorization;
};

/** The caller allocates; lives as long as it is used; about 600 bytes.
 *
 * Errors beyond those of the stream below (which pass through with its native code):
 *   IAM_ERR_PROXY    the proxy refused (native: its HTTP status), answered with what is no HTTP reply
 *                    (native: an error of the HTTP band), or host or authorization cannot be sent in a
 *                    request's head (native: IAM_ERR_ARGUMENT). Worth no retry
 *   IAM_ERR_CONNECT  with native 502, 503 or 504: the proxy could not reach the host. Worth a retry
 *   IAM_ERR_RESET    also: the proxy hung up before its answer was complete
 * The member reached tells whether it is the proxy's error. An answer whose head is longer than
 * CONFIG_TINYIAM_HTTP_HEAD_MAX is refused. How long an answer may take is the caller's to limit, as for any open. */
struct iam_proxy {
    /** PUBLIC: hand &proxy.stream to whatever wants a stream. */
    struct iam_stream stream;
    bool reached; /**< the last open got as far as the proxy itself */
    /** its answer: status (0: none came) and reason; valid until the next open */
    struct iam_http http;
    /** Names of what its Proxy-Authenticate fields offer ("NTLM, Negotiate"), as far as they fit, and whether Basic, the
     * one that authorization can be of, is among them. */
    char offers[40];
    uint8_t offers_n;
    bool offers_basic;

    /* PRIVATE */
    struct iam_proxy_config config;
    struct iam_span host; /* what open was asked for, while it connects */
    uint16_t port;
    uint8_t state;
    int error;      /* sticks until close */
    uint32_t sent;  /* bytes of the request */
    uint8_t line;   /* where in the answer's head it reads: proxy_offers.c */
    uint8_t name_n; /* bytes of the name of a field, or of a scheme */
    char name[20];
    uint16_t from, n; /* unread bytes of buffer: what came behind the proxy's answer */
    char buffer[256]; /* request in pieces, then answer in pieces */
};

#define iam_proxy_init IAM_SIZED(iam_proxy_init) /* config.h */
/** On fresh memory. Opens nothing, cannot fail. config is copied. */
void iam_proxy_init(struct iam_proxy *, const struct iam_proxy_config *config);

#ifdef __cplusplus
}
#endif
#endif
