/* An audit: a report generated, waited for and read, as a plan of lists over one call.
 *
 * The batch holds struct audit, and behind it text: the Marker of the page of services at hand, and then the window:
 * names of that page's services that wait for their entities, as many as there is room for. While a service's
 * entities are read, call.marker keeps the next page's Marker, as long as the entities need no Marker of their own.
 * What is not at hand when it is needed (names beyond the window, the next page's Marker, all of them after a
 * resume) is had by fetching the page of services once more: its items are passed over, and have to be the same. */
#include <tinyiam/audit.h>

#include "flow.h"

#include <string.h>

#include <tinyiam/parts/compiler.h>
#include <tinyiam/parts/utf8.h>

enum { VERSION = 1, JOB_MAX = 36, NAMESPACE_MAX = 64, PAGE_MAX = 1000 };
/* An entry of the window: length of the name (1), entities (4), the name. NAME_ROOM: what is taken for one when the
 * size of a page is chosen. A window counts in 16 bits, as call.batch_size does. */
enum { HEAD = 5, ENTRY_MAX = HEAD + NAMESPACE_MAX, NAME_ROOM = 32 };

enum phase { GENERATE = 0, SERVICES, ENTITIES, OVER };

struct audit {
    /* The place in the list of services, of the page at hand: as in struct iam_call. */
    uint64_t mark, page_first, page_digest;
    uint32_t pages, page_delivered;
    uint32_t before; /* items handed out before the entities under way */
    uint32_t digest; /* of the request */
    const struct iam_span *namespaces;
    const uint8_t *from; /* resumed in the middle of these entities: their place */
    uint16_t namespace_count, max_items;
    uint16_t marker_n, next_n; /* of the page at hand, if it is kept; of the next one */
    uint16_t name, names; /* number in its page of the name under way; names seen in the page */
    uint16_t at, used;    /* the window: where the name under way stands; bytes of all */
    uint8_t what, phase;
    bool again : 1;  /* the page of services is fetched once more */
    bool more : 1;   /* there is a page after it */
    bool lost : 1;   /* its Marker made room for one of the entities */
    bool full : 1;   /* there are names that the window does not hold */
    bool wanted : 1; /* the service being read is one of those asked for */
    bool every : 1;  /* the others are handed out as well, without their actions */
    char job[JOB_MAX];
};
_Static_assert(sizeof(struct audit) + _Alignof(struct audit) - 1 + IAM_MARKER_MAX + ENTRY_MAX <=
                   IAM_AUDIT_BATCH_MIN,
               "enough for any audit");

/* ---- the batch ---- */

/* Bytes before the first address that the struct may have. */
static size_t skew(const struct iam_call *c)
{
    return (0u - (uintptr_t)c->batch) & (_Alignof(struct audit) - 1);
}

static struct audit *state(const struct iam_call *c)
{
    return (struct audit *)(void *)((char *)c->batch + skew(c));
}

static uint8_t *text(struct audit *a)
{
    return (uint8_t *)(a + 1);
}

static uint8_t *window(struct audit *a)
{
    return text(a) + a->marker_n;
}

static size_t window_size(const struct iam_call *c)
{
    return c->batch_size - skew(c) - sizeof(struct audit) - state(c)->marker_n;
}

static struct iam_span entry(struct audit *a, size_t at)
{
    const uint8_t *p = window(a) + at;
    return (struct iam_span){(const char *)p + HEAD, p[0]};
}

static struct iam_span job(struct audit *a)
{
    return (struct iam_span){a->job, JOB_MAX};
}

/* ---- failure ---- */

static int wrong(struct iam_call *c, int error, const char *what)
{
    iam_call_fail(c, error);
    c->exchange.fault.what = iam_span_of(what);
    return error;
}

/* Of a reply whose item is being read: call.c fails. */
static int wrong_member(struct iam_call *c, int error, const char *what)
{
    c->query.decode.what = iam_span_of(what);
    return error;
}

