/* Four clients on one thread, in a poll loop of one's own: who used these four services? With epoll, libuv or
 * a select it is the same loop; without one, iam_run_any() does it (tinyiam.h).
 *
 *     four_clients HOST[:PORT] REGION CA JOB_ID NAMESPACE NAMESPACE NAMESPACE NAMESPACE
 *
 * Keys come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. The four share certificates,
 * random generator and sessions of TLS; each has its own connection, buffers and list. */
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include <tinyiam/port_posix.h>
#include <tinyiam/port_sockets.h>
#include <tinyiam/port_tls.h>
#include <tinyiam/tinyiam.h>

enum { CLIENTS = 4 };

struct member {
    struct iam_sockets sockets;
    struct iam_tls tls;
    struct iam_client client;
    char tx[512], rx[1460], item[4096];
    const char *service;
    unsigned entities, never;
    uint8_t seen; /* what poll has said about it */
    bool through;
};

static struct iam_posix posix;
static struct iam_tls_shared shared;
static struct iam_tls_session sessions[CLIENTS];
static struct member members[CLIENTS];

static int start(struct member *m, const struct iam_config *common, struct iam_span job)
{
    struct iam_sockets_config below = {.system = &posix.system};
    struct iam_tls_config tls = {.below = &m->sockets.stream, .shared = &shared};
    struct iam_config config = *common;
    struct iam_entities_request ask = {.job_id = job, .service_namespace = iam_span_of(m->service)};
    int r;

    iam_sockets_init(&m->sockets, &below);
    r = iam_tls_init(&m->tls, &tls);
    config.tx = m->tx;
    config.tx_size = sizeof m->tx;
    config.rx = m->rx;
    config.rx_size = sizeof m->rx;
    config.item = m->item;
    config.item_size = sizeof m->item;
    config.stream = &m->tls.stream;
    if (r == IAM_OK)
        r = iam_client_init(&m->client, &config);
    return r == IAM_OK ? iam_entities_start(&m->client, &ask) : r;
}

/* As far as it gets without waiting. IAM_AGAIN: it waits; IAM_OK: its list is complete. */
static int turn(struct member *m)
{
    int r;
    while ((r = iam_step(&m->client)) == IAM_ITEM) {
        m->entities++;
        m->never += !iam_client_entity(&m->client)->last_authenticated.present;
    }
    if (r == IAM_OK) {
        printf("%s: %u entities, %u never\n", m->service, m->entities, m->never);
        m->tls.stream.ops->close(&m->tls.stream);
    } else if (r < 0) {
        const struct iam_fault *f = iam_client_fault(&m->client);
        fprintf(stderr, "%s: %s, native %d %.*s\n", m->service, iam_result_text(r), f->native,
                (int)f->message.n, f->message.p != NULL ? f->message.p : "");
    }
    m->through = r != IAM_AGAIN;
    return r;
}

/* Sleeps until the network stirs for one of them, or its time has come. */
static void wait_for_any(void)
{
    struct pollfd fds[CLIENTS];
    uint32_t ms = INT_MAX;

    for (size_t i = 0; i < CLIENTS; i++) {
        struct iam_wait w = {.descriptor = -1, .ms = INT_MAX};
        if (!members[i].through)
            w = iam_client_wait(&members[i].client, members[i].seen);
        fds[i] = (struct pollfd){.fd = w.events != 0 ? w.descriptor : -1};
        if (w.events & IAM_WAIT_READ)
            fds[i].events |= POLLIN;
        if (w.events & IAM_WAIT_WRITE)
            fds[i].events |= POLLOUT;
        ms = w.ms < ms ? w.ms : ms;
    }
    (void)poll(fds, CLIENTS, (int)ms);
    for (size_t i = 0; i < CLIENTS; i++) {
        members[i].seen = fds[i].revents & POLLIN ? IAM_WAIT_READ : 0;
        if (fds[i].revents & POLLOUT)
            members[i].seen |= IAM_WAIT_WRITE;
    }
}

static int run(const struct iam_config *common, struct iam_span job)
{
    size_t left = CLIENTS;
    int result = IAM_OK, r;

    for (size_t i = 0; i < CLIENTS; i++)
        if ((r = start(&members[i], common, job)) != IAM_OK)
            return r;
    while (left > 0) {
        for (size_t i = 0; i < CLIENTS; i++)
            if (!members[i].through && (r = turn(&members[i])) != IAM_AGAIN) {
                left--;
                result = r < 0 ? r : result;
            }
        if (left > 0)
            wait_for_any();
    }
    return result;
}

int main(int argc, char **argv)
{
    mbedtls_x509_crt ca;
    struct iam_tls_shared_config tls = {
        .system = &posix.system, .ca = &ca, .sessions = sessions, .session_count = CLIENTS};
    struct iam_credentials keys = {.access_key_id = iam_span_of(getenv("AWS_ACCESS_KEY_ID")),
                                   .secret_access_key =
                                       iam_span_of(getenv("AWS_SECRET_ACCESS_KEY")),
                                   .session_token = iam_span_of(getenv("AWS_SESSION_TOKEN"))};
    struct iam_config common = {.system = &posix.system, .credentials = &keys};
    int native, r;

    if (argc != 5 + CLIENTS) {
        fprintf(stderr, "usage: four_clients HOST[:PORT] REGION CA JOB_ID NAMESPACE NAMESPACE "
                        "NAMESPACE NAMESPACE\n");
        return 2;
    }
    common.authority = iam_span_of(argv[1]);
    common.region = iam_span_of(argv[2]);
    for (size_t i = 0; i < CLIENTS; i++)
        members[i].service = argv[5 + i];
    iam_posix_init(&posix);
    mbedtls_x509_crt_init(&ca);
    r = iam_tls_ca_file(&ca, argv[3], &native);
    if (r == IAM_OK)
        r = iam_tls_shared_init(&shared, &tls);
    if (r == IAM_OK)
        r = run(&common, iam_span_of(argv[4]));
    if (r != IAM_OK)
        fprintf(stderr, "four_clients: %s\n", iam_result_text(r));
    for (size_t i = 0; i < CLIENTS; i++) {
        iam_client_end(&members[i].client);
        iam_tls_free(&members[i].tls);
    }
    iam_tls_shared_free(&shared);
    mbedtls_x509_crt_free(&ca);
    return r == IAM_OK ? 0 : 1;
}
