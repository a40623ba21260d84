/* A system over the functions of yours.h. */
#include "port_template.h"
#include "yours.h"

#include <string.h>

static uint32_t template_mono_ms(struct iam_system *system)
{
    return yours_ms(((struct iam_template_system *)system)->board);
}

static int64_t template_unix_ms(struct iam_system *system)
{
    return yours_unix_ms(((struct iam_template_system *)system)->board);
}

static int template_entropy(struct iam_system *system, void *out, size_t n)
{
    void *board = ((struct iam_template_system *)system)->board;

    return n == 0 || yours_random(board, out, n) ? IAM_OK : IAM_ERR_CRYPTO;
}

static void template_idle(struct iam_system *system, struct iam_stream *const *streams, size_t n,
                          uint32_t ms)
{
    void *networks[IAM_IDLE_STREAMS];
    size_t waiting = 0;

    for (size_t i = 0; i < n; i++) {
        struct iam_wait w = {.descriptor = -1};

        iam_stream_wait(streams[i], &w);
        ms = w.ms < ms ? w.ms : ms;
        if (w.events != 0 && waiting < IAM_IDLE_STREAMS)
            networks[waiting++] = ((struct iam_template *)w.lowest)->network;
    }
    if (ms != 0)
        yours_wait(((struct iam_template_system *)system)->board, networks, waiting, ms);
}

static const struct iam_system_ops template_ops = {template_mono_ms, template_unix_ms,
                                                   template_entropy, template_idle};

void iam_template_system_init(struct iam_template_system *s, void *board)
{
    memset(s, 0, sizeof *s);
    s->system.ops = &template_ops;
    s->board = board;
}
