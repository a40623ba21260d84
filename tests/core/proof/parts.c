/* A request goes out in pieces of tx. From EVERY state that INVARIANT allows, a turn of the exchange or any number of
 * bytes that the stream took keeps it: tx has the bytes of the request from its place on, of which none is left out or
 * sent twice. So the server gets the same bytes whatever the size of tx, however the stream takes them. */
#include "parts_invariant.h"

#include "core/flow/exchange.c"

static int prepare_any(struct iam_exchange *e)
{
    (void)e;
    return IAM_OK;
}

static bool write_any(const struct iam_exchange *e, struct iam_out *o, unsigned part)
{
    PROVE(part < parts && o->total == begin[part], "the part that is due, at its place");
    PROVE(o->p == e->cfg.tx && o->cap == e->cfg.tx_size && o->skip == e->tx_done && !o->sha &&
              o->n == SHOWN(o),
          "what is due of it, into tx");
    place = e->tx_done;
    ASSUME(begin[part] <= begin[part + 1] && begin[part + 1] <= MOST);
    ASSUME(part + 1 == parts || begin[part + 1] <= begin[part + 2]);
    o->total = begin[part + 1];
    o->n = SHOWN(o);
    return part + 1 < parts;
}

void iam_zeroize(void *p, size_t n)
{
    PROVE(__CPROVER_w_ok(p, n), "what is wiped is tx");
}

int main(void)
{
    static const struct iam_protocol any = {.prepare = prepare_any, .write = write_any};
    struct iam_exchange e;
    bool more;
    size_t n;
    ASSUME(e.cfg.tx_size >= 1 && e.cfg.tx_size <= MOST && e.cfg.pace == NULL);
    e.cfg.tx = any_bytes(e.cfg.tx_size);
    e.protocol = &any;
    __CPROVER_havoc_object(begin);
    parts = 1 + nondet_uint() % MOST_PARTS;
    place = nondet_uint(); /* statics begin as 0: the first piece */
    ASSUME(begin[0] == 0 && begin[1] <= MOST);
    e.stage = nondet_bool() ? IAM_STAGE_CONNECT : IAM_STAGE_SEND;
    ASSUME(e.stage == IAM_STAGE_CONNECT ? e.connected && !e.close : INVARIANT(&e));
    if (e.stage == IAM_STAGE_SEND && nondet_bool()) {
        const char *p = iam_exchange_send_buf(&e, &n);
        PROVE(n == 0 || __CPROVER_r_ok(p, n), "what is to be sent lies in tx");
        iam_exchange_send_ack(&e, n - (n > 0 ? nondet_uint() % n : 0));
    } else {
        iam_exchange_turn(&e, &more);
        PROVE(e.stage != IAM_STAGE_SEND || e.tx_pos < e.tx_n || !e.tx_more, "progress");
    }
    PROVE(e.stage != IAM_STAGE_SEND || INVARIANT(&e), "what it leaves behind");
    PROVE(e.stage != IAM_STAGE_RECEIVE || e.tx_done == begin[parts], "all is sent");
    REACHED();
    return 0;
}
