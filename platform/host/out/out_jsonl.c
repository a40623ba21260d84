/* One entity, or one service with its actions, a line. */
#include "out.h"

/* A member's name with all that stands around it, behind another member: one run to write. */
#define KEY(name) ",\"" name "\":", sizeof(name) + 3

static void put_key(struct sink *s, const char *key, size_t n, bool *any)
{
    if (!*any) {
        sink_char(s, '{');
        key++;
        n--;
    }
    sink_put(s, key, n);
    *any = true;
}

static void text(struct sink *s, const char *key, size_t n, struct iam_span value, bool *any)
{
    if (value.p) {
        put_key(s, key, n, any);
        json_text(s, value);
    }
}

static void time_(struct sink *s, const char *key, size_t n, const struct iam_time *t, bool *any)
{
    char buf[40];
    if (t->present) {
        put_key(s, key, n, any);
        json_text(s, time_text(t, buf));
    }
}

static void close_object(struct sink *s, bool any)
{
    sink_put(s, any ? "}" : "{}", any ? 1 : 2);
}

static void entity(struct out *o, const struct iam_entity *e)
{
    bool any = false;
    text(o->sink, KEY("Arn"), e->arn, &any);
    text(o->sink, KEY("Name"), e->name, &any);
    text(o->sink, KEY("Type"), e->type_text, &any);
    text(o->sink, KEY("Id"), e->id, &any);
    text(o->sink, KEY("Path"), e->path, &any);
    time_(o->sink, KEY("LastAuthenticated"), &e->last_authenticated, &any);
    close_object(o->sink, any);
    sink_char(o->sink, '\n');
}

static void service(struct out *o, const struct iam_service *s)
{
    bool any = false;
    char buf[24];
    text(o->sink, KEY("ServiceName"), s->name, &any);
    time_(o->sink, KEY("LastAuthenticated"), &s->last_authenticated, &any);
    text(o->sink, KEY("ServiceNamespace"), s->namespace_, &any);
    text(o->sink, KEY("LastAuthenticatedEntity"), s->last_entity, &any);
    text(o->sink, KEY("LastAuthenticatedRegion"), s->last_region, &any);
    if (s->has_total) {
        put_key(o->sink, KEY("TotalAuthenticatedEntities"), &any);
        sink_span(o->sink, integer_text(s->total_entities, buf));
    }
    if (s->has_actions) {
        put_key(o->sink, KEY("TrackedActionsLastAccessed"), &any);
        sink_char(o->sink, '[');
    }
    if (!any)
        sink_char(o->sink, '{');
    o->state.v[0] = 0;
}

static void action(struct out *o, const struct iam_action *a)
{
    bool any = false;
    if (o->state.v[0]++)
        sink_char(o->sink, ',');
    text(o->sink, KEY("ActionName"), a->name, &any);
    text(o->sink, KEY("LastAccessedEntity"), a->last_entity, &any);
    time_(o->sink, KEY("LastAccessedTime"), &a->last_accessed, &any);
    text(o->sink, KEY("LastAccessedRegion"), a->last_region, &any);
    close_object(o->sink, any);
}

static void service_end(struct out *o)
{
    if (o->service.item.u.service.has_actions)
        sink_char(o->sink, ']');
    SINK_LITERAL(o->sink, "}\n");
}

static void end(struct out *o, const struct iam_report *report)
{
    bool any = false;
    if (o->command != COMMAND_GENERATE || !report->job_id.p)
        return;
    text(o->sink, KEY("JobId"), report->job_id, &any);
    SINK_LITERAL(o->sink, "}\n");
}

const struct out_ops out_jsonl = {entity, service, action, service_end, end, NULL, NULL};
