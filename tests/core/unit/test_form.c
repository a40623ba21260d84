/* Form encoding: every character as botocore writes it, from UTF-8 and from Latin-1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <tinyiam/parts/form.h>

#include "form_vectors.h"
#include "guard.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

typedef void encode_fn(struct iam_out *, struct iam_span);

static const char *encode(encode_fn *form, const void *text, size_t n)
{
    static char encoded[4096];
    struct guard g = guard_copy(text, n);
    struct iam_out o = {.p = encoded, .cap = sizeof encoded - 1};

    form(&o, (struct iam_span){(char *)g.p, n});
    encoded[o.n] = '\0';
    guard_free(&g);
    return encoded;
}

static void vectors_agree(void **state)
{
    (void)state;
    assert_true(COUNT(form_vectors) > 95);
    for (size_t i = 0; i < COUNT(form_vectors); i++) {
        const char *text = form_vectors[i].text;

        assert_string_equal(encode(iam_form_text, text, strlen(text)), form_vectors[i].encoded);
        if (form_vectors[i].code_point < 256) {
            uint8_t c = (uint8_t)form_vectors[i].code_point;

            assert_string_equal(encode(iam_form_latin1, &c, 1), form_vectors[i].encoded);
        }
    }
}

/* The rule itself, on all 256 bytes. */
static void every_byte(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        uint8_t byte = (uint8_t)c;
        char text[16], latin1[16];

        if (c &&
            strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~", (int)c))
            snprintf(text, sizeof text, "%c", c);
        else if (c == ' ')
            snprintf(text, sizeof text, "+");
        else
            snprintf(text, sizeof text, "%%%02X", c);
        if (c < 0x80) {
            snprintf(latin1, sizeof latin1, "%s", text);
        } else {
            snprintf(latin1, sizeof latin1, "%%%02X%%%02X", c < 0xC0 ? 0xC2u : 0xC3u,
                     c < 0xC0 ? c : c - 0x40);
        }
        assert_string_equal(encode(iam_form_text, &byte, 1), text);
        assert_string_equal(encode(iam_form_latin1, &byte, 1), latin1);
    }
}

static void runs_and_specials_mixed(void **state)
{
    (void)state;
    assert_string_equal(encode(iam_form_text, "", 0), "");
    assert_string_equal(encode(iam_form_text, "a b&c=d", 7), "a+b%26c%3Dd");
    assert_string_equal(encode(iam_form_text, " a ", 3), "+a+");
    assert_string_equal(encode(iam_form_text, "\0\xff", 2), "%00%FF");
    assert_string_equal(encode(iam_form_text, "arn:aws:iam::123456789012:user/a~b", 34),
                        "arn%3Aaws%3Aiam%3A%3A123456789012%3Auser%2Fa~b");
    assert_string_equal(encode(iam_form_latin1, "\xe9 \xff", 3), "%C3%A9+%C3%BF");
}

/* Long values, the widest characters at every place. */
static void long_values(void **state)
{
    (void)state;
    for (size_t at = 0; at < 70; at++) {
        char text[200], expected[1300];
        size_t n = 0;

        memset(text, 'a', sizeof text);
        memset(text + at, 0xE9, sizeof text - at);
        for (size_t i = 0; i < sizeof text; i++)
            n += (size_t)snprintf(expected + n, sizeof expected - n, "%s", i < at ? "a" : "%C3%A9");
        assert_string_equal(encode(iam_form_latin1, text, sizeof text), expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_agree),
        cmocka_unit_test(every_byte),
        cmocka_unit_test(runs_and_specials_mixed),
        cmocka_unit_test(long_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
