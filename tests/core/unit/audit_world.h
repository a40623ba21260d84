/* A server for audits, by the rig: one report, pages of services and of entities as they were asked for, and the lies
 * and faults that a test has chosen. What is to come out of it is a text: a line an item. */
#ifndef TINYIAM_TESTS_AUDIT_WORLD_H
#define TINYIAM_TESTS_AUDIT_WORLD_H

#include <stdlib.h>

#include <tinyiam/audit.h>

#include "rig.h"

#define AUDIT_ARN "arn:aws:iam::123456789012:policy/deploy"
#define AUDIT_CREATED "2018-10-24T19:40:00Z"
#define AUDIT_WORLD_SERVICES 64

struct audit_service {
    char name[80];
    unsigned entities, actions;
    long long total; /* what TotalAuthenticatedEntities says; -1: is not there */
    bool dated;      /* LastAuthenticated */
};

struct audit_world {
    struct audit_service services[AUDIT_WORLD_SERVICES];
    unsigned count;
    unsigned entity_page;  /* at most that many entities a page; 0: as asked */
    unsigned service_page; /* at most that many services a page, likewise */
    unsigned ignore_max;   /* all services in one page, whatever was asked */
    unsigned marker_n;     /* length of Markers, at least; 0: short ones */
    unsigned looks;        /* IN_PROGRESS so often */
    bool failed, actions;
    bool any; /* answers also what no honest client would ask */
    /* A fault in request number fault_at (from 1): fault(r, world) after the honest reply was put. */
    unsigned fault_at;
    void (*fault)(struct rig *, struct audit_world *);
    /* A lie: the honest reply's body may be changed before it is put. */
    void (*lie)(struct rig *, struct audit_world *, char *body, size_t size);
    /* to look at */
    unsigned generates, looked, pages, lists, number; /* number: of the request at hand */
    unsigned max_items[4096];                         /* that pages of services asked for */
    char action[64];
};

static inline void audit_world_init(struct audit_world *w, unsigned count)
{
    memset(w, 0, sizeof *w);
    w->count = count;
    for (unsigned i = 0; i < count; i++) {
        struct audit_service *s = &w->services[i];
        snprintf(s->name, sizeof s->name, "service%u", i);
        s->entities = i % 3 == 2 ? 0 : i % 5 + 1;
        s->total = s->entities > 0 ? (long long)s->entities : -1;
        s->dated = s->entities > 0;
        s->actions = i % 4;
    }
}

struct audit_text {
    char *p;
    size_t n, size;
};

static inline void audit_put(struct audit_text *t, const char *format, ...)
{
    va_list a;
    va_start(a, format);
    int n = vsnprintf(t->p + t->n, t->size - t->n, format, a);
    va_end(a);
    if (n < 0 || (size_t)n >= t->size - t->n)
        abort();
    t->n += (size_t)n;
}

/* A Marker says where it stands: "s7x..." or "e3x...", as long as the world wants it. */
static inline void audit_marker(const struct audit_world *w, char *to, char kind, unsigned at)
{
    int n = snprintf(to, IAM_MARKER_MAX + 1, "%c%u", kind, at);
    for (; n < (int)w->marker_n; n++)
        to[n] = 'x';
    to[n] = 0;
}

static inline void audit_report(struct audit_text *t, const struct audit_world *w, bool services,
                                const char *status)
{
    audit_put(t, "<JobStatus>%s</JobStatus>", status);
    if (services)
        audit_put(t, "<JobType>%s</JobType>", w->actions ? "ACTION_LEVEL" : "SERVICE_LEVEL");
    audit_put(t, "<JobCreationDate>" AUDIT_CREATED "</JobCreationDate>");
}

