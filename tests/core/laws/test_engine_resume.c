/* Nothing lost, nothing twice: pages that break off, checkpoints at every moment, and pages that are not
 * what they were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rig.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
enum { PAGES = 3, PER_PAGE = 4, ALL = PAGES * PER_PAGE };

/* ---- a report of three pages, which may change ---- */

struct world {
    unsigned polls, per_page;
    bool structured, failed; /* structured: the services' operation */
    unsigned changes_from;   /* request from which the page below is another one */
    int page, item;          /* what changes, and in which member */
    const char *how;         /* "arn" "name" "type" "date" "info" "drop" "insert" "swap" "late" */
    char last_items[16];     /* MaxItems of the last request */
    unsigned cut;            /* bytes of the first reply to each page; 0: whole */
    int cut_end;
    unsigned seen_page[8];
};

static size_t put_entity(char *out, size_t size, const struct world *w, unsigned i, bool changed)
{
    const char *how = changed ? w->how : "";
    return (size_t)snprintf(
        out, size,
        "<member>%s<Arn>arn:%u%s</Arn><Name>n%u%s</Name><Type>%s</Type><Id>%u</Id>%s%s</member>",
        "<EntityInfo>", i, strcmp(how, "arn") == 0 ? "x" : "", i,
        strcmp(how, "name") == 0 ? "x" : "", strcmp(how, "type") == 0 ? "ROLE" : "USER", i,
        "</EntityInfo>",
        strcmp(how, "date") == 0 ? "<LastAuthenticated>2018-10-24T19:47:31Z</LastAuthenticated>"
                                 : "");
}

static size_t put_service(char *out, size_t size, const struct world *w, unsigned i, bool changed)
{
    const char *x = changed ? "x" : "";
    (void)w;
    if (i % 3 == 0) { /* without actions */
        return (size_t)snprintf(out, size, "<member><ServiceName>n%u%s</ServiceName></member>", i,
                                x);
    }
    return (size_t)snprintf(
        out, size,
        "<member><ServiceName>n%u</"
        "ServiceName><TrackedActionsLastAccessed><member><ActionName>a%u%s"
        "</ActionName></member><member/></TrackedActionsLastAccessed>%s</member>",
        i, i, x, i % 3 == 1 ? "<ServiceNamespace>late</ServiceNamespace>" : "");
}

static void serve_world(struct rig *r)
{
    static char body[32768];
    struct world *w = r->context;
    const char *op = w->structured ? "GetServiceLastAccessedDetails"
                                   : "GetServiceLastAccessedDetailsWithEntities";
    const char *marker = rig_field(r, "Marker");
    unsigned page = 0;
    size_t n = 0;
    if (marker[0]) {
        page = (unsigned)atoi(marker + 1) + 1;
        assert_true(marker[0] == 'm' && page < PAGES);
    }
    snprintf(w->last_items, sizeof w->last_items, "%.15s", rig_field(r, "MaxItems"));
#define PUT(...) n += (size_t)snprintf(body + n, sizeof body - n, __VA_ARGS__)
    PUT("<%sResponse><%sResult><JobStatus>%s</JobStatus><%s>", op, op,
        w->polls    ? "IN_PROGRESS"
        : w->failed ? "FAILED"
                    : "COMPLETED",
        w->structured ? "ServicesLastAccessed" : "EntityDetailsList");
    bool other = w->how != NULL && r->requests >= w->changes_from && (int)page == w->page;
    for (unsigned k = 0; k < w->per_page && w->polls == 0 && !w->failed; k++) {
        unsigned i = page * w->per_page + k;
        bool here = other && (int)k == w->item;
        if (here && strcmp(w->how, "drop") == 0)
            continue;
        if (here && strcmp(w->how, "insert") == 0)
            n += put_entity(body + n, sizeof body - n, w, 1000, false);
        if (here && strcmp(w->how, "swap") == 0)
            i++;
        else if (other && (int)k == w->item + 1 && strcmp(w->how, "swap") == 0)
            i--;
        n += (w->structured ? put_service : put_entity)(body + n, sizeof body - n, w, i, here);
    }
    PUT("</%s>", w->structured ? "ServicesLastAccessed" : "EntityDetailsList");
    if (page + 1 < PAGES && w->polls == 0)
        PUT("<IsTruncated>true</IsTruncated><Marker>m%u</Marker>", page);
    PUT("</%sResult></%sResponse>", op, op);
#undef PUT
    w->polls -= w->polls > 0;
    rig_answer(r, "200 OK", RIG_DATE, body);
    if (page < COUNT(w->seen_page) && w->seen_page[page]++ == 0 && w->cut > 0 &&
        w->cut < r->out_n) {
        r->out_n = w->cut;
        r->after = w->cut_end;
    }
}

