/* The hash over whichever crypto library the build has: FIPS 180-4's examples, every split,
 * midstates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <tinyiam/parts/sha256.h>
#include <tinyiam/types.h>

#include "guard.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void assert_digest(const uint8_t digest[32], const char *hex)
{
    char ours[65];

    for (int i = 0; i < 32; i++)
        snprintf(ours + 2 * i, 3, "%02x", digest[i]);
    assert_string_equal(ours, hex);
}

static void examples(void **state)
{
    static const struct {
        const char *text, *hex;
        int times;
    } example[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 1},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 1},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", 1},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrl"
         "mnopqrs"
         "mnopqrstnopqrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1", 1},
        {"aaaaaaaaaa", "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", 100000},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(example); i++) {
        struct iam_sha256 h;
        uint8_t digest[32];

        iam_sha256_start(&h);
        for (int k = 0; k < example[i].times; k++)
            iam_sha256_update(&h, example[i].text, strlen(example[i].text));
        assert_int_equal(iam_sha256_finish(&h, digest), IAM_OK);
        assert_digest(digest, example[i].hex);
    }
}

static void digest_of(const uint8_t *p, size_t n, uint8_t digest[32])
{
    struct iam_sha256 h;

    iam_sha256_start(&h);
    iam_sha256_update(&h, p, n);
    assert_int_equal(iam_sha256_finish(&h, digest), IAM_OK);
}

/* At every length and every split, a clone taken there goes on as the original does, and twice. */
static void clones_and_splits(void **state)
{
    uint8_t text[200], whole[32], one[32], two[32], three[32];

    (void)state;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * 7 + 1);
    for (size_t n = 0; n <= sizeof text; n += n < 130 ? 1 : 23) {
        struct guard g = guard_copy(text, n);

        digest_of(g.p, n, whole);
        for (size_t cut = 0; cut <= n; cut++) {
            struct iam_sha256 a, b, c;

            memset(&b, 0xA5, sizeof b);
            memset(&c, 0xA5, sizeof c);
            iam_sha256_start(&a);
            iam_sha256_update(&a, g.p, cut);
            iam_sha256_clone(&b, &a);
            iam_sha256_update(&b, g.p + cut, n - cut);
            assert_int_equal(iam_sha256_finish(&b, one), IAM_OK);
            iam_sha256_clone(&c, &a);
            iam_sha256_update(&a, g.p + cut, n - cut);
            assert_int_equal(iam_sha256_finish(&a, two), IAM_OK);
            iam_sha256_update(&c, g.p + cut, n - cut);
            assert_int_equal(iam_sha256_finish(&c, three), IAM_OK);
            assert_memory_equal(one, whole, 32);
            assert_memory_equal(two, whole, 32);
            assert_memory_equal(three, whole, 32);
        }
        guard_free(&g);
    }
}

static size_t bytes_set(const void *p, size_t n)
{
    const uint8_t *b = p;
    size_t set = 0;

    while (n--)
        set += *b++ != 0;
    return set;
}

static void nothing_stays(void **state)
{
    struct iam_sha256 h = {0};
    uint8_t digest[32];

    (void)state;
    iam_sha256_clear(&h); /* zero-initialised may be cleared */
    assert_int_equal(bytes_set(&h, sizeof h), 0);
    iam_sha256_start(&h);
    iam_sha256_update(&h, "secret", 6);
    assert_true(bytes_set(&h, sizeof h) > 32);
    iam_sha256_clear(&h);
    assert_int_equal(bytes_set(&h, sizeof h), 0);
    iam_sha256_clear(&h);
    iam_sha256_start(&h);
    iam_sha256_update(&h, "secret", 6);
    assert_int_equal(iam_sha256_finish(&h, digest), IAM_OK);
    assert_int_equal(bytes_set(&h, sizeof h), 0);
    iam_sha256_clear(&h); /* after finish too */
    memset(digest, 7, sizeof digest);
    iam_zeroize(digest, 31);
    assert_int_equal(bytes_set(digest, 31), 0);
    assert_int_equal(digest[31], 7);
}

/* The first error sticks, goes over to clones, is told at finish and kept for the caller. */
static void errors_stick(void **state)
{
    struct iam_sha256 h, copy;
    uint8_t digest[32];

    (void)state;
    iam_sha256_start(&h);
    h.error = -42;
    iam_sha256_update(&h, "x", 1);
    iam_sha256_clone(&copy, &h);
    assert_int_equal(iam_sha256_finish(&copy, digest), IAM_ERR_CRYPTO);
    assert_int_equal(copy.error, -42);
    assert_int_equal(iam_sha256_finish(&h, digest), IAM_ERR_CRYPTO);
    assert_int_equal(h.error, -42);
    iam_sha256_clear(&h);
    assert_int_equal(h.error, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples),
        cmocka_unit_test(clones_and_splits),
        cmocka_unit_test(nothing_stays),
        cmocka_unit_test(errors_stick),
    };

#ifdef IAM_SHA256_PSA
    if (psa_crypto_init() != PSA_SUCCESS)
        return 1;
#endif
    return cmocka_run_group_tests(tests, NULL, NULL);
}