/* ---- operations ---- */

static int plan(struct iam_call *, int event);

/* The next operation. What the start of one forgets, and an audit does not, is put back. */
IAM_SAVES_FLASH static int begin(struct iam_call *c, const struct iam_operation *o,
                                 const void *request)
{
    struct iam_exchange *e = &c->exchange;
    uint64_t by = e->operation_by;
    uint32_t delivered = c->delivered, creation = c->creation;
    bool completed = c->completed, timed = e->timed;
    int r = iam_call_start(c, o, request);
    c->plan = plan;
    c->delivered = delivered;
    c->creation = creation;
    c->completed = completed;
    e->operation_by = by;
    e->timed = timed;
    if (r < 0) { /* an argument: only what a reply has said can be wrong in it */
        const char *what = e->fault.what.p;
        return wrong(c, IAM_ERR_VALUE, what);
    }
    return IAM_AGAIN;
}

/* The page of services whose Marker is marker_n bytes in call.marker, at the place that the state says. */
static int begin_services(struct iam_call *c, uint16_t marker_n)
{
    struct audit *a = state(c);
    const struct iam_services_request q = {
        .job_id = job(a), .max_items = a->max_items, .scope = IAM_SCOPE_PAGE_WAIT};
    a->phase = SERVICES;
    a->wanted = true;
    a->full = false;
    a->at = a->used = a->names = 0;
    int r = begin(c, &iam_op_services, &q);
    c->query.marker_n = marker_n;
    c->pages = a->pages;
    c->mark = a->mark;
    c->page_first = a->page_first;
    c->page_delivered = a->page_delivered;
    c->page_digest = a->page_digest;
    if (a->again)
        c->list_told = c->end_told = true;
    return r;
}

/* Room for this Marker and a name? IAM_OK, or IAM_ERR_SPACE, noted. */
static int fits(struct iam_call *c, size_t marker_n)
{
    size_t need = sizeof(struct audit) + marker_n + ENTRY_MAX;
    if (c->batch_size >= skew(c) + need)
        return IAM_OK;
    /* enough wherever it begins */
    c->exchange.fault.need = _Alignof(struct audit) - 1 + need;
    return iam_exchange_refuse(&c->exchange, IAM_ERR_SPACE, "batch");
}

/* One that has not been asked for yet. Where there is no room for its Marker the place stays that
 * of the page before. */
static int new_page(struct iam_call *c, uint16_t marker_n)
{
    struct audit *a = state(c);
    bool names = a->what == IAM_AUDIT_ENTITIES;
    if (names && fits(c, marker_n) < 0) {
        size_t need = c->exchange.fault.need;
        wrong(c, IAM_ERR_SPACE, "batch");
        c->exchange.fault.need = need;
        return IAM_ERR_SPACE;
    }
    a->again = a->lost = false;
    a->from = NULL;
    a->pages = c->pages;
    a->mark = c->mark;
    a->page_first = c->page_first;
    a->page_delivered = 0;
    a->page_digest = 0;
    a->name = 0;
    a->max_items = PAGE_MAX;
    if (names) {
        a->marker_n = marker_n;
        memcpy(text(a), c->marker, marker_n);
        size_t room = window_size(c) / NAME_ROOM; /* ENTRY_MAX: not 0 */
        a->max_items = (uint16_t)(room < PAGE_MAX ? room : PAGE_MAX);
    }
    return begin_services(c, marker_n);
}

static int page_again(struct iam_call *c)
{
    struct audit *a = state(c);
    a->again = true;
    a->lost = false;
    memcpy(c->marker, text(a), a->marker_n);
    return begin_services(c, a->marker_n);
}

/* ---- places ---- */

/* A place in a list, in a checkpoint: Marker's length (2), pages before (4), items of this page (4), their digest (8),
 * the Marker kept (8), the digest of the page before (8), the Marker. */
enum { PLACE = 34 + IAM_MARKER_MAX };

