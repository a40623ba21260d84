/* The retry decider against the recorded sequences of both generations of rules and a second
 * implementation of them, then the poll pause and the clock's skew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tinyiam/parts/http.h>
#include <tinyiam/parts/retry.h>

#include "guard.h"

#include "retry_vectors.h"

#define ALL UINT32_MAX

/* What the reply reader makes of the field is what the decider gets. */
static void read_retry_after(const char *value, struct iam_http *h)
{
    char reply[256];
    struct iam_span body;
    const char *p = reply;
    int n = snprintf(reply, sizeof reply, "HTTP/1.1 500 no\r\n%s%s%s\r\n",
                     value ? "x-amz-retry-after: " : "", value ? value : "", value ? "\r\n" : "");
    iam_http_init(h);
    assert_int_equal(iam_http_next(h, &p, reply + n, &body), IAM_HTTP_HEAD);
}

static void run_case(const struct retry_case *c)
{
    struct iam_retry r;
    iam_retry_init(&r, c->max_attempts, c->rules);
    assert_int_equal(r.quota, IAM_RETRY_QUOTA);
    r.quota = c->tokens;
    iam_retry_begin(&r);
    for (unsigned i = 0; i < c->count; i++) {
        const struct retry_step *s = &c->steps[i];
        struct iam_http h;
        uint32_t delay = 4711;
        if (s->error == IAM_OK) {
            iam_retry_success(&r);
            iam_retry_begin(&r);
        } else {
            read_retry_after(s->retry_after, &h);
            bool again = iam_retry_next(&r, s->error, s->status, iam_span_of(s->code),
                                        h.has_retry_after, h.retry_after_ms, s->random, &delay);
            if (again != s->retry)
                fail_msg("%s, step %u: retry %d, not %d", c->name, i, again, s->retry);
            if (!again && delay != 4711)
                fail_msg("%s, step %u: wrote a delay that is none", c->name, i);
            /* recorded ones to the millisecond; the others down from an exact fraction */
            if (again && (int64_t)delay != s->delay_ms &&
                (c->recorded || llabs((int64_t)delay - s->delay_ms) > 1))
                fail_msg("%s, step %u: %u ms, not %lld", c->name, i, (unsigned)delay,
                         (long long)s->delay_ms);
        }
        if (r.quota != s->quota_after)
            fail_msg("%s, step %u: quota %u, not %u", c->name, i, r.quota, s->quota_after);
    }
}

static void vectors(void **state)
{
    (void)state;
    assert_int_equal(RETRY_RECORDED, 72);
    for (size_t i = 0; i < sizeof retry_cases / sizeof *retry_cases; i++)
        run_case(&retry_cases[i]);
}

/* What one first failure costs: 0 is not retried. */
static unsigned cost(unsigned rules, int error, unsigned status, const char *code)
{
    struct iam_retry r;
    uint32_t delay;
    iam_retry_init(&r, 3, rules);
    iam_retry_begin(&r);
    struct guard g = guard_copy(code, code ? strlen(code) : 0); /* nothing is read past a code */
    bool again =
        iam_retry_next(&r, error, (uint16_t)status,
                       (struct iam_span){code ? (char *)g.p : NULL, g.n}, false, 0, ALL, &delay);
    guard_free(&g);
    assert_int_equal(again, r.quota != IAM_RETRY_QUOTA);
    assert_int_equal(r.attempt, again ? 2 : 1);
    return IAM_RETRY_QUOTA - r.quota;
}

