/* The server as a port sees it: a stream in memory that fails as the plan says. */
#ifndef TINYIAM_STORM_STREAM_H
#define TINYIAM_STORM_STREAM_H

#include "faults.h"

/* A page that nobody has asked for: the last one, as if it were the whole list. */
static inline void speak_first(struct world *w)
{
    struct twist t = {.status = "COMPLETED"};
    struct bytes body = {NULL, 0, 0};
    put_page(w, &body, w->report.pages - 1, &t);
    put_length(w, &body, body.n, "");
    free(body.p);
    w->spoke_first = true;
}

static inline int world_open(struct iam_stream *s, struct iam_span host, uint16_t port)
{
    struct world *w = of_stream(s);
    w->calls++;
    w->wrong += host.n != 17 || port != 443;
    s->native = 0;
    if (w->open)
        return IAM_OK;
    if (!w->connecting) {
        w->connecting = true;
        w->opens++;
        w->ready = w->now + roll(&w->dice, w->rtt + 1);
        int error = w->never_open || due(w, OPEN_REFUSED, w->opens) ? IAM_ERR_CONNECT
                    : due(w, OPEN_RESOLVE, w->opens)                ? IAM_ERR_RESOLVE
                    : due(w, OPEN_TLS, w->opens)                    ? IAM_ERR_TLS
                    : due(w, OPEN_VERIFY, w->opens)                 ? IAM_ERR_TLS_VERIFY
                                                                    : 0;
        if (error != 0) {
            s->native = 111;
            return error;
        }
        if (due(w, OPEN_HANGS, w->opens))
            w->ready = UINT64_MAX;
    }
    if (w->now < w->ready) {
        none_now(w, w->ready);
        return IAM_AGAIN;
    }
    w->open = true;
    w->waits = false;
    w->request.n = w->reply.n = w->taken = 0;
    w->end = 0;
    w->stuck = false;
    w->stall_ms = 0;
    if (due(w, EARLY_REPLY, w->opens))
        speak_first(w);
    return IAM_OK;
}

/* Has the whole request come? */
static inline bool request_whole(const struct world *w)
{
    const char *end = strstr(w->request.p, "\r\n\r\n"),
               *length = strstr(w->request.p, "\r\nContent-Length: ");
    size_t body = end != NULL && length != NULL && length < end ? (size_t)atol(length + 18) : 0;
    return end != NULL && w->request.n >= (size_t)(end + 4 - w->request.p) + body;
}

static inline int world_send(struct iam_stream *s, const void *p, size_t n)
{
    struct world *w = of_stream(s);
    w->calls++;
    w->wrong += !w->open || n == 0;
    w->sends++;
    s->native = 32;
    if (w->taken == w->reply.n && w->end != 0 && w->now >= w->ready && w->reply.n > 0)
        return roll(&w->dice, 2) ? IAM_ERR_RESET : IAM_ERR_IO; /* the peer is gone */
    if (due(w, SEND_RESET, w->sends))
        return IAM_ERR_RESET;
    if (due(w, SEND_EOF, w->sends))
        return IAM_EOF;
    if (due(w, SEND_IO, w->sends))
        return IAM_ERR_IO;
    w->stuck = w->stuck || due(w, SEND_STUCK, w->sends);
    if (w->stuck)
        return none_now(w, UINT64_MAX);
    if (roll(&w->dice, 16) == 0)
        return none_now(w, w->now + 1);
    s->native = 0;
    w->waits = false;
    size_t most = 1 + roll(&w->dice, w->chunk);
    n = n < most ? n : most;
    bytes_put(&w->request, p, n);
    if (request_whole(w)) {
        answer(w);
        w->request.n = 0;
    }
    return (int)n;
}

static inline int world_recv(struct iam_stream *s, void *p, size_t n)
{
    struct world *w = of_stream(s);
    size_t left = w->reply.n - w->taken, most = 1 + roll(&w->dice, w->chunk);
    w->calls++;
    w->wrong += !w->open || n == 0;
    if (w->stall_ms > 0 && w->taken == w->stall_at) {
        w->ready = w->now + w->stall_ms;
        w->stall_ms = 0;
    }
    if (w->now < w->ready)
        return none_now(w, w->ready);
    if (left > 0 && !w->spoke_first && roll(&w->dice, 16) == 0)
        return none_now(w, w->now + 1);
    if (left == 0) {
        if (w->end != 0) {
            s->native = 104;
            return w->end;
        }
        return none_now(w, UINT64_MAX); /* nothing will come but what is asked for */
    }
    w->waits = false;
    if (w->dribble) {
        w->ready = w->now + 25000;
        most = 1;
    }
    n = n < left ? n : left;
    n = n < most ? n : most;
    if (w->stall_ms > 0 && w->taken < w->stall_at && n > w->stall_at - w->taken)
        n = w->stall_at - w->taken;
    memcpy(p, w->reply.p + w->taken, n);
    w->taken += n;
    return (int)n;
}

static inline void world_close(struct iam_stream *s)
{
    struct world *w = of_stream(s);
    w->calls++;
    w->open = w->connecting = w->stuck = false;
    w->request.n = w->reply.n = w->taken = w->ahead.n = 0;
    w->ahead_from = NULL;
    w->spoke_first = false;
    w->end = 0;
    w->ready = 0;
    w->waits = false;
}

#endif
