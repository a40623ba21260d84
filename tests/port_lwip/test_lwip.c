/* The stream on lwIP's raw API against the rules of port.h; the far end is another pcb of the same stack,
 * over its loop interface. Without a framework: prints the broken rule, and "N passed, N failed". */
#include <tinyiam/port_lwip.h>

#include <lwip/init.h>
#include <lwip/stats.h>
#include <lwip/timeouts.h>
#include <stdio.h>
#include <string.h>

#include "conformance.h"

#define FAR_PORT 4433
#define DEAD_PORT 4434
#define FAR_ROOM 20000

struct far {
    struct tcp_pcb *listener, *pcb;
    unsigned char bytes[FAR_ROOM];
    size_t n;
    bool ended;
};

static struct far far;

/* Time passes in idle only: the test takes as long as it computes. */
static uint32_t clock_ms;

u32_t sys_now(void)
{
    return clock_ms;
}

static void poll_stack(void)
{
    netif_poll_all();
    sys_check_timeouts();
}

/* ---- the system: a super-loop's ---- */

static uint32_t mono_ms(struct iam_system *s)
{
    (void)s;
    return sys_now();
}

static int64_t unix_ms(struct iam_system *s)
{
    (void)s;
    return -1;
}

static int entropy(struct iam_system *s, void *out, size_t n)
{
    (void)s, (void)out, (void)n;
    return IAM_ERR_CRYPTO; /* not used by a stream without TLS */
}

static void idle(struct iam_system *s, struct iam_stream *const *streams, size_t n, uint32_t ms)
{
    (void)streams, (void)n;
    (void)s;
    poll_stack();
    clock_ms += ms;
    poll_stack();
}

static const struct iam_system_ops system_ops = {mono_ms, unix_ms, entropy, idle};
static struct iam_system board = {&system_ops};

/* ---- the far end ---- */

static err_t far_received(void *context, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    (void)context, (void)err;
    if (p == NULL) {
        far.ended = true;
        return ERR_OK;
    }
    if (p->tot_len > FAR_ROOM - far.n) {
        return ERR_MEM; /* lwIP offers it again */
    }
    (void)pbuf_copy_partial(p, far.bytes + far.n, p->tot_len, 0);
    far.n += p->tot_len;
    tcp_recved(pcb, p->tot_len);
    (void)pbuf_free(p);
    return ERR_OK;
}

static void far_broken(void *context, err_t err)
{
    (void)context, (void)err;
    far.pcb = NULL;
}

static err_t far_accepted(void *context, struct tcp_pcb *pcb, err_t err)
{
    (void)context;
    if (err != ERR_OK || far.pcb != NULL) {
        return ERR_MEM;
    }
    far.pcb = pcb;
    far.n = 0;
    far.ended = false;
    tcp_recv(pcb, far_received);
    tcp_err(pcb, far_broken);
    tcp_nagle_disable(pcb);
    return ERR_OK;
}

static void far_turn(void *context)
{
    (void)context;
    poll_stack();
}

static int far_send(void *context, const void *bytes, size_t n)
{
    size_t room = far.pcb != NULL ? tcp_sndbuf(far.pcb) : 0;

    (void)context;
    n = n < room ? n : room;
    if (n == 0 || tcp_write(far.pcb, bytes, (u16_t)n, TCP_WRITE_FLAG_COPY) != ERR_OK) {
        poll_stack();
        return 0;
    }
    (void)tcp_output(far.pcb);
    return (int)n;
}

static int far_recv(void *context, void *room, size_t n)
{
    (void)context;
    poll_stack();
    n = n < far.n ? n : far.n;
    memcpy(room, far.bytes, n);
    far.n -= n;
    memmove(far.bytes, far.bytes + n, far.n);
    return n == 0 && far.ended ? -1 : (int)n;
}

static void far_end(void *context)
{
    (void)context;
    (void)tcp_shutdown(far.pcb, 0, 1);
}

static void far_reset(void *context)
{
    (void)context;
    tcp_abort(far.pcb);
    far.pcb = NULL;
}

static void far_forget(void *context)
{
    (void)context;
    for (int i = 0; i < 5; i++) {
        poll_stack();
    }
    if (far.pcb != NULL) {
        tcp_abort(far.pcb);
        far.pcb = NULL;
    }
    poll_stack();
}

/* ---- the tests ---- */

static int passed, failed;

static void tell(const char *what, const char *broken)
{
    printf("%s: %s\n", what, broken != NULL ? broken : "ok");
    passed += broken == NULL;
    failed += broken != NULL;
}

int main(void)
{
    static struct iam_lwip_raw raw;
    struct conformance c = {.stream = &raw.stream, .system = &board, .port = FAR_PORT};
    const char *const names[] = {"127.0.0.1", "known.example"};

    lwip_init();
    far.listener = tcp_new();
    if (tcp_bind(far.listener, IP_ADDR_ANY, FAR_PORT) != ERR_OK) {
        return 1;
    }
    far.listener = tcp_listen(far.listener);
    tcp_accept(far.listener, far_accepted);
    c.dead_port = DEAD_PORT;
    c.cut_result = IAM_EOF;
    c.context = &far;
    c.turn = far_turn;
    c.send = far_send;
    c.recv = far_recv;
    c.end = far_end;
    c.reset = far_reset;
    c.forget = far_forget;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        iam_lwip_raw_init(&raw);
        c.host = (struct iam_span){names[i], strlen(names[i])};
        tell(names[i], conformance_stream(&c));
    }
    raw.stream.ops->close(&raw.stream);
    far_forget(NULL);
    tell("pbufs given back", lwip_stats.memp[MEMP_PBUF_POOL]->used == 0 ? NULL : "some are kept");
    tell("segments given back", lwip_stats.memp[MEMP_TCP_SEG]->used == 0 ? NULL : "some are kept");
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
