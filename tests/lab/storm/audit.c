/* The storm over audits: seeded plans of faults and lies against iam_call_audit(), on a server in memory.
 *
 *   storm_audit [--seed S] [--plans N] [--seconds T] [--table] [--verbose]
 *
 * Plan number i has the seed S + i. Of every plan it holds: the whole audit, in its order, or a named error after an
 * exact beginning of it; an error that the plan does not call for is wrong; nothing hangs, nothing is written outside
 * of a buffer; and from the place where it failed, with the faults gone, another client with other buffers finishes
 * exactly. A machine that loses its power goes on from the last checkpoint. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit_world.h"
#include "content.h"
#include "storm.h"

enum kind {
    CUT,
    SILENT,
    THROTTLED,
    ERROR_500,
    HTML_502,
    EMPTY_503,
    DENIED,
    NO_ENTITY,
    GARBAGE,
    PORTAL,
    SWAPPED,
    OTHER_JOB,
    NOT_DONE,
    JOB_FAILED,
    NO_STATUS,
    NO_MARKER,
    NO_BOOLEAN,
    BAD_BOOLEAN,
    SAME_MARKER,
    FEWER_ENTITIES,
    MORE_CLAIMED,
    HOSTILE_NAME,
    NAME_TWICE,
    WRONG_LEVEL,
    ANOTHER_PAGE,
    LAST_SUDDENLY,
    POWER_LOSS,
    PUT_ASIDE,
    KEYS_CHANGE,
    SMALL_BATCH,
    SMALL_ITEM,
    ONE_BYTE,
    DEADLINE,
    FAULTS
};

static const struct {
    const char *name;
    bool reply; /* happens to a reply, once */
    int16_t results[3];
} kinds[FAULTS] = {
    [CUT] = {"reply ends at any byte", true, {IAM_OK}},
    [SILENT] = {"no reply", true, {IAM_OK}},
    [THROTTLED] = {"throttled", true, {IAM_OK}},
    [ERROR_500] = {"500 of the service", true, {IAM_OK}},
    [HTML_502] = {"502 with a proxy's HTML", true, {IAM_OK}},
    [EMPTY_503] = {"503 without a body", true, {IAM_OK}},
    [DENIED] = {"access denied", true, {IAM_ERR_SERVICE}},
    [NO_ENTITY] = {"job unknown", true, {IAM_ERR_SERVICE}},
    [GARBAGE] = {"random bytes for a reply", true, {IAM_ERR_HTTP}},
    [PORTAL] = {"captive portal's page", true, {IAM_ERR_FOREIGN}},
    [SWAPPED] = {"services for entities, entities for services", true, {IAM_ERR_FOREIGN}},
    [OTHER_JOB] = {"page of another job", true, {IAM_ERR_CHANGED}},
    [NOT_DONE] = {"IN_PROGRESS after COMPLETED", true, {IAM_ERR_JOB_STATUS}},
    [JOB_FAILED] = {"FAILED after COMPLETED", true, {IAM_ERR_JOB_STATUS}},
    [NO_STATUS] = {"no status", true, {IAM_ERR_JOB_STATUS}},
    [NO_MARKER] = {"IsTruncated without Marker", true, {IAM_ERR_MARKER_MISSING, IAM_ERR_CHANGED}},
    [NO_BOOLEAN] = {"Marker without IsTruncated",
                    true,
                    {IAM_ERR_TRUNCATED_MISSING, IAM_ERR_CHANGED}},
    [BAD_BOOLEAN] = {"IsTruncated that is no boolean", true, {IAM_ERR_VALUE}},
    [SAME_MARKER] = {"Marker repeated", true, {IAM_ERR_MARKER_REPEATED}},
    [FEWER_ENTITIES] = {"an entity fewer than the services say", true, {IAM_ERR_CHANGED}},
    [MORE_CLAIMED] = {"services that say one entity more", true, {IAM_ERR_CHANGED}},
    [HOSTILE_NAME] = {"a namespace that is none", true, {IAM_ERR_VALUE, IAM_ERR_CHANGED}},
    [NAME_TWICE] = {"a namespace twice", true, {IAM_ERR_MEMBER, IAM_ERR_CHANGED}},
    [WRONG_LEVEL] = {"a report of the other granularity", true, {IAM_ERR_FOREIGN}},
    [ANOTHER_PAGE] = {"a page that comes again is another", true, {IAM_ERR_CHANGED}},
    [LAST_SUDDENLY] = {"a page that comes again is the last", true, {IAM_ERR_CHANGED}},
    [POWER_LOSS] = {"client reset, resumed from a checkpoint", false, {IAM_OK}},
    [PUT_ASIDE] = {"put aside in each pause", false, {IAM_OK}},
    [KEYS_CHANGE] = {"other keys in the middle", false, {IAM_OK, IAM_ERR_SESSION}},
    [SMALL_BATCH] = {"batch too small", false, {IAM_OK, IAM_ERR_SPACE}},
    [SMALL_ITEM] = {"item buffer too small", false, {IAM_OK, IAM_ERR_SPACE}},
    [ONE_BYTE] = {"buffers and reads of one byte", false, {IAM_OK}},
    [DEADLINE] = {"deadline of the audit", false, {IAM_OK, IAM_ERR_TIMEOUT_OPERATION}},
};

