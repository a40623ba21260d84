/* Who used a service through a policy, and when? Starts a report, waits for it, prints every entity. With
 * settings (overlay-settings.conf) a reset in the middle goes on where it was. With SAMPLE_AUDIT it asks about every
 * service. */
#include "audit.h"
#include "show.h"
#include "tls.h"

#include <string.h>
#include <tinyiam/tinyiam.h>
#include <zephyr/kernel.h>
#include <zephyr/sys/printk.h>
#if defined(CONFIG_TINYIAM_SETTINGS)
#include <zephyr/settings/settings.h>
#endif

#define PLACE "last_accessed/place"
#define SAVE_EVERY 50
#define SNTP_TRIES 5
#define JOB_SIZE 36

static const char roots[] = {
#include "roots.pem.inc"
};

static struct iam_zephyr zephyr;
static struct iam_client client;
static char tx[512], rx[1024], item[4096];
static uint32_t entities;

static struct iam_span given(const char *text)
{
    return (struct iam_span){*text != '\0' ? text : NULL, strlen(text)};
}

/* ---- the place in the list ---- */

static bool load_place(struct iam_checkpoint *place)
{
#if defined(CONFIG_TINYIAM_SETTINGS)
    return settings_subsys_init() == 0 && iam_zephyr_checkpoint_load(PLACE, place) == 0;
#else
    (void)place;
    return false;
#endif
}

static void save_place(void)
{
#if defined(CONFIG_TINYIAM_SETTINGS)
    static struct iam_checkpoint place;
    int code = iam_client_checkpoint(&client, &place);

    if (code == IAM_OK && (code = iam_zephyr_checkpoint_save(PLACE, &place)) != 0)
        printk("the place is not kept: %d\n", code);
#endif
}

static void forget_place(void)
{
#if defined(CONFIG_TINYIAM_SETTINGS)
    (void)iam_zephyr_checkpoint_forget(PLACE);
#endif
}

/* ---- set-up ---- */

static void set_clock(struct iam_zephyr_config *config)
{
#if defined(CONFIG_TINYIAM_SNTP)
    static struct iam_zephyr_clock clock;
    int code = iam_zephyr_clock_sntp(&clock, CONFIG_SAMPLE_SNTP_SERVER, SNTP_TRIES);

    if (code != 0)
        printk("no answer from the time server (%d): the endpoint tells\n", code);
    config->unix_ms = iam_zephyr_clock_unix_ms;
    config->context = &clock;
#else
    (void)config;
#endif
}

static int start_client(void)
{
    static struct iam_credentials keys;
    struct iam_zephyr_config with = {0};
    struct iam_config config = {.tx = tx,
                                .tx_size = sizeof tx,
                                .rx = rx,
                                .rx_size = sizeof rx,
                                .item = item,
                                .item_size = sizeof item,
                                .system = &zephyr.system,
                                .credentials = &keys,
                                .region = iam_span_of(CONFIG_SAMPLE_REGION),
                                .authority = iam_span_of(CONFIG_SAMPLE_ENDPOINT),
                                .user_agent = IAM_SPAN("tinyiam/" IAM_VERSION " zephyr")};

    keys.access_key_id = given(CONFIG_SAMPLE_ACCESS_KEY_ID);
    keys.secret_access_key = given(CONFIG_SAMPLE_SECRET_ACCESS_KEY);
    keys.session_token = given(CONFIG_SAMPLE_SESSION_TOKEN);
    if (AUDIT_WANTED)
        audit_configure(&config);
    set_clock(&with);
    iam_zephyr_init(&zephyr, &with);
    config.stream =
        tls_start(&zephyr.system, roots, sizeof roots, given(CONFIG_SAMPLE_SERVER_NAME));
    return config.stream != NULL ? iam_client_init(&client, &config) : IAM_ERR_TLS_SETUP;
}

/* ---- the report ---- */

static int ask_for_report(char job[JOB_SIZE])
{
    struct iam_generate_request request = {.arn = iam_span_of(CONFIG_SAMPLE_ARN)};
    int r = iam_generate_start(&client, &request);

    while (r == IAM_OK && (r = iam_run(&client, 60000)) > 0)
        r = IAM_OK;
    if (r == IAM_OK && iam_client_report(&client)->job_id.n != JOB_SIZE)
        return IAM_ERR_FOREIGN; /* no report was named */
    if (r == IAM_OK) {
        memcpy(job, iam_client_report(&client)->job_id.p, JOB_SIZE);
        printk("report %.36s\n", job);
    }
    return r;
}

static int list(void)
{
    static struct iam_checkpoint place;
    static char job[JOB_SIZE];
    struct iam_entities_request request = {.job_id = {job, sizeof job},
                                           .service_namespace =
                                               iam_span_of(CONFIG_SAMPLE_NAMESPACE),
                                           .max_items = CONFIG_SAMPLE_PAGE_ITEMS};
    int r;

    if (load_place(&place)) {
        printk("going on where it was\n");
        r = iam_resume(&client, &place);
    } else {
        r = ask_for_report(job);
        r = r == IAM_OK ? iam_entities_start(&client, &request) : r;
    }
    while (r >= 0 && (r = iam_run(&client, 60000)) != IAM_OK) {
        const struct iam_entity *e = r == IAM_ITEM ? iam_client_entity(&client) : NULL;
        if (e != NULL) {
            show_access((struct iam_span){NULL, 0}, e->arn, &e->last_authenticated);
            if (++entities % SAVE_EVERY == 0)
                save_place();
        }
    }
    return r;
}

/* What the service refused, and a report that is none (the codes from IAM_ERR_SERVICE on), would fail at
 * every start; what the network broke goes on there. */
static bool is_over(int r)
{
    return r == IAM_ERR_CHECKPOINT || (r <= IAM_ERR_SERVICE && r != IAM_ERR_CLOCK);
}

int main(void)
{
    const struct iam_fault *f = iam_client_fault(&client);
    int r = start_client();

    if (r == IAM_OK)
        r = AUDIT_WANTED ? audit_run(&client) : list();
    if (r == IAM_OK && AUDIT_WANTED) {
        printk("%u requests\n", (unsigned)iam_client_stats(&client)->requests);
    } else if (r == IAM_OK) {
        forget_place();
        printk("complete: %u entities, %u pages\n", (unsigned)entities,
               (unsigned)iam_client_stats(&client)->pages);
    } else {
        if (is_over(r))
            forget_place();
        printk("failed: %s (%s), native %d, HTTP %d %.*s %.*s\n", iam_result_text(r),
               iam_result_name(r), f->native, f->status, (int)f->code.n, f->code.n ? f->code.p : "",
               (int)f->message.n, f->message.n ? f->message.p : "");
        tls_explain(f);
    }
    iam_client_end(&client);
    return 0;
}
