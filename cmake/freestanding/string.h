/* The part of <string.h> that core/ uses, for compilers that come without a C library. */
#ifndef TINYIAM_FREESTANDING_STRING_H
#define TINYIAM_FREESTANDING_STRING_H

#include <stddef.h>

void *memcpy(void *restrict, const void *restrict, size_t);
void *memmove(void *, const void *, size_t);
void *memset(void *, int, size_t);
int memcmp(const void *, const void *, size_t);
void *memchr(const void *, int, size_t);
size_t strlen(const char *);

#endif
