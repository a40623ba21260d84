/* A signing key outlives an operation that went well, for the next one of the same client: 19 compressions of
 * SHA-256 less, and not a signature that another client would not make. Nothing else is of use later: other keys,
 * another day, a failure, an idle minute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "counting_sha256.h"
#include "rig.h"

enum {
    ANEW = 19
}; /* compressions: 18 for the key, one for the beginning of the canonical request */

struct last {
    unsigned long cost; /* compressions of the operation */
    char signature[65];
    const char *status; /* of the reply */
};

static void serve(struct rig *r)
{
    struct last *l = r->context;
    const char *at = strstr(rig_header(r, "Authorization"), "Signature=");
    assert_non_null(at);
    memcpy(l->signature, at + strlen("Signature="), 64);
    if (l->status)
        rig_error(r, l->status, RIG_DATE, "AccessDenied");
    else
        rig_page(r, 0, 1, "COMPLETED", NULL);
}

static void begin(struct rig *r, struct last *l)
{
    memset(l, 0, sizeof *l);
    rig_init(r);
    r->context = l;
    r->serve = serve;
    r->cfg.max_attempts = 1;
    assert_int_equal(rig_begin(r), IAM_OK);
}

/* One operation; what it cost. */
static unsigned long operate(struct rig *r, int wanted)
{
    struct last *l = r->context;
    sha256_compressions = 0;
    r->number = 0;
    assert_int_equal(iam_call_entities(r->call, &r->request), IAM_OK);
    assert_int_equal(rig_run(r), wanted);
    l->cost = sha256_compressions;
    return l->cost;
}

/* What a client that has done nothing else signs at this moment. */
static void assert_as_fresh(const struct rig *r)
{
    const struct last *l = r->context;
    struct last fresh;
    struct rig other;
    begin(&other, &fresh);
    other.credentials = r->credentials;
    other.unix_ms = r->unix_ms;
    other.mono = r->mono;
    (void)operate(&other, IAM_OK);
    assert_string_equal(l->signature, fresh.signature);
    rig_end(&other);
}

static bool is_kept(const struct rig *r)
{
    return r->call->query.sigv4.key_valid != 0;
}

static void second_operation(void **state)
{
    struct last l;
    struct rig r;
    (void)state;
    begin(&r, &l);
    unsigned long first = operate(&r, IAM_OK);
    for (int i = 0; i < 3; i++) {
        assert_true(is_kept(&r));
        unsigned long next = operate(&r, IAM_OK);
        if (SHA256_IS_COUNTED)
            assert_int_equal(next, first - ANEW);
        r.unix_ms = RIG_NOW; /* the moment that it was signed at */
        assert_as_fresh(&r);
    }
    rig_end(&r);
}

static void other_id(struct rig *r)
{
    r->credentials.access_key_id = iam_span_of("AKIDANOTHER");
}

static void other_secret(struct rig *r)
{
    r->credentials.secret_access_key = iam_span_of("another secret under the same id");
}

static void other_in_place(struct rig *r)
{
    static char secret[] = RIG_KEY;
    r->credentials.secret_access_key = iam_span_of(secret);
    secret[0] ^= 1;
}

static void other_token(struct rig *r)
{
    r->credentials.session_token = iam_span_of("OTHERTOKEN");
}

static void other_day(struct rig *r)
{
    r->unix_ms += INT64_C(86400000);
}

static void idle(struct rig *r)
{
    iam_call_time(r->call, r->mono, r->unix_ms);
    r->mono += CONFIG_TINYIAM_KEY_IDLE_MS;
    iam_call_time(r->call, r->mono, r->unix_ms);
}

static void not_quite_idle(struct rig *r)
{
    iam_call_time(r->call, r->mono, r->unix_ms);
    r->mono += CONFIG_TINYIAM_KEY_IDLE_MS - 1;
    iam_call_time(r->call, r->mono, r->unix_ms);
}

static void failed(struct rig *r)
{
    struct last *l = r->context;
    l->status = "403 Forbidden";
    (void)operate(r, IAM_ERR_SERVICE);
    assert_false(is_kept(r));
    l->status = NULL;
}

static void refused(struct rig *r)
{
    struct iam_entities_request bad = r->request;
    bad.service_namespace = iam_span_of("no good");
    assert_int_equal(iam_call_entities(r->call, &bad), IAM_ERR_ARGUMENT);
    assert_false(is_kept(r));
}

static void given_up(struct rig *r)
{
    assert_int_equal(iam_call_entities(r->call, &r->request), IAM_OK);
    iam_call_time(r->call, r->mono, r->unix_ms);
    while (r->call->exchange.stage != IAM_STAGE_SEND) {
        assert_int_equal(iam_call_next(r->call), IAM_AGAIN);
        rig_serve(r);
    }
    assert_int_equal(iam_call_entities(r->call, &r->request), IAM_OK);
    assert_false(is_kept(r));
}

static void changes(void **state)
{
    static const struct {
        void (*change)(struct rig *);
        bool anew;
    } cases[] = {{other_id, true},        {other_secret, true}, {other_in_place, true},
                 {other_token, false},    {other_day, true},    {idle, true},
                 {not_quite_idle, false}, {failed, true},       {refused, true},
                 {given_up, true}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct last l;
        struct rig r;
        begin(&r, &l);
        unsigned long first = operate(&r, IAM_OK), then;
        assert_true(is_kept(&r));
        r.unix_ms = RIG_NOW;
        cases[i].change(&r);
        r.unix_ms = cases[i].change == other_day ? RIG_NOW + INT64_C(86400000) : RIG_NOW;
        int64_t now = r.unix_ms;
        then = operate(&r, IAM_OK);
        if (SHA256_IS_COUNTED && (then + ANEW <= first) == cases[i].anew)
            fail_msg("case %zu: %lu compressions after %lu", i, then, first);
        r.unix_ms = now;
        assert_as_fresh(&r);
        rig_end(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(second_operation),
        cmocka_unit_test(changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