struct storm_fault {
    enum kind kind;
    uint32_t at, x;
    bool done;
};

struct plan {
    struct audit_world w; /* first: the callbacks cast */
    uint64_t seed;
    bool single, structure;
    enum iam_audit_what what;
    struct storm_fault faults[5];
    unsigned fault_count, losses, loss_at;
    size_t batch, item, buffers;
    uint32_t deadline_ms, keys_at;
    bool aside, only, hangs;
    struct iam_audit_checkpoint saved;
    bool has_saved;
    struct audit_run run;
    char *text, *saved_text;
    size_t n, saved_n;
    char before[8192]; /* the last page of services as it was sent, to be sent to others */
    char entities[8192];
    const char *wrong;
};

static const struct iam_span only_names[] = {IAM_LITERAL("service1"), IAM_LITERAL("service4"),
                                             IAM_LITERAL("service9")};

/* ---- lies and faults ---- */

static bool swap_text(char *body, size_t size, const char *from, const char *to)
{
    char *at = strstr(body, from), *rest;
    if (at == NULL)
        return false;
    rest = strdup(at + strlen(from));
    snprintf(at, size - (size_t)(at - body), "%s%s", to, rest);
    free(rest);
    return true;
}

/* The next number of entities that is not 0. */
static const char *claim(const char *from)
{
    do
        from = strstr(from + 1, "<TotalAuthenticatedEntities>");
    while (from != NULL && from[28] == '0');
    return from;
}

/* The last member of a list of entities is left out, where it is the list's end. */
static bool drop_last(char *body)
{
    char *end = strstr(body, "</EntityDetailsList>"), *at = NULL;
    if (end == NULL || strstr(body, "<IsTruncated>true") != NULL)
        return false;
    for (char *p = strstr(body, "<member>"); p != NULL && p < end; p = strstr(p + 1, "<member>"))
        at = p;
    if (at == NULL)
        return false;
    memmove(at, end, strlen(end) + 1);
    return true;
}