struct place {
    uint64_t mark, page_first, page_digest;
    uint32_t pages, page_delivered;
    uint16_t marker_n;
    const char *marker;
};

static void put_place(uint8_t *to, const struct place *p)
{
    iam_put_le(to, p->marker_n, 2);
    iam_put_le(to + 2, p->pages, 4);
    iam_put_le(to + 6, p->page_delivered, 4);
    iam_put_le(to + 10, p->page_digest, 8);
    iam_put_le(to + 18, p->mark, 8);
    iam_put_le(to + 26, p->page_first, 8);
    memcpy(to + 34, p->marker, p->marker_n);
}

/* That of the list under way; and back. */
static void put_place_of(const struct iam_call *c, uint8_t *to)
{
    const struct place p = {c->mark,           c->page_first,     c->page_digest, c->pages,
                            c->page_delivered, c->query.marker_n, c->marker};
    put_place(to, &p);
}

static void take_place(struct iam_call *c, const uint8_t *from)
{
    c->query.marker_n = (uint16_t)iam_get_le(from, 2);
    c->pages = (uint32_t)iam_get_le(from + 2, 4);
    c->page_delivered = (uint32_t)iam_get_le(from + 6, 4);
    c->page_digest = iam_get_le(from + 10, 8);
    c->mark = iam_get_le(from + 18, 8);
    c->page_first = iam_get_le(from + 26, 8);
    memcpy(c->marker, from + 34, c->query.marker_n);
}

static int begin_entities(struct iam_call *c)
{
    struct audit *a = state(c);
    const uint8_t *from = a->from;
    const struct iam_entities_request q = {.job_id = job(a),
                                           .service_namespace = entry(a, a->at),
                                           .max_items = PAGE_MAX,
                                           .scope = IAM_SCOPE_ALL};
    a->phase = ENTITIES;
    if (from == NULL)
        a->before = c->delivered;
    int r = begin(c, &iam_op_entities, &q);
    if (from != NULL)
        take_place(c, from);
    a->from = NULL;
    return r;
}

/* ---- items ---- */

static bool asked_for(const struct audit *a, struct iam_span name)
{
    bool found = a->namespace_count == 0;
    for (uint16_t i = 0; i < a->namespace_count && !found; i++)
        found = iam_span_equal(a->namespaces[i], name);
    return found;
}

static bool put_entry(const struct iam_call *c, struct iam_span name, int64_t total)
{
    struct audit *a = state(c);
    uint8_t *p = window(a) + a->used;
    if (name.p == NULL || a->full || name.n + HEAD > window_size(c) - a->used)
        return false;
    p[0] = (uint8_t)name.n;
    iam_put_le(p + 1, (uint64_t)(total < UINT32_MAX ? total : UINT32_MAX), 4);
    memcpy(p + HEAD, name.p, name.n);
    a->used = (uint16_t)(a->used + HEAD + name.n);
    return true;
}

/* A service that was used: its name goes into the window, if it is not the turn of an earlier or later one. On its own,
 * so that its frame is gone when the next operation begins. */
IAM_SAVES_STACK static int note(struct iam_call *c, const struct iam_service *s)
{
    struct audit *a = state(c);
    const struct iam_entities_request q = {.service_namespace = s->namespace_};
    struct iam_fault unused;
    int64_t total = s->has_total ? s->total_entities : 0;
    if (total < 0)
        return wrong_member(c, IAM_ERR_VALUE, "TotalAuthenticatedEntities");
    if (!a->wanted || (total == 0 && !s->last_authenticated.present))
        return IAM_ITEM;
    if (iam_param_check(&iam_op_entities.params[1], &q, &unused) < 0)
        return wrong_member(c, IAM_ERR_VALUE, "ServiceNamespace");
    for (size_t at = 0; at < a->used; at += HEAD + entry(a, at).n)
        if (iam_span_equal(entry(a, at), s->namespace_))
            return wrong_member(c, IAM_ERR_MEMBER, "ServiceNamespace");
    if (a->names == UINT16_MAX)
        return IAM_ERR_PAGES;
    if (a->names++ >= a->name && !put_entry(c, s->namespace_, total))
        a->full = true;
    return IAM_ITEM;
}

