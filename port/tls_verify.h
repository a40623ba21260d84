/* What mbedTLS leaves open when it verifies a server. Private to port/. */
#ifndef TINYIAM_PORT_TLS_VERIFY_H
#define TINYIAM_PORT_TLS_VERIFY_H

#include <tinyiam/port_tls.h>

/* Takes the name, which stays the caller's, as what is asked for. true: it is an address. */
bool tls_verify_ask(struct iam_tls *, struct iam_span);

/* For each certificate of a path, from the root (highest depth) to the server's own (0), after limits_n was
 * set to 0: the flags that have to be added. A name that is not among the subject alternative names, the
 * name constraints of the authorities above, an authority that may not issue for servers. */
uint32_t tls_verify_certificate(struct iam_tls *, const mbedtls_x509_crt *, int depth);

/* The same after a handshake, where mbedTLS has verified with somebody else's callback. Each certificate that
 * the server sent is held to it, as nobody tells which of them the path went through. */
uint32_t tls_verify_peer(struct iam_tls *);

/* mbedtls_x509_crt_parse, and name constraints are no reason to refuse a root. */
int tls_roots_parse(mbedtls_x509_crt *, const unsigned char *certificates, size_t n);

#endif
