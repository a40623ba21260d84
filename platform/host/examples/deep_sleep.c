/* A device that wakes, reads some entities of a long list, and sleeps with nothing but two things in memory: its
 * place in the list, and the session of TLS. Each run of this program is one wake; STATE is that memory.
 *
 *     deep_sleep HOST[:PORT] REGION CA JOB_ID NAMESPACE STATE [ENTITIES]
 *
 * Prints the ARNs of the next page of 30 entities (or so many), and on stderr whether the handshake was a full one.
 * Keys come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. Exit code 0: the list is
 * complete, and STATE gone; 3: there is more of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <tinyiam/pace.h>
#include <tinyiam/port_posix.h>
#include <tinyiam/port_sockets.h>
#include <tinyiam/port_tls.h>
#include <tinyiam/tinyiam.h>

#define NAP_MS 3600000u /* who has nothing to do for an hour sleeps */

/* What outlives the sleep: on a board, memory that keeps its power, or flash. The session is a secret. */
struct state {
    struct iam_checkpoint place;
    size_t session_n;
    unsigned char session[8192];
};

static struct iam_posix posix;
static struct iam_sockets sockets;
static struct iam_tls_shared shared;
static struct iam_tls_session session;
static struct iam_tls tls;
static struct iam_client client;
static struct iam_pace budget;
static struct state state;
static char tx[512], rx[1460], item[4096];

static bool load(const char *path)
{
    FILE *f = fopen(path, "rb");
    bool read = f != NULL && fread(&state, sizeof state, 1, f) == 1;
    if (f != NULL)
        fclose(f);
    return read && state.session_n <= sizeof state.session;
}

static bool store(const char *path)
{
    FILE *f;
    bool written;
    (void)umask(077);
    f = fopen(path, "wb");
    written = f != NULL && fwrite(&state, sizeof state, 1, f) == 1;
    return (f == NULL || fclose(f) == 0) && written;
}

/* "localhost:8443" as the session knows it: name and port. */
static struct iam_span host_of(const char *authority, uint16_t *port)
{
    const char *colon = strchr(authority, ':');
    *port = colon != NULL ? (uint16_t)atoi(colon + 1) : 443;
    return colon != NULL ? (struct iam_span){authority, (size_t)(colon - authority)}
                         : iam_span_of(authority);
}

/* Reads a page. IAM_OK: it was the last one; IAM_AGAIN: the next one is due in days, by the pace below. The client
 * holds it back where the page has come whole: a checkpoint made there begins with the page after it. */
static int read_page(void)
{
    for (;;) {
        int r = iam_run(&client, 100);
        if (r == IAM_ITEM) {
            const struct iam_entity *e = iam_client_entity(&client);
            printf("%.*s\n", (int)e->arn.n, e->arn.p);
        } else if (r != IAM_AGAIN || iam_idle_ms(&client) >= NAP_MS) {
            return r;
        }
    }
}

static int wake(char **argv, long count, mbedtls_x509_crt *ca)
{
    struct iam_sockets_config below = {.system = &posix.system};
    struct iam_tls_shared_config all = {
        .system = &posix.system, .ca = ca, .sessions = &session, .session_count = 1};
    struct iam_tls_config above = {.below = &sockets.stream, .shared = &shared};
    struct iam_credentials keys = {.access_key_id = iam_span_of(getenv("AWS_ACCESS_KEY_ID")),
                                   .secret_access_key =
                                       iam_span_of(getenv("AWS_SECRET_ACCESS_KEY")),
                                   .session_token = iam_span_of(getenv("AWS_SESSION_TOKEN"))};
    struct iam_config config = {.tx = tx,
                                .tx_size = sizeof tx,
                                .rx = rx,
                                .rx_size = sizeof rx,
                                .item = item,
                                .item_size = sizeof item,
                                .stream = &tls.stream,
                                .system = &posix.system,
                                .credentials = &keys,
                                .pace = &budget,
                                .region = iam_span_of(argv[2]),
                                .authority = iam_span_of(argv[1])};
    struct iam_entities_request ask = {.job_id = iam_span_of(argv[4]),
                                       .service_namespace = iam_span_of(argv[5]),
                                       .max_items = (uint16_t)count};
    bool again = load(argv[6]);
    uint16_t port;
    struct iam_span host = host_of(argv[1], &port);
    int r;

    iam_pace_init(&budget, IAM_PACE_AUDIT, 1); /* one request, and the next in days */
    iam_posix_init(&posix);
    iam_sockets_init(&sockets, &below);
    r = iam_tls_shared_init(&shared, &all);
    if (r == IAM_OK)
        r = iam_tls_init(&tls, &above);
    if (r == IAM_OK && again) /* what is refused costs a full handshake, no more */
        (void)iam_tls_session_restore(&shared, host, port, state.session, state.session_n);
    if (r == IAM_OK)
        r = iam_client_init(&client, &config);
    if (r == IAM_OK)
        r = again ? iam_resume(&client, &state.place) : iam_entities_start(&client, &ask);
    if (r == IAM_OK)
        r = read_page();
    if (r == IAM_AGAIN)
        (void)iam_client_checkpoint(&client, &state.place);
    if (r < 0)
        fprintf(stderr, "deep_sleep: %s\n", iam_result_text(r));
    iam_client_end(&client); /* closes: now the session is kept */
    if (r == IAM_AGAIN && iam_tls_session_save(&shared, host, port, state.session,
                                               sizeof state.session, &state.session_n) != IAM_OK)
        state.session_n = 0;
    fprintf(stderr, "%s\n", tls.stream.resumed ? "resumed" : "full handshake");
    return r;
}

int main(int argc, char **argv)
{
    mbedtls_x509_crt ca;
    int native, r;

    if (argc < 7 || argc > 8) {
        fprintf(stderr,
                "usage: deep_sleep HOST[:PORT] REGION CA JOB_ID NAMESPACE STATE [ENTITIES]\n");
        return 2;
    }
    mbedtls_x509_crt_init(&ca);
    r = iam_tls_ca_file(&ca, argv[3], &native);
    if (r == IAM_OK)
        r = wake(argv, argc == 8 ? atol(argv[7]) : 30, &ca);
    iam_tls_free(&tls);
    iam_tls_shared_free(&shared);
    mbedtls_x509_crt_free(&ca);
    if (r == IAM_AGAIN)
        return store(argv[6]) ? 3 : 1;
    if (r == IAM_OK)
        (void)remove(argv[6]);
    return r == IAM_OK ? 0 : 1;
}