/* Changes a body; false: not this one. */
static bool twist(struct rig *r, struct plan *p, const struct storm_fault *f, char *body,
                  size_t size)
{
    static const char *const names[] = {
        "",
        "a b",
        "&lt;script&gt;",
        "s3&#10;",
        "&#x202E;s3",
        "../..",
        "x234567890123456789012345678901234567890123456789012345678901234567890"};
    bool services = strcmp(p->w.action, "GetServiceLastAccessedDetails") == 0;
    bool entities = strstr(p->w.action, "WithEntities") != NULL;
    /* completed: a page of this report has been there whole */
    bool later = entities || (services && rig_field(r, "Marker")[0] != 0), done = false;
    bool again = services && strcmp(p->before, body) == 0;
    char text[160], name[80];
    switch (f->kind) {
    case SWAPPED: {
        const char *other = entities ? p->before : p->entities;
        done = later && other[0] != 0;
        if (done)
            snprintf(body, size, "%s", other);
        break;
    }
    case OTHER_JOB:
        return later && swap_text(body, size, AUDIT_CREATED, "2018-10-24T19:40:01Z");
    case NOT_DONE:
        return later && swap_text(body, size, "COMPLETED", "IN_PROGRESS");
    case JOB_FAILED:
        return later && swap_text(body, size, "COMPLETED", "FAILED");
    case NO_STATUS:
        return later && swap_text(body, size, "<JobStatus>COMPLETED</JobStatus>", "");
    case NO_MARKER:
        return swap_text(body, size, "<Marker>", "<!--") &&
               swap_text(body, size, "</Marker>", "-->");
    case NO_BOOLEAN:
        return strstr(body, "<Marker>") != NULL &&
               swap_text(body, size, "<IsTruncated>true</IsTruncated>", "");
    case BAD_BOOLEAN:
        return swap_text(body, size, "<IsTruncated>", "<IsTruncated>un");
    case SAME_MARKER:
        snprintf(text, sizeof text, "<Marker>%.100s", rig_field(r, "Marker"));
        return later && strlen(rig_field(r, "Marker")) < 100 && rig_field(r, "Marker")[0] != 0 &&
               swap_text(body, size, "<Marker>", "<!--") &&
               swap_text(body, size, "</Marker>", "-->") &&
               swap_text(body, size, "</IsTruncated>", "</IsTruncated><Marker>same</Marker>") &&
               swap_text(body, size, "<Marker>same", text);
    case FEWER_ENTITIES:
        for (unsigned i = 0; i < p->w.count; i++)
            if (strcmp(p->w.services[i].name, rig_field(r, "ServiceNamespace")) == 0)
                return p->w.services[i].total > 0 && drop_last(body);
        return false;
    case MORE_CLAIMED:
        if (!services || p->what != IAM_AUDIT_ENTITIES || again || p->only)
            return false;
        return swap_text(body, size, "<TotalAuthenticatedEntities>",
                         "<TotalAuthenticatedEntities>9");
    case HOSTILE_NAME:
    case NAME_TWICE: {
        const char *at = claim(body), *ns = NULL, *first = NULL;
        if (!services || p->what != IAM_AUDIT_ENTITIES || at == NULL || p->only || again)
            return false;
        for (const char *q = strstr(body, "<ServiceNamespace>"); q != NULL && q < at;
             q = strstr(q + 1, "<ServiceNamespace>"))
            ns = q;
        if (f->kind == NAME_TWICE) { /* the second that is used is called as the first */
            first = ns;
            at = claim(at);
            if (at == NULL)
                return false;
            for (const char *q = first; q != NULL && q < at;
                 q = strstr(q + 1, "<ServiceNamespace>"))
                ns = q;
            snprintf(name, sizeof name, "%.*s", (int)strcspn(first + 18, "<"), first + 18);
        }
        snprintf(text, sizeof text, "%.*s", (int)strcspn(ns + 1, "<") + 2, ns);
        char to[200];
        snprintf(to, sizeof to, "<ServiceNamespace>%s<",
                 f->kind == NAME_TWICE ? name : names[f->x % 7]);
        return swap_text(body, size, text, to);
    }
    case WRONG_LEVEL:
        return services && p->w.pages > 0 &&
               swap_text(body, size, p->w.actions ? "ACTION_LEVEL" : "SERVICE_LEVEL",
                         p->w.actions ? "SERVICE_LEVEL" : "ACTION_LEVEL");
    case ANOTHER_PAGE:
        return again && swap_text(body, size, "<ServiceName>S", "<ServiceName>Z");
    case LAST_SUDDENLY:
        return again && swap_text(body, size, "<IsTruncated>true", "<IsTruncated>false");
    default:
        break;
    }
    return done;
}

static const struct storm_fault *spoil_now;

static void spoil(struct rig *r, struct audit_world *w)
{
    static const int ends[] = {IAM_EOF, IAM_ERR_RESET, IAM_ERR_TRUNCATED, IAM_ERR_IO, IAM_ERR_TLS};
    const struct storm_fault *f = spoil_now;
    (void)w;
    switch (f->kind) {
    case CUT:
        r->out_n = f->x / 8 % r->out_n;
        r->after = ends[f->x % 5];
        break;
    case SILENT:
        r->out_n = 0;
        break;
    case THROTTLED:
        r->out_n = 0;
        rig_error(r, "400 Bad Request", RIG_DATE, "Throttling");
        break;
    case ERROR_500:
        r->out_n = 0;
        rig_error(r, "500 Internal Server Error", RIG_DATE, "InternalFailure");
        break;
    case HTML_502:
        r->out_n = 0;
        rig_answer(r, "502 Bad Gateway", RIG_DATE, "<html><body>no</body></html>");
        break;
    case EMPTY_503:
        r->out_n = 0;
        rig_answer(r, "503 Service Unavailable", RIG_DATE, "");
        break;
    case DENIED:
        r->out_n = 0;
        rig_error(r, "403 Forbidden", RIG_DATE, "AccessDenied");
        break;
    case NO_ENTITY:
        r->out_n = 0;
        rig_error(r, "404 Not Found", RIG_DATE, "NoSuchEntity");
        break;
    case GARBAGE:
        r->out_n = 0;
        rig_put(r, "\x16\x03\x01 what is this\r\n\r\n", 20);
        break;
    default:
        r->out_n = 0;
        rig_answer(r, "200 OK", RIG_DATE, "<html><body>sign in</body></html>");
    }
}

