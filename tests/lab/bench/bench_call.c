/* One measurement of bench.py: the engine makes the first request of a client, or the first of its second operation
 * ("next"), or reads a page of 100 entities in pieces of
 * 1,460 bytes; valgrind counts what is between bench_begin() and bench_end(), which are bench_work().
 *   bench_call request|next|minified|indented    prints the bytes, as JSON */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tinyiam/call.h>

#include "bench_page.h"

#define TOKEN 700
#define PIECE 1460

static struct iam_call call;
static char tx[PIECE], rx[PIECE], item[2048], token[TOKEN];
static uint32_t now = 1000;

/* The request goes nowhere; its bytes. */
static size_t send_request(void)
{
    size_t sent = 0, n;
    for (;;) {
        unsigned wants;
        iam_call_time(&call, now, INT64_C(1540000000000) + now);
        if (iam_call_next(&call) != IAM_AGAIN)
            return 0;
        wants = iam_call_wants(&call);
        if (wants & IAM_WANT_OPEN) {
            iam_call_opened(&call);
        } else if (wants & IAM_WANT_SEND) {
            (void)iam_call_send_buf(&call, &n);
            iam_call_send_ack(&call, n);
            sent += n;
        } else {
            return sent;
        }
    }
}

static unsigned read_reply(const char *from, size_t n)
{
    unsigned items = 0;
    for (;;) {
        size_t room, part;
        void *to;
        int r = iam_call_next(&call);
        if (r == IAM_ITEM) {
            items++;
            continue;
        }
        if (r != IAM_AGAIN || n == 0 || !(iam_call_wants(&call) & IAM_WANT_RECV))
            return r == IAM_OK ? items : 0;
        to = iam_call_recv_buf(&call, &room);
        part = n < room ? n : room;
        memcpy(to, from, part);
        iam_call_recv_ack(&call, part);
        from += part;
        n -= part;
    }
}

__attribute__((noinline)) static unsigned bench_work(const char *reply, size_t n, size_t *sent)
{
    if (reply)
        return read_reply(reply, n);
    *sent = send_request();
    return *sent > 0 ? 100 : 0;
}

int main(int argc, char **argv)
{
    static const struct iam_credentials credentials = {
        .access_key_id = IAM_LITERAL("AKIDEXAMPLE"),
        .secret_access_key = IAM_LITERAL("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        .session_token = {token, TOKEN}};
    static const struct iam_entities_request request = {
        .job_id = IAM_LITERAL("examplef-1305-c245-eba4-71fe298bcda7"),
        .service_namespace = IAM_LITERAL("iam"),
        .scope = IAM_SCOPE_PAGE};
    const struct iam_config config = {.tx = tx,
                                      .rx = rx,
                                      .item = item,
                                      .tx_size = sizeof tx,
                                      .rx_size = sizeof rx,
                                      .item_size = sizeof item,
                                      .credentials = &credentials,
                                      .region = IAM_LITERAL("us-east-1")};
    struct bench_page b = {.room = 200000};
    size_t head, sent = 0;
    unsigned items;
    bool is_first = argc == 2 && strcmp(argv[1], "request") == 0;
    bool is_next = argc == 2 && strcmp(argv[1], "next") == 0;

    memset(token, 'T', sizeof token);
    if (argc != 2 || iam_call_init(&call, &config, 1) != IAM_OK ||
        iam_call_entities(&call, &request) != IAM_OK)
        return 2;
    if (is_first) {
        items = bench_work(NULL, 0, &sent);
    } else {
        char *reply = malloc(b.room + 256), text[256];
        b.indented = strcmp(argv[1], "indented") == 0;
        b.p = reply + 256;
        bench_page(&b, 100);
        head = (size_t)snprintf(text, sizeof text,
                                "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
                                "Content-Length: %zu\r\n\r\n",
                                b.n);
        memcpy(b.p - head, text, head);
        send_request();
        if (is_next) {
            items = read_reply(b.p - head, head + b.n);
            if (iam_call_entities(&call, &request) != IAM_OK)
                return 2;
            now += 1000;
            items = bench_work(NULL, 0, &sent) == 100 ? items : 0;
        } else {
            items = bench_work(b.p - head, head + b.n, &sent);
            sent = head + b.n;
        }
        free(reply);
    }
    printf("{\"bytes\": %zu, \"items\": %u}\n", sent, items);
    return items == 100 ? 0 : 1;
}
