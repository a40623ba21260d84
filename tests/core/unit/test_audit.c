/* An audit: its order, its requests, what it refuses to believe, places to go on from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tinyiam/pace.h>

#include "audit_world.h"
#include "frozen.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void orders(void **state)
{
    static const unsigned pages[] = {1, 3, 7, 64};
    (void)state;
    for (enum iam_audit_what what = IAM_AUDIT_SERVICES; what <= IAM_AUDIT_ACTIONS; what++) {
        for (size_t i = 0; i < COUNT(pages); i++) {
            for (unsigned entities = 0; entities < 4; entities += 2) {
                struct audit_world w;
                struct audit_run u;
                audit_world_init(&w, 23);
                w.service_page = pages[i];
                w.entity_page = entities;
                w.looks = 2;
                audit_set_up(&u, &w, what, 8192);
                assert_int_equal(audit_whole(&u), IAM_OK);
                char *want = audit_expected(&w, what, pages[i]);
                audit_same(u.text, want);
                free(want);
                assert_int_equal(w.generates, 1);
                audit_tear_down(&u);
            }
        }
    }
}

/* ---- requests ---- */

/* What is asked: the page follows from the batch; entities a thousand at a time; actions only where they are wanted. */
static char sent[64][2048];
static unsigned sent_n;

static void note_request(struct rig *r, struct audit_world *w, char *body, size_t size)
{
    (void)w, (void)body, (void)size;
    const char *form = strstr(r->in, "\r\n\r\n");
    snprintf(sent[sent_n++ % 64], sizeof sent[0], "%s", form != NULL ? form + 4 : "");
}

