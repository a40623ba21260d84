/* Rows for machines, jsonl and csv: of these there may be a million, so each is written in one go into the room that
 * it takes at most. What takes more than that room is written by the parts of the commands' formats. */
#include <stdlib.h>

#include "out/object.h"
#include "out/out.h"
#include "row.h"
#include "text/values.h"

#define COLUMNS_MAX 16
#define KEY_MAX 32 /* ,"TotalAuthenticatedEntities": */

/* What stands before the values of jsonl, the quote of a text included. */
struct lines {
    const struct fields *fields;
    struct {
        char text[KEY_MAX];
        uint8_t n;
    } key[COLUMNS_MAX];
};

static void begin(struct audit_out *o)
{
    struct lines *l = calloc(1, sizeof *l);
    if (!l)
        say_no_memory();
    l->fields = audit_fields(o->options.rows);
    for (unsigned i = 0; i < l->fields->count; i++) {
        const struct field *f = &l->fields->field[i];
        int n = snprintf(l->key[i].text, KEY_MAX, ",\"%s\":%s", f->name,
                         f->type == FIELD_INTEGER ? "" : "\"");
        l->key[i].n = (uint8_t)n;
    }
    o->own = l;
}

static void free_(struct audit_out *o)
{
    free(o->own);
    o->own = NULL;
}

static void arn_begins(struct audit_out *o, const struct audit_arn *arn)
{
    (void)o;
    (void)arn;
}

static void arn_ends(struct audit_out *o)
{
    (void)o;
}

static void end(struct audit_out *o, const struct audit_totals *totals)
{
    (void)o;
    (void)totals;
}

/* How much a row takes at most: 6 bytes a byte of its text. */
static size_t most(const struct fields *fields, const struct audit_row *row)
{
    size_t n = fields->count * (size_t)(KEY_MAX + 40 + 8) + 8;
    for (unsigned i = 0; i < fields->count; i++)
        if (fields->field[i].type == FIELD_TEXT)
            n += 6 * ((const struct iam_span *)field_at(&fields->field[i], row))->n;
    return n;
}

/* ---- jsonl ---- */

static void jsonl_row(struct audit_out *o, const struct audit_row *row)
{
    const struct lines *l = o->own;
    size_t room = most(l->fields, row);
    if (room > SINK_SIZE / 2) {
        struct object line = OBJECT(o->sink, "");
        object_fields(&line, l->fields, row);
        object_close(&line);
        sink_char(o->sink, '\n');
        return;
    }
    char *begin_ = sink_room(o->sink, room), *to = begin_, buf[40];
    for (unsigned i = 0; i < l->fields->count; i++) {
        const struct field *f = &l->fields->field[i];
        struct iam_span value = out_value(f, row, buf);
        if (!value.p)
            continue;
        memcpy(to, l->key[i].text, KEY_MAX);
        to += l->key[i].n;
        to = json_put(to, value);
        if (f->type != FIELD_INTEGER)
            *to++ = '"';
    }
    if (to == begin_)
        *to++ = '{';
    *begin_ = '{'; /* where the first one has its comma */
    *to++ = '}';
    *to++ = '\n';
    sink_wrote(o->sink, (size_t)(to - begin_));
}

const struct audit_out_ops audit_jsonl = {.begin = begin,
                                          .arn = arn_begins,
                                          .row = jsonl_row,
                                          .arn_end = arn_ends,
                                          .end = end,
                                          .free = free_,
                                          .lines = true};

/* ---- csv: RFC 4180, as the commands print it ---- */

static void csv_begin(struct audit_out *o)
{
    const struct fields *fields = audit_fields(o->options.rows);
    begin(o);
    for (unsigned i = 0; o->options.header && i < fields->count; i++) {
        if (i)
            sink_char(o->sink, ',');
        csv_cell(o->sink, iam_span_of(fields->field[i].name), false);
    }
    if (o->options.header)
        SINK_LITERAL(o->sink, "\r\n");
}

/* Cells as they are, where none needs quotes; NULL: one does. */
static char *put_plain(char *to, struct iam_span text)
{
    size_t i = 0;
    for (; text.n - i >= 8 && !any_of_8(text.p + i, ',', '"'); i += 8)
        memcpy(to + i, text.p + i, 8);
    for (; i < text.n; i++) {
        char c = text.p[i];
        if (c == ',' || c == '"' || c == '\r' || c == '\n')
            return NULL;
        to[i] = c;
    }
    return to + text.n;
}

static void csv_slow(struct audit_out *o, const struct audit_row *row)
{
    const struct lines *l = o->own;
    char buf[40];
    for (unsigned i = 0; i < l->fields->count; i++) {
        if (i)
            sink_char(o->sink, ',');
        csv_cell(o->sink, out_value(&l->fields->field[i], row, buf), o->options.csv_safe);
    }
    SINK_LITERAL(o->sink, "\r\n");
}

static void csv_row(struct audit_out *o, const struct audit_row *row)
{
    const struct lines *l = o->own;
    size_t room = most(l->fields, row);
    if (o->options.csv_safe || room > SINK_SIZE / 2) {
        csv_slow(o, row);
        return;
    }
    char *begin_ = sink_room(o->sink, room), *to = begin_, buf[40];
    for (unsigned i = 0; i < l->fields->count && to; i++) {
        if (i)
            *to++ = ',';
        to = put_plain(to, out_value(&l->fields->field[i], row, buf));
    }
    if (!to) {
        csv_slow(o, row);
        return;
    }
    *to++ = '\r';
    *to++ = '\n';
    sink_wrote(o->sink, (size_t)(to - begin_));
}

const struct audit_out_ops audit_csv = {.begin = csv_begin,
                                        .arn = arn_begins,
                                        .row = csv_row,
                                        .arn_end = arn_ends,
                                        .end = end,
                                        .free = free_,
                                        .lines = true};
