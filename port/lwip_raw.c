/* TCP on lwIP's raw API, for programs without threads. */
#include <lwip/dns.h>
#include <lwip/ip_addr.h>
#include <lwip/sys.h>
#include <lwip/tcp.h>
#include <string.h>
#include <tinyiam/port_lwip.h>

/* CLOSED -> RESOLVING -> RESOLVED -> CONNECTING -> CONNECTED; UNRESOLVED, REFUSED and FAILED are how each
 * step fails. Close leads back to CLOSED from anywhere. */
enum {
    RAW_CLOSED,
    RAW_RESOLVING,
    RAW_RESOLVED,
    RAW_CONNECTING,
    RAW_CONNECTED,
    RAW_UNRESOLVED,
    RAW_REFUSED,
    RAW_FAILED
};

/* Those whose name lwIP is looking up. It cannot be told to forget a question, and its answer names the
 * memory that asked: whose is no longer listed here may be anything by now. */
static struct iam_lwip_raw *asking;

static void stop_asking(const struct iam_lwip_raw *raw)
{
    struct iam_lwip_raw **at = &asking;
    while (*at != NULL && *at != raw)
        at = &(*at)->next;
    if (*at != NULL)
        *at = (*at)->next;
}

static struct iam_lwip_raw *self(struct iam_stream *stream)
{
    return (struct iam_lwip_raw *)(void *)stream;
}

static void on_found(const char *name, const ip_addr_t *address, void *arg)
{
    struct iam_lwip_raw *raw = asking;
    while (raw != NULL && raw != arg)
        raw = raw->next;
    /* It may come after close, and after another open: it counts only for the same name. */
    if (raw == NULL || strlen(name) != raw->host.n || memcmp(name, raw->host.p, raw->host.n) != 0)
        return;
    stop_asking(raw);
    if (address == NULL) {
        raw->state = RAW_UNRESOLVED;
        return;
    }
    raw->address = *address;
    raw->state = RAW_RESOLVED;
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t error)
{
    struct iam_lwip_raw *raw = arg;
    (void)pcb;
    (void)error; /* always ERR_OK */
    raw->state = RAW_CONNECTED;
    raw->stream.connects++;
    return ERR_OK;
}

/* lwIP calls it when the connection has failed; it has freed the pcb by then. */
static void on_error(void *arg, err_t error)
{
    struct iam_lwip_raw *raw = arg;
    raw->pcb = NULL;
    raw->stream.native = error;
    raw->state = raw->state == RAW_CONNECTING ? RAW_REFUSED : RAW_FAILED;
}

static err_t on_received(void *arg, struct tcp_pcb *pcb, struct pbuf *data, err_t error)
{
    struct iam_lwip_raw *raw = arg;
    (void)pcb;
    (void)error;
    if (data == NULL) {
        raw->ended = true;
        return ERR_OK;
    }
    if (raw->received == NULL)
        raw->received = data;
    else if ((u32_t)raw->received->tot_len + data->tot_len > 0xFFFF)
        return ERR_MEM; /* lwIP keeps it and offers it again */
    else
        pbuf_cat(raw->received, data);
    return ERR_OK;
}

/* ---- both families ---- */

#if LWIP_IPV4 && LWIP_IPV6
/* An address that has not answered by then gives way to the other family's: time for one SYN to be sent again. */
#define OTHER_MS 4000u

/* lwIP hands out one address of a name and knows no order of preference beyond a compile-time one. So the family that
 * worked last comes first, and the other one after a failure. */
static u8_t address_type(const struct iam_lwip_raw *raw)
{
    switch (raw->family) {
    case 4:
        return LWIP_DNS_ADDRTYPE_IPV4;
    case 6:
        return LWIP_DNS_ADDRTYPE_IPV6;
    default:
        return LWIP_DNS_ADDRTYPE_DEFAULT;
    }
}

static void forget_connection(struct iam_lwip_raw *raw)
{
    struct tcp_pcb *pcb = raw->pcb;
    raw->pcb = NULL;
    if (pcb == NULL)
        return;
    tcp_arg(pcb, NULL);
    tcp_err(pcb, NULL);
    tcp_abort(pcb);
}

/* true: what failed, or does not answer, has another family to try. */
static bool other_family(struct iam_lwip_raw *raw)
{
    bool late = raw->state == RAW_CONNECTING && sys_now() - raw->began >= OTHER_MS;
    if (raw->turned || !(late || raw->state == RAW_REFUSED || raw->state == RAW_UNRESOLVED))
        return false;
    if (raw->state == RAW_UNRESOLVED && raw->family == 0)
        return false; /* lwIP has asked for both */
    if (late)
        raw->stream.native = ERR_TIMEOUT;
    raw->tried = raw->tried || raw->state != RAW_UNRESOLVED;
    forget_connection(raw);
    raw->family = raw->state == RAW_UNRESOLVED ? (raw->family == 4 ? 6 : 4)
                  : IP_IS_V6(&raw->address)    ? 4
                                               : 6;
    raw->turned = true;
    return true;
}

