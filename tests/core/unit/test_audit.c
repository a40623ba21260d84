/* An audit: its order, its requests, what it refuses to believe, places to go on from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit_world.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum { TEXT = 1 << 18 };

struct run {
    struct rig rig;
    struct audit_world *world;
    struct iam_audit_request request;
    struct guard batch;
    char *text;
    struct audit_text out;
};

static void set_up(struct run *u, struct audit_world *w, enum iam_audit_what what, size_t batch)
{
    memset(u, 0, sizeof *u);
    rig_init(&u->rig);
    u->world = w;
    u->rig.serve = audit_serve;
    u->rig.context = w;
    u->batch = guard_alloc(batch);
    u->rig.cfg.batch = u->batch.p;
    u->rig.cfg.batch_size = batch;
    u->request = (struct iam_audit_request){.arn = rig_text(AUDIT_ARN), .what = what};
    u->text = malloc(TEXT);
    u->text[0] = 0;
    u->out = (struct audit_text){u->text, 0, TEXT};
    w->actions = what == IAM_AUDIT_ACTIONS;
}

static void tear_down(struct run *u)
{
    rig_end(&u->rig);
    assert_true(guard_intact(&u->batch));
    guard_free(&u->batch);
    free(u->text);
}

/* Items until there are so many in all, or the end. */
static int go(struct run *u, unsigned items)
{
    int r = IAM_ITEM;
    for (unsigned i = 0; i < items && (r = rig_next(&u->rig)) == IAM_ITEM; i++)
        audit_line(&u->out, u->rig.call);
    return r;
}

static int whole(struct run *u)
{
    assert_int_equal(rig_begin(&u->rig), IAM_OK);
    int r = iam_call_audit(u->rig.call, &u->request);
    return r < 0 ? r : go(u, UINT32_MAX);
}

/* What it is to give: pages of that many services, each with its entities behind. */
static char *expected(const struct audit_world *w, enum iam_audit_what what, unsigned page)
{
    struct audit_text t = {malloc(TEXT), 0, TEXT};
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

static void same(const char *got, const char *want)
{
    if (strcmp(got, want) != 0)
        fail_msg("wanted:\n%sgot:\n%s", want, got);
}

static void orders(void **state)
{
    static const unsigned pages[] = {1, 3, 7, 64};
    (void)state;
    for (enum iam_audit_what what = IAM_AUDIT_SERVICES; what <= IAM_AUDIT_ACTIONS; what++) {
        for (size_t i = 0; i < COUNT(pages); i++) {
            for (unsigned entities = 0; entities < 4; entities += 2) {
                struct audit_world w;
                struct run u;
                audit_world_init(&w, 23);
                w.service_page = pages[i];
                w.entity_page = entities;
                w.looks = 2;
                set_up(&u, &w, what, 8192);
                assert_int_equal(whole(&u), IAM_OK);
                char *want = expected(&w, what, pages[i]);
                same(u.text, want);
                free(want);
                assert_int_equal(w.generates, 1);
                tear_down(&u);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders),
    };
    return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