static int seen(struct iam_call *c)
{
    struct audit *a = state(c);
    struct iam_decode *d = &c->query.decode;
    const struct iam_service *s = &d->item.u.service;
    int r = IAM_ITEM;
    if (c->page_items == 1) {
        a->used = a->names = 0;
        a->full = false;
    }
    if (a->again && c->page_items > c->page_delivered)
        return IAM_ERR_CHANGED;
    if (d->item.kind == IAM_ITEM_SERVICE) {
        if (s->namespace_.n > NAMESPACE_MAX)
            return wrong_member(c, IAM_ERR_VALUE, "ServiceNamespace");
        if (!s->late) /* one whose name comes late may be one of them */
            a->wanted = s->namespace_.p == NULL || asked_for(a, s->namespace_);
        if (a->what == IAM_AUDIT_ENTITIES) {
            r = note(c, s);
        } else if (!s->late || s->namespace_.p != NULL) { /* for its actions */
            a->used = 0;
            put_entry(c, s->namespace_, 0);
        }
    }
    if (r < 0 || a->wanted || (a->every && d->item.kind == IAM_ITEM_SERVICE))
        return r;
    d->item_node = 0; /* is not counted */
    return IAM_AGAIN;
}

/* ---- ends ---- */

static int over(struct iam_call *c)
{
    state(c)->phase = OVER;
    c->finished = true;
    return IAM_OK;
}

static int generated(struct iam_call *c)
{
    struct iam_span id = c->query.decode.report.job_id;
    if (id.n != JOB_MAX)
        return wrong(c, IAM_ERR_VALUE, "JobId");
    memcpy(state(c)->job, id.p, JOB_MAX);
    return new_page(c, 0);
}

/* The next name's entities, or the next page of services. */
static int next_name(struct iam_call *c)
{
    struct audit *a = state(c);
    if (a->at < a->used)
        return begin_entities(c);
    if (a->name < a->names)
        return page_again(c);
    if (!a->more)
        return over(c);
    if (a->lost)
        return page_again(c);
    /* as iam_list_follow() has left it, when that page was complete */
    c->pages = a->pages + 1;
    c->mark = a->mark;
    if ((a->pages & (a->pages - 1)) == 0)
        c->mark = iam_mix_text(0, c->marker, a->next_n);
    c->page_first = a->page_first;
    return new_page(c, a->next_n);
}

static int services_over(struct iam_call *c)
{
    struct audit *a = state(c);
    uint8_t level = c->query.decode.report.granularity;
    if (level != 0 && level != (a->what == IAM_AUDIT_ACTIONS ? 2 : 1))
        return wrong(c, IAM_ERR_FOREIGN, "JobType"); /* its actions would be missing in silence */
    int next = iam_list_follow(c);
    if (next < 0)
        return iam_call_fail(c, next);
    if (a->what != IAM_AUDIT_ENTITIES)
        return next == IAM_AGAIN ? new_page(c, c->query.marker_n) : over(c);
    if (a->again && a->more != (next == IAM_AGAIN))
        return wrong(c, IAM_ERR_CHANGED, "IsTruncated");
    a->more = next == IAM_AGAIN;
    a->next_n = c->query.marker_n;
    if (!a->again) {
        a->page_first = c->page_first;
        a->page_delivered = c->page_delivered;
        a->page_digest = c->page_digest;
    }
    a->phase = ENTITIES;
    return next_name(c);
}

static int entities_over(struct iam_call *c)
{
    struct audit *a = state(c);
    uint32_t total = (uint32_t)iam_get_le(window(a) + a->at + 1, 4);
    if (c->delivered - a->before < total)
        return wrong(c, IAM_ERR_CHANGED, "TotalAuthenticatedEntities");
    a->lost = a->lost || c->pages > 0;
    a->at = (uint16_t)(a->at + HEAD + entry(a, a->at).n);
    a->name++;
    return next_name(c);
}

