/* Rows as documents, json and yaml, as text, and as nothing. Every kind of row has the columns of its fields, in their order. */
#include "out/object.h"
#include "out/out.h"
#include "row.h"
#include "text/yaml.h"

static void nothing(struct audit_out *o)
{
    (void)o;
}

static void no_arn(struct audit_out *o, const struct audit_arn *arn)
{
    (void)o;
    (void)arn;
}

static void no_end(struct audit_out *o, const struct audit_totals *totals)
{
    (void)o;
    (void)totals;
}

/* ---- json: one array of objects ---- */

static void json_row(struct audit_out *o, const struct audit_row *row)
{
    struct object object = OBJECT(o->sink, "\n        ");
    if (o->any)
        SINK_LITERAL(o->sink, ",\n    ");
    else
        SINK_LITERAL(o->sink, "[\n    ");
    o->any = true;
    object_fields(&object, audit_fields(o->options.rows), row);
    object_close(&object);
}

static void json_end(struct audit_out *o, const struct audit_totals *totals)
{
    (void)totals;
    if (o->any)
        SINK_LITERAL(o->sink, "\n]\n");
    else
        SINK_LITERAL(o->sink, "[]\n");
}

const struct audit_out_ops audit_json = {
    .begin = nothing, .arn = no_arn, .row = json_row, .arn_end = nothing, .end = json_end};

/* ---- text: tabs, and nothing else that could be taken for one or for the end of a line ---- */

static void text_cell(struct sink *sink, struct iam_span text)
{
    for (size_t i = 0; i < text.n; i++)
        sink_char(sink, (unsigned char)text.p[i] < ' ' ? ' ' : text.p[i]);
}

static void text_row(struct audit_out *o, const struct audit_row *row)
{
    const struct fields *fields = audit_fields(o->options.rows);
    char buf[40];
    for (unsigned i = 0; i < fields->count; i++) {
        if (i)
            sink_char(o->sink, '\t');
        text_cell(o->sink, out_value(&fields->field[i], row, buf));
    }
    sink_char(o->sink, '\n');
}

const struct audit_out_ops audit_text = {
    .begin = nothing, .arn = no_arn, .row = text_row, .arn_end = nothing, .end = no_end};

/* ---- yaml: a list of mappings ---- */

static void yaml_row(struct audit_out *o, const struct audit_row *row)
{
    const struct fields *fields = audit_fields(o->options.rows);
    struct yaml y = {.sink = o->sink, .indent = 2, .dash = true, .old_readers = true};
    char buf[40];
    for (unsigned i = 0; i < fields->count; i++) {
        const struct field *f = &fields->field[i];
        struct iam_span value = out_value(f, row, buf);
        if (value.p && f->type == FIELD_INTEGER)
            yaml_word(&y, f->name, value);
        else if (value.p)
            yaml_text(&y, f->name, value);
    }
    o->any = true;
}

static void yaml_end(struct audit_out *o, const struct audit_totals *totals)
{
    (void)totals;
    if (!o->any)
        SINK_LITERAL(o->sink, "[]\n");
}

const struct audit_out_ops audit_yaml = {
    .begin = nothing, .arn = no_arn, .row = yaml_row, .arn_end = nothing, .end = yaml_end};

/* ---- off: the exit code tells ---- */

static void off_row(struct audit_out *o, const struct audit_row *row)
{
    (void)o;
    (void)row;
}

const struct audit_out_ops audit_off = {
    .begin = nothing, .arn = no_arn, .row = off_row, .arn_end = nothing, .end = no_end};
