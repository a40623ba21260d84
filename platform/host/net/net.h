/* The way out to one endpoint: sockets, a proxy where one is due, TLS where it is not plain, clocks.
 *
 *   sockets <- intake <- (TLS to the proxy) <- (tunnel) <- (TLS to the endpoint) <- (trace)
 *
 * intake reads ahead, since TLS asks for five bytes before each record; and when first something is to be
 * received it reads a large bundle of CA certificates: 5 ms that the peer's answer takes anyway, and nothing
 * is trusted before. Where a session may be resumed it is left to TLS, which may not need them. Any number of
 * connections share what one of them has read. */
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
    unsigned connections;      /* that are open at once; 0: one */
    const char *cert, *key;    /* files of a client certificate, or NULL */
    bool keeps; /* sessions are kept from run to run, so whoever is trusted has a name */
    bool trace;
    enum trace_login login; /* for the trace */
};

/* Clocks, shared by all ways out. */
struct net_base {
    struct iam_posix posix;
    const struct settings *settings;
};

#define NET_CONNECTIONS_MAX 16

/* TLS settings of one kind: a proxy's does not show our certificate. */
struct net_tls {
    struct iam_tls_shared shared;
    struct iam_tls_session sessions[NET_CONNECTIONS_MAX]; /* way.connections of them are in use */
};

/* What connections to one endpoint have in common: who is trusted and shown, sessions, the proxy. */
struct net_shared {
    struct net_base *base;
    struct net_way way;
    struct proxy via; /* via.from == NULL: straight */
    struct net_tls tls, proxy_tls;
    mbedtls_x509_crt ca, own;
    mbedtls_pk_context key;
    const char *ca_file; /* yet to be read; or NULL */
    int ca_error;        /* of reading it */
    char trust[4200];    /* what stands for it, where sessions are kept */
    bool resumes; /* a session waits for the next handshake, which may need no certificates */
    bool has_tls, has_proxy_tls;
};

struct net_intake {
    struct iam_stream stream;
    struct iam_stream *below;
    struct net_shared *shared;
    const struct resolve *resolve;
    uint32_t connects; /* of below, when ahead was begun */
    /* round trips until a handshake was done: whenever something came after something was sent */
    uint32_t turns;
    const struct iam_stream *tls; /* to the endpoint; NULL: plain */
    uint32_t before;              /* handshakes of it, when the connection was made */
    bool asked;                   /* something was sent, and nothing has come since */
    size_t at, n;                 /* bytes of ahead that were passed on, and that there are */
    size_t heard_n;               /* of the connection's first bytes, which are kept for errors.c */
    char heard[512];
    unsigned char ahead[32768];
};

/* One connection. */
struct net {
    struct net_shared *shared; /* NULL: none was opened */
    struct resolve resolve;
    struct iam_sockets sockets;
    struct net_intake intake;
    struct iam_proxy tunnel;
    struct iam_tls tls, proxy_tls;
    struct trace trace;
    bool has_tls, has_proxy_tls;
    struct iam_stream *stream; /* what the client gets */
};

void net_base_init(struct net_base *, const struct settings *);
/* 0, or an exit code after saying what is wrong. net_shared_close is due in any case. */
int net_shared_open(struct net_shared *, struct net_base *, const struct net_way *);
void net_shared_close(struct net_shared *);
/* A connection more, on memory in any state; opens nothing yet. */
int net_open(struct net *, struct net_shared *);
/* It is open: another one may be opened with its TLS session. */
void net_share_session(struct net *);
void net_close(struct net *);

/* A struct iam_system's random numbers, as mbedTLS asks for them before 4.x. */
static inline int net_random(void *system, unsigned char *out, size_t size)
{
    struct iam_system *of = system;
    return of->ops->entropy(of, out, size) == IAM_OK ? 0 : -1;
}

/* Which mbedTLS, and the versions of TLS that are offered: "mbedTLS 3.6.6, TLS 1.2, TLS 1.3". */
const char *net_library(void);

#endif
