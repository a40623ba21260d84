/* What rows of an audit come to: thresholds, sums, the last line. */
#include "row.h"

#include <stdio.h>
#include <string.h>

#include "args/args.h"
#include "text/values.h"

const struct fields *audit_fields(enum audit_rows rows)
{
    static const struct fields *const kinds[] = {&audit_services, &audit_entities, &audit_actions,
                                                 &audit_grants};
    return kinds[rows];
}

enum audit_rows audit_rows_of(const char *name)
{
    int n = name ? args_choice(AUDIT_ROWS, name) : AUDIT_SERVICES;
    return n < 0 ? AUDIT_SERVICES : (enum audit_rows)n;
}

#define DAY_S INT64_C(86400)

bool audit_is_young(int64_t now_us, const struct iam_time *create_date, int64_t threshold_s)
{
    return threshold_s > 0 && create_date->present &&
           !audit_is_old(now_us, create_date->us, threshold_s);
}

bool audit_is_shown(const struct audit_row *row, int64_t threshold_s)
{
    return threshold_s == 0 || row->status_number != STATUS_USED;
}

void audit_count(struct audit_arn *arn, const struct audit_row *service)
{
    arn->services++;
    arn->used += service->status_number == STATUS_USED;
    arn->unused += service->status_number == STATUS_UNUSED;
    arn->never += service->status_number == STATUS_NEVER;
}

bool audit_is_newer(const struct audit_arn *arn, const struct iam_time *last)
{
    return last->present && (!arn->newest.present || last->us > arn->newest.us);
}

void audit_add(struct audit_totals *t, const struct audit_arn *arn, bool gone)
{
    t->arns++;
    t->read += !arn->unknown;
    t->gone += arn->unknown && gone;
    t->failed += arn->unknown && !gone;
    t->young += arn->young;
    t->services += arn->services;
    t->used += arn->used;
    t->unused += arn->unused;
    t->never += arn->never;
}

void audit_unknown(struct audit_row *row, const struct audit_arn *arn, struct iam_span code,
                   struct iam_span message)
{
    memset(row, 0, sizeof *row);
    row->report_arn = arn->arn;
    row->report_type = arn->type;
    row->create_date = arn->create_date;
    row->status_number = STATUS_UNKNOWN;
    row->status = audit_status_text(STATUS_UNKNOWN);
    row->error_code = code;
    row->error_message = message;
}

/* ---- the threshold ---- */

#define DAYS_MAX 3652059 /* of the years 1 to 9999 */
#define DAYS_TRACKED 400

int audit_threshold(const char *text, int64_t *seconds)
{
    static const struct {
        char unit;
        int64_t days;
    } units[] = {{'d', 1}, {'w', 7}, {'m', 30}, {'y', 365}};
    int64_t n = 0, days = 0;
    size_t digits = strspn(text, "0123456789");
    for (size_t i = 0; i < digits && n <= DAYS_MAX; i++)
        n = n * 10 + (text[i] - '0');
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (text[digits] == units[i].unit && text[digits + 1] == '\0')
            days = n * units[i].days;
    const char *wrong = digits && text[digits] == '\0' ? "has no unit"
                        : digits && n > DAYS_MAX       ? "is longer than the calendar"
                        : digits == 0 || (days == 0 && n > 0)
                            ? "is not a number and one of d, w, m, y"
                        : days == 0       ? "is no time at all"
                        : days > DAYS_MAX ? "is longer than the calendar"
                                          : NULL;
    if (wrong) {
        struct say s;
        say_begin(&s, SAY_ERROR);
        say_add(&s, "argument --unused-for: ");
        say_quoted(&s, iam_span_of(text));
        say_add(&s, " %s (90d, 12w, 3m of 30 days, 1y of 365 days)", wrong);
        say_end(&s);
        return CODE_USAGE;
    }
    *seconds = days * DAY_S;
    if (days > DAYS_TRACKED)
        say_note("--unused-for %s: IAM keeps %d days, its tracking period; what was used before is "
                 "\"never\"",
                 text, DAYS_TRACKED);
    return CODE_DONE;
}

/* ---- sums for people ---- */

/* "1,310 services"; what comes before it */
static void add_count(struct say *s, const char *before, uint64_t n, const char *one)
{
    char buf[32];
    say_add(s, "%s%s%s", before, count_text(n, buf).p, one);
}

struct iam_span audit_threshold_text(int64_t seconds, char buf[40])
{
    char days[32];
    int64_t n = seconds / DAY_S;
    int length = snprintf(buf, 40, "%s day%s", count_text((uint64_t)n, days).p, n == 1 ? "" : "s");
    return (struct iam_span){buf, length > 0 ? (size_t)length : 0};
}

void audit_last_line(struct say *s, const struct audit_totals *t,
                     const struct audit_format_options *o)
{
    char days[40];
    add_count(s, "", t->arns, t->arns == 1 ? " ARN" : " ARNs");
    add_count(s, ": ", t->read, " read");
    if (t->young) {
        add_count(s, " (", t->young, " young: made within ");
        say_add(s, "%s)", audit_threshold_text(o->unused_for_s, days).p);
    }
    if (t->gone)
        add_count(s, ", ", t->gone, " gone");
    if (t->failed)
        add_count(s, ", ", t->failed, " failed");
    add_count(s, "; ", t->services, t->services == 1 ? " service: " : " services: ");
    if (o->unused_for_s) {
        add_count(s, "", t->unused, " unused for ");
        say_add(s, "%s, ", audit_threshold_text(o->unused_for_s, days).p);
    } else {
        add_count(s, "", t->used, " used, ");
    }
    add_count(s, "", t->never,
              " never. Access of the last four hours may be missing; denied attempts count.");
}
