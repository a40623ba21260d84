// The same as main.c in C++, as old as C++11: no designated initialisers.
//   consumer PORT CA-FILE JOB-ID NAMESPACE     keys from the environment, endpoint localhost:PORT
#include <tinyiam/port_posix.h>
#include <tinyiam/port_sockets.h>
#include <tinyiam/port_tls.h>
#include <tinyiam/tinyiam.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

iam_posix posix;
iam_sockets sockets;
iam_tls_shared shared;
iam_tls tls;
iam_client client;
char tx[512], rx[1024], text[4096];

std::string string_of(const iam_span &span)
{
    return std::string(span.p, span.n);
}

int list(const iam_credentials &keys, const std::string &authority, const iam_entities_request &ask)
{
    iam_config config = iam_config();
    config.tx = tx;
    config.tx_size = sizeof tx;
    config.rx = rx;
    config.rx_size = sizeof rx;
    config.item = text;
    config.item_size = sizeof text;
    config.stream = &tls.stream;
    config.system = &posix.system;
    config.credentials = &keys;
    config.region = IAM_SPAN("us-east-1");
    config.authority = iam_span_of(authority.c_str());
    int r = iam_client_init(&client, &config);
    if (r == IAM_OK)
        r = iam_entities_start(&client, &ask);
    while (r == IAM_OK && (r = iam_run(&client, 60000)) == IAM_ITEM) {
        const iam_item *item = iam_client_item(&client);
        const iam_entity *entity = iam_client_entity(&client);
        if (item->kind != IAM_ITEM_ENTITY || entity == nullptr)
            return IAM_ERR_STATE;
        std::printf("%s\n", string_of(entity->arn).c_str());
        iam_checkpoint place; // the accessor does not hide it
        r = iam_client_checkpoint(&client, &place);
    }
    const iam_fault *fault = iam_client_fault(&client);
    const iam_stats *stats = iam_client_stats(&client);
    const iam_report *report = iam_client_report(&client);
    if (r == IAM_OK && (report->status != IAM_JOB_COMPLETED || stats->pages == 0))
        r = IAM_ERR_STATE;
    if (r != IAM_OK)
        std::fprintf(stderr, "consumer: %s, native %d\n", iam_result_name(r), fault->native);
    iam_client_end(&client);
    return r;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    iam_sockets_config below = iam_sockets_config();
    below.system = &posix.system;
    iam_posix_init(&posix);
    iam_sockets_init(&sockets, &below);

    mbedtls_x509_crt roots;
    mbedtls_x509_crt_init(&roots);
    iam_tls_shared_config settings = iam_tls_shared_config();
    settings.system = &posix.system;
    settings.ca = &roots;
    iam_tls_config above = iam_tls_config();
    above.below = &sockets.stream;
    above.shared = &shared;
    int native = 0;
    int r = iam_tls_ca_file(&roots, argv[2], &native);
    if (r == IAM_OK)
        r = iam_tls_shared_init(&shared, &settings);
    if (r == IAM_OK)
        r = iam_tls_init(&tls, &above);

    iam_credentials keys = iam_credentials();
    keys.access_key_id = iam_span_of(std::getenv("AWS_ACCESS_KEY_ID"));
    keys.secret_access_key = iam_span_of(std::getenv("AWS_SECRET_ACCESS_KEY"));
    iam_entities_request ask = iam_entities_request();
    ask.job_id = iam_span_of(argv[3]);
    ask.service_namespace = iam_span_of(argv[4]);
    if (r == IAM_OK)
        r = list(keys, std::string("localhost:") + argv[1], ask);
    iam_tls_free(&tls);
    iam_tls_shared_free(&shared);
    mbedtls_x509_crt_free(&roots);
    return r == IAM_OK ? 0 : 1;
}
