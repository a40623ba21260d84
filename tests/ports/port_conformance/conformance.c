#include "conformance.h"

#include <string.h>

#define RULE(condition, words) \
    do {                       \
        if (!(condition)) {    \
            return (words);    \
        }                      \
    } while (0)
#define TRY(call)                     \
    do {                              \
        const char *broken_ = (call); \
        if (broken_ != NULL) {        \
            return broken_;           \
        }                             \
    } while (0)

enum { TURNS = 20000, BULK = 200000 };

static unsigned char room[6000];

static int open_now(const struct conformance *c)
{
    return c->stream->ops->open(c->stream, c->host, c->port);
}

static int send_now(const struct conformance *c, const void *p, size_t n)
{
    return c->stream->ops->send(c->stream, p, n);
}

static int recv_now(const struct conformance *c, void *p, size_t n)
{
    return c->stream->ops->recv(c->stream, p, n);
}

static void close_now(const struct conformance *c)
{
    c->stream->ops->close(c->stream);
    c->forget(c->context);
}

static uint32_t now(const struct conformance *c)
{
    return c->system->ops->mono_ms(c->system);
}

/* A turn of everybody; waits a little where nothing moves. */
static void pass_time(const struct conformance *c)
{
    c->turn(c->context);
    c->system->ops->idle(c->system, &c->stream, 1, 1);
}

static int open_fully(const struct conformance *c, struct iam_span host, uint16_t port)
{
    int r = IAM_AGAIN;

    for (int i = 0; i < TURNS && r == IAM_AGAIN; i++) {
        r = c->stream->ops->open(c->stream, host, port);
        pass_time(c);
    }
    for (int i = 0; i < 20; i++)
        c->turn(c->context); /* what the far end of TLS has to do still */
    return r;
}

/* recv until something other than "none now". */
static int recv_next(const struct conformance *c, void *p, size_t n)
{
    int r = 0;

    for (int i = 0; i < TURNS && r == 0; i++) {
        r = recv_now(c, p, n);
        if (r == 0)
            pass_time(c);
    }
    return r;
}

static bool far_send_all(const struct conformance *c, const unsigned char *p, size_t n)
{
    for (int i = 0; i < TURNS && n > 0; i++) {
        int r = c->send(c->context, p, n);
        if (r < 0)
            return false;
        p += r;
        n -= (size_t)r;
        c->turn(c->context);
    }
    return n == 0;
}

static unsigned char pattern(size_t i)
{
    return (unsigned char)(i * 31 + (i >> 8) * 7 + (i >> 16) * 3);
}

static const char *closed_rules(const struct conformance *c)
{
    close_now(c);
    close_now(c);
    RULE(send_now(c, "x", 1) == IAM_ERR_STATE, "send on a closed stream must say IAM_ERR_STATE");
    RULE(recv_now(c, room, 1) == IAM_ERR_STATE, "recv on a closed stream must say IAM_ERR_STATE");
    return NULL;
}

static const char *opening_rules(const struct conformance *c)
{
    int r = open_now(c);

    RULE(r == IAM_AGAIN || r == IAM_OK, "open of a live peer failed at once");
    if (r == IAM_AGAIN) {
        RULE(send_now(c, "x", 1) == IAM_ERR_STATE,
             "send before open is done must say IAM_ERR_STATE");
        RULE(recv_now(c, room, 1) == IAM_ERR_STATE,
             "recv before open is done must say IAM_ERR_STATE");
    }
    close_now(c); /* in the middle of it */
    RULE(open_fully(c, c->host, c->port) == IAM_OK,
         "open must work after a close in the middle of one");
    RULE(open_now(c) == IAM_OK, "open of an open stream must say IAM_OK again");
    RULE(recv_now(c, room, sizeof room) == 0, "recv with nothing there must say 0");
    RULE(recv_now(c, room, 0) == 0, "recv without room must say 0");
    RULE(send_now(c, room, 0) == 0, "send of nothing must say 0");
    close_now(c);
    return NULL;
}

