/* An operation is its table: made_up.h adds one that nothing in core/ has heard of, and the whole engine works
 * for it. The four lists beside it: pages, exactly once, keys that change, a place to go on from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "frozen.h"
#include "made_up.h"
#include "rig.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static struct made_up_request request(void)
{
    struct made_up_request q;
    memset(&q, 0, sizeof q);
    return q;
}

/* ---- parameters ---- */

static void body_of(const struct made_up_request *q, char *text, size_t size)
{
    struct iam_out out = {.p = text, .cap = size - 1};
    iam_encode_body(&out, &made_up, q, (struct iam_span){NULL, 0});
    text[out.n] = 0;
}

static void parameters(void **state)
{
    struct made_up_request q = request();
    char text[512];
    (void)state;
    body_of(&q, text, sizeof text);
    assert_string_equal(text, "Action=MadeUp&Version=2010-05-08");
    q.choice = IAM_CHOICE_FALSE;
    q.count = 3;
    body_of(&q, text, sizeof text);
    assert_string_equal(text, "Action=MadeUp&Version=2010-05-08&Choice=false&Count=3");
    q.text = iam_span_of("a \303\251");
    q.word = iam_span_of("w-1");
    q.enumerated = iam_span_of("Green");
    q.choice = IAM_CHOICE_TRUE;
    body_of(&q, text, sizeof text);
    assert_string_equal(text,
                        "Action=MadeUp&Version=2010-05-08&Text=a+%C3%A9&Word=w-1&Name=w-1&Id=w-1"
                        "&Enum=Green&Choice=true&Count=3");
}