#define SENT_SERVICES "Action=GetServiceLastAccessedDetails&Version=2010-05-08&JobId=" RIG_JOB
static void requests(void **state)
{
    static const struct {
        enum iam_audit_what what;
        size_t batch;
        const char *sent[7];
    } rows[] = {
        {IAM_AUDIT_SERVICES,
         512,
         {"Action=GenerateServiceLastAccessedDetails&Version=2010-05-08"
          "&Arn=arn%3Aaws%3Aiam%3A%3A123456789012%3Apolicy%2Fdeploy",
          SENT_SERVICES "&MaxItems=1000"}},
        {IAM_AUDIT_ACTIONS,
         512,
         {"Action=GenerateServiceLastAccessedDetails&Version=2010-05-08"
          "&Arn=arn%3Aaws%3Aiam%3A%3A123456789012%3Apolicy%2Fdeploy&Granularity=ACTION_LEVEL",
          SENT_SERVICES "&MaxItems=1000"}},
        {IAM_AUDIT_ENTITIES,
         512,
         {"Action=GenerateServiceLastAccessedDetails&Version=2010-05-08"
          "&Arn=arn%3Aaws%3Aiam%3A%3A123456789012%3Apolicy%2Fdeploy",
          SENT_SERVICES "&MaxItems=12",
          "Action=GetServiceLastAccessedDetailsWithEntities&Version=2010-05-08&JobId=" RIG_JOB
          "&ServiceNamespace=service0&MaxItems=1000",
          "Action=GetServiceLastAccessedDetailsWithEntities&Version=2010-05-08&JobId=" RIG_JOB
          "&ServiceNamespace=service1&MaxItems=1000"}},
        {IAM_AUDIT_ENTITIES, 70000, {NULL, SENT_SERVICES "&MaxItems=1000"}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct audit_world w;
        struct audit_run u;
        audit_world_init(&w, 3);
        w.lie = note_request;
        sent_n = 0;
        audit_set_up(&u, &w, rows[i].what, rows[i].batch);
        assert_int_equal(audit_whole(&u), IAM_OK);
        for (unsigned k = 0; k < COUNT(rows[i].sent); k++)
            if (rows[i].sent[k] != NULL)
                assert_string_equal(sent[k], rows[i].sent[k]);
        assert_int_equal(sent_n, rows[i].what == IAM_AUDIT_ENTITIES ? 4 : 2);
        assert_int_equal(u.rig.connects, 1);
        audit_tear_down(&u);
    }
}

/* One request a list, and one more for a page whose names did not all fit, or whose next Marker made room for one of
 * the entities. */
static void fetched_again(void **state)
{
    static const struct {
        size_t batch;
        unsigned name_n, entity_page, pages;
    } rows[] = {{8192, 0, 0, 2}, {8192, 0, 1, 3}, {512, 64, 0, 4}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct audit_world w;
        struct audit_run u;
        audit_world_init(&w, 20);
        for (unsigned k = 0; k < w.count; k++) {
            struct audit_service *s = &w.services[k];
            s->entities = 2;
            s->total = 2;
            for (size_t n = strlen(s->name); n < rows[i].name_n; n++)
                memcpy(s->name + n, "x", 2);
        }
        w.service_page = 10;
        w.entity_page = rows[i].entity_page;
        audit_set_up(&u, &w, IAM_AUDIT_ENTITIES, rows[i].batch);
        assert_int_equal(audit_whole(&u), IAM_OK);
        char *want = audit_expected(&w, IAM_AUDIT_ENTITIES, 10);
        audit_same(u.text, want);
        free(want);
        assert_int_equal(w.lists, 20);
        assert_int_equal(w.pages, rows[i].pages);
        audit_tear_down(&u);
    }
}

/* ---- which services ---- */

static void only(void **state)
{
    static const struct iam_span names[] = {IAM_LITERAL("service7"), IAM_LITERAL("service2"),
                                            IAM_LITERAL("s3"), IAM_LITERAL("service1")};
    (void)state;
    for (int what = 0; what <= IAM_AUDIT_ACTIONS; what++) {
        for (int structure = 0; structure < 2; structure++) {
            struct audit_world w;
            struct audit_run u;
            audit_world_init(&w, 11);
            w.service_page = 3;
            audit_set_up(&u, &w, (enum iam_audit_what)what, 1024);
            u.rig.cfg.structure = structure;
            u.request.namespaces = names;
            u.request.namespace_count = COUNT(names);
            assert_int_equal(audit_whole(&u), IAM_OK);
            if (!structure) {
                static const char *const want[] = {
                    "service service1 S 1\nservice service2 S 2\nservice service7 S 7\n",
                    ("service service1 S 1\nservice service2 S 2\nentity service1 service1-n0\n"
                     "entity service1 service1-n1\nservice service7 S 7\n"
                     "entity service7 service7-n0\nentity service7 service7-n1\n"
                     "entity service7 service7-n2\n"),
                    ("service service1 S 1\naction service1 Act0\nservice service2 S 2\n"
                     "action service2 Act0\naction service2 Act1\nservice service7 S 7\n"
                     "action service7 Act0\naction service7 Act1\naction service7 Act2\n")};
                audit_same(u.text, want[what]);
                assert_int_equal(u.rig.call->delivered, what == 0                    ? 3
                                                        : what == IAM_AUDIT_ENTITIES ? 8
                                                                                     : 9);
            } else {
                assert_null(strstr(u.text, "service0"));
                assert_non_null(strstr(u.text, "service7"));
            }
            audit_tear_down(&u);
        }
    }
}

/* The others' names as well, and no more of them. */
static void every(void **state)
{
    static const struct iam_span names[] = {IAM_LITERAL("service1")};
    static const char *const want[] = {
        "service service0 S 0\nservice service1 S 1\nservice service2 S 2\n",
        ("service service0 S 0\nservice service1 S 1\nservice service2 S 2\n"
         "entity service1 service1-n0\nentity service1 service1-n1\n"),
        ("service service0 S 0\nservice service1 S 1\naction service1 Act0\n"
         "service service2 S 2\n")};
    (void)state;
    for (int what = 0; what <= IAM_AUDIT_ACTIONS; what++) {
        struct iam_audit_checkpoint at;
        struct audit_world w;
        struct audit_run u;
        audit_world_init(&w, 3);
        audit_set_up(&u, &w, (enum iam_audit_what)what, 512);
        u.request.namespaces = names;
        u.request.namespace_count = 1;
        u.request.every_service = true;
        assert_int_equal(audit_whole(&u), IAM_OK);
        audit_same(u.text, want[what]);
        assert_int_equal(iam_call_audit_checkpoint(u.rig.call, &at), IAM_OK);
        u.request.every_service = false; /* is part of the request */
        assert_int_equal(iam_call_audit_resume(u.rig.call, &u.request, &at), IAM_ERR_CHECKPOINT);
        audit_tear_down(&u);
    }
}

/* ---- what cannot begin ---- */

static void refused(void **state)
{
    static const struct iam_span bad[] = {IAM_LITERAL("s3"), IAM_LITERAL("a b")};
    static const struct {
        const char *arn;
        unsigned what;
        size_t batch, names;
        int error;
        const char *says;
    } rows[] = {{"arn", 0, 512, 0, IAM_ERR_ARGUMENT, "Arn"},
                {AUDIT_ARN, 3, 512, 0, IAM_ERR_ARGUMENT, "what"},
                {AUDIT_ARN, 0, 0, 0, IAM_ERR_ARGUMENT, "batch"},
                {AUDIT_ARN, 0, 20, 0, IAM_ERR_SPACE, "batch"},
                {AUDIT_ARN, 1, 512, 2, IAM_ERR_ARGUMENT, "ServiceNamespace"},
                {AUDIT_ARN, 1, 512, 70000, IAM_ERR_ARGUMENT, "namespaces"}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct iam_audit_checkpoint at;
        struct audit_world w;
        struct audit_run u;
        uint32_t ms;
        audit_world_init(&w, 3);
        audit_set_up(&u, &w, IAM_AUDIT_SERVICES, 512);
        u.rig.cfg.batch = rows[i].batch != 0 ? u.rig.cfg.batch : NULL;
        u.rig.cfg.batch_size = rows[i].batch;
        u.request.arn = iam_span_of(rows[i].arn);
        u.request.what = (enum iam_audit_what)rows[i].what;
        u.request.namespaces = bad;
        u.request.namespace_count = rows[i].names;
        assert_int_equal(rig_begin(&u.rig), IAM_OK);
        assert_int_equal(iam_call_audit(u.rig.call, &u.request), rows[i].error);
        const struct iam_fault *f = &u.rig.call->exchange.fault;
        assert_int_equal(f->error, rows[i].error);
        assert_int_equal(f->layer, IAM_LAYER_CALLER);
        assert_int_equal(f->what.n, strlen(rows[i].says));
        assert_memory_equal(f->what.p, rows[i].says, f->what.n);
        assert_int_equal(iam_call_wants(u.rig.call), 0);
        assert_int_equal(iam_call_next(u.rig.call), IAM_ERR_STATE);
        assert_int_equal(iam_call_audit_checkpoint(u.rig.call, &at), IAM_ERR_STATE);
        assert_null(iam_call_audit_job(u.rig.call).p);
        assert_null(iam_call_audit_namespace(u.rig.call).p);
        assert_false(iam_call_audit_waits(u.rig.call, &ms));
        audit_tear_down(&u);
    }
}

/* ---- waiting ---- */

/* At each pause the audit may be put aside, for another operation on the same client and connection, and go on. Looks
 * and pauses are those of one that was never put aside; the first one after a resume comes at once. 2: a pace holds
 * each request back, which is no such pause. */
static void put_aside(void **state)
{
    (void)state;
    for (int aside = 0; aside < 3; aside++) {
        struct iam_pace pace;
        struct iam_audit_checkpoint at;
        struct audit_world w;
        struct audit_run u;
        unsigned pauses = 0;
        uint32_t ms, before = 0;
        int r = IAM_AGAIN;
        audit_world_init(&w, 3);
        w.looks = 8;
        audit_set_up(&u, &w, IAM_AUDIT_ENTITIES, 512);
        u.rig.cfg.job_ms = 100000000;
        iam_pace_init(&pace, IAM_PACE_AUDIT, IAM_PACE_ONE / 40);
        u.rig.cfg.pace = aside == 2 ? &pace : NULL;
        assert_int_equal(rig_begin(&u.rig), IAM_OK);
        assert_int_equal(iam_call_audit(u.rig.call, &u.request), IAM_OK);
        while (r == IAM_AGAIN) {
            iam_call_time(u.rig.call, u.rig.mono, u.rig.unix_ms);
            r = iam_call_next(u.rig.call);
            if (r != IAM_AGAIN || !iam_call_audit_waits(u.rig.call, &ms)) {
                if (r == IAM_AGAIN)
                    rig_serve(&u.rig);
                continue;
            }
            pauses++;
            assert_in_range(ms, before / 4 * 3, 20000); /* grows, but for what is drawn */
            before = ms;
            assert_memory_equal(iam_call_audit_job(u.rig.call).p, RIG_JOB, 36);
            if (aside) {
                struct iam_generate_request other = {.arn = iam_span_of(AUDIT_ARN)};
                assert_int_equal(iam_call_audit_checkpoint(u.rig.call, &at), IAM_OK);
                memset(u.rig.cfg.batch, 0x5A, u.rig.cfg.batch_size);
                assert_int_equal(iam_call_generate(u.rig.call, &other), IAM_OK);
                assert_false(iam_call_audit_waits(u.rig.call, &ms));
                assert_int_equal(rig_next(&u.rig), IAM_OK);
                rig_sleep(&u.rig, before);
                assert_int_equal(iam_call_audit_resume(u.rig.call, &u.request, &at), IAM_OK);
            } else {
                rig_sleep(&u.rig, ms);
            }
        }
        assert_int_equal(r, IAM_ITEM);
        audit_line(&u.out, u.rig.call);
        assert_int_equal(audit_go(&u, UINT32_MAX), IAM_OK);
        assert_int_equal(pauses, 8);
        assert_int_equal(w.looked, 9);
        assert_int_equal(u.rig.connects, 1);
        char *want = audit_expected(&w, IAM_AUDIT_ENTITIES, 3);
        audit_same(u.text, want);
        free(want);
        audit_tear_down(&u);
    }
}

/* The report that is never ready: the limit counts what was waited before it was put aside. */
static void never_ready(void **state)
{
    (void)state;
    for (int aside = 0; aside < 2; aside++) {
        struct iam_audit_checkpoint at;
        struct audit_world w;
        struct audit_run u;
        uint32_t ms;
        int r = IAM_AGAIN;
        audit_world_init(&w, 3);
        w.looks = UINT32_MAX;
        audit_set_up(&u, &w, IAM_AUDIT_SERVICES, 512);
        u.rig.cfg.job_ms = 600000;
        assert_int_equal(rig_begin(&u.rig), IAM_OK);
        assert_int_equal(iam_call_audit(u.rig.call, &u.request), IAM_OK);
        for (unsigned turns = 0; r == IAM_AGAIN; turns++) {
            assert_true(turns < 100000); /* and not for ever */
            iam_call_time(u.rig.call, u.rig.mono, u.rig.unix_ms);
            r = iam_call_next(u.rig.call);
            if (r == IAM_AGAIN && aside && iam_call_audit_waits(u.rig.call, &ms)) {
                assert_int_equal(iam_call_audit_checkpoint(u.rig.call, &at), IAM_OK);
                rig_sleep(&u.rig, ms);
                assert_int_equal(iam_call_audit_resume(u.rig.call, &u.request, &at), IAM_OK);
            } else if (r == IAM_AGAIN) {
                rig_serve(&u.rig);
            }
        }
        assert_int_equal(r, IAM_ERR_TIMEOUT_JOB);
        assert_in_range(u.rig.elapsed, 600000, 700000);
        assert_memory_equal(u.rig.call->exchange.fault.what.p, RIG_JOB, 36);
        audit_tear_down(&u);
    }
}

/* One deadline over all of it. */
static void slow(struct rig *r, struct audit_world *w, char *body, size_t size)
{
    (void)w, (void)body, (void)size;
    r->delay = 1000;
}

static void deadline(void **state)
{
    (void)state;
    for (uint32_t limit = 1500; limit < 12000; limit += 1000) {
        struct audit_world w;
        struct audit_run u;
        audit_world_init(&w, 9);
        w.service_page = 3;
        w.lie = slow;
        audit_set_up(&u, &w, IAM_AUDIT_ENTITIES, 512);
        u.rig.cfg.deadline_ms = limit;
        int r = audit_whole(&u);
        /* a generation, three pages, six lists: ten seconds */
        assert_int_equal(r, limit > 10000 ? IAM_OK : IAM_ERR_TIMEOUT_OPERATION);
        if (r < 0)
            assert_in_range(u.rig.elapsed, limit, limit + 50);
        audit_tear_down(&u);
    }
}

/* ---- one session ---- */

/* The keys change before request number `at`: a generation may be made by anybody, all the rest may not. */
static unsigned rotate_at;

static void rotate(struct rig *r, struct audit_world *w, char *body, size_t size)
{
    (void)body, (void)size;
    if (w->number + 1 == rotate_at)
        r->credentials.access_key_id = iam_span_of("AKIDROTATED");
}

static void session(void **state)
{
    (void)state;
    for (rotate_at = 2; rotate_at < 8; rotate_at++) {
        struct iam_audit_checkpoint at;
        struct audit_world w;
        struct audit_run u;
        audit_world_init(&w, 9);
        w.service_page = 3;
        w.lie = rotate;
        audit_set_up(&u, &w, IAM_AUDIT_ENTITIES, 512);
        assert_int_equal(audit_whole(&u), IAM_ERR_SESSION);
        assert_int_equal(u.rig.requests, rotate_at - 1);
        /* nor from its checkpoint, with these keys; with the old ones, yes */
        assert_int_equal(iam_call_audit_checkpoint(u.rig.call, &at), IAM_OK);
        assert_int_equal(iam_call_audit_resume(u.rig.call, &u.request, &at), IAM_OK);
        assert_int_equal(rig_next(&u.rig), IAM_ERR_SESSION);
        u.rig.credentials.access_key_id = iam_span_of("AKIDEXAMPLE");
        w.lie = NULL;
        assert_int_equal(iam_call_audit_resume(u.rig.call, &u.request, &at), IAM_OK);
        assert_int_equal(audit_go(&u, UINT32_MAX), IAM_OK);
        char *want = audit_expected(&w, IAM_AUDIT_ENTITIES, 3);
        audit_same(u.text, want);
        free(want);
        audit_tear_down(&u);
    }
}

/* ---- lies ---- */

static const char *lie_action, *lie_from, *lie_to;
static unsigned lie_at; /* the request of that action, from 1 on; 0: each */
static unsigned lie_seen;

/* In a reply of the action: the first `from` becomes `to`. */
static void replace(struct rig *r, struct audit_world *w, char *body, size_t size)
{
    char *at, *rest;
    (void)r;
    if (strcmp(w->action, lie_action) != 0 || (++lie_seen != lie_at && lie_at != 0))
        return;
    at = strstr(body, lie_from);
    if (at == NULL)
        fail_msg("no %s in %s", lie_from, body);
    rest = strdup(at + strlen(lie_from));
    snprintf(at, size - (size_t)(at - body), "%s%s", lie_to, rest);
    free(rest);
}

#define GENERATE "GenerateServiceLastAccessedDetails"
#define SERVICES "GetServiceLastAccessedDetails"
#define ENTITIES "GetServiceLastAccessedDetailsWithEntities"
#define NS(x) "<ServiceNamespace>" x "</ServiceNamespace>"
#define TOTAL(x) "<TotalAuthenticatedEntities>" x "</TotalAuthenticatedEntities>"
#define LONG64 "abcdefghijklmnopabcdefghijklmnopabcdefghijklmnopabcdefghijklmnop"

/* Nine services on pages of three (0: 1, 1: 2, 3: 4, 4: 5, 6: 2, 7: 3 entities, the others none),
 * pages of two entities. What ends it; and how many lines at most may have come before: none of
 * what the lie is about. */
static const struct {
    const char *action;
    unsigned at;
    const char *from, *to;
    enum iam_audit_what what;
    int error;
    const char *says; /* fault.what */
    unsigned lines;
} lies[] = {
    /* the JobId */
    {GENERATE, 1, "<JobId>examplef", "<JobId>example", 1, IAM_ERR_VALUE, "JobId", 0},
    {GENERATE, 1, "<JobId>examplef", "<JobId>exampleff", 1, IAM_ERR_VALUE, "JobId", 0},
    {GENERATE, 1, "<JobId>examplef", "<JobId>exampl\303\251", 1, IAM_ERR_VALUE, "JobId", 0},
    {GENERATE, 1, "<JobId>" RIG_JOB "</JobId>", "", 1, IAM_ERR_VALUE, "JobId", 0},
    {GENERATE, 1, "<JobId>" RIG_JOB "</JobId>", "<JobId/>", 1, IAM_ERR_VALUE, "JobId", 0},
    /* whose report it is */
    {SERVICES, 2, "19:40:00Z", "19:41:00Z", 1, IAM_ERR_CHANGED, "", 9},
    {ENTITIES, 1, "19:40:00Z", "19:41:00Z", 1, IAM_ERR_CHANGED, "", 3},
    {ENTITIES, 2, "19:40:00Z", "19:40:00.5Z", 1, IAM_ERR_CHANGED, "", 4},
    {SERVICES, 2, "19:40:00Z", "19:41:00Z", 0, IAM_ERR_CHANGED, "", 3},
    /* its status */
    {SERVICES, 1, "COMPLETED", "FAILED", 1, IAM_ERR_JOB_STATUS, "", 0},
    {SERVICES, 1, "COMPLETED", "WHATEVER", 1, IAM_ERR_JOB_STATUS, "", 0},
    {SERVICES, 1, "<JobStatus>COMPLETED</JobStatus>", "", 1, IAM_ERR_JOB_STATUS, "", 3},
    {SERVICES, 2, "COMPLETED", "IN_PROGRESS", 1, IAM_ERR_JOB_STATUS, "", 8},
    {SERVICES, 2, "COMPLETED", "FAILED", 1, IAM_ERR_JOB_STATUS, "", 8},
    {ENTITIES, 1, "COMPLETED", "IN_PROGRESS", 1, IAM_ERR_JOB_STATUS, "", 3},
    {ENTITIES, 2, "COMPLETED", "FAILED", 1, IAM_ERR_JOB_STATUS, "", 4},
    {SERVICES, 1, "SERVICE_LEVEL", "ACTION_LEVEL", 1, IAM_ERR_FOREIGN, "JobType", 3},
    {SERVICES, 1, "ACTION_LEVEL", "SERVICE_LEVEL", 2, IAM_ERR_FOREIGN, "JobType", 9},
    /* the wrong reply: of the other list, or of another operation */
    {SERVICES, 1, "<" SERVICES "Response>", "<" ENTITIES "Response>", 1, IAM_ERR_FOREIGN, "", 0},
    {ENTITIES, 1, "<" ENTITIES "Response>", "<" SERVICES "Response>", 1, IAM_ERR_FOREIGN, "", 3},
    {ENTITIES, 1, "<" ENTITIES "Result>", "<" SERVICES "Result>", 1, IAM_ERR_XML_TAG, "", 3},
    /* where the list ends */
    {SERVICES, 1, "<IsTruncated>true</IsTruncated>", "", 1, IAM_ERR_TRUNCATED_MISSING, "", 3},
    {SERVICES, 1, "<Marker>s3</Marker>", "", 1, IAM_ERR_MARKER_MISSING, "", 3},
    {SERVICES, 2, "<Marker>s6</Marker>", "<Marker>s3</Marker>", 1, IAM_ERR_MARKER_REPEATED, "", 9},
    {SERVICES, 1, "<Marker>s3</Marker>", "<Marker>\n</Marker>", 1, IAM_ERR_MARKER_INVALID, "", 3},
    {ENTITIES, 1, "<IsTruncated>false", "<IsTruncated>true", 1, IAM_ERR_MARKER_MISSING, "", 4},
    {ENTITIES, 3, "<IsTruncated>true</IsTruncated>", "", 1, IAM_ERR_TRUNCATED_MISSING, "", 11},
    {ENTITIES, 6, "<Marker>e4</Marker>", "<Marker>e2</Marker>", 1, IAM_ERR_MARKER_REPEATED, "", 99},
    /* entities that are fewer than was said */
    {SERVICES, 1, TOTAL("2"), TOTAL("3"), 1, IAM_ERR_CHANGED, "TotalAuthenticatedEntities", 6},
    {SERVICES, 1, TOTAL("2"), TOTAL("9223372036854775807"), 1, IAM_ERR_CHANGED,
     "TotalAuthenticatedEntities", 6},
    {ENTITIES, 1, "<member><EntityInfo><Name>service0-n0</Name></EntityInfo></member>", "", 1,
     IAM_ERR_CHANGED, "TotalAuthenticatedEntities", 3},
    {SERVICES, 1, TOTAL("2"), TOTAL("-2"), 1, IAM_ERR_VALUE, "TotalAuthenticatedEntities", 1},
    /* a service that nobody can ask about */
    {SERVICES, 1, NS("service1"), "", 1, IAM_ERR_VALUE, "ServiceNamespace", 1},
    {SERVICES, 1, NS("service1"), NS(""), 1, IAM_ERR_VALUE, "ServiceNamespace", 1},
    {SERVICES, 1, NS("service1"), NS("a b"), 1, IAM_ERR_VALUE, "ServiceNamespace", 1},
    {SERVICES, 1, NS("service1"), NS("s3&amp;Marker=x"), 1, IAM_ERR_VALUE, "ServiceNamespace", 1},
    {SERVICES, 1, NS("service1"), NS("\342\200\256s3"), 1, IAM_ERR_VALUE, "ServiceNamespace", 1},
    {SERVICES, 1, NS("service1"), NS("s3&#13;&#10;Host: x"), 1, IAM_ERR_VALUE, "ServiceNamespace",
     1},
    {SERVICES, 1, NS("service1"), NS(LONG64 "q"), 1, IAM_ERR_VALUE, "ServiceNamespace", 1},
    {SERVICES, 1, NS("service1"), NS(LONG64 LONG64 LONG64 LONG64 "q"), 0, IAM_ERR_VALUE,
     "ServiceNamespace", 1},
    {SERVICES, 1, NS("service1"), NS(LONG64 "q"), 2, IAM_ERR_VALUE, "ServiceNamespace", 1},
    {SERVICES, 1, NS("service1"), NS("service0"), 1, IAM_ERR_MEMBER, "ServiceNamespace", 1},
    {SERVICES, 1, NS("service1"), NS("service1") NS("service9"), 1, IAM_ERR_MEMBER,
     "ServiceNamespace", 1},
};

static unsigned lines_of(const char *text)
{
    unsigned n = 0;
    for (; *text != 0; text++)
        n += *text == '\n';
    return n;
}

static void liar(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(lies); i++) {
        struct audit_world w;
        struct audit_run u;
        audit_world_init(&w, 9);
        w.service_page = 3;
        w.entity_page = 2;
        w.lie = replace;
        lie_action = lies[i].action;
        lie_at = lies[i].at;
        lie_from = lies[i].from;
        lie_to = lies[i].to;
        lie_seen = 0;
        audit_set_up(&u, &w, lies[i].what, 1024);
        int r = audit_whole(&u);
        const struct iam_fault *f = &u.rig.call->exchange.fault;
        if (r != lies[i].error)
            fail_msg("%s instead of %s: %d\n%s", lies[i].to, lies[i].from, r, u.text);
        if (f->what.n != strlen(lies[i].says) ||
            (f->what.n > 0 && memcmp(f->what.p, lies[i].says, f->what.n) != 0))
            fail_msg("%s instead of %s: says %.*s", lies[i].to, lies[i].from, (int)f->what.n,
                     f->what.p);
        char *want = audit_expected(&w, lies[i].what, 3);
        if (strncmp(want, u.text, u.out.n) != 0 || lines_of(u.text) > lies[i].lines)
            fail_msg("%s instead of %s: %s", lies[i].to, lies[i].from, u.text);
        assert_int_equal(f->delivered, lines_of(u.text));
        assert_int_equal(rig_next(&u.rig), r); /* the first error sticks */
        free(want);
        audit_tear_down(&u);
    }
}

