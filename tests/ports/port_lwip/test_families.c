/* Names with addresses of both families, on lwIP's raw API talking to itself: which is tried, when,
 * and what is said when none answers. The name server is a pcb of the same stack, and time passes
 * when the test says so. */
#include <tinyiam/port_lwip.h>

#include <lwip/dns.h>
#include <lwip/init.h>
#include <lwip/timeouts.h>
#include <lwip/udp.h>
#include <stdio.h>
#include <string.h>

#define PORT 4433

/* What the name server has of a name. */
struct zone {
    const char *name;
    const char *a, *aaaa; /* addresses as text; NULL: none */
};

/* 10.9.9.9 and 2001:db8::9 have no route; 10.8.0.9 lies behind a wire that leads nowhere. */
static const struct zone zones[] = {
    {"six.example", NULL, "::1"},
    {"four.example", "127.0.0.1", NULL},
    {"no-route.example", "10.9.9.9", "::1"},
    {"silent.example", "10.8.0.9", "::1"},
    {"both-dead.example", "10.9.9.9", "2001:db8::9"},
    {"only-four-dead.example", "10.9.9.9", NULL},
    {"nothing.example", NULL, NULL},
};

static uint32_t clock_ms;
static unsigned questions;
static struct udp_pcb *server;

u32_t sys_now(void)
{
    return clock_ms;
}

static void turn(uint32_t ms)
{
    for (int i = 0; i < 8; i++) {
        netif_poll_all();
        sys_check_timeouts();
    }
    clock_ms += ms;
    sys_check_timeouts();
    netif_poll_all();
}

static const struct zone *zone_of(const unsigned char *question, u16_t *end)
{
    char name[64] = "";
    size_t n = 0, at = 12;
    while (question[at] != 0 && n + question[at] + 1u < sizeof name) {
        memcpy(name + n, question + at + 1, question[at]);
        n += question[at];
        name[n++] = '.';
        at += question[at] + 1u;
    }
    name[n > 0 ? n - 1 : 0] = '\0';
    *end = (u16_t)(at + 5);
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if (strcmp(zones[i].name, name) == 0)
            return &zones[i];
    return NULL;
}

static void asked(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from, u16_t port)
{
    unsigned char bytes[300], record[] = {0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4};
    u16_t end, n = pbuf_copy_partial(p, bytes, sizeof bytes - 40, 0);
    const struct zone *z = zone_of(bytes, &end);
    bool six = bytes[end - 3] == 28;
    const char *text = z == NULL ? NULL : six ? z->aaaa : z->a;
    ip_addr_t address;

    (void)arg, (void)n;
    (void)pbuf_free(p);
    questions++;
    memset(bytes + 8, 0, 4); /* one question, one answer or none, nothing else */
    bytes[2] |= 0x80;
    bytes[7] = text != NULL;
    if (text != NULL && ipaddr_aton(text, &address)) {
        record[3] = six ? 28 : 1;
        record[11] = six ? 16 : 4;
        memcpy(bytes + end, record, sizeof record);
        memcpy(bytes + end + sizeof record,
               six ? (const void *)ip_2_ip6(&address)->addr
                   : (const void *)&ip_2_ip4(&address)->addr,
               record[11]);
        end = (u16_t)(end + sizeof record + record[11]);
    }
    struct pbuf *reply = pbuf_alloc(PBUF_TRANSPORT, end, PBUF_RAM);
    (void)pbuf_take(reply, bytes, end);
    (void)udp_sendto(pcb, reply, from, port);
    (void)pbuf_free(reply);
}

static err_t accepted(void *context, struct tcp_pcb *pcb, err_t error)
{
    (void)context, (void)pcb, (void)error;
    return ERR_OK; /* lwIP closes it when the other side does */
}

/* An interface that takes packets and forgets them. */
static err_t forget(struct netif *netif, struct pbuf *p, const ip4_addr_t *to)
{
    (void)netif, (void)p, (void)to;
    return ERR_OK;
}

