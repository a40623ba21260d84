/* For people. The first rows wait for a moment, so that the columns fit them; later rows follow at once. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include <stdio.h>
#include <time.h>

#include "out.h"
#include "text/terminal.h"

#define FIRST_ROWS 100
#define GAP 2
#define CELL_MIN 12 /* a shortened cell shows at least this much */

enum {
    SHOWN = 0,
    WIDTHS = 1,
    ROWS = 4,
    NEVER = 5
}; /* indices into state.v; widths: 6 times 16 bits */
enum { MAX_COLUMNS = 7 };

struct row {
    struct iam_span cell[MAX_COLUMNS];
    bool never;
    char date[32], ago[32], total[24], indented[80];
};

static const char *const entity_titles[] = {"LAST ACCESS (UTC)", "AGO", "TYPE", "NAME", "ARN"};
static const char *const service_titles[] = {"LAST ACCESS (UTC)", "AGO",    "NAMESPACE",  "SERVICE",
                                             "ENTITIES",          "REGION", "LAST ENTITY"};

static size_t column_n(const struct out *o)
{
    return o->command == COMMAND_PAGE_SERVICES ? 7 : 5;
}

static const char *title(const struct out *o, size_t i)
{
    return o->command == COMMAND_PAGE_SERVICES ? service_titles[i] : entity_titles[i];
}

static unsigned width(const struct out *o, size_t i)
{
    return o->state.v[WIDTHS + i / 2] >> (16 * (i % 2)) & 0xFFFF;
}

static void set_width(struct out *o, size_t i, unsigned w)
{
    uint32_t *v = &o->state.v[WIDTHS + i / 2], shift = 16 * (i % 2);
    *v = (*v & ~(0xFFFFu << shift)) | (w > 0xFFFF ? 0xFFFFu : w) << shift;
}

/* ---- rows ---- */

static struct iam_span printed(char *buf, int n)
{
    return (struct iam_span){buf, n > 0 ? (size_t)n : 0};
}

static struct iam_span ago(int64_t us, char *buf, size_t size)
{
    static const struct {
        long long seconds, up_to;
        const char *name;
    } units[] = {{60, 3600, "minute"},
                 {3600, 86400, "hour"},
                 {86400, 60 * 86400LL, "day"},
                 {2629746, 24 * 2629746LL, "month"},
                 {31556952, INT64_MAX, "year"}};
    long long s = (long long)time(NULL) - us / 1000000;
    if (s < -300) /* no clock is that wrong unnoticed */
        return printed(buf, snprintf(buf, size, "in the future"));
    if (s < 60)
        return printed(buf, snprintf(buf, size, "just now"));
    size_t i = 0;
    while (s >= units[i].up_to)
        i++;
    long long n = s / units[i].seconds;
    return printed(buf, snprintf(buf, size, "%lld %s%s ago", n, units[i].name, n == 1 ? "" : "s"));
}

static void when(struct row *r, const struct iam_time *t)
{
    struct tm tm;
    time_t seconds = (time_t)(t->us / 1000000 - (t->us % 1000000 < 0));
    r->never = !t->present;
    if (r->never) {
        r->cell[0] = IAM_SPAN("-");
        r->cell[1] = IAM_SPAN("never");
    } else if (gmtime_r(&seconds, &tm)) {
        r->cell[0] =
            printed(r->date, (int)strftime(r->date, sizeof r->date, "%Y-%m-%d %H:%M:%S", &tm));
        r->cell[1] = ago(t->us, r->ago, sizeof r->ago);
    }
}