static const char *failing_rules(const struct conformance *c)
{
    if (c->dead_port != 0) {
        RULE(open_fully(c, c->host, c->dead_port) == IAM_ERR_CONNECT,
             "a refusal must be IAM_ERR_CONNECT");
        RULE(c->stream->native != 0, "native must hold the platform's code of a refusal");
        RULE(c->stream->ops->open(c->stream, c->host, c->dead_port) == IAM_ERR_CONNECT &&
                 send_now(c, "x", 1) == IAM_ERR_CONNECT && recv_now(c, room, 1) == IAM_ERR_CONNECT,
             "an error must stay until close");
        close_now(c);
    }
    if (c->no_host.p != NULL) {
        RULE(open_fully(c, c->no_host, c->port) == IAM_ERR_RESOLVE,
             "a name that does not exist must be IAM_ERR_RESOLVE");
        close_now(c);
    }
    RULE(open_fully(c, (struct iam_span){"", 0}, c->port) < 0, "an empty host must be an error");
    close_now(c);
    RULE(open_fully(c, c->host, c->port) == IAM_OK, "open must work after one that failed");
    close_now(c);
    return NULL;
}

/* One direction after the other, with sizes that change; the sender runs ahead until it is stopped. */
static const char *stream_to_far(const struct conformance *c)
{
    size_t sent = 0, got = 0, size = 1;
    unsigned char few[512];

    for (long turns = 0; got < BULK; turns++) {
        RULE(turns < 100L * TURNS, "bytes sent do not arrive");
        size = size * 5 % sizeof room + 1;
        if (sent < BULK) {
            size_t n = size < BULK - sent ? size : BULK - sent;
            for (size_t i = 0; i < n; i++)
                room[i] = pattern(sent + i);
            int r = send_now(c, room, n);
            RULE(r >= 0 && (size_t)r <= n, "send failed, or took more than it was given");
            /* after 0 the same bytes again: no other call of send comes in between */
            for (int i = 0; r == 0 && i < TURNS; i++) {
                int k = c->recv(c->context, few, sizeof few);
                RULE(k >= 0, "the far end lost the connection");
                for (int j = 0; j < k; j++) {
                    RULE(few[j] == pattern(got + (size_t)j),
                         "a byte arrived damaged, lost or twice");
                }
                got += (size_t)k;
                pass_time(c);
                for (; n < sizeof room && n < BULK - sent && i % 2 == 1; n++)
                    room[n] = pattern(sent + n); /* more behind the same bytes */
                RULE(recv_now(c, few, sizeof few) == 0, "recv with nothing there must say 0");
                r = send_now(c, room, n);
                RULE(r >= 0 && (size_t)r <= n, "send failed after it had said 0");
            }
            RULE(r > 0, "send says 0 for ever");
            sent += (size_t)r;
        }
        if (sent == BULK || size % 3 == 0) {
            int r = c->recv(c->context, few, sizeof few);
            RULE(r >= 0, "the far end lost the connection");
            for (int i = 0; i < r; i++)
                RULE(few[i] == pattern(got + (size_t)i), "a byte arrived damaged, lost or twice");
            got += (size_t)r;
            if (r == 0)
                pass_time(c);
        }
    }
    return NULL;
}

static const char *stream_to_near(const struct conformance *c)
{
    static unsigned char out[3000];
    size_t sent = 0, got = 0, size = 1;

    for (long turns = 0; got < BULK; turns++) {
        RULE(turns < 100L * TURNS, "bytes of the far end do not arrive");
        size = size * 7 % sizeof out + 1;
        if (sent < BULK) {
            size_t n = sizeof out < BULK - sent ? sizeof out : BULK - sent;
            for (size_t i = 0; i < n; i++)
                out[i] = pattern(sent + i);
            int r = c->send(c->context, out, n);
            RULE(r >= 0, "the far end lost the connection");
            sent += (size_t)r;
        }
        memset(room, 0xA5, sizeof room);
        int r = recv_now(c, room, size);
        RULE(r >= 0 && (size_t)r <= size, "recv failed, or gave more than there was room for");
        for (int i = 0; i < r; i++)
            RULE(room[i] == pattern(got + (size_t)i), "recv gave a byte damaged, lost or twice");
        for (size_t i = size; i < sizeof room; i++)
            RULE(room[i] == 0xA5, "recv wrote beyond its room");
        got += (size_t)r;
        if (r == 0)
            pass_time(c);
    }
    return NULL;
}