static void limits(void **state)
{
    static const struct {
        const char *text, *word, *enumerated;
        uint16_t count;
        uint8_t choice;
        const char *what; /* NULL: taken */
    } rows[] = {
        {NULL, NULL, NULL, 0, 0, NULL},         {"ab", "w", "Red", 500, 2, NULL},
        {"a", NULL, NULL, 0, 0, "Text"},        {"012345678901234567890", NULL, NULL, 0, 0, "Text"},
        {NULL, "a b", NULL, 0, 0, "Word"},      {NULL, "a=", NULL, 0, 0, "Word"},
        {NULL, NULL, "red", 0, 0, "Enum"},      {NULL, NULL, "", 0, 0, "Enum"},
        {NULL, NULL, "RedGreen", 0, 0, "Enum"}, {NULL, NULL, NULL, 2, 0, "Count"},
        {NULL, NULL, NULL, 501, 0, "Count"},    {NULL, NULL, NULL, 0, 3, "Choice"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct made_up_request q = request();
        struct iam_fault f;
        memset(&f, 0, sizeof f);
        q.text = iam_span_of(rows[i].text);
        q.word = iam_span_of(rows[i].word);
        q.enumerated = iam_span_of(rows[i].enumerated);
        q.count = rows[i].count;
        q.choice = rows[i].choice;
        assert_int_equal(iam_encode_check(&made_up, &q, &f),
                         rows[i].what != NULL ? IAM_ERR_ARGUMENT : IAM_OK);
        if (rows[i].what != NULL) {
            assert_int_equal(f.what.n, strlen(rows[i].what));
            assert_memory_equal(f.what.p, rows[i].what, f.what.n);
        }
    }
}

/* ---- pages ---- */

#define MARKED(marker) "<IsTruncated>true</IsTruncated><Marker>" marker "</Marker>"
#define REPLY_OF(action, x) \
    "<" action "Response><" action "Result>" x "</" action "Result></" action "Response>"

/* Two pages of three items; cut: the first reply breaks off in its third item. */
struct world {
    const char *action, *pages[2], *fields; /* fields: what each request must hold */
    bool cut;
};

static void serve(struct rig *r)
{
    const struct world *w = r->context;
    const char *body = w->pages[strcmp(rig_field(r, "Marker"), "m-1") == 0];
    assert_string_equal(rig_field(r, "Action"), w->action);
    assert_non_null(strstr(r->in, w->fields));
    rig_printf(r, "HTTP/1.1 200 OK\r\n" RIG_DATE "Content-Length: %zu\r\n\r\n%s", strlen(body),
               body);
    if (w->cut && r->requests == 1) {
        r->out_n -= 120;
        r->after = IAM_ERR_RESET;
    }
}

static const struct iam_resource *resource(const struct rig *r)
{
    return &r->call->query.decode.item.u.resource;
}

static void is(struct iam_span s, const char *text)
{
    assert_int_equal(s.n, strlen(text));
    assert_memory_equal(s.p, text, s.n);
}

#define LISTED(list, one, a, b, c, end)                                                           \
    "<" list "><member><" one "Name>" a "</" one "Name></member><member><" one "Name>" b "</" one \
    "Name></member><member><" one "Name>" c "</" one "Name>"                                      \
    "<CreateDate>2018-10-24T19:47:31Z</CreateDate></member></" list ">" end

#define PAGES(list, one)                                                                      \
    {                                                                                         \
        REPLY_OF("List" list, LISTED(list, one, "n0", "n1", "n2", MARKED("m-1"))),            \
            REPLY_OF("List" list,                                                             \
                     LISTED(list, one, "n3", "n4", "n5", "<IsTruncated>false</IsTruncated>")) \
    }
static struct world worlds[] = {
    {"ListUsers", PAGES("Users", "User"), "&PathPrefix=%2Fteam%2F&MaxItems=3", false},
    {"ListGroups", PAGES("Groups", "Group"), "&PathPrefix=%2Fteam%2F&MaxItems=3", false},
    {"ListRoles", PAGES("Roles", "Role"), "&PathPrefix=%2Fteam%2F&MaxItems=3", false},
    {"ListPolicies", PAGES("Policies", "Policy"),
     "&Scope=Local&OnlyAttached=true&PathPrefix=%2Fteam%2F&PolicyUsageFilter=PermissionsPolicy"
     "&MaxItems=3",
     false},
};

static int start(struct rig *r, size_t which)
{
    struct iam_list_request list = {.path_prefix = iam_span_of("/team/"), .max_items = 3};
    struct iam_policies_request policies = {.policy_scope = iam_span_of("Local"),
                                            .only_attached = IAM_CHOICE_TRUE,
                                            .path_prefix = iam_span_of("/team/"),
                                            .usage_filter = iam_span_of("PermissionsPolicy"),
                                            .max_items = 3};
    return which == 0   ? iam_call_users(r->call, &list)
           : which == 1 ? iam_call_groups(r->call, &list)
           : which == 2 ? iam_call_roles(r->call, &list)
                        : iam_call_policies(r->call, &policies);
}

static void begin(struct rig *r, struct world *w)
{
    rig_init(r);
    r->serve = serve;
    r->context = w;
    assert_int_equal(rig_begin(r), IAM_OK);
}

/* Names from first on; the end. */
static void drain(struct rig *r, unsigned first)
{
    int result;
    for (; (result = rig_next(r)) == IAM_ITEM; first++) {
        char name[8];
        snprintf(name, sizeof name, "n%u", first);
        assert_int_equal(r->call->query.decode.item.kind, IAM_ITEM_RESOURCE);
        is(resource(r)->name, name);
        assert_int_equal(resource(r)->created.present, first % 3 == 2);
        assert_false(resource(r)->has_attachments);
    }
    assert_int_equal(result, IAM_OK);
    assert_int_equal(first, 6);
}

static void lists(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(worlds); i++) {
        struct rig r;
        for (int cut = 0; cut < 2; cut++) { /* a page that breaks off comes again, nothing twice */
            struct world w = worlds[i];
            w.cut = cut;
            begin(&r, &w);
            assert_int_equal(start(&r, i), IAM_OK);
            drain(&r, 0);
            assert_int_equal(r.requests, 2 + cut);
            assert_int_equal(r.call->stats.items, 6);
            rig_end(&r);
        }
    }
}

