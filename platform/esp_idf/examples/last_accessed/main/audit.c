/* One ARN, whole: a report is generated, waited for and read, as one operation in constant memory. */
#include "audit.h"

#include "progress.h"
#include "show.h"

#include <esp_log.h>

static const char tag[] = "audit";
static char batch[IAM_AUDIT_BATCH_MIN];
static struct iam_audit_checkpoint place;        /* the client borrows it */
static uint32_t services, used, entities, users; /* users: entities that did use the service */

void audit_configure(struct iam_config *config)
{
    config->batch = batch;
    config->batch_size = sizeof batch;
}

static void keep_place(const struct iam_client *client)
{
    static struct iam_audit_checkpoint here;

    if (iam_audit_checkpoint(client, &here) == IAM_OK && progress_save_audit(&here) != ESP_OK)
        ESP_LOGW(tag, "NVS does not keep the place");
}

static void take(const struct iam_client *client)
{
    const struct iam_item *item = iam_client_item(client);

    if (item->kind == IAM_ITEM_SERVICE) {
        const struct iam_service *s = &item->u.service;
        services++;
        used += s->last_authenticated.present;
        if (s->last_authenticated.present)
            show_access(s->namespace_, s->last_entity, &s->last_authenticated);
    } else if (item->kind == IAM_ITEM_ENTITY) {
        show_access(iam_audit_namespace(client), item->u.entity.arn,
                    &item->u.entity.last_authenticated);
        users += item->u.entity.last_authenticated.present;
        if (++entities % CONFIG_EXAMPLE_SAVE_EVERY == 0)
            keep_place(client);
    }
}

int audit_step(struct iam_client *client)
{
    struct iam_audit_request request = {.arn = iam_span_of(CONFIG_EXAMPLE_ARN),
                                        .what = IAM_AUDIT_ENTITIES};
    uint32_t ms;
    int r = progress_load_audit(&place) ? iam_audit_resume(client, &request, &place)
                                        : iam_audit_start(client, &request);

    while (r >= 0 && (r = iam_run(client, 200)) != IAM_OK) {
        if (r == IAM_ITEM) {
            take(client);
        } else if (r == IAM_AGAIN && iam_audit_waits(client, &ms)) {
            ESP_LOGI(tag, "in progress");
            keep_place(client);
            return r;
        }
    }
    if (r == IAM_OK) {
        ESP_LOGI(tag, "complete: %lu services, %lu used; by %lu of %lu entities",
                 (unsigned long)services, (unsigned long)used, (unsigned long)users,
                 (unsigned long)entities);
    }
    return r;
}