static err_t dig(struct netif *netif)
{
    netif->mtu = 1500;
    netif->output = forget;
    return ERR_OK;
}

static int passed, failed;

static void want(const char *what, bool ok)
{
    printf("%s: %s\n", what, ok ? "ok" : "FAILED");
    passed += ok;
    failed += !ok;
}

/* Until open has a result; *spent: the milliseconds of the test's clock that it took. */
static int open_to(struct iam_lwip_raw *raw, const char *name, uint32_t *spent)
{
    struct iam_stream *s = &raw->stream;
    uint32_t from = clock_ms;
    int r;
    while ((r = s->ops->open(s, iam_span_of(name), PORT)) == IAM_AGAIN && clock_ms - from < 60000) {
        struct iam_wait w = {.descriptor = -1, .ms = UINT32_MAX};
        iam_stream_wait(s, &w);
        turn(w.ms < 50 ? w.ms : 50);
    }
    *spent = clock_ms - from;
    return r;
}

static int once(struct iam_lwip_raw *raw, const char *name, uint32_t *spent)
{
    int r = open_to(raw, name, spent);
    raw->stream.ops->close(&raw->stream);
    return r;
}

int main(void)
{
    static struct iam_lwip_raw raw;
    static struct netif hole;
    struct tcp_pcb *listener;
    ip_addr_t here;
    ip4_addr_t mine, mask;
    uint32_t ms;

    lwip_init();
    server = udp_new();
    IP_ADDR4(&here, 127, 0, 0, 1);
    (void)udp_bind(server, &here, 53);
    udp_recv(server, asked, NULL);
    dns_setserver(0, &here);
    listener = tcp_new_ip_type(IPADDR_TYPE_ANY);
    (void)tcp_bind(listener, IP_ANY_TYPE, PORT);
    listener = tcp_listen(listener);
    tcp_accept(listener, accepted);
    IP4_ADDR(&mine, 10, 8, 0, 1);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    (void)netif_add(&hole, &mine, &mask, NULL, NULL, dig, ip4_input);
    netif_set_up(&hole);
    netif_set_link_up(&hole);

    iam_lwip_raw_init(&raw);
    want("AAAA alone", once(&raw, "six.example", &ms) == IAM_OK);
    iam_lwip_raw_init(&raw);
    want("A alone", once(&raw, "four.example", &ms) == IAM_OK);
    iam_lwip_raw_init(&raw);
    want("A without a route, then AAAA",
         once(&raw, "no-route.example", &ms) == IAM_OK && ms < 1000);
    want("what worked is first",
         once(&raw, "no-route.example", &ms) == IAM_OK && ms < 1000 && raw.stream.native == 0);
    iam_lwip_raw_init(&raw);
    want("A that does not answer, then AAAA",
         once(&raw, "silent.example", &ms) == IAM_OK && ms >= 4000 && ms < 6000);
    want("the next time at once", once(&raw, "silent.example", &ms) == IAM_OK && ms < 1000);
    want("then a name with A alone", once(&raw, "four.example", &ms) == IAM_OK);
    iam_lwip_raw_init(&raw);
    want("both without a route", open_to(&raw, "both-dead.example", &ms) == IAM_ERR_CONNECT &&
                                     raw.stream.native != 0 && ms < 1000);
    raw.stream.ops->close(&raw.stream);
    want("A without a route, no AAAA",
         once(&raw, "only-four-dead.example", &ms) == IAM_ERR_CONNECT);
    want("no address", once(&raw, "nothing.example", &ms) == IAM_ERR_RESOLVE);
    (void)open_to(&raw, "four.example", &ms);
    raw.stream.ops->close(&raw.stream); /* remembers IPv4 */
    want("IPv4 remembered, AAAA alone", once(&raw, "six.example", &ms) == IAM_OK);
    want("no address, IPv6 remembered", once(&raw, "nothing.example", &ms) == IAM_ERR_RESOLVE);
    want("the name server was asked", questions >= 8);
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
