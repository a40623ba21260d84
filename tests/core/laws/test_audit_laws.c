/* The five laws over an audit: split, cut, fault, squeeze, guard (every buffer stands against an unmapped page), and
 * a place to go on from behind every item, on a client of other sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../unit/audit_world.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum { LAST = IAM_AUDIT_ACTIONS, PAGE = 2 };

/* Eleven services on pages of two, entities on pages of two; whole: all services on one page, whatever was asked. */
static void world(struct audit_world *w, bool whole)
{
    audit_world_init(w, 11);
    w->service_page = PAGE;
    w->entity_page = 2;
    w->looks = 1;
    w->ignore_max = whole;
}

static char *wanted(const struct audit_world *w, enum iam_audit_what what)
{
    return audit_expected(w, what, w->ignore_max ? w->count : PAGE);
}

/* ---- split ---- */

static void split(void **state)
{
    (void)state;
    for (int what = 0; what <= LAST; what++) {
        for (size_t size = 1; size < 200; size += size < 40 ? 1 : 13) {
            struct audit_world w;
            struct audit_run u;
            world(&w, size % 2 == 0);
            audit_set_up(&u, &w, (enum iam_audit_what)what, 512 + size);
            u.rig.cfg.rx_size = size;
            u.rig.cfg.tx_size = size % 50 + 1;
            u.rig.chunk = size % 7 + 1;
            u.rig.send_chunk = size % 11 + 1;
            char *want = wanted(&w, (enum iam_audit_what)what);
            assert_int_equal(audit_whole(&u), IAM_OK);
            audit_same(u.text, want);
            free(want);
            audit_tear_down(&u);
        }
    }
}

/* ---- cut, fault ---- */

static size_t cut_at;
static int cut_error;

static void cut_short(struct rig *r, struct audit_world *w)
{
    (void)w;
    if (cut_at < r->out_n)
        r->out_n = cut_at;
    r->after = cut_error;
}

/* Each reply breaks off at each of these places, and comes again. */
static void cut(void **state)
{
    static const int errors[] = {IAM_ERR_RESET, IAM_EOF, IAM_ERR_TRUNCATED};
    (void)state;
    for (int what = 0; what <= LAST; what++) {
        for (int whole = 0; whole < 2; whole++) {
            unsigned requests = 2;
            for (unsigned at = 1; at <= requests; at++) {
                for (cut_at = 0; cut_at < 2500; cut_at += whole ? 97 : 31) {
                    struct audit_world w;
                    struct audit_run u;
                    world(&w, whole);
                    w.fault_at = at;
                    w.fault = cut_short;
                    cut_error = errors[cut_at % 3];
                    audit_set_up(&u, &w, (enum iam_audit_what)what, 520);
                    char *want = wanted(&w, (enum iam_audit_what)what);
                    assert_int_equal(audit_whole(&u), IAM_OK);
                    audit_same(u.text, want);
                    requests = u.rig.requests;
                    free(want);
                    audit_tear_down(&u);
                }
            }
            assert_true(requests >= 3);
        }
    }
}

static const char *fault_status, *fault_code;

static void fault_instead(struct rig *r, struct audit_world *w)
{
    /* the lists' and looks' counts are those of replies that arrived */
    (void)w;
    r->out_n = 0;
    rig_error(r, fault_status, RIG_DATE, fault_code);
}

/* An error in the place of each reply: one that passes costs nothing, one that does not ends it, and what was handed
 * out before is a beginning of the whole. */
