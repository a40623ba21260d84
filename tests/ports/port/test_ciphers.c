/* Which cipher is offered first, by what mbedTLS is configured with and by what the processor has: the header is read
 * once for each configuration. The processor is asked in another way: by what Linux says of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <tinyiam/port_tls.h>

#if defined(MBEDTLS_AESNI_C) || defined(MBEDTLS_AESCE_C)
#define HAS_INSTRUCTIONS true
#else
#define HAS_INSTRUCTIONS false
#endif

#define tls_ciphers of_this_build
#include "tls_ciphers.h"
#undef tls_ciphers

/* An accelerator; the tests' mbedTLS has none. */
#undef TINYIAM_PORT_TLS_CIPHERS_H
#undef TLS_AES_FIRST
#define MBEDTLS_GCM_ALT
#define tls_ciphers with_accelerator
#include "tls_ciphers.h"
#undef tls_ciphers
#undef MBEDTLS_GCM_ALT

/* AES in software. */
#undef TINYIAM_PORT_TLS_CIPHERS_H
#undef TLS_AES_FIRST
#undef MBEDTLS_AESNI_C
#undef MBEDTLS_AESCE_C
#define tls_ciphers in_software
#include "tls_ciphers.h"
#undef tls_ciphers

/* And by word of the user, whatever there is. */
#undef TINYIAM_PORT_TLS_CIPHERS_H
#undef TLS_AES_FIRST
#undef CONFIG_TINYIAM_TLS_AES_FIRST
#define CONFIG_TINYIAM_TLS_AES_FIRST 1
#define tls_ciphers aes_by_word
#include "tls_ciphers.h"
#undef tls_ciphers

#undef TINYIAM_PORT_TLS_CIPHERS_H
#undef TLS_AES_FIRST
#undef CONFIG_TINYIAM_TLS_AES_FIRST
#define CONFIG_TINYIAM_TLS_AES_FIRST 0
#define MBEDTLS_GCM_ALT
#define tls_ciphers chacha_by_word
#include "tls_ciphers.h"
#undef tls_ciphers

static bool is_chacha(int suite)
{
    return suite == 0x1303 || suite == 0xCCA9 || suite == 0xCCA8;
}

/* Each suite once; of each version first those of one kind, then those of the other. */
static bool chacha_first(const int *list)
{
    bool first = is_chacha(list[0]);
    int known[] = {0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8};
    for (int tls13 = 0; tls13 < 2; tls13++) {
        bool turned = false;
        for (const int *s = list; *s != 0; s++) {
            if ((*s >> 8 == 0x13) != (tls13 != 0))
                continue;
            turned |= is_chacha(*s) != first;
            assert_int_equal(is_chacha(*s) != first, turned);
        }
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        int times = 0;
        for (const int *s = list; *s != 0; s++)
            times += *s == known[i];
        assert_int_equal(times, 1);
    }
    return first;
}

/* -1: this is no Linux, or no processor that is known here. */
static int processor_has_aes(void)
{
    char line[8192];
    int found = -1;
    FILE *f = fopen("/proc/cpuinfo", "r");
    while (f && found < 0 && fgets(line, sizeof line, f))
        if (strncmp(line, "flags", 5) == 0)
            found = strstr(line, " aes ") != NULL && strstr(line, " pclmulqdq ") != NULL;
        else if (strncmp(line, "Features", 8) == 0)
            found = strstr(line, " aes ") != NULL;
    if (f)
        fclose(f);
    return found;
}

static void orders(void **state)
{
    int has = processor_has_aes();
    (void)state;
    assert_false(chacha_first(with_accelerator()));
    assert_true(chacha_first(in_software()));
    assert_false(chacha_first(aes_by_word()));
    assert_true(chacha_first(chacha_by_word()));
    if (has < 0)
        (void)chacha_first(of_this_build());
    else
        assert_int_equal(chacha_first(of_this_build()), !(HAS_INSTRUCTIONS && has));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(orders)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
