/* For people. Of services an ARN a line with what its services come to; of other rows a row a line. */
#include <stdio.h>
#include <stdlib.h>

#include "grid.h"
#include "out/out.h"
#include "row.h"
#include "text/hash.h"

/* The columns of services and their places; of the others only the places that differ matter. */
enum { DAYS, SERVICES, USED, UNUSED, NEVER, DATE, BY, ARN };
static const struct grid_column of_services[] = {
    [DAYS] = {"DAYS", 0, 0, 5, true},   [SERVICES] = {"SERVICES", 3, 0, 0, true},
    [USED] = {"USED", 4, 0, 4, true},   [UNUSED] = {"UNUSED", 0, 0, 0, true},
    [NEVER] = {"NEVER", 0, 0, 0, true}, [DATE] = {"LAST ACCESS (UTC)", 1, 0, 19, false},
    [BY] = {"BY", 2, 0, 16, false},     [ARN] = {"ARN", 0, 0, 32, false},
};
/* What all other rows begin with. */
#define FIRST                                                        \
    {"DAYS", 0, 0, 5, true}, {"LAST ACCESS (UTC)", 1, 0, 19, false}, \
    {                                                                \
        "STATUS", 2, 0, 6, false                                     \
    }
static const struct grid_column of_entities[] = {
    FIRST,
    {"SERVICE", 0, 6, 16, false},
    {"USED BY", 0, 8, 32, false},
    {"REPORT OF", 0, 0, 32, false},
};
static const struct grid_column of_actions[] = {
    FIRST,
    {"SERVICE", 0, 6, 16, false},
    {"ACTION", 0, 8, 24, false},
    {"REPORT OF", 0, 0, 32, false},
};
static const struct grid_column of_grants[] = {
    {"DAYS", 2, 0, 5, true},     {"STATUS", 1, 0, 6, false}, {"SERVICE", 0, 6, 16, false},
    {"POLICY", 0, 8, 32, false}, {"FROM", 0, 6, 16, false},  {"REPORT OF", 0, 0, 32, false},
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
    char common[128]; /* "arn:aws:iam::123456789012:", which ARNs on a terminal are shown without */
    size_t common_n;
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

/* Without what all of them begin with: the first one's says what that is. Others stay whole. */
static struct iam_span short_arn(struct table *t, struct iam_span arn)
{
    if (!t->grid.width)
        return arn;
    if (!t->common_n && arn.n > 4 && memcmp(arn.p, "arn:", 4) == 0) {
        size_t colons = 0, n = 0;
        while (n < arn.n && colons < 5)
            colons += arn.p[n++] == ':';
        bool account = n > 1 && arn.p[n - 2] >= '0' && arn.p[n - 2] <= '9'; /* not AWS's policies */
        if (colons == 5 && account && n < sizeof t->common) {
            memcpy(t->common, arn.p, n);
            t->common_n = n;
        }
    }
    if (t->common_n && arn.n > t->common_n && memcmp(arn.p, t->common, t->common_n) == 0)
        return (struct iam_span){arn.p + t->common_n, arn.n - t->common_n};
    return arn;
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
    if (t->common_n) {
        SINK_LITERAL(o->sink, "\nARNs begin with:\n");
        sink_put(o->sink, t->common, t->common_n);
        sink_char(o->sink, '\n');
    }
    if (t->grid.was_cut)
        SINK_LITERAL(o->sink, "~ and 8 digits: cut, but told apart\n");
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
