/* Sessions of TLS, kept for the next connection to the same server. Private to port/. */
#ifndef TINYIAM_PORT_TLS_SESSION_H
#define TINYIAM_PORT_TLS_SESSION_H

#include <tinyiam/port_tls.h>

/* Whose sessions those of a name (without a dot at its end) and port are, for t->server. IAM_OK or IAM_ERR_CRYPTO. */
int tls_session_server(struct iam_span name, uint16_t port, uint8_t server[32]);

/* Takes what the connection has for the next one. Without memory there is none, that is all. */
void tls_session_keep(struct iam_tls *);

/* Offers a session of t->server, once: a handshake that fails because of it is followed by a full
 * one. 0, or mbedTLS's code; t->offered tells. */
int tls_session_offer(struct iam_tls *);

void tls_session_forget_all(struct iam_tls_shared *);

#endif
