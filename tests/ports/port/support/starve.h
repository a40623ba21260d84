/* Takes memory away from the client under test: calloc fails while the client holds more than a limit.
 * Works where this program's calloc and free replace the C library's (glibc, no sanitizer). */
#ifndef TESTS_PORT_STARVE_H
#define TESTS_PORT_STARVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h> /* __GLIBC__ */

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define STARVE_WORKS 0
#endif
#endif
#if !defined(STARVE_WORKS)
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
#define STARVE_WORKS 1
#else
#define STARVE_WORKS 0
#endif
#endif

/* Whether what is allocated from here on is the client's. */
void starve_client(bool);
/* Where in the client's memory these bytes are: that which it holds, with a limit set; and how often it has
 * given memory back with them in it since the limit was set. */
size_t starve_holding(const void *secret, size_t n);
size_t starve_leaked(void);
/* Bytes that the client may hold; SIZE_MAX: any. Forgets what it holds now. */
void starve_limit(size_t bytes);

#endif
