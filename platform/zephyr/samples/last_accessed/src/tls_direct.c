/* TLS by mbedTLS directly, over the module's sockets. */
#include "tls.h"

#include <tinyiam/port_sockets.h>
#include <tinyiam/port_tls.h>
#include <tinyiam/tinyiam.h>
#include <zephyr/sys/printk.h>

static struct iam_sockets sockets;
static struct iam_tls_shared shared;
static struct iam_tls_session session;
static struct iam_tls tls;
static mbedtls_x509_crt trusted;

struct iam_stream *tls_start(struct iam_system *system, const void *roots, size_t n,
                             struct iam_span server_name)
{
    struct iam_sockets_config below = {.system = system};
    struct iam_tls_shared_config all = {
        .system = system, .ca = &trusted, .sessions = &session, .session_count = 1};
    struct iam_tls_config with = {
        .below = &sockets.stream, .shared = &shared, .server_name = server_name};
    int native = 0;
    int r;

    iam_sockets_init(&sockets, &below);
    mbedtls_x509_crt_init(&trusted);
    r = iam_tls_ca_parse(&trusted, roots, n, &native);
    if (r == IAM_OK) {
        r = iam_tls_shared_init(&shared, &all);
        native = shared.native;
    }
    if (r == IAM_OK)
        r = iam_tls_init(&tls, &with);
    if (r != IAM_OK) {
        printk("TLS: %s, mbedTLS %d\n", iam_result_name(r), native);
        return NULL;
    }
    return &tls.stream;
}

void tls_explain(const struct iam_fault *f)
{
    char why[160];

    if (f->error == IAM_ERR_TLS_VERIFY) {
        (void)iam_tls_verify_text(f->native, why, sizeof why);
        printk("certificate: %s\n", why);
    }
}
