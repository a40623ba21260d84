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
        cmocka_unit_test(orders),        cmocka_unit_test(requests),
        cmocka_unit_test(fetched_again), cmocka_unit_test(only),
        cmocka_unit_test(every),         cmocka_unit_test(refused),
        cmocka_unit_test(put_aside),     cmocka_unit_test(never_ready),
        cmocka_unit_test(deadline),      cmocka_unit_test(session),
        cmocka_unit_test(liar),          cmocka_unit_test(failed),
        cmocka_unit_test(other_page),    cmocka_unit_test(circles),
        cmocka_unit_test(repeated_page), cmocka_unit_test(used),
        cmocka_unit_test(checkpoints),   cmocka_unit_test(dropped),
    };
    return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