static void world_init(struct rig *r, struct world *w)
{
    memset(w, 0, sizeof *w);
    w->per_page = PER_PAGE;
    rig_init(r);
    r->context = w;
    r->serve = serve_world;
}

static int start(struct rig *r)
{
    struct world *w = r->context;
    struct iam_services_request q = {.job_id = iam_span_of(RIG_JOB)};
    return w->structured ? iam_call_services(r->call, &q) : iam_call_entities(r->call, &r->request);
}

/* ---- what has been handed out, as text ---- */

struct list {
    char text[16384];
    size_t n;
    unsigned items;
};

static void note(struct list *l, const struct iam_item *item)
{
    const struct iam_span *s = item->kind == IAM_ITEM_ENTITY    ? &item->u.entity.name
                               : item->kind == IAM_ITEM_SERVICE ? &item->u.service.name
                                                                : &item->u.action.name;
    if (item->kind == IAM_ITEM_LIST || item->kind == IAM_ITEM_PAGE_END)
        return; /* a page's, told anew after a resume */
    bool text = item->kind < IAM_ITEM_LIST;
    int n = snprintf(l->text + l->n, sizeof l->text - l->n, "%d:%.*s%s%.*s;", (int)item->kind,
                     text && s->p ? (int)s->n : 0, text && s->p ? s->p : "",
                     item->kind == IAM_ITEM_SERVICE && item->u.service.late ? "+" : "",
                     item->kind == IAM_ITEM_SERVICE && item->u.service.namespace_.p
                         ? (int)item->u.service.namespace_.n
                         : 0,
                     item->kind == IAM_ITEM_SERVICE && item->u.service.namespace_.p
                         ? item->u.service.namespace_.p
                         : "");
    l->n += (size_t)n;
    l->items += text;
}

static int drain(struct rig *r, struct list *l)
{
    int result;
    while ((result = rig_next(r)) == IAM_ITEM)
        note(l, &r->call->query.decode.item);
    return result;
}

static void whole(struct list *l, bool structured, bool structure)
{
    struct rig r;
    struct world w;
    world_init(&r, &w);
    w.structured = structured;
    r.cfg.structure = structure;
    memset(l, 0, sizeof *l);
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(start(&r), IAM_OK);
    assert_int_equal(drain(&r, l), IAM_OK);
    assert_true(l->items >= ALL);
    rig_end(&r);
}

static void same(const struct list *want, const struct list *got, const char *where, unsigned k)
{
    if (strcmp(want->text, got->text) != 0)
        fail_msg("%s %u:\nwanted %s\ngot    %s", where, k, want->text, got->text);
}

/* Another client: other buffers, other chunks, another clock. */
static void other_client(struct rig *r, struct world *w, unsigned k)
{
    world_init(r, w);
    r->cfg.tx_size = 1 + k * 37 % 900;
    r->cfg.rx_size = 1 + k * 13 % 200;
    r->cfg.item_size = 200 + k % 50;
    r->chunk = 1 + k * 7 % 90;
    r->mono = k * 0x10000001u;
    r->unix_ms = RIG_NOW + k * 1000;
}

/* ---- exactly once ---- */

