/* Members of a JSON object, as they come. */
#include "object.h"

#include "out.h"

void object_key(struct object *o, const char *name)
{
    sink_char(o->sink, o->any ? ',' : '{');
    sink_put(o->sink, o->line, o->line_n);
    sink_char(o->sink, '"');
    sink_put(o->sink, name, strlen(name));
    SINK_LITERAL(o->sink, "\":");
    if (o->line_n)
        sink_char(o->sink, ' ');
    o->any = true;
}

void object_text(struct object *o, const char *name, struct iam_span text)
{
    if (text.p) {
        object_key(o, name);
        json_text(o->sink, text);
    }
}

void object_field(struct object *o, const struct field *f, const void *of)
{
    char buf[40];
    struct iam_span value = out_value(f, of, buf);
    if (!value.p)
        return;
    object_key(o, f->name);
    if (f->type == FIELD_INTEGER)
        sink_span(o->sink, value);
    else
        json_text(o->sink, value);
}

void object_fields(struct object *o, const struct fields *fields, const void *of)
{
    for (unsigned i = 0; i < fields->count; i++)
        object_field(o, &fields->field[i], of);
}

void object_close(struct object *o)
{
    if (o->any) {
        sink_put(o->sink, o->line, o->line_n ? o->line_n - 4 : 0);
        sink_char(o->sink, '}');
    } else {
        SINK_LITERAL(o->sink, "{}");
    }
}
