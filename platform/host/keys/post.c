/* A JSON document to a service by POST. */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "post.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tinyiam/tinyiam.h>

#include "args/args.h"
#include "net/errors.h"
#include "text/say.h"

struct post *post_new(void)
{
    struct post *p = calloc(1, sizeof *p);
    if (!p)
        say_no_memory();
    return p;
}

static int configure(struct post *p, const struct login_way *w, const struct post_call *c)
{
    const struct settings *s = w->settings;
    struct iam_post_config config = {.tx = p->tx,
                                     .rx = p->rx,
                                     .tx_size = sizeof p->tx,
                                     .rx_size = sizeof p->rx,
                                     .reply = p->reply,
                                     .reply_size = sizeof p->reply,
                                     .stream = p->net.stream,
                                     .endpoint = p->way.authority,
                                     .plain = p->way.plain,
                                     .path = iam_span_of(c->path),
                                     .body = c->body,
                                     .method = c->method,
                                     .max_attempts =
                                         c->attempts ? (uint8_t)c->attempts : s->max_attempts,
                                     .connect_ms = c->wait_ms ? c->wait_ms : s->connect_ms,
                                     .response_ms = c->wait_ms ? c->wait_ms : s->read_ms,
                                     .user_agent = iam_span_of(s->user_agent)};
    uint32_t seed = 0;
    if (c->field) {
        config.field = c->field;
        config.value = iam_span_of(c->value);
    }
    (void)w->base->posix.system.ops->entropy(&w->base->posix.system, &seed, sizeof seed);
    return iam_post_init(&p->exchange, &config, seed);
}

int post_run(struct post *p, const struct login_way *w, const struct post_call *c, int *code)
{
    struct iam_system *system = &w->base->posix.system;
    uint32_t began = system->ops->mono_ms(system), deadline = w->settings->deadline_ms;
    uint32_t stopped = 0;
    bool stops = false;
    int r;
    p->way.authority = c->endpoint.given ? c->endpoint.url.authority : c->host;
    snprintf(p->authority, sizeof p->authority, "%.*s", (int)p->way.authority.n,
             p->way.authority.p);
    p->way.authority = iam_span_of(p->authority);
    p->way.plain = c->endpoint.given ? c->endpoint.url.plain : c->plain;
    p->way.straight = c->straight;
    p->way.trace = w->debug;
    p->has_net = true;
    *code = net_shared_open(&p->shared, w->base, &p->way);
    if (*code == 0)
        *code = net_open(&p->net, &p->shared);
    if (*code)
        return IAM_AGAIN;
    r = configure(p, w, c);
    p->began = true;
    while (r == IAM_OK || r == IAM_AGAIN) {
        r = iam_post_run(&p->exchange, system, 100);
        if (r != IAM_AGAIN)
            break;
        *code = CODE_INTERRUPT;
        if (w->stop && w->stop() && !stops) {
            stops = true;
            stopped = system->ops->mono_ms(system);
        }
        if (stops && system->ops->mono_ms(system) - stopped >= c->grace_ms)
            return r;
        if (deadline && system->ops->mono_ms(system) - began >= deadline) {
            p->exchange.document.exchange.fault.error = r = IAM_ERR_TIMEOUT_OPERATION;
            p->exchange.document.exchange.fault.layer = IAM_LAYER_STREAM;
        }
    }
    p->n = p->exchange.document.n < sizeof p->reply ? p->exchange.document.n : sizeof p->reply;
    return r;
}

int post_explain(const struct post *p, const struct login_way *w, const struct post_call *c,
                 const char *action, const char *from)
{
    const struct error_context e = {.action = action,
                                    .settings = w->settings,
                                    .authority = p->way.authority,
                                    .path = iam_span_of(c->path),
                                    .plain = p->way.plain,
                                    .net = &p->net,
                                    .keys_from = from};
    return errors_fault(&e, &p->exchange.document.exchange.fault);
}

void post_end(struct post *p)
{
    if (p->has_net) {
        net_close(&p->net);
        net_shared_close(&p->shared);
    }
    if (p->began)
        iam_post_end(&p->exchange);
    explicit_bzero(p, sizeof *p);
    free(p);
}