/* Every page breaks off once, at every byte; on a kept connection and on new ones. */
static void cut_everywhere(void **state)
{
    static const int ends[] = {IAM_EOF, IAM_ERR_RESET, IAM_ERR_TRUNCATED, IAM_ERR_IO, IAM_ERR_TLS};
    (void)state;
    for (int structured = 0; structured < 2; structured++) {
        struct list want;
        whole(&want, structured, structured);
        for (unsigned cut = 1; cut < 1400; cut++) {
            struct rig r;
            struct world w;
            struct list got = {.n = 0};
            other_client(&r, &w, cut);
            w.structured = structured;
            r.cfg.structure = structured;
            w.cut = cut;
            w.cut_end = ends[cut % COUNT(ends)];
            assert_int_equal(rig_begin(&r), IAM_OK);
            assert_int_equal(start(&r), IAM_OK);
            assert_int_equal(drain(&r, &got), IAM_OK);
            same(&want, &got, "cut at", cut);
            rig_end(&r);
        }
    }
}

/* One attempt: what was handed out is a prefix, and the fault counts it. */
static void cut_for_good(void **state)
{
    struct list want;
    (void)state;
    whole(&want, false, false);
    for (unsigned cut = 1; cut < 1400; cut += 3) {
        struct rig r;
        struct world w;
        struct list got = {.n = 0};
        other_client(&r, &w, cut);
        w.cut = cut;
        w.cut_end = IAM_ERR_RESET;
        r.cfg.max_attempts = 1;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(start(&r), IAM_OK);
        int result = drain(&r, &got);
        assert_int_equal(r.call->exchange.fault.delivered, result < 0 ? got.items : 0);
        assert_memory_equal(want.text, got.text, got.n);
        assert_true(result == IAM_OK ? got.n == want.n : result == IAM_ERR_RESET);
        rig_end(&r);
    }
}

/* ---- checkpoints ---- */

static void secret_free(const void *p, size_t n)
{
    static const char *const secrets[] = {RIG_KEY, RIG_TOKEN, "AKIDEXAMPLE", "AWS4"};
    for (size_t i = 0; i < COUNT(secrets); i++) {
        size_t m = strlen(secrets[i]);
        for (size_t at = 0; at + m <= n; at++)
            assert_true(memcmp((const char *)p + at, secrets[i], m) != 0);
    }
}

/* One client goes `moves` turns, another finishes. */
static bool handed_over(unsigned moves, bool structured, bool structure, const struct list *want)
{
    struct rig a, b;
    struct world wa, wb;
    struct list got = {.n = 0};
    struct iam_checkpoint *at = malloc(sizeof *at);
    int result = IAM_AGAIN;
    world_init(&a, &wa);
    wa.structured = structured;
    wa.polls = 1;
    a.cfg.structure = structure;
    a.chunk = 61;
    assert_non_null(at);
    assert_int_equal(rig_begin(&a), IAM_OK);
    assert_int_equal(iam_call_checkpoint(a.call, at), IAM_ERR_STATE);
    assert_int_equal(start(&a), IAM_OK);
    for (unsigned i = 0; i < moves && result != IAM_OK; i++) {
        iam_call_time(a.call, a.mono, a.unix_ms);
        result = iam_call_next(a.call);
        assert_true(result >= 0);
        if (result == IAM_ITEM)
            note(&got, &a.call->query.decode.item);
        else if (result == IAM_AGAIN)
            rig_serve(&a);
    }
    assert_int_equal(iam_call_checkpoint(a.call, at), IAM_OK);
    secret_free(at, sizeof *at);
    rig_end(&a); /* and nothing of it is needed any more */
    other_client(&b, &wb, moves);
    wb.structured = structured;
    b.cfg.structure = structure;
    assert_int_equal(rig_begin(&b), IAM_OK);
    assert_int_equal(iam_call_resume(b.call, at), IAM_OK);
    assert_int_equal(drain(&b, &got), IAM_OK);
    if (result == IAM_OK)
        assert_int_equal(b.requests, 0); /* it was finished */
    same(want, &got, "handed over after", moves);
    rig_end(&b);
    free(at);
    return result == IAM_OK;
}

static void any_moment(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        struct list want;
        whole(&want, kind > 0, kind > 1);
        for (unsigned moves = 0; !handed_over(moves, kind > 0, kind > 1, &want); moves++)
            assert_true(moves < 1000);
    }
}

