/* audit: one ARN, whole, as the rows of the host command's audit. */
#include "audit.h"

#include "app.h"
#include "common/audit_row.h"
#include "common/given.h"
#include "console.h"
#include "jsonl.h"

#include <mbedtls/platform.h>
#include <string.h>
#include <tinyiam/audit.h>

#define LARGE_ITEM 2048u

static uint64_t batch[IAM_AUDIT_BATCH_MIN / sizeof(uint64_t)];
static struct iam_span wanted; /* the client borrows it */

/* A list that meets an item too long for its buffer is begun anew from its place, with more room (work.c). An audit
 * has it from the start, in the TLS arena, if there is some: an ARN of IAM's has a path of 512 characters at most and a
 * name of 64, so that this holds any entity with a Marker. */
static void take_room(struct iam_config *config)
{
    if (app.large_item == NULL)
        app.large_item = mbedtls_calloc(1, LARGE_ITEM);
    if (app.large_item == NULL)
        return;
    config->item = app.large_item;
    config->item_size = app.large_item_size = LARGE_ITEM;
}

void audit_configure(struct iam_config *config)
{
    if (app.options.command == COMMAND_AUDIT)
        take_room(config);
    config->batch = batch;
    config->batch_size = sizeof batch;
}

/* Those of enum audit_rows have the numbers of enum iam_audit_what. */
static enum audit_rows rows(void)
{
    const char *given = app.options.rows;
    return given != NULL ? (enum audit_rows)args_choice(AUDIT_ROWS, given) : AUDIT_SERVICES;
}

int audit_start(void)
{
    const struct options *o = &app.options;
    struct iam_audit_request request = {.arn = iam_span_of(o->arn),
                                        .what = (enum iam_audit_what)rows(),
                                        .namespaces = &wanted,
                                        .namespace_count = o->service_namespace != NULL};
    wanted = iam_span_of(o->service_namespace);
    return iam_audit_start(&app.client, &request);
}

/* "USER": what stands behind the ARN's fifth colon. */
static struct iam_span type_of(const char *arn)
{
    static const char types[] = "user/\0USER\0group/\0GROUP\0role/\0ROLE\0policy/\0POLICY\0";
    for (int i = 0; i < 5 && arn != NULL; i++)
        arn = strchr(arn + 1, ':');
    for (const char *type = types; arn != NULL && *type != '\0';) {
        size_t n = strlen(type);
        if (strncmp(arn + 1, type, n) == 0)
            return (struct iam_span){type + n + 1, n - 1};
        type += 2 * n + 1;
    }
    return (struct iam_span){NULL, 0};
}

static void put(struct audit_row *row)
{
    static const struct fields *const columns[] = {&audit_services, &audit_entities,
                                                   &audit_actions};
    row->report_arn = iam_span_of(app.options.arn);
    row->report_type = type_of(app.options.arn);
    jsonl_row(columns[rows()], row);
    app.items++;
}

int audit_item(const struct iam_item *item)
{
    static const uint8_t kinds[] = {IAM_ITEM_SERVICE, IAM_ITEM_ENTITY, IAM_ITEM_ACTION};
    struct iam_span namespace_ = iam_audit_namespace(&app.client);
    struct audit_row row;
    if (item->kind != kinds[rows()])
        return 0;
    if (item->kind == IAM_ITEM_ACTION && namespace_.n == 0) /* nothing is held back here */
        return console_fail(EXIT_OTHER, "actions come before the namespace of their service", "");
    audit_row_of(&row, item, namespace_, iam_client_unix_ms(&app.client) * 1000, 0);
    put(&row);
    return 0;
}

/* Does it concern everybody, whatever they ask about? */
static bool is_for_all(int result, const struct iam_fault *fault)
{
    static const char denied[] = "AccessDenied";
    if (result == IAM_ERR_SERVICE)
        return fault->status == 403 && (fault->code.n < sizeof denied - 1 ||
                                        memcmp(fault->code.p, denied, sizeof denied - 1) != 0);
    return fault->layer < IAM_LAYER_HTTP || result == IAM_ERR_CLOCK || result == IAM_ERR_SESSION;
}

bool audit_unknown(int result)
{
    const struct iam_fault *fault = iam_client_fault(&app.client);
    const struct iam_report *report = iam_client_report(&app.client);
    struct audit_row row;
    if (is_for_all(result, fault))
        return false;
    memset(&row, 0, sizeof row);
    row.status = audit_status_text(STATUS_UNKNOWN);
    row.error_code = iam_span_of(iam_result_name(result));
    row.error_message = iam_span_of(iam_result_text(result));
    if (result == IAM_ERR_SERVICE) {
        row.error_code = fault->code;
        row.error_message = fault->message;
    } else if (result == IAM_ERR_JOB_FAILED) {
        row.error_code = report->error_code.n > 0 ? report->error_code : IAM_SPAN("FAILED");
        row.error_message = report->error_message;
    }
    put(&row);
    return true;
}
