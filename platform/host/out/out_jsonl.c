/* One item with the list inside it a line. */
#include "out.h"

static void put_key(struct sink *s, const char *name, bool *any)
{
    sink_char(s, *any ? ',' : '{');
    sink_char(s, '"');
    sink_put(s, name, strlen(name));
    SINK_LITERAL(s, "\":");
    *any = true;
}

static bool put_fields(struct sink *s, const struct fields *fields, const struct iam_item *item)
{
    bool any = false;
    char buf[40];
    for (unsigned i = 0; i < fields->count; i++) {
        struct iam_span value = out_value(&fields->field[i], item, buf);
        if (!value.p)
            continue;
        put_key(s, fields->field[i].name, &any);
        if (fields->field[i].type == FIELD_INTEGER)
            sink_span(s, value);
        else
            json_text(s, value);
    }
    return any;
}

static void item(struct out *o, const struct iam_item *i)
{
    bool any = put_fields(o->sink, o->reply->item, i);
    if (out_has_list(o, i)) {
        put_key(o->sink, o->reply->item->sub_list, &any);
        sink_char(o->sink, '[');
    }
    if (!any)
        sink_char(o->sink, '{');
    o->state.v[0] = 0;
}

static void sub(struct out *o, const struct iam_item *i)
{
    if (o->state.v[0]++)
        sink_char(o->sink, ',');
    if (!put_fields(o->sink, o->reply->item->sub, i))
        sink_char(o->sink, '{');
    sink_char(o->sink, '}');
}

static void item_end(struct out *o)
{
    if (out_has_list(o, &o->kept.item))
        sink_char(o->sink, ']');
    SINK_LITERAL(o->sink, "}\n");
}

static void end(struct out *o, const struct iam_report *report)
{
    bool any = false;
    if (o->reply->list || !report->job_id.p)
        return;
    put_key(o->sink, "JobId", &any);
    json_text(o->sink, report->job_id);
    SINK_LITERAL(o->sink, "}\n");
}

const struct out_ops out_jsonl = {item, sub, item_end, NULL, end, NULL, NULL};
