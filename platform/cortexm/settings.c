/* What the client is told, from the options. */
#include "app.h"
#include "audit.h"
#include "console.h"
#include "keys.h"
#include "startup.h"
#include "system.h"

#include "common/url.h"

#include <string.h>

/* Without the table of endpoints: the commercial partition's, which signs for us-east-1. */
#if CONFIG_TINYIAM_ENDPOINTS
#define AUTHORITY ""
#else
#define AUTHORITY "iam.amazonaws.com"
#endif

static STARTUP_PROVISION struct url url; /* a product knows it when it is made */

/* An endpoint of the user's own. */
static int apply_url(struct iam_config *config, const struct options *o)
{
    const char *wrong = url_parse(&url, o->endpoint_url);
    bool scheme = strchr(o->endpoint_url, ':') != NULL;
    if (wrong != NULL) {
        return console_fail(o->url_by_flag && !scheme ? EXIT_USAGE : EXIT_OTHER,
                            "Invalid endpoint: ", wrong);
    }
    if (url.plain) {
        return console_fail(o->url_by_flag ? EXIT_USAGE : EXIT_CONFIGURATION,
                            "Bad value for --endpoint-url, https:// only: ", o->endpoint_url);
    }
    if (o->region == NULL)
        return console_fail(EXIT_CONFIGURATION, "You must specify a region", "");
    config->authority = url.authority;
    config->path = url.path;
    config->endpoint_flags = 0; /* it is taken as it is */
    return EXIT_DONE;
}

int settings_apply(struct iam_config *config)
{
    const struct options *o = &app.options;
    memset(config, 0, sizeof *config);
    app.credentials.access_key_id = iam_span_of(o->access_key_id);
    app.credentials.secret_access_key = iam_span_of(o->secret_access_key);
    app.credentials.session_token = iam_span_of(o->session_token);
    config->tx = app.tx;
    config->tx_size = sizeof app.tx;
    config->rx = app.rx;
    config->rx_size = sizeof app.rx;
    config->item = app.large_item != NULL ? app.large_item : app.item;
    config->item_size = app.large_item != NULL ? app.large_item_size : sizeof app.item;
    config->stream = &app.tls.stream;
    config->system = system_get();
    config->credentials = &app.credentials;
    config->region = iam_span_of(o->region);
    config->authority = IAM_SPAN(AUTHORITY);
    config->endpoint_flags =
        (o->fips ? IAM_ENDPOINT_FIPS : 0u) | (o->dualstack ? IAM_ENDPOINT_DUALSTACK : 0u);
    config->structure = o->command == COMMAND_PAGE_SERVICES;
    config->connect_ms = o->connect_ms;
    config->response_ms = config->idle_ms = o->read_ms;
    if (o->read_ms > CONFIG_TINYIAM_EXCHANGE_MS)
        config->exchange_ms = o->read_ms; /* who is that patient means the whole reply, too */
    config->job_ms = o->job_ms;
    config->deadline_ms = o->deadline_ms;
    config->max_attempts = o->max_attempts > 255 ? 255 : (uint8_t)o->max_attempts;
    config->retry_rules = IAM_RETRY_2_1;
    config->user_agent = IAM_SPAN("tinyiam/" IAM_VERSION " cortexm");
    if (OPTIONS_AUDIT)
        audit_configure(config);
    int code = o->endpoint_url != NULL ? apply_url(config, o) : EXIT_DONE;
    return code != EXIT_DONE ? code : keys_open(config);
}
