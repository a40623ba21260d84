#define _DEFAULT_SOURCE /* explicit_bzero */
#include "net.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <mbedtls/error.h>

static int load_ca(struct net *n, const struct settings *s)
{
    int native = 0, r;
    FILE *probe =
        fopen(s->ca_file, "rb"); /* "not found" and "not a certificate" need different advice */
    if (!probe)
        return say_error(
            CODE_OTHER,
            "Could not find a suitable TLS CA certificate bundle, invalid path: %s (%s: %s)",
            s->ca_file, s->ca_from, strerror(errno));
    fclose(probe);
    r = iam_tls_ca_file(&n->ca, s->ca_file, &native);
    if (r < 0)
        return say_error(CODE_OTHER,
                         "Could not find a suitable TLS CA certificate bundle: %s (%s) holds no "
                         "certificate in PEM that can be read (mbedTLS -0x%04X)",
                         s->ca_file, s->ca_from, (unsigned)-native);
    return 0;
}

int net_open(struct net *n, const struct settings *s, bool trace)
{
    memset(n, 0, sizeof *n);
    mbedtls_x509_crt_init(&n->ca);
    iam_posix_init(&n->posix, &n->sockets);
    struct iam_sockets_config sockets = {.system = &n->posix.system, .connect_ms = s->connect_ms};
    iam_sockets_init(&n->sockets, &sockets);
    n->stream = &n->sockets.stream;
    if (s->ca_file) {
        int rc = load_ca(n, s);
        if (rc)
            return rc;
        struct iam_tls_config tls = {
            .below = &n->sockets.stream, .system = &n->posix.system, .ca = &n->ca};
        int r = iam_tls_init(&n->tls, &tls);
        n->has_tls = true;
        n->stream = &n->tls.stream;
        if (r < 0)
            return say_error(CODE_OTHER, "TLS could not be set up (%s, mbedTLS -0x%04X)",
                             iam_result_name(r), (unsigned)-n->tls.stream.native);
    }
    if (trace)
        n->stream = trace_stream(&n->trace, n->stream);
    return 0;
}

void net_close(struct net *n)
{
    if (n->stream)
        n->stream->ops->close(n->stream);
    if (n->has_tls)
        iam_tls_free(&n->tls);
    mbedtls_x509_crt_free(&n->ca);
    explicit_bzero(&n->trace, sizeof n->trace); /* a token went through it */
}
