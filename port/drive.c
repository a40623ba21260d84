/* Moves bytes between the engine and the ports. Only iam_run() may block, and only in system->idle(). */
#include <tinyiam/tinyiam.h>

#include <string.h>

#include <tinyiam/creds.h>
#include <tinyiam/parts/datetime.h>
#include <tinyiam/post.h>

/* Pause between two calls of config.ask: no network event announces that the application has an answer. */
#define ASK_POLL_MS 100
/* How soon iam_run_any() comes back where it has more clients than idle() takes streams. */
#define MORE_POLL_MS 10

/* A provider is called through its ops only, so that a program without providers does not link them. Here the
 * application is asked for keys or text; false: it has none yet. */
static bool ask(struct iam_creds *p)
{
    int r = p->ask != NULL ? p->ask(p->context, p) : IAM_ERR_CREDENTIALS;
    if (r == IAM_OK && p->ops->wants(p) & IAM_WANT_ASK)
        r = IAM_ERR_STATE; /* it returned IAM_OK without giving an answer */
    if (r < 0)
        p->ops->refuse(p, r);
    return r != IAM_AGAIN;
}

/* One turn of a provider, or of the one whose keys it waits for. true: call again, something was done. false: it
 * waits for the bytes of *front. */
static bool fetch(struct iam_creds *p, struct iam_exchange **front)
{
    for (;;) {
        unsigned wants;
        if (p->ops->next(p) != IAM_AGAIN)
            return true;
        *front = &p->exchange;
        wants = p->ops->wants(p);
        if (wants & IAM_WANT_ASK)
            return ask(p);
        if (!(wants & IAM_WANT_KEYS))
            return false;
        p = iam_creds_base(p);
    }
}

/* The stream whose bytes the exchange waits for; NULL: it waits for none. */
static struct iam_stream *exchange_stream(const struct iam_exchange *x)
{
    return iam_exchange_wants(x) & (IAM_WANT_OPEN | IAM_WANT_SEND | IAM_WANT_RECV) ? x->cfg.stream
                                                                                   : NULL;
}

/* A stream may have something to do that no network event announces, such as the next step of a handshake. */
static uint32_t exchange_idle_ms(const struct iam_exchange *x)
{
    struct iam_stream *stream = exchange_stream(x);
    uint32_t ms = iam_exchange_idle_ms(x);
    if (stream != NULL && stream->ops->wait != NULL) {
        struct iam_wait wait = {NULL, -1, 0, 0, UINT32_MAX};
        iam_stream_wait(stream, &wait);
        ms = wait.ms < ms ? wait.ms : ms;
    }
    return ms;
}

static uint32_t fetch_idle_ms(const struct iam_creds *p)
{
    uint32_t ms = UINT32_MAX;
    for (; p != NULL; p = iam_creds_base(p)) {
        uint32_t other =
            p->ops->wants(p) & IAM_WANT_ASK ? ASK_POLL_MS : exchange_idle_ms(&p->exchange);
        ms = other < ms ? other : ms;
        if (p->ops->wants(p) != IAM_WANT_KEYS)
            break;
    }
    return ms;
}

/* The stream that a provider waits for, or that the provider waits for whose keys it needs. */
static struct iam_stream *fetch_stream(const struct iam_creds *p)
{
    while (p->ops->wants(p) == IAM_WANT_KEYS)
        p = iam_creds_base(p);
    return p->ops->wants(p) & IAM_WANT_ASK ? NULL : exchange_stream(&p->exchange);
}

static struct iam_stream *stream_of(const struct iam_call *c)
{
    return iam_call_wants(c) == IAM_WANT_KEYS ? fetch_stream(c->query.provider)
                                              : exchange_stream(&c->exchange);
}

static void idle(struct iam_system *s, struct iam_stream *stream, uint32_t ms)
{
    if (ms > 0)
        s->ops->idle(s, &stream, stream != NULL, ms);
}

/* The service refused the keys as expired or unknown: the provider fetches new ones for the next operation. */
static void renew(struct iam_call *c)
{
    if (c->query.provider != NULL && iam_keys_code(c->exchange.fault.code))
        c->query.provider->ops->renew(c->query.provider);
}

static void tick(struct iam_client *client)
{
    struct iam_system *s = client->call.system;
    uint32_t mono_ms = s->ops->mono_ms(s);
    int64_t unix_ms = s->ops->unix_ms(s);
    iam_call_time(&client->call, mono_ms, unix_ms); /* tells it to the providers, too */
}

static void broken(struct iam_exchange *c, int error)
{
    struct iam_stream *s = c->cfg.stream;
    int native = s->native;
    s->ops->close(s);
    iam_exchange_closed(c, error, native);
}

