/* <string.h> for compilers that come without a C library: what core/, port/drive.c, the start of platform/cortexm and
 * mbedTLS's SHA-256 use. The functions are in memory.c and platform/cortexm/small.c. */
#ifndef TINYIAM_TESTS_BARE_STRING_H
#define TINYIAM_TESTS_BARE_STRING_H

#include <stddef.h>

void *memcpy(void *restrict, const void *restrict, size_t);
void *memmove(void *, const void *, size_t);
void *memset(void *, int, size_t);
int memcmp(const void *, const void *, size_t);
void *memchr(const void *, int, size_t);
size_t strlen(const char *);
int strcmp(const char *, const char *);
int strncmp(const char *, const char *, size_t);
char *strchr(const char *, int);
size_t strcspn(const char *, const char *);

#endif