static void make_row(struct row *r, const struct iam_item *item)
{
    memset(r->cell, 0, sizeof r->cell);
    if (item->kind == IAM_ITEM_ENTITY) {
        const struct iam_entity *e = &item->u.entity;
        when(r, &e->last_authenticated);
        r->cell[2] = e->type_text;
        r->cell[3] = e->name;
        r->cell[4] = e->arn;
    } else if (item->kind == IAM_ITEM_SERVICE) {
        const struct iam_service *s = &item->u.service;
        when(r, &s->last_authenticated);
        r->cell[2] = s->namespace_;
        r->cell[3] = s->name;
        if (s->has_total)
            r->cell[4] = integer_text(s->total_entities, r->total);
        r->cell[5] = s->last_region;
        r->cell[6] = s->last_entity;
    } else {
        const struct iam_action *a = &item->u.action;
        when(r, &a->last_accessed);
        r->cell[3] = printed(r->indented, snprintf(r->indented, sizeof r->indented, "  %.*s",
                                                   (int)(a->name.n < 70 ? a->name.n : 70),
                                                   a->name.p ? a->name.p : ""));
        r->cell[5] = a->last_region;
        r->cell[6] = a->last_entity;
    }
}

/* In at most limit columns (0: all), the middle left out. An escape is shown whole or not at all, so that it
 * may be fewer: how many they are. */
static unsigned put_cell(struct out *o, struct iam_span s, unsigned limit)
{
    unsigned n = terminal_columns(s), head = n, tail = n, at = 0, used = 0;
    struct terminal_char shown;
    if (limit && n > limit) {
        tail = (limit - 1) / 2;
        head = limit - 1 - tail;
        tail = n - tail; /* first column of the tail */
    }
    for (size_t i = 0; i < s.n; at += shown.columns) {
        i += terminal_char(s.p + i, s.n - i, &shown);
        bool before = at + shown.columns <= head;
        if (before || at >= tail) {
            sink_put(o->sink, shown.p, shown.n);
            used += shown.columns;
        } else if (head) {
            SINK_LITERAL(o->sink, "\xE2\x80\xA6");
            used++;
            head = 0; /* once */
        }
    }
    return used;
}

static void put_spaces(struct out *o, unsigned n)
{
    for (; n; n--)
        sink_char(o->sink, ' ');
}

static void put_row(struct out *o, const struct iam_span *cells, const char *color)
{
    size_t columns = column_n(o), last = columns - 1;
    unsigned used = 0;
    while (last && cells[last].n == 0)
        last--;
    if (color && o->color)
        sink_put(o->sink, color, strlen(color));
    for (size_t i = 0; i <= last; i++) {
        unsigned limit = 0;
        if (o->width && i + 1 < columns)
            limit = width(o, i);
        else if (o->width)
            limit = o->width > used + CELL_MIN ? o->width - used : CELL_MIN;
        unsigned n = put_cell(o, cells[i], limit);
        if (i < last) {
            unsigned pad = width(o, i) > n ? width(o, i) - n : 0;
            put_spaces(o, pad + GAP);
            used += n + pad + GAP;
        }
    }
    if (color && o->color)
        SINK_LITERAL(o->sink, "\x1b[0m");
    sink_char(o->sink, '\n');
}

/* ---- columns ---- */

static void measure(struct out *o)
{
    struct iam_item item;
    struct row r;
    uint32_t number;
    size_t columns = column_n(o);
    unsigned total = 0;
    for (size_t i = 0; i + 1 < columns; i++)
        set_width(o, i, (unsigned)strlen(title(o, i)));
    set_width(o, 1, 13); /* "11 months ago": later rows are older */
    spool_rewind(&o->held);
    while (spool_next(&o->held, &item, &number)) {
        make_row(&r, &item);
        for (size_t i = 0; i + 1 < columns; i++)
            if (terminal_columns(r.cell[i]) > width(o, i))
                set_width(o, i, terminal_columns(r.cell[i]));
    }
    for (size_t i = 0; i + 1 < columns; i++)
        total += width(o, i) + GAP;
    if (o->width && total + 3 * CELL_MIN > o->width) { /* the name gives way to what stands last */
        unsigned over = total + 3 * CELL_MIN - o->width, name = width(o, 3);
        if (name > CELL_MIN)
            set_width(o, 3, name > over + CELL_MIN ? name - over : CELL_MIN);
    }
}

