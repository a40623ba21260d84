/* The engine on a bench: a scripted server, a virtual clock, and every buffer against an unmapped page.
 *
 *     struct rig r;
 *     rig_init(&r);                    then change what differs: r.cfg, r.serve, r.chunk, ...
 *     rig_begin(&r);                   iam_call_init()
 *     iam_call_entities(r.call, &r.request);
 *     result = rig_run(&r);            to the end; or rig_next(&r) until the next item
 *     rig_end(&r);
 *
 * serve() is called when a whole request has come: it looks at r->in and answers by rig_answer(). Names of
 * entities count up: n0, n1, ...; rig_run() checks that they come in order. */
#ifndef TINYIAM_TESTS_RIG_H
#define TINYIAM_TESTS_RIG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <tinyiam/call.h>

#include "flow/flow.h"
#include "guard.h"
#include "header.h"

#define RIG_JOB "examplef-1305-c245-eba4-71fe298bcda7"
#define RIG_NOW INT64_C(1540410451000) /* 2018-10-24T19:47:31Z */
#define RIG_DATE "Date: Wed, 24 Oct 2018 19:47:31 GMT\r\n"
#define RIG_KEY "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define RIG_TOKEN "FwoGZXIvYXdzEXAMPLETOKEN=="

enum { RIG_IN = 65536, RIG_OUT = 262144 };

struct rig {
    /* set before rig_begin() */
    struct iam_config cfg; /* buffers are the rig's own; their sizes count */
    struct iam_credentials credentials;
    struct iam_entities_request request;
    uint32_t seed, mono;
    int64_t unix_ms;              /* negative: unset, and stays so */
    void (*serve)(struct rig *);  /* a whole request is in r->in */
    int (*connect)(struct rig *); /* NULL: at once; IAM_AGAIN: not yet; < 0: the error */
    void (*greet)(struct rig *);  /* the connection is there: bytes before any request */
    void (*sent)(struct rig *);   /* after each piece sent, before serve() */
    void (*refill)(struct rig *); /* the reply has been taken: put more of it */
    size_t chunk, send_chunk;     /* bytes moved at once, at most */
    uint32_t poll_ms;             /* between two looks at a connection that is being made */
    void *context;

    /* what serve() may set beside the reply */
    int after;       /* when the reply has been taken: 0 nothing, else end or error */
    uint32_t delay;  /* milliseconds before the reply */
    size_t stall_at; /* byte of the reply before which stall_ms pass */
    uint32_t stall_ms;

    /* to look at */
    struct iam_call *call;
    struct guard memory, tx, rx, item;
    char *in, *out; /* the request under way; the reply */
    char *body;     /* RIG_OUT / 2 bytes in which serve() may make a body */
    size_t in_n, out_n, out_at;
    unsigned requests, connects, number; /* complete requests; number: of entities handed out */
    bool open, told;                     /* told: the reply has been prepared */
    bool connecting;         /* connect() has said IAM_AGAIN, and nobody has closed since */
    uint64_t elapsed, ready; /* milliseconds since the beginning */
    uint64_t paused;         /* spent in pauses since serve() or connect() last spoke */
    uint64_t limit;          /* of elapsed: beyond it the engine hangs */
    long turns;
    bool hung, wrong; /* wrong: a name out of order */
};

static inline void rig_init(struct rig *r)
{
    memset(r, 0, sizeof *r);
    r->cfg.tx_size = 1024;
    r->cfg.rx_size = 1460;
    r->cfg.item_size = 1024;
    r->credentials.access_key_id = iam_span_of("AKIDEXAMPLE");
    r->credentials.secret_access_key = iam_span_of(RIG_KEY);
    r->credentials.session_token = iam_span_of(RIG_TOKEN);
    r->request.job_id = iam_span_of(RIG_JOB);
    r->request.service_namespace = iam_span_of("iam");
    r->seed = 12345;
    r->mono = 1000;
    r->unix_ms = RIG_NOW;
    r->chunk = r->send_chunk = SIZE_MAX;
    r->poll_ms = UINT32_MAX;
    r->limit = 86400000;
    r->in = malloc(RIG_IN);
    r->out = malloc(RIG_OUT);
    r->body = malloc(RIG_OUT / 2);
    if (r->in == NULL || r->out == NULL || r->body == NULL)
        abort();
}

