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

static void put_time(struct sink *s, const struct iam_time *t)
{
    char buf[40];
    sink_char(s, '"');
    sink_span(s, time_text(t, buf));
    sink_char(s, '"');
}

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
    switch (m) {
    case IAM_MEMBER_JOB_STATUS:
        member_key(o, "JobStatus");
        json_text(o->sink, r->status_text);
        break;
    case IAM_MEMBER_JOB_TYPE:
        member_key(o, "JobType");
        json_text(o->sink, r->job_type);
        break;
    case IAM_MEMBER_JOB_CREATION_DATE:
        member_key(o, "JobCreationDate");
        put_time(o->sink, &r->job_creation);
        break;
    case IAM_MEMBER_JOB_COMPLETION_DATE:
        member_key(o, "JobCompletionDate");
        put_time(o->sink, &r->job_completion);
        break;
    case IAM_MEMBER_LIST:
        member_key(o, o->reply->list);
        SINK_LITERAL(o->sink, "[]");
        break;
    case IAM_MEMBER_IS_TRUNCATED:
        member_key(o, "IsTruncated");
        if (r->is_truncated && o->how == OUT_PAGE)
            SINK_LITERAL(o->sink, "true");
        else
            SINK_LITERAL(o->sink, "false");
        break;
    case IAM_MEMBER_MARKER:
        member_key(o, "Marker");
        json_text(o->sink, r->marker);
        break;
    case IAM_MEMBER_ERROR:
        error_member(o, r);
        break;
    case IAM_MEMBER_JOB_ID:
        member_key(o, "JobId");
        json_text(o->sink, r->job_id);
        break;
    default:
        return;
    }
    o->printed |= BIT(m);
}

static uint16_t present(const struct out *o, const struct iam_report *r)
{
    uint16_t bits = r->present;
    if (o->how == OUT_MERGED)
        bits &= BIT(IAM_MEMBER_LIST);
    if (o->how == OUT_WHOLE && r->status != IAM_JOB_FAILED)
        bits = (uint16_t)((bits | BIT(IAM_MEMBER_IS_TRUNCATED)) & ~BIT(IAM_MEMBER_MARKER));
    return bits;
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
        if ((past ? after : before) && present(o, r) & BIT(*m) & ~o->printed)
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

const struct out_ops out_json = {item, sub, item_end, NULL, end, NULL, NULL};
