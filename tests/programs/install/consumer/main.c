/* A user of the library: prints the ARN of everybody in a list, one a line.
 *   consumer PORT CA-FILE JOB-ID NAMESPACE     keys from the environment, endpoint localhost:PORT */
#include <tinyiam/port_posix.h>
#include <tinyiam/port_sockets.h>
#include <tinyiam/port_tls.h>
#include <tinyiam/tinyiam.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct iam_posix posix;
static struct iam_sockets sockets;
static struct iam_tls_shared shared;
static struct iam_tls tls;
static struct iam_client client;
static char tx[512], rx[1024], item[4096];

int main(int argc, char **argv)
{
    char authority[32];
    mbedtls_x509_crt roots;
    int native = 0;
    int r;

    if (argc != 5 || snprintf(authority, sizeof authority, "localhost:%s", argv[1]) < 0)
        return 2;
    iam_posix_init(&posix);
    iam_sockets_init(&sockets, &(struct iam_sockets_config){.system = &posix.system});
    mbedtls_x509_crt_init(&roots);
    r = iam_tls_ca_file(&roots, argv[2], &native);
    if (r == IAM_OK) {
        r = iam_tls_shared_init(
            &shared, &(struct iam_tls_shared_config){.system = &posix.system, .ca = &roots});
    }
    if (r == IAM_OK) {
        r = iam_tls_init(&tls,
                         &(struct iam_tls_config){.below = &sockets.stream, .shared = &shared});
    }
    struct iam_credentials keys = {.access_key_id = iam_span_of(getenv("AWS_ACCESS_KEY_ID")),
                                   .secret_access_key =
                                       iam_span_of(getenv("AWS_SECRET_ACCESS_KEY"))};
    struct iam_config config = {.tx = tx,
                                .tx_size = sizeof tx,
                                .rx = rx,
                                .rx_size = sizeof rx,
                                .item = item,
                                .item_size = sizeof item,
                                .stream = &tls.stream,
                                .system = &posix.system,
                                .credentials = &keys,
                                .region = IAM_SPAN("us-east-1"),
                                .authority = iam_span_of(authority)};
    struct iam_entities_request request = {.job_id = iam_span_of(argv[3]),
                                           .service_namespace = iam_span_of(argv[4])};
    if (r == IAM_OK)
        r = iam_client_init(&client, &config);
    if (r == IAM_OK)
        r = iam_entities_start(&client, &request);
    while (r == IAM_OK && (r = iam_run(&client, 60000)) == IAM_ITEM) {
        const struct iam_entity *e = iam_client_entity(&client);
        printf("%.*s\n", (int)e->arn.n, e->arn.p);
        r = IAM_OK;
    }
    if (r != IAM_OK) {
        fprintf(stderr, "consumer: %s, native %d\n", iam_result_name(r),
                iam_client_fault(&client)->native);
    }
    iam_client_end(&client);
    iam_tls_free(&tls);
    iam_tls_shared_free(&shared);
    mbedtls_x509_crt_free(&roots);
    return r == IAM_OK ? 0 : 1;
}
