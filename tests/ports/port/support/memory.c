#include "memory.h"

#include <string.h>

enum { CLOSED, CONNECTING, OPEN, FAILED };

static size_t pipe_put(struct memory_pipe *p, const unsigned char *bytes, size_t n)
{
    size_t capacity = p->capacity != 0 ? p->capacity : sizeof p->bytes;
    size_t i;

    for (i = 0; i < n && p->n < capacity; i++)
        p->bytes[(p->from + p->n++) % sizeof p->bytes] = bytes[i];
    return i;
}

static size_t pipe_take(struct memory_pipe *p, unsigned char *bytes, size_t n)
{
    size_t i;

    for (i = 0; i < n && p->n > 0; i++) {
        bytes[i] = p->bytes[p->from];
        p->from = (p->from + 1) % sizeof p->bytes;
        p->n--;
    }
    p->passed += i;
    return i;
}

static void pipe_clear(struct memory_pipe *p)
{
    p->n = 0;
    p->passed = 0;
    p->ended = false;
}

static int fail(struct memory *m, int error)
{
    m->state = FAILED;
    m->error = error;
    m->stream.native = error * 100;
    return error;
}

static int memory_open(struct iam_stream *stream, struct iam_span host, uint16_t port)
{
    struct memory *m = (struct memory *)stream;

    (void)port;
    if (m->state == FAILED)
        return m->error;
    if (m->state == CLOSED) {
        if (host.n == 0)
            return fail(m, IAM_ERR_RESOLVE);
        m->turns = m->open_turns;
        m->state = CONNECTING;
        m->stream.native = 0;
        pipe_clear(&m->there);
        pipe_clear(&m->back);
    }
    if (m->state == CONNECTING) {
        if (m->turns > 0) {
            m->turns--;
            return IAM_AGAIN;
        }
        if (m->open_error != 0)
            return fail(m, m->open_error);
        m->state = OPEN;
        m->system_blocked = false;
        m->stream.connects++;
    }
    return IAM_OK;
}

/* What every call of send and recv begins with; 1: go on. */
static int call(struct memory *m, size_t *n)
{
    if (m->state != OPEN)
        return m->state == FAILED ? m->error : IAM_ERR_STATE;
    m->calls++;
    if (m->fail_call != 0 && m->calls >= m->fail_call)
        return fail(m, m->fail_error);
    if (*n == 0 || (m->stutter && m->calls % 2 == 0)) {
        m->system_blocked = true;
        return 0;
    }
    if (m->most != 0 && *n > m->most)
        *n = m->most;
    return 1;
}

static int memory_send(struct iam_stream *stream, const void *bytes, size_t n)
{
    struct memory *m = (struct memory *)stream;
    int result = call(m, &n);

    if (result <= 0)
        return result;
    result = (int)pipe_put(&m->there, bytes, n);
    m->system_blocked = result == 0;
    return result;
}

static int memory_recv(struct iam_stream *stream, void *bytes, size_t n)
{
    struct memory *m = (struct memory *)stream;
    int result = call(m, &n);

    if (result <= 0)
        return result;
    if (m->cut) {
        if (m->back.passed >= m->cut_at)
            return m->cut_error == IAM_EOF ? IAM_EOF : fail(m, m->cut_error);
        if (n > m->cut_at - m->back.passed)
            n = (size_t)(m->cut_at - m->back.passed);
    }
    result = (int)pipe_take(&m->back, bytes, n);
    if (result > 0 && m->alter != NULL)
        m->alter(m, bytes, (size_t)result);
    if (result == 0 && m->back.ended)
        return IAM_EOF;
    m->system_blocked = result == 0;
    return result;
}

static void memory_close(struct iam_stream *stream)
{
    struct memory *m = (struct memory *)stream;

    m->there.ended = true;
    m->state = CLOSED;
    m->error = 0;
}

static void memory_wait(struct iam_stream *stream, struct iam_wait *w)
{
    const struct memory *m = (const struct memory *)stream;
    bool blocked = m->state == OPEN && m->system_blocked;

    w->events = blocked ? IAM_WAIT_READ | IAM_WAIT_WRITE : 0;
    w->ms = blocked || m->state == CLOSED ? UINT32_MAX : m->state == CONNECTING ? 1 : 0;
}

static const struct iam_stream_ops memory_ops = {memory_open, memory_send, memory_recv,
                                                 memory_close, memory_wait};

void memory_init(struct memory *m)
{
    memset(m, 0, sizeof *m);
    m->stream.ops = &memory_ops;
}

int memory_far_send(void *memory, const void *bytes, size_t n)
{
    struct memory *m = memory;
    return (int)pipe_put(&m->back, bytes, n);
}

int memory_far_recv(void *memory, void *bytes, size_t n)
{
    struct memory *m = memory;
    size_t got = pipe_take(&m->there, bytes, n);
    return got == 0 && m->there.ended ? IAM_EOF : (int)got;
}

void memory_far_close(void *memory)
{
    struct memory *m = memory;
    m->back.ended = true;
}

void memory_far_reset(void *memory)
{
    struct memory *m = memory;
    pipe_clear(&m->back);
    (void)fail(m, IAM_ERR_RESET);
}

void memory_far_forget(void *memory)
{
    struct memory *m = memory;
    m->there.n = m->back.n = 0;
    m->there.ended = m->back.ended = false;
}

static void no_turn(void *memory)
{
    (void)memory;
}

void memory_far_rules(struct memory *m, struct conformance *c)
{
    c->context = m;
    c->turn = no_turn;
    c->send = memory_far_send;
    c->recv = memory_far_recv;
    c->end = memory_far_close;
    c->reset = memory_far_reset;
    c->forget = memory_far_forget;
}