static void every_result(void **state)
{
    (void)state;
    for (int e = -1; e >= -127; e--) {
        bool lost = e == IAM_EOF || e == IAM_ERR_RESOLVE || e == IAM_ERR_CONNECT ||
                    e == IAM_ERR_RESET || e == IAM_ERR_IO || e == IAM_ERR_TRUNCATED ||
                    e == IAM_ERR_TLS;
        bool timeout = e == IAM_ERR_TIMEOUT_CONNECT || e == IAM_ERR_TIMEOUT_RESPONSE ||
                       e == IAM_ERR_TIMEOUT_IDLE || e == IAM_ERR_TIMEOUT_EXCHANGE;
        bool reply = e <= IAM_ERR_HTTP && e >= IAM_ERR_SERVICE;
        assert_int_equal(cost(IAM_RETRY_2_1, e, 0, NULL), lost || timeout ? 14 : 0);
        assert_int_equal(cost(IAM_RETRY_2_0, e, 0, NULL), timeout ? 10 : lost ? 5 : 0);
        assert_int_equal(cost(IAM_RETRY_2_1, e, 200, NULL), lost || timeout ? 14 : 0);
        assert_int_equal(cost(IAM_RETRY_2_1, e, 503, NULL), lost || timeout || reply ? 14 : 0);
        /* only an error reply has a code */
        assert_int_equal(cost(IAM_RETRY_2_1, e, 400, "Throttling"), e == IAM_ERR_SERVICE ? 5
                                                                    : lost || timeout    ? 14
                                                                                         : 0);
    }
    assert_int_equal(cost(IAM_RETRY_2_1, IAM_ERR_TLS_VERIFY, 500, "Throttling"), 0);
    assert_int_equal(cost(IAM_RETRY_2_1, IAM_ERR_TIMEOUT_OPERATION, 500, "Throttling"), 0);
}

static void every_status(void **state)
{
    (void)state;
    for (unsigned s = 0; s < 1000; s++) {
        bool transient = s == 500 || s == 502 || s == 503 || s == 504;
        assert_int_equal(cost(IAM_RETRY_2_1, IAM_ERR_SERVICE, s, NULL), transient ? 14 : 0);
        assert_int_equal(cost(IAM_RETRY_2_0, IAM_ERR_FOREIGN, s, ""), transient ? 5 : 0);
    }
}

static void codes(void **state)
{
    static const char *const throttling[] = {"Throttling",
                                             "ThrottlingException",
                                             "Throttled",
                                             "ThrottledException",
                                             "RequestThrottled",
                                             "RequestThrottledException",
                                             "TooManyRequests",
                                             "TooManyRequestsException",
                                             "ProvisionedThroughputExceeded",
                                             "ProvisionedThroughputExceededException",
                                             "TransactionInProgress",
                                             "TransactionInProgressException",
                                             "RequestLimitExceeded",
                                             "BandwidthLimitExceeded",
                                             "LimitExceededException",
                                             "SlowDown",
                                             "PriorRequestNotComplete",
                                             "EC2Throttled",
                                             "EC2ThrottledException"};
    static const char *const transient[] = {"RequestTimeout", "RequestTimeoutException",
                                            "IDPCommunicationError"};
    static const char *const clock[] = {"RequestTimeTooSkewed",  "RequestExpired",
                                        "RequestInTheFuture",    "InvalidSignatureException",
                                        "SignatureDoesNotMatch", "AuthFailure"};
    static const char *const neither[] = {"",
                                          "T",
                                          "Throttlin",
                                          "Throttlings",
                                          "throttling",
                                          "ThrottlingExceptio",
                                          "ThrottlingExceptions",
                                          "ThrottlingExceptionException",
                                          "ThrottlingExceptionOfALongerName",
                                          "Exception",
                                          "LimitExceeded",
                                          "RequestTimeoutEx",
                                          "NoSuchEntity",
                                          "InvalidInput",
                                          "ExpiredToken",
                                          "AccessDenied",
                                          "InternalFailure",
                                          "RequestExpire",
                                          "503",
                                          "Throttling\1",
                                          " Throttling"};
    char cut[64];
    (void)state;
    for (size_t i = 0; i < sizeof throttling / sizeof *throttling; i++) {
        assert_int_equal(cost(IAM_RETRY_2_1, IAM_ERR_SERVICE, 400, throttling[i]), 5);
        assert_false(iam_clock_code(iam_span_of(throttling[i])));
        for (size_t n = 0; n < strlen(throttling[i]); n++) { /* no prefix of it but a name is one */
            snprintf(cut, sizeof cut, "%.*s", (int)n, throttling[i]);
            unsigned want = 0;
            for (size_t k = 0; k < sizeof throttling / sizeof *throttling; k++)
                want = strcmp(throttling[k], cut) == 0 ? 5 : want;
            assert_int_equal(cost(IAM_RETRY_2_1, IAM_ERR_SERVICE, 400, cut), want);
        }
    }
    for (size_t i = 0; i < sizeof transient / sizeof *transient; i++)
        assert_int_equal(cost(IAM_RETRY_2_1, IAM_ERR_SERVICE, 400, transient[i]), 14);
    for (size_t i = 0; i < sizeof clock / sizeof *clock; i++) {
        assert_true(iam_clock_code(iam_span_of(clock[i])));
        assert_int_equal(cost(IAM_RETRY_2_1, IAM_ERR_SERVICE, 403, clock[i]), 0);
    }
    for (size_t i = 0; i < sizeof neither / sizeof *neither; i++) {
        assert_int_equal(cost(IAM_RETRY_2_1, IAM_ERR_SERVICE, 400, neither[i]), 0);
        assert_false(iam_clock_code(iam_span_of(neither[i])));
    }
    assert_false(iam_clock_code(iam_span_of(NULL)));
}

