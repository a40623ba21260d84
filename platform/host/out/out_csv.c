/* RFC 4180: a header row, CRLF, quotes where they are needed. An action is a row below its service's. */
#include "out.h"

#include <string.h>

#define HEADED 0 /* index into state.v */

/* Would a spreadsheet take what stands here for a formula? Where a cell begins, and behind what some of them
 * separate cells by; the wide forms count in East Asia. */
static bool is_formula(struct iam_span text, size_t at)
{
    const char *p = text.p + at;
    if (at > 0 && !memchr(";\t\r\n", p[-1], 4))
        return false;
    if (text.n - at > 2 && p[0] == '\xEF' && p[1] == '\xBC')
        return memchr("\x8B\x8D\x9D\xA0", p[2], 4) != NULL;
    return memchr("=+-@\t\r", p[0], at > 0 ? 4 : 6) != NULL;
}

void csv_cell(struct sink *sink, struct iam_span text, bool safe)
{
    bool quote = false;
    for (size_t i = 0; i < text.n && !quote; i++)
        quote = memchr(",\"\r\n", text.p[i], 4) || (safe && is_formula(text, i));
    if (!quote) {
        sink_span(sink, text);
        return;
    }
    sink_char(sink, '"');
    for (size_t i = 0; i < text.n; i++) {
        if (safe && is_formula(text, i))
            sink_char(sink, '\'');
        if (text.p[i] == '"')
            sink_char(sink, '"');
        sink_char(sink, text.p[i]);
    }
    sink_char(sink, '"');
}

/* Names or, with an item, values; those behind the first `most` columns are left empty. */
static void cells(struct out *o, const struct fields *fields, const struct iam_item *item,
                  unsigned most, bool first)
{
    char buf[40];
    for (unsigned column = 1; column <= fields->count; column++) {
        int i = out_csv_column(fields, column);
        struct iam_span text = {NULL, 0};
        if (column <= most && item)
            text = out_value(&fields->field[i], item, buf);
        else if (column <= most)
            text = iam_span_of(fields->field[i].name);
        if (!first || column > 1)
            sink_char(o->sink, ',');
        csv_cell(o->sink, text, o->csv_safe);
    }
}

/* A row: an item, and a member of the list inside it; NULL: its columns are empty. */
static void row(struct out *o, const struct iam_item *i, unsigned most, const struct iam_item *s,
                unsigned sub_most)
{
    cells(o, o->reply->item, i, most, true);
    if (o->reply->item->sub)
        cells(o, o->reply->item->sub, s, sub_most, false);
    SINK_LITERAL(o->sink, "\r\n");
}

enum { ALL_COLUMNS = 255, NO_COLUMNS = 0, WHOSE = 2 }; /* columns that say whose list it is */

static void head(struct out *o)
{
    if (o->state.v[HEADED])
        return;
    o->state.v[HEADED] = 1;
    if (o->reply->list)
        row(o, NULL, ALL_COLUMNS, NULL, ALL_COLUMNS);
    else
        SINK_LITERAL(o->sink, "JobId\r\n");
}

static void item(struct out *o, const struct iam_item *i)
{
    head(o);
    row(o, i, ALL_COLUMNS, NULL, NO_COLUMNS);
}

static void sub(struct out *o, const struct iam_item *i)
{
    row(o, &o->kept.item, WHOSE, i, ALL_COLUMNS);
}

static void item_end(struct out *o)
{
    (void)o;
}

static void end(struct out *o, const struct iam_report *report)
{
    if (o->reply->list && o->def->op->of_job && report->status != IAM_JOB_COMPLETED)
        return; /* a header alone would be an empty list */
    head(o);
    if (!o->reply->list && report->job_id.p) {
        csv_cell(o->sink, report->job_id, o->csv_safe);
        SINK_LITERAL(o->sink, "\r\n");
    }
}

const struct out_ops out_csv = {
    .item = item, .sub = sub, .item_end = item_end, .end = end, .list_only = true};