/* Entities that are fewer than was said: an audit that was broken off at any line notices it, too. */
static void fewer_after_a_resume(void **state)
{
    (void)state;
    for (unsigned line = 0; line <= 6; line++) {
        struct iam_audit_checkpoint at;
        struct audit_world w;
        struct audit_run u;
        audit_world_init(&w, 9);
        w.service_page = 3;
        w.entity_page = 2;
        w.lie = replace;
        lie_action = SERVICES;
        lie_at = 0;
        lie_from = TOTAL("2");
        lie_to = TOTAL("3");
        audit_set_up(&u, &w, IAM_AUDIT_ENTITIES, 1024);
        assert_int_equal(rig_begin(&u.rig), IAM_OK);
        assert_int_equal(iam_call_audit(u.rig.call, &u.request), IAM_OK);
        assert_int_equal(audit_go(&u, line), IAM_ITEM);
        assert_int_equal(iam_call_audit_checkpoint(u.rig.call, &at), IAM_OK);
        assert_int_equal(iam_call_audit_resume(u.rig.call, &u.request, &at), IAM_OK);
        assert_int_equal(audit_go(&u, UINT32_MAX), IAM_ERR_CHANGED);
        assert_memory_equal(u.rig.call->exchange.fault.what.p, "TotalAuthenticatedEntities", 26);
        assert_int_equal(lines_of(u.text), 6);
        audit_tear_down(&u);
    }
}