static void limits(void **state)
{
    struct iam_retry r;
    uint32_t delay = 0;
    (void)state;
    /* the largest number of attempts: delays stay at the cap, the quota ends it */
    iam_retry_init(&r, 255, IAM_RETRY_2_0);
    unsigned n = 0;
    while (iam_retry_next(&r, IAM_ERR_RESET, 0, iam_span_of(NULL), false, 0, ALL, &delay)) {
        n++;
        assert_true(delay <= 20000 && (n < 6 || delay == 20000));
    }
    assert_int_equal(n, IAM_RETRY_QUOTA / 5);
    assert_int_equal(r.quota, 0);
    for (int rules = IAM_RETRY_2_1; rules <= IAM_RETRY_2_0; rules++) {
        iam_retry_init(&r, 255, (enum iam_retry_rules)rules);
        for (n = 1; n < 255; n++) {
            r.quota = IAM_RETRY_QUOTA;
            assert_int_equal(r.attempt, n);
            assert_true(
                iam_retry_next(&r, IAM_ERR_RESET, 0, iam_span_of(NULL), true, ALL, ALL, &delay));
            assert_true(delay <= 25000);
        }
        assert_false(
            iam_retry_next(&r, IAM_ERR_RESET, 0, iam_span_of(NULL), true, ALL, ALL, &delay));
    }
    /* nobody asked for any attempt: none is repeated */
    iam_retry_init(&r, 0, IAM_RETRY_2_1);
    assert_false(iam_retry_next(&r, IAM_ERR_RESET, 0, iam_span_of(NULL), false, 0, ALL, &delay));
    /* quota never goes beyond the first one; a refund is this request's only */
    iam_retry_init(&r, 3, IAM_RETRY_2_1);
    iam_retry_success(&r);
    assert_int_equal(r.quota, 500);
    assert_true(iam_retry_next(&r, IAM_ERR_RESET, 0, iam_span_of(NULL), false, 0, ALL, &delay));
    iam_retry_begin(&r);
    iam_retry_success(&r);
    assert_int_equal(r.quota, 500 - 14 + 1);
}