static int plan(struct iam_call *c, int event)
{
    uint8_t phase = state(c)->phase;
    if (event == IAM_ITEM)
        return phase == SERVICES ? seen(c) : event;
    return phase == GENERATE   ? generated(c)
           : phase == SERVICES ? services_over(c)
                               : entities_over(c);
}

/* ---- start ---- */

static int refuse(struct iam_call *c, int error, const char *what)
{
    c->exchange.stage = IAM_STAGE_IDLE;
    c->plan = iam_call_alone;
    return iam_exchange_refuse(&c->exchange, error, what);
}

static uint32_t digest(const struct iam_audit_request *q)
{
    const char what = (char)(q->what | (unsigned)q->every_service << 2);
    uint64_t h = iam_mix_text(0, &what, 1);
    h = iam_mix_text(h, q->arn.p, q->arn.n);
    for (size_t i = 0; i < q->namespace_count; i++)
        h = iam_mix_text(h, q->namespaces[i].p, q->namespaces[i].n);
    return (uint32_t)(h ^ h >> 32);
}

int iam_call_audit(struct iam_call *c, const struct iam_audit_request *q)
{
    struct iam_generate_request generate = {.arn = q->arn};
    struct iam_exchange *e = &c->exchange;
    if (q->what == IAM_AUDIT_ACTIONS)
        generate.granularity = IAM_SPAN("ACTION_LEVEL");
    int r = iam_call_start(c, &iam_op_generate, &generate);
    if (r < 0)
        return r;
    if (q->what > IAM_AUDIT_ACTIONS)
        return refuse(c, IAM_ERR_ARGUMENT, "what");
    if (c->batch == NULL)
        return refuse(c, IAM_ERR_ARGUMENT, "batch");
    if (q->namespace_count > UINT16_MAX)
        return refuse(c, IAM_ERR_ARGUMENT, "namespaces");
    for (size_t i = 0; i < q->namespace_count; i++) {
        const struct iam_entities_request one = {.service_namespace = q->namespaces[i]};
        if (iam_param_check(&iam_op_entities.params[1], &one, &e->fault) < 0)
            return refuse(c, IAM_ERR_ARGUMENT, "ServiceNamespace");
    }
    if (fits(c, 0) < 0)
        return refuse(c, IAM_ERR_SPACE, "batch");
    struct audit *a = state(c);
    memset(a, 0, sizeof *a);
    a->digest = digest(q);
    a->what = (uint8_t)q->what;
    a->every = q->every_service;
    a->namespaces = q->namespaces;
    a->namespace_count = (uint16_t)q->namespace_count;
    c->plan = plan;
    c->list_told = c->end_told = true; /* the reply of a generation is no page */
    return IAM_OK;
}

/* ---- questions ---- */

struct iam_span iam_call_audit_job(const struct iam_call *c)
{
    const struct iam_span none = {NULL, 0};
    return c->plan == plan && state(c)->phase != GENERATE ? job(state(c)) : none;
}

struct iam_span iam_call_audit_namespace(const struct iam_call *c)
{
    const struct iam_item *item = &c->query.decode.item;
    struct iam_span name = {NULL, 0};
    if (c->plan != plan)
        return name;
    struct audit *a = state(c);
    if (a->phase == ENTITIES && a->at < a->used)
        return entry(a, a->at);
    if (item->kind == IAM_ITEM_SERVICE)
        name = item->u.service.namespace_;
    if (name.p == NULL && a->phase == SERVICES && a->what != IAM_AUDIT_ENTITIES && a->used > 0)
        name = entry(a, 0);
    return name;
}