/* From client to client at every item; the checkpoint may be the one that was resumed from. */
static void relay(void **state)
{
    (void)state;
    for (int kind = 0; kind < 6; kind++) {
        struct list want, got = {.n = 0};
        struct iam_checkpoint at[2];
        int result = IAM_ITEM;
        whole(&want, kind % 3 > 0, kind % 3 > 1);
        for (unsigned k = 0; result == IAM_ITEM; k++) {
            struct rig r;
            struct world w;
            other_client(&r, &w, k);
            w.structured = kind % 3 > 0;
            r.cfg.structure = kind % 3 > 1;
            r.cfg.max_pages = PAGES;
            assert_int_equal(rig_begin(&r), IAM_OK);
            assert_int_equal(
                k == 0 ? start(&r) : iam_call_resume(r.call, &at[kind < 3 ? k & 1 : 0]), IAM_OK);
            do {
                result = rig_next(&r);
                if (result == IAM_ITEM)
                    note(&got, &r.call->query.decode.item);
                /* what a page tells anew cannot be stepped over one client at a time */
            } while (result == IAM_ITEM && (r.call->query.decode.item.kind == IAM_ITEM_LIST ||
                                            r.call->query.decode.item.kind == IAM_ITEM_PAGE_END));
            assert_true(result >= 0);
            assert_int_equal(iam_call_checkpoint(r.call, &at[kind < 3 ? ~k & 1 : 0]), IAM_OK);
            rig_end(&r);
            assert_true(k < 200);
        }
        assert_int_equal(result, IAM_OK);
        same(&want, &got, "relay", (unsigned)kind);
    }
}

/* Resuming again and again at the end of a page does not use up the pages that are allowed. */
static void counted_once(void **state)
{
    struct iam_checkpoint at;
    struct rig r;
    struct world w;
    (void)state;
    world_init(&r, &w);
    r.cfg.structure = true;
    r.cfg.max_pages = PAGES;
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(start(&r), IAM_OK);
    while (rig_next(&r) == IAM_ITEM && r.call->query.decode.item.kind != IAM_ITEM_PAGE_END) {
    }
    assert_int_equal(iam_call_checkpoint(r.call, &at), IAM_OK);
    rig_end(&r);
    for (unsigned k = 0; k < 20; k++) {
        struct list got = {.n = 0};
        world_init(&r, &w);
        r.cfg.structure = true;
        r.cfg.max_pages = PAGES;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(iam_call_resume(r.call, &at), IAM_OK);
        if (k == 19) {
            assert_int_equal(drain(&r, &got), IAM_OK);
            assert_int_equal(got.items, ALL - PER_PAGE);
        } else {
            while (rig_next(&r) == IAM_ITEM &&
                   r.call->query.decode.item.kind != IAM_ITEM_PAGE_END) {
            }
            struct iam_checkpoint next;
            assert_int_equal(iam_call_checkpoint(r.call, &next), IAM_OK);
            assert_memory_equal(&next, &at, sizeof at);
        }
        rig_end(&r);
    }
}

static void make(struct iam_checkpoint *at, unsigned items, void (*change)(struct rig *))
{
    struct rig r;
    struct world w;
    world_init(&r, &w);
    if (change)
        change(&r);
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(start(&r), IAM_OK);
    for (unsigned i = 0; i < items; i++)
        assert_int_equal(rig_next(&r), IAM_ITEM);
    assert_int_equal(iam_call_checkpoint(r.call, at), IAM_OK);
    rig_end(&r);
}

