#include <lwip/dns.h>
#include <lwip/ip_addr.h>
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
    err_t error = dns_gethostbyname(name, &raw->address, on_found, raw);
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
        int r = resolve(raw, host);
        if (r < 0)
            return r;
    }
    if (raw->state == RAW_RESOLVED) {
        int r = start_connecting(raw, port);
        if (r < 0)
            return r;
    }
    switch (raw->state) {
    case RAW_CONNECTED:
        return IAM_OK;
    case RAW_UNRESOLVED:
        return IAM_ERR_RESOLVE;
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
    w->ms = self(stream)->received != NULL ? 0 : UINT32_MAX;
}

void iam_lwip_raw_init(struct iam_lwip_raw *raw)
{
    static const struct iam_stream_ops ops = {raw_open, raw_send, raw_recv, raw_close, raw_wait};
    stop_asking(raw); /* in case this memory held a stream that was not closed */
    memset(raw, 0, sizeof *raw);
    raw->stream.ops = &ops;
}
