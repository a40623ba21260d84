/* What a request that has been sent says in a header field. */
#ifndef TINYIAM_TESTS_HEADER_H
#define TINYIAM_TESTS_HEADER_H

#include <stdio.h>
#include <string.h>

/* Until the next call; "" if it is absent. */
static inline const char *header_of(const char *request, const char *name)
{
    static char value[32768];
    char find[64];
    snprintf(find, sizeof find, "\r\n%s: ", name);
    const char *p = strstr(request, find), *end = strstr(request, "\r\n\r\n");
    value[0] = 0;
    if (p != NULL && p < end) {
        p += strlen(find);
        snprintf(value, sizeof value, "%.*s", (int)strcspn(p, "\r"), p);
    }
    return value;
}

#endif