static void damaged(void **state)
{
    struct iam_checkpoint good, bad;
    struct rig r;
    struct world w;
    (void)state;
    make(&good, 6, NULL);
    world_init(&r, &w);
    assert_int_equal(rig_begin(&r), IAM_OK);
    for (size_t i = 0; i < sizeof good; i++) {
        for (unsigned flip = 1; flip < 256; flip++) {
            bad = good;
            bad.bytes[i] ^= (uint8_t)flip;
            if (iam_call_resume(r.call, &bad) != IAM_ERR_CHECKPOINT)
                fail_msg("byte %zu, bits %02x: taken", i, flip);
        }
    }
    uint32_t x = 1;
    for (int i = 0; i < 20000;
         i++) { /* torn: the beginning of one, the rest of another or of nothing */
        bad = good;
        x = x * 1664525u + 1013904223u;
        size_t from = (x >> 8) % sizeof bad;
        memset(bad.bytes + from, i & 1 ? 0xFF : 0, sizeof bad - from);
        if (memcmp(&bad, &good, sizeof bad) != 0)
            assert_int_equal(iam_call_resume(r.call, &bad), IAM_ERR_CHECKPOINT);
    }
    memset(&bad, 0, sizeof bad);
    assert_int_equal(iam_call_resume(r.call, &bad), IAM_ERR_CHECKPOINT);
    assert_int_equal(r.call->exchange.fault.error, IAM_ERR_CHECKPOINT);
    assert_int_equal(r.call->exchange.fault.layer, IAM_LAYER_CALLER);
    assert_int_equal(iam_call_wants(r.call), 0);
    /* and the client is as good as before */
    struct list want, got = {.n = 0};
    whole(&want, false, false);
    assert_int_equal(start(&r), IAM_OK);
    assert_int_equal(drain(&r, &got), IAM_OK);
    same(&want, &got, "after refusals", 0);
    rig_end(&r);
}

/* The same bytes with a right sum but values that no client writes. */
static void forged(void **state)
{
    static const struct {
        int at;
        uint8_t value;
    } rows[] = {{4, 3},  {5, 0},   {5, 3},    {5, 200},  {5, 255}, {6, 3},
                {9, 2},  {10, 41}, {11, 1},   {56, 35},  {56, 37}, {56, 255},
                {93, 0}, {93, 65}, {93, 255}, {94, ' '}, {98, 4}};
    struct iam_checkpoint good;
    (void)state;
    make(&good, 6, NULL);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rig r;
        struct world w;
        struct iam_checkpoint bad = good;
        uint32_t h = 2166136261u;
        bad.bytes[rows[i].at] = rows[i].value;
        for (int k = 0; k < 484; k++)
            h = (h ^ bad.bytes[k]) * 16777619u;
        for (int k = 0; k < 4; k++)
            bad.bytes[484 + k] = (uint8_t)(h >> 8 * k);
        world_init(&r, &w);
        assert_int_equal(rig_begin(&r), IAM_OK);
        if (iam_call_resume(r.call, &bad) != IAM_ERR_CHECKPOINT)
            fail_msg("byte %d of %d was taken", rows[i].at, rows[i].value);
        assert_int_equal(r.call->exchange.fault.error, IAM_ERR_CHECKPOINT);
        assert_int_equal(iam_call_wants(r.call), 0);
        assert_int_equal(iam_call_next(r.call), IAM_ERR_STATE);
        rig_end(&r);
    }
}

/* Of a list whose request is given: damage is said before anything begins, and so is another request. */
static void given_request(void **state)
{
    static const struct iam_span names[] = {IAM_LITERAL("s3"), IAM_LITERAL("ram")};
    struct iam_checkpoint good, bad;
    struct iam_entities_request request;
    struct rig r;
    struct world w;
    (void)state;
    make(&good, 6, NULL);
    world_init(&r, &w);
    assert_int_equal(rig_begin(&r), IAM_OK);
    request = r.request;
    bad = good;
    bad.bytes[20] ^= 1;
    assert_int_equal(iam_call_resume_list(r.call, &iam_op_entities, &request, &bad),
                     IAM_ERR_CHECKPOINT);
    assert_int_equal(iam_call_resume_list(r.call, &iam_op_services, &request, &good),
                     IAM_ERR_CHECKPOINT);
    for (size_t i = 0; i < COUNT(names); i++) {
        request.service_namespace = names[i];
        assert_int_equal(iam_call_resume_list(r.call, &iam_op_entities, &request, &good),
                         IAM_ERR_CHECKPOINT);
        assert_int_equal(iam_call_next(r.call), IAM_ERR_STATE);
    }
    assert_int_equal(iam_call_resume_list(r.call, &iam_op_entities, &r.request, &good), IAM_OK);
    r.number = 6;
    assert_int_equal(rig_run(&r), IAM_OK);
    assert_int_equal(r.number, ALL);
    rig_end(&r);
}

