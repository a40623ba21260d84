/* console.h - stdout and stderr by semihosting, through one buffer each. */
#ifndef CORTEXM_CONSOLE_H
#define CORTEXM_CONSOLE_H

#include <stddef.h>
#include <stdint.h>
#include <tinyiam/types.h>

/* What to write to. The first error sticks. */
struct console {
    int handle;
    int error;
    size_t n;
    char buffer[256];
};

void console_open(struct console *out, struct console *err);
void console_put(struct console *, const char *text, size_t n);
void console_text(struct console *, const char *text);
void console_span(struct console *, struct iam_span);
void console_number(struct console *, int64_t);
/* Bytes from outside: what is not printable ASCII becomes '?'. */
void console_safe(struct console *, struct iam_span);
void console_flush(struct console *);

#endif
