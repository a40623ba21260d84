/* Items on their way to a format. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "out.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BIT(member) (uint16_t)(1u << (member))

struct iam_span out_value(const struct field *f, const void *of, char buf[40])
{
    const void *at = field_at(f, of);
    if (!field_present(f, of))
        return (struct iam_span){NULL, 0};
    if (f->type == FIELD_TIME)
        return time_text(at, buf);
    if (f->type == FIELD_INTEGER)
        return integer_text(*(const int64_t *)at, buf);
    return *(const struct iam_span *)at;
}

const struct field *out_next_field(const struct fields *fields, uint32_t *bits)
{
    unsigned best = 0;
    bool any = false;
    for (unsigned i = 0; i < fields->count; i++)
        if (*bits & 1u << i &&
            (!any || strcmp(fields->field[i].name, fields->field[best].name) < 0)) {
            best = i;
            any = true;
        }
    *bits &= ~(1u << best);
    return &fields->field[best];
}

/* ---- the page's own members ---- */

uint16_t out_members(const struct out *o, const struct iam_report *r)
{
    uint16_t bits = r->present;
    if (o->how == OUT_MERGED)
        bits &= BIT(IAM_MEMBER_LIST);
    if (o->how == OUT_WHOLE && r->status != IAM_JOB_FAILED)
        bits = (uint16_t)((bits | BIT(IAM_MEMBER_IS_TRUNCATED)) & ~BIT(IAM_MEMBER_MARKER));
    return bits;
}

const char *out_member_name(const struct out *o, unsigned member)
{
    static const char *const names[] = {
        [IAM_MEMBER_JOB_STATUS] = "JobStatus",
        [IAM_MEMBER_JOB_TYPE] = "JobType",
        [IAM_MEMBER_JOB_CREATION_DATE] = "JobCreationDate",
        [IAM_MEMBER_JOB_COMPLETION_DATE] = "JobCompletionDate",
        [IAM_MEMBER_IS_TRUNCATED] = "IsTruncated",
        [IAM_MEMBER_MARKER] = "Marker",
        [IAM_MEMBER_ERROR] = "Error",
        [IAM_MEMBER_JOB_ID] = "JobId",
    };
    return member == IAM_MEMBER_LIST ? o->reply->list : names[member];
}

struct iam_span out_member(const struct out *o, const struct iam_report *r, unsigned member,
                           char buf[40])
{
    switch (member) {
    case IAM_MEMBER_JOB_STATUS:
        return r->status_text;
    case IAM_MEMBER_JOB_TYPE:
        return r->job_type;
    case IAM_MEMBER_JOB_CREATION_DATE:
        return time_text(&r->job_creation, buf);
    case IAM_MEMBER_JOB_COMPLETION_DATE:
        return time_text(&r->job_completion, buf);
    case IAM_MEMBER_IS_TRUNCATED:
        return r->is_truncated && o->how != OUT_WHOLE ? IAM_SPAN("true") : IAM_SPAN("false");
    case IAM_MEMBER_MARKER:
        return r->marker;
    case IAM_MEMBER_JOB_ID:
        return r->job_id;
    default:
        return (struct iam_span){NULL, 0};
    }
}

/* ---- what the formats are asked for ---- */

bool out_has_list(const struct out *o, const struct iam_item *item)
{
    return o->reply->item->sub && *((const bool *)item + o->reply->item->sub_at);
}

int out_csv_column(const struct fields *fields, unsigned column)
{
    for (int i = 0; i < fields->count; i++)
        if (fields->field[i].csv == column)
            return i;
    return -1;
}

int out_table_column(const struct fields *fields, unsigned column)
{
    for (int i = 0; i < fields->count; i++)
        if (fields->field[i].table == column)
            return i;
    return -1;
}

bool out_color(const struct args *a, const struct sink *sink)
{
    const char *when = a->text[OPT_COLOR];
    if (when && strcmp(when, "auto") != 0)
        return strcmp(when, "on") == 0;
    const char *terminal = settings_env("TERM"), *less = getenv("LESS");
    if (sink_waits(sink) && less && !strpbrk(less, "rR"))
        return false; /* it would show escape sequences as letters */
    return sink->terminal && !settings_env("NO_COLOR") && terminal && strcmp(terminal, "dumb") != 0;
}

