/* What an option of Kconfig turns on works; what it turns off says so, and the rest goes on working. The
 * step `options` builds and runs this once for each option, and once with all of them off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <tinyiam/creds.h>
#include <tinyiam/pace.h>
#include <tinyiam/tinyiam.h>

#include "rig.h"

#define SERVICES                                                                      \
    "<GetServiceLastAccessedDetailsResponse><GetServiceLastAccessedDetailsResult>"    \
    "<JobStatus>COMPLETED</JobStatus><ServicesLastAccessed><member>"                  \
    "<ServiceName>IAM</ServiceName><ServiceNamespace>iam</ServiceNamespace></member>" \
    "</ServicesLastAccessed></GetServiceLastAccessedDetailsResult>"                   \
    "</GetServiceLastAccessedDetailsResponse>"
#define GENERATE                                                                             \
    "<GenerateServiceLastAccessedDetailsResponse><GenerateServiceLastAccessedDetailsResult>" \
    "<JobId>" RIG_JOB "</JobId></GenerateServiceLastAccessedDetailsResult>"                  \
    "</GenerateServiceLastAccessedDetailsResponse>"

static void serve(struct rig *r)
{
    const char *action = rig_field(r, "Action");
    if (strcmp(action, "GetServiceLastAccessedDetails") == 0)
        rig_answer(r, "200 OK", RIG_DATE, SERVICES);
    else if (strcmp(action, "GenerateServiceLastAccessedDetails") == 0)
        rig_answer(r, "200 OK", RIG_DATE, GENERATE);
    else if (rig_field(r, "Marker")[0] == 0)
        rig_page(r, 0, 3, "COMPLETED", "m");
    else
        rig_page(r, 3, 2, "COMPLETED", NULL);
}

static void begin(struct rig *r)
{
    rig_init(r);
    r->serve = serve;
    r->cfg.authority = iam_span_of("iam.amazonaws.com");
    r->cfg.region = iam_span_of("us-east-1");
    r->request.scope = IAM_SCOPE_ALL;
}

static void entities(void **state)
{
    (void)state;
    for (size_t chunk = 1; chunk < 2000; chunk = chunk * 3 + 1) {
        struct rig r;
        begin(&r);
        r.chunk = chunk;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(rig_entities(&r), IAM_OK);
        assert_int_equal(r.number, 5);
        rig_end(&r);
    }
}

static void services(void **state)
{
    struct iam_services_request ask = {.job_id = iam_span_of(RIG_JOB)};
    struct rig r;
    (void)state;
    begin(&r);
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(iam_call_services(r.call, &ask), IAM_OK);
    assert_int_equal(rig_next(&r), IAM_ITEM);
    assert_int_equal(r.call->query.decode.item.kind, IAM_ITEM_SERVICE);
    assert_int_equal(rig_next(&r), IAM_OK);
    rig_end(&r);
}

static void generate(void **state)
{
    struct iam_generate_request ask = {.arn = iam_span_of("arn:aws:iam::123456789012:user/n0")};
    struct rig r;
    (void)state;
    begin(&r);
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(iam_call_generate(r.call, &ask), IAM_OK);
    assert_int_equal(rig_next(&r), IAM_OK);
    assert_int_equal(r.call->query.decode.report.job_id.n, strlen(RIG_JOB));
    rig_end(&r);
}

static void endpoints(void **state)
{
    struct rig r;
    uint16_t port;
    (void)state;
    begin(&r);
    r.cfg.authority = iam_span_of(NULL);
    r.cfg.region = iam_span_of("cn-north-1");
    int result = rig_begin(&r);
    if (IAM_ON(CONFIG_TINYIAM_ENDPOINTS)) {
        assert_int_equal(result, IAM_OK);
        assert_int_equal(iam_call_host(r.call, &port).n, strlen("iam.cn-north-1.amazonaws.com.cn"));
    } else {
        assert_int_equal(result, IAM_ERR_ARGUMENT);
        assert_string_equal(r.call->exchange.fault.what.p, "authority");
    }
    rig_end(&r);
}

static void texts(void **state)
{
    (void)state;
    assert_int_equal(iam_result_text(IAM_ERR_SPACE)[0] != 0, IAM_ON(CONFIG_TINYIAM_TEXTS));
    assert_int_equal(iam_result_name(IAM_ERR_SPACE)[0] != 0, IAM_ON(CONFIG_TINYIAM_TEXTS));
}

#if CONFIG_TINYIAM_CREDS
static int no_answer(void *context, struct iam_creds *creds)
{
    (void)context;
    (void)creds;
    return IAM_AGAIN;
}

static struct iam_creds base;
static char tx[512], rx[512], kept[1024];

static struct iam_creds_config source(enum iam_creds_kind kind)
{
    struct iam_creds_config c = {.kind = kind, .tx = tx, .rx = rx, .keys = kept};
    c.tx_size = sizeof tx;
    c.rx_size = sizeof rx;
    c.keys_size = sizeof kept;
    if (kind == IAM_CREDS_STATIC) {
        c.from.fixed.access_key_id = iam_span_of("AKIDEXAMPLE");
        c.from.fixed.secret_access_key = iam_span_of(RIG_KEY);
    } else if (kind == IAM_CREDS_IOT) {
        c.endpoint = iam_span_of("c1.credentials.iot.eu-west-1.amazonaws.com");
        c.from.iot.role_alias = iam_span_of("reports");
    } else if (kind == IAM_CREDS_CONTAINER) {
        c.from.container.full_uri = iam_span_of("http://127.0.0.1:8080/keys");
    } else if (kind == IAM_CREDS_SSO) {
        c.endpoint = iam_span_of("portal.sso.eu-west-1.amazonaws.com");
        c.from.sso.role_name = iam_span_of("Reader");
        c.from.sso.account_id = iam_span_of("123456789012");
        c.from.sso.token = iam_span_of("token");
    } else if (kind == IAM_CREDS_ASSUME_ROLE || kind == IAM_CREDS_WEB_IDENTITY) {
        c.endpoint = iam_span_of("sts.eu-west-1.amazonaws.com");
        c.from.sts.region = iam_span_of("eu-west-1");
        c.from.sts.role.role_arn = iam_span_of("arn:aws:iam::123456789012:role/reports");
        c.from.sts.role.session_name = iam_span_of("device");
        c.from.sts.base = kind == IAM_CREDS_ASSUME_ROLE ? &base : NULL;
    }
    if (kind == IAM_CREDS_APPLICATION || kind == IAM_CREDS_WEB_IDENTITY)
        c.ask = no_answer;
    return c;
}

static void kinds(void **state)
{
    const bool on[] = {[IAM_CREDS_STATIC] = true,
                       [IAM_CREDS_APPLICATION] = true,
                       [IAM_CREDS_IOT] = IAM_ON(CONFIG_TINYIAM_CREDS_IOT),
                       [IAM_CREDS_CONTAINER] = IAM_ON(CONFIG_TINYIAM_CREDS_CONTAINER),
                       [IAM_CREDS_IMDS] = IAM_ON(CONFIG_TINYIAM_CREDS_IMDS),
                       [IAM_CREDS_ASSUME_ROLE] = IAM_ON(CONFIG_TINYIAM_CREDS_STS),
                       [IAM_CREDS_WEB_IDENTITY] = IAM_ON(CONFIG_TINYIAM_CREDS_STS),
                       [IAM_CREDS_SSO] = IAM_ON(CONFIG_TINYIAM_CREDS_SSO)};
    struct iam_creds_config c = source(IAM_CREDS_STATIC);
    (void)state;
    assert_int_equal(iam_creds_init(&base, &c, 1), IAM_OK);
    for (size_t i = 0; i < sizeof on / sizeof on[0]; i++) {
        static struct iam_creds creds;
        c = source((enum iam_creds_kind)i);
        int result = iam_creds_init(&creds, &c, 1);
        if (result != (on[i] ? IAM_OK : IAM_ERR_STATE)) {
            fail_msg("kind %zu: %d, %.*s", i, result, (int)creds.exchange.fault.what.n,
                     creds.exchange.fault.what.n ? creds.exchange.fault.what.p : "");
        }
        iam_creds_end(&creds);
    }
}

static void provider(void **state)
{
    struct iam_creds_config c = source(IAM_CREDS_STATIC);
    struct rig r;
    (void)state;
    assert_int_equal(iam_creds_init(&base, &c, 1), IAM_OK);
    begin(&r);
    r.cfg.provider = &base;
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(rig_entities(&r), IAM_OK);
    assert_int_equal(r.number, 5);
    rig_end(&r);
    iam_creds_end(&base);
}
#else
/* A provider that nothing would drive is not taken for keys. */
static void provider(void **state)
{
    struct rig r;
    (void)state;
    begin(&r);
    memset(&r.credentials, 0, sizeof r.credentials);
    r.cfg.provider = (struct iam_creds *)(void *)&r;
    assert_int_equal(rig_begin(&r), IAM_ERR_CREDENTIALS);
    rig_end(&r);
}
#endif