static void lie(struct rig *r, struct audit_world *w, char *body, size_t size)
{
    struct plan *p = (struct plan *)(void *)w;
    bool services = strcmp(w->action, "GetServiceLastAccessedDetails") == 0;
    char *honest = strdup(body);
    for (unsigned i = 0; i < p->fault_count; i++) {
        struct storm_fault *f = &p->faults[i];
        if (f->done || !kinds[f->kind].reply || w->number < f->at)
            continue;
        if (f->kind <= PORTAL) {
            spoil_now = f;
            w->fault_at = w->number;
            w->fault = spoil;
            f->done = true;
        } else {
            f->done = twist(r, p, f, body, size);
        }
        if (f->done)
            break;
    }
    /* what the client has seen */
    if (strlen(honest) < sizeof p->before && w->pages > 0 && w->fault_at != w->number)
        memcpy(services ? p->before : p->entities, honest, strlen(honest) + 1);
    free(honest);
    if (p->keys_at != 0 && w->number >= p->keys_at)
        r->credentials.access_key_id = IAM_SPAN("AKIDROTATED");
}

/* ---- a plan ---- */

static void add_fault(struct plan *p, struct dice *d, enum kind kind)
{
    struct storm_fault *f = &p->faults[p->fault_count++];
    *f = (struct storm_fault){kind, 1 + roll(d, 14), roll(d, UINT32_MAX), !kinds[kind].reply};
    switch (kind) {
    case POWER_LOSS:
        p->losses = 1 + roll(d, 5);
        p->loss_at = roll(d, 30);
        break;
    case PUT_ASIDE:
        p->aside = true;
        p->w.looks += 1 + roll(d, 3);
        break;
    case KEYS_CHANGE:
        p->keys_at = 1 + roll(d, 10);
        break;
    case SMALL_BATCH:
        p->batch = 1 + roll(d, 500);
        p->w.service_page = p->w.service_page % 2 + 1;
        break;
    case SMALL_ITEM:
        p->item = roll(d, 100);
        break;
    case ONE_BYTE:
        p->buffers = 1;
        break;
    case DEADLINE:
        p->deadline_ms = 1 + roll(d, 4000);
        break;
    case ANOTHER_PAGE: /* there has to be one that comes again */
    case LAST_SUDDENLY:
        p->what = IAM_AUDIT_ENTITIES;
        p->w.entity_page = 1;
        break;
    default:
        break;
    }
}

static void make_plan(struct plan *p, uint64_t seed)
{
    struct dice d = {seed * UINT64_C(0xD1342543DE82EF95) + 7};
    char *text = p->text, *saved_text = p->saved_text;
    memset(p, 0, sizeof *p);
    p->text = text;
    p->saved_text = saved_text;
    audit_world_init(&p->w, 1 + roll(&d, 24));
    for (unsigned i = 0; i < p->w.count; i++) {
        struct audit_service *s = &p->w.services[i];
        s->entities = roll(&d, 3) ? roll(&d, 6) : 0;
        s->dated = s->entities > 0 && roll(&d, 4) != 0;
        s->total = s->entities == 0               ? (roll(&d, 2) ? 0 : -1)
                   : s->dated && roll(&d, 3) == 0 ? -1
                                                  : (long long)s->entities;
        for (size_t n = strlen(s->name); roll(&d, 6) == 0 && n < 64; n++)
            memcpy(s->name + n, "x", 2);
    }
    p->seed = seed;
    p->single = seed % 2 == 0;
    p->what = (enum iam_audit_what)(roll(&d, 5) % 3 == 1 || roll(&d, 3) == 0 ? 1 : roll(&d, 3));
    p->structure = roll(&d, 5) == 0;
    p->only = roll(&d, 6) == 0;
    p->w.service_page = 1 + roll(&d, 8);
    p->w.entity_page = roll(&d, 4);
    p->w.ignore_max = roll(&d, 6) == 0;
    p->w.marker_n = roll(&d, 3) ? roll(&d, 60) : IAM_MARKER_MAX;
    p->w.looks = roll(&d, 3) ? 0 : roll(&d, 3);
    p->w.lie = lie;
    p->batch = IAM_AUDIT_BATCH_MIN + 32 * p->w.service_page + roll(&d, 500);
    p->item = 2048;
    p->buffers = 1 + roll(&d, 1500);
    if (p->single)
        add_fault(p, &d, (enum kind)(seed / 2 % FAULTS));
    else
        for (uint32_t n = roll(&d, 4); n > 0; n--)
            add_fault(p, &d, (enum kind)roll(&d, FAULTS));
}

