/* Name constraints as bytes: whatever damage is in them, nothing is read beyond them and an end is found. What
 * they mean is compared with OpenSSL in test_matrix.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tls_verify.h"

/* Extensions with one: nameConstraints, critical; permitted DNS test, IP 10.0.0.0/8, and a directory name with an
 * organization of "o"; excluded DNS x. */
static const unsigned char extensions[] = {
    0x30, 0x44,                                    /* Extensions */
    0x30, 0x42, 0x06, 0x03, 0x55, 0x1D, 0x1E,      /* Extension, its OID */
    0x01, 0x01, 0xFF, 0x04, 0x38, 0x30, 0x36,      /* critical; the value: NameConstraints */
    0xA0, 0x2B,                                    /* permitted */
    0x30, 0x06, 0x82, 0x04, 't',  'e',  's',  't', /* a name */
    0x30, 0x0A, 0x87, 0x08, 10,   0,    0,    0,    255,  0,    0,    0, /* an address */
    0x30, 0x10, 0xA4, 0x0E, 0x30, 0x0C, 0x31, 0x0A, 0x30, 0x08, 0x06, 0x03,
    0x55, 0x04, 0x0A, 0x0C, 0x01, 'o',                   /* a directory name */
    0x30, 0x03, 0x82, 0x01, 'y',                         /* another name */
    0xA1, 0x07, 0x30, 0x05, 0x82, 0x03, 'x',  '.',  'y', /* excluded */
};

static unsigned char subject[] = {0x30, 0x0C, 0x31, 0x0A, 0x30, 0x08, 0x06,
                                  0x03, 0x55, 0x04, 0x0A, 0x0C, 0x01, 'o'};

/* The flags for a certificate of this one name below an authority with these extensions. */
static uint32_t below(const unsigned char *bytes, size_t n, const char *host)
{
    static struct iam_tls t;
    mbedtls_x509_crt authority, own;
    unsigned char *exact = malloc(n); /* so that a sanitizer sees a read beyond */
    uint32_t flags;

    memcpy(exact, bytes, n);
    memset(&t, 0, sizeof t);
    memset(&authority, 0, sizeof authority);
    memset(&own, 0, sizeof own);
    authority.v3_ext.p = exact;
    authority.v3_ext.len = n;
    own.subject_raw.p = subject;
    own.subject_raw.len = sizeof subject;
    (void)tls_verify_ask(&t, iam_span_of(host));
    own.subject_alt_names.buf = t.asked.buf;
    (void)tls_verify_certificate(&t, &authority, 1);
    flags = tls_verify_certificate(&t, &own, 0);
    free(exact);
    return flags;
}

static void meaning(void **state)
{
    static const struct {
        const char *host;
        bool good;
    } cases[] = {
        {"a.test", true},   {"test", true},      {"atest", false}, {"a.y", true},
        {"x.y", false},     {"b.x.y", false},    {"bx.y", true},   {"test.z", false},
        {"10.1.2.3", true}, {"11.1.2.3", false}, {"A.TEST", true}, {"X.Y", false},
        {"::1", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (below(extensions, sizeof extensions, cases[i].host) !=
            (cases[i].good ? 0 : IAM_TLS_BADCERT_CONSTRAINTS))
            fail_msg("%s", cases[i].host);
    subject[13] = 'p'; /* the subject is a name, too */
    assert_int_equal(below(extensions, sizeof extensions, "a.test"), IAM_TLS_BADCERT_CONSTRAINTS);
    subject[13] = 'o';
}

static void damage(void **state)
{
    static const char *const hosts[] = {"a.test", "10.1.2.3"};
    unsigned char bytes[sizeof extensions];
    int refused = 0;

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++) {
        for (int value = 0; value < 256; value++) {
            memcpy(bytes, extensions, sizeof bytes);
            bytes[i] = (unsigned char)value;
            refused += below(bytes, sizeof bytes, hosts[value & 1]) != 0;
        }
    }
    assert_true(refused > 2000);
    for (size_t n = 1; n < sizeof bytes; n++) /* mbedTLS lets none of these through */
        (void)below(extensions, n, hosts[n & 1]);
}

/* A length inside the constraints that says more or less than there is: nothing is permitted by what is left. */
static void lengths(void **state)
{
    static const uint8_t at[] = {15, 17, 19, 27, 39, 57, 62, 64, 66};
    unsigned char bytes[sizeof extensions];

    (void)state;
    for (size_t i = 0; i < sizeof at; i++) {
        for (int change = -1; change <= 1; change += 2) {
            memcpy(bytes, extensions, sizeof bytes);
            bytes[at[i]] = (unsigned char)(bytes[at[i]] + change);
            if (below(bytes, sizeof bytes, "a.test") != IAM_TLS_BADCERT_CONSTRAINTS)
                fail_msg("byte %u, %+d", at[i], change);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(meaning),
        cmocka_unit_test(damage),
        cmocka_unit_test(lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
