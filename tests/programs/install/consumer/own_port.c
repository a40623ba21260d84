/* A port made of the installed template (its nine functions: tests/ports/port/support/yours_memory.c) passes the
 * installed rules, and is what a client of tinyiam::client runs on. */
#include <tinyiam/tinyiam.h>

#include <stdio.h>

#include "port_template.h"
#include "yours_memory.h"

static struct iam_client client;
static char tx[64], rx[64], text[64];

/* A client on it, as far as a name that does not exist. */
static int run(void)
{
    static const struct iam_credentials keys = {
        IAM_LITERAL("AKIDEXAMPLE01234"), IAM_LITERAL("k"), {NULL, 0}};
    struct iam_template stream;
    struct iam_template_system system;
    struct iam_config config = {.tx = tx,
                                .tx_size = sizeof tx,
                                .rx = rx,
                                .rx_size = sizeof rx,
                                .item = text,
                                .item_size = sizeof text,
                                .stream = &stream.stream,
                                .system = &system.system,
                                .credentials = &keys,
                                .region = IAM_SPAN("us-east-1"),
                                .authority = IAM_SPAN("nowhere")};
    struct iam_entities_request ask = {.job_id = IAM_SPAN("examplef-1305-c245-eba4-71fe298bcda7"),
                                       .service_namespace = IAM_SPAN("s3")};
    int r;

    iam_template_init(&stream, &yours_wire);
    iam_template_system_init(&system, &yours_clock);
    r = iam_client_init(&client, &config);
    if (r == IAM_OK)
        r = iam_entities_start(&client, &ask);
    if (r == IAM_OK)
        r = iam_run(&client, 3600000);
    iam_client_end(&client);
    return r;
}

int main(void)
{
    const char *broken = yours_rules();
    int r = run();

    puts(broken == NULL ? "all rules kept" : broken);
    puts(iam_result_name(r));
    return broken == NULL && r == IAM_ERR_RESOLVE ? 0 : 1;
}
