/* Civil time: values of Python's datetime, and everything that is none. oracle_datetime.py compares
 * thousands more with botocore. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <tinyiam/parts/datetime.h>
#include <tinyiam/tinyiam.h>

#include "datetime_vectors.h"
#include "guard.h"
#include "step.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static int parse(const char *text, size_t n, struct iam_time *t)
{
    struct guard g = guard_copy(text, n);
    int rc = iam_time_parse((struct iam_span){(char *)g.p, n}, t);

    guard_free(&g);
    return rc;
}

static void assert_time(const char *text, int64_t us, const char *iso)
{
    struct iam_time t = {0};
    char ours[41];

    if (parse(text, strlen(text), &t) != IAM_OK)
        fail_msg("'%s' was refused", text);
    memset(ours, '#', sizeof ours);
    ours[iam_time_text(&t, ours)] = '\0';
    if (t.us != us || strcmp(ours, iso) != 0)
        fail_msg("'%s': %" PRId64 " %s, not %" PRId64 " %s", text, t.us, ours, us, iso);
    assert_true(t.present);
}

static void vectors_agree(void **state)
{
    (void)state;
    assert_true(COUNT(datetime_vectors) > 500);
    for (size_t i = 0; i < COUNT(datetime_vectors); i++)
        assert_time(datetime_vectors[i].text, datetime_vectors[i].us, datetime_vectors[i].iso);
}

static void forms(void **state)
{
    static const char iso[] = "2018-10-24T19:47:31+00:00",
                      fraction[] = "2018-10-24T19:47:31.297000+00:00";
    const int64_t us = INT64_C(1540410451000000);

    (void)state;
    assert_time("2018-10-24T19:47:31Z", us, iso);
    assert_time("2018-10-24t19:47:31z", us, iso);
    assert_time("2018-10-24 19:47:31", us, iso);
    assert_time(" \t\r\n2018-10-24T19:47:31Z\n ", us, iso);
    assert_time("2018-10-24T19:47:31.297Z", us + 297000, fraction);
    assert_time("2018-10-24T19:47:31,297Z", us + 297000, fraction);
    assert_time("2018-10-24T19:47:31.2970009999999999999999999999999999999999Z", us + 297000,
                fraction);
    assert_time("2018-10-24T19:47Z", us - 31000000, "2018-10-24T19:47:00+00:00");
    assert_time("2018-10-24", INT64_C(1540339200000000), "2018-10-24T00:00:00+00:00");
    assert_time("2018-10-25T01:17:31+05:30", us, "2018-10-25T01:17:31+05:30");
    assert_time("2018-10-25T01:17:31+0530", us, "2018-10-25T01:17:31+05:30");
    assert_time("2018-10-25T01:17:31 +0530", us, "2018-10-25T01:17:31+05:30");
    assert_time("2018-10-24T12:47:31-07", us, "2018-10-24T12:47:31-07:00");
    assert_time("Wed, 24 Oct 2018 19:47:31 GMT", us, iso);
    assert_time("24 Oct 2018 19:47:31 UTC", us, iso);
    assert_time("24 OCT 18 19:47:31 Z", us, iso);
    assert_time("Wednesday, 24-Oct-18 19:47:31 GMT", us, iso);
    assert_time("Wed Oct 24 19:47:31 2018", us, iso);
    assert_time("Thu Oct  4 19:47:31 2018", us - 20 * INT64_C(86400000000),
                "2018-10-04T19:47:31+00:00");
    assert_time("Sunday, 06-Nov-94 08:49:37 GMT", INT64_C(784111777000000),
                "1994-11-06T08:49:37+00:00");
    assert_time("Monday, 01-Jan-69 00:00:00 GMT", INT64_C(3124224000000000),
                "2069-01-01T00:00:00+00:00");
    assert_time("Monday, 01-Jan-70 00:00:00 GMT", 0, "1970-01-01T00:00:00+00:00");
    assert_time("1540410451", us, iso);
    assert_time("+1540410451.297", us + 297000, fraction);
    assert_time("000000000000000000001540410451", us, iso);
    assert_time("-1.5", -1500000, "1969-12-31T23:59:58.500000+00:00");
    assert_time("0", 0, "1970-01-01T00:00:00+00:00");
    assert_time(".5", 500000, "1970-01-01T00:00:00.500000+00:00");
    assert_time("253402300799.999999", INT64_C(253402300799999999),
                "9999-12-31T23:59:59.999999+00:00");
    assert_time("-62135596799", INT64_C(-62135596799000000), "0001-01-01T00:00:01+00:00");
    assert_time("0001-01-01T00:00:00+23:59", INT64_C(-62135683140000000),
                "0001-01-01T00:00:00+23:59");
    assert_time("9999-12-31T23:59:59.999999-23:59", INT64_C(253402387139999999),
                "9999-12-31T23:59:59.999999-23:59");
}

static void http_forms(void **state)
{
    static const char *const bad[] = {"",
                                      "1540410451",
                                      "2018-10-24T19:47:31Z",
                                      "2018-10-24",
                                      "Wed, 24 Oct 2018 19:47:61 GMT",
                                      "Wed, 31 Nov 2018 19:47:31 GMT",
                                      "Wed[, 24 Oct 2018 19:47:31 GMT",
                                      "Wed{, 24 Oct 2018 19:47:31 GMT",
                                      "Wed`, 24 Oct 2018 19:47:31 GMT",
                                      "Wed@, 24 Oct 2018 19:47:31 GMT",
                                      "Wed, 24 ",
                                      "Wed, 24 Oct  "};
    struct iam_time t;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct guard g = guard_copy(bad[i], strlen(bad[i]));

        if (iam_time_parse_http((struct iam_span){(char *)g.p, g.n}, &t) != IAM_ERR_VALUE)
            fail_msg("'%s' passed", bad[i]);
        guard_free(&g);
    }
    assert_int_equal(iam_time_parse_http(IAM_SPAN("Tue, 30 Jun 2015 23:59:60 GMT"), &t), IAM_OK);
    assert_true(t.us == INT64_C(1435708800000000));
    assert_int_equal(iam_time_parse_http(IAM_SPAN("Sunday, 06-Nov-94 08:49:37 GMT"), &t), IAM_OK);
    assert_true(t.us == INT64_C(784111777000000));
}

static void everything_else_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      " ",
                                      "-",
                                      "+",
                                      ".",
                                      "-.",
                                      "T",
                                      "Z",
                                      "yesterday",
                                      "Wed, 24 Oct",
                                      "nan",
                                      "inf",
                                      "1e9",
                                      "0x10",
                                      "1_000",
                                      "1.2.3",
                                      "--1",
                                      "253402300800",
                                      "-62135596801",
                                      "99999999999999999999999999999999",
                                      "5.",
                                      "0000-01-01T00:00:00Z",
                                      "0000-12-31T23:59:59Z",
                                      "18446744075249962067",
                                      "2018-00-24T19:47:31Z",
                                      "2018-13-24T19:47:31Z",
                                      "2018-99-24T19:47:31Z",
                                      "2018-10-00T19:47:31Z",
                                      "2018-10-32T19:47:31Z",
                                      "2018-10-99T19:47:31Z",
                                      "2018-02-29T00:00:00Z",
                                      "1900-02-29T00:00:00Z",
                                      "2018-04-31T00:00:00Z",
                                      "2018-10-24T24:00:00Z",
                                      "2018-10-24T19:60:31Z",
                                      "2018-10-24T19:47:60Z",
                                      "2018-10-24T19:47:31+24:00",
                                      "2018-10-24T19:47:31+05:60",
                                      "2018-10-24T19:47:31+5",
                                      "2018-10-24T19:47:31+053",
                                      "2018-10-24T19:47:31+05:3",
                                      "2018-10-24T19:47:31+05:30Z",
                                      "2018-10-24T19:47:31+",
                                      "2018-10-24T19:47:31.Z",
                                      "2018-10-24T19:47:31ZZ",
                                      "2018-10-24T19:47:31Zulu",
                                      "2018-10-24T19:47:31X",
                                      "2018-10-24T19:47:",
                                      "2018-10-24T19:47:3",
                                      "2018-10-24T19:4",
                                      "2018-10-24T19",
                                      "2018-10-24T",
                                      "2018-10-",
                                      "2018-10",
                                      "18-10-24T19:47:31Z",
                                      "02018-10-24T19:47:31Z",
                                      "2018-1-24T19:47:31Z",
                                      "2018/10/24T19:47:31Z",
                                      "2018-10-24T19.47.31Z",
                                      "2018-10-24X19:47:31Z",
                                      "+2018-10-24T19:47:31Z",
                                      "Wed, 24 Oct 2018",
                                      "Wed, 24 Oct 2018 19:47:31 EST",
                                      "Wed, 24 Okt 2018 19:47:31 GMT",
                                      "Xyz, 24 Oct 2018 19:47:31 GMT",
                                      "Wed, 31 Nov 2018 19:47:31 GMT",
                                      "Wed, 24 Oct 201 19:47:31 GMT",
                                      "Wed, 24 Oct 2018 19:47:31 GMTX",
                                      "Wed Oct 24 19:47:31 18",
                                      "Wed, 0 Oct 2018 19:47:31 GMT",
                                      "Wed, Oct",
                                      "Wed",
                                      "Wed,",
                                      "Wed, ",
                                      "Wed, 2",
                                      "Wed, 24",
                                      "Wed, 24 O",
                                      "Wed, 24 Oc",
                                      "2018-10-24T19:47:31\xc3\xa9",
                                      "\xff"};

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct iam_time t;

        if (parse(bad[i], strlen(bad[i]), &t) != IAM_ERR_VALUE)
            fail_msg("'%s' passed", bad[i]);
    }
    assert_int_equal(iam_time_parse((struct iam_span){NULL, 0}, &(struct iam_time){0}),
                     IAM_ERR_VALUE);
    assert_int_equal(parse("2018-10-24T19:47:31Z\0", 21, &(struct iam_time){0}),
                     IAM_OK); /* NUL: space to us */
}

