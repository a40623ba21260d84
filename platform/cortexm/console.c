/* Standard output and error, a buffer each. */
#include "console.h"

#include "semihost.h"

#include <string.h>
#include <tinyiam/port_config.h>

struct console console_out, console_err;

void console_open(void)
{
    console_out.handle = semihost_open(":tt", SEMIHOST_WRITE);
    console_err.handle = semihost_open(":tt", SEMIHOST_APPEND);
}

void console_flush(struct console *c)
{
    if (c->n > 0 && semihost_write(c->handle, c->buffer, c->n) != 0)
        c->error = 1;
    c->n = 0;
}

void console_put(struct console *c, const char *text, size_t n)
{
    while (n > 0) {
        size_t room = sizeof c->buffer - c->n;
        size_t part = n < room ? n : room;
        memcpy(c->buffer + c->n, text, part);
        c->n += part;
        text += part;
        n -= part;
        if (c->n == sizeof c->buffer)
            console_flush(c);
    }
}

void console_text(struct console *c, const char *text)
{
    console_put(c, text, strlen(text));
}

void console_number(struct console *c, int64_t value)
{
    char text[20];
    size_t at = sizeof text;
    uint64_t rest = value < 0 ? 0u - (uint64_t)value : (uint64_t)value;
    if (value < 0)
        console_put(c, "-", 1);
    do {
        text[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    console_put(c, text + at, sizeof text - at);
}

void console_safe(struct console *c, struct iam_span text)
{
    for (size_t i = 0; i < text.n; i++)
        console_put(c, text.p[i] >= ' ' && text.p[i] <= '~' ? &text.p[i] : "?", 1);
}

bool console_begin(enum console_level level)
{
    if (CONFIG_TINYIAM_LOG_LEVEL < (int)level)
        return false;
    console_text(&console_err, level == CONSOLE_ERROR  ? "tinyiam: [ERROR]: "
                               : level == CONSOLE_NOTE ? "tinyiam: "
                                                       : "tinyiam: trace: ");
    return true;
}

void console_end(void)
{
    console_text(&console_err, "\n");
    console_flush(&console_err);
}

int console_fail(int code, const char *text, const char *about)
{
    if (console_begin(CONSOLE_ERROR)) {
        console_text(&console_err, text);
        console_safe(&console_err, iam_span_of(about));
        console_end();
    }
    return code;
}
