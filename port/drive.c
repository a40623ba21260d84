/* Moves bytes between the engine and the ports. Only iam_run() may block, and only in system->idle(). */
#include <tinyiam/tinyiam.h>

#include <string.h>

#include <tinyiam/creds.h>
#include <tinyiam/parts/datetime.h>

#define FETCH_POLL_MS 100 /* a provider's stream may be one that idle() does not watch */

/* The provider that another one is based on, or NULL. Providers are called through their ops alone, so that
 * a program without any need not have them. */
static struct iam_creds *base(const struct iam_creds *p)
{
    return p->call.cfg.provider;
}

static void tick_providers(struct iam_creds *p, uint32_t mono_ms, int64_t unix_ms)
{
    for (; p != NULL; p = base(p))
        p->ops->time(p, mono_ms, unix_ms);
}

static bool ask(struct iam_creds *p)
{
    int r = p->cfg.ask != NULL ? p->cfg.ask(p->cfg.context, p) : IAM_ERR_CREDENTIALS;
    if (r == IAM_OK && p->ops->wants(p) & IAM_WANT_ASK)
        r = IAM_ERR_STATE; /* it said yes, and nothing else */
    if (r < 0)
        p->ops->refuse(p, r);
    return r != IAM_AGAIN;
}

/* A turn of the provider, or of the one it waits for. false: *front is the exchange whose bytes are to be
 * moved; true: there is more to do without. */
static bool fetch(struct iam_creds *p, struct iam_call **front)
{
    for (;;) {
        unsigned wants;
        if (p->ops->next(p) != IAM_AGAIN)
            return true;
        *front = &p->call;
        wants = p->ops->wants(p);
        if (wants & IAM_WANT_ASK)
            return ask(p);
        if (!(wants & IAM_WANT_KEYS))
            return false;
        p = base(p);
    }
}

static uint32_t call_idle_ms(const struct iam_call *c)
{
    return c->cfg.stream->busy ? 0 : iam_call_idle_ms(c);
}

static uint32_t fetch_idle_ms(const struct iam_creds *p)
{
    uint32_t ms = FETCH_POLL_MS;
    for (; p != NULL && !(p->ops->wants(p) & IAM_WANT_ASK); p = base(p)) {
        uint32_t other = call_idle_ms(&p->call);
        ms = other < ms ? other : ms;
        if (p->ops->wants(p) != IAM_WANT_KEYS)
            break;
    }
    return ms;
}