/* How long the text was, and how it ended: whoever shows a time as it came has no more of it. */
static void as_it_came(void **state)
{
    static const struct {
        const char *text;
        unsigned length;
        char last;
    } rows[] = {{"2018-10-24", 10, '4'},
                {" 2018-10-24T19:47:31z\n", 20, 'z'},
                {"2018-10-24T19:47:31+00:00", 25, '0'},
                {"Wed, 24 Oct 2018 19:47:31 GMT", 29, 'T'},
                {"7", 1, '7'},
                {"1540410451.25", 13, '5'}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct iam_time t = {.last = '#'};

        assert_int_equal(parse(rows[i].text, strlen(rows[i].text), &t), IAM_OK);
        assert_true(t.present);
        assert_int_equal(t.length, rows[i].length);
        assert_int_equal(t.last, rows[i].last);
    }
}

/* Every byte at every place of one of each form: no fault, and either a time in range or a
 * refusal. */
static void every_mutation(void **state)
{
    static const char *const base[] = {
        "2018-10-24T19:47:31.297+05:30", "Wed, 24 Oct 2018 19:47:31 GMT",
        "Wednesday, 24-Oct-18 19:47:31 GMT", "Wed Oct 24 19:47:31 2018", "-1540410451.25"};

    (void)state;
    for (size_t i = 0; i < COUNT(base); i++) {
        size_t n = strlen(base[i]);

        for (size_t cut = 0; cut <= n; cut++) {
            (void)parse(base[i], cut, &(struct iam_time){0});
            (void)parse(base[i] + cut, n - cut, &(struct iam_time){0});
        }
        for (size_t at = 0; at < n; at++) {
            for (int c = 0; c < 256; c++) {
                struct iam_time t;
                char text[64], iso[40];

                memcpy(text, base[i], n);
                text[at] = (char)c;
                if (iam_time_parse((struct iam_span){text, n}, &t) == IAM_OK) {
                    assert_true(t.us >= INT64_C(-62135683200000000) &&
                                t.us < INT64_C(253402387200000000));
                    assert_true(t.offset_min > -1440 && t.offset_min < 1440);
                    assert_in_range(iam_time_text(&t, iso), 25, 32);
                }
            }
        }
    }
}

