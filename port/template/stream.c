/* A stream over the functions of yours.h: its states, and the rules of port.h about errors and ends. */
#include "port_template.h"
#include "yours.h"

#include <limits.h>
#include <string.h>

/* CLOSED -> CONNECTING -> OPEN -> ENDED; any -> FAILED; close: any -> CLOSED */
enum { CLOSED, CONNECTING, OPEN, ENDED, FAILED };

static int fail(struct iam_template *t, enum yours_said said, int native)
{
    static const int errors[] = {
        [YOURS_END] = IAM_ERR_CONNECT,          [YOURS_RESET] = IAM_ERR_RESET,
        [YOURS_REFUSED] = IAM_ERR_CONNECT,      [YOURS_UNKNOWN] = IAM_ERR_RESOLVE,
        [YOURS_CUT] = IAM_ERR_TRUNCATED,        [YOURS_TLS] = IAM_ERR_TLS,
        [YOURS_UNTRUSTED] = IAM_ERR_TLS_VERIFY, [YOURS_BROKEN] = IAM_ERR_IO};

    t->error = errors[said];
    t->stream.native = native;
    t->state = FAILED;
    t->waits = false;
    return t->error;
}

static int template_open(struct iam_stream *stream, struct iam_span host, uint16_t port)
{
    struct iam_template *t = (struct iam_template *)stream;
    enum yours_said said = YOURS_OK;
    int native = 0;

    if (t->state == FAILED)
        return t->error;
    if (t->state == CLOSED && host.n == 0)
        return fail(t, YOURS_UNKNOWN, 0);
    if (t->state == CLOSED) {
        t->stream.native = 0;
        t->state = CONNECTING;
        said = yours_connect(t->network, host, port, &native);
    } else if (t->state == CONNECTING) {
        said = yours_connecting(t->network, &native);
    }
    if (said == YOURS_WAIT) {
        t->waits = true;
        return IAM_AGAIN;
    }
    if (said != YOURS_OK) {
        yours_drop(t->network);
        return fail(t, said, native);
    }
    if (t->state == CONNECTING) {
        t->state = OPEN;
        t->waits = false;
        t->stream.connects++;
    }
    return IAM_OK;
}

/* What every call of send and recv begins with; 1: go on. */
static int ready(struct iam_template *t, size_t *n)
{
    if (t->state == FAILED)
        return t->error;
    if (t->state != OPEN && t->state != ENDED)
        return IAM_ERR_STATE;
    *n = *n > INT_MAX ? INT_MAX : *n; /* the result is an int */
    return 1;
}

static int answer(struct iam_template *t, enum yours_said said, size_t n, int native)
{
    t->waits = said == YOURS_WAIT;
    if (said == YOURS_WAIT)
        return 0;
    if (said == YOURS_OK)
        return (int)n;
    if (said == YOURS_END) {
        t->state = ENDED;
        return IAM_EOF;
    }
    yours_drop(t->network);
    return fail(t, said, native);
}

static int template_send(struct iam_stream *stream, const void *bytes, size_t n)
{
    struct iam_template *t = (struct iam_template *)stream;
    int native = 0;
    int result = ready(t, &n);
    enum yours_said said;

    if (result <= 0 || n == 0)
        return result <= 0 ? result : 0;
    said = yours_send(t->network, bytes, &n, &native);
    return answer(t, said == YOURS_END ? YOURS_RESET : said, n, native);
}

static int template_recv(struct iam_stream *stream, void *room, size_t n)
{
    struct iam_template *t = (struct iam_template *)stream;
    int native = 0;
    int result = ready(t, &n);
    enum yours_said said;

    if (result <= 0)
        return result;
    if (t->state == ENDED)
        return IAM_EOF;
    if (n == 0) { /* nothing is read, but somebody waits for bytes */
        t->waits = true;
        return 0;
    }
    said = yours_recv(t->network, room, &n, &native);
    return answer(t, said, n, native);
}

static void template_close(struct iam_stream *stream)
{
    struct iam_template *t = (struct iam_template *)stream;

    if (t->state != CLOSED && t->state != FAILED)
        yours_drop(t->network);
    t->state = CLOSED;
    t->error = 0;
    t->waits = false;
}

/* Which stream waits is all that is told; what stirs it, yours_wait() finds out. */
static void template_wait(struct iam_stream *stream, struct iam_wait *w)
{
    const struct iam_template *t = (struct iam_template *)stream;

    w->events = t->waits ? IAM_WAIT_READ | IAM_WAIT_WRITE : 0;
    w->ms = t->waits || t->state == CLOSED ? UINT32_MAX : 0;
}

static const struct iam_stream_ops template_ops = {template_open, template_send, template_recv,
                                                   template_close, template_wait};

void iam_template_init(struct iam_template *t, void *network)
{
    memset(t, 0, sizeof *t);
    t->stream.ops = &template_ops;
    t->network = network;
}
