/* Roots from a file; a part of its own because firmware has no files. */
#include <tinyiam/port_tls.h>

#include <stdio.h>

#include <mbedtls/platform.h>

/* What it holds and a NUL, in mbedTLS's heap; NULL: it cannot be read, or there is no memory. */
static unsigned char *load(FILE *f, size_t *n, int *native)
{
    unsigned char *data = NULL;
    long size = fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;

    *native = MBEDTLS_ERR_X509_FILE_IO_ERROR;
    if (size < 0 || fseek(f, 0, SEEK_SET) != 0)
        return NULL;
    *n = (size_t)size;
    data = mbedtls_calloc(1, *n + 1);
    if (data == NULL) {
        *native = MBEDTLS_ERR_X509_ALLOC_FAILED;
    } else if (fread(data, 1, *n, f) != *n) {
        mbedtls_free(data);
        data = NULL;
    }
    return data;
}

int iam_tls_ca_file(mbedtls_x509_crt *ca, const char *path, int *native)
{
    FILE *f = fopen(path, "rb");
    unsigned char *data;
    size_t n = 0;
    int result;

    *native = MBEDTLS_ERR_X509_FILE_IO_ERROR;
    if (f == NULL)
        return IAM_ERR_TLS_SETUP;
    data = load(f, &n, native);
    (void)fclose(f);
    if (data == NULL)
        return *native == MBEDTLS_ERR_X509_ALLOC_FAILED ? IAM_ERR_TLS_MEMORY : IAM_ERR_TLS_SETUP;
    result = iam_tls_ca_parse(ca, data, n + 1, native);
    mbedtls_free(data);
    return result;
}
