/* Characters of UTF-8: every one there is, as it is written by rule, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <tinyiam/parts/bytes.h>
#include <tinyiam/parts/utf8.h>

#include "guard.h"

static void every_character(void **state)
{
    (void)state;
    for (int32_t c = 0; c <= 0x110100; c++) {
        unsigned char s[5] = {0};
        size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        bool none = (c >= 0xD800 && c < 0xE000) || c > 0x10FFFF;
        int32_t rest = c;
        for (size_t i = n - 1; i > 0; i--, rest >>= 6)
            s[i] = (unsigned char)(0x80 | (rest & 0x3F));
        s[0] = (unsigned char)((n == 1 ? 0 : 0xF00 >> n) | rest);
        const char *p = (const char *)s;
        if (iam_utf8_next(&p, (const char *)s + n) != (none ? -1 : c) ||
            p != (const char *)s + (none ? 0 : n))
            fail_msg("U+%04X", (unsigned)c);
        p = (const char *)s;
        if (n > 1 && iam_utf8_next(&p, (const char *)s + n - 1) >= 0)
            fail_msg("U+%04X, cut short", (unsigned)c);
    }
}

static void none(void **state)
{
    static const char *const texts[] = {
        "\x80",     "\xBF",         "\xC0\x80",         "\xC1\xBF",         "\xC2\x7F",
        "\xC2\xC0", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xF5\x80\x80\x80", "\xF8\x88\x80\x80\x80",
        "\xFF"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *p = texts[i];
        assert_true(iam_utf8_next(&p, p + strlen(p)) < 0);
        assert_ptr_equal(p, texts[i]);
    }
}

/* An empty span may have no address. */
static void compared(void **state)
{
    static const struct iam_span absent = {NULL, 0}, empty = IAM_LITERAL(""), a = IAM_LITERAL("a"),
                                 b = IAM_LITERAL("b"), ab = IAM_LITERAL("ab");
    (void)state;
    assert_true(iam_span_equal(absent, absent));
    assert_true(iam_span_equal(absent, empty));
    assert_true(iam_span_is(absent, ""));
    assert_true(iam_span_equal(a, a));
    assert_false(iam_span_equal(a, b));
    assert_false(iam_span_equal(a, ab));
    assert_false(iam_span_equal(absent, a));
}

/* Blanks at the ends go, down to nothing; what stands between others stays. */
static void trimmed(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {{"", ""},       {" ", ""},          {"\n", ""},         {"  ", ""},
                {" a", "a"},    {"a ", "a"},        {" a ", "a"},       {"a", "a"},
                {"a b", "a b"}, {"\t\r\na\n", "a"}, {"  a  b ", "a  b"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct guard g = guard_copy(rows[i].text, strlen(rows[i].text));
        struct iam_span s = iam_span_trim((struct iam_span){(char *)g.p, g.n});
        assert_int_equal(s.n, strlen(rows[i].want));
        assert_memory_equal(s.p, rows[i].want, s.n);
        guard_free(&g);
    }
}

/* 0 stands for "none" wherever a hash is kept: a text that hashes to it counts as another. */
static void hashed(void **state)
{
    (void)state;
    assert_int_equal(iam_fnv(IAM_FNV, "GkkzFD", 6), 0);
    assert_int_equal(iam_hash((struct iam_span){"GkkzFD", 6}), 1);
    assert_int_equal(iam_hash((struct iam_span){NULL, 0}), IAM_FNV);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_character), cmocka_unit_test(none),
                                       cmocka_unit_test(compared), cmocka_unit_test(trimmed),
                                       cmocka_unit_test(hashed)};
    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
