/* Secrets stay put: after an operation has ended, well or badly, wherever it broke off, neither the struct
 * nor any buffer holds a byte of the secret key, the token, a derived key or a signature; while it pauses
 * or waits for the reply, the tx buffer holds none. One exception: after an operation that went well the struct holds
 * the signing key, for the next one, until it has been idle for CONFIG_TINYIAM_KEY_IDLE_MS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rig.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
enum { WINDOW = 8 }; /* bytes in a row that are no coincidence */

/* What the engine held while it was at work: to be looked for afterwards. */
struct live {
    unsigned char bytes[1024];
    size_t n;
    size_t kept; /* of them, which may be in the struct: those of the signing key, while it waits */
    char hex[65];
    enum how {
        WELL,
        SERVICE_ERROR,
        THROTTLE,
        BAD_XML,
        SILENCE,
        CUT,
        NO_DATE,
        SAME_MARKER,
        FOREIGN,
        FAILED_JOB
    } how;
    size_t pieces; /* of the request that are sent before the stream fails; 0: all */
    int error;
    unsigned seen;
};

static void watch(struct rig *r)
{
    struct live *l = r->context;
    const struct iam_sigv4 *s = &r->call->query.sigv4;
    const unsigned char *from[] = {(const unsigned char *)&s->inner,
                                   (const unsigned char *)&s->outer, r->call->query.signature};
    const size_t sizes[] = {sizeof s->inner, sizeof s->outer, sizeof r->call->query.signature};
    l->n = 0;
    for (size_t i = 0; i < COUNT(from); i++) {
        memcpy(l->bytes + l->n, from[i], sizes[i]);
        l->n += sizes[i];
    }
    for (size_t i = 0; i < 32; i++)
        snprintf(l->hex + 2 * i, 3, "%02x", r->call->query.signature[i]);
    l->seen++;
}

static bool found(const void *where, size_t n, const void *what, size_t m)
{
    const unsigned char *p = where;
    guard_look(where, n);
    guard_look(what, m);
    for (size_t i = 0; i + m <= n; i++)
        if (p[i] == *(const unsigned char *)what && memcmp(p + i, what, m) == 0)
            return true;
    return false;
}

/* Is any run of the secret there? */
static bool any_run(const void *where, size_t n, const void *what, size_t m)
{
    const unsigned char *p = what;
    guard_look(what, m); /* padding of a struct as well */
    for (size_t i = 0; i + WINDOW <= m; i++) {
        bool telling = false; /* lengths and padding occur anywhere */
        unsigned different = 0;
        for (size_t k = 1; k < WINDOW; k++)
            different += p[i + k] != p[i + k - 1];
        telling = different >= WINDOW - 2;
        if (telling && found(where, n, p + i, WINDOW))
            return true;
    }
    return false;
}

static void clean(const struct live *l, const void *where, size_t n, const char *what,
                  size_t number)
{
    static const char *const texts[] = {RIG_KEY, RIG_TOKEN};
    for (size_t i = 0; i < COUNT(texts); i++)
        if (any_run(where, n, texts[i], strlen(texts[i])))
            fail_msg("%s holds of %s, case %zu", what, texts[i], number);
    if (any_run(where, n, l->bytes, l->n))
        fail_msg("%s holds of a derived key or a signature, case %zu", what, number);
    if (l->hex[0] && found(where, n, l->hex, 16))
        fail_msg("%s holds a signature in words, case %zu", what, number);
}

static void all_clean(const struct rig *r, size_t number)
{
    const struct live *l = r->context;
    struct iam_call copy = *r->call;
    /* the credentials themselves are the caller's; the struct only points to them */
    struct live rest = *l;
    memmove(rest.bytes, l->bytes + l->kept, l->n - l->kept);
    rest.n = l->n - l->kept;
    clean(&rest, &copy, sizeof copy, "the struct", number);
    clean(l, r->tx.p, r->tx.n, "tx", number);
    clean(l, r->rx.p, r->rx.n, "rx", number);
    clean(l, r->item.p, r->item.n, "item", number);
}

