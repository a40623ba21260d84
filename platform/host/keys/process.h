/* credential_process: a command that prints credentials, run without a shell. */
#ifndef HOST_PROCESS_H
#define HOST_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include <tinyiam/types.h>

#define PROCESS_OUT_MAX 65536u /* bytes of its output; more is refused */
/* For all of it: the AWS CLI has no limit, AWS's SDK for Go takes one minute. People who have to find their
 * telephone for a second factor, or a browser, take longer than a server. */
#define PROCESS_WAIT_MS 120000u

struct process {
    char *out; /* what it printed; PROCESS_OUT_MAX bytes, a secret; malloc'ed */
    size_t out_n;
};

/* Runs the command line, once, and keeps what it prints; its stdin is ours. It has a process group of its own
 * and, if it wants to ask something, the terminal. What does not end by itself with exit code 0 (wait_ms, a
 * signal to us, too much output) is ended with everything that it started. from: whose it is, for messages.
 * stop: asked while waiting, true: give up. 0; or an exit code after saying what is wrong (with the command's
 * exit code and what it wrote to stderr); the one of a signal, or CODE_INTERRUPT after stop, in silence. Its
 * output is the caller's. process_end is due in any case. */
int process_run(struct process *, const char *command, const char *from, uint32_t wait_ms,
                bool (*stop)(void));
/* For an error, after "from": what the command line has that only a shell would understand, or "". */
const char *process_hint(const char *command);
/* Its first word, as far as it fits. */
void process_name(const char *command, char *room, size_t size);
/* Zeroises and frees. */
void process_end(struct process *);

#endif
