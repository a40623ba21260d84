/* The columns of an audit's rows, and what a row says of its own date. */
#include "audit_columns.h"

static const struct field services[] = {REPORT,
                                        TIME("CreateDate", create_date),
                                        TEXT("ServiceNamespace", service_namespace),
                                        TEXT("ServiceName", service_name),
                                        TEXT("Status", status),
                                        TIME("LastAuthenticated", last),
                                        INTEGER("DaysAgo", days_ago),
                                        TEXT("LastAuthenticatedEntity", last_entity),
                                        TEXT("LastAuthenticatedRegion", last_region),
                                        INTEGER("TotalAuthenticatedEntities", total),
                                        ERRORS};
static const struct field entities[] = {REPORT,
                                        TEXT("ServiceNamespace", service_namespace),
                                        TEXT("Status", status),
                                        INTEGER("DaysAgo", days_ago),
                                        TEXT("Arn", arn),
                                        TEXT("Name", name),
                                        TEXT("Type", type),
                                        TEXT("Id", id),
                                        TEXT("Path", path),
                                        TIME("LastAuthenticated", last),
                                        ERRORS};
static const struct field actions[] = {REPORT,
                                       TEXT("ServiceNamespace", service_namespace),
                                       TEXT("ActionName", action_name),
                                       TEXT("Status", status),
                                       TIME("LastAccessedTime", last),
                                       INTEGER("DaysAgo", days_ago),
                                       TEXT("LastAccessedEntity", last_entity),
                                       TEXT("LastAccessedRegion", last_region),
                                       ERRORS};
const struct fields audit_services = FIELDS(services);
const struct fields audit_entities = FIELDS(entities);
const struct fields audit_actions = FIELDS(actions);

#define SECOND_US INT64_C(1000000)
#define DAY_S INT64_C(86400)
#define AHEAD_S 300 /* so far ahead of the service's clock is "just now" */

struct iam_span audit_status_text(enum audit_status status)
{
    static const char *const names[] = {NULL, "used", "unused", "never", "unknown"};
    return iam_span_of(names[status]);
}

int64_t audit_days(int64_t now_us, int64_t then_us)
{
    int64_t us = now_us - then_us;
    if (us < 0 && us >= -AHEAD_S * SECOND_US)
        return 0;
    return us / (DAY_S * SECOND_US) - (us % (DAY_S * SECOND_US) < 0);
}

bool audit_is_old(int64_t now_us, int64_t then_us, int64_t threshold_s)
{
    return threshold_s > 0 && now_us - then_us >= threshold_s * SECOND_US;
}

enum audit_status audit_status_of(int64_t now_us, const struct iam_time *last, int64_t threshold_s)
{
    return !last->present                                ? STATUS_NEVER
           : audit_is_old(now_us, last->us, threshold_s) ? STATUS_UNUSED
                                                         : STATUS_USED;
}

void audit_judge(struct audit_row *row, int64_t now_us, int64_t threshold_s)
{
    enum audit_status status = audit_status_of(now_us, &row->last, threshold_s);
    row->status_number = (uint8_t)status;
    row->status = audit_status_text(status);
    row->has_days_ago = row->last.present;
    row->days_ago = row->last.present ? audit_days(now_us, row->last.us) : 0;
}

static void take_service(struct audit_row *row, const struct iam_service *s)
{
    row->service_name = s->name;
    row->last = s->last_authenticated;
    row->last_entity = s->last_entity;
    row->last_region = s->last_region;
    row->total = s->total_entities;
    row->has_total = s->has_total;
}

static void take_action(struct audit_row *row, const struct iam_action *a)
{
    row->action_name = a->name;
    row->last = a->last_accessed;
    row->last_entity = a->last_entity;
    row->last_region = a->last_region;
}

static void take_entity(struct audit_row *row, const struct iam_entity *e)
{
    row->arn = e->arn;
    row->name = e->name;
    row->type = e->type_text;
    row->id = e->id;
    row->path = e->path;
    row->last = e->last_authenticated;
}

void audit_row_of(struct audit_row *row, const struct iam_item *item, struct iam_span namespace_,
                  int64_t now_us, int64_t threshold_s)
{
    memset(row, 0, sizeof *row);
    row->service_namespace = namespace_;
    if (item->kind == IAM_ITEM_SERVICE)
        take_service(row, &item->u.service);
    else if (item->kind == IAM_ITEM_ACTION)
        take_action(row, &item->u.action);
    else
        take_entity(row, &item->u.entity);
    audit_judge(row, now_us, threshold_s);
}
