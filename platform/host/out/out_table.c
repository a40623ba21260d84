/* For people. The first rows wait for a moment, so that the columns fit them; later rows follow at once. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "grid.h"
#include "out.h"
#include "text/hash.h"
#include "text/terminal.h"

enum { ROWS = 0, NEVER = 1, GRID = 2 }; /* indices into state.v; the grid takes GRID_COLUMNS / 2 */
enum { MAX_COLUMNS = 7 };
_Static_assert(GRID + GRID_COLUMNS / 2 <= 6 && MAX_COLUMNS <= GRID_COLUMNS, "out.c has the rest");

enum { COLUMN_TIME = 1, COLUMN_AGO = 2, COLUMN_NAMESPACE = 3, COLUMN_NAME = 4 }; /* field.table */

#define AGO_MOST 14 /* "59 minutes ago" */
#define BIT(column) (1u << ((column)-1))

/* How the columns of a reply give way, by the number in struct field.table; the titles are the fields'. */
struct layout {
    const struct fields *of;
    struct grid_column column[MAX_COLUMNS + 1]; /* [0] is not used */
    uint8_t arns;                               /* bits of columns that hold one */
    uint8_t not_on_terminal; /* bits of columns that say there what the ARN says as well */
};
static const struct layout layouts[] = {
    {.of = &fields_entity,
     .column = {[1] = {.drop = 1}, [2] = {.usual = AGO_MOST}, [5] = {.usual = 32}},
     .arns = BIT(5),
     .not_on_terminal = BIT(3) | BIT(COLUMN_NAME)},
    {.of = &fields_service,
     .column = {[1] = {.drop = 3},
                [2] = {.usual = AGO_MOST},
                [3] = {.least = 8, .usual = 14},
                [4] = {.least = 14, .usual = 24, .soft = true},
                [5] = {.drop = 2, .number = true},
                [6] = {.drop = 1, .usual = 14},
                [7] = {.drop = GRID_LATE, .least = 20, .usual = 32}},
     .arns = BIT(7)},
    {.of = &fields_user,
     .column =
         {[1] = {.drop = 2}, [2] = {.usual = AGO_MOST}, [3] = {.drop = 1}, [5] = {.usual = 32}},
     .arns = BIT(5),
     .not_on_terminal = BIT(COLUMN_NAME)},
    {.of = &fields_group,
     .column =
         {[1] = {.drop = 2}, [2] = {.usual = AGO_MOST}, [3] = {.drop = 1}, [5] = {.usual = 32}},
     .arns = BIT(5),
     .not_on_terminal = BIT(COLUMN_NAME)},
    {.of = &fields_role,
     .column =
         {[1] = {.drop = 2}, [2] = {.usual = AGO_MOST}, [3] = {.drop = 1}, [5] = {.usual = 32}},
     .arns = BIT(5),
     .not_on_terminal = BIT(COLUMN_NAME)},
    {.of = &fields_policy,
     .column = {[1] = {.drop = 1},
                [2] = {.usual = AGO_MOST},
                [3] = {.drop = 2, .number = true},
                [5] = {.usual = 32}},
     .arns = BIT(5),
     .not_on_terminal = BIT(COLUMN_NAME)},
};

struct table {
    const struct layout *layout;
    struct grid_column columns[MAX_COLUMNS];
    struct grid grid;
    struct grid_account account;
    char *namespace_; /* of the service that actions are of */
    size_t namespace_n;
};

static void free_table(void *own)
{
    struct table *t = own;
    grid_end(&t->grid);
    free(t->namespace_);
    free(t);
}

static struct table *table_of(struct out *o)
{
    struct table *t = o->own;
    if (t)
        return t;
    o->own = t = calloc(1, sizeof *t);
    o->own_free = free_table;
    if (!t)
        say_no_memory();
    t->grid =
        (struct grid){.sink = o->sink, .columns = t->columns, .width = o->width, .color = o->color};
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
        if (layouts[i].of == o->reply->item)
            t->layout = &layouts[i];
    for (unsigned i = 1; i <= MAX_COLUMNS; i++) {
        int f = out_table_column(o->reply->item, i);
        if (f < 0 && i != COLUMN_AGO)
            continue;
        t->columns[i - 1] = t->layout->column[i];
        t->columns[i - 1].title = f < 0 ? "AGO" : field_title(&o->reply->item->field[f]);
        t->grid.n = i;
    }
    t->grid.left_out = o->width ? t->layout->not_on_terminal : 0;
    grid_load(&t->grid, o->state.v + GRID);
    return t;
}

/* ---- rows ---- */

struct row {
    struct grid_row grid;
    char ago[32], value[MAX_COLUMNS][40];
    char text[1200]; /* of a name that is put together */
};

static struct iam_span printed(char *buf, int n)
{
    return (struct iam_span){buf, n > 0 ? (size_t)n : 0};
}

#define DAYS_MOST 400 /* who audits counts in days; beyond that nobody has a report */

