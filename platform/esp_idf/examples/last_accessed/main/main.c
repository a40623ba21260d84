/* Who used a service through a policy, and when? Starts a report, sleeps until it is ready, logs every
 * entity of it. Every start of the chip does the next step; what has been done is in NVS. With EXAMPLE_AUDIT it asks
 * about every service. */
#include "audit.h"
#include "board.h"
#include "keys.h"
#include "progress.h"
#include "show.h"

#include <esp_crt_bundle.h>
#include <esp_log.h>
#include <nvs_flash.h>
#include <string.h>
#include <tinyiam/port_posix.h>
#include <tinyiam/port_sockets.h>
#include <tinyiam/port_tls.h>
#include <tinyiam/tinyiam.h>

static const char tag[] = "last_accessed";

static struct iam_posix posix;
static struct iam_sockets sockets;
static struct iam_tls_shared shared;
static struct iam_tls_session session;
static struct iam_tls tls;
static struct iam_client client;
static struct iam_credentials keys;
static struct progress progress;
static char tx[512], rx[1024], item[4096];
static uint32_t entities;

/* ---- set-up ---- */

static int start_client(void)
{
    struct iam_config config = {.tx = tx,
                                .tx_size = sizeof tx,
                                .rx = rx,
                                .rx_size = sizeof rx,
                                .item = item,
                                .item_size = sizeof item,
                                .stream = &tls.stream,
                                .system = &posix.system,
                                .credentials = &keys,
                                .region = iam_span_of(CONFIG_EXAMPLE_REGION),
                                .authority = iam_span_of(CONFIG_EXAMPLE_ENDPOINT),
                                .user_agent = IAM_SPAN("tinyiam/" IAM_VERSION " esp-idf")};
    struct iam_sockets_config below = {.system = &posix.system};
    struct iam_tls_shared_config all = {.system = &posix.system,
                                        .attach = esp_crt_bundle_attach,
                                        .sessions = &session,
                                        .session_count = 1};
    struct iam_tls_config above = {.below = &sockets.stream, .shared = &shared};
    int r;

    if (AUDIT_WANTED)
        audit_configure(&config);
    iam_posix_init(&posix);
    iam_sockets_init(&sockets, &below);
    r = iam_tls_shared_init(&shared, &all);
    if (r == IAM_OK)
        r = iam_tls_init(&tls, &above);
    return r == IAM_OK ? iam_client_init(&client, &config) : r;
}

static void end_client(void)
{
    iam_client_end(&client);
    iam_tls_free(&tls);
    iam_tls_shared_free(&shared);
}

static int explain(const char *what, int r)
{
    const struct iam_fault *f = iam_client_fault(&client);

    ESP_LOGE(tag, "%s: %s (%s), native %d, HTTP %d %.*s %.*s", what, iam_result_text(r),
             iam_result_name(r), f->native, f->status, (int)f->code.n,
             f->code.p != NULL ? f->code.p : "", (int)f->message.n,
             f->message.p != NULL ? f->message.p : "");
    if (r == IAM_ERR_TLS_VERIFY) {
        char why[160];
        (void)iam_tls_verify_text(f->native, why, sizeof why);
        ESP_LOGE(tag, "certificate: %s", why);
    }
    return r;
}

/* ---- the steps ---- */

static int ask_for_report(void)
{
    struct iam_generate_request request = {.arn = iam_span_of(CONFIG_EXAMPLE_ARN)};
    int r = iam_generate_start(&client, &request);

    while (r == IAM_OK && (r = iam_run(&client, 60000)) == IAM_ITEM)
        r = IAM_OK; /* this operation has no items */
    if (r == IAM_OK && !progress_set_job(&progress, iam_client_report(&client)->job_id))
        r = IAM_ERR_FOREIGN; /* no report was named */
    else if (r == IAM_OK && progress_save_job(&progress) != ESP_OK)
        ESP_LOGW(tag, "NVS does not keep the job: a reset starts another");
    return r;
}

/* One request: whether the report is there yet. */
static int look(bool *ready)
{
    struct iam_entities_request request = {.job_id = iam_span_of(progress.job),
                                           .service_namespace =
                                               iam_span_of(CONFIG_EXAMPLE_NAMESPACE),
                                           .max_items = 1,
                                           .scope = IAM_SCOPE_PAGE};
    int r = iam_entities_start(&client, &request);

    while (r == IAM_OK && (r = iam_run(&client, 60000)) == IAM_ITEM)
        r = IAM_OK; /* it comes again with the list */
    *ready = r == IAM_OK && iam_client_report(&client)->status != IAM_JOB_IN_PROGRESS;
    return r;
}