static void fault(void **state)
{
    static const struct {
        const char *status, *code;
        bool passes;
    } rows[] = {{"400 Bad Request", "Throttling", true},
                {"500 Internal Server Error", "InternalFailure", true},
                {"403 Forbidden", "AccessDenied", false},
                {"404 Not Found", "NoSuchEntity", false},
                {"403 Forbidden", "ExpiredToken", false}};
    (void)state;
    for (int what = 0; what <= LAST; what++) {
        for (size_t i = 0; i < COUNT(rows); i++) {
            unsigned requests = 2;
            for (unsigned at = 1; at <= requests; at++) {
                struct audit_world w;
                struct audit_run u;
                world(&w, false);
                w.looks = 0; /* a look that is answered by an error was none */
                w.fault_at = at;
                w.fault = fault_instead;
                fault_status = rows[i].status;
                fault_code = rows[i].code;
                audit_set_up(&u, &w, (enum iam_audit_what)what, 520);
                char *want = wanted(&w, (enum iam_audit_what)what);
                int result = audit_whole(&u);
                if (rows[i].passes) {
                    assert_int_equal(result, IAM_OK);
                    audit_same(u.text, want);
                    requests = u.rig.requests;
                } else {
                    const struct iam_fault *f = &u.rig.call->exchange.fault;
                    assert_int_equal(result, IAM_ERR_SERVICE);
                    assert_int_equal(f->code.n, strlen(rows[i].code));
                    assert_memory_equal(want, u.text, u.out.n);
                    assert_int_equal(rig_next(&u.rig), IAM_ERR_SERVICE); /* sticks */
                    requests = what == IAM_AUDIT_ENTITIES ? 20 : 7;
                }
                free(want);
                audit_tear_down(&u);
            }
        }
    }
}

/* ---- squeeze ---- */

/* Every size of the batch gives the whole, or an error that names it and what would do. */
static void squeeze(void **state)
{
    static const unsigned markers[] = {0, 100, IAM_MARKER_MAX};
    (void)state;
    for (int what = 0; what <= LAST; what++) {
        for (size_t m = 0; m < COUNT(markers); m++) {
            for (size_t size = 1; size < 1200; size += size < 560 ? 1 : 37) {
                size_t batch = size;
                for (int tries = 0;; tries++) {
                    struct audit_world w;
                    struct audit_run u;
                    world(&w, size % 3 == 0);
                    w.marker_n = markers[m];
                    audit_set_up(&u, &w, (enum iam_audit_what)what, batch);
                    int result = audit_whole(&u);
                    const struct iam_fault *f = &u.rig.call->exchange.fault;
                    size_t need = f->need;
                    if (result == IAM_OK) {
                        char *want = wanted(&w, (enum iam_audit_what)what);
                        audit_same(u.text, want);
                        free(want);
                        audit_tear_down(&u);
                        break;
                    }
                    assert_int_equal(result, IAM_ERR_SPACE);
                    assert_int_equal(f->what.n, 5);
                    assert_memory_equal(f->what.p, "batch", 5);
                    assert_int_equal(f->layer, IAM_LAYER_CALLER);
                    audit_tear_down(&u);
                    assert_true(need > batch && need <= IAM_AUDIT_BATCH_MIN);
                    assert_true(tries < 4);
                    batch = need;
                }
            }
        }
    }
}

/* The item buffer, likewise. */
static void squeeze_item(void **state)
{
    (void)state;
    for (int what = 0; what <= LAST; what++) {
        for (size_t size = 0; size < 600; size += 7) {
            size_t item = size;
            for (int tries = 0;; tries++) {
                struct audit_world w;
                struct audit_run u;
                world(&w, false);
                w.marker_n = 200;
                audit_set_up(&u, &w, (enum iam_audit_what)what, 600);
                u.rig.cfg.item_size = item;
                int result = audit_whole(&u);
                size_t need = u.rig.call->exchange.fault.need;
                if (result == IAM_OK) {
                    char *want = wanted(&w, (enum iam_audit_what)what);
                    audit_same(u.text, want);
                    free(want);
                    audit_tear_down(&u);
                    break;
                }
                assert_int_equal(result, IAM_ERR_SPACE);
                assert_memory_equal(u.rig.call->exchange.fault.what.p, "item", 4);
                audit_tear_down(&u);
                assert_true(need > item && tries < 20);
                item = need;
            }
        }
    }
}