static inline int rig_begin(struct rig *r)
{
    r->memory = guard_alloc(sizeof *r->call);
    r->tx = guard_alloc(r->cfg.tx_size);
    r->rx = guard_alloc(r->cfg.rx_size);
    r->item = guard_alloc(r->cfg.item_size);
    r->cfg.tx = r->tx.p;
    r->cfg.rx = r->rx.p;
    r->cfg.item = r->item.p;
    r->cfg.credentials = &r->credentials;
    r->call = (struct iam_call *)(void *)r->memory.p;
    return iam_call_init(r->call, &r->cfg, r->seed);
}

static inline void rig_end(struct rig *r)
{
    if (r->call != NULL) {
        iam_call_end(r->call);
        if (!guard_intact(&r->tx) || !guard_intact(&r->rx) || !guard_intact(&r->item) ||
            !guard_intact(&r->memory)) {
            fprintf(stderr, "written in front of a buffer\n");
            abort();
        }
        guard_free(&r->memory);
        guard_free(&r->tx);
        guard_free(&r->rx);
        guard_free(&r->item);
    }
    free(r->in);
    free(r->out);
    free(r->body);
    r->call = NULL;
    r->in = r->out = r->body = NULL;
}

/* So many bytes are behind the reply: they belong to it. */
static inline void rig_grown(struct rig *r, size_t n)
{
    r->out_n += n;
    r->told = true;
    r->ready = r->elapsed + r->delay;
}

/* The reply's bytes as they are; a later call appends. */
static inline void rig_put(struct rig *r, const char *p, size_t n)
{
    if (n > RIG_OUT - r->out_n)
        abort();
    memcpy(r->out + r->out_n, p, n);
    rig_grown(r, n);
}

static inline void rig_printf(struct rig *r, const char *format, ...)
{
    va_list a;
    va_start(a, format);
    int n = vsnprintf(r->out + r->out_n, RIG_OUT - r->out_n, format, a);
    va_end(a);
    if (n < 0 || (size_t)n >= RIG_OUT - r->out_n)
        abort();
    rig_grown(r, (size_t)n);
}

/* headers: whole lines, or "". */
static inline void rig_answer(struct rig *r, const char *status, const char *headers,
                              const char *body)
{
    rig_printf(r, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n%s", status, strlen(body), headers,
               body);
}

static inline void rig_error(struct rig *r, const char *status, const char *headers,
                             const char *code)
{
    char body[512];
    snprintf(body, sizeof body,
             "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>m</Message></Error>"
             "<RequestId>r</RequestId></ErrorResponse>",
             code);
    rig_answer(r, status, headers, body);
}

/* A page of entities n<first>.. as text; marker NULL: the last one. */
static inline char *rig_body(char *body, size_t size, unsigned first, unsigned count,
                             const char *status, const char *marker)
{
    size_t n = 0;
#define RIG_PUT(...) n += (size_t)snprintf(body + n, n < size ? size - n : 0, __VA_ARGS__)
    RIG_PUT("<GetServiceLastAccessedDetailsWithEntitiesResponse>"
            "<GetServiceLastAccessedDetailsWithEntitiesResult>");
    RIG_PUT("<JobStatus>%s</JobStatus><EntityDetailsList>", status);
    for (unsigned i = 0; i < count; i++) {
        RIG_PUT("<member><EntityInfo><Arn>arn:aws:iam::123456789012:user/n%u</Arn><Name>n%u</Name>"
                "<Type>USER</Type></EntityInfo></member>",
                first + i, first + i);
    }
    RIG_PUT("</EntityDetailsList>");
    if (marker != NULL)
        RIG_PUT("<IsTruncated>true</IsTruncated><Marker>%s</Marker>", marker);
    RIG_PUT("</GetServiceLastAccessedDetailsWithEntitiesResult>"
            "</GetServiceLastAccessedDetailsWithEntitiesResponse>");
#undef RIG_PUT
    if (n >= size)
        abort();
    return body;
}

