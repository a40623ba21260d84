/* newlib's functions for text are written for speed, a word at a time, and take 1.8 KB of flash. Names and
 * settings are short, and large buffers are cleared once a connection: these do. Compiled with -fno-builtin, so that no loop becomes a call of itself. */
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

void *memset(void *to, int c, size_t n)
{
    unsigned char *p = to;
    while (n-- > 0)
        *p++ = (unsigned char)c;
    return to;
}
