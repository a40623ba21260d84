/* The five laws over every reply body of tests/vectors/cases: value, split, cut, squeeze, and guard, which
 * holds all through because play.c puts every buffer against an unmapped page. The fifth, fault, is
 * test_faults.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "play.h"

#include "cases_vectors.h"

#define CASES (sizeof reply_cases / sizeof reply_cases[0])

/* For bodies to refuse the vectors say just that; what came before the refusal, and which error it is, has
 * to be the same however the reply is cut up: the whole reply's transcript is the yardstick. */
static char *yardstick(const struct reply_case *c)
{
    struct play p;
    struct play_reply r = {c->reply, c->n, IAM_EOF};
    play_init(&p);
    p.replies = &r;
    p.reply_count = 1;
    p.operation = c->operation;
    play_run(&p);
    char *text = malloc(p.length + 1);
    memcpy(text, p.text, p.length + 1);
    play_free(&p);
    return text;
}

static void same(const struct reply_case *c, const char *how, size_t n, const char *want,
                 const char *got)
{
    if (strcmp(want, got) != 0)
        fail_msg("%s, %s %zu\nwanted:\n%sgot:\n%s", c->id, how, n, want, got);
}

static void prepare(struct play *p, const struct reply_case *c, struct play_reply *r)
{
    play_init(p);
    *r = (struct play_reply){c->reply, c->n, IAM_EOF};
    p->replies = r;
    p->reply_count = 1;
    p->operation = c->operation;
}

/* What botocore's parser gives, and refusals. */
static void values(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        struct play p;
        struct play_reply r;
        prepare(&p, &reply_cases[i], &r);
        play_run(&p);
        if (strcmp(reply_cases[i].transcript, "refused\n") == 0) {
            if (p.result >= 0 || p.result == IAM_ERR_SERVICE)
                fail_msg("%s: not refused: %s", reply_cases[i].id, p.text);
        } else {
            same(&reply_cases[i], "whole", 0, reply_cases[i].transcript, p.text);
        }
        play_free(&p);
    }
}

/* Any chunking gives the same. */
static void split(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        const struct reply_case *c = &reply_cases[i];
        char *want = yardstick(c);
        struct play p;
        struct play_reply r;
        prepare(&p, c, &r);
        p.rx = c->n + 1;
        for (p.split = 1; p.split < c->n; p.split++) {
            play_run(&p);
            same(c, "split at", p.split, want, p.text);
        }
        p.split = 0;
        for (p.chunk = 1; p.chunk < 80; p.chunk++) {
            play_run(&p);
            same(c, "chunks of", p.chunk, want, p.text);
        }
        play_free(&p);
        free(want);
    }
}

/* A truncated reply never succeeds; and fetched again, nothing is lost and nothing comes twice. */
static void cut(void **state)
{
    static const int ends[] = {IAM_EOF, IAM_ERR_RESET, IAM_ERR_TRUNCATED};
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        const struct reply_case *c = &reply_cases[i];
        bool good = strstr(c->transcript, "ok\n") != NULL;
        for (size_t n = 0; n < c->n; n++) {
            struct play p;
            struct play_reply r[2];
            prepare(&p, c, r);
            r[0].n = n;
            r[0].end = ends[n % 3];
            play_run(&p);
            if (p.result == IAM_OK || p.result == IAM_ERR_SERVICE)
                fail_msg("%s cut at %zu: %s", c->id, n, p.text);
            if (good) {
                r[1] = (struct play_reply){c->reply, c->n, IAM_EOF};
                p.reply_count = 2;
                p.attempts = 3;
                p.chunk = n % 97 + 1; /* other chunking the second time */
                play_run(&p);
                same(c, "again after a cut at", n, c->transcript, p.text);
                assert_int_equal(p.stats.requests, 2);
            }
            play_free(&p);
        }
    }
}

/* Every capacity gives the right answer, or an error that names the size that gives it. */
static void squeeze(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        const struct reply_case *c = &reply_cases[i];
        char *want = yardstick(c);
        struct play p;
        struct play_reply r;
        prepare(&p, c, &r);
        for (p.rx = 1; p.rx < 40; p.rx++) {
            play_run(&p);
            same(c, "rx of", p.rx, want, p.text);
        }
        p.rx = 1460;
        for (p.tx = 1; p.tx < 800; p.tx += 1 + p.tx / 8) {
            play_run(&p);
            same(c, "tx of", p.tx, want, p.text);
        }
        p.tx = 1024;
        for (size_t capacity = 0; capacity < 300; capacity++) {
            p.item = capacity;
            for (int tries = 0; play_run(&p) == IAM_ERR_SPACE; tries++) {
                assert_true(tries < 20);
                assert_true(p.fault.need > p.item);
                p.item = p.fault.need;
            }
            if (p.result == IAM_ERR_SERVICE && p.fault.need != 0) {
                assert_true(p.fault.need > p.item); /* the message was cut, and the fault says so */
                p.item = p.fault.need;
                play_run(&p);
                assert_int_equal(p.fault.need, 0);
            }
            same(c, "item buffer grown from", capacity, want, p.text);
        }
        play_free(&p);
        free(want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(split),
        cmocka_unit_test(cut),
        cmocka_unit_test(squeeze),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