static void serve(struct rig *r)
{
    struct live *l = r->context;
    watch(r);
    switch (l->how) {
    case SERVICE_ERROR:
        rig_error(r, "403 Forbidden", RIG_DATE, "AccessDenied");
        break;
    case THROTTLE:
        rig_error(r, "400 Bad Request", RIG_DATE, "Throttling");
        break;
    case BAD_XML:
        rig_answer(r, "200 OK", RIG_DATE,
                   "<GetServiceLastAccessedDetailsWithEntitiesResponse><a></b>");
        break;
    case SILENCE:
        break;
    case CUT:
        rig_printf(r, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<Get");
        r->after = IAM_ERR_RESET;
        break;
    case NO_DATE:
        rig_answer(r, "403 Forbidden", "", "<Error><Code>SignatureDoesNotMatch</Code></Error>");
        break;
    case SAME_MARKER:
        rig_page(r, 0, 0, "COMPLETED", "m");
        break;
    case FOREIGN:
        rig_answer(r, "200 OK", RIG_DATE, "<html/>");
        break;
    case FAILED_JOB:
        rig_page(r, 0, 0, "FAILED", NULL);
        break;
    default:
        rig_page(r, 0, 2, "COMPLETED", NULL);
    }
}

static void sent(struct rig *r)
{
    struct live *l = r->context;
    watch(r);
    if (l->pieces > 0 && --l->pieces == 0) {
        r->open = false;
        iam_call_closed(r->call, l->error, 104);
        rig_forget_reply(r);
    }
}

static void init(struct rig *r, struct live *l)
{
    memset(l, 0, sizeof *l);
    rig_init(r);
    r->context = l;
    r->serve = serve;
    r->sent = sent;
    r->cfg.max_attempts = 2;
    r->cfg.tx_size = 700;
    r->send_chunk = 50;
}

/* Runs it, looking at tx whenever no request is on its way out. */
static int run(struct rig *r, size_t number)
{
    struct live *l = r->context;
    int result = iam_call_entities(r->call, &r->request);
    while (result == IAM_OK || result == IAM_AGAIN || result == IAM_ITEM) {
        iam_call_time(r->call, r->mono, r->unix_ms);
        result = iam_call_next(r->call);
        if (result == IAM_OK)
            break;
        if (r->call->exchange.stage != IAM_STAGE_SEND)
            clean(l, r->tx.p, r->tx.n, "tx while it waits", number);
        if (result == IAM_AGAIN)
            rig_serve(r);
        assert_true(++r->turns < 1000000);
    }
    assert_true(l->seen > 0);
    return result;
}

static void ended(struct rig *r, size_t number)
{
    struct guard tx = r->tx;
    struct iam_call *call = r->call;
    struct live *l = r->context;
    iam_call_end(call);
    for (size_t i = 0; i < sizeof *call; i++)
        assert_int_equal(((unsigned char *)call)[i], 0);
    for (size_t i = 0; i < tx.n; i++)
        assert_int_equal(tx.p[i], 0);
    clean(l, r->rx.p, r->rx.n, "rx", number);
    for (size_t i = 0; i < r->rx.n; i++)
        assert_int_equal(r->rx.p[i], 0);
    for (size_t i = 0; i < r->item.n; i++)
        assert_int_equal(r->item.p[i], 0);
    rig_end(r);
}

/* The looking finds what is there: while a request is under way, everything is. */
static void looking_finds(void **state)
{
    struct rig r;
    struct live l;
    (void)state;
    init(&r, &l);
    r.cfg.tx_size = 2000;
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
    while (r.call->exchange.stage != IAM_STAGE_SEND || r.call->exchange.tx_pos == 0) {
        iam_call_time(r.call, r.mono, r.unix_ms);
        assert_int_equal(iam_call_next(r.call), IAM_AGAIN);
        rig_serve(&r);
    }
    assert_true(any_run(r.tx.p, r.tx.n, RIG_TOKEN, strlen(RIG_TOKEN)));
    assert_true(found(r.tx.p, r.tx.n, l.hex, 64));
    assert_true(any_run(r.call, sizeof *r.call, l.bytes, sizeof r.call->query.sigv4.inner));
    assert_true(any_run(r.call, sizeof *r.call, r.call->query.signature, 32));
    /* another operation in its place: nothing of this one is left */
    r.request.service_namespace = iam_span_of("s3");
    assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
    all_clean(&r, 0);
    r.request.service_namespace = iam_span_of("no good");
    assert_int_equal(iam_call_entities(r.call, &r.request), IAM_ERR_ARGUMENT);
    all_clean(&r, 1);
    ended(&r, 0);
}

/* A server sends back what it was sent: in an error, in an item, in what nobody reads, in a reply that breaks
 * off. rx forgets it with the operation; item, where the caller's text lies, with the client. */
static void serve_echo(struct rig *r)
{
    static const char *const forms[] = {
        "<ErrorResponse><Error><Code>c</Code><Message>%s</Message></Error></ErrorResponse>",
        "<GetServiceLastAccessedDetailsWithEntitiesResponse><u>%s</u>"
        "<GetServiceLastAccessedDetailsWithEntitiesResult><JobStatus>COMPLETED</JobStatus>"
        "</GetServiceLastAccessedDetailsWithEntitiesResult>"
        "</GetServiceLastAccessedDetailsWithEntitiesResponse>",
        "<GetServiceLastAccessedDetailsWithEntitiesResponse>"
        "<GetServiceLastAccessedDetailsWithEntitiesResult><JobStatus>COMPLETED</JobStatus>"
        "<EntityDetailsList><member><EntityInfo><Arn>%s</Arn></EntityInfo></member>"
        "</EntityDetailsList></GetServiceLastAccessedDetailsWithEntitiesResult>"
        "</GetServiceLastAccessedDetailsWithEntitiesResponse>",
        "<html><!--%s-->", "{\"token\": \"%s\"}"};
    struct live *l = r->context;
    char body[2048];
    watch(r);
    snprintf(body, sizeof body, forms[l->pieces], rig_header(r, "X-Amz-Security-Token"));
    rig_answer(r, l->pieces == 0 ? "403 Forbidden" : "200 OK", RIG_DATE, body);
}

/* The operation went well: the key waits in the struct, and there alone. Then it is gone. */
static void key_waits(struct rig *r, size_t number)
{
    struct live *l = r->context;
    l->kept = sizeof r->call->query.sigv4.inner + sizeof r->call->query.sigv4.outer;
    iam_call_time(r->call, r->mono, r->unix_ms);
    iam_call_time(r->call, r->mono += CONFIG_TINYIAM_KEY_IDLE_MS - 1, r->unix_ms);
    assert_true(any_run(r->call, sizeof *r->call, l->bytes, l->kept));
    all_clean(r, number);
    iam_call_time(r->call, ++r->mono, r->unix_ms);
    l->kept = 0;
    all_clean(r, number);
}

static void echoed(void **state)
{
    static const int results[] = {IAM_ERR_SERVICE, IAM_OK, IAM_OK, IAM_ERR_XML_TRUNCATED,
                                  IAM_ERR_FOREIGN};
    (void)state;
    for (size_t form = 0; form < COUNT(results); form++) {
        struct rig r;
        struct live l;
        init(&r, &l);
        l.pieces = form;
        r.sent = NULL;
        r.serve = serve_echo;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(run(&r, form), results[form]);
        if (form == 0)
            assert_memory_equal(r.call->exchange.fault.message.p, RIG_TOKEN, strlen(RIG_TOKEN));
        clean(&l, r.rx.p, r.rx.n, "rx", form);
        ended(&r, form);
    }
}

static void every_end(void **state)
{
    static const int results[] = {IAM_OK,
                                  IAM_ERR_SERVICE,
                                  IAM_ERR_SERVICE,
                                  IAM_ERR_XML_TAG,
                                  IAM_ERR_TIMEOUT_RESPONSE,
                                  IAM_ERR_RESET,
                                  IAM_ERR_SERVICE,
                                  IAM_ERR_MARKER_REPEATED,
                                  IAM_ERR_FOREIGN,
                                  IAM_ERR_JOB_FAILED};
    (void)state;
    for (size_t how = WELL; how <= FAILED_JOB; how++) {
        struct rig r;
        struct live l;
        init(&r, &l);
        l.how = (enum how)how;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(run(&r, how), results[how]);
        if (how == WELL)
            key_waits(&r, how);
        all_clean(&r, how);
        ended(&r, how);
    }
}

/* The stream fails after each piece of the request, for good and to be tried again. */
static void every_piece(void **state)
{
    static const int errors[] = {IAM_ERR_RESET, IAM_EOF, IAM_ERR_IO, IAM_ERR_TLS,
                                 IAM_ERR_TLS_VERIFY};
    (void)state;
    for (size_t pieces = 1; pieces < 11; pieces++) {
        for (size_t e = 0; e < COUNT(errors); e++) {
            for (uint8_t attempts = 1; attempts < 3; attempts++) {
                struct rig r;
                struct live l;
                init(&r, &l);
                l.pieces = pieces;
                l.error = errors[e];
                r.cfg.max_attempts = attempts;
                assert_int_equal(rig_begin(&r), IAM_OK);
                int result = run(&r, pieces);
                bool well = attempts == 2 && errors[e] != IAM_ERR_TLS_VERIFY;
                assert_true(well ? result == IAM_OK : result < 0);
                if (well)
                    key_waits(&r, pieces);
                all_clean(&r, pieces);
                ended(&r, pieces);
            }
        }
    }
}

/* A peer that takes no more, at each piece: the deadlines, of idling and of the operation. */
static void stuck(struct rig *r)
{
    struct live *l = r->context;
    watch(r);
    if (l->pieces > 0 && --l->pieces == 0)
        r->send_chunk = 0;
}

static void every_deadline(void **state)
{
    (void)state;
    for (size_t pieces = 1; pieces < 11; pieces++) {
        for (uint32_t deadline = 0; deadline <= 5000; deadline += 5000) {
            struct rig r;
            struct live l;
            init(&r, &l);
            l.pieces = pieces;
            r.sent = stuck;
            r.cfg.max_attempts = 1;
            r.cfg.deadline_ms = deadline;
            assert_int_equal(rig_begin(&r), IAM_OK);
            assert_int_equal(run(&r, pieces),
                             deadline ? IAM_ERR_TIMEOUT_OPERATION : IAM_ERR_TIMEOUT_IDLE);
            all_clean(&r, pieces);
            ended(&r, pieces);
        }
    }
}

/* Between two operations credentials may change, in place: the next one signs with what is there. */
static void changed_credentials(void **state)
{
    char want[8192];
    struct rig r;
    struct live l;
    (void)state;
    init(&r, &l);
    r.credentials.secret_access_key = iam_span_of("another secret, of another session");
    r.credentials.session_token = iam_span_of("OTHERTOKEN");
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(run(&r, 0), IAM_OK);
    snprintf(want, sizeof want, "%s", r.in);
    rig_end(&r);
    for (int how = WELL; how <= CUT; how++) {
        init(&r, &l);
        l.how = (enum how)how;
        assert_int_equal(rig_begin(&r), IAM_OK);
        (void)run(&r, 0);
        assert_true(strcmp(r.in, want) != 0);
        r.credentials.secret_access_key = iam_span_of("another secret, of another session");
        r.credentials.session_token = iam_span_of("OTHERTOKEN");
        l.how = WELL;
        r.unix_ms = RIG_NOW;
        assert_int_equal(run(&r, 0), IAM_OK);
        assert_string_equal(r.in, want);
        rig_end(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looking_finds),  cmocka_unit_test(every_end),
        cmocka_unit_test(echoed),         cmocka_unit_test(every_piece),
        cmocka_unit_test(every_deadline), cmocka_unit_test(changed_credentials),
    };
    return cmocka_run_group_tests_name("engine_secrets", tests, NULL, NULL);
}