static void poll(void **state)
{
    static const uint32_t pauses[] = {1000, 1500,  2250,  3375,  5063,
                                      7595, 11393, 17090, 20000, 20000};
    static const uint32_t odd[] = {0, 1, 2, 3, 1000, 0x7FFFFFFF, 0x80000001, ALL - 1, ALL};
    (void)state;
    for (uint32_t i = 0; i < sizeof pauses / sizeof *pauses; i++)
        assert_int_equal(iam_poll_delay(i + 1, 1000, 20000, 0), pauses[i]);
    assert_int_equal(iam_poll_delay(0, 1000, 20000, 0), 1000);
    assert_int_equal(iam_poll_delay(ALL, 1000, 20000, 0), 20000);
    assert_int_equal(iam_poll_delay(1, 1000, 20000, ALL), 750);
    assert_int_equal(iam_poll_delay(1, 1000, 20000, 0x80000000u), 875);
    assert_int_equal(iam_poll_delay(1, 0, 0, 0), 1);
    assert_int_equal(iam_poll_delay(1, 0, 1000, 0), 1);
    assert_int_equal(iam_poll_delay(1, 5000, 20, 0), 20);
    for (size_t f = 0; f < sizeof odd / sizeof *odd; f++)
        for (size_t m = 0; m < sizeof odd / sizeof *odd; m++) {
            uint32_t most = odd[m] ? odd[m] : 1, before = 0;
            for (uint32_t n = 1; n < 70; n++) {
                uint32_t whole = iam_poll_delay(n, odd[f], odd[m], 0);
                uint32_t least = iam_poll_delay(n, odd[f], odd[m], ALL);
                assert_true(whole >= before && whole <= most && whole >= 1);
                assert_true(least == whole - whole / 4);
                before = whole;
            }
            assert_int_equal(before, most);
        }
}

static void skew(void **state)
{
    int64_t ms;
    (void)state;
    /* the server's time in the middle of 2 s was 300 s ahead of ours */
    assert_true(iam_clock_skew(1540409371000, 1540409072000, 2000, &ms));
    assert_int_equal(ms, 300000);
    assert_true(iam_clock_skew(1540409371000, 1540409972000, 0, &ms));
    assert_int_equal(ms, -601000);
    assert_true(iam_clock_skew(0, 0, 3, &ms));
    assert_int_equal(ms, 1);
    /* an unset clock learns the time at which the reply came */
    assert_true(iam_clock_skew(1540409371000, 0, 500, &ms));
    assert_true(ms == 1540409371250);
    /* 15 minutes on the way still tell something, more does not, whatever the width */
    assert_true(iam_clock_skew(1000, 0, 15 * 60000, &ms));
    ms = 4711;
    assert_false(iam_clock_skew(1000, 0, 15 * 60000 + 1, &ms));
    assert_false(iam_clock_skew(1000, 0, UINT64_C(1) << 32, &ms));
    assert_false(iam_clock_skew(1000, 0, UINT64_MAX, &ms));
    assert_int_equal(ms, 4711);
    /* years 1 and 9999 */
    assert_true(iam_clock_skew(-62135596800000, 253402300799999, 0, &ms));
    assert_true(iam_clock_skew(253402300799999, -62135596800000, 900000, &ms));
}

/* Other keys cure what is said of these. */
static void keys(void **state)
{
    static const char *const yes[] = {"ExpiredToken", "ExpiredTokenException",
                                      "InvalidClientTokenId"};
    static const char *const no[] = {"",
                                     "AccessDenied",
                                     "Throttling",
                                     "ExpiredTokens",
                                     "SignatureDoesNotMatch",
                                     "RequestExpired"};
    (void)state;
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        assert_true(iam_keys_code(iam_span_of(yes[i])));
        assert_false(iam_clock_code(iam_span_of(yes[i])));
    }
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(iam_keys_code(iam_span_of(no[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys),         cmocka_unit_test(vectors), cmocka_unit_test(every_result),
        cmocka_unit_test(every_status), cmocka_unit_test(codes),   cmocka_unit_test(limits),
        cmocka_unit_test(poll),         cmocka_unit_test(skew),
    };
    return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
