/* The template of a port with a network in memory plugged in passes the rules of port.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "port_template.h"
#include "support/yours_memory.h"

/* ---- the tests ---- */

static void test_rules(void **state)
{
    const char *broken = yours_rules();

    (void)state;
    if (broken != NULL)
        fail_msg("%s", broken);
}

/* What a modem that does TLS itself has to say reaches the caller as such. */
static void test_tls_of_a_modem(void **state)
{
    static const int errors[] = {IAM_ERR_TLS, IAM_ERR_TLS_VERIFY, IAM_ERR_TRUNCATED};
    struct iam_template t;
    char room[4];

    (void)state;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        struct iam_stream *s = &t.stream;
        memory_init(&yours_wire);
        iam_template_init(&t, &yours_wire);
        yours_wire.cut = i == 2;
        yours_wire.cut_error = errors[i];
        assert_int_equal(s->ops->open(s, IAM_SPAN("anywhere"), 1), IAM_OK);
        if (i < 2) {
            yours_wire.fail_call = 1;
            yours_wire.fail_error = errors[i];
        }
        for (int again = 0; again < 2; again++)
            assert_int_equal(s->ops->recv(s, room, sizeof room), errors[i]);
        assert_int_not_equal(s->native, 0);
        s->ops->close(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rules),
                                       cmocka_unit_test(test_tls_of_a_modem)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
