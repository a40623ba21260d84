/* One entity, or one service with its actions, a line. */
#include "out.h"

static void put_key(struct sink *s, const char *name, bool *any)
{
    sink_put(s, *any ? ",\"" : "{\"", 2);
    sink_put(s, name, strlen(name));
    SINK_LITERAL(s, "\":");
    *any = true;
}

static void text(struct sink *s, const char *name, struct iam_span value, bool *any)
{
    if (value.p) {
        put_key(s, name, any);
        json_text(s, value);
    }
}

static void time_(struct sink *s, const char *name, const struct iam_time *t, bool *any)
{
    char buf[40];
    if (t->present) {
        put_key(s, name, any);
        json_text(s, out_time(t, buf));
    }
}

static void close_object(struct sink *s, bool any)
{
    sink_put(s, any ? "}" : "{}", any ? 1 : 2);
}

static void entity(struct out *o, const struct iam_entity *e)
{
    bool any = false;
    text(o->sink, "Arn", e->arn, &any);
    text(o->sink, "Name", e->name, &any);
    text(o->sink, "Type", e->type_text, &any);
    text(o->sink, "Id", e->id, &any);
    text(o->sink, "Path", e->path, &any);
    time_(o->sink, "LastAuthenticated", &e->last_authenticated, &any);
    close_object(o->sink, any);
    sink_char(o->sink, '\n');
}

static void service(struct out *o, const struct iam_service *s)
{
    bool any = false;
    char buf[24];
    text(o->sink, "ServiceName", s->name, &any);
    time_(o->sink, "LastAuthenticated", &s->last_authenticated, &any);
    text(o->sink, "ServiceNamespace", s->namespace_, &any);
    text(o->sink, "LastAuthenticatedEntity", s->last_entity, &any);
    text(o->sink, "LastAuthenticatedRegion", s->last_region, &any);
    if (s->has_total) {
        put_key(o->sink, "TotalAuthenticatedEntities", &any);
        sink_span(o->sink, out_integer(s->total_entities, buf));
    }
    if (s->has_actions) {
        put_key(o->sink, "TrackedActionsLastAccessed", &any);
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
    text(o->sink, "ActionName", a->name, &any);
    text(o->sink, "LastAccessedEntity", a->last_entity, &any);
    time_(o->sink, "LastAccessedTime", &a->last_accessed, &any);
    text(o->sink, "LastAccessedRegion", a->last_region, &any);
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
    text(o->sink, "JobId", report->job_id, &any);
    SINK_LITERAL(o->sink, "}\n");
}

const struct out_ops out_jsonl = {entity, service, action, service_end, end, NULL, NULL};
