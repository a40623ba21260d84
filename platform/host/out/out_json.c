/* What AWS CLI v2 prints with --output json, as it arrives: 4 spaces, members in the model's order. */
#include "object.h"
#include "out.h"

#define BIT(member) (uint16_t)(1u << (member))

/* How far in members stand: of the page, its Error, an item, an object inside it, a list's inside it. */
#define PAGE_LINE "\n    "
#define ERROR_LINE "\n        "
#define ITEM_LINE "\n            "
#define INNER_LINE "\n                "
#define SUB_LINE "\n                    "

/* ---- the page's own members ---- */

static void member_key(struct out *o, const char *name)
{
    if (o->printed)
        sink_char(o->sink, ',');
    else
        sink_char(o->sink, '{');
    SINK_LITERAL(o->sink, PAGE_LINE "\"");
    sink_put(o->sink, name, strlen(name));
    SINK_LITERAL(o->sink, "\": ");
}

static void error_member(struct out *o, const struct iam_report *r)
{
    struct object e = OBJECT(o->sink, ERROR_LINE);
    member_key(o, "Error");
    object_text(&e, "Message", r->error_message);
    object_text(&e, "Code", r->error_code);
    object_close(&e);
}

static void member(struct out *o, const struct iam_report *r, unsigned m)
{
    char buf[40];
    if (m == IAM_MEMBER_ERROR) {
        error_member(o, r);
    } else if (m == IAM_MEMBER_LIST) {
        member_key(o, o->reply->list);
        SINK_LITERAL(o->sink, "[]");
    } else {
        member_key(o, out_member_name(o, m));
        if (m == IAM_MEMBER_IS_TRUNCATED)
            sink_span(o->sink, out_member(o, r, m, buf));
        else
            json_text(o->sink, out_member(o, r, m, buf));
    }
    o->printed |= BIT(m);
}

/* Members of the model up to, or after, its list, as far as they are there and not printed yet. */
static void members(struct out *o, const struct iam_report *r, bool before, bool after)
{
    bool past = false;
    for (const uint8_t *m = o->reply->members; *m; m++) {
        if (*m == IAM_MEMBER_LIST && !(before && after)) {
            past = true;
            continue;
        }
        if ((past ? after : before) && out_members(o, r) & BIT(*m) & ~o->printed)
            member(o, r, *m);
    }
}

static void open_list(struct out *o)
{
    if (o->printed & BIT(IAM_MEMBER_LIST)) {
        SINK_LITERAL(o->sink, ",\n        ");
        return;
    }
    members(o, o->report, true, false);
    member_key(o, o->reply->list);
    SINK_LITERAL(o->sink, "[\n        ");
    o->printed |= BIT(IAM_MEMBER_LIST);
}

static void end(struct out *o, const struct iam_report *r)
{
    if (o->printed & BIT(IAM_MEMBER_LIST)) {
        SINK_LITERAL(o->sink, "\n    ]");
        /* what the model has before the list, but came after it: in order of arrival */
        for (size_t i = 0; i < sizeof r->order && r->order[i]; i++) {
            bool before = false;
            for (const uint8_t *m = o->reply->members; *m != IAM_MEMBER_LIST; m++)
                before |= *m == r->order[i];
            if (before && !(o->printed & BIT(r->order[i])))
                member(o, r, r->order[i]);
        }
        members(o, r, false, true);
    } else {
        members(o, r, true, true);
    }
    if (o->next_token.n) {
        member_key(o, "NextToken");
        json_text(o->sink, o->next_token);
    }
    if (o->printed)
        SINK_LITERAL(o->sink, "\n}\n");
}

/* ---- members of the list ---- */

static void item(struct out *o, const struct iam_item *i)
{
    const struct fields *fields = o->reply->item;
    struct object outer = OBJECT(o->sink, ITEM_LINE), inner = OBJECT(o->sink, INNER_LINE);
    open_list(o);
    if (fields->grouped && *((const bool *)i + fields->group_at)) {
        object_key(&outer, fields->group);
        for (unsigned f = 0; f < fields->grouped; f++)
            object_field(&inner, &fields->field[f], i);
        object_close(&inner);
    }
    for (unsigned f = fields->grouped; f < fields->count; f++)
        object_field(&outer, &fields->field[f], i);
    if (out_has_list(o, i)) {
        object_key(&outer, o->reply->item->sub_list);
        sink_char(o->sink, '[');
    } else {
        object_close(&outer);
    }
    o->state.v[0] = 0; /* members of the list inside it so far */
}

static void sub(struct out *o, const struct iam_item *i)
{
    struct object outer = OBJECT(o->sink, SUB_LINE);
    if (o->state.v[0]++)
        sink_char(o->sink, ',');
    SINK_LITERAL(o->sink, INNER_LINE);
    for (unsigned f = 0; f < o->reply->item->sub->count; f++)
        object_field(&outer, &o->reply->item->sub->field[f], i);
    object_close(&outer);
}

static void item_end(struct out *o)
{
    if (!out_has_list(o, &o->kept.item))
        return;
    if (o->state.v[0])
        SINK_LITERAL(o->sink, ITEM_LINE "]\n        }");
    else
        SINK_LITERAL(o->sink, "]\n        }");
}

const struct out_ops out_json = {
    .item = item, .sub = sub, .item_end = item_end, .end = end, .status = true};
