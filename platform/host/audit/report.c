/* Items of one report become rows. */
#include "report.h"

#include <string.h>

#include "text/words.h"

void report_begin(struct report *r, const struct ask *ask, struct hold *hold)
{
    memset(r, 0, sizeof *r);
    r->ask = ask;
    r->hold = hold;
}

static bool is_shown(const struct report *r, const struct audit_row *row)
{
    return r->ask->marks || audit_is_shown(row, r->ask->unused_for_s);
}

static void count(struct turn *t, const struct audit_row *row)
{
    size_t n = row->service_namespace.n;
    audit_count(&t->arn, row);
    if (!audit_is_newer(&t->arn, &row->last))
        return;
    n = n < TURN_NAMESPACE_MAX ? n : TURN_NAMESPACE_MAX;
    t->arn.newest = row->last;
    t->arn.newest_days = row->days_ago;
    memset(t->newest_namespace, 0, sizeof t->newest_namespace);
    if (n)
        memcpy(t->newest_namespace, row->service_namespace.p, n);
}

/* Is this one of the services that are asked about? */
static bool is_asked(const struct report *r, struct iam_span name)
{
    const struct ask *ask = r->ask;
    for (size_t i = 0; i < ask->namespace_count; i++)
        if (ask->namespaces[i].n == name.n && memcmp(ask->namespaces[i].p, name.p, name.n) == 0)
            return true;
    return ask->namespace_count == 0;
}

/* A service without a name is nobody's, and of two rows with one name the one may say used and the other never. */
static void check_name(struct report *r, struct iam_span name)
{
    if (!name.n)
        r->wrong = "a service of the report has no ServiceNamespace";
    else if (!names_add(&r->names, name))
        r->wrong = "the report names a ServiceNamespace twice";
}

static void take_service(struct report *r, const struct iam_item *item, int64_t now_us)
{
    struct audit_row row;
    check_name(r, item->u.service.namespace_);
    if (!is_asked(r, item->u.service.namespace_))
        return;
    audit_row_of(&row, item, item->u.service.namespace_, now_us, r->ask->unused_for_s);
    count(&r->turn, &row);
    if (r->ask->rows == AUDIT_SERVICES && is_shown(r, &row))
        hold_row(r->hold, &r->turn.rows, &row);
    if (r->ask->rows == AUDIT_GRANTS && row.status_number != STATUS_USED)
        hold_row(r->hold, &r->idle, &row);
}

static void take_entity(struct report *r, const struct iam_item *item, struct iam_span namespace_,
                        int64_t now_us)
{
    struct audit_row row;
    audit_row_of(&row, item, namespace_, now_us, r->ask->unused_for_s);
    if (is_shown(r, &row))
        hold_row(r->hold, &r->turn.rows, &row);
}

static void take_action(struct report *r, const struct iam_item *item, int64_t now_us)
{
    struct audit_row row;
    audit_row_of(&row, item, (struct iam_span){NULL, 0}, now_us, r->ask->unused_for_s);
    if (r->ask->rows == AUDIT_ACTIONS && is_shown(r, &row))
        hold_row(r->hold, &r->pending, &row);
}

/* A service with actions has ended: only now all of it is known, since members come in any order. */
static void finish_service(struct report *r, int64_t now_us)
{
    const struct iam_service *s = &r->service.item.u.service;
    struct hold_reader reader;
    struct audit_row row;
    if (r->service.item.kind != IAM_ITEM_SERVICE)
        return;
    take_service(r, &r->service.item, now_us);
    hold_read(&reader, r->hold, &r->pending);
    while (is_asked(r, s->namespace_) && hold_next_row(&reader, &row)) {
        row.service_namespace = s->namespace_;
        hold_row(r->hold, &r->turn.rows, &row);
    }
    hold_drop(r->hold, &r->pending);
    r->service.item.kind = IAM_ITEM_NONE;
}

void report_item(struct report *r, const struct iam_item *item, struct iam_span namespace_,
                 int64_t now_us)
{
    const struct iam_service *s = &item->u.service;
    switch (item->kind) {
    case IAM_ITEM_SERVICE:
        if (s->late)
            kept_merge(&r->service, item);
        else if (s->has_actions)
            kept_set(&r->service, item);
        else
            take_service(r, item, now_us);
        break;
    case IAM_ITEM_ACTION:
        take_action(r, item, now_us);
        break;
    case IAM_ITEM_END:
        finish_service(r, now_us);
        break;
    case IAM_ITEM_ENTITY:
        take_entity(r, item, namespace_, now_us);
        break;
    default:
        break;
    }
}

void report_unknown(struct report *r, struct iam_span code, struct iam_span message)
{
    struct audit_row row = {.error_code = code, .error_message = message};
    row.status_number = STATUS_UNKNOWN;
    report_drop(r);
    r->turn.arn.unknown = true;
    r->turn.gone = span_is(code, "NoSuchEntity");
    hold_row(r->hold, &r->turn.rows, &row);
}

void report_drop(struct report *r)
{
    hold_drop(r->hold, &r->turn.rows);
    hold_drop(r->hold, &r->idle);
    hold_drop(r->hold, &r->pending);
    kept_end(&r->service);
    names_end(&r->names);
    r->wrong = NULL;
    memset(&r->turn, 0, sizeof r->turn);
}
