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

static void template_idle(struct iam_system *system, uint32_t ms)
{
    const struct iam_template_system *s = (struct iam_template_system *)system;

    if (ms != 0) {
        yours_wait(s->board, s->stream != NULL && s->stream->waits, ms);
    }
}

static const struct iam_system_ops template_ops = {template_mono_ms, template_unix_ms,
                                                   template_entropy, template_idle};

void iam_template_system_init(struct iam_template_system *s, const struct iam_template *stream,
                              void *board)
{
    memset(s, 0, sizeof *s);
    s->system.ops = &template_ops;
    s->stream = stream;
    s->board = board;
}
