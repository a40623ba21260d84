/* Regions to endpoints: every entry of AWS's rule set, and everything that is no region. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tinyiam/endpoint.h>

#include "endpoint_vectors.h"
#include "guard.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static int resolve(const char *region, size_t n, unsigned flags, struct iam_endpoint *e)
{
    struct guard g = guard_copy(region, n);
    int rc = iam_endpoint_resolve((struct iam_span){(char *)g.p, n}, flags, e);

    guard_free(&g);
    return rc;
}

static void assert_endpoint(const char *region, unsigned flags, const char *host,
                            const char *signing_region)
{
    struct iam_endpoint e;

    if (resolve(region, strlen(region), flags, &e) != IAM_OK)
        fail_msg("'%s' was refused", region);
    if (strcmp(e.host, host) != 0 || strcmp(e.signing_region.p, signing_region) != 0) {
        fail_msg("'%s' %u: %s %s, not %s %s", region, flags, e.host, e.signing_region.p, host,
                 signing_region);
    }
    assert_int_equal(e.signing_region.n, strlen(signing_region));
}

static void every_entry_agrees(void **state)
{
    (void)state;
    assert_true(COUNT(endpoint_vectors) > 200);
    for (size_t i = 0; i < COUNT(endpoint_vectors); i++) {
        if (*endpoint_vectors[i].host) {
            assert_endpoint(endpoint_vectors[i].region, endpoint_vectors[i].flags,
                            endpoint_vectors[i].host, endpoint_vectors[i].signing_region);
        } else {
            struct iam_endpoint e;

            assert_int_equal(
                resolve(endpoint_vectors[i].region, strlen(endpoint_vectors[i].region), 0, &e),
                IAM_ERR_REGION);
        }
    }
}

static void no_region_is_the_commercial_partition(void **state)
{
    static const char *const hosts[] = {"iam.amazonaws.com", "iam-fips.amazonaws.com",
                                        "iam.global.api.aws", "iam-fips.global.api.aws"};

    (void)state;
    for (unsigned flags = 0; flags < 4; flags++) {
        struct iam_endpoint e;

        assert_int_equal(iam_endpoint_resolve((struct iam_span){NULL, 0}, flags, &e), IAM_OK);
        assert_string_equal(e.host, hosts[flags]);
        assert_string_equal(e.signing_region.p, "us-east-1");
        assert_endpoint("", flags, hosts[flags], "us-east-1");
    }
}

/* What nearly has the form of a partition belongs to the commercial one. */
static void forms_are_matched_exactly(void **state)
{
    static const char *const commercial[] = {"cn",
                                             "cn-1",
                                             "cn-north",
                                             "cn--1",
                                             "cn---1",
                                             "us-gov---1",
                                             "cn-north-1x",
                                             "cn-north-x1",
                                             "cn-north-1-2",
                                             "xcn-north-1",
                                             "CN-NORTH-1",
                                             "cn-no-rth-1",
                                             "us-gov-1",
                                             "us-gov-west",
                                             "us-gov--1",
                                             "us-govt-west-1",
                                             "us-iso-1",
                                             "us-isoc-a-1",
                                             "us-isobb-a-1",
                                             "eusc-fr-a-1",
                                             "eusc-de-1",
                                             "eu-iso-a-1",
                                             "aws-cn-globa",
                                             "aws-cn-globall",
                                             "aws-eusc-global",
                                             "aws",
                                             "aws-us-iso-east-1",
                                             "aws-eu-isoe-west-1",
                                             "us-isof-south-1a"};
    static const char *const china[] = {"cn-a-0", "cn-NORTH1-12345678901234567890"};

    (void)state;
    for (size_t i = 0; i < COUNT(commercial); i++)
        assert_endpoint(commercial[i], 0, "iam.amazonaws.com", "us-east-1");
    for (size_t i = 0; i < COUNT(china); i++)
        assert_endpoint(china[i], 0, "iam.cn-north-1.amazonaws.com.cn", "cn-north-1");
    assert_endpoint("fips-us-gov-west-1", 0, "iam.us-gov.amazonaws.com", "us-gov-west-1");
    assert_endpoint("cn-north-1-fips", 0, "iam-fips.amazonaws.com.cn", "cn-north-1");
    assert_endpoint("fips-us-west-2", 2, "iam-fips.global.api.aws", "us-east-1");
}

static bool is_label(const char *s, size_t n)
{
    size_t digits = 0;

    for (size_t i = 0; i < n; i++) {
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", s[i]) ||
            !s[i])
            return false;
        digits += s[i] >= '0' && s[i] <= '9';
    }
    return n >= 1 && n <= 63 && s[0] != '-' && s[n - 1] != '-' && digits < n;
}

/* Nothing that is not a host label comes through: any byte, at any place, at any length. */
static void only_labels_pass(void **state)
{
    const char base[] = "us-east-1";
    struct iam_endpoint e, untouched;
    char text[80];

    (void)state;
    for (size_t at = 0; at < sizeof base - 1; at++) {
        for (int c = 0; c < 256; c++) {
            bool good;

            memcpy(text, base, sizeof base);
            text[at] = (char)c;
            good = is_label(text, sizeof base - 1);
            memset(&e, 0x55, sizeof e);
            memset(&untouched, 0x55, sizeof e);
            assert_int_equal(resolve(text, sizeof base - 1, 0, &e), good ? IAM_OK : IAM_ERR_REGION);
            assert_int_equal(iam_region_is_valid((struct iam_span){text, sizeof base - 1}), good);
            if (!good)
                assert_memory_equal(&e, &untouched, sizeof e);
        }
    }
    memset(text, 'a', sizeof text);
    for (size_t n = 1; n < sizeof text; n++)
        assert_int_equal(resolve(text, n, 0, &e), n <= 63 ? IAM_OK : IAM_ERR_REGION);
    static const char *const bad[] = {
        "-",          "--",        "fips-", "-fips",    "fips--fips",  "fips-fips-",
        "us-east-1.", "1",         "123",   "a.b",      "us-east-1/x", "a@b",
        "us-east-1#", "us east-1", "a_b",   "\xc3\xa9", "a\n",         "us-east-1\r\nHost: x",
        "fips-1"};
    for (size_t i = 0; i < COUNT(bad); i++)
        if (resolve(bad[i], strlen(bad[i]), 0, &e) != IAM_ERR_REGION)
            fail_msg("'%s' passed", bad[i]);
    assert_false(iam_region_is_valid((struct iam_span){NULL, 0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_entry_agrees),
        cmocka_unit_test(no_region_is_the_commercial_partition),
        cmocka_unit_test(forms_are_matched_exactly),
        cmocka_unit_test(only_labels_pass),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