static inline void audit_services(struct rig *r, struct audit_world *w, struct audit_text *t)
{
    const char *field = rig_field(r, "Marker");
    unsigned from = field[0] == 's' ? (unsigned)atoi(field + 1) : 0, most, to;
    most = (unsigned)atoi(rig_field(r, "MaxItems"));
    audit_put(t, "<GetServiceLastAccessedDetailsResponse><GetServiceLastAccessedDetailsResult>");
    if (w->looked++ < w->looks) {
        audit_report(t, w, true, "IN_PROGRESS");
    } else if (w->failed) {
        audit_report(t, w, true, "FAILED");
        audit_put(t, "<Error><Code>InternalFailure</Code><Message>no report</Message></Error>");
    } else {
        if (w->pages < 4096)
            w->max_items[w->pages] = most;
        w->pages++;
        audit_report(t, w, true, "COMPLETED");
        if (w->service_page != 0 && most > w->service_page)
            most = w->service_page;
        to = from + most < w->count && !w->ignore_max ? from + most : w->count;
        audit_put(t, "<ServicesLastAccessed>");
        for (unsigned i = from; i < to; i++) {
            const struct audit_service *s = &w->services[i];
            audit_put(t, "<member><ServiceName>S %u</ServiceName>", i);
            if (s->dated)
                audit_put(t, "<LastAuthenticated>2018-10-01T00:00:00Z</LastAuthenticated>");
            audit_put(t, "<ServiceNamespace>%s</ServiceNamespace>", s->name);
            if (s->total != -1)
                audit_put(t, "<TotalAuthenticatedEntities>%lld</TotalAuthenticatedEntities>",
                          s->total);
            if (w->actions) {
                audit_put(t, "<TrackedActionsLastAccessed>");
                for (unsigned k = 0; k < s->actions; k++)
                    audit_put(t, "<member><ActionName>Act%u</ActionName></member>", k);
                audit_put(t, "</TrackedActionsLastAccessed>");
            }
            audit_put(t, "</member>");
        }
        audit_put(t, "</ServicesLastAccessed><IsTruncated>%s</IsTruncated>",
                  to < w->count ? "true" : "false");
        if (to < w->count) {
            char marker[IAM_MARKER_MAX + 1];
            audit_marker(w, marker, 's', to);
            audit_put(t, "<Marker>%s</Marker>", marker);
        }
    }
    audit_put(t, "</GetServiceLastAccessedDetailsResult></GetServiceLastAccessedDetailsResponse>");
}

static inline void audit_entities(struct rig *r, struct audit_world *w, struct audit_text *t)
{
    char name[80];
    const char *field;
    unsigned from, most = (unsigned)atoi(rig_field(r, "MaxItems")), i = 0, to;
    snprintf(name, sizeof name, "%s", rig_field(r, "ServiceNamespace"));
    field = rig_field(r, "Marker");
    from = field[0] == 'e' ? (unsigned)atoi(field + 1) : 0;
    while (i < w->count && strcmp(w->services[i].name, name) != 0)
        i++;
    if (i == w->count && !w->any)
        abort();
    i = i == w->count ? 0 : i;
    if (w->entity_page != 0 && most > w->entity_page)
        most = w->entity_page;
    to = from + most < w->services[i].entities ? from + most : w->services[i].entities;
    w->lists += from == 0;
    audit_put(t, "<GetServiceLastAccessedDetailsWithEntitiesResponse>"
                 "<GetServiceLastAccessedDetailsWithEntitiesResult>");
    audit_report(t, w, false, "COMPLETED");
    audit_put(t, "<EntityDetailsList>");
    for (unsigned k = from; k < to; k++)
        audit_put(t, "<member><EntityInfo><Name>%s-n%u</Name></EntityInfo></member>", name, k);
    audit_put(t, "</EntityDetailsList><IsTruncated>%s</IsTruncated>",
              to < w->services[i].entities ? "true" : "false");
    if (to < w->services[i].entities) {
        char marker[IAM_MARKER_MAX + 1];
        audit_marker(w, marker, 'e', to);
        audit_put(t, "<Marker>%s</Marker>", marker);
    }
    audit_put(t, "</GetServiceLastAccessedDetailsWithEntitiesResult>"
                 "</GetServiceLastAccessedDetailsWithEntitiesResponse>");
}

static inline void audit_serve(struct rig *r)
{
    struct audit_world *w = r->context;
    struct audit_text t = {r->body, 0, RIG_OUT / 2};
    snprintf(w->action, sizeof w->action, "%s", rig_field(r, "Action"));
    w->number++;
    t.p[0] = 0;
    if (strcmp(w->action, "GenerateServiceLastAccessedDetails") == 0) {
        w->generates++;
        audit_put(&t, "<GenerateServiceLastAccessedDetailsResponse>"
                      "<GenerateServiceLastAccessedDetailsResult><JobId>" RIG_JOB
                      "</JobId></GenerateServiceLastAccessedDetailsResult>"
                      "</GenerateServiceLastAccessedDetailsResponse>");
    } else if (strcmp(rig_field(r, "JobId"), RIG_JOB) != 0 && !w->any) {
        abort();
    } else if (strcmp(w->action, "GetServiceLastAccessedDetails") == 0) {
        audit_services(r, w, &t);
    } else {
        audit_entities(r, w, &t);
    }
    if (w->lie != NULL)
        w->lie(r, w, t.p, t.size);
    rig_answer(r, "200 OK", RIG_DATE, t.p);
    if (w->fault != NULL && w->number == w->fault_at)
        w->fault(r, w);
}

