/* The way out to one endpoint: sockets, a proxy where one is due, TLS where it is not plain, clocks.
 *
 *   sockets <- intake <- (TLS to the proxy) <- (tunnel) <- (TLS to the endpoint) <- (trace)
 *
 * intake reads ahead, since TLS asks for five bytes before each record; and when first something is to be
 * received it reads a large bundle of CA certificates: 5 ms that the peer's answer takes anyway, and nothing
 * is trusted before. */
#ifndef HOST_NET_H
#define HOST_NET_H

#include <tinyiam/port_posix.h>
#include <tinyiam/port_proxy.h>
#include <tinyiam/port_sockets.h>
#include <tinyiam/port_tls.h>

#include "config/settings.h"
#include "proxy.h"
#include "resolve.h"
#include "trace.h"

struct net_way {
    struct iam_span authority; /* "host" or "host:port", as NO_PROXY sees it */
    bool plain;                /* http: no TLS, and no proxy */
    bool straight;             /* no proxy whatever the variables say */
    const char *cert, *key;    /* files of a client certificate, or NULL */
    bool trace;
    enum trace_login login; /* for the trace */
};

/* Clocks and sockets, shared by all ways out: no two connections are open at once. */
struct net_base {
    struct iam_posix posix;
    struct iam_sockets sockets;
    struct resolve resolve;
};

struct net_intake {
    struct iam_stream stream;
    struct iam_stream *below;
    const struct resolve *resolve;
    mbedtls_x509_crt *ca;
    const char *file;  /* of CAs, yet to be read; or NULL */
    int error;         /* of reading it */
    uint32_t connects; /* of below, when ahead was begun */
    size_t at, n;      /* bytes of ahead that were passed on, and that there are */
    unsigned char ahead[32768];
};

/* A TLS stream with settings of its own: a proxy's does not show our certificate. */
struct net_tls {
    struct iam_tls_shared shared;
    struct iam_tls_session session;
    struct iam_tls stream;
};

struct net {
    struct net_base *base;
    struct net_intake intake;
    struct proxy via; /* via.from == NULL: straight */
    struct iam_proxy tunnel;
    struct net_tls tls, proxy_tls;
    mbedtls_x509_crt ca, own;
    mbedtls_pk_context key;
    struct trace trace;
    bool has_tls, has_proxy_tls;
    struct iam_stream *stream; /* what the client gets */
};

void net_base_init(struct net_base *, const struct settings *);
/* 0, or an exit code after saying what is wrong. */
int net_open(struct net *, struct net_base *, const struct settings *, const struct net_way *);
void net_close(struct net *);

#endif