/* A list is about no job: other keys in the middle of it are no reason to end it. */
static void rotated(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(worlds); i++) {
        struct rig r;
        begin(&r, &worlds[i]);
        assert_int_equal(start(&r, i), IAM_OK);
        for (int k = 0; k < 3; k++)
            assert_int_equal(rig_next(&r), IAM_ITEM);
        r.credentials.access_key_id = iam_span_of("AKIDROTATED");
        drain(&r, 3);
        assert_non_null(strstr(r.in, "AKIDROTATED"));
        rig_end(&r);
    }
}

/* From any place on, on another client, with the request given again; with another one not. */
static void resumed(void **state)
{
    (void)state;
    for (unsigned items = 0; items <= 6; items++) {
        struct iam_list_request list = {.path_prefix = iam_span_of("/team/"), .max_items = 3};
        struct iam_checkpoint at;
        struct rig r;
        begin(&r, &worlds[2]);
        assert_int_equal(start(&r, 2), IAM_OK);
        for (unsigned k = 0; k < items; k++)
            assert_int_equal(rig_next(&r), IAM_ITEM);
        assert_int_equal(iam_call_checkpoint(r.call, &at), IAM_OK);
        rig_end(&r);

        begin(&r, &worlds[2]);
        r.credentials.access_key_id = iam_span_of("AKIDOTHER"); /* anybody's keys will do */
        assert_int_equal(iam_call_resume(r.call, &at), IAM_ERR_CHECKPOINT); /* of what list? */
        assert_int_equal(iam_call_resume_list(r.call, &iam_op_users, &list, &at),
                         IAM_ERR_CHECKPOINT);
        list.max_items = 4;
        assert_int_equal(iam_call_resume_list(r.call, &iam_op_roles, &list, &at),
                         IAM_ERR_CHECKPOINT);
        assert_int_equal(iam_call_wants(r.call), 0);
        list.max_items = 3;
        list.path_prefix = iam_span_of("/");
        assert_int_equal(iam_call_resume_list(r.call, &iam_op_roles, &list, &at),
                         IAM_ERR_CHECKPOINT);
        list.path_prefix = iam_span_of("/team/");
        list.marker = iam_span_of("whatever"); /* does not count: the place has its own */
        assert_int_equal(iam_call_resume_list(r.call, &iam_op_roles, &list, &at), IAM_OK);
        drain(&r, items);
        rig_end(&r);
    }
}

/* ---- grants: a list in the request, a list in each item ---- */

#define GRANTS(x, end)                            \
    REPLY_OF("ListPoliciesGrantingServiceAccess", \
             "<PoliciesGrantingServiceAccess>" x "</PoliciesGrantingServiceAccess>" end)
#define NAMESPACE_OF(x) "<ServiceNamespace>" x "</ServiceNamespace>"
#define POLICY_OF(x) "<member><PolicyName>" x "</PolicyName></member>"
/* clang-format off */
static struct world grants_world = {
    "ListPoliciesGrantingServiceAccess",
    {GRANTS("<member>" NAMESPACE_OF("s3") "<Policies>" POLICY_OF("p1") POLICY_OF("p2") "</Policies></member>"
            /* and one whose namespace comes behind its policies */
            "<member><Policies>" POLICY_OF("p3") "</Policies>" NAMESPACE_OF("ec2") "</member>",
            MARKED("m-1")),
     GRANTS("<member>" NAMESPACE_OF("sqs") "<Policies/></member><member>" NAMESPACE_OF("a") "</member>",
            "<IsTruncated>false</IsTruncated>")},
    "&Arn=arn%3Aaws%3Aiam%3A%3A123456789012%3Auser%2Falice"
    "&ServiceNamespaces.member.1=s3&ServiceNamespaces.member.2=ec2"
    "&ServiceNamespaces.member.3=sqs&ServiceNamespaces.member.4=a",
    false};
/* clang-format on */

static const struct iam_span grant_words[] = {IAM_LITERAL("s3"), IAM_LITERAL("ec2"),
                                              IAM_LITERAL("sqs"), IAM_LITERAL("a")};

