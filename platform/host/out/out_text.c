/* What AWS CLI v2 prints with --output text: rows of tab-separated values, members by name, a column for
 * every key that any row of the list has. Both the first line and the columns depend on what comes later,
 * so rows wait until it is known: a single page to its end, --all until nothing can change any more. */
#include "out.h"

#define BIT(member) (uint16_t)(1u << (member))

enum { STREAMING = 0, COLUMNS = 1, HEADED = 2 }; /* indices into state.v */

enum column {
    COL_TIME = 1,
    COL_ENTITY = 2,
    COL_REGION = 4,
    COL_NAME = 8,
    COL_NAMESPACE = 16,
    COL_TOTAL = 32
};

/* ---- one row ---- */

struct row {
    struct sink *sink;
    bool any;
};

static void cell(struct row *r, struct iam_span text)
{
    if (r->any)
        sink_char(r->sink, '\t');
    r->any = true;
    sink_span(r->sink, text);
}

static void cell_if(struct row *r, struct iam_span text)
{
    if (text.p)
        cell(r, text);
}

static void cell_time(struct row *r, const struct iam_time *t)
{
    char buf[40];
    cell(r, t->present ? time_text(t, buf) : (struct iam_span){"", 0});
}

static void end_row(struct row *r)
{
    if (r->any)
        sink_char(r->sink, '\n');
}

/* ---- the list ---- */

static void put_entity(struct out *o, const struct iam_entity *e)
{
    if (o->state.v[COLUMNS] & COL_TIME) {
        struct row r = {o->sink, false};
        cell(&r, IAM_SPAN("ENTITYDETAILSLIST"));
        cell_time(&r, &e->last_authenticated);
        end_row(&r);
    }
    if (e->arn.p || e->id.p || e->name.p || e->path.p || e->type_text.p) {
        struct row r = {o->sink, false};
        cell(&r, IAM_SPAN("ENTITYINFO"));
        cell_if(&r, e->arn);
        cell_if(&r, e->id);
        cell_if(&r, e->name);
        cell_if(&r, e->path);
        cell_if(&r, e->type_text);
        end_row(&r);
    }
}

static void put_service(struct out *o, const struct iam_service *s)
{
    uint32_t columns = o->state.v[COLUMNS];
    struct row r = {o->sink, false};
    char buf[24];
    if (!columns)
        return;
    cell(&r, IAM_SPAN("SERVICESLASTACCESSED"));
    if (columns & COL_TIME)
        cell_time(&r, &s->last_authenticated);
    if (columns & COL_ENTITY)
        cell(&r, s->last_entity);
    if (columns & COL_REGION)
        cell(&r, s->last_region);
    if (columns & COL_NAME)
        cell(&r, s->name);
    if (columns & COL_NAMESPACE)
        cell(&r, s->namespace_);
    if (columns & COL_TOTAL)
        cell(&r, s->has_total ? integer_text(s->total_entities, buf) : (struct iam_span){"", 0});
    end_row(&r);
}

static void put_action(struct out *o, const struct iam_action *a, uint32_t keys)
{
    struct row r = {o->sink, false};
    if (!keys)
        return;
    cell(&r, IAM_SPAN("TRACKEDACTIONSLASTACCESSED"));
    if (keys & KEY_ACTION_NAME)
        cell(&r, a->name);
    if (keys & KEY_ACTION_ENTITY)
        cell(&r, a->last_entity);
    if (keys & KEY_ACTION_REGION)
        cell(&r, a->last_region);
    if (keys & KEY_ACTION_TIME)
        cell_time(&r, &a->last_accessed);
    end_row(&r);
}

static void put_held(struct out *o)
{
    struct iam_item item;
    uint32_t number;
    spool_rewind(&o->held);
    while (spool_next(&o->held, &item, &number)) {
        if (item.kind == IAM_ITEM_ENTITY)
            put_entity(o, &item.u.entity);
        else if (item.kind == IAM_ITEM_SERVICE)
            put_service(o, &item.u.service);
        else
            put_action(o, &item.u.action, number);
    }
    spool_clear(&o->held);
}

/* ---- the page's own members ---- */

