/* One line on stderr, where it is a terminal: how far it is, while it takes. */
#ifndef HOST_PROGRESS_H
#define HOST_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "args/args.h"
#include "text/sink.h"

struct progress {
    bool on;
    bool shown;        /* a line stands there now */
    bool quiet_output; /* stdout is the same terminal: only until its first line */
    uint32_t began_ms, next_ms;
    /* What stands in the line, after so many milliseconds; the length, as snprintf() returns it. */
    int (*describe)(void *of, uint32_t gone_ms, char *line, size_t size);
    void *of;
};

/* Is one wanted? */
bool progress_wanted(const struct args *);
void progress_begin(struct progress *, bool on, bool stdout_is_terminal,
                    int (*describe)(void *, uint32_t, char *, size_t), void *of, uint32_t now_ms);
/* As often as one likes; draws now and then. */
void progress_tick(struct progress *, const struct sink *, uint32_t now_ms);
/* Takes the line away. Fits say_hook() and sink.before. */
void progress_hide(void *progress);

#endif
