/* TLS by Zephyr's own sockets. */
#include "tls.h"

#include <tinyiam/port_tls_zephyr.h>
#include <zephyr/net/tls_credentials.h>
#include <zephyr/sys/printk.h>

#define TAG 1

static struct iam_tls_zephyr tls;

struct iam_stream *tls_start(struct iam_system *system, const void *roots, size_t n,
                             struct iam_span server_name)
{
    static const int tags[] = {TAG};
    struct iam_tls_zephyr_config with = {
        .sec_tags = tags, .sec_tag_count = 1, .server_name = server_name};
    int code = tls_credential_add(TAG, TLS_CREDENTIAL_CA_CERTIFICATE, roots, n);

    (void)system;
    if (code != 0) {
        printk("certificates: %d\n", code);
        return NULL;
    }
    iam_tls_zephyr_init(&tls, &with);
    return &tls.stream;
}

void tls_explain(const struct iam_fault *f)
{
    (void)f; /* native sockets do not tell */
}