/* One piece of I/O; true: something moved. */
static bool move(struct iam_exchange *c)
{
    struct iam_stream *s = c->cfg.stream;
    unsigned wants = iam_exchange_wants(c);
    size_t n;
    int r;

    if (wants & IAM_WANT_CLOSE) {
        s->ops->close(s);
        iam_exchange_closed(c, IAM_OK, 0);
        return true;
    }
    if (wants & IAM_WANT_OPEN) {
        uint16_t port;
        struct iam_span host = iam_exchange_host(c, &port);
        r = s->ops->open(s, host, port);
        if (r == IAM_OK)
            iam_exchange_opened(c);
        else if (r < 0)
            broken(c, r);
        return r != IAM_AGAIN;
    }
    if (wants & IAM_WANT_RECV) {
        void *p = iam_exchange_recv_buf(c, &n);
        r = s->ops->recv(s, p, n);
        if (r > 0)
            iam_exchange_recv_ack(c, (size_t)r);
        else if (r < 0)
            broken(c, r);
        if (r != 0)
            return true;
    }
    if (wants & IAM_WANT_SEND) {
        const void *p = iam_exchange_send_buf(c, &n);
        r = s->ops->send(s, p, n);
        if (r > 0)
            iam_exchange_send_ack(c, (size_t)r);
        else if (r < 0)
            broken(c, r);
        return r != 0;
    }
    return false;
}

/* Ends fetches of keys that no operation waits for any more. */
static void hang_up(struct iam_call *c)
{
    if (iam_call_wants(c) & IAM_WANT_CLOSE)
        move(&c->exchange);
    for (struct iam_creds *p = c->query.provider; p != NULL; p = iam_creds_base(p)) {
        p->ops->drop(p);
        if (iam_exchange_wants(&p->exchange) & IAM_WANT_CLOSE)
            move(&p->exchange);
    }
}

int iam_client_init(struct iam_client *client, const struct iam_config *cfg)
{
    uint32_t seed = 0;
    struct iam_system *s = cfg->system;
    if (s != NULL && s->ops->entropy(s, &seed, sizeof seed) < 0)
        seed = s->ops->mono_ms(s); /* it only spreads retries over time: any number will do */
    int r = iam_call_init(&client->call, cfg, seed);
    if (r == IAM_OK && (s == NULL || cfg->stream == NULL)) {
        client->call.exchange.fault.error = r = IAM_ERR_ARGUMENT;
        client->call.exchange.fault.layer = IAM_LAYER_CALLER;
        client->call.exchange.fault.what = s == NULL ? IAM_SPAN("system") : IAM_SPAN("stream");
    }
    return r;
}

void iam_client_end(struct iam_client *client)
{
    struct iam_stream *s = client->call.exchange.cfg.stream;
    hang_up(&client->call);
    if (s != NULL)
        s->ops->close(s);
    iam_call_end(&client->call);
}

int iam_step(struct iam_client *client)
{
    struct iam_call *c = &client->call;
    int r, moves;
    tick(client);
    r = iam_call_next(c);
    /* a step does all that is ready, but not without end */
    for (moves = 0; r == IAM_AGAIN && moves < 64; moves++) {
        struct iam_exchange *front = &c->exchange;
        bool more = iam_call_wants(c) == IAM_WANT_KEYS && fetch(c->query.provider, &front);
        if (!more && !move(front))
            break;
        tick(client);
        r = iam_call_next(c);
    }
    /* more may be ready, of which no network event tells */
    c->exchange.busy = moves == 64 || r == IAM_ITEM;
    if (r == IAM_ERR_SERVICE)
        renew(c);
    if (r < 0)
        hang_up(c);
    return r;
}

uint32_t iam_idle_ms(const struct iam_client *client)
{
    const struct iam_call *c = &client->call;
    uint32_t ms = c->exchange.busy ? 0 : exchange_idle_ms(&c->exchange), other;
    if (ms > 0 && iam_call_wants(c) == IAM_WANT_KEYS) {
        other = fetch_idle_ms(c->query.provider);
        ms = other < ms ? other : ms;
    }
    return ms;
}

int iam_run(struct iam_client *client, uint32_t timeout_ms)
{
    struct iam_system *s = client->call.system;
    uint32_t began = 0, gone, ms;
    bool first = true;
    for (;; first = false) {
        int r = iam_step(client);
        if (r != IAM_AGAIN) /* usually an item: the clock is not read for each of them */
            return r;
        gone = s->ops->mono_ms(s);
        if (first)
            began = gone;
        gone -= began;
        ms = iam_idle_ms(client);
        if (gone >= timeout_ms)
            return r;
        if (ms > timeout_ms - gone)
            ms = timeout_ms - gone;
        idle(s, stream_of(&client->call), ms);
    }
}

struct iam_stream *iam_client_stream(const struct iam_client *client)
{
    return stream_of(&client->call);
}

struct iam_wait iam_client_wait(const struct iam_client *client, uint8_t seen)
{
    struct iam_stream *stream = stream_of(&client->call);
    struct iam_wait wait = {NULL, -1, 0, seen, UINT32_MAX};
    uint32_t ms = iam_idle_ms(client);
    if (stream != NULL)
        iam_stream_wait(stream, &wait);
    wait.ms = ms < wait.ms ? ms : wait.ms;
    return wait;
}

