/* A reply as it comes: from EVERY state of an exchange that INVARIANT allows, what is in rx is read by whatever the
 * reader of HTTP and the protocol may say of it ("http" proves the one); and then it fails. */
#include "reply_invariant.h"

int main(void)
{
    static const struct iam_protocol any = {
        .head = head_any, .read = read_any, .finish = finish_any};
    struct iam_exchange e;
    ASSUME(e.cfg.rx_size <= INT32_MAX);
    e.cfg.rx = any_bytes(e.cfg.rx_size);
    e.cfg.stats_at = 0;
    e.cfg.pace = NULL;
    e.protocol = &any;
    ASSUME(INVARIANT(&e));
#ifdef TROUBLE
    uint64_t offset = e.clock_offset;
    int r = iam_exchange_trouble(&e, -(int)(nondet_uint() % 128), 0);
    PROVE(r == IAM_AGAIN || e.stage == IAM_STAGE_FAILED, "again, or it has failed");
    PROVE(e.stage != IAM_STAGE_PAUSE || e.resume_at <= e.now + 25000, "the longest pause");
    PROVE(e.clock_offset == (int64_t)offset || e.skew_tried, "the clock is corrected once");
#elif defined TURN
    bool more = false;
    size_t n;
    e.stage = (uint8_t)(nondet_bool() ? IAM_STAGE_RECEIVE : nondet_uint() % IAM_STAGE_RECEIVE);
    if (e.stage == IAM_STAGE_RECEIVE && nondet_bool()) {
        int r = iam_exchange_turn(&e, &more);
        PROVE(r != IAM_AGAIN || more || e.stage != IAM_STAGE_RECEIVE || e.rx_n == 0,
              "it waits for more when all is read");
    } else if (nondet_bool()) {
        void *rx = iam_exchange_recv_buf(&e, &n);
        PROVE(__CPROVER_w_ok(rx, n), "there is room for what is received");
        ASSUME(n > 0);
        iam_exchange_recv_ack(&e, 1 + nondet_uint() % n);
    } else {
        iam_exchange_closed(&e, -(int)(nondet_uint() % 128), 0);
        PROVE(!e.connected, "it is closed");
    }
#else
    read_reply(&e);
#endif
    PROVE(INVARIANT(&e), "what it leaves behind");
    REACHED();
    return 0;
}