static void put_item(struct out *o, const struct iam_item *item)
{
    struct row r;
    make_row(&r, item);
    put_row(o, r.cell, r.never ? "\x1b[2m" : NULL);
}

static void show(struct out *o)
{
    struct iam_item item;
    uint32_t number;
    if (!o->state.v[SHOWN]) {
        struct iam_span titles[MAX_COLUMNS];
        measure(o);
        for (size_t i = 0; i < column_n(o); i++)
            titles[i] = (struct iam_span){title(o, i), strlen(title(o, i))};
        put_row(o, titles, "\x1b[1m");
        o->state.v[SHOWN] = 1;
    }
    spool_rewind(&o->held);
    while (spool_next(&o->held, &item, &number))
        put_item(o, &item);
    spool_clear(&o->held);
}

static void take(struct out *o, const struct iam_item *item)
{
    if (o->state.v[SHOWN]) {
        put_item(o, item);
        return;
    }
    spool_add(&o->held, item, 0);
    if (o->held.records >= FIRST_ROWS)
        show(o);
}

static void entity(struct out *o, const struct iam_entity *e)
{
    struct iam_item item = {.kind = IAM_ITEM_ENTITY, .u.entity = *e};
    o->state.v[ROWS]++;
    o->state.v[NEVER] += !e->last_authenticated.present;
    take(o, &item);
}

static void service(struct out *o, const struct iam_service *s)
{
    struct iam_item item = {.kind = IAM_ITEM_SERVICE, .u.service = *s};
    o->state.v[ROWS]++;
    o->state.v[NEVER] += !s->last_authenticated.present;
    take(o, &item);
}

static void action(struct out *o, const struct iam_action *a)
{
    struct iam_item item = {.kind = IAM_ITEM_ACTION, .u.action = *a};
    take(o, &item);
}

static void service_end(struct out *o)
{
    (void)o;
}

static void pause_(struct out *o)
{
    if (o->held.records)
        show(o);
}

/* ---- what stands around the rows ---- */

static void put_foot(struct out *o, const struct iam_report *r)
{
    char line[160];
    bool services = o->command == COMMAND_PAGE_SERVICES;
    uint32_t rows = o->state.v[ROWS], never = o->state.v[NEVER];
    const char *what = services    ? rows == 1 ? "service" : "services"
                       : rows == 1 ? "entity"
                                   : "entities";
    int n = snprintf(line, sizeof line, "%s%lu %s, %lu never\n", o->state.v[SHOWN] ? "\n" : "",
                     (unsigned long)rows, what, (unsigned long)never);
    sink_put(o->sink, line, n > 0 ? (size_t)n : 0);
    if (!o->all && r->is_truncated) {
        struct say more;
        say_begin(&more, "");
        say_more(&more, r->marker);
        sink_put(o->sink, more.text, more.n);
        sink_char(o->sink, '\n');
    }
}

static void put_status(struct out *o, const struct iam_report *r)
{
    SINK_LITERAL(o->sink, "The report is ");
    put_cell(o, r->status_text, 0);
    if (r->status == IAM_JOB_FAILED) {
        SINK_LITERAL(o->sink, ": ");
        put_cell(o, r->error_code, 0);
        SINK_LITERAL(o->sink, " ");
        put_cell(o, r->error_message, 0);
    } else if (r->status == IAM_JOB_IN_PROGRESS) {
        SINK_LITERAL(o->sink, ": --wait waits for it");
    }
    sink_char(o->sink, '\n');
}

static void end(struct out *o, const struct iam_report *r)
{
    if (o->command == COMMAND_GENERATE) {
        SINK_LITERAL(o->sink, "JobId  ");
        put_cell(o, r->job_id, 0);
        sink_char(o->sink, '\n');
        return;
    }
    if (o->held.records)
        show(o);
    if (r->status == IAM_JOB_COMPLETED || o->state.v[ROWS])
        put_foot(o, r);
    else
        put_status(o, r);
}

static bool settled(const struct out *o)
{
    return o->held.records == 0;
}

const struct out_ops out_table = {entity, service, action, service_end, end, pause_, settled};