/* How long all of them may sleep, and whose bytes they wait for. */
static uint32_t gather(struct iam_client *const *clients, size_t n, struct iam_stream **streams,
                       size_t *waiting, uint32_t ms)
{
    *waiting = 0;
    for (size_t i = 0; i < n && ms > 0; i++) {
        struct iam_stream *stream = clients[i] != NULL ? stream_of(&clients[i]->call) : NULL;
        uint32_t other = clients[i] != NULL ? iam_idle_ms(clients[i]) : UINT32_MAX;
        ms = other < ms ? other : ms;
        if (stream == NULL)
            continue;
        if (*waiting < IAM_IDLE_STREAMS)
            streams[(*waiting)++] = stream;
        else if (ms > MORE_POLL_MS)
            ms = MORE_POLL_MS;
    }
    return ms;
}

int iam_run_any(struct iam_client *const *clients, size_t n, size_t *which, uint32_t timeout_ms)
{
    struct iam_stream *streams[IAM_IDLE_STREAMS];
    uint32_t began = 0, gone, ms;
    bool first = true;
    for (;; first = false) {
        struct iam_system *s = NULL;
        size_t waiting, at = *which;
        for (size_t i = 0; i < n;
             i++) { /* the first turn goes to the client after the last one that had a result */
            int r;
            at = at + 1 < n ? at + 1 : 0;
            if (clients[at] == NULL)
                continue;
            r = iam_step(clients[at]);
            s = clients[at]->call.system;
            if (r != IAM_AGAIN) {
                *which = at;
                return r;
            }
        }
        if (s == NULL) {
            *which = n;
            return IAM_OK;
        }
        gone = s->ops->mono_ms(s);
        if (first)
            began = gone;
        gone -= began;
        if (gone >= timeout_ms)
            return IAM_AGAIN;
        ms = gather(clients, n, streams, &waiting, timeout_ms - gone);
        if (ms > 0)
            s->ops->idle(s, streams, waiting, ms);
    }
}

const struct iam_item *iam_client_item(const struct iam_client *client)
{
    return &client->call.query.decode.item;
}

const struct iam_entity *iam_client_entity(const struct iam_client *client)
{
    const struct iam_item *item = &client->call.query.decode.item;
    return item->kind == IAM_ITEM_ENTITY ? &item->u.entity : NULL;
}

const struct iam_report *iam_client_report(const struct iam_client *client)
{
    return &client->call.query.decode.report;
}

const struct iam_fault *iam_client_fault(const struct iam_client *client)
{
    return &client->call.exchange.fault;
}

const struct iam_stats *iam_client_stats(const struct iam_client *client)
{
    return &client->call.stats;
}

const struct iam_operation *iam_client_operation(const struct iam_client *client)
{
    return client->call.query.operation;
}

int64_t iam_client_skew_ms(const struct iam_client *client)
{
    const struct iam_exchange *e = &client->call.exchange;
    return e->has_skew ? e->skew_ms : 0;
}

int64_t iam_client_unix_ms(const struct iam_client *client)
{
    const struct iam_exchange *e = &client->call.exchange;
    int64_t ours = e->unix_ms >= 0 ? e->unix_ms : (int64_t)e->now;
    return ours + e->clock_offset + iam_client_skew_ms(client);
}

int iam_client_checkpoint(const struct iam_client *client, struct iam_checkpoint *to)
{
    return iam_call_checkpoint(&client->call, to);
}

int iam_resume(struct iam_client *client, const struct iam_checkpoint *from)
{
    return iam_call_resume(&client->call, from);
}

#if CONFIG_TINYIAM_CREDS /* or core/ has no providers */
int iam_creds_run(struct iam_creds *p, struct iam_system *s, uint32_t timeout_ms)
{
    uint32_t began = s->ops->mono_ms(s);
    for (;;) {
        struct iam_exchange *front = &p->exchange;
        uint32_t now = s->ops->mono_ms(s), gone = now - began, ms;
        int r;
        iam_creds_time(p, now, s->ops->unix_ms(s));
        r = p->ops->next(p);
        if (r != IAM_AGAIN)
            return r;
        if (fetch(p, &front) || move(front))
            continue;
        if (gone >= timeout_ms)
            return IAM_AGAIN;
        ms = fetch_idle_ms(p);
        idle(s, fetch_stream(p), ms < timeout_ms - gone ? ms : timeout_ms - gone);
    }
}
#endif

#if CONFIG_TINYIAM_CREDS_SSO /* or core/ has no posts */
int iam_post_run(struct iam_post *p, struct iam_system *s, uint32_t timeout_ms)
{
    struct iam_exchange *e = &p->document.exchange;
    uint32_t began = s->ops->mono_ms(s);
    for (;;) {
        uint32_t now = s->ops->mono_ms(s), gone = now - began, ms;
        int r;
        iam_post_time(p, now, s->ops->unix_ms(s));
        r = iam_post_next(p);
        if (r != IAM_AGAIN)
            return r;
        if (move(e))
            continue;
        if (gone >= timeout_ms)
            return IAM_AGAIN;
        ms = exchange_idle_ms(e);
        idle(s, exchange_stream(e), ms < timeout_ms - gone ? ms : timeout_ms - gone);
    }
}
#endif
