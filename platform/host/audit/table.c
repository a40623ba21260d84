/* For people. Of services an ARN a line with what its services come to; of other rows a row a line. */
#include <stdio.h>
#include <stdlib.h>

#include "out/grid.h"
#include "out/out.h"
#include "row.h"
#include "text/hash.h"

/* The columns of services and their places; of the others only the places that differ matter. */
enum { DAYS, SERVICES, USED, UNUSED, NEVER, DATE, BY, ARN };
static const struct grid_column of_services[] = {
    [DAYS] = {.title = "DAYS", .usual = 5, .number = true},
    [SERVICES] = {.title = "SERVICES", .drop = 3, .number = true},
    [USED] = {.title = "USED", .drop = 4, .usual = 4, .number = true},
    [UNUSED] = {.title = "UNUSED", .number = true},
    [NEVER] = {.title = "NEVER", .number = true},
    [DATE] = {.title = "LAST ACCESS (UTC)", .drop = 1, .usual = 19},
    [BY] = {.title = "BY", .drop = 2, .usual = 16},
    [ARN] = {.title = "ARN", .usual = 32},
};
/* What all other rows begin with. */
#define FIRST                                                   \
    {.title = "DAYS", .usual = 5, .number = true},              \
        {.title = "LAST ACCESS (UTC)", .drop = 1, .usual = 19}, \
    {                                                           \
        .title = "STATUS", .drop = 2, .usual = 6                \
    }
static const struct grid_column of_entities[] = {
    FIRST,
    {.title = "SERVICE", .least = 6, .usual = 16},
    {.title = "USED BY", .least = 8, .usual = 32},
    {.title = "REPORT OF", .usual = 32},
};
static const struct grid_column of_actions[] = {
    FIRST,
    {.title = "SERVICE", .least = 6, .usual = 16},
    {.title = "ACTION", .least = 8, .usual = 24},
    {.title = "REPORT OF", .usual = 32},
};
static const struct grid_column of_grants[] = {
    {.title = "DAYS", .drop = 2, .usual = 5, .number = true},
    {.title = "STATUS", .drop = 1, .usual = 6},
    {.title = "SERVICE", .least = 6, .usual = 16},
    {.title = "POLICY", .least = 8, .usual = 32},
    {.title = "FROM", .least = 6, .usual = 16},
    {.title = "REPORT OF", .usual = 32},
};
static const struct {
    const struct grid_column *columns;
    unsigned n;
} kinds[] = {
    [AUDIT_SERVICES] = {of_services, sizeof of_services / sizeof *of_services},
    [AUDIT_ENTITIES] = {of_entities, sizeof of_entities / sizeof *of_entities},
    [AUDIT_ACTIONS] = {of_actions, sizeof of_actions / sizeof *of_actions},
    [AUDIT_GRANTS] = {of_grants, sizeof of_grants / sizeof *of_grants},
};

struct table {
    struct grid grid;
    struct grid_account account;
    bool young; /* the ARN under way */
    uint64_t rows;
    char days[32], date[40], policy[2200], from[200], across[1200]; /* cells under way */
    char count[4][24];
};

static struct iam_span printed(char *buf, size_t size, int n)
{
    return (struct iam_span){buf, n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1};
}

/* ---- cells ---- */

/* On a terminal without what all of them begin with. */
static struct iam_span short_arn(struct table *t, struct iam_span arn)
{
    return t->grid.width ? grid_arn(&t->account, arn) : arn;
}

/* An ARN made within the threshold cannot have been used before that: it says so instead of "never". */
static struct iam_span days_of(struct table *t, const struct audit_row *row)
{
    if (row->has_days_ago)
        return integer_text(row->days_ago, t->days);
    return t->young ? IAM_SPAN("young") : IAM_SPAN("never");
}

static struct iam_span status_of(const struct table *t, const struct audit_row *row)
{
    return t->young && row->status_number == STATUS_NEVER ? IAM_SPAN("young") : row->status;
}

static const char *color_of(const struct audit_row *row)
{
    return row->status_number == STATUS_NEVER    ? "\x1b[2m"
           : row->status_number == STATUS_UNUSED ? "\x1b[33m"
                                                 : NULL;
}

static struct iam_span either(struct iam_span a, struct iam_span b)
{
    return a.p ? a : b;
}

/* Of a hash of several texts: where one ends counts. */
static uint32_t also(uint32_t h, struct iam_span text)
{
    return hash32(hash32(h, text), IAM_SPAN("\n"));
}

static void make_entity(struct table *t, const struct audit_row *row, struct iam_span *cell)
{
    cell[0] = days_of(t, row);
    cell[1] = table_date(&row->last, t->date);
    cell[2] = status_of(t, row);
    cell[3] = row->service_namespace;
    cell[4] = row->action_name.p ? row->action_name : short_arn(t, either(row->arn, row->name));
}

