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

/* Bodies that only made_up.h knows how to read: a kind of item that nothing in core/ has heard of, cut up and
 * broken off like the others. What they are to give is spelt out by hand. */
#define MADE_UP(x)                                                                      \
    "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<MadeUpResponse><MadeUpResult>" x \
    "</MadeUpResult></MadeUpResponse>"
static const struct {
    const char *reply, *transcript;
} made_up_rows[] = {
    {MADE_UP("<Things><member><Two>2</Two></member><member><One>1</One><Yes>false</Yes></member>"
             "<member><Word>Green</Word><Group><Text>t</Text></Group></member></Things>"
             "<IsTruncated>false</IsTruncated>"),
     "item|Two=2\nitem|One=1|Yes=0\nitem|Word=Green|Group=1|Text=t\nreport|List=1|IsTruncated="
     "0\nok\n"},
    {MADE_UP("<Things><member><One>1</One><Parts><member><PartText>p</PartText></member><member>"
             "<PartTime>1970-01-01T00:00:01Z</PartTime></member></Parts><Word>Blue</Word></member>"
             "<member><Yes>true</Yes></member></Things>"),
     "item|One=1|Parts=1\nitem|PartText=p\nitem|PartTime=1000000/"
     "0\nitem|Word=Blue|late\nitem|Yes=1\n"
     "report|List=1\nok\n"},
    {MADE_UP("<Marker>m</Marker><Things/>"), "report|List=1|Marker=m\nok\n"},
};
enum { MADE_UP_ROWS = sizeof made_up_rows / sizeof made_up_rows[0] };

static struct reply_case cases[CASES + MADE_UP_ROWS];

static int gather(void **state)
{
    (void)state;
    memcpy(cases, reply_cases, sizeof reply_cases);
    for (size_t i = 0; i < MADE_UP_ROWS; i++) {
        const char *reply = made_up_rows[i].reply;
        cases[CASES + i] =
            (struct reply_case){.id = "made up",
                                .operation = "MadeUp",
                                .head = (size_t)(strstr(reply, "\r\n\r\n") + 4 - reply),
                                .reply = reply,
                                .n = strlen(reply),
                                .transcript = made_up_rows[i].transcript};
    }
    return 0;
}

/* What botocore's parser gives, and refusals. */
static void values(void **state)
{
    uint64_t kinds = 0;
    (void)state;
    for (size_t i = 0; i < CASES + MADE_UP_ROWS; i++) {
        struct play p;
        struct play_reply r;
        prepare(&p, &cases[i], &r);
        play_run(&p);
        if (strcmp(cases[i].transcript, "refused\n") == 0) {
            if (p.result >= 0 || p.result == IAM_ERR_SERVICE)
                fail_msg("%s: not refused: %s", cases[i].id, p.text);
        } else {
            same(&cases[i], "whole", 0, cases[i].transcript, p.text);
        }
        kinds |= p.kinds;
        play_free(&p);
    }
    assert_true(kinds == transcript_kinds()); /* every kind that any table has is played */
}

/* Any chunking gives the same. */
static void split(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES + MADE_UP_ROWS; i++) {
        const struct reply_case *c = &cases[i];
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
    for (size_t i = 0; i < CASES + MADE_UP_ROWS; i++) {
        const struct reply_case *c = &cases[i];
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

/* Characters of an item's members that may be another without the reply's being refused. */
static bool changeable(const struct reply_case *c, size_t at)
{
    const char *from = c->reply + at, *tag = from;
    while (tag > c->reply && *tag != '>')
        tag--;
    while (tag > c->reply && *tag != '<')
        tag--;
    return *from == '7' ||
           (*from >= 'a' && *from <= 'z' && tag[1] != '/' && memchr(from, '<', c->n - at));
}

/* A page that broke off and comes again differently was another page: a character of what had been delivered,
 * of any kind of item, is enough to tell. */
static void changed(void **state)
{
    uint64_t kinds = 0;
    (void)state;
    for (size_t i = 0; i < CASES + MADE_UP_ROWS; i++) {
        const struct reply_case *c = &cases[i];
        struct play p;
        struct play_reply r[2];
        char *other;
        if (strstr(c->transcript, "ok\n") == NULL || strncmp(c->transcript, "item", 4) != 0)
            continue;
        other = malloc(c->n);
        for (size_t at = c->head; at < c->n; at++) {
            char *want, *got;
            if (!changeable(c, at))
                continue;
            memcpy(other, c->reply, c->n);
            other[at] = other[at] == '7' ? '6' : other[at] == 'a' ? 'b' : 'a';
            prepare(&p, c, r);
            r[0].p = other; /* what it says on its own */
            play_run(&p);
            if (p.result != IAM_OK) {
                play_free(&p);
                continue;
            }
            want = strdup(p.text);
            r[0] = (struct play_reply){c->reply, c->n - 8, IAM_ERR_RESET};
            r[1] = (struct play_reply){other, c->n, IAM_EOF};
            p.reply_count = 2;
            p.attempts = 3;
            play_run(&p);
            got = strstr(want, "report");
            bool same_items = strncmp(want, c->transcript, (size_t)(got - want)) == 0;
            /* of the report itself it may be the date that tells */
            if ((p.result == IAM_OK && !same_items) ||
                (p.result != IAM_OK && p.result != IAM_ERR_CHANGED))
                fail_msg("%s, byte %zu changed:\n%s", c->id, at, p.text);
            if (!same_items)
                kinds |= p.kinds;
            play_free(&p);
            free(want);
        }
        free(other);
    }
    assert_true(kinds == transcript_kinds());
}

/* Every capacity gives the right answer, or an error that names the size that gives it. */
static void squeeze(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES + MADE_UP_ROWS; i++) {
        const struct reply_case *c = &cases[i];
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
            for (int tries = 0; p.result == IAM_ERR_SERVICE && p.fault.need != 0; tries++) {
                /* the message was cut, or then the request id had no room; and the fault says so */
                assert_true(tries < 2);
                assert_true(p.fault.need > p.item);
                p.item = p.fault.need;
                play_run(&p);
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
        cmocka_unit_test(values),  cmocka_unit_test(split),   cmocka_unit_test(cut),
        cmocka_unit_test(changed), cmocka_unit_test(squeeze),
    };
    return cmocka_run_group_tests(tests, gather, NULL);
}