/* The service no longer takes the keys: the next operation begins with others. */
static void renew(struct iam_call *c)
{
    static const char *const codes[] = {"ExpiredToken", "ExpiredTokenException",
                                        "InvalidClientTokenId"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (c->cfg.provider != NULL && c->fault.code.n == strlen(codes[i]) &&
            memcmp(c->fault.code.p, codes[i], c->fault.code.n) == 0)
            c->cfg.provider->ops->renew(c->cfg.provider);
}

static void tick(struct iam_client *client)
{
    struct iam_system *s = client->call.cfg.system;
    uint32_t mono_ms = s->ops->mono_ms(s);
    int64_t unix_ms = s->ops->unix_ms(s);
    iam_call_time(&client->call, mono_ms, unix_ms);
    tick_providers(client->call.cfg.provider, mono_ms, unix_ms);
}

static void broken(struct iam_call *c, int error)
{
    struct iam_stream *s = c->cfg.stream;
    int native = s->native;
    s->ops->close(s);
    iam_call_closed(c, error, native);
}

/* One piece of I/O; true: something moved. */
static bool move(struct iam_call *c)
{
    struct iam_stream *s = c->cfg.stream;
    unsigned wants = iam_call_wants(c);
    size_t n;
    int r;

    if (wants & IAM_WANT_CLOSE) {
        s->ops->close(s);
        iam_call_closed(c, IAM_OK, 0);
        return true;
    }
    if (wants & IAM_WANT_OPEN) {
        uint16_t port;
        struct iam_span host = iam_call_host(c, &port);
        r = s->ops->open(s, host, port);
        if (r == IAM_OK)
            iam_call_opened(c);
        else if (r < 0)
            broken(c, r);
        return r != IAM_AGAIN;
    }
    if (wants & IAM_WANT_RECV) {
        void *p = iam_call_recv_buf(c, &n);
        r = s->ops->recv(s, p, n);
        if (r > 0)
            iam_call_recv_ack(c, (size_t)r);
        else if (r < 0)
            broken(c, r);
        if (r != 0)
            return true;
    }
    if (wants & IAM_WANT_SEND) {
        const void *p = iam_call_send_buf(c, &n);
        r = s->ops->send(s, p, n);
        if (r > 0)
            iam_call_send_ack(c, (size_t)r);
        else if (r < 0)
            broken(c, r);
        return r != 0;
    }
    return false;
}

/* Fetches that nobody waits for any more. */
static void hang_up(struct iam_call *c)
{
    if (iam_call_wants(c) & IAM_WANT_CLOSE)
        move(c);
    for (struct iam_creds *p = c->cfg.provider; p != NULL; p = base(p)) {
        p->ops->drop(p);
        if (iam_call_wants(&p->call) & IAM_WANT_CLOSE)
            move(&p->call);
    }
}

int iam_client_init(struct iam_client *client, const struct iam_config *cfg)
{
    uint32_t seed = 0;
    struct iam_system *s = cfg->system;
    client->busy = false;
    if (s != NULL && s->ops->entropy(s, &seed, sizeof seed) < 0)
        seed = s->ops->mono_ms(s); /* only spreads retries: any number will do */
    int r = iam_call_init(&client->call, cfg, seed);
    if (r == IAM_OK && (s == NULL || cfg->stream == NULL)) {
        client->call.fault.error = r = IAM_ERR_ARGUMENT;
        client->call.fault.layer = IAM_LAYER_CALLER;
        client->call.fault.what = s == NULL ? IAM_SPAN("system") : IAM_SPAN("stream");
    }
    return r;
}

void iam_client_end(struct iam_client *client)
{
    struct iam_stream *s = client->call.cfg.stream;
    hang_up(&client->call);
    if (s != NULL)
        s->ops->close(s);
    iam_call_end(&client->call);
}

int iam_entities_start(struct iam_client *client, const struct iam_entities_request *request)
{
    return iam_call_entities(&client->call, request);
}

int iam_services_start(struct iam_client *client, const struct iam_services_request *request)
{
    return iam_call_services(&client->call, request);
}

int iam_generate_start(struct iam_client *client, const struct iam_generate_request *request)
{
    return iam_call_generate(&client->call, request);
}

int iam_step(struct iam_client *client)
{
    struct iam_call *c = &client->call;
    int r, moves;
    tick(client);
    r = iam_call_next(c);
    /* what is ready is done at once, yet no turn is endless */
    for (moves = 0; r == IAM_AGAIN && moves < 64; moves++) {
        struct iam_call *front = c;
        bool more = iam_call_wants(c) == IAM_WANT_KEYS && fetch(c->cfg.provider, &front);
        if (!more && !move(front))
            break;
        tick(client);
        r = iam_call_next(c);
    }
    client->busy = moves == 64; /* more may lie ready than the network will stir for */
    if (r == IAM_ERR_SERVICE)
        renew(c);
    if (r < 0)
        hang_up(c);
    return r;
}

uint32_t iam_idle_ms(const struct iam_client *client)
{
    const struct iam_call *c = &client->call;
    uint32_t ms = client->busy ? 0 : call_idle_ms(c), other;
    if (ms > 0 && iam_call_wants(c) == IAM_WANT_KEYS) {
        other = fetch_idle_ms(c->cfg.provider);
        ms = other < ms ? other : ms;
    }
    return ms;
}

int iam_run(struct iam_client *client, uint32_t timeout_ms)
{
    struct iam_system *s = client->call.cfg.system;
    uint32_t began = 0, gone, ms;
    bool first = true;
    for (;; first = false) {
        int r = iam_step(client);
        if (r != IAM_AGAIN) /* an item, as a rule: the clock is not looked at for it */
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
        if (ms > 0)
            s->ops->idle(s, ms);
    }
}

const struct iam_item *iam_item(const struct iam_client *client)
{
    return &client->call.decode.item;
}

const struct iam_entity *iam_entity(const struct iam_client *client)
{
    const struct iam_item *item = &client->call.decode.item;
    return item->kind == IAM_ITEM_ENTITY ? &item->u.entity : NULL;
}

const struct iam_report *iam_report(const struct iam_client *client)
{
    return &client->call.decode.report;
}

const struct iam_fault *iam_fault(const struct iam_client *client)
{
    return &client->call.fault;
}

const struct iam_stats *iam_stats(const struct iam_client *client)
{
    return &client->call.stats;
}

int iam_checkpoint(const struct iam_client *client, struct iam_checkpoint *to)
{
    return iam_call_checkpoint(&client->call, to);
}

int iam_resume(struct iam_client *client, const struct iam_checkpoint *from)
{
    return iam_call_resume(&client->call, from);
}

int iam_creds_run(struct iam_creds *p, struct iam_system *s, uint32_t timeout_ms)
{
    uint32_t began = s->ops->mono_ms(s);
    for (;;) {
        struct iam_call *front = &p->call;
        uint32_t now = s->ops->mono_ms(s), gone = now - began, ms;
        int r;
        tick_providers(p, now, s->ops->unix_ms(s));
        r = p->ops->next(p);
        if (r != IAM_AGAIN)
            return r;
        if (fetch(p, &front) || move(front))
            continue;
        if (gone >= timeout_ms)
            return IAM_AGAIN;
        ms = fetch_idle_ms(p);
        if (ms > 0)
            s->ops->idle(s, ms < timeout_ms - gone ? ms : timeout_ms - gone);
    }
}
