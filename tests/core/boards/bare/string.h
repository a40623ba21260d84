/* <string.h> for compilers that come without a C library: what core/ uses, and beside it port/drive.c, the start of
 * platform/cortexm and mbedTLS's SHA-256. The functions are in memory.c and platform/cortexm/small.c. */
#ifndef TINYIAM_TESTS_BARE_STRING_H
#define TINYIAM_TESTS_BARE_STRING_H

#include "../../../../cmake/freestanding/string.h"

int strcmp(const char *, const char *);
int strncmp(const char *, const char *, size_t);
char *strchr(const char *, int);
size_t strcspn(const char *, const char *);

#endif
