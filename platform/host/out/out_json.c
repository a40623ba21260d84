/* What AWS CLI v2 prints with --output json, as it arrives: 4 spaces, members in the model's order. */
#include "out.h"

#define BIT(member) (uint16_t)(1u << (member))

/* ---- members of one object: "," between them, the first one opens it ---- */

struct object {
    struct sink *sink;
    const char *line; /* "\n" and the members' indentation */
    size_t line_n;
    bool any;
};

#define OBJECT(sink, line)                      \
    {                                           \
        (sink), (line), sizeof(line) - 1, false \
    }

/* How far in members stand: of the page, its Error, an item, its EntityInfo, an action. */
#define PAGE_LINE "\n    "
#define ERROR_LINE "\n        "
#define ITEM_LINE "\n            "
#define INFO_LINE "\n                "
#define ACTION_LINE "\n                    "

/* text: a comma, which the first member has no use for, the line and the key: one piece to copy. */
static void key(struct object *o, const char *text, size_t n)
{
    if (!o->any) {
        o->any = true;
        sink_char(o->sink, '{');
        text++;
        n--;
    }
    sink_put(o->sink, text, n);
}
#define KEY(o, line, name) \
    key((o), "," line "\"" name "\": ", sizeof("," line "\"" name "\": ") - 1)

#define TEXT(o, line, name, span)         \
    do {                                  \
        if ((span).p) {                   \
            KEY(o, line, name);           \
            json_text((o)->sink, (span)); \
        }                                 \
    } while (0)

#define TIME(o, line, name, time)         \
    do {                                  \
        if ((time).present) {             \
            KEY(o, line, name);           \
            put_time((o)->sink, &(time)); \
        }                                 \
    } while (0)

static void put_time(struct sink *s, const struct iam_time *t)
{
    char buf[40];
    sink_char(s, '"');
    sink_span(s, time_text(t, buf));
    sink_char(s, '"');
}

static void put_integer(struct sink *s, int64_t v)
{
    char buf[24];
    sink_span(s, integer_text(v, buf));
}

/* The closing brace stands one step further left; an object without members is {}. */
static void close_object(struct object *o)
{
    if (o->any) {
        sink_put(o->sink, o->line, o->line_n - 4);
        sink_char(o->sink, '}');
    } else {
        SINK_LITERAL(o->sink, "{}");
    }
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
    TEXT(&e, ERROR_LINE, "Message", r->error_message);
    TEXT(&e, ERROR_LINE, "Code", r->error_code);
    close_object(&e);
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
        member_key(o, out_list_name(o->command));
        SINK_LITERAL(o->sink, "[]");
        break;
    case IAM_MEMBER_IS_TRUNCATED:
        member_key(o, "IsTruncated");
        if (r->is_truncated && !o->all)
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
    if (o->all && r->status != IAM_JOB_FAILED)
        bits = (uint16_t)((bits | BIT(IAM_MEMBER_IS_TRUNCATED)) & ~BIT(IAM_MEMBER_MARKER));
    return bits;
}

/* Members of the model up to, or after, its list, as far as they are there and not printed yet. */
static void members(struct out *o, const struct iam_report *r, bool before, bool after)
{
    bool past = false;
    for (const uint8_t *m = out_members(o->command); *m; m++) {
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
    member_key(o, out_list_name(o->command));
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
            for (const uint8_t *m = out_members(o->command); *m != IAM_MEMBER_LIST; m++)
                before |= *m == r->order[i];
            if (before && !(o->printed & BIT(r->order[i])))
                member(o, r, r->order[i]);
        }
        members(o, r, false, true);
    } else {
        members(o, r, true, true);
    }
    if (o->printed)
        SINK_LITERAL(o->sink, "\n}\n");
}

/* ---- members of the list ---- */

static void entity(struct out *o, const struct iam_entity *e)
{
    struct object outer = OBJECT(o->sink, ITEM_LINE);
    open_list(o);
    if (e->info) {
        struct object info = OBJECT(o->sink, INFO_LINE);
        KEY(&outer, ITEM_LINE, "EntityInfo");
        TEXT(&info, INFO_LINE, "Arn", e->arn);
        TEXT(&info, INFO_LINE, "Name", e->name);
        TEXT(&info, INFO_LINE, "Type", e->type_text);
        TEXT(&info, INFO_LINE, "Id", e->id);
        TEXT(&info, INFO_LINE, "Path", e->path);
        close_object(&info);
    }
    TIME(&outer, ITEM_LINE, "LastAuthenticated", e->last_authenticated);
    close_object(&outer);
}

static void service(struct out *o, const struct iam_service *s)
{
    struct object outer = OBJECT(o->sink, ITEM_LINE);
    open_list(o);
    TEXT(&outer, ITEM_LINE, "ServiceName", s->name);
    TIME(&outer, ITEM_LINE, "LastAuthenticated", s->last_authenticated);
    TEXT(&outer, ITEM_LINE, "ServiceNamespace", s->namespace_);
    TEXT(&outer, ITEM_LINE, "LastAuthenticatedEntity", s->last_entity);
    TEXT(&outer, ITEM_LINE, "LastAuthenticatedRegion", s->last_region);
    if (s->has_total) {
        KEY(&outer, ITEM_LINE, "TotalAuthenticatedEntities");
        put_integer(o->sink, s->total_entities);
    }
    if (s->has_actions) {
        KEY(&outer, ITEM_LINE, "TrackedActionsLastAccessed");
        sink_char(o->sink, '[');
    }
    if (!s->has_actions)
        close_object(&outer);
    o->state.v[0] = 0; /* actions of this service so far */
}

static void action(struct out *o, const struct iam_action *a)
{
    struct object outer = OBJECT(o->sink, ACTION_LINE);
    if (o->state.v[0]++)
        sink_char(o->sink, ',');
    SINK_LITERAL(o->sink, "\n                ");
    TEXT(&outer, ACTION_LINE, "ActionName", a->name);
    TEXT(&outer, ACTION_LINE, "LastAccessedEntity", a->last_entity);
    TIME(&outer, ACTION_LINE, "LastAccessedTime", a->last_accessed);
    TEXT(&outer, ACTION_LINE, "LastAccessedRegion", a->last_region);
    close_object(&outer);
}

static void service_end(struct out *o)
{
    if (!o->service.item.u.service.has_actions)
        return;
    if (o->state.v[0])
        SINK_LITERAL(o->sink, "\n            ]\n        }");
    else
        SINK_LITERAL(o->sink, "]\n        }");
}

const struct out_ops out_json = {entity, service, action, service_end, end, NULL, NULL};