static char *wanted(const struct plan *p)
{
    char *all = audit_expected(&p->w, p->what, p->w.ignore_max ? p->w.count : p->w.service_page);
    if (!p->only)
        return all;
    struct audit_text t = {malloc(AUDIT_TEXT), 0, AUDIT_TEXT};
    t.p[0] = 0;
    for (char *line = all, *end; *line != 0; line = end + 1) {
        char name[80];
        end = strchr(line, '\n');
        sscanf(line, "%*s %79s", name);
        for (size_t i = 0; i < 3; i++)
            if (only_names[i].n == strlen(name) && memcmp(only_names[i].p, name, strlen(name)) == 0)
                audit_put(&t, "%.*s\n", (int)(end - line), line);
    }
    free(all);
    return t.p;
}

/* ---- running it ---- */

static void wrong(struct plan *p, const char *what)
{
    p->wrong = p->wrong != NULL ? p->wrong : what;
}

static bool begin(struct plan *p)
{
    struct audit_run *u = &p->run;
    audit_set_up(u, &p->w, p->what, p->batch);
    u->rig.cfg.structure = p->structure;
    u->rig.cfg.item_size = p->item;
    u->rig.cfg.tx_size = u->rig.cfg.rx_size = p->buffers;
    u->rig.chunk = p->buffers < 8 ? 1 : p->buffers / 3;
    u->rig.cfg.deadline_ms = p->deadline_ms;
    u->rig.cfg.max_attempts = p->single ? 3 : 4;
    if (p->only) {
        u->request.namespaces = only_names;
        u->request.namespace_count = 3;
    }
    int r = rig_begin(&u->rig);
    r = r < 0          ? r
        : p->has_saved ? iam_call_audit_resume(u->rig.call, &u->request, &p->saved)
                       : iam_call_audit(u->rig.call, &u->request);
    p->n = p->has_saved ? p->saved_n : 0;
    memcpy(p->text, p->saved_text, p->n);
    p->text[p->n] = 0;
    return r == IAM_OK;
}

static void save(struct plan *p)
{
    if (iam_call_audit_checkpoint(p->run.rig.call, &p->saved) != IAM_OK)
        wrong(p, "no checkpoint");
    p->has_saved = true;
    p->saved_n = p->n;
    memcpy(p->saved_text, p->text, p->n + 1);
}

static void take(struct plan *p)
{
    enum iam_item_kind kind = p->run.rig.call->query.decode.item.kind;
    if (kind != IAM_ITEM_SERVICE && kind != IAM_ITEM_ENTITY && kind != IAM_ITEM_ACTION)
        return;
    struct audit_text t = {p->text, p->n, AUDIT_TEXT};
    audit_line(&t, p->run.rig.call);
    p->n = t.n;
}

static int drive(struct plan *p)
{
    struct rig *r = &p->run.rig;
    int result = IAM_AGAIN;
    unsigned items = 0;
    uint32_t ms;
    for (long turns = 0; turns < 4000000; turns++) {
        iam_call_time(r->call, r->mono, r->unix_ms);
        result = iam_call_next(r->call);
        if (result < 0 || result == IAM_OK)
            return result;
        if (result == IAM_ITEM) {
            take(p);
            items++;
            if (p->losses > 0 && items > p->loss_at) {
                if (roll(&(struct dice){p->seed + items}, 3))
                    save(p);
                p->losses--;
                audit_tear_down(&p->run);
                p->batch += p->losses; /* another machine's */
                items = 0;
                if (!begin(p)) {
                    wrong(p, "it does not go on");
                    return IAM_AGAIN;
                }
                r = &p->run.rig;
            }
            continue;
        }
        if (p->aside && iam_call_audit_waits(r->call, &ms)) {
            save(p);
            rig_sleep(r, ms);
            if (iam_call_audit_resume(r->call, &p->run.request, &p->saved) != IAM_OK)
                wrong(p, "it does not come back");
            continue;
        }
        rig_serve(r);
    }
    p->hangs = true;
    wrong(p, "it hangs");
    return IAM_AGAIN;
}

