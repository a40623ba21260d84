/* One item with the list inside it a line. */
#include "object.h"
#include "out.h"

static void item(struct out *o, const struct iam_item *i)
{
    struct object line = OBJECT(o->sink, "");
    object_fields(&line, o->reply->item, i);
    if (out_has_list(o, i)) {
        object_key(&line, o->reply->item->sub_list);
        sink_char(o->sink, '[');
    } else {
        object_close(&line);
    }
    o->state.v[0] = 0;
}

static void sub(struct out *o, const struct iam_item *i)
{
    struct object member = OBJECT(o->sink, "");
    if (o->state.v[0]++)
        sink_char(o->sink, ',');
    object_fields(&member, o->reply->item->sub, i);
    object_close(&member);
}

static void item_end(struct out *o)
{
    if (out_has_list(o, &o->kept.item))
        SINK_LITERAL(o->sink, "]}");
    sink_char(o->sink, '\n');
}

static void end(struct out *o, const struct iam_report *report)
{
    struct object line = OBJECT(o->sink, "");
    if (o->reply->list || !report->job_id.p)
        return;
    object_text(&line, "JobId", report->job_id);
    object_close(&line);
    sink_char(o->sink, '\n');
}

const struct out_ops out_jsonl = {
    .item = item, .sub = sub, .item_end = item_end, .end = end, .list_only = true};