/* The item at hand as a line. */
static inline void audit_line(struct audit_text *t, const struct iam_call *c)
{
    const struct iam_item *item = &c->query.decode.item;
    struct iam_span ns = iam_call_audit_namespace(c), name = {NULL, 0};
    const char *kind = "structure";
    if (item->kind == IAM_ITEM_SERVICE) {
        kind = "service";
        name = item->u.service.name;
    } else if (item->kind == IAM_ITEM_ENTITY) {
        kind = "entity";
        name = item->u.entity.name;
    } else if (item->kind == IAM_ITEM_ACTION) {
        kind = "action";
        name = item->u.action.name;
    } else {
        audit_put(t, "structure %d\n", (int)item->kind);
        return;
    }
    audit_put(t, "%s %.*s %.*s\n", kind, (int)ns.n, ns.n > 0 ? ns.p : "", (int)name.n,
              name.n > 0 ? name.p : "");
}

/* ---- a client in it ---- */

enum { AUDIT_TEXT = 1 << 18 };

struct audit_run {
    struct rig rig;
    struct audit_world *world;
    struct iam_audit_request request;
    struct guard batch;
    char *text;
    struct audit_text out;
};

static inline void audit_set_up(struct audit_run *u, struct audit_world *w,
                                enum iam_audit_what what, size_t batch)
{
    memset(u, 0, sizeof *u);
    rig_init(&u->rig);
    u->world = w;
    u->rig.serve = audit_serve;
    u->rig.context = w;
    u->batch = guard_alloc(batch);
    u->rig.cfg.batch = u->batch.p;
    u->rig.cfg.batch_size = batch;
    u->request = (struct iam_audit_request){.arn = iam_span_of(AUDIT_ARN), .what = what};
    u->text = malloc(AUDIT_TEXT);
    u->text[0] = 0;
    u->out = (struct audit_text){u->text, 0, AUDIT_TEXT};
    w->actions = what == IAM_AUDIT_ACTIONS;
}

static inline void audit_tear_down(struct audit_run *u)
{
    rig_end(&u->rig);
    assert_true(guard_intact(&u->batch));
    guard_free(&u->batch);
    free(u->text);
}

/* Items until there are so many in all, or the end. */
static inline int audit_go(struct audit_run *u, unsigned items)
{
    int r = IAM_ITEM;
    for (unsigned i = 0; i < items && (r = rig_next(&u->rig)) == IAM_ITEM; i++)
        audit_line(&u->out, u->rig.call);
    return r;
}

static inline int audit_whole(struct audit_run *u)
{
    assert_int_equal(rig_begin(&u->rig), IAM_OK);
    int r = iam_call_audit(u->rig.call, &u->request);
    return r < 0 ? r : audit_go(u, UINT32_MAX);
}

/* What it is to give: pages of that many services, each with its entities behind. */
static inline char *audit_expected(const struct audit_world *w, enum iam_audit_what what,
                                   unsigned page)
{
    struct audit_text t = {malloc(AUDIT_TEXT), 0, AUDIT_TEXT};
    t.p[0] = 0;
    for (unsigned from = 0; from < w->count; from += page) {
        for (unsigned i = from; i < from + page && i < w->count; i++) {
            const struct audit_service *s = &w->services[i];
            audit_put(&t, "service %s S %u\n", s->name, i);
            for (unsigned k = 0; what == IAM_AUDIT_ACTIONS && k < s->actions; k++)
                audit_put(&t, "action %s Act%u\n", s->name, k);
        }
        for (unsigned i = from; what == IAM_AUDIT_ENTITIES && i < from + page && i < w->count;
             i++) {
            const struct audit_service *s = &w->services[i];
            for (unsigned k = 0; k < s->entities; k++)
                audit_put(&t, "entity %s %s-n%u\n", s->name, s->name, k);
        }
    }
    return t.p;
}

static inline void audit_same(const char *got, const char *want)
{
    if (strcmp(got, want) != 0)
        fail_msg("wanted:\n%sgot:\n%s", want, got);
}

#endif
