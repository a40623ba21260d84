/* What AWS CLI v2 prints with --output text: rows of tab-separated values, members by name, a column for
 * every key that any row of the list has. Both the first line and the columns depend on what comes later,
 * so rows wait until it is known: a single page to its end, --all until nothing can change any more. */
#include "out.h"

#define BIT(member) (uint16_t)(1u << (member))

enum { STREAMING = 0, COLUMNS = 1, HEADED = 2 }; /* indices into state.v; COLUMNS: bits of fields */

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

/* "EntityDetailsList" in capitals. */
static void cell_title(struct row *r, const char *name)
{
    cell(r, (struct iam_span){"", 0});
    for (; *name; name++)
        sink_char(r->sink, *name >= 'a' && *name <= 'z' ? (char)(*name - 32) : *name);
}

/* A row of these fields; nothing where there are none. */
static void put_fields(struct out *o, const char *title, const struct fields *fields, uint32_t bits,
                       const struct iam_item *item)
{
    struct row r = {o->sink, false};
    char buf[40];
    if (!bits)
        return;
    cell_title(&r, title);
    while (bits)
        cell(&r, out_value(out_next_field(fields, &bits), item, buf));
    end_row(&r);
}

static void put_item(struct out *o, const struct iam_item *item)
{
    const struct fields *fields = o->reply->item;
    uint32_t inner = (1u << fields->grouped) - 1;
    put_fields(o, o->reply->list, fields, o->state.v[COLUMNS] & ~inner, item);
    if (inner)
        put_fields(o, fields->group, fields, fields_present(fields, item) & inner, item);
}

static void put_held(struct out *o)
{
    struct iam_item item;
    uint32_t number;
    spool_rewind(&o->held);
    while (spool_next(&o->held, &item, &number))
        if (item.kind == o->reply->item->kind)
            put_item(o, &item);
        else
            put_fields(o, o->reply->item->sub_list, o->reply->item->sub, number, &item);
    spool_clear(&o->held);
}

/* ---- the page's own members ---- */

static void put_head(struct out *o, const struct iam_report *report)
{
    struct row r = {o->sink, false};
    bool whole = o->how == OUT_WHOLE && report->status != IAM_JOB_FAILED;
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

/* Columns of all fields that are not in an object of their own. */
static uint32_t every_column(const struct out *o)
{
    const struct fields *fields = o->reply->item;
    return ((1u << fields->count) - 1) & ~((1u << fields->grouped) - 1);
}

/* Can the first line or the columns still change? */
static bool is_known(const struct out *o)
{
    const uint16_t later = BIT(IAM_MEMBER_LIST) | BIT(IAM_MEMBER_IS_TRUNCATED) |
                           BIT(IAM_MEMBER_MARKER) | BIT(IAM_MEMBER_ERROR);
    uint16_t members = 0;
    for (const uint8_t *m = o->reply->members; *m; m++)
        members |= BIT(*m);
    members = (uint16_t)(members & ~later);
    return o->how == OUT_WHOLE && (o->report->present & members) == members &&
           o->state.v[COLUMNS] == every_column(o);
}

static void go_on(struct out *o)
{
    if (o->state.v[STREAMING] || !is_known(o))
        return;
    o->state.v[STREAMING] = 1;
    put_head(o, o->report);
    put_held(o);
}

static void item(struct out *o, const struct iam_item *i)
{
    if (o->state.v[STREAMING]) {
        put_item(o, i);
        return;
    }
    o->state.v[COLUMNS] |= fields_present(o->reply->item, i) & every_column(o);
    spool_add(&o->held, i, 0);
}

static void sub(struct out *o, const struct iam_item *i)
{
    if (o->state.v[STREAMING])
        put_fields(o, o->reply->item->sub_list, o->reply->item->sub, o->sub_keys, i);
    else
        spool_add(&o->held, i, o->sub_keys);
}

static void item_end(struct out *o)
{
    go_on(o);
}

/* Each page has columns of its own. */
static void page_end(struct out *o)
{
    put_held(o);
    o->state.v[COLUMNS] = 0;
}

static void end(struct out *o, const struct iam_report *report)
{
    struct row r = {o->sink, false};
    if (!o->reply->list) {
        cell_if(&r, report->job_id);
        end_row(&r);
        return;
    }
    if (!o->state.v[HEADED] && o->how != OUT_MERGED)
        put_head(o, report);
    bool before = strcmp("Error", o->reply->list) < 0; /* members with members: by the alphabet */
    if (before)
        put_error(o, report);
    put_held(o);
    if (!before)
        put_error(o, report);
    if (o->next_token.n) {
        cell(&r, IAM_SPAN("NEXTTOKEN"));
        cell(&r, o->next_token);
        end_row(&r);
    }
}

static bool settled(const struct out *o)
{
    return o->state.v[STREAMING] || (o->how == OUT_MERGED && o->held.records == 0);
}

const struct out_ops out_text = {.item = item,
                                 .sub = sub,
                                 .item_end = item_end,
                                 .page_end = page_end,
                                 .end = end,
                                 .settled = settled,
                                 .status = true,
                                 .pages = true};
