/* RFC 4180: a header row, CRLF, quotes where they are needed. An action is a row below its service's. */
#include "out.h"

#include <string.h>

#define HEADED 0 /* index into state.v */

/* Would a spreadsheet take what stands here for a formula? Where a cell begins, and behind what some of them
 * separate cells by; the wide forms count in East Asia. */
static bool is_formula(struct iam_span text, size_t at)
{
    const char *p = text.p + at;
    if (at > 0 && !memchr(";\t\r\n", p[-1], 4))
        return false;
    if (text.n - at > 2 && p[0] == '\xEF' && p[1] == '\xBC')
        return memchr("\x8B\x8D\x9D\xA0", p[2], 4) != NULL;
    return memchr("=+-@\t\r", p[0], at > 0 ? 4 : 6) != NULL;
}

static void cell(struct out *o, struct iam_span text, bool first)
{
    bool quote = false;
    for (size_t i = 0; i < text.n && !quote; i++)
        quote = memchr(",\"\r\n", text.p[i], 4) || (o->csv_safe && is_formula(text, i));
    if (!first)
        sink_char(o->sink, ',');
    if (!quote) {
        sink_span(o->sink, text);
        return;
    }
    sink_char(o->sink, '"');
    for (size_t i = 0; i < text.n; i++) {
        if (o->csv_safe && is_formula(text, i))
            sink_char(o->sink, '\'');
        if (text.p[i] == '"')
            sink_char(o->sink, '"');
        sink_char(o->sink, text.p[i]);
    }
    sink_char(o->sink, '"');
}

static void time_cell(struct out *o, const struct iam_time *t)
{
    char buf[40];
    cell(o, t->present ? time_text(t, buf) : (struct iam_span){NULL, 0}, false);
}

static void head(struct out *o)
{
    if (o->state.v[HEADED])
        return;
    o->state.v[HEADED] = 1;
    if (o->command == COMMAND_GENERATE)
        SINK_LITERAL(o->sink, "JobId\r\n");
    else if (o->command == COMMAND_PAGE_SERVICES)
        SINK_LITERAL(o->sink,
                     "ServiceName,ServiceNamespace,LastAuthenticated,LastAuthenticatedEntity,"
                     "LastAuthenticatedRegion,TotalAuthenticatedEntities,ActionName,"
                     "LastAccessedTime,LastAccessedEntity,LastAccessedRegion\r\n");
    else
        SINK_LITERAL(o->sink, "Arn,Name,Type,Id,Path,LastAuthenticated\r\n");
}

static void entity(struct out *o, const struct iam_entity *e)
{
    head(o);
    cell(o, e->arn, true);
    cell(o, e->name, false);
    cell(o, e->type_text, false);
    cell(o, e->id, false);
    cell(o, e->path, false);
    time_cell(o, &e->last_authenticated);
    SINK_LITERAL(o->sink, "\r\n");
}

static void service(struct out *o, const struct iam_service *s)
{
    char buf[24];
    head(o);
    cell(o, s->name, true);
    cell(o, s->namespace_, false);
    time_cell(o, &s->last_authenticated);
    cell(o, s->last_entity, false);
    cell(o, s->last_region, false);
    cell(o, s->has_total ? integer_text(s->total_entities, buf) : (struct iam_span){NULL, 0},
         false);
    SINK_LITERAL(o->sink, ",,,,\r\n");
}

static void action(struct out *o, const struct iam_action *a)
{
    const struct iam_service *s = &o->service.item.u.service;
    cell(o, s->name, true);
    cell(o, s->namespace_, false);
    SINK_LITERAL(o->sink, ",,,,");
    cell(o, a->name, false);
    time_cell(o, &a->last_accessed);
    cell(o, a->last_entity, false);
    cell(o, a->last_region, false);
    SINK_LITERAL(o->sink, "\r\n");
}

static void service_end(struct out *o)
{
    (void)o;
}

static void end(struct out *o, const struct iam_report *report)
{
    if (o->command != COMMAND_GENERATE && report->status != IAM_JOB_COMPLETED)
        return; /* a header alone would be an empty list */
    head(o);
    if (o->command == COMMAND_GENERATE && report->job_id.p) {
        cell(o, report->job_id, true);
        SINK_LITERAL(o->sink, "\r\n");
    }
}

const struct out_ops out_csv = {entity, service, action, service_end, end, NULL, NULL};
