/* The client on a bare machine: one loop over network and client, asleep between events. */
#include "args.h"
#include "clock.h"
#include "console.h"
#include "jsonl.h"
#include "net.h"
#include "options.h"
#include "semihost.h"
#include "startup.h"
#include "system.h"
#include "tls_platform.h"
#include "trust.h"

#include <string.h>
#include <tinyiam/port_lwip.h>
#include <tinyiam/port_sntp.h>
#include <tinyiam/port_tls.h>
#include <tinyiam/tinyiam.h>

#define TX_SIZE 512
#define RX_SIZE 512
#ifndef CORTEXM_ITEM_SIZE
#define CORTEXM_ITEM_SIZE \
    3584 /* the longest entity of the service's model and the longest Marker */
#endif
#define SNTP_WAIT_MS 30000u

/* Without the table of endpoints: the commercial partition's, which signs for us-east-1. */
#if CONFIG_TINYIAM_ENDPOINTS
#define AUTHORITY ""
#else
#define AUTHORITY "iam.amazonaws.com"
#endif

static struct app {
    struct options options;
    struct console out, err;
    struct iam_lwip_raw tcp;
    struct iam_tls tls;
    struct iam_credentials credentials;
    struct iam_client client;
    uint32_t entities, turns;
    char tx[TX_SIZE], rx[RX_SIZE], item[CORTEXM_ITEM_SIZE];
} app;

/* What survives a reset of the CPU: where the list was. Two places in turn, as the one that was resumed
 * from is read until the list ends. */
#define KEPT_MAGIC 0x4B454550u
static STARTUP_KEEP struct {
    uint32_t magic;
    uint32_t latest;
    struct iam_checkpoint checkpoint[2];
} kept;

static struct iam_span span(const char *text)
{
    return (struct iam_span){text, text != NULL ? strlen(text) : 0};
}

static int fail(int code, const char *text, const char *more)
{
    console_text(&app.err, "tinyiam: [ERROR]: ");
    console_text(&app.err, text);
    console_text(&app.err, more);
    console_text(&app.err, "\n");
    console_flush(&app.err);
    return code;
}

/* ---- set-up ---- */

static int check_options(const struct options *o)
{
    if (strcmp(o->command, "get-service-last-accessed-details-with-entities") != 0) {
        return fail(
            EXIT_USAGE,
            "An error occurred (ParamValidation): argument operation: Found invalid choice ",
            o->command);
    }
    if (o->job_id == NULL || o->service_namespace == NULL) {
        return fail(EXIT_USAGE,
                    "An error occurred (ParamValidation): the following arguments are required: ",
                    o->job_id == NULL ? "--job-id" : "--service-namespace");
    }
    if (o->region == NULL) {
        return fail(EXIT_CONFIGURATION, "You must specify a region: --region or AWS_REGION", "");
    }
    if (o->access_key_id == NULL || o->secret_access_key == NULL) {
        return fail(EXIT_CONFIGURATION, "Unable to locate credentials: AWS_ACCESS_KEY_ID, ",
                    "AWS_SECRET_ACCESS_KEY");
    }
    if (o->ca_bundle == NULL) {
        return fail(EXIT_CONFIGURATION, "no certificates to trust: --ca-bundle or AWS_CA_BUNDLE",
                    "");
    }
    return EXIT_DONE;
}

static bool address(ip4_addr_t *to, const char *text, const char *fallback)
{
    return ip4addr_aton(text != NULL ? text : fallback, to) != 0;
}

static int start_network(const struct options *o)
{
    struct net_config config;
    if (!address(&config.address, o->address, "10.0.2.15") ||
        !address(&config.netmask, o->netmask, "255.255.255.0") ||
        !address(&config.gateway, o->gateway, "10.0.2.2") ||
        !address(&config.dns, o->dns, "10.0.2.3") || !address(&config.fixed, o->fixed, "0.0.0.0")) {
        return fail(EXIT_USAGE, "not an IPv4 address among BOARD_*", "");
    }
    return net_start(&config) ? EXIT_DONE : fail(EXIT_OTHER, "no Ethernet controller", "");
}

static int start_clock(const struct options *o)
{
    ip_addr_t server;
    if (o->clock == CLOCK_HOST) {
        clock_set_unix_ms((int64_t)semihost_time() * 1000);
    }
    if (o->clock != CLOCK_SNTP) {
        return EXIT_DONE;
    }
    if (!address(&server, o->sntp, "10.0.2.2")) {
        return fail(EXIT_USAGE, "not an IPv4 address: BOARD_SNTP", "");
    }
    iam_sntp_lwip_start(&server, clock_set_unix_ms);
    uint32_t began = clock_ms();
    while (clock_unix_ms() < 0) {
        if (clock_ms() - began > SNTP_WAIT_MS) {
            return fail(EXIT_OTHER, "no answer from the time server", "");
        }
        net_wait(SNTP_WAIT_MS);
        net_poll();
    }
    return EXIT_DONE;
}

