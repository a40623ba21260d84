/* The way out: sockets, TLS on them where the endpoint is not plain, clocks. */
#ifndef HOST_NET_H
#define HOST_NET_H

#include <tinyiam/port_posix.h>
#include <tinyiam/port_sockets.h>
#include <tinyiam/port_tls.h>

#include "settings.h"
#include "trace.h"

struct net {
    struct iam_posix posix;
    struct iam_sockets sockets;
    struct iam_tls tls;
    mbedtls_x509_crt ca;
    struct trace trace;
    bool has_tls;
    struct iam_stream *stream; /* what the client gets */
};

/* 0, or an exit code after saying what is wrong. */
int net_open(struct net *, const struct settings *, bool trace);
void net_close(struct net *);

#endif