static inline void rig_page(struct rig *r, unsigned first, unsigned count, const char *status,
                            const char *marker)
{
    rig_answer(r, "200 OK", RIG_DATE, rig_body(r->body, RIG_OUT / 2, first, count, status, marker));
}

/* Value of a form field of the request, still encoded; "" if it is absent. */
static inline const char *rig_field(const struct rig *r, const char *name)
{
    static char value[2048];
    const char *body = strstr(r->in, "\r\n\r\n");
    size_t n = strlen(name);
    value[0] = 0;
    for (const char *p = body ? body + 4 : ""; *p; p += strcspn(p, "&"), p += *p == '&')
        if (strncmp(p, name, n) == 0 && p[n] == '=')
            snprintf(value, sizeof value, "%.*s", (int)strcspn(p + n + 1, "&"), p + n + 1);
    return value;
}

/* Value of a header of the request; "" if it is absent. */
static inline const char *rig_header(const struct rig *r, const char *name)
{
    return header_of(r->in, name);
}

static inline void rig_sleep(struct rig *r, uint32_t ms)
{
    r->mono += ms;
    r->elapsed += ms;
    if (r->unix_ms >= 0)
        r->unix_ms += ms;
    if (r->call->exchange.stage == IAM_STAGE_PAUSE)
        r->paused += ms;
}

static inline void rig_forget_reply(struct rig *r)
{
    r->out_n = r->out_at = r->in_n = 0;
    r->in[0] = 0;
    r->told = false;
    r->after = 0;
    r->delay = r->stall_ms = 0;
    r->stall_at = SIZE_MAX;
}

static inline bool rig_whole(const struct rig *r)
{
    const char *end = strstr(r->in, "\r\n\r\n"), *length = strstr(r->in, "\r\nContent-Length: ");
    if (end == NULL)
        return false;
    size_t body = length != NULL && length < end ? (size_t)atol(length + 18) : 0;
    return r->in_n == (size_t)(end + 4 - r->in) + body;
}

static inline void rig_send(struct rig *r)
{
    size_t n;
    const void *p = iam_call_send_buf(r->call, &n);
    n = n < r->send_chunk ? n : r->send_chunk;
    if (rig_whole(r)) /* the next request on this connection */
        rig_forget_reply(r);
    if (r->in_n + n >= RIG_IN)
        abort();
    memcpy(r->in + r->in_n, p, n);
    r->in_n += n;
    r->in[r->in_n] = 0;
    iam_call_send_ack(r->call, n);
    if (r->sent != NULL)
        r->sent(r);
    if (rig_whole(r)) {
        r->requests++;
        if (r->serve != NULL)
            r->serve(r);
        r->paused = 0;
    }
}

/* true: bytes, or the end, were given. */
static inline bool rig_receive(struct rig *r)
{
    size_t n, left = r->out_n - r->out_at;
    if (r->elapsed < r->ready)
        return false;
    if (left == 0 && r->told && r->refill != NULL) {
        r->out_n = r->out_at = 0;
        r->refill(r);
        left = r->out_n;
    }
    if (left == 0) {
        if (!r->told || r->after == 0)
            return false;
        r->open = false;
        iam_call_closed(r->call, r->after, 104);
        return true;
    }
    if (r->stall_ms != 0 && r->out_at == r->stall_at) {
        r->ready = r->elapsed + r->stall_ms;
        r->stall_ms = 0;
        return false;
    }
    char *p = iam_call_recv_buf(r->call, &n);
    n = n < left ? n : left;
    n = n < r->chunk ? n : r->chunk;
    if (r->stall_ms != 0 && r->out_at < r->stall_at && n > r->stall_at - r->out_at)
        n = r->stall_at - r->out_at;
    memcpy(p, r->out + r->out_at, n);
    r->out_at += n;
    iam_call_recv_ack(r->call, n);
    return true;
}

