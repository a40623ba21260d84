/* newlib's functions for text are written for speed, a word at a time, and take 1.8 KB of flash. Names and
 * settings are short: these do. Compiled with -fno-builtin, so that no loop becomes a call of itself. */
#include <stdint.h>
#include <string.h>

int strcmp(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
    for (; n > 0; n--, a++, b++)
        if (*a != *b || *a == '\0')
            return (unsigned char)*a - (unsigned char)*b;
    return 0;
}

size_t strlen(const char *text)
{
    size_t n = 0;
    while (text[n] != '\0')
        n++;
    return n;
}

char *strchr(const char *text, int c)
{
    for (;; text++) {
        if (*text == (char)c)
            return (char *)(size_t)text;
        if (*text == '\0')
            return NULL;
    }
}

size_t strcspn(const char *text, const char *marks)
{
    size_t n = 0;
    while (text[n] != '\0' && strchr(marks, text[n]) == NULL)
        n++;
    return n;
}

void *memchr(const void *in, int c, size_t n)
{
    const unsigned char *p = in;
    for (; n > 0; n--, p++)
        if (*p == (unsigned char)c)
            return (void *)(size_t)p;
    return NULL;
}

/* Numbers of elliptic curves are cleared all the time: a word at a time. */
void *memset(void *to, int c, size_t n)
{
    unsigned char *p = to, *end = p + n;
    uint32_t word = (unsigned char)c * 0x01010101u;
    for (; p < end && ((uintptr_t)p & 3) != 0; p++)
        *p = (unsigned char)c;
    for (; end - p >= 8; p += 8) {
        ((uint32_t *)(void *)p)[0] = word;
        ((uint32_t *)(void *)p)[1] = word;
    }
    for (; p < end; p++)
        *p = (unsigned char)c;
    return to;
}