static struct iam_grants_request grants_request(void)
{
    return (struct iam_grants_request){.arn = iam_span_of("arn:aws:iam::123456789012:user/alice"),
                                       .namespaces = grant_words,
                                       .namespace_count = COUNT(grant_words)};
}

/* The items from first on: "s" a service, "p" a policy, "l" what came late of a service. */
static void grants_drain(struct rig *r, unsigned first)
{
    static const char *const want[] = {"s s3", "p p1",  "p p2",  "s ",
                                       "p p3", "l ec2", "s sqs", "s a"};
    int result;
    for (; (result = rig_next(r)) == IAM_ITEM; first++) {
        const struct iam_item *item = &r->call->query.decode.item;
        const struct iam_grant_service *s = &item->u.grant_service;
        char got[80];
        bool policy = item->kind == IAM_ITEM_GRANT;
        struct iam_span name = policy ? item->u.grant.policy_name : s->namespace_;
        assert_true(policy || item->kind == IAM_ITEM_GRANT_SERVICE);
        snprintf(got, sizeof got, "%s %.*s",
                 policy    ? "p"
                 : s->late ? "l"
                           : "s",
                 (int)name.n, name.n > 0 ? name.p : "");
        assert_true(first < COUNT(want));
        assert_string_equal(got, want[first]);
        if (!policy)
            assert_int_equal(s->has_policies, first == 0 || first == 3 || first == 6);
    }
    assert_int_equal(result, IAM_OK);
    assert_int_equal(first, COUNT(want));
}

/* Whole, broken off, and from any place on another client; with other words not. */
static void grants(void **state)
{
    (void)state;
    for (unsigned items = 0; items <= 8; items++) {
        struct iam_grants_request q = grants_request();
        struct world w = grants_world;
        struct iam_checkpoint at;
        struct rig r;
        w.cut = items % 2 == 0;
        begin(&r, &w);
        assert_int_equal(iam_call_grants(r.call, &q), IAM_OK);
        for (unsigned k = 0; k < items; k++)
            assert_int_equal(rig_next(&r), IAM_ITEM);
        assert_int_equal(iam_call_checkpoint(r.call, &at), IAM_OK);
        if (items == 0) {
            grants_drain(&r, 0);
            assert_int_equal(r.requests, 3);
        }
        rig_end(&r);
        begin(&r, &grants_world);
        q.namespace_count = 3;
        assert_int_equal(iam_call_resume_list(r.call, &iam_op_grants, &q, &at), IAM_ERR_CHECKPOINT);
        q.namespace_count = 4;
        assert_int_equal(iam_call_resume_list(r.call, &iam_op_grants, &q, &at), IAM_OK);
        grants_drain(&r, items);
        rig_end(&r);
    }
}

/* ---- an operation of the table alone ---- */

#define MADE_UP_PAGE(x) REPLY_OF("MadeUp", x)
static struct world made_up_world = {
    "MadeUp",
    {MADE_UP_PAGE("<Things><member><Two>2</Two></member><member><One>1</One><Parts><member>"
                  "<PartText>p</PartText></member></Parts><Yes>true</Yes></member><member>"
                  "<Word>Blue</Word><Group><Text>some text that is of no use</Text></Group>"
                  "<One>-7</One></member></Things>" MARKED("m-1")),
     MADE_UP_PAGE("<Things><member><Word>Green</Word></member></Things>")},
    "&Word=w&Name=w&Id=w&Enum=Red&Choice=false&Count=9",
    false};

static struct made_up_request made_up_request(void)
{
    struct made_up_request q = request();
    q.word = iam_span_of("w");
    q.enumerated = iam_span_of("Red");
    q.choice = IAM_CHOICE_FALSE;
    q.count = 9;
    return q;
}

