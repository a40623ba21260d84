/* The sink: every window of a stream, whatever pieces it is written in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <tinyiam/parts/out.h>

#include "guard.h"

static const char stream[] = "POST / HTTP/1.1\r\nhost: iam.amazonaws.com\r\n\r\n";
#define LENGTH (sizeof stream - 1)

/* Writes the stream in pieces of the given length; 0: all at once. */
static void write_in_pieces(struct iam_out *o, size_t piece)
{
    for (size_t at = 0; at < LENGTH; at += piece ? piece : LENGTH) {
        size_t n = LENGTH - at;

        iam_out_put(o, stream + at, piece && piece < n ? piece : n);
        iam_out_put(o, NULL, 0);
    }
}

static void every_window(void **state)
{
    (void)state;
    for (size_t cap = 0; cap <= LENGTH + 2; cap++) {
        struct guard g = guard_alloc(cap);

        for (size_t skip = 0; skip <= LENGTH + 2; skip++) {
            for (size_t piece = 0; piece <= LENGTH; piece++) {
                size_t rest = skip < LENGTH ? LENGTH - skip : 0;
                struct iam_out o = {.p = (char *)g.p, .cap = cap, .skip = skip};

                memset(g.p, 0xEE, cap);
                write_in_pieces(&o, piece);
                assert_int_equal(o.total, LENGTH);
                assert_int_equal(o.n, rest < cap ? rest : cap);
                assert_memory_equal(g.p, stream + (rest ? skip : 0), o.n);
                for (size_t i = o.n; i < cap; i++)
                    assert_int_equal(g.p[i], 0xEE);
            }
        }
        assert_true(guard_intact(&g));
        guard_free(&g);
    }
}

/* A request in windows of any size is the request. */
static void windows_join(void **state)
{
    (void)state;
    for (size_t cap = 1; cap <= LENGTH + 1; cap++) {
        char joined[LENGTH + 100];
        size_t at = 0;
        struct iam_out o;

        do {
            o = (struct iam_out){.p = joined + at, .cap = cap, .skip = at};
            write_in_pieces(&o, 3);
            at += o.n;
        } while (at < o.total);
        assert_int_equal(at, LENGTH);
        assert_memory_equal(joined, stream, LENGTH);
    }
}

static void counts_without_a_window(void **state)
{
    struct iam_out o = {0};

    (void)state;
    write_in_pieces(&o, 5);
    assert_int_equal(o.total, LENGTH);
    assert_int_equal(o.n, 0);
    o = (struct iam_out){.cap = 10, .skip = 3};
    write_in_pieces(&o, 5);
    assert_int_equal(o.total, LENGTH);
    assert_int_equal(o.n, 0);
}

static void hash_takes_everything(void **state)
{
    struct iam_sha256 a, b;
    uint8_t one[32], two[32];
    char untouched[8] = "1234567";
    struct iam_out o = {.p = untouched, .cap = sizeof untouched, .skip = 4, .sha = &a};

    (void)state;
    iam_sha256_start(&a);
    iam_sha256_start(&b);
    write_in_pieces(&o, 7);
    iam_sha256_update(&b, stream, LENGTH);
    assert_int_equal(iam_sha256_finish(&a, one), IAM_OK);
    assert_int_equal(iam_sha256_finish(&b, two), IAM_OK);
    assert_memory_equal(one, two, 32);
    assert_int_equal(o.total, LENGTH);
    assert_int_equal(o.n, 0);
    assert_string_equal(untouched, "1234567");
}

static void numbers(void **state)
{
    static const uint32_t values[] = {0,   1,     9,         10,         99,
                                      100, 65535, 999999999, 1000000000, 4294967295u};

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char ours[16] = "", theirs[16];
        struct iam_out o = {.p = ours, .cap = sizeof ours - 1};

        iam_out_uint(&o, values[i]);
        snprintf(theirs, sizeof theirs, "%lu", (unsigned long)values[i]);
        assert_string_equal(ours, theirs);
    }
}

static void texts_spans_and_hex(void **state)
{
    uint8_t all[256];
    char ours[600] = "", theirs[600] = "abcd";
    struct iam_out o = {.p = ours, .cap = sizeof ours - 1};

    (void)state;
    iam_out_text(&o, "");
    iam_out_text(&o, "ab");
    iam_out_span(&o, (struct iam_span){NULL, 0});
    iam_out_span(&o, IAM_SPAN("cd"));
    for (unsigned i = 0; i < 256; i++) {
        all[i] = (uint8_t)i;
        snprintf(theirs + 4 + 2 * i, 3, "%02x", i);
    }
    iam_out_hex(&o, all, 0);
    iam_out_hex(&o, all, sizeof all);
    assert_string_equal(ours, theirs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_window),
        cmocka_unit_test(windows_join),
        cmocka_unit_test(counts_without_a_window),
        cmocka_unit_test(hash_takes_everything),
        cmocka_unit_test(numbers),
        cmocka_unit_test(texts_spans_and_hex),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
