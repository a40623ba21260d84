#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void (*hook)(void *);
static void *hook_arg;

void say_hook(void (*before)(void *), void *arg)
{
    hook = before;
    hook_arg = arg;
}

void say_begin(struct say *s, const char *first_words)
{
    s->n = 0;
    say_add(s, "%s", first_words);
}

static void add_list(struct say *s, const char *format, va_list list)
{
    size_t room = sizeof s->text - 1 - s->n; /* one byte is kept for the line's end */
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): every caller has begun it */
    int n = vsnprintf(s->text + s->n, room, format, list);
    if (n > 0)
        s->n += (size_t)n < room ? (size_t)n : room - 1;
}

void say_add(struct say *s, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    add_list(s, format, list);
    va_end(list);
}

/* Length of the UTF-8 sequence at p, 0 if there is none; C1 controls and bidirectional overrides, which
 * change what a terminal shows, count as none. */
static size_t printable(const unsigned char *p, size_t n)
{
    size_t k = p[0] < 0x80                   ? 1
               : p[0] >= 0xC2 && p[0] < 0xE0 ? 2
               : p[0] >= 0xE0 && p[0] < 0xF0 ? 3
               : p[0] >= 0xF0 && p[0] < 0xF5 ? 4
                                             : 0;
    if (k == 0 || k > n || p[0] < 0x20 || p[0] == 0x7F)
        return 0;
    for (size_t i = 1; i < k; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    if (p[0] == 0xC2 && p[1] < 0xA0)
        return 0;
    if (p[0] == 0xE2 && p[1] == 0x80 &&
        ((p[2] >= 0xA8 && p[2] <= 0xAE) || p[2] == 0x8E || p[2] == 0x8F))
        return 0;
    if (p[0] == 0xE2 && p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9)
        return 0;
    return k;
}

void say_text(struct say *s, struct iam_span text)
{
    const unsigned char *p = (const unsigned char *)text.p;
    for (size_t i = 0; i < text.n;) {
        size_t k = printable(p + i, text.n - i);
        if (sizeof s->text - s->n < 8)
            return;
        if (k) {
            memcpy(s->text + s->n, p + i, k);
            s->n += k;
            i += k;
        } else {
            if (p[i] == '\n')
                say_add(s, "\\n");
            else if (p[i] == '\r')
                say_add(s, "\\r");
            else if (p[i] == '\t')
                say_add(s, "\\t");
            else
                say_add(s, "\\x%02x", p[i]);
            i++;
        }
    }
}

void say_string(struct say *s, const char *text)
{
    say_text(s, (struct iam_span){text, strlen(text)});
}

void say_end(struct say *s)
{
    if (hook)
        hook(hook_arg);
    s->text[s->n++] = '\n';
    for (size_t at = 0; at < s->n;) {
        ssize_t n = write(STDERR_FILENO, s->text + at, s->n - at);
        if (n <= 0 && errno != EINTR)
            return;
        at += n > 0 ? (size_t)n : 0;
    }
}

/* Whatever the arguments hold (a name, a path, a value of the user's), it stays one line. */
static void say_line(const char *first_words, const char *format, va_list list)
{
    struct say plain = {0}, s;
    add_list(&plain, format, list);
    say_begin(&s, first_words);
    say_text(&s, (struct iam_span){plain.text, plain.n});
    say_end(&s);
}

int say_error(int exit_code, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    say_line(SAY_ERROR, format, list);
    va_end(list);
    return exit_code;
}

void say_note(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    say_line("tinyiam: ", format, list);
    va_end(list);
}
