/* The stream on lwIP's raw API against the rules of port.h; the far end is another pcb of the same stack,
 * over its loop interface. Without a framework: prints the broken rule, and "N passed, N failed". */
#include <tinyiam/port_lwip.h>

#include <lwip/dns.h>
#include <lwip/init.h>
#include <lwip/stats.h>
#include <lwip/timeouts.h>
#include <lwip/udp.h>
#include <stdio.h>
#include <stdlib.h>
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
    if (p->tot_len > FAR_ROOM - far.n)
        return ERR_MEM; /* lwIP offers it again */
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
    if (err != ERR_OK || far.pcb != NULL)
        return ERR_MEM;
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
    for (int i = 0; i < 5; i++)
        poll_stack();
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

/* ---- a name server that keeps its questions until it is told to answer ---- */

static struct {
    struct udp_pcb *pcb;
    struct question {
        unsigned char bytes[300];
        u16_t n, port;
    } kept[8];
    size_t n;
} server;

static void asked(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from, u16_t port)
{
    (void)arg, (void)pcb, (void)from;
    if (server.n < sizeof server.kept / sizeof *server.kept) {
        struct question *q = &server.kept[server.n++];
        q->n = pbuf_copy_partial(p, q->bytes, sizeof q->bytes, 0);
        q->port = port;
    }
    (void)pbuf_free(p);
}

/* Each question's one record: 127.0.0.1, for a minute. */
static void answer_all(void)
{
    static const unsigned char record[] = {0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1};
    ip_addr_t to;

    IP_ADDR4(&to, 127, 0, 0, 1);
    for (size_t i = 0; i < server.n; i++) {
        struct question *q = &server.kept[i];
        struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)(q->n + sizeof record), PBUF_RAM);
        q->bytes[2] |= 0x80; /* a reply, */
        q->bytes[7] = 1;     /* of one record */
        (void)pbuf_take(p, q->bytes, q->n);
        (void)pbuf_take_at(p, record, sizeof record, q->n);
        (void)udp_sendto(server.pcb, p, &to, q->port);
        (void)pbuf_free(p);
    }
    server.n = 0;
    for (int i = 0; i < 5; i++)
        poll_stack();
}

static int ask(struct iam_lwip_raw *raw, const char *name)
{
    int r = raw->stream.ops->open(&raw->stream, iam_span_of(name), DEAD_PORT);
    for (int i = 0; i < 5; i++)
        poll_stack();
    return r;
}

/* Nobody listens where it leads: who has the address is refused there. */
static bool is_found(struct iam_lwip_raw *raw, const char *name)
{
    (void)ask(raw, name);
    return ask(raw, name) == IAM_ERR_CONNECT;
}

static const char *without_a_name_server(void)
{
    static struct iam_lwip_raw raw;
    int r = IAM_AGAIN;

    iam_lwip_raw_init(&raw);
    for (int i = 0; i < 100 && r == IAM_AGAIN; i++) {
        r = ask(&raw, "nobody.example");
        idle(&board, NULL, 0, 1000);
    }
    raw.stream.ops->close(&raw.stream);
    return r == IAM_ERR_RESOLVE ? NULL : "a name that nobody can tell is not refused";
}

/* An answer that comes after close must not touch the stream: its memory is given back here, so that the
 * sanitizer sees it. */
static const char *late_answers(void)
{
    struct iam_lwip_raw *gone = malloc(sizeof *gone), *stays = malloc(sizeof *stays), *anew;
    ip_addr_t local;

    server.pcb = udp_new();
    IP_ADDR4(&local, 127, 0, 0, 1);
    if (gone == NULL || stays == NULL || udp_bind(server.pcb, &local, 53) != ERR_OK)
        return "no memory, or no port";
    udp_recv(server.pcb, asked, NULL);
    dns_setserver(0, &local);
    iam_lwip_raw_init(gone);
    iam_lwip_raw_init(stays);
    if (ask(gone, "gone.example") != IAM_AGAIN || ask(stays, "stays.example") != IAM_AGAIN ||
        server.n != 2)
        return "the questions did not come";
    gone->stream.ops->close(&gone->stream);
    free(gone);
    answer_all();
    if (!is_found(stays, "stays.example"))
        return "the stream that waits has not heard its answer";
    stays->stream.ops->close(&stays->stream);
    /* the same memory asks for something else meanwhile: the late answer is not its own */
    iam_lwip_raw_init(stays);
    (void)ask(stays, "first.example");
    stays->stream.ops->close(&stays->stream);
    anew = stays;
    iam_lwip_raw_init(anew);
    server.n = 1; /* the first question alone */
    struct question first = server.kept[0];
    (void)ask(anew, "second.example");
    struct question second = server.kept[1];
    server.kept[0] = first;
    server.n = 1;
    answer_all();
    if (is_found(anew, "second.example"))
        return "another name's answer was taken";
    server.kept[0] = second;
    server.n = 1;
    answer_all();
    if (!is_found(anew, "second.example"))
        return "its own answer was not taken";
    anew->stream.ops->close(&anew->stream);
    free(anew);
    return NULL;
}

int main(void)
{
    static struct iam_lwip_raw raw;
    struct conformance c = {.stream = &raw.stream, .system = &board, .port = FAR_PORT};
    const char *const names[] = {"127.0.0.1", "known.example"};

    lwip_init();
    far.listener = tcp_new();
    if (tcp_bind(far.listener, IP_ADDR_ANY, FAR_PORT) != ERR_OK)
        return 1;
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
        c.host = iam_span_of(names[i]);
        tell(names[i], conformance_stream(&c));
    }
    raw.stream.ops->close(&raw.stream);
    tell("no name server", without_a_name_server());
    tell("late answers", late_answers());
    far_forget(NULL);
    tell("pbufs given back", lwip_stats.memp[MEMP_PBUF_POOL]->used == 0 ? NULL : "some are kept");
    tell("segments given back", lwip_stats.memp[MEMP_TCP_SEG]->used == 0 ? NULL : "some are kept");
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
