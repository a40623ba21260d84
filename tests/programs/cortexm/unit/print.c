/* printf and its family for test images: Debian's newlib is built without %zu and %hhx. Conversions: d i u
 * x X c s p %, with flags - 0 #, width, precision, and any length. Unbuffered lines by semihosting. */
#include "semihost.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text {
    char *to;
    size_t size, n; /* n: as if there were room for all */
    int handle;     /* >= 0: to this, by pieces, instead */
};

static int console = -1;

static void put(struct text *t, const char *from, size_t n)
{
    if (t->handle >= 0)
        (void)semihost_write(t->handle, from, n);
    else
        for (size_t i = 0; i < n && t->n + i + 1 < t->size; i++)
            t->to[t->n + i] = from[i];
    t->n += n;
}

static void pad(struct text *t, char with, int n)
{
    while (n-- > 0)
        put(t, &with, 1);
}

struct spec {
    bool left, zero, alternate;
    int width, precision;
    bool wide; /* 64 bits */
};

static void put_field(struct text *t, const struct spec *s, const char *prefix, const char *body,
                      size_t n)
{
    int gap = s->width - (int)(strlen(prefix) + n);
    pad(t, ' ', !s->left && !s->zero ? gap : 0);
    put(t, prefix, strlen(prefix));
    pad(t, '0', !s->left && s->zero ? gap : 0);
    put(t, body, n);
    pad(t, ' ', s->left ? gap : 0);
}

static void put_number(struct text *t, const struct spec *s, uint64_t v, unsigned base,
                       const char *digits, const char *prefix)
{
    char body[32];
    size_t at = sizeof body;
    do {
        body[--at] = digits[v % base];
        v /= base;
    } while (v != 0 || (int)(sizeof body - at) < s->precision);
    put_field(t, s, prefix, body + at, sizeof body - at);
}

static const char *parse(const char *f, struct spec *s, va_list *list)
{
    memset(s, 0, sizeof *s);
    s->precision = -1;
    for (;; f++)
        if (*f == '-')
            s->left = true;
        else if (*f == '0')
            s->zero = true;
        else if (*f == '#')
            s->alternate = true;
        else if (*f != ' ' && *f != '+')
            break;
    for (int *to = &s->width;; to = &s->precision) {
        if (*f == '*') {
            *to = va_arg(*list, int);
            f++;
        }
        for (; *f >= '0' && *f <= '9'; f++)
            *to = *to * 10 + (*f - '0');
        if (*f != '.' || to == &s->precision)
            break;
        s->precision = 0;
        f++;
    }
    for (; *f != '\0' && strchr("hlzjt", *f) != NULL; f++)
        s->wide |= *f == 'j' || (*f == 'l' && f[1] == 'l');
    return f;
}

static void convert(struct text *t, const struct spec *s, char c, va_list *list)
{
    if (c == 's') {
        const char *p = va_arg(*list, const char *);
        size_t n = 0;
        if (p == NULL && s->precision != 0) { /* 0 can be read here: nothing would stop */
            printf("printf: %%s of NULL\n");
            abort();
        }
        while ((s->precision < 0 || n < (size_t)s->precision) && p[n] != '\0')
            n++;
        put_field(t, s, "", p, n);
    } else if (c == 'c') {
        char one = (char)va_arg(*list, int);
        put_field(t, s, "", &one, 1);
    } else if (c == 'p') {
        put_number(t, s, (uintptr_t)va_arg(*list, void *), 16, "0123456789abcdef", "0x");
    } else if (c == 'd' || c == 'i') {
        int64_t v = s->wide ? va_arg(*list, int64_t) : va_arg(*list, int);
        put_number(t, s, v < 0 ? 0u - (uint64_t)v : (uint64_t)v, 10, "0123456789",
                   v < 0 ? "-" : "");
    } else if (c == 'u' || c == 'x' || c == 'X') {
        uint64_t v = s->wide ? va_arg(*list, uint64_t) : va_arg(*list, unsigned);
        put_number(t, s, v, c == 'u' ? 10 : 16, c == 'X' ? "0123456789ABCDEF" : "0123456789abcdef",
                   s->alternate ? "0x" : "");
    } else {
        put(t, &c, 1);
    }
}

static int format(struct text *t, const char *f, va_list list)
{
    va_list copy;
    va_copy(copy, list);
    while (*f != '\0') {
        size_t plain = strcspn(f, "%");
        put(t, f, plain);
        f += plain;
        if (*f == '%') {
            struct spec s;
            f = parse(f + 1, &s, &copy);
            convert(t, &s, *f, &copy);
            f++;
        }
    }
    va_end(copy);
    if (t->handle < 0 && t->size > 0)
        t->to[t->n < t->size ? t->n : t->size - 1] = '\0';
    return (int)t->n;
}

int vsnprintf(char *to, size_t size, const char *f, va_list list)
{
    struct text t = {to, size, 0, -1};
    return format(&t, f, list);
}

int snprintf(char *to, size_t size, const char *f, ...)
{
    va_list list;
    va_start(list, f);
    int n = vsnprintf(to, size, f, list);
    va_end(list);
    return n;
}

int vprintf(const char *f, va_list list)
{
    if (console < 0)
        console = semihost_open(":tt", SEMIHOST_WRITE);
    struct text t = {NULL, 0, 0, console};
    return format(&t, f, list);
}

int printf(const char *f, ...)
{
    va_list list;
    va_start(list, f);
    int n = vprintf(f, list);
    va_end(list);
    return n;
}

int fprintf(FILE *file, const char *f, ...)
{
    (void)file;
    va_list list;
    va_start(list, f);
    int n = vprintf(f, list);
    va_end(list);
    return n;
}

int puts(const char *text)
{
    return printf("%s\n", text);
}

int putchar(int c)
{
    return printf("%c", c);
}

void perror(const char *text)
{
    printf("%s failed\n", text);
}

void abort(void)
{
    printf("abort()\n");
    semihost_exit(255);
}
