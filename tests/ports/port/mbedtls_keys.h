/* What tests need beside the port and differs between mbedTLS 2.28 and 3.x. */
#ifndef TESTS_PORT_MBEDTLS_KEYS_H
#define TESTS_PORT_MBEDTLS_KEYS_H

#include <mbedtls/pk.h>
#include <mbedtls/version.h>

#if MBEDTLS_VERSION_NUMBER >= 0x04000000 || MBEDTLS_VERSION_NUMBER < 0x03000000
static inline int parse_key_file(mbedtls_pk_context *key, const char *path)
{
    return mbedtls_pk_parse_keyfile(key, path, NULL);
}
#else
#include <stdlib.h>
#include <sys/random.h>
static inline int test_random(void *context, unsigned char *out, size_t n)
{
    (void)context;
    return getentropy(out, n);
}
static inline int parse_key_file(mbedtls_pk_context *key, const char *path)
{
    return mbedtls_pk_parse_keyfile(key, path, NULL, test_random, NULL);
}
#endif

#endif
