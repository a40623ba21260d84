/* One ARN, whole: a report is generated, waited for and read, as one operation in constant memory. */
#include "audit.h"

#include "show.h"

#include <zephyr/sys/printk.h>

static char batch[IAM_AUDIT_BATCH_MIN];
static unsigned services, used, entities, users; /* users: entities that did use the service */

void audit_configure(struct iam_config *config)
{
    config->batch = batch;
    config->batch_size = sizeof batch;
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
        entities++;
        users += item->u.entity.last_authenticated.present;
        show_access(iam_audit_namespace(client), item->u.entity.arn,
                    &item->u.entity.last_authenticated);
    }
}

int audit_run(struct iam_client *client)
{
    struct iam_audit_request request = {.arn = iam_span_of(CONFIG_SAMPLE_ARN),
                                        .what = IAM_AUDIT_ENTITIES};
    int r = iam_audit_start(client, &request);

    while (r >= 0 && (r = iam_run(client, 60000)) != IAM_OK)
        if (r == IAM_ITEM)
            take(client);
    if (r == IAM_OK)
        printk("complete: %u services, %u used; by %u of %u entities\n", services, used, users,
               entities);
    return r;
}
