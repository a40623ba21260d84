/* TLS as this sample has it: tls_sockets.c by native sockets, tls_direct.c on mbedTLS. */
#ifndef LAST_ACCESSED_TLS_H
#define LAST_ACCESSED_TLS_H

#include <tinyiam/port_zephyr.h>

/* Sets TLS up with these roots (PEM, n counts the NUL) and gives the stream. server_name: p NULL: the
 * host's. NULL: it cannot be set up, and why has been said. */
struct iam_stream *tls_start(struct iam_system *system, const void *roots, size_t n,
                             struct iam_span server_name);
/* Says more about a certificate that was refused, if it can. */
void tls_explain(const struct iam_fault *);

#endif
