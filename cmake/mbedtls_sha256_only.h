/* mbedTLS configuration for cross-compiling core/ alone: all that it uses. */
#define MBEDTLS_SHA256_C