static void made_up_is(const struct rig *r, unsigned number)
{
    const struct iam_item *item = &r->call->query.decode.item;
    const struct made_up_item *m = (const void *)&item->u;
    const struct made_up_part *part = (const void *)&item->u;
    assert_int_equal(item->kind, number == 2 ? MADE_UP_PART : MADE_UP_ITEM);
    switch (number) {
    case 0: /* one integer's presence is not another's */
        assert_true(m->has_two && m->two == 2 && !m->has_one && !m->has_yes && !m->has_parts);
        break;
    case 1:
        assert_true(m->has_one && m->one == 1 && !m->has_two && m->has_parts && !m->late);
        break;
    case 2:
        is(part->text, "p");
        assert_false(part->time.present);
        break;
    case 3:
        assert_true(m->late && m->has_yes && m->yes && !m->has_one && !m->has_parts);
        break;
    case 4: /* a word of none of the names */
        is(m->word, "Blue");
        assert_int_equal(m->number, 0);
        assert_true(m->group && m->has_one && m->one == -7);
        break;
    default:
        is(m->word, "Green");
        assert_int_equal(m->number, 2);
        assert_false(m->group);
    }
}

static void made_up_drain(struct rig *r, unsigned first)
{
    int result;
    for (; (result = rig_next(r)) == IAM_ITEM; first++)
        made_up_is(r, first);
    assert_int_equal(result, IAM_OK);
    assert_int_equal(first, 6);
}

static void whole(void **state)
{
    (void)state;
    for (int cut = 0; cut < 2; cut++) {
        struct made_up_request q = made_up_request();
        struct world w = made_up_world;
        struct rig r;
        w.cut = cut;
        begin(&r, &w);
        assert_int_equal(iam_call_start(r.call, &made_up, &q), IAM_OK);
        made_up_drain(&r, 0);
        assert_int_equal(r.requests, 2 + cut);
        assert_int_equal(r.call->stats.items, 6); /* of data */
        rig_end(&r);
    }
}

static void from_any_place(void **state)
{
    (void)state;
    for (unsigned items = 0; items <= 6; items++) {
        struct made_up_request q = made_up_request();
        struct iam_checkpoint at;
        struct rig r;
        begin(&r, &made_up_world);
        assert_int_equal(iam_call_start(r.call, &made_up, &q), IAM_OK);
        for (unsigned k = 0; k < items; k++)
            assert_int_equal(rig_next(&r), IAM_ITEM);
        assert_int_equal(iam_call_checkpoint(r.call, &at), IAM_OK);
        rig_end(&r);
        begin(&r, &made_up_world);
        assert_int_equal(iam_call_resume_list(r.call, &made_up, &q, &at), IAM_OK);
        made_up_drain(&r, items);
        rig_end(&r);
    }
}

/* ---- checkpoints, byte for byte ---- */

/* Pages of a job, as a rig serves them: three entities, then two. */
static void serve_job(struct rig *r)
{
    bool second = strcmp(rig_field(r, "Marker"), "next+page") == 0 ||
                  strcmp(rig_field(r, "Marker"), "next%2Bpage") == 0;
    char body[4096];
    rig_answer(r, "200 OK", RIG_DATE,
               rig_body(body, sizeof body, second ? 3 : 0, second ? 2 : 3, "COMPLETED",
                        second ? NULL : "next+page"));
}