static const char *ending_rules(const struct conformance *c)
{
    size_t got = 0;
    int r = 0;

    RULE(open_fully(c, c->host, c->port) == IAM_OK, "open failed");
    memset(room, 'e', 1000);
    RULE(far_send_all(c, room, 1000), "the far end cannot send");
    c->end(c->context);
    while ((r = recv_next(c, room, 300)) > 0)
        got += (size_t)r;
    RULE(got == 1000, "an orderly end must come after every byte before it");
    RULE(r == IAM_EOF && recv_now(c, room, 1) == IAM_EOF && recv_now(c, room, 1) == IAM_EOF,
         "an orderly end must be IAM_EOF, at every call");
    close_now(c);

    if (c->cut != NULL) {
        RULE(open_fully(c, c->host, c->port) == IAM_OK, "open failed");
        RULE(far_send_all(c, (const unsigned char *)"abc", 3), "the far end cannot send");
        c->cut(c->context);
        for (got = 0; (r = recv_next(c, room, sizeof room)) > 0;)
            got += (size_t)r;
        RULE(got == 3 && r == c->cut_result && recv_now(c, room, 1) == r,
             "an end without a farewell must be told as such, after the bytes before it");
        close_now(c);
    }
    if (c->reset != NULL) {
        RULE(open_fully(c, c->host, c->port) == IAM_OK, "open failed");
        c->reset(c->context);
        r = recv_next(c, room, sizeof room);
        RULE(r == IAM_ERR_RESET && recv_now(c, room, 1) == r && send_now(c, "x", 1) == r,
             "a reset must be IAM_ERR_RESET, at every call");
        RULE(c->stream->native != 0, "native must hold the platform's code of a reset");
        close_now(c);
    }
    return closed_rules(c);
}

/* What wait() tells, whatever the system does with it. */
static struct iam_wait asked(const struct conformance *c)
{
    struct iam_wait w = {NULL, -1, 0, 0, 0};

    iam_stream_wait(c->stream, &w);
    return w;
}

static const char *telling_rules(const struct conformance *c)
{
    int r = 0;

    if (c->stream->ops->wait == NULL)
        return NULL;
    RULE(open_fully(c, c->host, c->port) == IAM_OK, "open failed");
    RULE(recv_now(c, room, 1) == 0, "recv with nothing there must say 0");
    RULE(asked(c).lowest != NULL, "wait must tell the lowest stream");
    RULE(asked(c).ms != 0, "wait must say ms > 0 after \"none now\"");
    RULE(far_send_all(c, (const unsigned char *)"xyz", 3), "the far end cannot send");
    for (int i = 0; i < TURNS && r == 0; i++) {
        r = recv_now(c, room, 1);
        pass_time(c);
    }
    RULE(r == 1 && asked(c).ms == 0, "wait must say ms 0 while more may be there, inside TLS too");
    while (recv_now(c, room, 1) > 0) {
    }
    RULE(asked(c).ms != 0, "wait must say ms > 0 after \"none now\"");
    close_now(c);
    RULE(asked(c).ms != 0 && asked(c).events == 0, "a closed stream waits for nothing");
    return NULL;
}

/* How long idle took that may take so long. */
static uint32_t idled(const struct conformance *c, uint32_t ms)
{
    uint32_t from = now(c);

    c->system->ops->idle(c->system, &c->stream, 1, ms);
    return now(c) - from;
}

