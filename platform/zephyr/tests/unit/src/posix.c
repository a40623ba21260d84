/* What tests/core/unit asks of POSIX and Zephyr's minimal C library lacks, for boards: pages from the heap, which
 * are not guarded (running over the end is found by the same tests on a host), and functions of text. */
#include "missing.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 256

void *mmap(void *at, size_t n, int protection, int flags, int file, long offset)
{
    void *p = malloc(n);

    (void)at, (void)protection, (void)flags, (void)file, (void)offset;
    return p != NULL ? p : MAP_FAILED;
}

int mprotect(void *at, size_t n, int protection)
{
    (void)at, (void)n, (void)protection;
    return 0;
}

int munmap(void *at, size_t n)
{
    (void)n;
    free(at);
    return 0;
}

long sysconf(int name)
{
    (void)name;
    return PAGE;
}

long atol(const char *text)
{
    return strtol(text, NULL, 10);
}

char *strdup(const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = malloc(n);

    if (copy != NULL)
        memcpy(copy, text, n);
    return copy;
}

void perror(const char *text)
{
    printf("%s: out of memory\n", text);
}

/* Of sscanf only what the tests write: two hexadecimal digits, "%2x". */
int sscanf(const char *text, const char *format, ...)
{
    char digits[3] = {text[0], text[0] != '\0' ? text[1] : '\0', '\0'};
    char *end;
    va_list list;

    if (strcmp(format, "%2x") != 0)
        abort();
    va_start(list, format);
    *va_arg(list, unsigned *) = (unsigned)strtoul(digits, &end, 16);
    va_end(list);
    return end != digits;
}