static void put_head(struct out *o, const struct iam_report *report)
{
    struct row r = {o->sink, false};
    bool whole = o->all && report->status != IAM_JOB_FAILED;
    if (whole)
        cell(&r, IAM_SPAN("False"));
    else if (report->present & BIT(IAM_MEMBER_IS_TRUNCATED))
        cell(&r, report->is_truncated ? IAM_SPAN("True") : IAM_SPAN("False"));
    if (report->job_completion.present)
        cell_time(&r, &report->job_completion);
    if (report->job_creation.present)
        cell_time(&r, &report->job_creation);
    if (report->present & BIT(IAM_MEMBER_JOB_STATUS))
        cell_if(&r, report->status_text);
    if (report->present & BIT(IAM_MEMBER_JOB_TYPE))
        cell_if(&r, report->job_type);
    if (!whole && report->present & BIT(IAM_MEMBER_MARKER))
        cell_if(&r, report->marker);
    end_row(&r);
    o->state.v[HEADED] = 1;
}

static void put_error(struct out *o, const struct iam_report *report)
{
    struct row r = {o->sink, false};
    if (!(report->present & BIT(IAM_MEMBER_ERROR)) ||
        (!report->error_code.p && !report->error_message.p))
        return;
    cell(&r, IAM_SPAN("ERROR"));
    cell_if(&r, report->error_code);
    cell_if(&r, report->error_message);
    end_row(&r);
}

/* ---- what comes in ---- */

/* Can the first line or the columns still change? */
static bool is_known(const struct out *o)
{
    bool services = o->command == COMMAND_PAGE_SERVICES;
    uint16_t members = BIT(IAM_MEMBER_JOB_STATUS) | BIT(IAM_MEMBER_JOB_CREATION_DATE) |
                       BIT(IAM_MEMBER_JOB_COMPLETION_DATE);
    uint32_t columns = services ? 63 : COL_TIME;
    if (services)
        members |= BIT(IAM_MEMBER_JOB_TYPE);
    return o->all && (o->report->present & members) == members && o->state.v[COLUMNS] == columns;
}

static void go_on(struct out *o)
{
    if (o->state.v[STREAMING] || !is_known(o))
        return;
    o->state.v[STREAMING] = 1;
    put_head(o, o->report);
    put_held(o);
}

static void entity(struct out *o, const struct iam_entity *e)
{
    if (o->state.v[STREAMING]) {
        put_entity(o, e);
        return;
    }
    struct iam_item item = {.kind = IAM_ITEM_ENTITY, .u.entity = *e};
    o->state.v[COLUMNS] |= e->last_authenticated.present ? COL_TIME : 0;
    spool_add(&o->held, &item, 0);
    go_on(o);
}

static void service(struct out *o, const struct iam_service *s)
{
    if (o->state.v[STREAMING]) {
        put_service(o, s);
        return;
    }
    struct iam_item item = {.kind = IAM_ITEM_SERVICE, .u.service = *s};
    o->state.v[COLUMNS] |= (s->last_authenticated.present ? COL_TIME : 0u) |
                           (s->last_entity.p ? COL_ENTITY : 0u) |
                           (s->last_region.p ? COL_REGION : 0u) | (s->name.p ? COL_NAME : 0u) |
                           (s->namespace_.p ? COL_NAMESPACE : 0u) | (s->has_total ? COL_TOTAL : 0u);
    spool_add(&o->held, &item, 0);
}

static void action(struct out *o, const struct iam_action *a)
{
    if (o->state.v[STREAMING]) {
        put_action(o, a, o->action_keys);
        return;
    }
    struct iam_item item = {.kind = IAM_ITEM_ACTION, .u.action = *a};
    spool_add(&o->held, &item, o->action_keys);
}

static void service_end(struct out *o)
{
    go_on(o);
}

static void end(struct out *o, const struct iam_report *report)
{
    if (o->command == COMMAND_GENERATE) {
        struct row r = {o->sink, false};
        cell_if(&r, report->job_id);
        end_row(&r);
        return;
    }
    if (!o->state.v[HEADED])
        put_head(o, report);
    if (o->command == COMMAND_PAGE_SERVICES)
        put_error(o, report);
    put_held(o);
    if (o->command != COMMAND_PAGE_SERVICES)
        put_error(o, report);
}

static bool settled(const struct out *o)
{
    return o->state.v[STREAMING];
}

const struct out_ops out_text = {entity, service, action, service_end, end, NULL, settled};