static void keep_place(void)
{
    static struct iam_checkpoint place;

    if (iam_client_checkpoint(&client, &place) == IAM_OK && progress_save_place(&place) != ESP_OK)
        ESP_LOGW(tag, "NVS does not keep the place");
}

static int list(void)
{
    static bool broken_off;
    struct iam_entities_request request = {.job_id = iam_span_of(progress.job),
                                           .service_namespace =
                                               iam_span_of(CONFIG_EXAMPLE_NAMESPACE),
                                           .max_items = CONFIG_EXAMPLE_PAGE_ITEMS};
    uint32_t here = 0;
    int r = progress.listing ? iam_resume(&client, &progress.checkpoint)
                             : iam_entities_start(&client, &request);

    while (r >= 0 && (r = iam_run(&client, 60000)) == IAM_ITEM) {
        const struct iam_entity *e = iam_client_entity(&client);
        if (e == NULL)
            continue;
        show_access((struct iam_span){NULL, 0}, e->arn, &e->last_authenticated);
        entities++;
        if (++here % CONFIG_EXAMPLE_SAVE_EVERY == 0)
            keep_place();
        if (CONFIG_EXAMPLE_RESET_AFTER != 0 && here == CONFIG_EXAMPLE_RESET_AFTER && !broken_off) {
            broken_off = true;
            ESP_LOGW(tag, "broken off after %lu entities", (unsigned long)here);
            return IAM_AGAIN;
        }
    }
    return r;
}

/* The entities of one service. */
static int list_step(void)
{
    bool ready = false;
    int r = IAM_OK;

    progress_load(&progress);
    if (progress.job[0] == '\0') {
        r = ask_for_report();
        ESP_LOGI(tag, "report %s", progress.job);
    }
    if (r == IAM_OK && !progress.listing)
        r = look(&ready);
    if (r == IAM_OK && (ready || progress.listing))
        return list();
    if (r == IAM_OK && board_slept() > CONFIG_TINYIAM_JOB_MS / 1000)
        return IAM_ERR_TIMEOUT_JOB; /* as where the client itself waits */
    if (r == IAM_OK)
        ESP_LOGI(tag, "in progress");
    return r == IAM_OK ? IAM_AGAIN : r;
}

/* Seconds to sleep before the next step; 0: the report is complete; < 0: an error. */
static int step(void)
{
    int r = start_client();

    if (r == IAM_OK)
        r = AUDIT_WANTED ? audit_step(&client) : list_step();
    if (r < 0)
        (void)explain("report", r);
    if (r == IAM_OK && !AUDIT_WANTED) {
        const struct iam_stats *s = iam_client_stats(&client);
        ESP_LOGI(tag, "complete: %lu entities, %lu pages, %lu handshakes", (unsigned long)entities,
                 (unsigned long)s->pages, (unsigned long)tls.stream.handshakes);
    }
    end_client();
    return r > 0 ? CONFIG_EXAMPLE_POLL_SECONDS : r;
}

/* What the service refused, and a report that is none (the codes from IAM_ERR_SERVICE on), is over; what
 * the network broke goes on at the next start. */
static bool is_over(int r)
{
    return r == IAM_OK || r == IAM_ERR_CHECKPOINT || (r <= IAM_ERR_SERVICE && r != IAM_ERR_CLOCK);
}

void app_main(void)
{
    esp_err_t started = nvs_flash_init();
    int r;

    if (started == ESP_ERR_NVS_NO_FREE_PAGES || started == ESP_ERR_NVS_NEW_VERSION_FOUND) {
        ESP_ERROR_CHECK(nvs_flash_erase());
        started = nvs_flash_init();
    }
    ESP_ERROR_CHECK(started);
    if (keys_load(&keys) != ESP_OK) {
        ESP_LOGE(tag, "no keys: neither in NVS (iam_keys) nor in menuconfig, see README.md");
        board_end(1);
    }
    while (board_start() != ESP_OK || (r = step()) > 0)
        board_sleep(CONFIG_EXAMPLE_POLL_SECONDS);
    if (is_over(r) && progress_forget() != ESP_OK)
        ESP_LOGW(tag, "NVS does not forget the report");
    board_end(r < 0);
}