static int start_tls(const struct options *o)
{
    struct iam_tls_config config = {.below = &app.tcp.stream, .system = system_get()};
    int found;

    iam_lwip_raw_init(&app.tcp);
    if (tls_platform_start() != 0) {
        return fail(EXIT_OTHER, "TLS cannot start: no entropy?", "");
    }
    found = trust_load(o->ca_bundle);
    if (found < 0) {
        return fail(EXIT_OTHER, "the certificates cannot be read, or are too many: ", o->ca_bundle);
    }
    if (found == 0 || trust_use(&config) != 0) {
        return fail(EXIT_OTHER, "no usable certificates in ", o->ca_bundle);
    }
    if (iam_tls_init(&app.tls, &config) != IAM_OK) {
        return fail(EXIT_OTHER, "TLS cannot be set up", "");
    }
    return EXIT_DONE;
}

static int start_client(const struct options *o)
{
    struct iam_config config;
    memset(&config, 0, sizeof config);
    app.credentials.access_key_id = span(o->access_key_id);
    app.credentials.secret_access_key = span(o->secret_access_key);
    app.credentials.session_token = span(o->session_token);
    config.tx = app.tx;
    config.tx_size = sizeof app.tx;
    config.rx = app.rx;
    config.rx_size = sizeof app.rx;
    config.item = app.item;
    config.item_size = sizeof app.item;
    config.stream = &app.tls.stream;
    config.system = system_get();
    config.credentials = &app.credentials;
    config.region = span(o->region);
    config.authority = IAM_SPAN(AUTHORITY);
    config.endpoint_flags =
        (o->fips ? IAM_ENDPOINT_FIPS : 0u) | (o->dualstack ? IAM_ENDPOINT_DUALSTACK : 0u);
    config.connect_ms = o->connect_ms;
    config.response_ms = config.idle_ms = o->read_ms;
    config.deadline_ms = o->deadline_ms;
    config.max_attempts = o->max_attempts > 255 ? 255 : (uint8_t)o->max_attempts;
    config.user_agent = IAM_SPAN("tinyiam/" IAM_VERSION " cortexm");
    return iam_client_init(&app.client, &config);
}

static int start_request(const struct options *o)
{
    struct iam_entities_request request;
    if (kept.magic == KEPT_MAGIC) {
        kept.magic = 0;
        return iam_resume(&app.client, &kept.checkpoint[kept.latest & 1]);
    }
    memset(&request, 0, sizeof request);
    request.job_id = span(o->job_id);
    request.service_namespace = span(o->service_namespace);
    request.marker = span(o->marker);
    request.max_items = o->max_items > 65535 ? 65535 : (uint16_t)o->max_items;
    request.scope = o->all ? IAM_SCOPE_ALL : o->wait ? IAM_SCOPE_PAGE_WAIT : IAM_SCOPE_PAGE;
    return iam_entities_start(&app.client, &request);
}

/* ---- the loop ---- */

/* For the proof that nothing is lost and nothing comes twice. */
static void reset_when_due(const struct options *o)
{
    uint32_t next = (kept.latest & 1) ^ 1;
    if (o->reset_after != 0 && app.entities % o->reset_after == 0 &&
        iam_checkpoint(&app.client, &kept.checkpoint[next]) == IAM_OK) {
        kept.latest = next;
        kept.magic = KEPT_MAGIC;
        startup_restart();
    }
}

/* Until the end or an error; items are printed as they come. */
static int run(void)
{
    const struct iam_stats *stats = iam_stats(&app.client);
    for (;;) {
        net_poll();
        uint64_t moved = stats->bytes_in + stats->bytes_out;
        int r = iam_step(&app.client);
        app.turns++;
        if (r == IAM_ITEM) {
            const struct iam_entity *entity = iam_entity(&app.client);
            if (entity != NULL) {
                jsonl_entity(&app.out, entity);
                app.entities++;
                reset_when_due(&app.options);
            }
            if (app.out.error) {
                return IAM_ERR_IO;
            }
        } else if (r != IAM_AGAIN) {
            return r;
        } else if (moved == stats->bytes_in + stats->bytes_out) {
            net_wait(iam_idle_ms(&app.client));
        }
    }
}

/* ---- the end ---- */

static void tell(const char *label, struct iam_span text)
{
    if (text.n > 0) {
        console_text(&app.err, label);
        console_safe(&app.err, text);
    }
}