/* ---- what is odd, but well-formed ---- */

/* A service without a namespace is handed out; nobody is told that of the one before. Of entities it is an error (liar). */
static void nameless(void **state)
{
    (void)state;
    for (enum iam_audit_what what = IAM_AUDIT_SERVICES; what <= IAM_AUDIT_ACTIONS; what += 2) {
        struct audit_world w;
        struct audit_run u;
        audit_world_init(&w, 4);
        w.lie = replace;
        lie_action = SERVICES;
        lie_at = 1;
        lie_from = NS("service1");
        lie_to = "";
        lie_seen = 0;
        audit_set_up(&u, &w, what, 512);
        assert_int_equal(audit_whole(&u), IAM_OK);
        audit_same(u.text,
                   what == IAM_AUDIT_SERVICES
                       ? "service service0 S 0\nservice  S 1\nservice service2 S 2\n"
                         "service service3 S 3\n"
                       : "service service0 S 0\nservice  S 1\naction  Act0\n"
                         "service service2 S 2\naction service2 Act0\naction service2 Act1\n"
                         "service service3 S 3\naction service3 Act0\naction service3 Act1\n"
                         "action service3 Act2\n");
        audit_tear_down(&u);
    }
}

/* What a reply says of a service behind its actions comes as an item of its own: it belongs to the service before, and is
 * none of those that were not asked for. */
