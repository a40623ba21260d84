/* A request goes out in pieces of tx. From EVERY state that INVARIANT allows, a turn of the exchange or any number of
 * bytes that the stream took keeps it: tx has the bytes of the request from its place on, of which none is left out or
 * sent twice. So the server gets the same bytes whatever the size of tx, however the stream takes them. */
#include "proof.h"

enum { MOST_PARTS = 5 }; /* of a query */
#define MOST (UINT32_MAX >> 2)

/* A request that is the same whenever it is written: where each of its parts begins, and the last one ends. */
static uint32_t begin[MOST_PARTS + 1];
static uint8_t parts;
static uint32_t place; /* in the request, of the first byte of tx */

/* The part at hand does not end before that place. */
#define IS_PART_OF(e, at)                                                             \
    ((e)->part < parts && (e)->part_at == begin[(e)->part] && (e)->part_at <= MOST && \
     (at) <= begin[(e)->part + 1])
#define BEHIND(e) ((e)->tx_done + ((e)->tx_n - (e)->tx_pos)) /* tx */
#define INVARIANT(e)                                                       \
    ((e)->tx_pos <= (e)->tx_n && (e)->tx_n <= (e)->cfg.tx_size &&          \
     place + (e)->tx_pos == (e)->tx_done && (e)->tx_done <= MOST &&        \
     ((e)->tx_more ? IS_PART_OF(e, BEHIND(e)) && (e)->part_at <= BEHIND(e) \
                   : BEHIND(e) == begin[parts]))

/* What the window has after so many bytes of the stream: "out" proves it. */
#define LESS(a, b) ((a) < (b) ? (a) : (b))
#define SHOWN(o) ((o)->total <= (o)->skip ? 0 : LESS((o)->total - (o)->skip, (o)->cap))

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