/* ---- from any place ---- */

/* Goes on from a place until the end, or so many items more, on a client whose batch has this size. */
static int go_on(struct audit_world *w, const struct iam_audit_checkpoint *from,
                 struct iam_audit_checkpoint *to, enum iam_audit_what what, size_t batch,
                 bool structure, unsigned items, char *text, size_t *n)
{
    struct audit_run u;
    audit_set_up(&u, w, what, batch);
    u.rig.cfg.structure = structure;
    u.rig.seed = (uint32_t)batch;
    u.rig.chunk = batch % 300 + 1;
    assert_int_equal(rig_begin(&u.rig), IAM_OK);
    int r = from == NULL ? iam_call_audit(u.rig.call, &u.request)
                         : iam_call_audit_resume(u.rig.call, &u.request, from);
    assert_int_equal(r, IAM_OK);
    if (items % 2 == 0 && to != NULL) { /* before it has done anything it is where it was */
        struct iam_audit_checkpoint same;
        assert_int_equal(iam_call_audit_checkpoint(u.rig.call, &same), IAM_OK);
        if (from != NULL)
            *to = same;
    }
    r = audit_go(&u, items);
    assert_true(r >= 0);
    if (to != NULL)
        assert_int_equal(iam_call_audit_checkpoint(u.rig.call, to), IAM_OK);
    memcpy(text + *n, u.text, u.out.n + 1);
    *n += u.out.n;
    audit_tear_down(&u);
    return r;
}

static void resume(void **state)
{
    static const unsigned markers[] = {0, IAM_MARKER_MAX};
    static char text[AUDIT_TEXT];
    (void)state;
    for (int what = 0; what <= LAST; what++) {
        for (int whole = 0; whole < 2; whole++) {
            for (size_t m = 0; m < COUNT(markers); m++) {
                for (unsigned items = 0;; items++) {
                    struct iam_audit_checkpoint at;
                    struct audit_world w;
                    size_t n = 0;
                    world(&w, whole);
                    w.marker_n = markers[m];
                    char *want = wanted(&w, (enum iam_audit_what)what);
                    int r = go_on(&w, NULL, &at, (enum iam_audit_what)what, 512, false, items, text,
                                  &n);
                    go_on(&w, &at, NULL, (enum iam_audit_what)what, 513 + items * 17, false,
                          UINT32_MAX, text, &n);
                    audit_same(text, want);
                    assert_int_equal(w.generates, 1); /* it is one report from beginning to end */
                    free(want);
                    if (r == IAM_OK && items > 0)
                        break;
                }
            }
        }
    }
}

/* Killed after each few items, over and over; with structure as well. */
static void resume_and_resume(void **state)
{
    static char text[AUDIT_TEXT], undisturbed[AUDIT_TEXT];
    (void)state;
    for (int what = 0; what <= LAST; what++) {
        for (int structure = 0; structure < 2; structure++) {
            /* the beginning of a page is said again wherever it is resumed */
            for (unsigned step = structure ? 3 : 1; step < 7; step++) {
                struct iam_audit_checkpoint at;
                struct audit_world w;
                size_t n = 0, all = 0;
                int r;
                world(&w, step % 2);
                go_on(&w, NULL, NULL, (enum iam_audit_what)what, 512, structure, UINT32_MAX,
                      undisturbed, &all);
                w.looked = 0;
                r = go_on(&w, NULL, &at, (enum iam_audit_what)what, 512, structure, step, text, &n);
                for (int k = 0; r != IAM_OK; k++) {
                    assert_true(k < 2000);
                    r = go_on(&w, &at, &at, (enum iam_audit_what)what, 512 + (unsigned)k % 9,
                              structure, step, text, &n);
                }
                if (!structure) /* a page that is begun again says so again */
                    audit_same(text, undisturbed);
                else
                    assert_true(n >= all);
            }
        }
    }
}