/* With a pace that lets one request in ten seconds go, a list of two pages takes ten; a pace that nobody would ask
 * is left alone. */
static void pace(void **state)
{
    const uint64_t took = IAM_ON(CONFIG_TINYIAM_PACE) ? 10000 : 0;
    struct rig r;
    (void)state;
    begin(&r);
#if CONFIG_TINYIAM_PACE
    struct iam_pace pace;
    iam_pace_init(&pace, IAM_PACE_AUDIT, IAM_PACE_ONE / 10);
    r.cfg.pace = &pace;
#else
    r.cfg.pace = (struct iam_pace *)(void *)&r;
#endif
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(rig_entities(&r), IAM_OK);
    assert_int_equal(r.number, 5);
    assert_int_equal(r.elapsed, took);
    rig_end(&r);
}

/* One ARN as one operation, where there are audits. */
#if CONFIG_TINYIAM_AUDIT
static void audit(void **state)
{
    const struct iam_audit_request ask = {.arn = iam_span_of("arn:aws:iam::123456789012:user/n0")};
    static char batch[IAM_AUDIT_BATCH_MIN];
    struct rig r;
    (void)state;
    begin(&r);
    r.cfg.batch = batch;
    r.cfg.batch_size = sizeof batch;
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(iam_call_audit(r.call, &ask), IAM_OK);
    assert_int_equal(rig_next(&r), IAM_ITEM);
    assert_int_equal(iam_call_audit_namespace(r.call).n, 3);
    assert_int_equal(rig_next(&r), IAM_OK);
    rig_end(&r);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entities),
        cmocka_unit_test(services),
        cmocka_unit_test(generate),
        cmocka_unit_test(endpoints),
        cmocka_unit_test(texts),
        cmocka_unit_test(provider),
        cmocka_unit_test(pace),
#if CONFIG_TINYIAM_AUDIT
        cmocka_unit_test(audit),
#endif
#if CONFIG_TINYIAM_CREDS
        cmocka_unit_test(kinds),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
