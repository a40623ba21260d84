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
    char ago[32], indented[80], value[MAX_COLUMNS][40];
};

enum { COLUMN_TIME = 1, COLUMN_AGO = 2, COLUMN_NAME = 4 }; /* of struct field.table */

/* The last column that has a title. */
static size_t column_n(const struct out *o)
{
    size_t n = 0;
    for (unsigned i = 0; i < o->reply->item->count; i++)
        if (o->reply->item->field[i].table > n)
            n = o->reply->item->field[i].table;
    return n;
}

static const char *title(const struct out *o, size_t i)
{
    int f = out_table_column(o->reply->item, (unsigned)i + 1);
    return i + 1 == COLUMN_AGO ? "AGO" : f < 0 ? "" : field_title(&o->reply->item->field[f]);
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

struct iam_span table_date(const struct iam_time *t, char buf[40])
{
    struct tm tm;
    time_t seconds = (time_t)(t->us / 1000000 - (t->us % 1000000 < 0));
    if (!t->present)
        return IAM_SPAN("-");
    if (!gmtime_r(&seconds, &tm))
        return (struct iam_span){NULL, 0};
    return printed(buf, (int)strftime(buf, 40, "%Y-%m-%d %H:%M:%S", &tm));
}

static void make_row(const struct out *o, struct row *r, const struct iam_item *item)
{
    bool inside = item->kind != o->reply->item->kind;
    const struct fields *fields = inside ? o->reply->item->sub : o->reply->item;
    memset(r->cell, 0, sizeof r->cell);
    for (unsigned i = 0; i < fields->count; i++) {
        const struct field *f = &fields->field[i];
        if (!f->table)
            continue;
        struct iam_span *cell = &r->cell[f->table - 1];
        *cell = f->type == FIELD_TIME ? table_date(field_at(f, item), r->value[f->table - 1])
                                      : out_value(f, item, r->value[f->table - 1]);
        if (f->table != COLUMN_TIME)
            continue;
        const struct iam_time *t = field_at(f, item);
        r->never = !t->present;
        r->cell[COLUMN_AGO - 1] = !t->present ? IAM_SPAN("never")
                                  : cell->n   ? ago(t->us, r->ago, sizeof r->ago)
                                              : *cell;
    }
    if (inside) {
        struct iam_span *name = &r->cell[COLUMN_NAME - 1];
        *name = printed(r->indented,
                        snprintf(r->indented, sizeof r->indented, "  %.*s",
                                 (int)(name->n < 70 ? name->n : 70), name->p ? name->p : ""));
    }
}

unsigned table_cell(struct sink *sink, struct iam_span s, unsigned limit)
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
            sink_put(sink, shown.p, shown.n);
            used += shown.columns;
        } else if (head) {
            SINK_LITERAL(sink, "\xE2\x80\xA6");
            used++;
            head = 0; /* once */
        }
    }
    return used;
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
        unsigned n = table_cell(o->sink, cells[i], limit);
        if (i < last) {
            unsigned pad = width(o, i) > n ? width(o, i) - n : 0;
            sink_spaces(o->sink, pad + GAP);
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
        make_row(o, &r, &item);
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
    make_row(o, &r, item);
    put_row(o, r.cell, r.never ? "\x1b[2m" : NULL);
}

static void show(struct out *o)
{
    struct iam_item item;
    uint32_t number;
    if (!o->state.v[SHOWN]) {
        struct iam_span titles[MAX_COLUMNS] = {{NULL, 0}};
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

static void item(struct out *o, const struct iam_item *i)
{
    int time = out_table_column(o->reply->item, COLUMN_TIME);
    o->state.v[ROWS]++;
    o->state.v[NEVER] += !field_present(&o->reply->item->field[time], i);
    take(o, i);
}

static void item_end(struct out *o)
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
    char line[160], nobody[40] = "";
    uint32_t rows = o->state.v[ROWS];
    if (o->def->op->of_job)
        snprintf(nobody, sizeof nobody, ", %lu never", (unsigned long)o->state.v[NEVER]);
    int n = snprintf(line, sizeof line, "%s%lu %s%s\n", o->state.v[SHOWN] ? "\n" : "",
                     (unsigned long)rows, rows == 1 ? o->reply->one : o->reply->many, nobody);
    sink_put(o->sink, line, n > 0 ? (size_t)n : 0);
    struct say more;
    say_begin(&more, "");
    if (out_more(o, r, &more)) {
        sink_put(o->sink, more.text, more.n);
        sink_char(o->sink, '\n');
    }
}

static void put_status(struct out *o, const struct iam_report *r)
{
    SINK_LITERAL(o->sink, "The report is ");
    table_cell(o->sink, r->status_text, 0);
    if (r->status == IAM_JOB_FAILED) {
        SINK_LITERAL(o->sink, ": ");
        table_cell(o->sink, r->error_code, 0);
        SINK_LITERAL(o->sink, " ");
        table_cell(o->sink, r->error_message, 0);
    } else if (r->status == IAM_JOB_IN_PROGRESS) {
        SINK_LITERAL(o->sink, ": --wait waits for it");
    }
    sink_char(o->sink, '\n');
}

static void end(struct out *o, const struct iam_report *r)
{
    if (!o->reply->list) {
        SINK_LITERAL(o->sink, "JobId  ");
        table_cell(o->sink, r->job_id, 0);
        sink_char(o->sink, '\n');
        return;
    }
    if (o->held.records)
        show(o);
    if (!o->def->op->of_job || r->status == IAM_JOB_COMPLETED || o->state.v[ROWS])
        put_foot(o, r);
    else
        put_status(o, r);
}

static bool settled(const struct out *o)
{
    return o->held.records == 0;
}

const struct out_ops out_table = {.item = item,
                                  .sub = take,
                                  .item_end = item_end,
                                  .end = end,
                                  .pause = pause_,
                                  .settled = settled};