/* From any place, on a client that knows nothing but the checkpoint: with other keys nothing is asked, and a report that
 * was ready is not waited for. */
static void resume_elsewhere(void **state)
{
    static char text[AUDIT_TEXT];
    (void)state;
    for (int what = 0; what <= LAST; what++) {
        for (int keys = 0; keys < 2; keys++) {
            for (unsigned items = 1;; items++) {
                struct iam_audit_checkpoint at;
                struct audit_world w;
                struct audit_run u;
                size_t n = 0;
                int r;
                world(&w, false);
                r = go_on(&w, NULL, &at, (enum iam_audit_what)what, 512, false, items, text, &n);
                if (r == IAM_OK)
                    break;
                unsigned requests = w.number;
                audit_set_up(&u, &w, (enum iam_audit_what)what, 512);
                if (keys)
                    u.rig.credentials.access_key_id = iam_span_of("AKIDROTATED");
                else
                    w.looks = w.looked + 1;
                assert_int_equal(rig_begin(&u.rig), IAM_OK);
                assert_int_equal(iam_call_audit_resume(u.rig.call, &u.request, &at), IAM_OK);
                r = audit_go(&u, UINT32_MAX);
                assert_int_equal(r, keys ? IAM_ERR_SESSION : IAM_ERR_JOB_STATUS);
                assert_int_equal(w.number, requests + (keys ? 0 : 1));
                audit_same(u.text, "");
                audit_tear_down(&u);
            }
        }
    }
}

/* Who answers with as many services as are asked for: a page that is begun is asked for again in the size that it had,
 * though a larger batch would hold more. */
static void resume_page_size(void **state)
{
    static char text[AUDIT_TEXT];
    (void)state;
    for (unsigned items = 1, r = IAM_ITEM; r == IAM_ITEM; items++) {
        struct iam_audit_checkpoint at;
        struct audit_world w;
        size_t n = 0, lines = 0;
        audit_world_init(&w, 40);
        r = (unsigned)go_on(&w, NULL, &at, IAM_AUDIT_ENTITIES, 512, false, items, text, &n);
        go_on(&w, &at, NULL, IAM_AUDIT_ENTITIES, 2000, false, UINT32_MAX, text, &n);
        for (const char *p = text; *p != 0; p++)
            lines += *p == '\n';
        size_t want = w.count;
        for (unsigned i = 0; i < w.count; i++)
            want += w.services[i].entities;
        assert_int_equal(lines, want);
        assert_in_range(w.max_items[0], 2, 39);
    }
}

/* The next page of services is said to be under way: the report was ready. */
static void ready_is_ready(void **state)
{
    (void)state;
    for (int what = 0; what <= LAST; what++) {
        for (unsigned items = 1; items <= PAGE; items++) {
            struct audit_world w;
            struct audit_run u;
            world(&w, false);
            audit_set_up(&u, &w, (enum iam_audit_what)what, 512);
            assert_int_equal(rig_begin(&u.rig), IAM_OK);
            assert_int_equal(iam_call_audit(u.rig.call, &u.request), IAM_OK);
            assert_int_equal(audit_go(&u, items), IAM_ITEM);
            w.looks = w.looked + 1;
            assert_int_equal(audit_go(&u, UINT32_MAX), IAM_ERR_JOB_STATUS);
            assert_int_equal(w.looked, w.looks);
            audit_tear_down(&u);
        }
    }
}