/* Half of it is a bound that only a hang meets, however busy the machine is. */
#define LONG_MS 60000u
#define WOKEN "idle must end when the bytes come that recv waits for"

/* idle ends early for bytes that somebody waits for, again and again, and not for those of others. */
static const char *waiting_rules(const struct conformance *c)
{
    uint32_t from, least = UINT32_MAX;
    int r = 0;

    if (!c->system_waits)
        return NULL;
    RULE(open_fully(c, c->host, c->port) == IAM_OK, "open failed");
    RULE(recv_now(c, room, 1) == 0, "recv with nothing there must say 0");
    RULE(idled(c, 40) >= 30, "idle must wait while there is nothing to do");
    RULE(far_send_all(c, (const unsigned char *)"x", 1), "the far end cannot send");
    for (int i = 0; i < 5; i++) /* nobody reads: level-triggered, it is told each time */
        RULE(idled(c, LONG_MS) < LONG_MS / 2, WOKEN);
    for (int i = 0; i < 5 && r == 0; i++) { /* TLS may need a record or two before */
        r = recv_now(c, room, 1);
        RULE(r != 0 || idled(c, LONG_MS) < LONG_MS / 2, WOKEN);
    }
    RULE(r == 1, WOKEN);
    while (recv_now(c, room, 1) > 0) {
    }
    c->end(c->context);
    c->turn(c->context);
    from = now(c);
    c->system->ops->idle(c->system, NULL, 0, 40);
    c->system->ops->idle(c->system, NULL, 0, 40);
    RULE(now(c) - from >= 60, "idle must sleep without a stream, though a peer has hung up");
    for (int i = 0; i < 100; i++) {
        uint32_t ms = idled(c, 0);
        /* on a busy machine some take longer, the quickest does not */
        least = ms < least ? ms : least;
    }
    RULE(least < 20, "idle(0) must not block");
    close_now(c);
    RULE(idled(c, 40) >= 30, "idle must sleep on a closed stream");
    return NULL;
}

const char *conformance_stream(const struct conformance *c)
{
    uint32_t connects = c->stream->connects;

    TRY(closed_rules(c));
    TRY(opening_rules(c));
    TRY(failing_rules(c));
    RULE(open_fully(c, c->host, c->port) == IAM_OK, "open failed");
    TRY(stream_to_far(c));
    TRY(stream_to_near(c));
    close_now(c);
    TRY(ending_rules(c));
    TRY(telling_rules(c));
    TRY(waiting_rules(c));
    RULE(c->stream->connects == 0 || c->stream->connects - connects >= 4,
         "connects must be counted or stay 0");
    return NULL;
}

const char *conformance_system(struct iam_system *s)
{
    unsigned char a[32] = {0}, b[32] = {0}, zero[32] = {0};
    uint32_t last = s->ops->mono_ms(s), from = last;
    int64_t unix_ms = s->ops->unix_ms(s);

    for (int i = 0; i < 1000; i++) {
        uint32_t next = s->ops->mono_ms(s);
        RULE(next - last < 0x80000000u, "mono_ms must not run backwards");
        last = next;
    }
    s->ops->idle(s, NULL, 0, 20);
    RULE(s->ops->mono_ms(s) - from >= 15, "idle must wait, or mono_ms does not count milliseconds");
    RULE(unix_ms < 0 || unix_ms > INT64_C(1000000000000),
         "unix_ms must be negative while it is not set");
    RULE(s->ops->entropy(s, a, sizeof a) == IAM_OK && s->ops->entropy(s, b, sizeof b) == IAM_OK,
         "entropy failed");
    RULE(memcmp(a, b, sizeof a) != 0 && memcmp(a, zero, sizeof a) != 0 &&
             memcmp(b, zero, sizeof b) != 0,
         "entropy must differ from call to call");
    RULE(s->ops->entropy(s, a, 0) == IAM_OK, "entropy of no bytes must succeed");
    return NULL;
}
