/* trust.h - the roots that the board trusts, from a file by semihosting. A product has them in flash. */
#ifndef CORTEXM_TRUST_H
#define CORTEXM_TRUST_H

#include <mbedtls/x509_crt.h>

struct iam_tls_shared_config;

/* Reads PEM (any number of certificates, text between them is passed over) or DER into provisioned
 * memory. Certificates found, or < 0: no such file, or too large. */
int trust_load(const char *path);

/* Makes TLS trust them. The one that a server's chain asks for is parsed when it does, so that RAM does not
 * grow with the bundle (with MBEDTLS_ECP_RESTARTABLE, all are kept parsed). 0, or mbedTLS's code. */
int trust_use(struct iam_tls_shared_config *);

#endif