static struct iam_span ago(int64_t us, char *buf, size_t size)
{
    static const struct {
        long long seconds, up_to;
        const char *name;
    } units[] = {{60, 3600, "minute"},
                 {3600, 86400, "hour"},
                 {86400, (DAYS_MOST + 1) * 86400LL, "day"},
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

/* Where a cell of the table comes from: its own column's field. */
static void make_cell(struct table *t, struct row *r, const struct field *f, const void *of)
{
    unsigned column = f->table;
    char *room = r->value[column - 1];
    struct iam_span *cell = &r->grid.cell[column - 1];
    *cell = f->type == FIELD_TIME ? table_date(field_at(f, of), room) : out_value(f, of, room);
    if (t->layout->arns & BIT(column) && t->grid.width)
        *cell = grid_arn(&t->account, *cell);
    if (column != COLUMN_TIME)
        return;
    const struct iam_time *when = field_at(f, of);
    r->grid.color = when->present ? NULL : "\x1b[2m";
    r->grid.cell[COLUMN_AGO - 1] = !when->present ? IAM_SPAN("never")
                                   : cell->n      ? ago(when->us, r->ago, sizeof r->ago)
                                                  : *cell;
}

/* Where the ARN is to say who it is, but there is none. */
static void name_instead(const struct table *t, struct row *r)
{
    for (unsigned i = 0; t->grid.width && i < t->grid.n; i++)
        if (t->layout->arns >> i & 1 && t->layout->not_on_terminal && !r->grid.cell[i].n)
            r->grid.cell[i] = r->grid.cell[COLUMN_NAME - 1];
}

/* An action stands under its service, indented, and says whose it is in the service's own column. */
static void make_action(struct table *t, struct row *r)
{
    struct iam_span *name = &r->grid.cell[COLUMN_NAME - 1];
    int n = (int)(name->n < sizeof r->text - 4 ? name->n : sizeof r->text - 4);
    *name =
        printed(r->text, snprintf(r->text, sizeof r->text, "  %.*s", n, name->p ? name->p : ""));
    r->grid.cell[COLUMN_NAMESPACE - 1] = (struct iam_span){t->namespace_, t->namespace_n};
    r->grid.tells = BIT(COLUMN_NAME);
    r->grid.hash = hash32(r->grid.hash, r->grid.cell[COLUMN_NAMESPACE - 1]);
}

static void put_row(struct out *o, const struct iam_item *item)
{
    struct table *t = table_of(o);
    bool inside = item->kind != o->reply->item->kind;
    const struct fields *fields = inside ? o->reply->item->sub : o->reply->item;
    struct row r = {.grid = {.hash = HASH32}};
    for (unsigned i = 0; i < fields->count; i++) {
        const struct field *f = &fields->field[i];
        if (f->type == FIELD_TEXT) /* whatever there is tells it apart */
            r.grid.hash = hash32(hash32(r.grid.hash, IAM_SPAN("\n")), out_value(f, item, r.text));
        if (f->table)
            make_cell(t, &r, f, item);
    }
    if (inside)
        make_action(t, &r);
    else
        name_instead(t, &r);
    grid_put(&t->grid, &r.grid);
    grid_save(&t->grid, o->state.v + GRID);
}

static void sub(struct out *o, const struct iam_item *item)
{
    put_row(o, item);
}

static void item(struct out *o, const struct iam_item *i)
{
    int time = out_table_column(o->reply->item, COLUMN_TIME);
    struct table *t = table_of(o);
    o->state.v[ROWS]++;
    o->state.v[NEVER] += !field_present(&o->reply->item->field[time], i);
    if (i->kind == IAM_ITEM_SERVICE) {
        struct iam_span ns = i->u.service.namespace_;
        t->namespace_ = realloc(t->namespace_, ns.n + 1);
        if (!t->namespace_)
            say_no_memory();
        if (ns.n)
            memcpy(t->namespace_, ns.p, ns.n);
        t->namespace_n = ns.n;
    }
    put_row(o, i);
}

static void item_end(struct out *o)
{
    (void)o;
}

static void show(struct out *o, bool all)
{
    struct table *t = o->own;
    if (!t)
        return;
    grid_show(&t->grid, all);
    grid_save(&t->grid, o->state.v + GRID);
}

static void pause_(struct out *o)
{
    show(o, false);
}

/* ---- what stands around the rows ---- */

static void put_foot(struct out *o, const struct iam_report *r)
{
    char line[160], nobody[40] = "";
    uint32_t rows = o->state.v[ROWS];
    if (o->def->op->of_job)
        snprintf(nobody, sizeof nobody, ", %lu never", (unsigned long)o->state.v[NEVER]);
    struct table *t = o->own;
    int n = snprintf(line, sizeof line, "%s%lu %s%s\n", rows ? "\n" : "", (unsigned long)rows,
                     rows == 1 ? o->reply->one : o->reply->many, nobody);
    sink_put(o->sink, line, n > 0 ? (size_t)n : 0);
    if (t && rows) {
        bool arns = false;
        for (unsigned i = 0; i < t->grid.n; i++)
            arns |= t->layout->arns >> i & 1 && t->grid.widths[i];
        if (arns)
            grid_account_foot(&t->account, o->sink);
        grid_foot(&t->grid);
    }
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
    grid_cell(o->sink, r->status_text, 0);
    if (r->status == IAM_JOB_FAILED) {
        SINK_LITERAL(o->sink, ": ");
        grid_cell(o->sink, r->error_code, 0);
        SINK_LITERAL(o->sink, " ");
        grid_cell(o->sink, r->error_message, 0);
    } else if (r->status == IAM_JOB_IN_PROGRESS) {
        SINK_LITERAL(o->sink, ": --wait waits for it");
    }
    sink_char(o->sink, '\n');
}

static void end(struct out *o, const struct iam_report *r)
{
    if (!o->reply->list) {
        SINK_LITERAL(o->sink, "JobId  ");
        grid_cell(o->sink, r->job_id, 0);
        sink_char(o->sink, '\n');
        return;
    }
    show(o, true);
    if (!o->def->op->of_job || r->status == IAM_JOB_COMPLETED || o->state.v[ROWS])
        put_foot(o, r);
    else
        put_status(o, r);
}

static bool settled(const struct out *o)
{
    const struct table *t = o->own;
    return !t || t->grid.kept_n == 0;
}

const struct out_ops out_table = {.item = item,
                                  .sub = sub,
                                  .item_end = item_end,
                                  .end = end,
                                  .pause = pause_,
                                  .settled = settled};