/* Each of the 3,652,059 days once: dates go up by one day and come back. */
static void every_day(void **state)
{
    int64_t day = INT64_C(-62135596800) / 86400;
    char text[17], before[17] = "";

    (void)state;
    for (; day <= INT64_C(253402300799) / 86400; day += TEST_STEP) {
        iam_time_basic(day * 86400 + 86399, text);
        assert_true(strcmp(before, text) < 0);
        memcpy(before, text, sizeof before);
        if (day % 7 == 0) {
            struct iam_time t;
            char iso[] = "0000-00-00T23:59:59Z";

            memcpy(iso, text, 4);
            memcpy(iso + 5, text + 4, 2);
            memcpy(iso + 8, text + 6, 2);
            assert_int_equal(iam_time_parse((struct iam_span){iso, 20}, &t), IAM_OK);
            assert_true(t.us == (day * 86400 + 86399) * 1000000);
        }
    }
    if (TEST_STEP == 1)
        assert_string_equal(text, "99991231T235959Z");
}

static void printing_never_overflows(void **state)
{
    static const int64_t extremes[] = {INT64_MIN,
                                       INT64_MIN + 1,
                                       -INT64_C(62135683200000001),
                                       -1,
                                       0,
                                       1,
                                       INT64_C(253402387200000000),
                                       INT64_MAX - 1,
                                       INT64_MAX};
    static const int16_t offsets[] = {INT16_MIN, -1440, -1, 0, 1, 1440, INT16_MAX};

    (void)state;
    for (size_t i = 0; i < COUNT(extremes); i++) {
        struct guard basic = guard_alloc(17);

        iam_time_basic(extremes[i], (char *)basic.p);
        assert_int_equal(strlen((char *)basic.p), 16);
        guard_free(&basic);
        for (size_t k = 0; k < COUNT(offsets); k++) {
            struct guard g = guard_alloc(32);

            assert_in_range(iam_time_text(&(struct iam_time){.us = extremes[i],
                                                             .offset_min = offsets[k],
                                                             .present = true},
                                          (char *)g.p),
                            25, 32);
            guard_free(&g);
        }
    }
    char text[17];
    iam_time_basic(INT64_C(1540410451), text);
    assert_string_equal(text, "20181024T194731Z");
    iam_time_basic(INT64_C(253402300800), text);
    if (TEST_STEP == 1)
        assert_string_equal(text, "99991231T235959Z");
}

static void division(void **state)
{
    static const uint32_t divisors[] = {1,     2,       3,          10,         1000,
                                        86400, 1000000, 0x7fffffff, 0x80000000, 0xffffffff};
    uint64_t n = 1;

    (void)state;
    for (int i = 0; i < 2000; i++) {
        n = n * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        for (size_t k = 0; k < COUNT(divisors); k++) {
            uint64_t value = n >> (i % 64);
            uint32_t rest;

            assert_true(iam_divide(value, divisors[k], &rest) == value / divisors[k]);
            assert_true(rest == value % divisors[k]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_agree), cmocka_unit_test(forms),
        cmocka_unit_test(http_forms),    cmocka_unit_test(everything_else_is_refused),
        cmocka_unit_test(as_it_came),    cmocka_unit_test(every_mutation),
        cmocka_unit_test(division),      cmocka_unit_test(printing_never_overflows),
        cmocka_unit_test(every_day),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
