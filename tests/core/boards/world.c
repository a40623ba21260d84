#include "world.h"

#include <string.h>

static struct world *of_stream(struct iam_stream *s)
{
    return (struct world *)(void *)((char *)s - offsetof(struct world, stream));
}

static struct world *of_system(struct iam_system *s)
{
    return (struct world *)(void *)((char *)s - offsetof(struct world, system));
}

static const struct world_reply *reply_of(const struct world *w)
{
    return w->requests > 0 && w->requests <= w->reply_count ? &w->replies[w->requests - 1] : NULL;
}

static size_t body_size(const struct world_reply *r)
{
    return r->n != 0 || r->body == NULL ? r->n : strlen(r->body);
}

/* The head of the reply, where it has none of its own. */
static void make_head(struct world *w)
{
    static const char front[] =
        "HTTP/1.1 200 OK\r\nDate: Wed, 24 Oct 2018 19:48:00 GMT\r\nContent-Length: ";
    const struct world_reply *r = reply_of(w);
    char digits[10];
    size_t at = sizeof digits, n = r == NULL ? 0 : body_size(r);
    w->head_n = 0;
    if (r == NULL || r->head != NULL)
        return;
    do
        digits[--at] = (char)('0' + n % 10);
    while ((n /= 10) != 0);
    memcpy(w->head, front, sizeof front - 1);
    memcpy(w->head + sizeof front - 1, digits + at, sizeof digits - at);
    w->head_n = sizeof front - 1 + sizeof digits - at;
    memcpy(w->head + w->head_n, "\r\n\r\n", 4);
    w->head_n += 4;
}

static int world_open(struct iam_stream *s, struct iam_span host, uint16_t port)
{
    (void)host;
    (void)port;
    of_stream(s)->state = WORLD_OPEN;
    return IAM_OK;
}

static int world_send(struct iam_stream *s, const void *from, size_t n)
{
    struct world *w = of_stream(s);
    if (w->state == WORLD_OPEN || w->state == WORLD_ANSWERS) {
        w->requests++;
        w->at = 0;
        make_head(w);
    }
    w->state = WORLD_TAKES;
    if (w->request != NULL)
        w->request(from, n);
    return (int)n;
}

static int world_recv(struct iam_stream *s, void *to, size_t n)
{
    struct world *w = of_stream(s);
    const struct world_reply *r = reply_of(w);
    if (w->state == WORLD_OPEN)
        return 0;
    /* Between two pieces of a request it may be looked for a reply: the second look in a row is after the last. */
    if (w->state == WORLD_TAKES) {
        w->state = WORLD_WAITS;
        return 0;
    }
    if (w->state == WORLD_WAITS && w->request != NULL)
        w->request(NULL, 0);
    w->state = WORLD_ANSWERS;
    if (r == NULL)
        return IAM_ERR_RESET;
    const char *head = r->head != NULL ? r->head : w->head;
    size_t head_n = r->head != NULL ? strlen(r->head) : w->head_n;
    size_t left = head_n + body_size(r) - w->at;
    if (r->cut != 0 && w->at >= r->cut)
        return IAM_ERR_RESET;
    if (left == 0)
        return 0;
    const char *from = w->at < head_n ? head + w->at : r->body + (w->at - head_n);
    size_t most = w->at < head_n ? head_n - w->at : left;
    n = n < most ? n : most;
    n = n < w->piece ? n : w->piece;
    n = r->cut == 0 || n < r->cut - w->at ? n : r->cut - w->at;
    memcpy(to, from, n);
    size_t damaged = head_n + w->damage - 1 - w->at;
    if (w->damage != 0 && damaged < n)
        ((char *)to)[damaged] ^= 4;
    w->at += n;
    return (int)n;
}

static void world_close(struct iam_stream *s)
{
    of_stream(s)->state = WORLD_OPEN;
}

static uint32_t world_mono(struct iam_system *s)
{
    return of_system(s)->mono;
}

static int64_t world_unix(struct iam_system *s)
{
    return of_system(s)->unix_ms;
}

/* The same on every machine, so that pauses are: a board has its TRNG here. */
static int world_entropy(struct iam_system *s, void *to, size_t n)
{
    (void)s;
    memset(to, 0x5A, n);
    return IAM_OK;
}

static void world_idle(struct iam_system *s, struct iam_stream *const *streams, size_t n,
                       uint32_t ms)
{
    for (size_t i = 0; i < n; i++) {
        struct iam_wait wait = {.seen = 0};
        iam_stream_wait(streams[i], &wait);
        ms = wait.ms < ms ? wait.ms : ms;
    }
    of_system(s)->mono += ms;
    of_system(s)->unix_ms += ms;
}

void world_begin(struct world *w, const struct world_reply *replies, size_t count)
{
    static const struct iam_stream_ops stream = {world_open, world_send, world_recv, world_close,
                                                 NULL};
    static const struct iam_system_ops system = {world_mono, world_unix, world_entropy, world_idle};
    memset(&w->stream, 0, sizeof w->stream);
    w->stream.ops = &stream;
    w->system.ops = &system;
    w->replies = replies;
    w->reply_count = count;
    w->requests = w->at = w->damage = 0;
    w->state = WORLD_OPEN;
}