/* After that, and with the time that is left before. */
static void wait_for_other(const struct iam_lwip_raw *raw, struct iam_wait *w)
{
    uint32_t passed = sys_now() - raw->began;
    if (raw->state == RAW_CONNECTING && !raw->turned)
        w->ms = passed < OTHER_MS ? OTHER_MS - passed : 0;
}

/* How connecting stands, for the caller and for the next time. */
static int outcome(struct iam_lwip_raw *raw, int result)
{
    if (result == IAM_OK)
        raw->family = IP_IS_V6(&raw->address) ? 6 : 4;
    /* the other family has no address: what counts is that the first did not connect */
    return result == IAM_ERR_RESOLVE && raw->tried ? IAM_ERR_CONNECT : result;
}

static void begin_families(struct iam_lwip_raw *raw)
{
    raw->turned = raw->tried = false;
}

static void begin_connecting(struct iam_lwip_raw *raw)
{
    raw->began = sys_now();
}
#else
static u8_t address_type(const struct iam_lwip_raw *raw)
{
    (void)raw;
    return LWIP_DNS_ADDRTYPE_DEFAULT;
}
static bool other_family(const struct iam_lwip_raw *raw)
{
    (void)raw;
    return false;
}
static void wait_for_other(const struct iam_lwip_raw *raw, struct iam_wait *w)
{
    (void)raw, (void)w;
}
static int outcome(const struct iam_lwip_raw *raw, int result)
{
    (void)raw;
    return result;
}
static void begin_families(const struct iam_lwip_raw *raw)
{
    (void)raw;
}
static void begin_connecting(const struct iam_lwip_raw *raw)
{
    (void)raw;
}
#endif

static int resolve(struct iam_lwip_raw *raw, struct iam_span host)
{
    char name[DNS_MAX_NAME_LENGTH];
    if (host.n == 0 || host.n >= sizeof name) {
        raw->stream.native = ERR_ARG;
        return IAM_ERR_RESOLVE;
    }
    memcpy(name, host.p, host.n);
    name[host.n] = '\0';
    raw->host = host;
    raw->state = RAW_RESOLVING;
    raw->next = asking;
    asking = raw; /* lwIP may call back before this call returns */
    err_t error = dns_gethostbyname_addrtype(name, &raw->address, on_found, raw, address_type(raw));
    if (error == ERR_OK) {
        raw->state = RAW_RESOLVED;
    } else if (error != ERR_INPROGRESS) {
        raw->stream.native = error;
        raw->state = RAW_UNRESOLVED;
    }
    if (raw->state != RAW_RESOLVING)
        stop_asking(raw);
    return IAM_AGAIN;
}

static int start_connecting(struct iam_lwip_raw *raw, uint16_t port)
{
    raw->pcb = tcp_new_ip_type(IP_GET_TYPE(&raw->address));
    if (raw->pcb == NULL) {
        raw->stream.native = ERR_MEM;
        raw->state = RAW_FAILED;
        return IAM_ERR_IO;
    }
    tcp_arg(raw->pcb, raw);
    tcp_err(raw->pcb, on_error);
    tcp_recv(raw->pcb, on_received);
    tcp_nagle_disable(raw->pcb);
    begin_connecting(raw);
    raw->state = RAW_CONNECTING;
    err_t error = tcp_connect(raw->pcb, &raw->address, port, on_connected);
    if (error != ERR_OK) {
        raw->stream.native = error;
        tcp_arg(raw->pcb, NULL);
        tcp_err(raw->pcb, NULL);
        tcp_abort(raw->pcb);
        raw->pcb = NULL;
        raw->state = RAW_REFUSED;
    }
    return IAM_AGAIN;
}

static int raw_open(struct iam_stream *stream, struct iam_span host, uint16_t port)
{
    struct iam_lwip_raw *raw = self(stream);
    if (raw->state == RAW_CLOSED) {
        stream->native = 0;
        begin_families(raw);
        int r = resolve(raw, host);
        if (r < 0)
            return r;
    }
    do {
        if (raw->state == RAW_RESOLVED) {
            int r = start_connecting(raw, port);
            if (r < 0)
                return r;
        }
    } while (other_family(raw) && resolve(raw, host) == IAM_AGAIN);
    switch (raw->state) {
    case RAW_CONNECTED:
        raw->stream.native = 0;
        return outcome(raw, IAM_OK);
    case RAW_UNRESOLVED:
        return outcome(raw, IAM_ERR_RESOLVE);
    case RAW_REFUSED:
        return IAM_ERR_CONNECT;
    case RAW_FAILED:
        return IAM_ERR_RESET;
    default:
        return IAM_AGAIN;
    }
}

