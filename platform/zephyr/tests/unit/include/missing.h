/* Functions of the C library that tests/core/unit calls and Zephyr's minimal one lacks (src/posix.c); included before
 * each of its sources. */
#ifndef TINYIAM_ZEPHYR_MISSING_H
#define TINYIAM_ZEPHYR_MISSING_H

long atol(const char *text);
void perror(const char *text);
int sscanf(const char *text, const char *format, ...);
char *strdup(const char *text);

#endif