static int explain(int result)
{
    const struct iam_fault *f = iam_fault(&app.client);
    console_text(&app.err, "tinyiam: [ERROR]: ");
    if (result == IAM_ERR_SERVICE) {
        tell("An error occurred (", f->code);
        tell(") when calling the GetServiceLastAccessedDetailsWithEntities operation: ",
             f->message);
    } else {
        console_text(&app.err, iam_result_text(result));
    }
    tell(": ", f->what);
    tell(": ", f->began);
    if (f->native != 0) {
        console_text(&app.err, ", native ");
        console_number(&app.err, f->native);
    }
    if (f->need != 0) {
        console_text(&app.err, ", need ");
        console_number(&app.err, (int64_t)f->need);
    }
    tell(", request id ", f->request_id);
    console_text(&app.err, "\n");
    console_flush(&app.err);
    switch (result) {
    case IAM_ERR_SERVICE:
        return EXIT_SERVICE;
    case IAM_ERR_ARGUMENT:
        return EXIT_USAGE;
    case IAM_ERR_REGION:
    case IAM_ERR_CREDENTIALS:
        return EXIT_CONFIGURATION;
    case IAM_ERR_JOB_FAILED: /* a successful call, whose report says so */
        return EXIT_DONE;
    default:
        return EXIT_OTHER;
    }
}

static void put_stat(const char *name, int64_t value)
{
    console_text(&app.err, name);
    console_number(&app.err, value);
}

/* One JSON line on stderr, as the host command's --stats, with what only a board has. */
static void print_stats(void)
{
    const struct iam_stats *s = iam_stats(&app.client);
    struct tls_usage tls;
    struct net_usage net;

    tls_platform_usage(&tls);
    net_usage(&net);
    put_stat("{\"pages\":", s->pages);
    put_stat(",\"entities\":", app.entities);
    put_stat(",\"bytes_in\":", (int64_t)s->bytes_in);
    put_stat(",\"bytes_out\":", (int64_t)s->bytes_out);
    put_stat(",\"requests\":", s->requests);
    put_stat(",\"retries\":", s->retries);
    put_stat(",\"connections\":", app.tls.stream.connects);
    put_stat(",\"handshakes\":", app.tls.stream.handshakes);
    put_stat(",\"resumed\":", app.tls.stream.resumed);
    put_stat(",\"tx_peak\":", s->tx_peak);
    put_stat(",\"rx_peak\":", s->rx_peak);
    put_stat(",\"item_peak\":", s->item_peak);
    put_stat(",\"arena_size\":", (int64_t)tls.size);
    put_stat(",\"arena_peak\":", (int64_t)tls.peak);
    put_stat(",\"arena_used\":", (int64_t)tls.used);
    put_stat(",\"lwip_peak\":", net.peak);
    put_stat(",\"lwip_used\":", net.used);
    put_stat(",\"lwip_failed\":", net.failed);
    put_stat(",\"stack_peak\":", (int64_t)startup_stack_peak());
    put_stat(",\"stack_size\":", (int64_t)startup_stack_size());
    put_stat(",\"client_size\":", sizeof app.client);
    put_stat(",\"buffers_size\":", TX_SIZE + RX_SIZE + CORTEXM_ITEM_SIZE);
    put_stat(",\"turns\":", app.turns);
    put_stat(",\"ms\":", clock_ms());
    console_text(&app.err, "}\n");
    console_flush(&app.err);
}

/* Lets the end of the connection go out before the machine stops. */
static void linger(void)
{
    for (int i = 0; i < 3; i++) {
        net_poll();
        net_wait(1);
    }
}

int main(void)
{
    struct options *o = &app.options;
    int code;

    clock_start();
    console_open(&app.out, &app.err);
    const struct args *args = args_read();
    if (args == NULL) {
        return fail(EXIT_USAGE, "the command line cannot be read, or is too long", "");
    }
    code = options_parse(o, args);
    if (code != EXIT_DONE || (code = check_options(o)) != EXIT_DONE ||
        (code = start_network(o)) != EXIT_DONE || (code = start_clock(o)) != EXIT_DONE ||
        (code = start_tls(o)) != EXIT_DONE) {
        return code;
    }
    int r = start_client(o);
    if (r == IAM_OK) {
        r = start_request(o);
    }
    if (r == IAM_OK) {
        r = run();
    }
    console_flush(&app.out);
    code = r == IAM_OK ? EXIT_DONE : explain(r);
    app.tls.stream.ops->close(&app.tls.stream);
    linger();
    if (o->stats) {
        print_stats();
    }
    iam_client_end(&app.client);
    iam_tls_free(&app.tls);
    return code;
}