static bool called_for(const struct plan *p, int result)
{
    bool any = false, must_fail = false;
    for (unsigned i = 0; i < p->fault_count; i++) {
        const int16_t *rules = kinds[p->faults[i].kind].results;
        if (!p->faults[i].done)
            continue;
        any = any || rules[0] == result || (rules[1] != 0 && rules[1] == result);
        must_fail = must_fail || rules[0] != IAM_OK;
    }
    if (result == IAM_OK)
        return !must_fail || !p->single;
    return any || (!p->single && p->fault_count > 1);
}

static int play(struct plan *p, uint64_t seed)
{
    make_plan(p, seed);
    char *want = wanted(p);
    bool began = begin(p);
    int result = began ? drive(p) : p->run.rig.call->exchange.fault.error;
    if (result < 0 && !called_for(p, result))
        wrong(p, "an error that the plan does not call for");
    if (result == IAM_OK && !called_for(p, result))
        wrong(p, "success where there can be none");
    if (result == IAM_OK && strcmp(p->text, want) != 0)
        wrong(p, "success, but not the audit");
    if (strncmp(want, p->text, p->n) != 0)
        wrong(p, "what was handed out is no beginning of it");
    /* of a page that was handed out as it was: it cannot come again */
    bool lied = false;
    for (unsigned i = 0; i < p->fault_count; i++)
        lied = lied || (p->faults[i].kind == MORE_CLAIMED && p->faults[i].done);
    for (int tries = 0; result < 0 && p->wrong == NULL; tries++) {
        if (result == IAM_ERR_SPACE) {
            struct iam_fault *f = &p->run.rig.call->exchange.fault;
            bool batch = f->what.n == 5;
            if (f->need <= (batch ? p->batch : p->item) || tries > 20)
                wrong(p, "the size that it names is not larger");
            if (batch)
                p->batch = f->need;
            else
                p->item = f->need;
        }
        if (began)
            save(p);
        audit_tear_down(&p->run);
        p->fault_count = p->losses = p->deadline_ms = p->keys_at = 0;
        p->w.fault_at = 0;
        p->w.looked = p->w.looks;
        began = begin(p);
        int again = began ? drive(p) : p->run.rig.call->exchange.fault.error;
        if (again == IAM_ERR_SPACE) {
            result = again;
            continue;
        }
        if ((again != IAM_OK || strcmp(p->text, want) != 0) && !(lied && again == IAM_ERR_CHANGED))
            wrong(p, "cannot be finished from where it failed");
        break;
    }
    audit_tear_down(&p->run);
    free(want);
    return result;
}

/* ---- telling ---- */

static const struct storm_words words = {"storm_audit", "audits", "whole", "whole audit",
                                         "beginning"};

static void describe(const struct plan *p, int r)
{
    printf("plan %llu: what %d, %u services, %s\n", (unsigned long long)p->seed, (int)p->what,
           p->w.count, iam_result_name(r));
    for (unsigned i = 0; i < 5 && (i == 0 || p->faults[i].at != 0); i++) {
        const struct storm_fault *f = &p->faults[i];
        storm_tell_fault(kinds[f->kind].name, f->done, f->at, f->x);
    }
    if (p->wrong != NULL)
        printf("  WRONG: %s\n", p->wrong);
}

int main(int argc, char **argv)
{
    static struct plan p;
    static struct storm_tally tally[FAULTS];
    struct storm s = {.words = &words, .seed = 1, .plans = 5000};
    if (!storm_begin(&s, argc, argv))
        return 2;
    p.text = malloc(AUDIT_TEXT);
    p.saved_text = malloc(AUDIT_TEXT);
    if (p.text == NULL || p.saved_text == NULL)
        return 2;
    p.saved_text[0] = 0;
    while (storm_goes_on(&s)) {
        int r = play(&p, s.seed + s.done);
        if (p.single && p.faults[0].done)
            storm_count(&tally[p.faults[0].kind], r);
        if (p.wrong != NULL || s.verbose) {
            describe(&p, r);
            fflush(stdout);
        }
        storm_played(&s, r, p.wrong != NULL, p.hangs);
    }
    if (s.tell) {
        storm_table_head(&words);
        for (int k = 0; k < FAULTS; k++)
            storm_table_row(kinds[k].name, &tally[k]);
    }
    free(p.text);
    free(p.saved_text);
    return storm_end(&s);
}
