/* console.h - stdout and stderr by semihosting, through one buffer each. */
#ifndef CORTEXM_CONSOLE_H
#define CORTEXM_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tinyiam/types.h>

/* CONFIG_TINYIAM_LOG_LEVEL is the last one that is compiled in. */
enum console_level { CONSOLE_ERROR = 1, CONSOLE_NOTE, CONSOLE_TRACE };

/* What to write to. The first error sticks. */
struct console {
    int handle;
    int error;
    size_t n;
    char buffer[256];
};

extern struct console console_out, console_err;

void console_open(void);
void console_put(struct console *, const char *text, size_t n);
void console_text(struct console *, const char *text);
void console_number(struct console *, int64_t);
/* Bytes from outside: what is not printable ASCII becomes '?'. */
void console_safe(struct console *, struct iam_span);
void console_flush(struct console *);

/* One line of what went wrong on stderr: text and what it is about. Gives the exit code back. */
int console_fail(int code, const char *text, const char *about);
/* Begins a line on stderr with a label; false: the log level leaves it out. Ends it with console_end(). */
bool console_begin(enum console_level);
void console_end(void);

#endif
