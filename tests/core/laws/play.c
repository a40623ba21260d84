#include "play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/guard.h"

static const struct iam_credentials credentials = {
    .access_key_id = {"AKIDEXAMPLE", 11},
    .secret_access_key = {"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 40},
    .session_token = {"FwoGZXIvYXdzEXAMPLETOKEN==", 26},
};

static void grow(char **p, size_t *max, size_t need)
{
    if (need > *max) {
        *max = need * 2;
        *p = realloc(*p, *max);
        if (*p == NULL)
            abort();
    }
}

static void put_text(struct transcript *t, const char *from, size_t n)
{
    struct play *p = (struct play *)(void *)((char *)t - offsetof(struct play, transcript));
    grow(&p->text, &p->text_max, p->length + n + 1);
    memcpy(p->text + p->length, from, n);
    p->length += n;
    p->text[p->length] = '\0';
}

void play_init(struct play *p)
{
    memset(p, 0, sizeof *p);
    p->operation = "GetServiceLastAccessedDetailsWithEntities";
    p->scope = IAM_SCOPE_PAGE;
    p->tx = 1024, p->rx = 1460, p->item = 1024;
    p->chunk = SIZE_MAX;
    p->attempts = 1;
    p->transcript.put = put_text;
}

void play_free(struct play *p)
{
    free(p->text);
    free(p->requests);
    p->text = p->requests = NULL;
    p->length = p->requests_n = p->text_max = p->requests_max = 0;
}

static int start(struct play *p, struct iam_call *c)
{
    const struct iam_operation *o = transcript_operation(p->operation);
    union iam_request q;
    if (o == NULL) {
        fprintf(stderr, "no operation %s\n", p->operation);
        abort();
    }
    transcript_request(o, p->scope, p->marker, &q);
    return iam_call_start(c, o, &q);
}

/* One want of the engine; false: it wants nothing. */
static bool serve(struct play *p, struct iam_call *c, size_t *at, uint32_t *request)
{
    unsigned wants = iam_call_wants(c);
    size_t n;
    if (wants & IAM_WANT_CLOSE) {
        iam_call_closed(c, IAM_OK, 0);
    } else if (wants & IAM_WANT_OPEN) {
        iam_call_opened(c);
    } else if (wants & IAM_WANT_SEND) {
        const void *b = iam_call_send_buf(c, &n);
        grow(&p->requests, &p->requests_max, p->requests_n + n);
        memcpy(p->requests + p->requests_n, b, n);
        p->requests_n += n;
        iam_call_send_ack(c, n);
    } else if (wants & IAM_WANT_RECV) {
        uint32_t k = c->stats.requests;
        if (k != *request)
            *request = k, *at = 0;
        if (k > p->reply_count) {
            iam_call_closed(c, IAM_ERR_RESET, 104);
            return true;
        }
        const struct play_reply *r = &p->replies[k - 1];
        char *b = iam_call_recv_buf(c, &n);
        size_t left = r->n - *at;
        if (left == 0) {
            if (r->end == 0)
                return false;
            iam_call_closed(c, r->end, 104);
            return true;
        }
        n = n < left ? n : left;
        n = n < p->chunk ? n : p->chunk;
        if (p->split > *at && n > p->split - *at)
            n = p->split - *at;
        memcpy(b, r->p + *at, n);
        *at += n;
        iam_call_recv_ack(c, n);
    } else {
        return false;
    }
    return true;
}

static void took(struct play *p, const struct iam_decode *d)
{
    if (d->item_node != 0)
        p->kinds |= UINT64_C(1) << d->item.kind;
    transcript_item(&p->transcript, d);
}

/* n bytes that end at an unmapped page; mapped once, for it is done millions of times. */
static void *guarded(struct guard *g, size_t n)
{
    if (n > g->n) {
        if (g->p != NULL)
            guard_free(g);
        *g = guard_alloc(n > 65536 ? n : 65536);
    }
    return g->p + g->n - n;
}

int play_run(struct play *p)
{
    static struct guard guards[3];
    void *tx = guarded(&guards[0], p->tx), *rx = guarded(&guards[1], p->rx);
    void *item = guarded(&guards[2], p->item);
    struct iam_call *c = calloc(1, sizeof *c);
    struct iam_config cfg = {.tx = tx,
                             .tx_size = p->tx,
                             .rx = rx,
                             .rx_size = p->rx,
                             .item = item,
                             .item_size = p->item,
                             .credentials = &credentials,
                             .max_attempts = p->attempts,
                             .structure = p->structure,
                             .deadline_ms = p->deadline_ms};
    size_t at = 0;
    uint32_t request = 0, mono = 0xFFFFFF00u; /* wraps on the way */
    int64_t unix_ms = 1540410451000;

    p->length = p->requests_n = 0;
    p->slept = 0;
    p->kinds = 0;
    p->result = iam_call_init(c, &cfg, 12345);
    if (p->result == IAM_OK)
        p->result = start(p, c);
    for (long turns = 0; p->result == IAM_OK || p->result == IAM_AGAIN || p->result == IAM_ITEM;
         turns++) {
        if (turns > 20000000)
            abort(); /* hangs */
        iam_call_time(c, mono, unix_ms);
        p->result = iam_call_next(c);
        if (p->result == IAM_ITEM)
            took(p, &c->query.decode);
        if (p->result == IAM_OK)
            break;
        if (p->result == IAM_AGAIN && !serve(p, c, &at, &request)) {
            uint32_t ms = iam_call_idle_ms(c);
            mono += ms;
            unix_ms += ms;
            p->slept += ms;
        }
    }
    if (p->result == IAM_OK)
        transcript_report(&p->transcript, &c->query.decode.report);
    p->fault = c->exchange.fault;
    p->stats = c->stats;
    transcript_end(&p->transcript, p->result, &p->fault);
    p->fault.code = p->fault.message = p->fault.request_id = p->fault.began =
        (struct iam_span){NULL, 0};
    iam_call_end(c);
    free(c);
    return p->result;
}