static void late(void **state)
{
    static const struct iam_span names[] = {IAM_LITERAL("service1")};
    static const struct {
        const char *from, *to, *want;
    } rows[] = {
        {NS("service1")
             TOTAL("2") "<TrackedActionsLastAccessed><member><ActionName>Act0</ActionName></member>"
                        "</TrackedActionsLastAccessed>",
         "<TrackedActionsLastAccessed><member><ActionName>Act0</ActionName></member>"
         "</TrackedActionsLastAccessed>" NS("service1"),
         "service  S 1\naction  Act0\nservice service1 \n"},
        {"Act0</ActionName></member></TrackedActionsLastAccessed>",
         "Act0</ActionName></member></TrackedActionsLastAccessed>"
         "<LastAuthenticatedEntity>arn:aws:iam::123456789012:user/late</LastAuthenticatedEntity>",
         "service service1 S 1\naction service1 Act0\nservice service1 \n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct audit_world w;
        struct audit_run u;
        audit_world_init(&w, 2);
        w.lie = replace;
        lie_action = SERVICES;
        lie_at = 1;
        lie_from = rows[i].from;
        lie_to = rows[i].to;
        lie_seen = 0;
        audit_set_up(&u, &w, IAM_AUDIT_ACTIONS, 512);
        u.request.namespaces = names;
        u.request.namespace_count = 1;
        assert_int_equal(audit_whole(&u), IAM_OK);
        audit_same(u.text, rows[i].want);
        audit_tear_down(&u);
    }
}

/* A page that says no date says nothing else of the report than the others. */
static void undated(void **state)
{
    struct audit_world w;
    struct audit_run u;
    (void)state;
    audit_world_init(&w, 9);
    w.service_page = 3;
    w.lie = replace;
    lie_action = SERVICES;
    lie_at = 2;
    lie_from = "<JobCreationDate>" AUDIT_CREATED "</JobCreationDate>";
    lie_to = "";
    lie_seen = 0;
    audit_set_up(&u, &w, IAM_AUDIT_SERVICES, 512);
    assert_int_equal(audit_whole(&u), IAM_OK);
    assert_int_equal(lines_of(u.text), 9);
    audit_tear_down(&u);
}

/* More services that were used than 16 bits count, in one page that somebody makes up. */
static unsigned endless_n;

static void more_services(struct rig *r)
{
    for (unsigned i = 0; i < 1000; i++, endless_n++)
        rig_printf(r, "<member><ServiceName>x</ServiceName>" NS("s%u") TOTAL("1") "</member>",
                   endless_n);
}

static void endless(struct rig *r, struct audit_world *w)
{
    (void)w;
    r->out_n = 0; /* instead of the honest reply: no length, and more of it whenever it was taken */
    rig_printf(r, "HTTP/1.1 200 OK\r\nConnection: close\r\n" RIG_DATE "\r\n<" SERVICES
                  "Response><" SERVICES "Result><JobStatus>COMPLETED</JobStatus>"
                  "<ServicesLastAccessed>");
    r->refill = more_services;
}

static void too_many_names(void **state)
{
    struct audit_world w;
    struct audit_run u;
    unsigned items = 0;
    int r;
    (void)state;
    audit_world_init(&w, 1);
    w.fault_at = 2;
    w.fault = endless;
    endless_n = 0;
    audit_set_up(&u, &w, IAM_AUDIT_ENTITIES, 512);
    assert_int_equal(rig_begin(&u.rig), IAM_OK);
    assert_int_equal(iam_call_audit(u.rig.call, &u.request), IAM_OK);
    while ((r = rig_next(&u.rig)) == IAM_ITEM)
        items++;
    assert_int_equal(r, IAM_ERR_PAGES);
    assert_int_equal(items, UINT16_MAX);
    audit_tear_down(&u);
}

/* ---- questions, at any moment ---- */

static void too_busy(struct rig *r, struct audit_world *w)
{
    (void)w;
    r->out_n = 0;
    rig_answer(r, "503 Service Unavailable", RIG_DATE, "");
}

/* A job is named from its generation on. A pause after a failed attempt is none of the report's. */
static void asked_early(void **state)
{
    struct audit_world w;
    struct audit_run u;
    unsigned of_report = 0, other = 0;
    uint32_t ms;
    int r;
    (void)state;
    audit_world_init(&w, 2);
    w.looks = 3;
    w.fault_at = 3;
    w.fault = too_busy;
    audit_set_up(&u, &w, IAM_AUDIT_SERVICES, 512);
    assert_int_equal(rig_begin(&u.rig), IAM_OK);
    assert_int_equal(iam_call_audit(u.rig.call, &u.request), IAM_OK);
    do {
        if (w.generates == 0)
            assert_null(iam_call_audit_job(u.rig.call).p);
        assert_null(iam_call_audit_namespace(u.rig.call).p);
        iam_call_time(u.rig.call, u.rig.mono, u.rig.unix_ms);
        r = iam_call_next(u.rig.call);
        if (r == IAM_AGAIN && u.rig.call->exchange.stage == IAM_STAGE_PAUSE) {
            of_report += iam_call_audit_waits(u.rig.call, &ms);
            other += !iam_call_audit_waits(u.rig.call, &ms);
        }
        if (r == IAM_AGAIN)
            rig_serve(&u.rig);
    } while (r == IAM_AGAIN);
    assert_int_equal(r, IAM_ITEM);
    assert_memory_equal(iam_call_audit_job(u.rig.call).p, RIG_JOB, 36);
    /* three looks were in vain, but of one no reply came */
    assert_int_equal(of_report, 2);
    assert_int_equal(other, 1);
    audit_tear_down(&u);
}

/* It fails between two pages: no name is under way. */
static void failed_between(void **state)
{
    struct audit_world w;
    struct audit_run u;
    int r;
    (void)state;
    audit_world_init(&w, 4);
    w.service_page = 2;
    w.marker_n = IAM_MARKER_MAX; /* for which there is no room beside a name */
    audit_set_up(&u, &w, IAM_AUDIT_ENTITIES, 400);
    r = audit_whole(&u);
    assert_int_equal(r, IAM_ERR_SPACE);
    assert_in_range(u.rig.call->exchange.fault.need, 401, IAM_AUDIT_BATCH_MIN);
    assert_null(iam_call_audit_namespace(u.rig.call).p);
    audit_tear_down(&u);
}

/* FAILED says why, and the Error is there to read. */
static void failed(void **state)
{
    (void)state;
    for (unsigned looks = 0; looks < 3; looks++) {
        struct audit_world w;
        struct audit_run u;
        audit_world_init(&w, 3);
        w.looks = looks;
        w.failed = true;
        audit_set_up(&u, &w, IAM_AUDIT_ENTITIES, 512);
        assert_int_equal(audit_whole(&u), IAM_ERR_JOB_FAILED);
        const struct iam_report *r = &u.rig.call->query.decode.report;
        assert_memory_equal(r->error_code.p, "InternalFailure", r->error_code.n);
        assert_memory_equal(r->error_message.p, "no report", r->error_message.n);
        audit_same(u.text, "");
        audit_tear_down(&u);
    }
}

/* The page that comes once more is another one. */
static void other_page(void **state)
{
    static const struct {
        const char *from, *to;
        int error;
    } rows[] = {
        {NS("service1"), NS("service2"), IAM_ERR_CHANGED},
        {"<ServiceName>S 2</ServiceName>", "<ServiceName>S 9</ServiceName>", IAM_ERR_CHANGED},
        {TOTAL("2"), TOTAL("3"), IAM_ERR_CHANGED},
        {"</ServicesLastAccessed>", "<member>" NS("more") "</member></ServicesLastAccessed>",
         IAM_ERR_CHANGED},
        {"<member>", "</ServicesLastAccessed><ServicesLastAccessed><member>", IAM_OK},
        {"<IsTruncated>true</IsTruncated>", "<IsTruncated>false</IsTruncated>", IAM_ERR_CHANGED},
        {"<Marker>s3</Marker>", "<Marker>s3y</Marker>", IAM_OK}, /* opaque: it may differ */
        {"COMPLETED", "IN_PROGRESS", IAM_ERR_JOB_STATUS},
        {"19:40:00Z", "19:40:01Z", IAM_ERR_CHANGED},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct audit_world w;
        struct audit_run u;
        audit_world_init(&w, 9);
        w.service_page = 3;
        w.entity_page = 1; /* so that the next page's Marker is lost */
        w.lie = replace;
        lie_action = SERVICES;
        lie_at = 2;
        lie_from = rows[i].from;
        lie_to = rows[i].to;
        lie_seen = 0;
        audit_set_up(&u, &w, IAM_AUDIT_ENTITIES, 1024);
        int r = audit_whole(&u);
        char *want = audit_expected(&w, IAM_AUDIT_ENTITIES, 3);
        if (r != rows[i].error || strncmp(want, u.text, u.out.n) != 0)
            fail_msg("%s: %d\n%s", rows[i].to, r, u.text);
        if (r == IAM_OK)
            audit_same(u.text, want);
        free(want);
        audit_tear_down(&u);
    }
}

/* Circles end, however long they are, and nothing of the services comes more than a few times. */
static unsigned circle;

static void go_round(struct rig *r, struct audit_world *w, char *body, size_t size)
{
    bool services = strcmp(w->action, SERVICES) == 0;
    char *at = services == (circle % 2 == 0) ? strstr(body, "</IsTruncated>") : NULL, *rest;
    unsigned from = (unsigned)atoi(rig_field(r, "Marker") + (rig_field(r, "Marker")[0] != 0));
    (void)r;
    if (at == NULL || strcmp(w->action, GENERATE) == 0)
        return;
    at = strstr(body, "<IsTruncated>");
    rest = strstr(at, services ? "</GetServiceLastAccessedDetailsResult>"
                               : "</GetServiceLastAccessedDetailsWithEntitiesResult>");
    rest = strdup(rest);
    snprintf(at, size - (size_t)(at - body),
             "<IsTruncated>true</IsTruncated><Marker>%c%u</Marker>%s", services ? 's' : 'e',
             (from + 1) % (circle / 2 + 1), rest);
    free(rest);
}

static void circles(void **state)
{
    (void)state;
    for (circle = 0; circle < 60; circle++) {
        struct audit_world w;
        struct audit_run u;
        audit_world_init(&w, 40);
        w.services[0].entities = 40;
        w.service_page = 1;
        w.entity_page = 1;
        w.lie = go_round;
        audit_set_up(&u, &w, IAM_AUDIT_ENTITIES, 1024);
        int r = audit_whole(&u);
        if (r != IAM_ERR_MARKER_REPEATED && r != IAM_ERR_PAGE_REPEATED)
            fail_msg("circle of %u: %d\n%s", circle / 2 + 1, r, u.text);
        assert_true(u.rig.requests < 4 * (circle + 8) * 8);
        audit_tear_down(&u);
    }
}

/* The page before once more, under another Marker. */
static char first_page[8192];

static void repeat(struct rig *r, struct audit_world *w, char *body, size_t size)
{
    (void)r;
    if (strcmp(w->action, SERVICES) != 0)
        return;
    if (w->pages == 1)
        snprintf(first_page, sizeof first_page, "%s", body);
    else
        snprintf(body, size, "%s", first_page);
    char *marker = strstr(body, "<Marker>s");
    marker[9] = (char)('0' + w->pages);
}

static void repeated_page(void **state)
{
    (void)state;
    for (int what = 0; what <= IAM_AUDIT_ACTIONS; what++) {
        struct audit_world w;
        struct audit_run u;
        audit_world_init(&w, 9);
        w.service_page = 3;
        w.lie = repeat;
        audit_set_up(&u, &w, (enum iam_audit_what)what, 1024);
        assert_int_equal(audit_whole(&u), IAM_ERR_PAGE_REPEATED);
        audit_tear_down(&u);
    }
}

/* Who used what was used, though nobody says how many. */
static void used(void **state)
{
    struct audit_world w;
    struct audit_run u;
    (void)state;
    audit_world_init(&w, 4);
    w.services[0].total = -1;    /* only a date */
    w.services[1].dated = false; /* only a number */
    w.services[2].total = 0;
    w.services[3].total = 2; /* fewer than there are */
    audit_set_up(&u, &w, IAM_AUDIT_ENTITIES, 512);
    assert_int_equal(audit_whole(&u), IAM_OK);
    char *want = audit_expected(&w, IAM_AUDIT_ENTITIES, 4);
    audit_same(u.text, want);
    free(want);
    assert_int_equal(w.lists, 3);
    audit_tear_down(&u);
}

/* ---- checkpoints ---- */

/* Damage, another request, another setting: said, and nothing begins. */
static void checkpoints(void **state)
{
    static const struct iam_span names[] = {IAM_LITERAL("s3")};
    struct iam_audit_checkpoint at, bad;
    struct iam_checkpoint plain = {{0}};
    struct audit_world w;
    struct audit_run u;
    (void)state;
    audit_world_init(&w, 9);
    w.service_page = 3;
    audit_set_up(&u, &w, IAM_AUDIT_ENTITIES, 512);
    assert_int_equal(rig_begin(&u.rig), IAM_OK);
    assert_int_equal(iam_call_audit(u.rig.call, &u.request), IAM_OK);
    assert_int_equal(audit_go(&u, 5), IAM_ITEM);
    assert_int_equal(iam_call_audit_checkpoint(u.rig.call, &at), IAM_OK);
    assert_int_equal(iam_call_checkpoint(u.rig.call, &plain), IAM_ERR_STATE);
    for (size_t i = 0; i < sizeof at.bytes; i++) {
        bad = at;
        bad.bytes[i] ^= (uint8_t)(1 << i % 8);
        assert_int_equal(iam_call_audit_resume(u.rig.call, &u.request, &bad), IAM_ERR_CHECKPOINT);
        assert_int_equal(iam_call_wants(u.rig.call) & ~(unsigned)IAM_WANT_CLOSE, 0);
    }
    for (int i = 0; i < 4; i++) {
        struct iam_audit_request other = u.request;
        if (i == 0)
            other.arn = iam_span_of("arn:aws:iam::123456789012:policy/deplox");
        if (i == 1)
            other.what = IAM_AUDIT_SERVICES;
        if (i == 2) {
            other.namespaces = names;
            other.namespace_count = 1;
        }
        if (i == 3)
            u.rig.call->query.structure = true;
        assert_int_equal(iam_call_audit_resume(u.rig.call, &other, &at), IAM_ERR_CHECKPOINT);
        assert_int_equal(u.rig.call->exchange.fault.error, IAM_ERR_CHECKPOINT);
    }
    u.rig.call->query.structure = false;
    assert_int_equal(iam_call_resume(u.rig.call, &plain), IAM_ERR_CHECKPOINT);
    assert_int_equal(iam_call_audit_resume(u.rig.call, &u.request, &at), IAM_OK);
    assert_int_equal(audit_go(&u, UINT32_MAX), IAM_OK);
    char *want = audit_expected(&w, IAM_AUDIT_ENTITIES, 3);
    audit_same(u.text, want);
    free(want);
    /* that of one that has ended ends at once */
    assert_int_equal(iam_call_audit_checkpoint(u.rig.call, &at), IAM_OK);
    assert_int_equal(iam_call_audit_resume(u.rig.call, &u.request, &at), IAM_OK);
    unsigned requests_so_far = u.rig.requests;
    assert_int_equal(rig_next(&u.rig), IAM_OK);
    assert_int_equal(u.rig.requests, requests_so_far);
    assert_int_equal(u.rig.call->delivered, 26);
    audit_tear_down(&u);
}

/* A client in the made-up world of the frozen checkpoints. */
static void frozen_world(struct audit_run *u, struct audit_world *w, unsigned looks)
{
    static const struct iam_span names[] = {IAM_LITERAL("service3"), IAM_LITERAL("service4")};
    audit_world_init(w, 9);
    w->service_page = 3;
    w->entity_page = 2;
    w->looks = looks;
    audit_set_up(u, w, IAM_AUDIT_ENTITIES, 1024);
    u->request.namespaces = names;
    u->request.namespace_count = 2;
    u->request.every_service = true;
    assert_int_equal(rig_begin(&u->rig), IAM_OK);
}

/* In the third entity of the second service. */
static void frozen_in_entities(void **state)
{
    static const struct frozen rows[] = {
        {0, "49414d6101020105"}, /* "IAMa", version, phase, what, flags */
        {8, "79951908"},         /* the request */
        {12, "7e0e4e46"},        /* session */
        {16, "febcdea6"},        /* creation */
        {20, "0d"},              /* handed out */
        {24, "0a"},              /* before these entities */
        {36, "01"},              /* name */
        {38, "1c"},              /* MaxItems */
        {40, "6578616d706c65662d313330352d633234352d656261342d373166653239386263646137"}, /* job */
        {76, "02"},                /* services: length of the Marker */
        {78, "0100000003"},        /* pages, items */
        {86, "e137c2ee83fbe7f1"},  /* their digest */
        {94, "b30a3f05c58844bd"},  /* Marker kept */
        {102, "a893d6115b3e7add"}, /* page before */
        {110, "7333"},             /* Marker */
        {430, "02"},               /* entities: length of the Marker */
        {432, "0100000001"},       /* pages, items */
        {440, "fc4f01c29696685e"}, /* their digest */
        {448, "254a9fa64cd8b0e9"}, /* Marker kept */
        {456, "fc4f01c29696685e"}, /* page before */
        {464, "6532"},             /* Marker */
        {892, "d0a268a5"},         /* sum */
    };
    struct iam_audit_checkpoint at, kept;
    struct audit_world w;
    struct audit_run u;
    (void)state;
    frozen_bytes(rows, COUNT(rows), kept.bytes, sizeof kept.bytes);
    frozen_world(&u, &w, 0);
    assert_int_equal(iam_call_audit(u.rig.call, &u.request), IAM_OK);
    assert_int_equal(audit_go(&u, 13), IAM_ITEM);
    assert_int_equal(iam_call_audit_checkpoint(u.rig.call, &at), IAM_OK);
    frozen_same(at.bytes, kept.bytes, sizeof at.bytes);
    audit_tear_down(&u);

    frozen_world(&u, &w, 0);
    assert_int_equal(iam_call_audit_resume(u.rig.call, &u.request, &kept), IAM_OK);
    assert_int_equal(audit_go(&u, UINT32_MAX), IAM_OK);
    audit_same(u.text, "entity service4 service4-n3\nentity service4 service4-n4\n"
                       "service service6 S 6\nservice service7 S 7\nservice service8 S 8\n");
    assert_int_equal(w.generates, 0);
    audit_tear_down(&u);
}

/* Between two looks at a report that is not ready. */
static void frozen_while_it_waits(void **state)
{
    static const struct frozen rows[] = {
        {0, "49414d61010101"}, /* "IAMa", version, phase, what, flags */
        {8, "79951908"},       /* the request */
        {12, "7e0e4e46"},      /* session */
        {28, "03000000c80f"},  /* polls, looked at */
        {38, "1c"},            /* MaxItems */
        {40, "6578616d706c65662d313330352d633234352d656261342d373166653239386263646137"}, /* job */
        {892, "ab0b1d5c"},                                                                /* sum */
    };
    struct iam_audit_checkpoint at, kept;
    struct audit_world w;
    struct audit_run u;
    uint32_t ms;
    (void)state;
    frozen_bytes(rows, COUNT(rows), kept.bytes, sizeof kept.bytes);
    frozen_world(&u, &w, 9);
    assert_int_equal(iam_call_audit(u.rig.call, &u.request), IAM_OK);
    do {
        iam_call_time(u.rig.call, u.rig.mono, u.rig.unix_ms);
        assert_int_equal(iam_call_next(u.rig.call), IAM_AGAIN);
        if (w.looked < 3 || !iam_call_audit_waits(u.rig.call, &ms))
            rig_serve(&u.rig);
    } while (w.looked < 3 || !iam_call_audit_waits(u.rig.call, &ms));
    assert_int_equal(iam_call_audit_checkpoint(u.rig.call, &at), IAM_OK);
    frozen_same(at.bytes, kept.bytes, sizeof at.bytes);
    audit_tear_down(&u);

    frozen_world(&u, &w, 0);
    assert_int_equal(iam_call_audit_resume(u.rig.call, &u.request, &kept), IAM_OK);
    assert_int_equal(audit_go(&u, 1), IAM_ITEM);
    audit_same(u.text, "service service0 S 0\n");
    assert_int_equal(w.generates, 0);
    audit_tear_down(&u);
}

/* A page that is fetched once more after a resume is asked for as it was: with as many items as its digest is of. */
static void resumed_page_size(void **state)
{
    static const size_t batches[] = {1024, 20000, 70000};
    (void)state;
    for (size_t i = 0; i < COUNT(batches); i++) {
        struct iam_audit_checkpoint at;
        struct audit_world w;
        struct audit_run u;
        audit_world_init(&w, 9);
        audit_set_up(&u, &w, IAM_AUDIT_ENTITIES, batches[i]);
        assert_int_equal(rig_begin(&u.rig), IAM_OK);
        assert_int_equal(iam_call_audit(u.rig.call, &u.request), IAM_OK);
        assert_int_equal(audit_go(&u, 11), IAM_ITEM);
        assert_int_equal(iam_call_audit_checkpoint(u.rig.call, &at), IAM_OK);
        assert_int_equal(iam_call_audit_resume(u.rig.call, &u.request, &at), IAM_OK);
        assert_int_equal(audit_go(&u, UINT32_MAX), IAM_OK);
        assert_int_equal(w.pages, 2);
        assert_int_equal(w.max_items[1], w.max_items[0]);
        audit_tear_down(&u);
    }
}

/* A page of services that did not all fit, and breaks off: what it left is forgotten, and it costs one request more. */
static void break_off(struct rig *r, struct audit_world *w)
{
    (void)w;
    r->out_n -= 150;
    r->after = IAM_ERR_RESET;
}

static void full_and_broken_off(void **state)
{
    unsigned pages[2];
    (void)state;
    for (int broken = 0; broken < 2; broken++) {
        struct audit_world w;
        struct audit_run u;
        audit_world_init(&w, 14);
        for (unsigned k = 0; k < w.count; k++) {
            struct audit_service *s = &w.services[k];
            s->entities = 1;
            s->total = 1;
            for (size_t n = strlen(s->name); n < 64; n++)
                s->name[n] = 'x';
            s->name[64] = 0;
        }
        w.ignore_max = 1;
        w.fault_at = broken ? 2 : 0;
        w.fault = break_off;
        audit_set_up(&u, &w, IAM_AUDIT_ENTITIES, 512);
        assert_int_equal(audit_whole(&u), IAM_OK);
        char *want = audit_expected(&w, IAM_AUDIT_ENTITIES, 14);
        audit_same(u.text, want);
        free(want);
        pages[broken] = w.pages;
        audit_tear_down(&u);
    }
    assert_true(pages[0] > 2);
    assert_int_equal(pages[1], pages[0] + 1);
}

/* The audit's place in the services is the one of who reads the same list alone. */
static void place_is_that_of_the_list(void **state)
{
    enum { PAGES = 21, AT_SERVICES = 76 };
    struct iam_checkpoint alone[PAGES];
    struct audit_world w;
    struct audit_run u;
    (void)state;
    audit_world_init(&w, PAGES);
    w.service_page = 1;
    audit_set_up(&u, &w, IAM_AUDIT_SERVICES, 1024);
    assert_int_equal(rig_begin(&u.rig), IAM_OK);
    struct iam_services_request list = {.job_id = iam_span_of(RIG_JOB)};
    list.max_items = 1000;
    assert_int_equal(iam_call_services(u.rig.call, &list), IAM_OK);
    for (unsigned i = 0; i < PAGES; i++) {
        assert_int_equal(rig_next(&u.rig), IAM_ITEM);
        assert_int_equal(iam_call_checkpoint(u.rig.call, &alone[i]), IAM_OK);
    }
    audit_tear_down(&u);

    for (unsigned lost = 0; lost < 2; lost++) {
        unsigned compared = 0;
        audit_world_init(&w, PAGES);
        w.service_page = 1;
        w.entity_page = lost ? 1 : 0; /* the next page's Marker makes room for theirs */
        audit_set_up(&u, &w, IAM_AUDIT_ENTITIES, 1024);
        assert_int_equal(rig_begin(&u.rig), IAM_OK);
        assert_int_equal(iam_call_audit(u.rig.call, &u.request), IAM_OK);
        while (rig_next(&u.rig) == IAM_ITEM) {
            struct iam_audit_checkpoint at;
            assert_int_equal(iam_call_audit_checkpoint(u.rig.call, &at), IAM_OK);
            const uint8_t *place = at.bytes + AT_SERVICES;
            unsigned page = place[2];
            assert_true(page < PAGES);
            const uint8_t *want = alone[page].bytes;
            assert_memory_equal(place, want + 8, 2);           /* length of the Marker */
            assert_memory_equal(place + 2, want + 24, 4);      /* pages before */
            assert_memory_equal(place + 6, want + 12, 4 + 8);  /* items of this one, their digest */
            assert_memory_equal(place + 18, want + 36, 8 + 8); /* Marker kept, page before */
            assert_memory_equal(place + 34, want + 164, place[0]);
            compared++;
        }
        assert_true(compared > PAGES);
        audit_tear_down(&u);
    }
}

/* With a sound checksum, but what no client writes: refused, or it goes on where it says. */
static void forged(void **state)
{
    static const struct {
        size_t at; /* as core/flow/audit.c has them */
        uint8_t byte[2];
    } rows[] = {
        {0, {'i', 0xFF}},      /* whose checkpoint it is */
        {3, {'c', 0xFF}},      /* that of a list */
        {4, {9, 0}},           /* the version */
        {5, {4, 0xFF}},        /* a phase that there is not */
        {40, {0x80, 0xFF}},    /* a JobId that is no text */
        {76, {0x41, 1}},       /* a Marker of 321 bytes for the services */
        {76 + 354, {0x41, 1}}, /* and for the entities */
    };
    struct iam_audit_checkpoint good, bad;
    struct audit_world w;
    struct audit_run u;
    (void)state;
    audit_world_init(&w, 9);
    w.service_page = 3;
    audit_set_up(&u, &w, IAM_AUDIT_ENTITIES, 1024);
    assert_int_equal(rig_begin(&u.rig), IAM_OK);
    assert_int_equal(iam_call_audit(u.rig.call, &u.request), IAM_OK);
    assert_int_equal(audit_go(&u, 5), IAM_ITEM);
    assert_int_equal(iam_call_audit_checkpoint(u.rig.call, &good), IAM_OK);
    for (size_t i = 0; i < COUNT(rows); i++) {
        bad = good;
        for (int k = 0; k < 2; k++)
            if (rows[i].byte[k] != 0xFF)
                bad.bytes[rows[i].at + (size_t)k] = rows[i].byte[k];
        iam_put_le(bad.bytes + sizeof bad.bytes - 4,
                   iam_fnv(IAM_FNV, bad.bytes, sizeof bad.bytes - 4), 4);
        if (iam_call_audit_resume(u.rig.call, &u.request, &bad) != IAM_ERR_CHECKPOINT)
            fail_msg("row %zu: %d", i, u.rig.call->exchange.fault.error);
        assert_int_equal(iam_call_next(u.rig.call), IAM_ERR_STATE);
    }
    assert_int_equal(iam_call_audit_resume(u.rig.call, &u.request, &good), IAM_OK);
    u.request.arn =
        iam_span_of("arn"); /* what is wrong with the request is said as at a beginning */
    assert_int_equal(iam_call_audit_resume(u.rig.call, &u.request, &good), IAM_ERR_ARGUMENT);
    assert_memory_equal(u.rig.call->exchange.fault.what.p, "Arn", 3);
    audit_tear_down(&u);
}

/* Numbers as large as they may be, each byte another one: what is resumed makes the same checkpoint again. */
static void every_byte_of_a_checkpoint(void **state)
{
    struct iam_audit_checkpoint at, again;
    struct audit_world w;
    struct audit_run u;
    (void)state;
    for (unsigned variant = 0; variant < 6; variant++) {
        uint16_t marker_n = variant < 3 ? 300 : 7;
        audit_world_init(&w, 9);
        w.service_page = 3;
        audit_set_up(&u, &w, variant % 3, 1024);
        assert_int_equal(rig_begin(&u.rig), IAM_OK);
        assert_int_equal(iam_call_audit(u.rig.call, &u.request), IAM_OK);
        assert_int_equal(audit_go(&u, 1), IAM_ITEM);
        assert_int_equal(iam_call_audit_checkpoint(u.rig.call, &at), IAM_OK);
        memset(at.bytes + 76, 0, sizeof at.bytes - 76);
        at.bytes[5] = 1;                              /* in a page of services */
        at.bytes[7] = (uint8_t)(variant & 1 ? 5 : 0); /* completed, more */
        for (int i = 12; i < 76 + 34; i++)
            if (i < 24 || (i >= 28 && i < 40) || i >= 78)
                at.bytes[i] = (uint8_t)(129 + 2 * i + (int)variant);
        iam_put_le(at.bytes + 38, 769, 2); /* MaxItems has a limit */
        iam_put_le(at.bytes + 76, marker_n, 2);
        for (int i = 0; i < marker_n; i++)
            at.bytes[76 + 34 + i] = (uint8_t)('0' + i % 70);
        iam_put_le(at.bytes + sizeof at.bytes - 4, iam_fnv(IAM_FNV, at.bytes, sizeof at.bytes - 4),
                   4);
        assert_int_equal(iam_call_audit_resume(u.rig.call, &u.request, &at), IAM_OK);
        assert_int_equal(iam_call_audit_checkpoint(u.rig.call, &again), IAM_OK);
        frozen_same(again.bytes, at.bytes, sizeof at.bytes);
        /* an audit that is over, and stays so */
        at.bytes[5] = 3;
        memset(at.bytes + 76, 0, sizeof at.bytes - 76);
        iam_put_le(at.bytes + sizeof at.bytes - 4, iam_fnv(IAM_FNV, at.bytes, sizeof at.bytes - 4),
                   4);
        assert_int_equal(iam_call_audit_resume(u.rig.call, &u.request, &at), IAM_OK);
        assert_int_equal(iam_call_next(u.rig.call), IAM_OK);
        assert_memory_equal(iam_call_audit_job(u.rig.call).p, at.bytes + 40, 36);
        assert_int_equal(iam_call_audit_checkpoint(u.rig.call, &again), IAM_OK);
        assert_int_equal(again.bytes[5], 3);
        assert_memory_equal(again.bytes + 40, at.bytes + 40, sizeof at.bytes - 44);
        audit_tear_down(&u);
    }
}

/* Where entities are read, what was handed out before them stands in all of its four bytes. */
static void before_the_entities(void **state)
{
    struct iam_audit_checkpoint at;
    struct audit_world w;
    struct audit_run u;
    unsigned inside = 0;
    int r;
    (void)state;
    audit_world_init(&w, 9);
    w.service_page = 3;
    audit_set_up(&u, &w, IAM_AUDIT_ENTITIES, 1024);
    assert_int_equal(rig_begin(&u.rig), IAM_OK);
    assert_int_equal(iam_call_audit(u.rig.call, &u.request), IAM_OK);
    u.rig.call->delivered = 0x7A6B5C4D;
    while ((r = audit_go(&u, 1)) == IAM_ITEM) {
        uint32_t polls = u.rig.call->polls;
        u.rig.call->polls = 0xA1B2C3D4; /* and what stands behind it */
        assert_int_equal(iam_call_audit_checkpoint(u.rig.call, &at), IAM_OK);
        u.rig.call->polls = polls;
        if (at.bytes[5] != 2) /* in a page of services */
            continue;
        assert_int_equal(iam_get_le(at.bytes + 28, 4), 0xA1B2C3D4);
        inside++;
        assert_int_equal(iam_get_le(at.bytes + 20, 4), u.rig.call->delivered);
        assert_int_equal(iam_get_le(at.bytes + 24, 4) + iam_get_le(at.bytes + 430 + 6, 4),
                         u.rig.call->delivered);
    }
    assert_int_equal(r, IAM_OK);
    assert_true(inside > 9);
    audit_tear_down(&u);
}

/* An audit whose second page of services, behind the longest Marker, has been asked for; and its checkpoint there. */
static void on_its_second_page(struct audit_run *u, struct audit_world *w, enum iam_audit_what what,
                               size_t batch, struct iam_audit_checkpoint *at)
{
    audit_world_init(w, 9);
    w->service_page = 3;
    w->marker_n = IAM_MARKER_MAX;
    audit_set_up(u, w, what, batch);
    assert_int_equal(rig_begin(&u->rig), IAM_OK);
    assert_int_equal(iam_call_audit(u->rig.call, &u->request), IAM_OK);
    while (w->pages < 2)
        assert_int_equal(audit_go(u, 1), IAM_ITEM);
    assert_int_equal(iam_call_audit_checkpoint(u->rig.call, at), IAM_OK);
}

/* The batch of the one that goes on has no room for the place's Marker: said at once, and how much it takes. */
static void smaller_batch(void **state)
{
    struct iam_audit_checkpoint at;
    struct audit_world w;
    struct audit_run u;
    (void)state;
    on_its_second_page(&u, &w, IAM_AUDIT_ENTITIES, IAM_AUDIT_BATCH_MIN, &at);
    u.rig.call->batch_size = IAM_AUDIT_BATCH_MIN - 100;
    assert_int_equal(iam_call_audit_resume(u.rig.call, &u.request, &at), IAM_ERR_SPACE);
    assert_memory_equal(u.rig.call->exchange.fault.what.p, "batch", 5);
    assert_in_range(u.rig.call->exchange.fault.need, IAM_AUDIT_BATCH_MIN - 99, IAM_AUDIT_BATCH_MIN);
    u.rig.call->batch_size = IAM_AUDIT_BATCH_MIN;
    assert_int_equal(iam_call_audit_resume(u.rig.call, &u.request, &at), IAM_OK);
    assert_int_equal(audit_go(&u, UINT32_MAX), IAM_OK);
    assert_int_equal(lines_of(u.text), 26);
    audit_tear_down(&u);
}

/* A Marker is kept in the batch of an audit of entities alone: the others go on in whatever they began in. */
static void markers_of_services(void **state)
{
    struct iam_audit_checkpoint at;
    struct audit_world w;
    struct audit_run u;
    (void)state;
    on_its_second_page(&u, &w, IAM_AUDIT_SERVICES, IAM_AUDIT_BATCH_MIN - IAM_MARKER_MAX, &at);
    assert_int_equal(iam_call_audit_resume(u.rig.call, &u.request, &at), IAM_OK);
    assert_int_equal(audit_go(&u, UINT32_MAX), IAM_OK);
    audit_tear_down(&u);
}

/* Each of the namespaces is looked at. */
static void wrong_namespace(void **state)
{
    (void)state;
    for (size_t wrong = 0; wrong < 4; wrong++) {
        struct iam_span names[3] = {IAM_SPAN("s3"), IAM_SPAN("ec2"), IAM_SPAN("sqs")};
        struct audit_world w;
        struct audit_run u;
        audit_world_init(&w, 2);
        audit_set_up(&u, &w, IAM_AUDIT_SERVICES, IAM_AUDIT_BATCH_MIN);
        if (wrong < 3)
            names[wrong] = IAM_SPAN("a b");
        u.request.namespaces = names;
        u.request.namespace_count = 3;
        assert_int_equal(rig_begin(&u.rig), IAM_OK);
        assert_int_equal(iam_call_audit(u.rig.call, &u.request),
                         wrong < 3 ? IAM_ERR_ARGUMENT : IAM_OK);
        audit_tear_down(&u);
    }
}

/* The size that is asked for will do wherever the batch begins, and somewhere not a byte less. */
static void least_batch(void **state)
{
    struct audit_world w;
    struct audit_run u;
    size_t need = 0;
    unsigned exact = 0;
    (void)state;
    audit_world_init(&w, 1);
    audit_set_up(&u, &w, IAM_AUDIT_ENTITIES, IAM_AUDIT_BATCH_MIN + 16);
    assert_int_equal(rig_begin(&u.rig), IAM_OK);
    for (unsigned at = 0; at < 16; at++) {
        u.rig.call->batch = u.batch.p + at;
        u.rig.call->batch_size = 1;
        assert_int_equal(iam_call_audit(u.rig.call, &u.request), IAM_ERR_SPACE);
        assert_true(need == 0 || need == u.rig.call->exchange.fault.need);
        need = u.rig.call->exchange.fault.need;
        u.rig.call->batch_size = (uint16_t)need;
        assert_int_equal(iam_call_audit(u.rig.call, &u.request), IAM_OK);
        u.rig.call->batch_size = (uint16_t)(need - 1);
        exact += iam_call_audit(u.rig.call, &u.request) == IAM_ERR_SPACE;
    }
    assert_in_range(exact, 1, 15);
    audit_tear_down(&u);
}

/* Another operation takes its place, and nothing of it is left. */
static void dropped(void **state)
{
    (void)state;
    for (unsigned items = 0; items < 20; items++) {
        struct audit_world w;
        struct audit_run u;
        audit_world_init(&w, 9);
        w.service_page = 3;
        audit_set_up(&u, &w, IAM_AUDIT_ENTITIES, 512);
        assert_int_equal(rig_begin(&u.rig), IAM_OK);
        assert_int_equal(iam_call_audit(u.rig.call, &u.request), IAM_OK);
        audit_go(&u, items);
        memset(u.rig.cfg.batch, 0x5A, u.rig.cfg.batch_size);
        struct iam_services_request ask = {.job_id = iam_span_of(RIG_JOB), .max_items = 1000};
        w.service_page = 0;
        assert_int_equal(iam_call_services(u.rig.call, &ask), IAM_OK);
        assert_null(iam_call_audit_namespace(u.rig.call).p);
        for (int i = 0; i < 9; i++)
            assert_int_equal(rig_next(&u.rig), IAM_ITEM);
        assert_int_equal(rig_next(&u.rig), IAM_OK);
        audit_tear_down(&u);
    }
}
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders),
        cmocka_unit_test(requests),
        cmocka_unit_test(fetched_again),
        cmocka_unit_test(only),
        cmocka_unit_test(every),
        cmocka_unit_test(refused),
        cmocka_unit_test(put_aside),
        cmocka_unit_test(never_ready),
        cmocka_unit_test(deadline),
        cmocka_unit_test(session),
        cmocka_unit_test(liar),
        cmocka_unit_test(fewer_after_a_resume),
        cmocka_unit_test(failed),
        cmocka_unit_test(other_page),
        cmocka_unit_test(circles),
        cmocka_unit_test(repeated_page),
        cmocka_unit_test(used),
        cmocka_unit_test(checkpoints),
        cmocka_unit_test(dropped),
        cmocka_unit_test(frozen_in_entities),
        cmocka_unit_test(frozen_while_it_waits),
        cmocka_unit_test(resumed_page_size),
        cmocka_unit_test(full_and_broken_off),
        cmocka_unit_test(place_is_that_of_the_list),
        cmocka_unit_test(nameless),
        cmocka_unit_test(late),
        cmocka_unit_test(undated),
        cmocka_unit_test(too_many_names),
        cmocka_unit_test(asked_early),
        cmocka_unit_test(failed_between),
        cmocka_unit_test(forged),
        cmocka_unit_test(smaller_batch),
        cmocka_unit_test(least_batch),
        cmocka_unit_test(markers_of_services),
        cmocka_unit_test(wrong_namespace),
        cmocka_unit_test(before_the_entities),
        cmocka_unit_test(every_byte_of_a_checkpoint),
    };
    return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
