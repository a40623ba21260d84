/* The client on a bare machine, from reset to exit code. */
#include "app.h"
#include "args.h"
#include "clock.h"
#include "console.h"
#include "keys.h"
#include "net.h"
#include "semihost.h"
#include "system.h"
#include "tls_platform.h"
#include "trust.h"

#include <tinyiam/port_sntp.h>

#define SNTP_WAIT_MS 30000u

struct app app;

/* What the client itself does not ask for. */
static int check_options(const struct options *o)
{
    if (o->region == NULL)
        return console_fail(EXIT_CONFIGURATION, "You must specify a region: ", "AWS_REGION");
    return o->ca_bundle != NULL
               ? EXIT_DONE
               : console_fail(EXIT_OTHER, "no certificates to trust: ", "--ca-bundle");
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
        !address(&config.dns, o->dns, "10.0.2.3") || !address(&config.fixed, o->fixed, "0.0.0.0"))
        return console_fail(EXIT_USAGE, "not an IPv4 address among BOARD_*", "");
    return net_start(&config) ? EXIT_DONE : console_fail(EXIT_OTHER, "no Ethernet controller", "");
}

static int start_clock(const struct options *o)
{
    ip_addr_t server;
    if (o->clock == CLOCK_HOST)
        clock_set_unix_ms((int64_t)semihost_time() * 1000);
    if (o->clock != CLOCK_SNTP)
        return EXIT_DONE;
    if (!address(&server, o->sntp, "10.0.2.2"))
        return console_fail(EXIT_USAGE, "not an IPv4 address: BOARD_SNTP", "");
    iam_sntp_lwip_start(&server, clock_set_unix_ms);
    uint32_t began = clock_ms();
    while (clock_unix_ms() < 0) {
        if (clock_ms() - began > SNTP_WAIT_MS)
            return console_fail(EXIT_OTHER, "no answer from the time server", "");
        net_wait(SNTP_WAIT_MS);
        net_poll();
    }
    return EXIT_DONE;
}

static int start_tls(const struct options *o)
{
    struct iam_tls_shared_config config = {
        .system = system_get(), .sessions = &app.session, .session_count = 1};
    struct iam_tls_config tls = {.below = &app.tcp.stream, .shared = &app.shared};
    int found;

    iam_lwip_raw_init(&app.tcp);
    found = trust_load(o->ca_bundle);
    if (found < 0) {
        return console_fail(EXIT_OTHER,
                            "the certificates cannot be read, or are too many: ", o->ca_bundle);
    }
    if (found == 0 || trust_use(&config) != 0)
        return console_fail(EXIT_OTHER, "no usable certificates in ", o->ca_bundle);
    int code = keys_tls(&config);
    if (code != EXIT_DONE)
        return code;
    if (iam_tls_shared_init(&app.shared, &config) != IAM_OK ||
        iam_tls_init(&app.tls, &tls) != IAM_OK)
        return console_fail(EXIT_OTHER, "TLS cannot be set up", "");
    return EXIT_DONE;
}

/* Lets the end of the connection go out before the machine stops. */
static void linger(void)
{
    for (int i = 0; i < 3; i++) {
        net_poll();
        net_wait(1);
    }
}

static int run(void)
{
    int code = tell_result(work_run());
    app.tls.stream.ops->close(&app.tls.stream);
    linger();
    if (app.options.stats)
        tell_stats();
    iam_client_end(&app.client);
    iam_tls_free(&app.tls);
    iam_tls_shared_free(&app.shared);
    keys_end();
    return code;
}

int main(void)
{
    struct options *o = &app.options;
    struct iam_config config;
    int code;

    clock_start();
    console_open();
    const struct args *args = args_read();
    if (args == NULL)
        return console_fail(EXIT_USAGE, "the command line cannot be read, or is too long", "");
    code = options_parse(o, args);
    if (code != EXIT_DONE || o->help || o->version) {
        if (o->help) {
            tell_help();
        } else if (o->version) {
            console_text(&console_out, "tinyiam " IAM_VERSION "\n");
            console_flush(&console_out);
        }
        return code;
    }
    if (tls_platform_start() != 0) /* its arena first: keys_iot.c takes of it */
        return console_fail(EXIT_OTHER, "TLS cannot start: no entropy?", "");
    if ((code = settings_apply(&config)) != EXIT_DONE || (code = work_open(&config)) != EXIT_DONE ||
        (code = check_options(o)) != EXIT_DONE || (code = start_network(o)) != EXIT_DONE ||
        (code = start_clock(o)) != EXIT_DONE || (code = start_tls(o)) != EXIT_DONE)
        return code;
    return run();
}
