/* credential_process: a command that prints credentials, run without a shell. */
#ifndef HOST_PROCESS_H
#define HOST_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include <tinyiam/types.h>

#define PROCESS_OUT_MAX 65536u /* bytes of its output; more is refused */
#define PROCESS_WAIT_MS 120000u

struct process {
    char *out; /* what it printed; PROCESS_OUT_MAX bytes, a secret; malloc'ed */
    size_t out_n;
};

/* Runs the command line and keeps what it prints; its stdin is ours. from: whose it is, for messages.
 * stop: asked while waiting, true: give up. 0; or an exit code after saying what is wrong (with the
 * command's exit code and what it wrote to stderr); CODE_INTERRUPT in silence after stop. Its output is
 * never shown. process_end is due in any case. */
int process_run(struct process *, const char *command, const char *from, uint32_t wait_ms,
                bool (*stop)(void));
/* Zeroises and frees. */
void process_end(struct process *);

#endif