static void make_grant(struct table *t, const struct audit_row *row, struct iam_span *cell)
{
    struct iam_span policy = row->policy_arn.p ? short_arn(t, row->policy_arn) : row->policy_name;
    cell[0] = days_of(t, row);
    cell[1] = status_of(t, row);
    cell[2] = row->service_namespace;
    cell[3] = policy.p ? policy : IAM_SPAN("(none grants it)");
    if (policy.p && !row->policy_arn.p)
        cell[3] = printed(
            t->policy, sizeof t->policy,
            snprintf(t->policy, sizeof t->policy, "%.*s (inline)", (int)policy.n, policy.p));
    if (row->entity_name.p)
        cell[4] = printed(t->from, sizeof t->from,
                          snprintf(t->from, sizeof t->from, "%.*s/%.*s", (int)row->entity_type.n,
                                   row->entity_type.p ? row->entity_type.p : "",
                                   (int)row->entity_name.n, row->entity_name.p));
    for (char *p = t->from; row->entity_name.p && *p && *p != '/'; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p + 32); /* group/admins, as in an ARN */
}

static uint32_t hash_of(const struct audit_row *row)
{
    uint32_t h = also(HASH32, row->report_arn);
    h = also(also(h, row->service_namespace), row->action_name);
    h = also(also(h, row->arn), row->name);
    h = also(also(h, row->policy_arn), row->policy_name);
    return also(also(h, row->entity_type), row->entity_name);
}

/* ---- an ARN, a row ---- */

static void begin(struct audit_out *o)
{
    struct table *t = calloc(1, sizeof *t);
    if (!t)
        say_no_memory();
    o->own = t;
    t->grid = (struct grid){
        .sink = o->sink,
        .columns = kinds[o->options.rows].columns,
        .n = kinds[o->options.rows].n,
        .left_out =
            o->options.rows == AUDIT_SERVICES && !o->options.unused_for_s ? 1u << UNUSED : 0,
        .width = o->options.width,
        .color = o->options.color};
}

static void put_services(struct table *t, const struct audit_arn *arn)
{
    struct grid_row row = {.hash = also(HASH32, arn->arn)};
    const uint64_t counts[] = {arn->services, arn->used, arn->unused, arn->never};
    for (unsigned i = 0; i < 4; i++)
        row.cell[SERVICES + i] = integer_text((int64_t)counts[i], t->count[i]);
    row.cell[DAYS] = arn->young            ? IAM_SPAN("young")
                     : arn->newest.present ? integer_text(arn->newest_days, t->days)
                     : arn->services       ? IAM_SPAN("never")
                                           : IAM_SPAN("-");
    row.cell[DATE] = table_date(&arn->newest, t->date);
    row.cell[BY] = either(arn->newest_namespace, IAM_SPAN("-"));
    row.cell[ARN] = short_arn(t, arn->arn);
    if (!arn->newest.present && !arn->young)
        row.color = "\x1b[2m";
    grid_put(&t->grid, &row);
    t->rows++;
}

static void arn(struct audit_out *o, const struct audit_arn *arn)
{
    struct table *t = o->own;
    t->young = arn->young;
    if (o->options.rows == AUDIT_SERVICES && !arn->unknown)
        put_services(t, arn);
}

static void row(struct audit_out *o, const struct audit_row *r)
{
    struct table *t = o->own;
    struct grid_row row = {.hash = hash_of(r), .color = color_of(r)};
    bool wrong = r->error_code.p || r->error_message.p;
    if (o->options.rows == AUDIT_SERVICES && !wrong)
        return;
    if (wrong) {
        const char *colon = r->error_code.n && r->error_message.n ? ": " : "";
        row.across =
            printed(t->across, sizeof t->across,
                    snprintf(t->across, sizeof t->across, "%.*s%s%.*s", (int)r->error_code.n,
                             r->error_code.p ? r->error_code.p : "", colon, (int)r->error_message.n,
                             r->error_message.p ? r->error_message.p : ""));
        row.across_short = r->error_code;
        row.color = "\x1b[31m";
    } else if (o->options.rows == AUDIT_GRANTS) {
        make_grant(t, r, row.cell);
    } else {
        make_entity(t, r, row.cell);
    }
    row.cell[t->grid.n - 1] = short_arn(t, r->report_arn);
    grid_put(&t->grid, &row);
    t->rows++;
}

static void arn_end(struct audit_out *o)
{
    (void)o;
}

static void pause_(struct audit_out *o)
{
    struct table *t = o->own;
    if (t->grid.width) /* a file can wait for the widths */
        grid_show(&t->grid, false);
}

static void end(struct audit_out *o, const struct audit_totals *totals)
{
    struct table *t = o->own;
    grid_show(&t->grid, true);
    (void)totals;
    if (!t->rows)
        SINK_LITERAL(o->sink, "No rows.\n");
    if (t->account.n || t->account.has_aws)
        sink_char(o->sink, '\n');
    grid_account_foot(&t->account, o->sink);
    grid_foot(&t->grid);
}

static void free_(struct audit_out *o)
{
    struct table *t = o->own;
    if (t)
        grid_end(&t->grid);
    free(t);
    o->own = NULL;
}

const struct audit_out_ops audit_table = {.begin = begin,
                                          .arn = arn,
                                          .row = row,
                                          .arn_end = arn_end,
                                          .end = end,
                                          .pause = pause_,
                                          .free = free_,
                                          .marks = true};