/* The result of send and recv on a stream that is not connected. */
static int not_connected(const struct iam_lwip_raw *raw)
{
    switch (raw->state) {
    case RAW_FAILED:
        return raw->stream.native == ERR_RST || raw->stream.native == ERR_ABRT ? IAM_ERR_RESET
                                                                               : IAM_ERR_IO;
    case RAW_REFUSED:
        return IAM_ERR_CONNECT;
    default:
        return IAM_ERR_STATE;
    }
}

static int raw_send(struct iam_stream *stream, const void *data, size_t n)
{
    struct iam_lwip_raw *raw = self(stream);
    if (raw->state != RAW_CONNECTED)
        return not_connected(raw);
    size_t room = tcp_sndbuf(raw->pcb);
    if (n > room)
        n = room;
    if (n == 0 || tcp_sndqueuelen(raw->pcb) >= TCP_SND_QUEUELEN)
        return 0;
    err_t error = tcp_write(raw->pcb, data, (u16_t)n, TCP_WRITE_FLAG_COPY);
    if (error == ERR_MEM) {
        /* The heap holds less than the window: half as much may fit; the rest when something is acknowledged. */
        n /= 2;
        error = n == 0 ? ERR_MEM : tcp_write(raw->pcb, data, (u16_t)n, TCP_WRITE_FLAG_COPY);
        if (error == ERR_MEM) {
            (void)tcp_output(raw->pcb);
            return raw->state == RAW_CONNECTED ? 0 : not_connected(raw);
        }
    }
    if (error != ERR_OK) {
        stream->native = error;
        return IAM_ERR_IO;
    }
    (void)tcp_output(raw->pcb); /* if it fails now, lwIP's timer sends it */
    return (int)n;
}

static int raw_recv(struct iam_stream *stream, void *data, size_t n)
{
    struct iam_lwip_raw *raw = self(stream);
    if (raw->received == NULL) {
        if (raw->state != RAW_CONNECTED)
            return not_connected(raw);
        return raw->ended ? IAM_EOF : 0;
    }
    uint8_t *to = data;
    size_t done = 0;
    while (done < n && raw->received != NULL) {
        struct pbuf *first = raw->received;
        size_t part = (size_t)first->len - raw->offset;
        if (part > n - done)
            part = n - done;
        memcpy(to + done, (const uint8_t *)first->payload + raw->offset, part);
        done += part;
        raw->offset = (uint16_t)(raw->offset + part);
        if (raw->offset == first->len) {
            raw->received = first->next;
            if (raw->received != NULL)
                pbuf_ref(raw->received);
            pbuf_free(first);
            raw->offset = 0;
        }
    }
    if (raw->pcb != NULL)
        tcp_recved(raw->pcb, (u16_t)done);
    return (int)done;
}

static void raw_close(struct iam_stream *stream)
{
    struct iam_lwip_raw *raw = self(stream);
    stop_asking(raw);
    if (raw->received != NULL) {
        pbuf_free(raw->received);
        raw->received = NULL;
    }
    if (raw->pcb != NULL) {
        struct tcp_pcb *pcb = raw->pcb;
        raw->pcb = NULL;
        tcp_arg(pcb, NULL);
        tcp_err(pcb, NULL);
        tcp_recv(pcb, NULL);
        tcp_setprio(
            pcb,
            TCP_PRIO_MIN); /* a connection that is still closing may be dropped to make room for another */
        if (raw->state != RAW_CONNECTED || tcp_close(pcb) != ERR_OK)
            tcp_abort(pcb);
    }
    raw->offset = 0;
    raw->ended = false;
    raw->state = RAW_CLOSED;
}

/* lwIP calls back from its input, which ends the sleep of a loop by itself. */
static void raw_wait(struct iam_stream *stream, struct iam_wait *w)
{
    const struct iam_lwip_raw *raw = self(stream);
    w->ms = raw->received != NULL ? 0 : UINT32_MAX;
    wait_for_other(raw, w);
}

void iam_lwip_raw_init(struct iam_lwip_raw *raw)
{
    static const struct iam_stream_ops ops = {raw_open, raw_send, raw_recv, raw_close, raw_wait};
    stop_asking(raw); /* in case this memory held a stream that was not closed */
    memset(raw, 0, sizeof *raw);
    raw->stream.ops = &ops;
}
