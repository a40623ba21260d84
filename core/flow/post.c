/* A document sent, and the one that answers. */
#include <tinyiam/post.h>

#include <string.h>

#include "flow.h"

int iam_post_init(struct iam_post *p, const struct iam_post_config *cfg, uint32_t seed)
{
    struct iam_document *d = &p->document;
    struct iam_exchange_config *to = &d->exchange.cfg;
    memset(p, 0, sizeof *p);
    to->tx = cfg->tx;
    to->tx_size = cfg->tx_size;
    to->rx = cfg->rx;
    to->rx_size = cfg->rx_size;
    to->stream = cfg->stream;
    to->authority = cfg->endpoint;
    to->plain = cfg->plain;
    to->connect_ms = cfg->connect_ms;
    to->response_ms = cfg->response_ms;
    to->max_attempts = cfg->max_attempts;
    to->user_agent = cfg->user_agent;
    d->method = cfg->method != NULL ? cfg->method : "POST";
    d->path[0] = cfg->path;
    d->body = cfg->body;
    d->name[0] = "Content-Type: ";
    if (cfg->body.p != NULL)
        d->value[0] = IAM_SPAN("application/json");
    d->name[1] = cfg->field;
    d->value[1] = cfg->value;
    d->to = cfg->reply;
    d->room = cfg->reply_size < UINT32_MAX ? (uint32_t)cfg->reply_size : UINT32_MAX;
    d->typed = true;
    iam_exchange_init(&d->exchange, &iam_protocol_document, seed);
    int r = iam_exchange_check(&d->exchange);
    if (r == IAM_OK)
        iam_exchange_begin(&d->exchange);
    return r;
}

void iam_post_time(struct iam_post *p, uint32_t mono_ms, int64_t unix_ms)
{
    iam_exchange_time(&p->document.exchange, mono_ms, unix_ms);
}

int iam_post_next(struct iam_post *p)
{
    struct iam_exchange *e = &p->document.exchange;
    int r = IAM_AGAIN;
    bool more = true;
    while (more && e->stage != IAM_STAGE_REPLIED && e->stage != IAM_STAGE_DONE &&
           e->stage != IAM_STAGE_FAILED) {
        more = false;
        r = iam_exchange_turn(e, &more);
    }
    if (e->stage == IAM_STAGE_REPLIED)
        e->stage = IAM_STAGE_DONE;
    if (e->stage != IAM_STAGE_DONE && e->stage != IAM_STAGE_FAILED)
        return r;
    e->close |= e->connected;
    return e->close ? IAM_AGAIN : e->stage == IAM_STAGE_DONE ? IAM_OK : e->fault.error;
}

void iam_post_end(struct iam_post *p)
{
    const struct iam_exchange_config *c = &p->document.exchange.cfg;
    if (c->tx_size > 0)
        iam_zeroize(c->tx, c->tx_size);
    if (c->rx_size > 0)
        iam_zeroize(c->rx, c->rx_size);
    iam_zeroize(p, sizeof *p);
}
