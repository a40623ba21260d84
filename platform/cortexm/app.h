/* app.h - the application's parts, every byte of them static, and the steps from reset to exit code. */
#ifndef CORTEXM_APP_H
#define CORTEXM_APP_H

#include "net.h"
#include "options.h"

#include <tinyiam/port_config.h>
#include <tinyiam/port_lwip.h>
#include <tinyiam/port_tls.h>
#include <tinyiam/tinyiam.h>

struct app {
    struct options options;
    struct iam_lwip_raw tcp;
    struct iam_tls_shared shared;
    struct iam_tls_session session;
    struct iam_tls tls;
    struct iam_credentials credentials;
    struct iam_client client;
    bool found; /* entities: the report has the service that was asked for */
    uint32_t began_ms, items, turns;
    char job_id[37]; /* of the report that entities has generated */
    char tx[CONFIG_TINYIAM_TX_SIZE], rx[CONFIG_TINYIAM_RX_SIZE], item[CONFIG_TINYIAM_ITEM_SIZE];
    char *large_item; /* in the TLS arena, where item was too small; NULL: it was not */
    size_t large_item_size;
};
extern struct app app;

/* One turn of the network and the client over it. *still: not a byte moved, so that there may be time to wait. */
static inline int app_turn(bool *still)
{
    const struct iam_stats *stats = iam_client_stats(&app.client);
    net_poll();
    uint64_t moved = stats->bytes_in + stats->bytes_out;
    int r = iam_step(&app.client);
    app.turns++;
    *still = moved == stats->bytes_in + stats->bytes_out;
    return r;
}

/* settings.c: what the client is told, from the options. 0, or an exit code after saying why. */
int settings_apply(struct iam_config *);
/* work.c: the client and its request; before the network is up, so that what is wrong with a parameter is
 * said at once. */
int work_open(const struct iam_config *);
/* Until the end or an error; items are printed as they come. A result of the client, or an exit code
 * (> 0) after saying why. */
int work_run(void);

/* tell.c: what came out, on stderr; the exit code. */
int tell_result(int result);
void tell_stats(void);
void tell_help(void);

#endif
