/* One line on stderr, where it is a terminal: how far it is, while it takes. */
#ifndef HOST_PROGRESS_H
#define HOST_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include <tinyiam/tinyiam.h>

#include "out.h"

struct progress {
    bool on;
    bool shown;        /* a line stands there now */
    bool quiet_output; /* stdout is the same terminal: only until its first line */
    uint32_t began_ms, next_ms;
    const char *what; /* "entities", "services" */
};

void progress_begin(struct progress *, bool on, bool stdout_is_terminal, const char *what,
                    uint32_t now_ms);
/* As often as one likes; draws now and then. */
void progress_tick(struct progress *, const struct iam_client *, const struct out *,
                   uint32_t now_ms);
/* Takes the line away. Fits say_hook() and sink.before. */
void progress_hide(void *progress);

#endif