bool iam_call_audit_waits(const struct iam_call *c, uint32_t *ms)
{
    const struct iam_exchange *e = &c->exchange;
    /* a pause for another reason follows an attempt, or it is the pace that holds it back */
    if (c->plan != plan || state(c)->phase != SERVICES || c->polls == 0 ||
        e->stage != IAM_STAGE_PAUSE || e->attempts != 0 || e->place != 0)
        return false;
    *ms = iam_call_idle_ms(c);
    return true;
}

/* ---- checkpoint ---- */

/* The same on every machine, little end first. After the numbers the page of services, then the entities. Of the
 * entities there is a place in phase ENTITIES: the page of services is then the one to fetch once more. */
enum {
    AT_VERSION = 4, /* behind "IAMa" */
    AT_PHASE = 5,
    AT_WHAT = 6,
    AT_FLAGS = 7,
    AT_DIGEST = 8,
    AT_SESSION = 12, /* hash of the access key id */
    AT_CREATION = 16,
    AT_DELIVERED = 20,
    AT_BEFORE = 24,
    AT_POLLS = 28,
    AT_LOOKED = 32,
    AT_NAME = 36,
    AT_MAX_ITEMS = 38,
    AT_JOB = 40,
    AT_SERVICES = AT_JOB + JOB_MAX,
    AT_ENTITIES = AT_SERVICES + PLACE,
    AT_SUM = sizeof(struct iam_audit_checkpoint) - 4
};
enum { COMPLETED = 1, STRUCTURE = 2, MORE = 4 };
_Static_assert(AT_ENTITIES + PLACE <= AT_SUM, "layout");

static uint32_t sum(const uint8_t *b)
{
    return iam_fnv(IAM_FNV, b, AT_SUM);
}

static void put_numbers(const struct iam_call *c, uint8_t *b)
{
    const struct audit *a = state(c);
    uint32_t looked = c->looked, rest;
    if (iam_call_audit_waits(c, &rest)) /* whoever comes back comes when the pause is over */
        iam_add_ms(&looked, rest);
    memcpy(b, "IAMa", 4);
    b[AT_VERSION] = VERSION;
    b[AT_WHAT] = a->what;
    b[AT_FLAGS] = (uint8_t)((c->completed ? COMPLETED : 0) | (c->query.structure ? STRUCTURE : 0) |
                            (a->more ? MORE : 0));
    iam_put_le(b + AT_DIGEST, a->digest, 4);
    iam_put_le(b + AT_SESSION, c->query.session, 4);
    iam_put_le(b + AT_CREATION, c->creation, 4);
    iam_put_le(b + AT_DELIVERED, c->delivered, 4);
    iam_put_le(b + AT_POLLS, c->polls, 4);
    iam_put_le(b + AT_LOOKED, looked, 4);
    iam_put_le(b + AT_NAME, a->name, 2);
    iam_put_le(b + AT_MAX_ITEMS, a->max_items, 2);
    memcpy(b + AT_JOB, a->job, JOB_MAX);
}

int iam_call_audit_checkpoint(const struct iam_call *c, struct iam_audit_checkpoint *to)
{
    uint8_t *b = to->bytes;
    if (c->plan != plan)
        return IAM_ERR_STATE;
    struct audit *a = state(c);
    if (a->again && a->from != NULL) { /* it is not back yet where it was resumed */
        memmove(b, a->from - AT_ENTITIES, sizeof to->bytes);
        return IAM_OK;
    }
    bool named = a->phase == ENTITIES || (a->phase == SERVICES && a->again);
    bool listed =
        a->phase == ENTITIES && a->at < a->used; /* the call stands in a list of entities */
    memset(b, 0, sizeof to->bytes);
    put_numbers(c, b);
    b[AT_PHASE] = named ? ENTITIES : a->phase;
    if (named) {
        const struct place page = {a->mark,           a->page_first, a->page_digest, a->pages,
                                   a->page_delivered, a->marker_n,   (char *)text(a)};
        put_place(b + AT_SERVICES, &page);
        iam_put_le(b + AT_BEFORE, listed ? a->before : c->delivered, 4);
        if (listed)
            put_place_of(c, b + AT_ENTITIES);
    } else if (a->phase == SERVICES) {
        put_place_of(c, b + AT_SERVICES);
    }
    iam_put_le(b + AT_SUM, sum(b), 4);
    return IAM_OK;
}

