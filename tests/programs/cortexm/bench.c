/* Instructions of the engine on a Cortex-M4: a request signed, a page read. Under -icount shift=0 an
 * instruction takes 1 ns, and SysTick runs at the board's 25 MHz. JSON lines; tests/programs/cortexm/bench.py. */
#include "bench_page.h"
#include "console.h"
#include "semihost.h"
#include "startup.h"

#include <string.h>
#include <tinyiam/call.h>

#define SYST_CSR (*(volatile uint32_t *)0xE000E010u)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014u)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018u)
#define SYST_MAX 0xFFFFFFu
#define TICK 40u /* instructions */

#define PAGE_MAX 120000
#define TOKEN 700
#define PIECE 1460

static STARTUP_PROVISION char page[PAGE_MAX];
static STARTUP_PROVISION char token[TOKEN];
static struct iam_call call;
static char tx[PIECE], rx[PIECE], item[2048];
static uint32_t now;

static void start(void)
{
    SYST_RVR = SYST_MAX;
    SYST_CVR = 0;
    SYST_CSR = 5;
}

static uint32_t stop(void)
{
    return (SYST_MAX - SYST_CVR) * TICK;
}

static uint32_t records; /* pieces of a request that were sent */

static void report(const char *what, uint32_t instructions, uint32_t bytes)
{
    console_text(&console_out, "{\"target\":\"cortex-m4\",\"what\":\"");
    console_text(&console_out, what);
    console_text(&console_out, "\",\"instructions\":");
    console_number(&console_out, instructions);
    console_text(&console_out, ",\"bytes\":");
    console_number(&console_out, bytes);
    console_text(&console_out, ",\"records\":");
    console_number(&console_out, records);
    console_text(&console_out, "}\n");
    console_flush(&console_out);
}

/* One turn of the loop; the request goes nowhere. Bytes sent. */
static uint32_t send_request(void)
{
    uint32_t sent = 0;
    for (;;) {
        size_t n;
        iam_call_time(&call, now, 1540000000000 + now);
        if (iam_call_next(&call) != IAM_AGAIN)
            return 0;
        unsigned wants = iam_call_wants(&call);
        if (wants & IAM_WANT_OPEN) {
            iam_call_opened(&call);
        } else if (wants & IAM_WANT_SEND) {
            (void)iam_call_send_buf(&call, &n);
            iam_call_send_ack(&call, n);
            sent += (uint32_t)n;
            records++;
        } else {
            return sent;
        }
    }
}

/* Feeds the reply in pieces; items. */
static uint32_t read_reply(const char *from, size_t n, int *result)
{
    uint32_t items = 0;
    for (;;) {
        int r = iam_call_next(&call);
        if (r == IAM_ITEM) {
            items++;
            continue;
        }
        size_t room;
        if (r != IAM_AGAIN || n == 0 || !(iam_call_wants(&call) & IAM_WANT_RECV)) {
            *result = r;
            return items;
        }
        void *to = iam_call_recv_buf(&call, &room);
        size_t part = n < room ? n : room;
        memcpy(to, from, part);
        iam_call_recv_ack(&call, part);
        from += part;
        n -= part;
    }
}

static size_t put_head(size_t body)
{
    struct console head = {.n = 0};
    console_text(&head, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: ");
    console_number(&head, (int64_t)body);
    console_text(&head, "\r\n\r\n");
    memcpy(page, head.buffer, head.n);
    return head.n;
}

/* A page, with the engine's own work told apart from copying it in; without its last byte. */
static int bench_reply(const char *name, struct bench_page b)
{
    int result;
    bench_page(&b, 100);
    size_t head = put_head(b.n);
    memmove(page + head, page + 256, b.n);
    start();
    uint32_t items = read_reply(page, head + b.n - 1, &result);
    if (name)
        report(name, stop(), (uint32_t)(head + b.n));
    return items == 100 ? 0 : 1;
}

/* Counted, with how many times the stream was given bytes: as many records of TLS. With the last byte of the reply
 * before: what comes behind that, where there is one. */
static void bench_request(const char *name, const char *last)
{
    int result;
    now += 1000;
    records = 0;
    start();
    if (last)
        (void)read_reply(last, 1, &result);
    uint32_t sent = send_request();
    report(name, stop(), sent);
}

static struct bench_page a_page(int indented, const char *marker)
{
    return (struct bench_page){page + 256, 0, PAGE_MAX - 256, indented, 0, marker};
}

static int bench_last(const char *name, int indented)
{
    int failed = bench_reply(name, a_page(indented, NULL)), result;
    (void)read_reply(">", 1, &result);
    return failed | (result != IAM_OK);
}

/* The first operation of a client, the next one, and the second page of a list; tx: whose size makes the pieces. */
static int bench(struct iam_config *config, size_t tx_size, const char *const names[3])
{
    struct iam_entities_request request = {.job_id =
                                               IAM_LITERAL("examplef-1305-c245-eba4-71fe298bcda7"),
                                           .service_namespace = IAM_LITERAL("iam"),
                                           .scope = IAM_SCOPE_PAGE};
    int failed = 0;
    config->tx_size = tx_size;
    if (iam_call_init(&call, config, 1) != IAM_OK)
        return 1;
    for (int round = 0; round < 2; round++) {
        request.scope = round == 0 ? IAM_SCOPE_PAGE : IAM_SCOPE_ALL;
        if (iam_call_entities(&call, &request) != IAM_OK)
            return 1;
        bench_request(names[round], NULL);
        if (round == 0)
            failed |= bench_last(tx_size == PIECE ? "page of 100, minified" : NULL, 0);
    }
    /* a Marker of IAM's is some 100 characters of base64 */
    failed |= bench_reply(
        NULL,
        a_page(0,
               "AAEAAQ5kOGYxYjlmNzE2MmU0YjA0mR0eXA9MTI3NDY2NTU0MTIxJmxhc3Q9YWJjZGVmZ2hpamtsbW5vcHFy"
               "c3R1dnd4eXo="));
    bench_request(names[2], ">");
    failed |= bench_last(tx_size == PIECE ? "page of 100, indented" : NULL, 1);
    iam_call_end(&call);
    return failed;
}

int main(void)
{
    static const struct iam_credentials credentials = {
        .access_key_id = IAM_LITERAL("AKIDEXAMPLE"),
        .secret_access_key = IAM_LITERAL("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        .session_token = {token, TOKEN}};
    static const char *const names[2][3] = {
        {"first request", "next request", "request of page 2"},
        {"first request, tx 128", "next request, tx 128", "request of page 2, tx 128"}};
    struct iam_config config = {.tx = tx,
                                .rx = rx,
                                .item = item,
                                .tx_size = sizeof tx,
                                .rx_size = sizeof rx,
                                .item_size = sizeof item,
                                .credentials = &credentials,
                                .region = IAM_LITERAL("us-east-1")};
    console_open();
    memset(token, 'T', sizeof token);
    int failed = bench(&config, sizeof tx, names[0]);
    failed |= bench(&config, 128, names[1]);
    report("stack", 0, (uint32_t)startup_stack_peak());
    return failed;
}
