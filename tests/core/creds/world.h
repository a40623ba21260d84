/* Providers, and a client, under the real loop (port/drive.c) against a made-up world: a clock that moves
 * when somebody sleeps, streams whose peer is a function, buffers against unmapped pages.
 *
 *     struct world w;
 *     world_init(&w, serve);           serve() is called with each whole request
 *     world_creds(&w, 0, &from);       provider 0: buffers, stream and seed come from the world
 *     world_run(&w, 0);                iam_creds_run() to its end
 *     world_end(&w);
 *
 * The request is s->in, s->host and s->port; the answer is made by world_answer() and its like. */
#ifndef TINYIAM_TESTS_WORLD_H
#define TINYIAM_TESTS_WORLD_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tinyiam/parts/datetime.h>
#include <tinyiam/tinyiam.h>

#include "../unit/guard.h"
#include "../unit/header.h"

#define WORLD_NOW INT64_C(1540410451000) /* 2018-10-24T19:47:31Z */
#define WORLD_ID "ASIA0123456789ABCDEF"
#define WORLD_SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define WORLD_TOKEN "FwoGZXIvYXdzEXAMPLETOKEN+/=="
#define WORLD_UNTIL "2018-10-24T20:47:31Z" /* in an hour */

enum { WORLD_PROVIDERS = 4, WORLD_IN = 65536, WORLD_OUT = 131072 };

struct world;
struct world_stream {
    struct iam_stream stream; /* first */
    struct world *world;
    unsigned number; /* of the provider; WORLD_PROVIDERS: the client's */
    char host[256], *in, *out;
    uint16_t port;
    size_t in_n, out_n, out_at;
    int after; /* when the answer has been taken: 0 nothing, else end or error */
    bool open, answered;
};
struct world {
    struct iam_system system; /* first */
    void (*serve)(struct world_stream *);
    int (*connect)(struct world_stream *); /* NULL: at once */
    uint32_t mono;
    int64_t unix_ms; /* negative: unset, and stays so */
    uint64_t slept, limit;
    size_t chunk, send_chunk;
    size_t split;         /* of an answer: no receive goes across it */
    unsigned io, fail_at; /* calls of open, send, recv; the one that fails, 0: none */
    int fail_with;
    size_t tx_size, rx_size, keys_size; /* of the providers made from now on */
    bool no_date;
    int64_t server_ahead_ms;
    unsigned requests, connects, open_now, open_most;
    uint32_t seed;
    void *context;
    struct world_stream streams[WORLD_PROVIDERS + 1];
    struct guard memory[WORLD_PROVIDERS], tx[WORLD_PROVIDERS], rx[WORLD_PROVIDERS],
        keys[WORLD_PROVIDERS];
    struct iam_creds *creds[WORLD_PROVIDERS];
};

/* ---- system ---- */

static inline uint32_t world_mono(struct iam_system *s)
{
    return ((struct world *)s)->mono;
}

static inline int64_t world_unix(struct iam_system *s)
{
    return ((struct world *)s)->unix_ms;
}

static inline int world_entropy(struct iam_system *s, void *p, size_t n)
{
    struct world *w = (struct world *)s;
    for (size_t i = 0; i < n; i++) {
        w->seed = w->seed * 1664525u + 1013904223u;
        ((unsigned char *)p)[i] = (unsigned char)(w->seed >> 24);
    }
    return IAM_OK;
}

static inline void world_sleep(struct world *w, uint64_t ms)
{
    w->mono += (uint32_t)ms;
    w->slept += ms;
    if (w->unix_ms >= 0)
        w->unix_ms += (int64_t)ms;
}

static inline void world_idle(struct iam_system *s, struct iam_stream *const *streams, size_t n,
                              uint32_t ms)
{
    (void)streams, (void)n;
    struct world *w = (struct world *)s;
    world_sleep(w, ms > 0 ? ms : 1);
    if (w->slept > w->limit) {
        fprintf(stderr, "it hangs\n");
        abort();
    }
}

/* ---- streams ---- */

static inline bool world_fails(struct world *w)
{
    return ++w->io == w->fail_at;
}

static inline void world_put(struct world_stream *s, const char *p, size_t n)
{
    if (n > WORLD_OUT - s->out_n)
        abort();
    memcpy(s->out + s->out_n, p, n);
    s->out_n += n;
    s->answered = true;
}

static inline void world_printf(struct world_stream *s, const char *format, ...)
{
    size_t room = WORLD_OUT - s->out_n;
    va_list a;
    va_start(a, format);
    int n = vsnprintf(s->out + s->out_n, room, format, a);
    va_end(a);
    if (n < 0 || (size_t)n >= room)
        abort();
    s->out_n += (size_t)n;
    s->answered = true;
}

