/* Roots from a file; a part of its own because firmware has no files. */
#include <tinyiam/port_tls.h>

#include "tls_compat.h"

int iam_tls_ca_file(mbedtls_x509_crt *ca, const char *path, int *native)
{
    int code = tls_compat_start(); /* 4.x reads no key before */

    if (code == 0) {
        code = mbedtls_x509_crt_parse_file(ca, path);
    }
    *native = code;
    if (code >= 0) {
        return IAM_OK;
    }
    return code == MBEDTLS_ERR_X509_ALLOC_FAILED || code == MBEDTLS_ERR_PK_ALLOC_FAILED
               ? IAM_ERR_TLS_MEMORY
               : IAM_ERR_TLS_SETUP;
}
