/* mbedTLS includes it; what it names here is not called for SHA-256. */
#include <stddef.h>
void *calloc(size_t, size_t);
void free(void *);