/* A reply cut short, then the end of the machine: the place behind the last item is a place to go on from, too. */
static void resume_after_failure(void **state)
{
    static char text[AUDIT_TEXT];
    (void)state;
    for (int what = 0; what <= LAST; what++) {
        unsigned requests = 2;
        for (unsigned at = 1; at <= requests; at++) {
            for (cut_at = 300; cut_at < 1500; cut_at += 67) {
                struct iam_audit_checkpoint place;
                struct audit_world w;
                struct audit_run u;
                world(&w, at % 2);
                w.fault_at = at;
                w.fault = cut_short;
                cut_error = IAM_ERR_RESET;
                audit_set_up(&u, &w, (enum iam_audit_what)what, 520);
                u.rig.cfg.max_attempts = 1;
                char *want = wanted(&w, (enum iam_audit_what)what);
                int r = audit_whole(&u);
                requests = r == IAM_OK ? u.rig.requests : at + 1;
                size_t n = u.out.n;
                memcpy(text, u.text, n + 1);
                assert_int_equal(iam_call_audit_checkpoint(u.rig.call, &place), IAM_OK);
                audit_tear_down(&u);
                go_on(&w, &place, NULL, (enum iam_audit_what)what, 900, false, UINT32_MAX, text,
                      &n);
                audit_same(text, want);
                free(want);
            }
        }
    }
}

/* A batch that has become too small on the way: a larger one goes on from there. */
static void resume_larger(void **state)
{
    static char text[AUDIT_TEXT];
    (void)state;
    for (size_t size = 170; size < 500; size += 7) {
        struct iam_audit_checkpoint place;
        struct audit_world w;
        struct audit_run u;
        world(&w, false);
        w.marker_n = 300;
        audit_set_up(&u, &w, IAM_AUDIT_ENTITIES, size);
        char *want = wanted(&w, IAM_AUDIT_ENTITIES);
        int r = audit_whole(&u);
        size_t n = u.out.n;
        if (iam_call_audit_checkpoint(u.rig.call, &place) == IAM_OK) {
            assert_int_equal(r, u.rig.call->exchange.fault.need > 0 ? IAM_ERR_SPACE : IAM_OK);
            assert_true(n > 0);
            memcpy(text, u.text, n + 1);
            go_on(&w, &place, NULL, IAM_AUDIT_ENTITIES, 512, false, UINT32_MAX, text, &n);
            audit_same(text, want);
        } else {
            assert_int_equal(r, IAM_ERR_SPACE);
        }
        free(want);
        audit_tear_down(&u);
    }
}

/* ---- a copy of the memory is a place, too ---- */

static void snapshot(void **state)
{
    (void)state;
    for (int what = 0; what <= LAST; what++) {
        for (unsigned items = 0; items < 40; items++) {
            struct audit_world w;
            struct audit_run u;
            world(&w, items % 2);
            audit_set_up(&u, &w, (enum iam_audit_what)what, 600);
            char *want = wanted(&w, (enum iam_audit_what)what);
            assert_int_equal(rig_begin(&u.rig), IAM_OK);
            assert_int_equal(iam_call_audit(u.rig.call, &u.request), IAM_OK);
            int r = audit_go(&u, items);
            /* the call moves to other memory, and what was there is overwritten */
            struct guard other = guard_alloc(sizeof *u.rig.call);
            memcpy(other.p, u.rig.call, sizeof *u.rig.call);
            memset(u.rig.call, 0x5A, sizeof *u.rig.call);
            guard_free(&u.rig.memory);
            u.rig.memory = other;
            u.rig.call = (struct iam_call *)(void *)other.p;
            if (r != IAM_OK || items == 0)
                assert_int_equal(audit_go(&u, UINT32_MAX), IAM_OK);
            audit_same(u.text, want);
            free(want);
            audit_tear_down(&u);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(split),
        cmocka_unit_test(cut),
        cmocka_unit_test(fault),
        cmocka_unit_test(squeeze),
        cmocka_unit_test(squeeze_item),
        cmocka_unit_test(resume),
        cmocka_unit_test(resume_and_resume),
        cmocka_unit_test(resume_page_size),
        cmocka_unit_test(resume_elsewhere),
        cmocka_unit_test(ready_is_ready),
        cmocka_unit_test(resume_after_failure),
        cmocka_unit_test(resume_larger),
        cmocka_unit_test(snapshot),
    };
    return cmocka_run_group_tests_name("audit_laws", tests, NULL, NULL);
}
