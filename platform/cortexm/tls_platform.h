/* tls_platform.h - what mbedTLS asks of the board: memory, time, randomness. */
#ifndef CORTEXM_TLS_PLATFORM_H
#define CORTEXM_TLS_PLATFORM_H

#include <stddef.h>

/* Gives mbedTLS its static arena, and starts PSA where it is compiled in. 0, or mbedTLS's code. */
int tls_platform_start(void);

/* The arena, in bytes: size, most ever in use, in use now. Bookkeeping of the blocks included. */
struct tls_usage {
    size_t size, peak, used;
};
void tls_platform_usage(struct tls_usage *);

/* The linker puts it where mbedTLS names functions that are left out of the image (mbedtls.cmake). A negative
 * number: whatever calls it has failed. */
int tls_never(void);

#endif