/* "Date: ..." of the server's clock, or nothing. */
static inline const char *world_date(const struct world *w)
{
    static char line[64];
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t now = WORLD_NOW + (int64_t)w->slept + w->server_ahead_ms;
    char basic[17];
    iam_time_basic(now / 1000, basic);
    snprintf(line, sizeof line, "Date: %s, %.2s %s %.4s %.2s:%.2s:%.2s GMT\r\n",
             days[now / 86400000 % 7], basic + 6, months[atoi((char[]){basic[4], basic[5], 0}) - 1],
             basic, basic + 9, basic + 11, basic + 13);
    return w->no_date ? "" : line;
}

static inline void world_answer(struct world_stream *s, const char *status, const char *body)
{
    world_printf(s, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n%s", status, strlen(body),
                 world_date(s->world), body);
}

static inline bool world_whole(const struct world_stream *s)
{
    const char *end = strstr(s->in, "\r\n\r\n"), *length = strstr(s->in, "\r\nContent-Length: ");
    if (end == NULL)
        return false;
    size_t body = length != NULL && length < end ? (size_t)atol(length + 18) : 0;
    return s->in_n == (size_t)(end + 4 - s->in) + body;
}

static inline int world_open(struct iam_stream *stream, struct iam_span host, uint16_t port)
{
    struct world_stream *s = (struct world_stream *)stream;
    struct world *w = s->world;
    snprintf(s->host, sizeof s->host, "%.*s", (int)host.n, host.p);
    s->port = port;
    if (world_fails(w))
        return w->fail_with;
    if (w->connect != NULL) {
        int r = w->connect(s);
        if (r != IAM_OK)
            return r;
    }
    s->in[0] = 0;
    s->open = true;
    s->in_n = s->out_n = s->out_at = 0;
    s->answered = false;
    w->connects++;
    w->open_now++;
    if (w->open_now > w->open_most)
        w->open_most = w->open_now;
    return IAM_OK;
}

static inline int world_send(struct iam_stream *stream, const void *p, size_t n)
{
    struct world_stream *s = (struct world_stream *)stream;
    if (!s->open)
        return IAM_ERR_RESET;
    if (world_fails(s->world))
        return s->world->fail_with;
    n = n < s->world->send_chunk ? n : s->world->send_chunk;
    if (s->answered) { /* the next request */
        s->in_n = s->out_n = s->out_at = 0;
        s->answered = false;
        s->after = 0;
    }
    if (s->in_n + n >= WORLD_IN)
        abort();
    memcpy(s->in + s->in_n, p, n);
    s->in_n += n;
    s->in[s->in_n] = 0;
    if (world_whole(s)) {
        s->world->requests++;
        s->world->serve(s);
    }
    return (int)n;
}

static inline int world_recv(struct iam_stream *stream, void *p, size_t n)
{
    struct world_stream *s = (struct world_stream *)stream;
    size_t left = s->out_n - s->out_at;
    if (!s->open)
        return IAM_ERR_RESET;
    if (world_fails(s->world))
        return s->world->fail_with;
    if (left == 0)
        return s->answered ? s->after : 0;
    n = n < left ? n : left;
    if (s->world->split > s->out_at && n > s->world->split - s->out_at)
        n = s->world->split - s->out_at;
    n = n < s->world->chunk ? n : s->world->chunk;
    memcpy(p, s->out + s->out_at, n);
    s->out_at += n;
    return (int)n;
}

static inline void world_close(struct iam_stream *stream)
{
    struct world_stream *s = (struct world_stream *)stream;
    s->world->open_now -= s->open;
    s->open = false;
}

/* ---- life ---- */

static inline void world_init(struct world *w, void (*serve)(struct world_stream *))
{
    static const struct iam_system_ops system = {world_mono, world_unix, world_entropy, world_idle};
    static const struct iam_stream_ops stream = {world_open, world_send, world_recv, world_close,
                                                 NULL};
    static char memory[WORLD_PROVIDERS + 1][WORLD_IN + WORLD_OUT]; /* one world at a time */
    memset(w, 0, sizeof *w);
    w->system.ops = &system;
    w->serve = serve;
    w->mono = 1000;
    w->unix_ms = WORLD_NOW;
    w->limit = 30 * UINT64_C(86400000);
    w->chunk = w->send_chunk = SIZE_MAX;
    w->tx_size = 512;
    w->rx_size = 512;
    w->keys_size = 2048;
    w->seed = 7;
    for (unsigned i = 0; i <= WORLD_PROVIDERS; i++) {
        struct world_stream *s = &w->streams[i];
        s->stream.ops = &stream;
        s->world = w;
        s->number = i;
        s->in = memory[i];
        s->out = memory[i] + WORLD_IN;
    }
}

/* iam_creds_init() with everything that the caller left out. */
static inline int world_creds(struct world *w, unsigned i, const struct iam_creds_config *from)
{
    struct iam_creds_config c = *from;
    w->memory[i] = guard_alloc(sizeof(struct iam_creds));
    w->tx[i] = guard_alloc(w->tx_size);
    w->rx[i] = guard_alloc(w->rx_size);
    w->keys[i] = guard_alloc(w->keys_size);
    w->creds[i] = (struct iam_creds *)(void *)w->memory[i].p;
    c.tx = w->tx[i].p;
    c.tx_size = w->tx_size;
    c.rx = w->rx[i].p;
    c.rx_size = w->rx_size;
    c.keys = w->keys[i].p;
    c.keys_size = w->keys_size;
    c.stream = &w->streams[i].stream;
    return iam_creds_init(w->creds[i], &c, w->seed++);
}

