/* A proof of possession (RFC 9449): a signed note that whoever sends a request has the key of its login. */
#ifndef HOST_DPOP_H
#define HOST_DPOP_H

#include <stdbool.h>
#include <stddef.h>

#include <tinyiam/port.h>

#define DPOP_MAX 2048 /* bytes of a proof, with its NUL */

/* For a POST to this URL, now, by a P-256 key in PEM, which ends in a NUL. false: it is no such key, or cannot sign. */
bool dpop_make(const char *pem, const char *url, struct iam_system *, char out[DPOP_MAX]);

#endif