static void with_markers(struct rig *r)
{
    r->request.max_items = 1000;
    r->request.scope = IAM_SCOPE_PAGE_WAIT;
    r->request.service_namespace =
        iam_span_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
}

/* Everything that was asked for is asked for again. */
static void kept_parameters(void **state)
{
    struct iam_checkpoint at;
    struct rig r;
    struct world w;
    struct list got = {.n = 0};
    (void)state;
    make(&at, 2, with_markers);
    world_init(&r, &w);
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(iam_call_resume(r.call, &at), IAM_OK);
    assert_int_equal(drain(&r, &got), IAM_OK);
    assert_int_equal(got.items, PER_PAGE - 2); /* one page was wanted */
    assert_string_equal(w.last_items, "1000");
    assert_string_equal(rig_field(&r, "ServiceNamespace"),
                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    assert_string_equal(rig_field(&r, "JobId"), RIG_JOB);
    rig_end(&r);
}

static void serve_any(struct rig *r)
{
    char *copy = r->context;
    if (r->requests == 2)
        snprintf(copy, 2048, "%s", rig_field(r, "Marker"));
    rig_page(r, r->requests == 1 ? 0 : 1, 1, "COMPLETED", NULL);
}

static void any_marker(void **state)
{
    char marker[641], sent[2048], again[2048];
    size_t n = 0;
    (void)state;
    for (unsigned c = 0; c < 320; c++) { /* every legal character, and the longest */
        unsigned u = 0x20 + c * 7 % 0xE0;
        if (u >= 0x80)
            marker[n++] = (char)(0xC0 | u >> 6);
        marker[n++] = (char)(u >= 0x80 ? 0x80 | (u & 63) : u);
    }
    marker[n] = 0;
    struct rig r;
    struct iam_checkpoint at;
    rig_init(&r);
    r.serve = serve_any;
    r.context = sent;
    r.requests = 1;
    r.number = 1;
    r.request.marker = (struct iam_span){marker, n};
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
    assert_int_equal(iam_call_checkpoint(r.call, &at), IAM_OK);
    assert_int_equal(rig_run(&r), IAM_OK);
    rig_end(&r);
    rig_init(&r);
    r.serve = serve_any;
    r.context = again;
    r.requests = 1;
    r.number = 1;
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(iam_call_resume(r.call, &at), IAM_OK);
    assert_int_equal(rig_run(&r), IAM_OK);
    rig_end(&r);
    assert_true(strlen(sent) > 600);
    assert_string_equal(sent, again);
}

/* A JobId of 36 characters in any number of bytes is none that a service made: there is room for it, or it is refused. */
static void strange_job(void **state)
{
    static const char *const characters[] = {"a", "\303\251", "\342\202\254", "\360\237\230\200"};
    (void)state;
    for (size_t n = 36; n <= 4 * 36; n++) {
        char id[4 * 36 + 1] = "";
        struct iam_checkpoint at;
        struct rig r;
        struct world w;
        for (size_t i = 0; i < 36; i++)
            strcat(id, characters[(n - strlen(id)) / (36 - i) - 1]);
        assert_int_equal(strlen(id), n);
        for (size_t word = 1; word <= 64; word += 63) {
            world_init(&r, &w);
            assert_int_equal(rig_begin(&r), IAM_OK);
            r.request.job_id = iam_span_of(id);
            r.request.service_namespace = (struct iam_span){
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", word};
            assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
            int kept = iam_call_checkpoint(r.call, &at);
            assert_int_equal(kept, n + word <= 104 ? IAM_OK : IAM_ERR_STATE);
            if (kept == IAM_OK)
                assert_int_equal(iam_call_resume(r.call, &at), IAM_OK);
            rig_end(&r);
        }
    }
}

/* Where a checkpoint has no meaning, or the client cannot take it. */
static void no_place(void **state)
{
    struct iam_checkpoint at;
    struct iam_generate_request g = {.arn = iam_span_of("arn:aws:iam::123456789012:user/alice")};
    struct rig r;
    struct world w;
    (void)state;
    world_init(&r, &w);
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(iam_call_checkpoint(r.call, &at), IAM_ERR_STATE);
    assert_int_equal(iam_call_generate(r.call, &g), IAM_OK);
    assert_int_equal(iam_call_checkpoint(r.call, &at), IAM_ERR_STATE);
    rig_end(&r);
    make(&at, 3, NULL);
    world_init(&r, &w);
    r.cfg.rx_size = 0;
    assert_int_equal(rig_begin(&r), IAM_ERR_ARGUMENT);
    assert_int_equal(iam_call_resume(r.call, &at), IAM_ERR_STATE);
    rig_end(&r);
}

static void structured(struct rig *r)
{
    ((struct world *)r->context)->structured = true;
    r->cfg.structure = true;
}

/* A place inside of services counts their structure, too. */
static void other_structure(void **state)
{
    struct iam_checkpoint at;
    struct rig r;
    struct world w;
    (void)state;
    make(&at, 4, structured);
    world_init(&r, &w);
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(iam_call_resume(r.call, &at), IAM_ERR_CHECKPOINT);
    rig_end(&r);
}

/* A job that was done stays done; one that was not is waited for. */
static void status_after(void **state)
{
    (void)state;
    for (unsigned items = 0; items < 6; items += 5) {
        struct iam_checkpoint at;
        struct rig r;
        struct world w;
        struct list got = {.n = 0};
        make(&at, items, NULL);
        world_init(&r, &w);
        w.polls = 2;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(iam_call_resume(r.call, &at), IAM_OK);
        assert_int_equal(drain(&r, &got), items ? IAM_ERR_JOB_STATUS : IAM_OK);
        assert_int_equal(got.items, items ? 0 : ALL);
        rig_end(&r);
        world_init(&r, &w); /* or has failed in between */
        w.failed = true;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(iam_call_resume(r.call, &at), IAM_OK);
        assert_int_equal(drain(&r, &got), items ? IAM_ERR_JOB_STATUS : IAM_ERR_JOB_FAILED);
        rig_end(&r);
    }
}

/* The struct is plain memory: it may move between any two turns. */
static void moves(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        struct list want, got = {.n = 0};
        struct rig r;
        struct world w;
        int result = IAM_AGAIN;
        whole(&want, kind > 0, kind > 1);
        world_init(&r, &w);
        w.structured = kind > 0;
        w.polls = 1;
        w.cut = 900;
        w.cut_end = IAM_ERR_RESET;
        r.cfg.structure = kind > 1;
        r.chunk = 100;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(start(&r), IAM_OK);
        for (int turns = 0; result == IAM_AGAIN || result == IAM_ITEM; turns++) {
            struct guard other = guard_copy(r.call, sizeof *r.call);
            memset(r.call, 0xEE, sizeof *r.call);
            guard_free(&r.memory);
            r.memory = other;
            r.call = (struct iam_call *)(void *)other.p;
            iam_call_time(r.call, r.mono, r.unix_ms);
            result = iam_call_next(r.call);
            if (result == IAM_ITEM)
                note(&got, &r.call->query.decode.item);
            else if (result == IAM_AGAIN)
                rig_serve(&r);
            assert_true(turns < 100000);
        }
        assert_int_equal(result, IAM_OK);
        same(&want, &got, "moving", (unsigned)kind);
        rig_end(&r);
    }
}

/* ---- changed pages ---- */

static const char *const hows[] = {"arn", "name", "type", "date", "drop", "insert", "swap"};

/* Does the change lie in what had been handed out (of this page)? */
static bool touches(const char *how, int item, int delivered)
{
    if (strcmp(how, "swap") == 0 &&
        item + 1 >= PER_PAGE) /* the last one becomes the next page's first */
        return item < delivered;
    return item < delivered;
}

static void changed_after_checkpoint(void **state)
{
    (void)state;
    for (unsigned items = 1; items <= ALL; items++) {
        for (size_t h = 0; h < COUNT(hows); h++) {
            for (int item = 0; item < PER_PAGE; item++) {
                struct iam_checkpoint at;
                struct rig r;
                struct world w;
                struct list got = {.n = 0};
                make(&at, items, NULL);
                int page = (int)(items - 1) / PER_PAGE, delivered = (int)(items - 1) % PER_PAGE + 1;
                other_client(&r, &w, items);
                w.changes_from = 1;
                w.page = page;
                w.item = item;
                w.how = hows[h];
                assert_int_equal(rig_begin(&r), IAM_OK);
                assert_int_equal(iam_call_resume(r.call, &at), IAM_OK);
                int result = drain(&r, &got);
                if (result != (touches(hows[h], item, delivered) ? IAM_ERR_CHANGED : IAM_OK)) {
                    fail_msg("%s of item %d, page %d, after %d: %d", hows[h], item, page, delivered,
                             result);
                }
                if (result == IAM_ERR_CHANGED) {
                    assert_int_equal(got.items, 0); /* nothing of the other page */
                    assert_int_equal(r.call->exchange.fault.delivered, items);
                    assert_int_equal(r.requests, 1); /* and no second look */
                }
                rig_end(&r);
            }
        }
    }
}

/* The same within one run: the page broke off after some items, and comes back different. */
static void changed_after_cut(void **state)
{
    unsigned refused = 0, survived = 0;
    (void)state;
    for (unsigned cut = 100; cut < 1300; cut += 11) {
        for (size_t h = 0; h < COUNT(hows); h++) {
            for (int item = 0; item < PER_PAGE; item++) {
                struct rig r;
                struct world w;
                struct list got = {.n = 0};
                other_client(&r, &w, cut);
                w.cut = cut;
                w.cut_end = IAM_ERR_RESET;
                w.changes_from = 2;
                w.page = 0;
                w.item = item;
                w.how = hows[h];
                assert_int_equal(rig_begin(&r), IAM_OK);
                assert_int_equal(start(&r), IAM_OK);
                int result;
                unsigned before = 0;
                while ((result = rig_next(&r)) == IAM_ITEM) {
                    note(&got, &r.call->query.decode.item);
                    before += r.requests < 2;
                }
                bool was_cut = r.requests > PAGES || result != IAM_OK;
                if (!was_cut) {
                    rig_end(&r);
                    continue;
                }
                assert_int_equal(result,
                                 touches(hows[h], item, (int)before) ? IAM_ERR_CHANGED : IAM_OK);
                if (result == IAM_ERR_CHANGED) {
                    assert_int_equal(got.items, before);
                    assert_int_equal(r.call->exchange.fault.delivered, before);
                }
                refused += result != IAM_OK;
                survived += result == IAM_OK;
                rig_end(&r);
            }
        }
    }
    assert_true(refused > 300 && survived > 300);
}

/* A page that has become shorter than what was handed out of it. */
static void shorter(void **state)
{
    (void)state;
    for (unsigned left = 0; left < PER_PAGE; left++) {
        struct iam_checkpoint at;
        struct rig r;
        struct world w;
        struct list got = {.n = 0};
        make(&at, PER_PAGE, NULL);
        world_init(&r, &w);
        w.per_page = left;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(iam_call_resume(r.call, &at), IAM_OK);
        assert_int_equal(drain(&r, &got), IAM_ERR_CHANGED);
        assert_int_equal(got.items, 0);
        assert_int_equal(r.call->exchange.fault.delivered, PER_PAGE);
        rig_end(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_everywhere),
        cmocka_unit_test(cut_for_good),
        cmocka_unit_test(any_moment),
        cmocka_unit_test(relay),
        cmocka_unit_test(counted_once),
        cmocka_unit_test(damaged),
        cmocka_unit_test(forged),
        cmocka_unit_test(given_request),
        cmocka_unit_test(kept_parameters),
        cmocka_unit_test(any_marker),
        cmocka_unit_test(strange_job),
        cmocka_unit_test(no_place),
        cmocka_unit_test(other_structure),
        cmocka_unit_test(moves),
        cmocka_unit_test(status_after),
        cmocka_unit_test(changed_after_checkpoint),
        cmocka_unit_test(changed_after_cut),
        cmocka_unit_test(shorter),
    };
    return cmocka_run_group_tests_name("engine_resume", tests, NULL, NULL);
}