static inline int world_run(struct world *w, unsigned i)
{
    return iam_creds_run(w->creds[i], &w->system, UINT32_MAX);
}

static inline void world_end(struct world *w)
{
    for (unsigned i = 0; i < WORLD_PROVIDERS; i++) {
        if (w->creds[i] == NULL)
            continue;
        iam_creds_end(w->creds[i]);
        if (!guard_intact(&w->memory[i]) || !guard_intact(&w->tx[i]) || !guard_intact(&w->rx[i]) ||
            !guard_intact(&w->keys[i])) {
            fprintf(stderr, "written in front of a buffer\n");
            abort();
        }
        guard_free(&w->memory[i]);
        guard_free(&w->tx[i]);
        guard_free(&w->rx[i]);
        guard_free(&w->keys[i]);
    }
}

/* ---- answers ---- */

/* Keys number n of a source, as the documents have them. */
static inline const char *world_document(const char *format, const char *until)
{
    static char text[4096];
    snprintf(text, sizeof text, format, WORLD_ID, WORLD_SECRET, WORLD_TOKEN, until);
    return text;
}

#define WORLD_IOT                                                          \
    "{\"credentials\":{\"accessKeyId\":\"%s\",\"secretAccessKey\":\"%s\"," \
    "\"sessionToken\":\"%s\",\"expiration\":\"%s\"}}"
#define WORLD_CONTAINER                                                         \
    "{\"RoleArn\":\"arn:aws:iam::123456789012:role/r\",\"AccessKeyId\":\"%s\"," \
    "\"SecretAccessKey\":\"%s\",\"Token\":\"%s\",\"Expiration\":\"%s\"}"
#define WORLD_IMDS                                                                  \
    "{\n  \"Code\" : \"Success\",\n  \"LastUpdated\" : \"2018-10-24T19:00:00Z\",\n" \
    "  \"Type\" : \"AWS-HMAC\",\n  \"AccessKeyId\" : \"%s\",\n"                     \
    "  \"SecretAccessKey\" : \"%s\",\n  \"Token\" : \"%s\",\n  \"Expiration\" : \"%s\"\n}"
#define WORLD_SSO                                                                            \
    "{\"roleCredentials\":{\"accessKeyId\":\"%s\",\"secretAccessKey\":\"%s\",\"more\":null," \
    "\"sessionToken\":\"%s\",\"expiration\":%s}}"
#define WORLD_STS(action)                                                                    \
    "<" action "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" action       \
    "Result><AssumedRoleUser><AssumedRoleId>AROA:s</AssumedRoleId><Arn>arn:aws:sts::1:a/r/s" \
    "</Arn></AssumedRoleUser><Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>%s"  \
    "</SecretAccessKey><SessionToken>%s</SessionToken><Expiration>%s</Expiration>"           \
    "</Credentials></" action "Result><ResponseMetadata><RequestId>r-1</RequestId>"          \
    "</ResponseMetadata></" action "Response>"

/* Bytes of config.keys behind the keys in use that a fault's words take: they lie one behind the other. */
static inline size_t world_words(const struct iam_creds *p)
{
    const struct iam_fault *f = &p->exchange.fault;
    const struct iam_span *const words[] = {&f->code, &f->message, &f->what};
    const char *keys = p->room;
    size_t n = 0, last = p->used;
    for (size_t i = 0; i < 3; i++) {
        const struct iam_span *w = words[i];
        if (w->n > 0 && (uintptr_t)w->p - (uintptr_t)keys < p->room_size) {
            size_t end = (size_t)(w->p - keys) + w->n;
            last = end > last ? end : last;
            n += w->n;
        }
    }
    if (last != p->used + n)
        abort();
    return n;
}

static inline bool world_asked(const struct world_stream *s, const char *beginning)
{
    return strncmp(s->in, beginning, strlen(beginning)) == 0;
}

/* Value of a header of the request; "" if it is absent. */
static inline const char *world_header(const struct world_stream *s, const char *name)
{
    return header_of(s->in, name);
}

/* Who is given the first provider's keys: a client, over a stream of the world's. */
struct world_app {
    struct iam_client client;
    char tx[512], rx[512], item[1024];
};

static inline int world_app(struct world *w, struct world_app *a, unsigned stream)
{
    struct iam_config c = {0};
    memset(a, 0, sizeof *a);
    c.tx = a->tx;
    c.tx_size = sizeof a->tx;
    c.rx = a->rx;
    c.rx_size = sizeof a->rx;
    c.item = a->item;
    c.item_size = sizeof a->item;
    c.stream = &w->streams[stream].stream;
    c.system = &w->system;
    c.provider = w->creds[0];
    c.max_attempts = 1;
    return iam_client_init(&a->client, &c);
}

#endif
