/* Moves bytes between the engine and the ports. Only iam_run() may block, and only in system->idle(). */
#include <tinyiam/tinyiam.h>

#include <string.h>

#include <tinyiam/parts/datetime.h>

static void tick(struct iam_client *client)
{
    struct iam_system *s = client->call.cfg.system;
    iam_call_time(&client->call, s->ops->mono_ms(s), s->ops->unix_ms(s));
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

static void broken(struct iam_client *client, int error)
{
    struct iam_stream *s = client->call.cfg.stream;
    int native = s->native;
    s->ops->close(s);
    iam_call_closed(&client->call, error, native);
}

/* One piece of I/O; true: something moved. */
static bool move(struct iam_client *client)
{
    struct iam_call *c = &client->call;
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
            broken(client, r);
        return r != IAM_AGAIN;
    }
    if (wants & IAM_WANT_RECV) {
        void *p = iam_call_recv_buf(c, &n);
        r = s->ops->recv(s, p, n);
        if (r > 0)
            iam_call_recv_ack(c, (size_t)r);
        else if (r < 0)
            broken(client, r);
        if (r != 0)
            return true;
    }
    if (wants & IAM_WANT_SEND) {
        const void *p = iam_call_send_buf(c, &n);
        r = s->ops->send(s, p, n);
        if (r > 0)
            iam_call_send_ack(c, (size_t)r);
        else if (r < 0)
            broken(client, r);
        return r != 0;
    }
    return false;
}

int iam_step(struct iam_client *client)
{
    int r, moves;
    tick(client);
    r = iam_call_next(&client->call);
    /* what is ready is done at once, yet no turn is endless */
    for (moves = 0; r == IAM_AGAIN && moves < 64; moves++) {
        if (!move(client))
            break;
        tick(client);
        r = iam_call_next(&client->call);
    }
    client->busy = moves == 64; /* more may lie ready than the network will stir for */
    if (r < 0 && iam_call_wants(&client->call) & IAM_WANT_CLOSE)
        move(client);
    return r;
}

uint32_t iam_idle_ms(const struct iam_client *client)
{
    return client->busy ? 0 : iam_call_idle_ms(&client->call);
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