/* In the second page, of a job and of a list whose request is kept as a digest. */
static void frozen(void **state)
{
    static const struct frozen of_job[] = {
        {0, "49414d6304020002"},  /* "IAMc", version, operation, scope, flags */
        {8, "09002b"},            /* length of the Marker, of the request */
        {12, "01"},               /* items of this page */
        {16, "2bfd473b7757a920"}, /* their digest */
        {24, "01"},               /* pages before */
        {28, "04"},               /* handed out */
        {32, "7e0e4e46"},         /* session */
        {36, "729a3f5a2a81af35"}, /* Marker kept */
        {44, "2bfd473b7757a920"}, /* page before */
        {56, "246578616d706c65662d313330352d633234352d656261342d3731666532393862636461370369616d2c0"
             "1"},                   /* the request */
        {164, "6e6578742b70616765"}, /* Marker */
        {484, "fd987a7b"},           /* sum */
    };
    static const struct frozen of_list[] = {
        {0, "49414d630405"},      /* "IAMc", version, operation, scope, flags */
        {8, "030008"},            /* length of the Marker, of the request */
        {12, "01"},               /* items of this page */
        {16, "3ce9bc73c33ccfdb"}, /* their digest */
        {24, "01"},               /* pages before */
        {28, "04"},               /* handed out */
        {32, "7e0e4e46"},         /* session */
        {36, "567d301ea12527a9"}, /* Marker kept */
        {44, "3ce9bc73c33ccfdb"}, /* page before */
        {56, "d31688137a121dda"}, /* the request */
        {164, "6d2d31"},          /* Marker */
        {484, "32645e18"},        /* sum */
    };
    (void)state;
    for (int job = 0; job < 2; job++) {
        struct iam_list_request list = {.path_prefix = iam_span_of("/team/"), .max_items = 3};
        struct iam_checkpoint at, kept;
        struct rig r;
        if (job)
            frozen_bytes(of_job, COUNT(of_job), kept.bytes, sizeof kept.bytes);
        else
            frozen_bytes(of_list, COUNT(of_list), kept.bytes, sizeof kept.bytes);
        begin(&r, &worlds[2]);
        r.request.max_items = 300;
        r.request.scope = IAM_SCOPE_ALL;
        if (job)
            r.serve = serve_job;
        assert_int_equal(job ? iam_call_entities(r.call, &r.request) : start(&r, 2), IAM_OK);
        for (unsigned k = 0; k < 4; k++)
            assert_int_equal(rig_next(&r), IAM_ITEM);
        assert_int_equal(iam_call_checkpoint(r.call, &at), IAM_OK);
        frozen_same(at.bytes, kept.bytes, sizeof at.bytes);
        rig_end(&r);

        begin(&r, &worlds[2]);
        if (job)
            r.serve = serve_job;
        assert_int_equal(job ? iam_call_resume(r.call, &kept)
                             : iam_call_resume_list(r.call, &iam_op_roles, &list, &kept),
                         IAM_OK);
        unsigned items = 0;
        while (rig_next(&r) == IAM_ITEM)
            items++;
        assert_int_equal(items, job ? 1 : 2);
        assert_int_equal(r.requests, 1);
        rig_end(&r);
    }
}

/* Numbers as large as they may be, each byte another one: what is resumed makes the same checkpoint again. */
static void every_byte_of_a_place(void **state)
{
    (void)state;
    for (unsigned variant = 0; variant < 16; variant++) {
        struct iam_checkpoint at, again;
        struct rig r;
        begin(&r, &worlds[2]);
        r.request.max_items = 300;
        assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
        assert_int_equal(iam_call_checkpoint(r.call, &at), IAM_OK);
        at.bytes[6] = (uint8_t)(variant / 4 % 3); /* scope */
        at.bytes[7] = (uint8_t)(variant % 4);     /* finished, completed */
        iam_put_le(at.bytes + 8, variant < 8 ? 300 : 20, 2);
        for (int i = 12; i < 56; i++)
            at.bytes[i] = (uint8_t)(129 + 2 * i + (int)variant);
        for (int i = 0; i < (variant < 8 ? 300 : 20); i++)
            at.bytes[164 + i] = (uint8_t)('0' + i % 70);
        iam_put_le(at.bytes + sizeof at.bytes - 4, iam_fnv(IAM_FNV, at.bytes, sizeof at.bytes - 4),
                   4);
        assert_int_equal(iam_call_resume(r.call, &at), IAM_OK);
        memset(again.bytes, 0, sizeof again.bytes);
        assert_int_equal(iam_call_checkpoint(r.call, &again), IAM_OK);
        frozen_same(again.bytes, at.bytes, 164);
        assert_memory_equal(again.bytes + 164, at.bytes + 164, variant < 8 ? 300 : 20);
        rig_end(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters),     cmocka_unit_test(limits),
        cmocka_unit_test(lists),          cmocka_unit_test(rotated),
        cmocka_unit_test(resumed),        cmocka_unit_test(whole),
        cmocka_unit_test(from_any_place), cmocka_unit_test(grants),
        cmocka_unit_test(frozen),         cmocka_unit_test(every_byte_of_a_place),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
