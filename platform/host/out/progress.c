/* The line of progress on a terminal. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "text/terminal.h"

#define FIRST_MS 500 /* what is done sooner needs no line */
#define EVERY_MS 200

bool progress_wanted(const struct args *a)
{
    return !args_has(a, OPT_NO_PROGRESS) && !args_has(a, OPT_DEBUG) && isatty(STDERR_FILENO) == 1;
}

void progress_begin(struct progress *p, bool on, bool stdout_is_terminal,
                    int (*describe)(void *, uint32_t, char *, size_t), void *of, uint32_t now_ms)
{
    memset(p, 0, sizeof *p);
    p->on = on;
    p->quiet_output = stdout_is_terminal;
    p->began_ms = now_ms;
    p->next_ms = now_ms + FIRST_MS;
    p->describe = describe;
    p->of = of;
}

static void put(const char *text, size_t n)
{
    if (write(STDERR_FILENO, text, n) < 0)
        return; /* a line that nobody sees */
}

void progress_hide(void *progress)
{
    struct progress *p = progress;
    if (!p->shown)
        return;
    p->shown = false;
    put("\r\x1b[K", 4);
}

void progress_tick(struct progress *p, const struct sink *sink, uint32_t now_ms)
{
    char line[240], shown[4 * sizeof line + 8] = "\r\x1b[K";
    struct winsize size;
    struct terminal_char c;
    size_t at = strlen(shown);
    unsigned columns = 79, used = 0;
    if (!p->on || (int32_t)(now_ms - p->next_ms) < 0)
        return;
    p->next_ms = now_ms + EVERY_MS;
    if (p->quiet_output && sink->given) {
        progress_hide(p);
        return;
    }
    int n = p->describe(p->of, now_ms - p->began_ms, line, sizeof line);
    n = n < (int)sizeof line ? n : (int)sizeof line - 1;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
        columns = size.ws_col - 1u; /* a line that wraps could not be taken away */
    for (int i = 0; i < n; used += c.columns) {
        i += (int)terminal_char(line + i, (size_t)(n - i), &c);
        if (used + c.columns > columns)
            break;
        memcpy(shown + at, c.p, c.n);
        at += c.n;
    }
    put(shown, at);
    p->shown = true;
}