unsigned out_width(const struct sink *sink)
{
    struct winsize size;
    const char *columns = settings_env("COLUMNS");
    long n = 0;
    if (!sink->terminal)
        return 0;
    if (columns && args_integer(columns, &n) && n > 0 && n < 10000)
        return (unsigned)n; /* what the user prefers goes before what the terminal says: POSIX */
    return ioctl(sink->fd, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

void out_pager(const struct args *a, const struct settings *s, struct sink *sink)
{
    const char *terminal = settings_env("TERM");
    bool traced = args_has(a, OPT_DEBUG) && isatty(STDERR_FILENO) == 1; /* it would write over it */
    if (!sink->terminal || args_has(a, OPT_NO_CLI_PAGER) || traced || !terminal ||
        strcmp(terminal, "dumb") == 0)
        return;
    if (!args_has(a, OPT_CHECKPOINT)) /* its place lies behind what has been shown: nothing waits */
        pager_begin(&sink->pager, sink->fd, s->pager, !s->pager_named);
}

void out_begin(struct out *o, const struct args *a, const struct settings *s, struct sink *sink)
{
    memset(o, 0, sizeof *o);
    o->ops = s->output->ops;
    o->sink = sink;
    o->def = &command_defs[a->command];
    o->reply = o->def->reply;
    if (o->def->kind == ON_LIST)
        o->how = args_one_page(a) ? OUT_PAGE : OUT_MERGED;
    else
        o->how = args_has(a, OPT_ALL) || o->def->kind == ON_ENTITIES ? OUT_WHOLE : OUT_PAGE;
    if (o->ops->each && o->how != OUT_PAGE)
        o->how = OUT_EACH;
    o->csv_safe = args_has(a, OPT_CSV_SAFE);
    o->color = out_color(a, sink);
    o->width = out_width(sink);
}

/* What came after the list inside it joins what came before. */
static void merge_late(struct out *o, const struct iam_item *late)
{
    kept_merge(&o->kept, late);
    if (out_has_list(o, late))
        *((bool *)&o->kept.item + o->reply->item->sub_at) = true;
}

static void count_item(struct out *o)
{
    o->items++;
    o->any = true;
}

static void finish_item(struct out *o)
{
    struct iam_item sub;
    uint32_t number;
    o->ops->item(o, &o->kept.item);
    spool_rewind(&o->subs);
    while (spool_next(&o->subs, &sub, &number))
        o->ops->sub(o, &sub);
    o->ops->item_end(o);
    spool_clear(&o->subs);
    o->sub_keys = 0;
    o->kept.item.kind = IAM_ITEM_NONE;
    count_item(o);
}

void out_item(struct out *o, const struct iam_item *item, const struct iam_report *report)
{
    const struct reply *r = o->reply;
    o->report = report;
    o->at_page_end = item->kind == IAM_ITEM_PAGE_END;
    const struct fields *sub = r->item ? r->item->sub : NULL;
    if (sub && item->kind == sub->kind) {
        o->sub_keys |= fields_present(sub, item);
        spool_add(&o->subs, item, 0);
    } else if (r->item && item->kind == r->item->kind && sub) {
        if (o->kept.item.kind == IAM_ITEM_NONE)
            kept_set(&o->kept, item);
        else
            merge_late(o, item);
    } else if (r->item && item->kind == r->item->kind) {
        o->ops->item(o, item);
        o->ops->item_end(o);
        count_item(o);
    } else if (item->kind == IAM_ITEM_PAGE_END) {
        o->pages += r->list != NULL;
        if ((o->how == OUT_MERGED || o->how == OUT_EACH) && o->ops->page_end)
            o->ops->page_end(o);
    } else if (item->kind == IAM_ITEM_END) {
        finish_item(o);
    }
}

void out_end(struct out *o, const struct iam_report *report)
{
    o->report = report;
    o->ops->end(o, report);
}

bool out_more(const struct out *o, const struct iam_report *r, struct say *s)
{
    bool list = o->def->kind == ON_LIST;
    if (o->next_token.n)
        say_more(s, "", "--starting-token", o->next_token);
    else if (o->how == OUT_PAGE && r->is_truncated)
        say_more(s, list ? "without --no-paginate every page comes" : "--all prints every page",
                 "--marker", r->marker);
    else
        return false;
    return true;
}

void out_pause(struct out *o)
{
    if (o->ops->pause)
        o->ops->pause(o);
}

bool out_settled(const struct out *o)
{
    return o->kept.item.kind == IAM_ITEM_NONE && (!o->ops->settled || o->ops->settled(o));
}

void out_save(const struct out *o, struct out_state *state)
{
    *state = o->state;
    state->v[6] = o->printed;
    state->v[7] = o->any;
}

void out_load(struct out *o, const struct out_state *state)
{
    o->state = *state;
    o->printed = (uint16_t)state->v[6];
    o->any = state->v[7];
}

int out_error(const struct out *o)
{
    return o->subs.error ? o->subs.error : o->held.error;
}

void out_free(struct out *o)
{
    if (o->own)
        o->own_free(o->own);
    o->own = NULL;
    kept_end(&o->kept);
    spool_end(&o->subs);
    spool_end(&o->held);
}