static bool sound(const struct iam_call *c, const uint8_t *b)
{
    const struct audit *a = state(c);
    return memcmp(b, "IAMa", 4) == 0 && b[AT_VERSION] == VERSION &&
           iam_get_le(b + AT_SUM, 4) == sum(b) && b[AT_PHASE] <= OVER && b[AT_WHAT] == a->what &&
           iam_get_le(b + AT_DIGEST, 4) == a->digest &&
           c->query.structure == ((b[AT_FLAGS] & STRUCTURE) != 0) &&
           iam_get_le(b + AT_SERVICES, 2) <= IAM_MARKER_MAX &&
           iam_get_le(b + AT_ENTITIES, 2) <= IAM_MARKER_MAX;
}

/* The state, and what of the call begin() keeps. */
static void take_numbers(struct iam_call *c, const uint8_t *b)
{
    struct audit *a = state(c);
    memcpy(a->job, b + AT_JOB, JOB_MAX);
    c->job = iam_hash(job(a)); /* generated by this session */
    c->query.session = (uint32_t)iam_get_le(b + AT_SESSION, 4);
    c->creation = (uint32_t)iam_get_le(b + AT_CREATION, 4);
    c->delivered = (uint32_t)iam_get_le(b + AT_DELIVERED, 4);
    c->completed = (b[AT_FLAGS] & COMPLETED) != 0;
    take_place(c, b + AT_SERVICES);
    a->pages = c->pages;
    a->mark = c->mark;
    a->page_first = c->page_first;
    a->page_delivered = c->page_delivered;
    a->page_digest = c->page_digest;
    a->max_items = (uint16_t)iam_get_le(b + AT_MAX_ITEMS, 2);
    a->before = (uint32_t)iam_get_le(b + AT_BEFORE, 4);
    a->name = (uint16_t)iam_get_le(b + AT_NAME, 2);
    a->more = (b[AT_FLAGS] & MORE) != 0;
    a->again = b[AT_PHASE] == ENTITIES;
    if (a->again &&
        (iam_get_le(b + AT_ENTITIES + 2, 4) != 0 || iam_get_le(b + AT_ENTITIES + 6, 4) != 0))
        a->from = b + AT_ENTITIES; /* some of them have been handed out */
}

int iam_call_audit_resume(struct iam_call *c, const struct iam_audit_request *q,
                          const struct iam_audit_checkpoint *from)
{
    const uint8_t *b = from->bytes;
    int r = iam_call_audit(c, q);
    if (r < 0)
        return r;
    struct audit *a = state(c);
    if (!sound(c, b))
        return refuse(c, IAM_ERR_CHECKPOINT, NULL);
    if (b[AT_PHASE] == GENERATE)
        return IAM_OK;
    take_numbers(c, b);
    if (b[AT_PHASE] == OVER) {
        a->phase = OVER;
        c->finished = true;
        c->exchange.stage = IAM_STAGE_DONE;
        return IAM_OK;
    }
    uint16_t marker_n = c->query.marker_n;
    if (a->what == IAM_AUDIT_ENTITIES) {
        if (fits(c, marker_n) < 0)
            return refuse(c, IAM_ERR_SPACE, "batch");
        a->marker_n = marker_n;
        memcpy(text(a), c->marker, marker_n);
    }
    r = begin_services(c, marker_n);
    c->polls = (uint32_t)iam_get_le(b + AT_POLLS, 4);
    c->looked = (uint32_t)iam_get_le(b + AT_LOOKED, 4);
    return r < 0 ? refuse(c, IAM_ERR_CHECKPOINT, NULL) : IAM_OK;
}