/* Does what the engine wants; false: *ms have to pass first, as far as this one is concerned. */
static inline bool rig_move(struct rig *r, uint32_t *ms)
{
    unsigned wants = iam_call_wants(r->call);
    if (wants & IAM_WANT_CLOSE) {
        r->open = r->connecting = false;
        iam_call_closed(r->call, IAM_OK, 0);
        return true;
    }
    if (wants & IAM_WANT_OPEN) {
        int result = r->connect != NULL ? r->connect(r) : IAM_OK;
        r->connecting = result == IAM_AGAIN;
        if (result == IAM_OK) {
            r->open = true;
            r->connects++;
            r->ready = 0;
            rig_forget_reply(r);
            iam_call_opened(r->call);
            if (r->greet != NULL)
                r->greet(r);
            return true;
        }
        if (result < 0) {
            r->paused = 0;
            iam_call_closed(r->call, result, 111);
            return true;
        }
    }
    if ((wants & IAM_WANT_RECV) && rig_receive(r))
        return true;
    if ((wants & IAM_WANT_SEND) && r->send_chunk > 0) {
        rig_send(r);
        return true;
    }
    *ms = iam_call_idle_ms(r->call);
    if ((wants & IAM_WANT_OPEN) && *ms > r->poll_ms)
        *ms = r->poll_ms;
    if ((wants & IAM_WANT_RECV) && r->ready > r->elapsed && r->ready - r->elapsed < *ms)
        *ms = (uint32_t)(r->ready - r->elapsed);
    return false;
}

/* The same, or lets the time pass. */
static inline void rig_serve(struct rig *r)
{
    uint32_t ms;
    if (rig_move(r, &ms))
        return;
    if (r->elapsed + ms > r->limit)
        r->hung = true;
    rig_sleep(r, ms);
}

/* Until the engine has something to say. */
static inline int rig_next(struct rig *r)
{
    for (;;) {
        iam_call_time(r->call, r->mono, r->unix_ms);
        int result = iam_call_next(r->call);
        if (result < 0 && result != IAM_ERR_CRYPTO && r->call->exchange.fault.native % 104 != 0 &&
            r->call->exchange.fault.native != 111) {
            fprintf(stderr, "a number that no transport gave\n");
            abort();
        }
        if (result != IAM_AGAIN)
            return result;
        rig_serve(r);
        if (r->hung || ++r->turns > 50000000) {
            fprintf(stderr, "the engine hangs\n");
            abort();
        }
    }
}

static inline void rig_check_name(struct rig *r)
{
    const struct iam_item *item = &r->call->query.decode.item;
    char name[16];
    if (item->kind != IAM_ITEM_ENTITY)
        return;
    snprintf(name, sizeof name, "n%u", r->number++);
    if (item->u.entity.name.n != strlen(name) ||
        memcmp(item->u.entity.name.p, name, strlen(name)) != 0)
        r->wrong = true;
}

static inline int rig_run(struct rig *r)
{
    int result;
    while ((result = rig_next(r)) == IAM_ITEM)
        rig_check_name(r);
    return r->wrong ? 4711 : result;
}

/* To the end, whatever the items are. */
static inline int rig_end_of(struct rig *r)
{
    int result;
    while ((result = rig_next(r)) == IAM_ITEM) {
    }
    return result;
}

/* Starts what r->request says and runs it to the end. */
static inline int rig_entities(struct rig *r)
{
    int result = iam_call_entities(r->call, &r->request);
    return result == IAM_OK ? rig_run(r) : result;
}

#endif
