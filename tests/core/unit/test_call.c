/* The engine: what it sends, byte for byte; pages, polls, and what it makes of a service that misleads it.
 * Retries by the vectors are test_call_retry.c; time, checkpoints, secrets and bounds tests/core/laws. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rig.h"

#include "call_vectors.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* ---- requests ---- */

static int start(struct rig *r, const struct call_vector *v)
{
    struct iam_services_request s = {.job_id = iam_span_of(v->job_id),
                                     .marker = iam_span_of(v->marker),
                                     .max_items = (uint16_t)v->max_items,
                                     .scope = IAM_SCOPE_PAGE};
    struct iam_entities_request e = {.job_id = s.job_id,
                                     .service_namespace = iam_span_of(v->ns),
                                     .marker = s.marker,
                                     .max_items = s.max_items,
                                     .scope = IAM_SCOPE_PAGE};
    struct iam_generate_request g = {.arn = iam_span_of(v->arn),
                                     .granularity = iam_span_of(v->granularity)};
    if (strcmp(v->action, "GenerateServiceLastAccessedDetails") == 0)
        return iam_call_generate(r->call, &g);
    return strcmp(v->action, "GetServiceLastAccessedDetails") == 0 ? iam_call_services(r->call, &s)
                                                                   : iam_call_entities(r->call, &e);
}

static void result_for(struct rig *r)
{
    const struct call_vector *v = r->context;
    char body[512];
    snprintf(body, sizeof body, "<%sResponse><%sResult></%sResult></%sResponse>", v->action,
             v->action, v->action, v->action);
    rig_answer(r, "200 OK", "", body);
}

static size_t pieces; /* in which a request has gone out: records of TLS */

static void count_piece(struct rig *r)
{
    (void)r;
    pieces++;
}

static void request(const struct call_vector *v, size_t tx, size_t send)
{
    struct rig r;
    uint16_t port;
    rig_init(&r);
    r.cfg.region = iam_span_of(v->region);
    r.cfg.authority = iam_span_of(v->authority);
    r.cfg.path = iam_span_of(v->path);
    r.cfg.endpoint_flags = v->flags;
    r.cfg.plain = v->plain != 0;
    r.cfg.user_agent = iam_span_of(v->agent);
    r.cfg.tx_size = tx;
    r.send_chunk = send;
    r.credentials.access_key_id = iam_span_of(v->access_key);
    r.credentials.secret_access_key = iam_span_of(v->secret_key);
    r.credentials.session_token = iam_span_of(v->token);
    r.unix_ms = v->unix_ms;
    r.context = (void *)(uintptr_t)v;
    r.serve = result_for;
    r.sent = count_piece;
    pieces = 0;
    assert_int_equal(rig_begin(&r), IAM_OK);
    struct iam_span host = iam_call_host(r.call, &port);
    assert_int_equal(host.n, strlen(v->host));
    assert_memory_equal(host.p, v->host, host.n);
    assert_int_equal(port, v->port);
    assert_int_equal(start(&r, v), IAM_OK);
    assert_int_equal(rig_run(&r), IAM_OK);
    if (strcmp(r.in, v->request) != 0)
        fail_msg("tx %zu\nwanted\n%s\ngot\n%s", tx, v->request, r.in);
    assert_int_equal(r.call->stats.bytes_out, strlen(v->request));
    if (send == SIZE_MAX) /* as few as tx allows */
        assert_int_equal(pieces, (strlen(v->request) + tx - 1) / tx);
    assert_int_equal(r.call->stats.tx_peak, strlen(v->request) < tx ? strlen(v->request) : tx);
    rig_end(&r);
}

static void requests(void **state)
{
    static const size_t sizes[] = {3, 17, 64, 1000, 1460, 20000};
    (void)state;
    for (size_t i = 0; i < COUNT(call_vectors); i++) {
        for (size_t k = 0; k < COUNT(sizes); k++)
            if (i % 5 == 0 || k > 2)
                request(&call_vectors[i], sizes[k], SIZE_MAX);
        request(&call_vectors[i], 500, 1 + i); /* taken in pieces */
    }
}

static void one_byte_buffers(void **state)
{
    size_t longest = 0;
    (void)state;
    for (size_t i = 0; i < COUNT(call_vectors); i++) {
        const struct call_vector *v = &call_vectors[i];
        if (strlen(v->request) < 1000)
            request(v, 1, SIZE_MAX);
        if (strlen(v->token) >= strlen(call_vectors[longest].token))
            longest = i;
    }
    assert_int_equal(strlen(call_vectors[longest].token), 6144);
    request(&call_vectors[longest], 1, SIZE_MAX);
    /* their byte is cleared at the end, too */
    struct rig r;
    rig_init(&r);
    r.cfg.tx_size = r.cfg.rx_size = r.cfg.item_size = 1;
    assert_int_equal(rig_begin(&r), IAM_OK);
    r.tx.p[0] = r.rx.p[0] = r.item.p[0] = 0xA5;
    iam_call_end(r.call);
    assert_int_equal(r.tx.p[0] | r.rx.p[0] | r.item.p[0], 0);
    rig_end(&r);
}

static void authorities(void **state)
{
    static const char *const wrong[] = {
        ":443",    "[",           "[]",   "[::1",     "[::1]443",     "[::1]:",
        "[::1]:0", "[::1]:65536", "a:",   "a:0",      "a:00",         "a:65536",
        "a:99999", "a:123456",    "a:-1", "a:8x",     "a b",          "a/b",
        "A",       "a\r",         "a@b",  "a:000443", "[::1]:000443", "a?",
        "a:1:2",   "\303\251",    "a{",   "a\\"};
    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct rig r;
        rig_init(&r);
        r.cfg.region = iam_span_of("us-east-1");
        r.cfg.authority = iam_span_of(wrong[i]);
        if (rig_begin(&r) != IAM_ERR_ARGUMENT)
            fail_msg("authority %s was taken", wrong[i]);
        assert_memory_equal(r.call->exchange.fault.what.p, "authority", 9);
        assert_int_equal(r.call->exchange.fault.layer, IAM_LAYER_CALLER);
        assert_int_equal(iam_call_entities(r.call, &r.request), IAM_ERR_STATE);
        rig_end(&r);
    }
}

/* Every setting that is refused; `where` names a field of the rig by its offset. */
static int refused(void (*change)(struct rig *), const char *what)
{
    struct rig r;
    rig_init(&r);
    change(&r);
    int result = rig_begin(&r);
    if (result < 0) {
        assert_int_equal(r.call->exchange.fault.error, result);
        assert_int_equal(r.call->exchange.fault.layer, IAM_LAYER_CALLER);
        assert_memory_equal(r.call->exchange.fault.what.p, what, strlen(what));
        assert_int_equal(iam_call_next(r.call), IAM_ERR_STATE);
        assert_int_equal(iam_call_wants(r.call), 0);
    }
    rig_end(&r);
    return result;
}

#define SET(name, ...)              \
    static void name(struct rig *r) \
    {                               \
        __VA_ARGS__;                \
    }
SET(no_tx, r->cfg.tx_size = 0)
SET(no_rx, r->cfg.rx_size = 0)
SET(no_key, r->credentials.access_key_id.n = 0)
SET(no_secret, r->credentials.secret_access_key.n = 0)
SET(key_blank, r->credentials.access_key_id = iam_span_of("AKID EXAMPLE"))
SET(key_first, r->credentials.access_key_id = iam_span_of(" AKIDEXAMPLE"))
SET(key_last, r->credentials.access_key_id = iam_span_of("AKIDEXAMPLE\177"))
SET(token_line, r->credentials.session_token = iam_span_of("a\r\nX: y"))
SET(token_latin, r->credentials.session_token = iam_span_of("a\377"))
SET(region_dot, r->cfg.region = iam_span_of("us.east"))
SET(region_line, r->cfg.region = iam_span_of("us\r\n"))
SET(no_region, r->cfg.authority = iam_span_of("localhost"))
SET(path_bare, r->cfg.path = iam_span_of("iam"))
SET(path_blank, r->cfg.path = iam_span_of("/a b"))
SET(path_line, r->cfg.path = iam_span_of("/\r\nX: y"))
SET(path_query, r->cfg.path = iam_span_of("/a?b"))
SET(path_fragment, r->cfg.path = iam_span_of("/a#b"))
SET(path_brace, r->cfg.path = iam_span_of("/a{b}"))
SET(path_wide, r->cfg.path = iam_span_of("/caf\303\251"))
SET(agent_line, r->cfg.user_agent = iam_span_of("a\r\nX: y"))
SET(agent_blank, r->cfg.user_agent = iam_span_of("a b"))
SET(huge, r->cfg.tx_size = 1)

static void settings(void **state)
{
    (void)state;
    assert_int_equal(refused(no_tx, "tx"), IAM_ERR_ARGUMENT);
    assert_int_equal(refused(no_rx, "rx"), IAM_ERR_ARGUMENT);
    assert_int_equal(refused(no_key, "credentials"), IAM_ERR_CREDENTIALS);
    assert_int_equal(refused(no_secret, "credentials"), IAM_ERR_CREDENTIALS);
    assert_int_equal(refused(key_blank, "credentials"), IAM_ERR_CREDENTIALS);
    assert_int_equal(refused(key_first, "credentials"), IAM_ERR_CREDENTIALS);
    assert_int_equal(refused(key_last, "credentials"), IAM_ERR_CREDENTIALS);
    assert_int_equal(refused(token_line, "credentials"), IAM_ERR_CREDENTIALS);
    assert_int_equal(refused(token_latin, "credentials"), IAM_ERR_CREDENTIALS);
    assert_int_equal(refused(region_dot, "region"), IAM_ERR_REGION);
    assert_int_equal(refused(region_line, "region"), IAM_ERR_REGION);
    assert_int_equal(refused(no_region, "region"), IAM_ERR_REGION);
    assert_int_equal(refused(path_bare, "path"), IAM_ERR_ARGUMENT);
    assert_int_equal(refused(path_blank, "path"), IAM_ERR_ARGUMENT);
    assert_int_equal(refused(path_line, "path"), IAM_ERR_ARGUMENT);
    assert_int_equal(refused(path_query, "path"), IAM_ERR_ARGUMENT);
    assert_int_equal(refused(path_fragment, "path"), IAM_ERR_ARGUMENT);
    assert_int_equal(refused(path_brace, "path"), IAM_ERR_ARGUMENT);
    assert_int_equal(refused(path_wide, "path"), IAM_ERR_ARGUMENT);
    assert_int_equal(refused(agent_line, "user_agent"), IAM_ERR_ARGUMENT);
    assert_int_equal(refused(agent_blank, ""), IAM_OK);
    assert_int_equal(refused(huge, ""), IAM_OK);
}

/* Texts that stand in a request as they are: every byte in the middle, and what is not allowed at the ends. */
static void every_byte_of_settings(void **state)
{
    static const char path[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                               "-._~%!$&'()*+,;=:@/"; /* RFC 3986 */
    (void)state;
    for (int which = 0; which < 4; which++) {
        for (int c = 0; c < 256 + 2; c++) {
            char text[] = {'/', 'a', 'a', 'b', 0};
            struct rig r;
            rig_init(&r);
            text[c == 256 ? 1 : c == 257 ? 3 : 2] = c < 256 ? (char)c : '\177';
            struct iam_span *const to[] = {&r.cfg.path, &r.credentials.access_key_id,
                                           &r.credentials.session_token, &r.cfg.user_agent};
            *to[which] = (struct iam_span){text + (which > 0), which > 0 ? 3 : 4};
            bool good = c < 256 && (which == 0   ? c != 0 && strchr(path, c) != NULL
                                    : which == 3 ? c >= ' ' && c < 127
                                                 : c > ' ' && c < 127);
            int result = rig_begin(&r);
            if (result != (good ? IAM_OK : which % 3 == 0 ? IAM_ERR_ARGUMENT : IAM_ERR_CREDENTIALS))
                fail_msg("text %d, byte %d: %d", which, c, result);
            rig_end(&r);
        }
    }
}

/* A connection that has just been made has all the time for its next step. */
static void opened_in_time(void **state)
{
    struct rig r;
    (void)state;
    rig_init(&r);
    r.cfg.connect_ms = 5000;
    r.cfg.idle_ms = 700;
    r.cfg.response_ms = 900;
    assert_int_equal(rig_begin(&r), IAM_OK);
    iam_call_time(r.call, r.mono, r.unix_ms);
    assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
    assert_int_equal(iam_call_next(r.call), IAM_AGAIN);
    assert_int_equal(iam_call_wants(r.call), IAM_WANT_OPEN);
    assert_int_equal(iam_call_idle_ms(r.call), 5000);
    iam_call_time(r.call, r.mono + 1234, r.unix_ms + 1234);
    assert_int_equal(iam_call_idle_ms(r.call), 5000 - 1234);
    iam_call_opened(r.call);
    assert_int_equal(iam_call_idle_ms(r.call), 5000);
    assert_int_equal(iam_call_next(r.call), IAM_AGAIN);
    assert_int_equal(iam_call_wants(r.call), IAM_WANT_SEND | IAM_WANT_RECV);
    assert_int_equal(r.call->stats.connections, 1);
    assert_int_equal(r.call->stats.requests, 1);
    /* and so has each byte that goes out or comes in */
    size_t n;
    assert_int_equal(iam_call_idle_ms(r.call), 700);
    iam_call_time(r.call, r.mono + 1734, r.unix_ms + 1734);
    assert_int_equal(iam_call_idle_ms(r.call), 200);
    iam_call_send_ack(r.call, 1);
    assert_int_equal(iam_call_idle_ms(r.call), 700);
    (void)iam_call_send_buf(r.call, &n);
    iam_call_send_ack(r.call, n);
    assert_int_equal(iam_call_wants(r.call), 0); /* there is nothing to send, and no turn yet */
    assert_int_equal(iam_call_next(r.call), IAM_AGAIN);
    assert_int_equal(iam_call_wants(r.call), IAM_WANT_RECV);
    assert_int_equal(iam_call_idle_ms(r.call), 900);
    iam_call_time(r.call, r.mono + 2634, r.unix_ms + 2634 - 1);
    assert_int_equal(iam_call_idle_ms(r.call), 0);
    *(char *)iam_call_recv_buf(r.call, &n) = 'H';
    iam_call_recv_ack(r.call, 1);
    assert_int_equal(iam_call_next(r.call), IAM_AGAIN);
    assert_int_equal(iam_call_idle_ms(r.call), 700);
    rig_end(&r);
}

/* Each layer has a range of codes (result.h). */
static void layers(void **state)
{
    static const struct {
        int first, last;
        enum iam_layer layer;
    } rows[] = {
        {0, 0, IAM_LAYER_NONE},      {-1, -19, IAM_LAYER_CALLER},   {-20, -39, IAM_LAYER_STREAM},
        {-40, -49, IAM_LAYER_TLS},   {-50, -59, IAM_LAYER_HTTP},    {-60, -74, IAM_LAYER_XML},
        {-75, -79, IAM_LAYER_REPLY}, {-80, -89, IAM_LAYER_SERVICE}, {-90, -127, IAM_LAYER_FLOW}};
    struct iam_exchange e = {0};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int error = rows[i].first; error >= rows[i].last; error--) {
            assert_int_equal(iam_exchange_refuse(&e, error, NULL), error);
            assert_int_equal(e.fault.error, error);
            assert_int_equal(e.fault.layer, rows[i].layer);
        }
}

/* A parameter that is refused: nothing is sent, and what ran before is over. */
static void bad_request(void **state)
{
    struct rig r;
    (void)state;
    rig_init(&r);
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(iam_call_next(r.call), IAM_ERR_STATE);
    r.request.service_namespace = iam_span_of("a b");
    assert_int_equal(iam_call_entities(r.call, &r.request), IAM_ERR_ARGUMENT);
    assert_memory_equal(r.call->exchange.fault.what.p, "ServiceNamespace", 16);
    assert_int_equal(r.call->exchange.fault.error, IAM_ERR_ARGUMENT);
    assert_int_equal(r.call->exchange.fault.layer, IAM_LAYER_CALLER);
    assert_int_equal(iam_call_wants(r.call), 0);
    assert_int_equal(iam_call_next(r.call), IAM_ERR_STATE);
    rig_end(&r);
}

/* Of the words that a parameter may have each is taken, and nothing that stands beside them. */
static void words_of_a_parameter(void **state)
{
    static const char *const words[] = {"All", "AWS", "Local", "e", "Scope", "A", "all", ""};
    (void)state;
    for (size_t i = 0; i < COUNT(words); i++) {
        struct iam_policies_request q = {.policy_scope = iam_span_of(words[i])};
        struct rig r;
        rig_init(&r);
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(iam_call_start(r.call, &iam_op_policies, &q),
                         i < 3 ? IAM_OK : IAM_ERR_ARGUMENT);
        rig_end(&r);
    }
}

/* ---- pages ---- */

struct script {
    unsigned pages, per_page, polls; /* polls: replies IN_PROGRESS first */
    const char *status;              /* of every reply after them */
    const char *reply;               /* a whole body instead, of page `odd` */
    unsigned odd;
    const char *headers;
    uint64_t pauses[40];
    unsigned asked[64]; /* page of each request */
};

static void serve_script(struct rig *r)
{
    struct script *s = r->context;
    const char *marker = rig_field(r, "Marker");
    unsigned page = strncmp(marker, "page", 4) == 0 ? (unsigned)atoi(marker + 4) : 0;
    char next[16];
    if (r->requests <= COUNT(s->asked))
        s->asked[r->requests - 1] = page;
    if (r->requests <= COUNT(s->pauses))
        s->pauses[r->requests - 1] = r->paused;
    if (s->polls > 0) {
        s->polls--;
        rig_page(r, 0, 0, "IN_PROGRESS", NULL);
    } else if (s->reply != NULL && page == s->odd) {
        rig_answer(r, "200 OK", RIG_DATE, s->reply);
    } else {
        snprintf(next, sizeof next, "page%u", page + 1);
        rig_page(r, page * s->per_page, s->per_page, s->status, page + 1 < s->pages ? next : NULL);
    }
}

static void script_init(struct rig *r, struct script *s, unsigned pages, unsigned per_page)
{
    memset(s, 0, sizeof *s);
    s->pages = pages;
    s->per_page = per_page;
    s->status = "COMPLETED";
    rig_init(r);
    r->context = s;
    r->serve = serve_script;
    assert_int_equal(rig_begin(r), IAM_OK);
}

static void scopes(void **state)
{
    (void)state;
    for (unsigned polls = 0; polls < 3; polls++) {
        struct rig r;
        struct script s;
        script_init(&r, &s, 5, 4);
        s.polls = polls;
        assert_int_equal(rig_entities(&r), IAM_OK);
        assert_int_equal(r.number, 20);
        assert_int_equal(r.requests, 5 + polls);
        assert_int_equal(r.connects, 1);
        assert_int_equal(r.call->stats.pages, 5);
        assert_int_equal(r.call->stats.items, 20);
        assert_int_equal(r.call->stats.polls, polls);
        assert_false(r.call->query.decode.report.is_truncated);
        assert_int_equal(rig_next(&r), IAM_OK); /* and stays so */
        rig_end(&r);

        script_init(&r, &s, 5, 4);
        s.polls = polls;
        r.request.scope = IAM_SCOPE_PAGE_WAIT;
        assert_int_equal(rig_entities(&r), IAM_OK);
        assert_int_equal(r.number, 4);
        assert_int_equal(r.requests, 1 + polls);
        assert_true(r.call->query.decode.report.is_truncated);
        assert_memory_equal(r.call->query.decode.report.marker.p, "page1", 5);
        rig_end(&r);

        script_init(&r, &s, 5, 4);
        s.polls = polls;
        r.request.scope = IAM_SCOPE_PAGE;
        assert_int_equal(rig_entities(&r), IAM_OK);
        assert_int_equal(r.number, polls ? 0 : 4);
        assert_int_equal(r.requests, 1);
        assert_int_equal(r.call->query.decode.report.status,
                         polls ? IAM_JOB_IN_PROGRESS : IAM_JOB_COMPLETED);
        rig_end(&r);

        script_init(&r, &s, 5, 4); /* from the third page on */
        s.polls = polls;
        r.request.marker = iam_span_of("page2");
        r.number = 8;
        assert_int_equal(rig_entities(&r), IAM_OK);
        assert_int_equal(r.number, 20);
        assert_int_equal(s.asked[0], 2);
        rig_end(&r);
    }
}

/* Empty pages are pages, too. */
static void empty_pages(void **state)
{
    struct rig r;
    struct script s;
    (void)state;
    script_init(&r, &s, 6, 0);
    assert_int_equal(rig_entities(&r), IAM_OK);
    assert_int_equal(r.requests, 6);
    assert_int_equal(r.call->stats.pages, 6);
    rig_end(&r);
}

/* The same client for one operation after the other, on one connection where that is clean. */
static void again_on_one_client(void **state)
{
    struct rig r;
    struct script s;
    (void)state;
    script_init(&r, &s, 2, 3);
    for (int i = 0; i < 3; i++) {
        r.number = 0;
        assert_int_equal(rig_entities(&r), IAM_OK);
        assert_int_equal(r.number, 6);
        assert_int_equal(r.connects, 1);
    }
    /* dropped in the middle, at each item: a reply is under way, so the connection is not used again */
    for (int items = 1; items <= 6; items++) {
        unsigned connects = r.connects;
        assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
        for (int i = 0; i < items; i++)
            assert_int_equal(rig_next(&r), IAM_ITEM);
        r.number = 0;
        assert_int_equal(rig_entities(&r), IAM_OK);
        assert_int_equal(r.number, 6);
        assert_int_equal(r.connects, connects + 1);
    }
    /* what it knows before a reply has come is nothing */
    assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
    static const struct iam_report none;
    assert_int_equal(r.call->query.decode.report.present, 0);
    assert_memory_equal(&r.call->query.decode.report, &none, sizeof none);
    rig_end(&r);
}

/* Every number of the statistics, as the server sees it; those of bytes go on beyond 32 bits, and one that is full
 * begins anew without a bit for the one beside it. */
struct counted {
    struct script s; /* first: serve_script() finds it */
    uint64_t out, in, body;
    uint32_t largest;
};

static void count_reply(struct rig *r)
{
    struct counted *n = r->context;
    serve_script(r);
    n->out += r->in_n;
    n->in += r->out_n;
    n->body += r->out_n - (size_t)(strstr(r->out, "\r\n\r\n") + 4 - r->out);
    if (r->out_n > n->largest)
        n->largest = (uint32_t)r->out_n;
}

static void statistics(void **state)
{
    (void)state;
    for (int full = 0; full < 2; full++) {
        struct counted n = {.s = {.pages = 3, .per_page = 2, .polls = 4, .status = "COMPLETED"}};
        struct rig r;
        rig_init(&r);
        r.context = &n;
        r.serve = count_reply;
        assert_int_equal(rig_begin(&r), IAM_OK);
        struct iam_stats *s = &r.call->stats;
        uint32_t most = full ? UINT32_MAX : 0;
        s->bytes_out = s->bytes_in = s->body_bytes = most;
        s->pages = s->items = s->polls = s->requests = s->connections = most;
        s->retries = s->clock_corrections = most;
        assert_int_equal(rig_entities(&r), IAM_OK);
        assert_int_equal(s->bytes_out, most + n.out);
        assert_int_equal(s->bytes_in, most + n.in);
        assert_int_equal(s->body_bytes, most + n.body);
        assert_int_equal(s->requests, most + 7);
        assert_int_equal(s->polls, most + 4);
        assert_int_equal(s->pages, most + 3);
        assert_int_equal(s->items, most + 6);
        assert_int_equal(s->connections, most + 1);
        assert_int_equal(s->retries, most);
        assert_int_equal(s->clock_corrections, most);
        assert_int_equal(s->rx_peak, n.largest < r.cfg.rx_size ? n.largest : r.cfg.rx_size);
        r.number = 0;
        r.send_chunk = r.chunk = 1; /* the peaks are of what was larger before */
        assert_int_equal(rig_entities(&r), IAM_OK);
        assert_int_equal(s->rx_peak, n.largest < r.cfg.rx_size ? n.largest : r.cfg.rx_size);
        uint32_t peak = s->item_peak; /* as many are enough, and one less is not */
        rig_end(&r);
        for (uint32_t less = 0; less < 3; less++) { /* 2: a page that ends with smaller texts */
            struct script again = n.s;
            rig_init(&r);
            r.context = &again;
            r.serve = serve_script;
            r.cfg.item_size = peak - less % 2;
            r.request.scope = less == 2 ? IAM_SCOPE_PAGE_WAIT : IAM_SCOPE_ALL;
            assert_int_equal(rig_begin(&r), IAM_OK);
            assert_int_equal(rig_entities(&r), less == 1 ? IAM_ERR_SPACE : IAM_OK);
            assert_true(less == 1 || r.call->stats.item_peak == peak);
            rig_end(&r);
        }
    }
}

/* An operation without pages has no place in any, whatever its request holds. */
static void without_pages(void **state)
{
    static const struct iam_generate_request q = {
        .arn = IAM_LITERAL("arn:aws:iam::123456789012:policy/p")};
    struct rig r;
    (void)state;
    rig_init(&r);
    assert_int_equal(rig_begin(&r), IAM_OK);
    r.request.marker = iam_span_of("page2");
    assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
    assert_int_equal(r.call->query.marker_n, 5);
    assert_int_equal(r.call->scope, IAM_SCOPE_ALL);
    assert_int_equal(iam_call_generate(r.call, &q), IAM_OK);
    assert_int_equal(r.call->query.marker_n, 0);
    assert_int_equal(r.call->scope, IAM_SCOPE_PAGE);
    rig_end(&r);
}

/* Each operation counts from the beginning: pages, polls, what was handed out. */
static void counts_anew(void **state)
{
    struct rig r;
    struct script s;
    (void)state;
    script_init(&r, &s, 3, 2);
    r.call->max_pages = 3;
    for (int i = 0; i < 3; i++) {
        r.number = r.requests = 0;
        s.polls = 8;
        assert_int_equal(rig_entities(&r), IAM_OK);
        assert_int_equal(r.number, 6);
        assert_in_range(s.pauses[1], CONFIG_TINYIAM_POLL_FIRST_MS * 3 / 4,
                        CONFIG_TINYIAM_POLL_FIRST_MS);
    }
    r.number = r.requests = 0;
    s.pages = 4;
    assert_int_equal(rig_entities(&r), IAM_ERR_PAGES);
    assert_int_equal(r.call->exchange.fault.delivered, 6);
    rig_end(&r);
}

/* An operation that ends in the middle leaves nothing behind: neither items nor time. */
static void dropped(void **state)
{
    struct rig r;
    struct script s;
    (void)state;
    for (int moves = 0; moves < 60; moves++) {
        script_init(&r, &s, 2, 3);
        r.call->query.structure = true;
        r.chunk = 50;
        r.send_chunk = 100;
        assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
        for (int i = 0; i < moves; i++) {
            iam_call_time(r.call, r.mono, r.unix_ms);
            if (iam_call_next(r.call) == IAM_AGAIN)
                rig_serve(&r);
        }
        (void)iam_call_next(r.call);
        rig_sleep(&r, 29000); /* almost too long, wherever it waits */
        iam_call_time(r.call, r.mono, r.unix_ms);
        r.call->query.structure = false;
        r.number = 0;
        int result = iam_call_entities(r.call, &r.request);
        assert_int_equal(result, IAM_OK);
        iam_call_time(r.call, r.mono, r.unix_ms);
        (void)iam_call_next(r.call);
        rig_sleep(&r, 29000);
        result = rig_run(&r);
        if (result != IAM_OK || r.number != 6)
            fail_msg("after %d moves: %d, %u items", moves, result, r.number);
        assert_int_equal(r.call->stats.retries, 0);
        rig_end(&r);
    }
}

/* ---- jobs ---- */

static void polls_grow(void **state)
{
    struct rig r;
    struct script s;
    (void)state;
    script_init(&r, &s, 1, 1);
    s.polls = 30;
    assert_int_equal(rig_entities(&r), IAM_OK);
    assert_int_equal(r.requests, 31);
    assert_int_equal(r.call->exchange.retry.quota, IAM_RETRY_QUOTA); /* polling spends none */
    uint64_t most = CONFIG_TINYIAM_POLL_FIRST_MS;
    for (unsigned i = 1; i <= 30; i++) {
        assert_in_range(s.pauses[i], most - most / 4, most);
        most = most + most / 2 + 1 < CONFIG_TINYIAM_POLL_MAX_MS ? most + (most + 1) / 2
                                                                : CONFIG_TINYIAM_POLL_MAX_MS;
    }
    rig_end(&r);
    script_init(&r, &s, 1, 1);
    r.call->poll_first_ms = 5;
    r.call->poll_max_ms = 7;
    s.polls = 30;
    assert_int_equal(rig_entities(&r), IAM_OK);
    assert_in_range(r.elapsed, 30 * 4, 30 * 7);
    rig_end(&r);
    /* the deadline is kept, and named */
    script_init(&r, &s, 1, 1);
    s.polls = 100000;
    r.call->exchange.cfg.deadline_ms = 600000;
    assert_int_equal(rig_entities(&r), IAM_ERR_TIMEOUT_OPERATION);
    assert_int_equal(r.elapsed, 600000);
    rig_end(&r);
}

#define RESULT(x)                                         \
    "<GetServiceLastAccessedDetailsWithEntitiesResponse>" \
    "<GetServiceLastAccessedDetailsWithEntitiesResult>" x \
    "</GetServiceLastAccessedDetailsWithEntitiesResult>"  \
    "</GetServiceLastAccessedDetailsWithEntitiesResponse>"
#define MEMBER "<member><EntityInfo><Name>n0</Name></EntityInfo></member>"
#define LIST "<EntityDetailsList>" MEMBER "</EntityDetailsList>"
#define DONE "<JobStatus>COMPLETED</JobStatus>"

/* A job that is not what it was said to be: what comes of it, and how much was handed out. */
static void statuses(void **state)
{
    static const struct {
        const char *body;
        int result;
        unsigned items;
    } rows[] = {
        {RESULT("<JobStatus>FAILED</JobStatus><Error><Code>c</Code><Message>m</Message></Error>"),
         IAM_ERR_JOB_FAILED, 0},
        {RESULT("<JobStatus>FAILED</JobStatus>"), IAM_ERR_JOB_FAILED, 0},
        {RESULT("<JobStatus>FAILED</JobStatus><IsTruncated>true</IsTruncated><Marker>x</Marker>"),
         IAM_ERR_JOB_FAILED, 0},
        {RESULT("<JobStatus>PAUSED</JobStatus>"), IAM_ERR_JOB_STATUS, 0},
        {RESULT("<JobStatus></JobStatus>"), IAM_ERR_JOB_STATUS, 0},
        {RESULT(""), IAM_ERR_JOB_STATUS, 0},
        {RESULT("<JobStatus>IN_PROGRESS</JobStatus>" LIST), IAM_ERR_JOB_STATUS, 0},
        {RESULT(LIST "<JobStatus>IN_PROGRESS</JobStatus>"), IAM_ERR_JOB_STATUS, 1},
        {RESULT("<JobStatus>FAILED</JobStatus>" LIST), IAM_ERR_JOB_STATUS, 0},
        {RESULT("<JobStatus>PAUSED</JobStatus>" LIST), IAM_ERR_JOB_STATUS, 0},
        {RESULT(LIST "<JobStatus>FAILED</JobStatus>"), IAM_ERR_JOB_STATUS, 1},
        {RESULT(LIST "<JobStatus>PAUSED</JobStatus>"), IAM_ERR_JOB_STATUS, 1},
        {RESULT(LIST), IAM_ERR_JOB_STATUS, 1},
        {RESULT(LIST "<JobStatus>COMPLETED</JobStatus>"), IAM_OK, 1},
        {RESULT(DONE), IAM_OK, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rig r;
        struct script s;
        script_init(&r, &s, 3, 0);
        s.reply = rows[i].body;
        s.odd = 0;
        assert_int_equal(rig_entities(&r), rows[i].result);
        assert_int_equal(r.number, rows[i].items);
        assert_int_equal(r.call->exchange.fault.delivered, rows[i].result < 0 ? rows[i].items : 0);
        assert_int_equal(r.requests, 1); /* nothing of this is asked for again */
        if (rows[i].result == IAM_ERR_JOB_FAILED && i == 0) {
            assert_memory_equal(r.call->query.decode.report.error_code.p, "c", 1);
            assert_memory_equal(r.call->query.decode.report.error_message.p, "m", 1);
        }
        assert_int_equal(rig_next(&r), rows[i].result);
        rig_end(&r);
        /* one page as it is: no opinion */
        script_init(&r, &s, 3, 0);
        s.reply = rows[i].body;
        r.request.scope = IAM_SCOPE_PAGE;
        assert_int_equal(rig_entities(&r), IAM_OK);
        rig_end(&r);
    }
}

/* Whatever comes after COMPLETED is an error, with and without items and structure; and no place that is
 * kept says that the list is done. */
static void after_completed(void **state)
{
    static const char *const rows[] = {
        RESULT("<JobStatus>IN_PROGRESS</JobStatus>"),
        RESULT("<JobStatus>FAILED</JobStatus>"),
        RESULT("<JobStatus>FAILED</JobStatus><IsTruncated>true</IsTruncated><Marker>x</Marker>"),
        RESULT("<JobStatus>FAILED</JobStatus>" LIST),
        RESULT(LIST "<JobStatus>FAILED</JobStatus>"),
        RESULT("<EntityDetailsList/><JobStatus>FAILED</JobStatus>"),
        RESULT("<JobStatus>PAUSED</JobStatus>"),
        RESULT("<EntityDetailsList/>"),
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (unsigned variant = 0; variant < 4; variant++) {
            unsigned items = variant & 1 ? 2 : 0, late = i == 4; /* an item before the status */
            struct iam_checkpoint place;
            struct rig r;
            struct script s;
            script_init(&r, &s, 3, items);
            r.call->query.structure = variant & 2;
            s.reply = rows[i];
            s.odd = 2;
            assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
            assert_int_equal(rig_end_of(&r), IAM_ERR_JOB_STATUS);
            assert_int_equal(r.call->exchange.fault.delivered, 2 * items + late);
            assert_int_equal(r.requests, 3);
            assert_int_equal(iam_call_checkpoint(r.call, &place), IAM_OK);
            assert_int_equal(place.bytes[7] & 3, 2); /* COMPLETED, not FINISHED */
            /* goes on where it was, and hears the same */
            assert_int_equal(iam_call_resume(r.call, &place), IAM_OK);
            assert_int_equal(rig_end_of(&r), IAM_ERR_JOB_STATUS);
            assert_int_equal(r.call->exchange.fault.delivered, 2 * items + late);
            assert_int_equal(r.requests, 4);
            rig_end(&r);
        }
    }
}

/* A place in a report that is FAILED, or of which one page was looked at before it was ready, is not the
 * end of a list: who resumes asks again. */
static void not_finished(void **state)
{
    static const char *const rows[] = {RESULT("<JobStatus>FAILED</JobStatus>"),
                                       RESULT("<JobStatus>IN_PROGRESS</JobStatus>"),
                                       RESULT("<JobStatus>COMPLETED</JobStatus>")};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (unsigned variant = 0; variant < 4; variant++) {
            enum iam_scope scope = variant & 1 ? IAM_SCOPE_PAGE : IAM_SCOPE_ALL;
            struct iam_checkpoint place;
            struct rig r;
            struct script s;
            if (i == 1 && scope == IAM_SCOPE_ALL)
                continue;
            script_init(&r, &s, 1, 0);
            r.call->query.structure = variant & 2;
            r.request.scope = scope;
            s.reply = rows[i];
            s.odd = 0;
            const int want = i == 0 && scope == IAM_SCOPE_ALL ? IAM_ERR_JOB_FAILED : IAM_OK;
            assert_int_equal(rig_entities(&r), want);
            assert_int_equal(iam_call_checkpoint(r.call, &place), IAM_OK);
            assert_int_equal(place.bytes[7] & 3, i == 2 ? 3 : 0);
            assert_int_equal(iam_call_resume(r.call, &place), IAM_OK);
            r.requests = 0;
            assert_int_equal(rig_run(&r), want);
            assert_int_equal(r.requests, i == 2 ? 0 : 1);
            rig_end(&r);
        }
    }
}

static void long_marker(char *body, size_t size, const char *character, unsigned n)
{
    size_t at = (size_t)snprintf(body, size, "%s",
                                 "<GetServiceLastAccessedDetailsWithEntitiesResponse>"
                                 "<GetServiceLastAccessedDetailsWithEntitiesResult>" DONE
                                 "<IsTruncated>true</IsTruncated><Marker>");
    for (unsigned i = 0; i < n; i++)
        at += (size_t)snprintf(body + at, size - at, "%s", character);
    snprintf(body + at, size - at, "%s",
             "</Marker></GetServiceLastAccessedDetailsWithEntitiesResult>"
             "</GetServiceLastAccessedDetailsWithEntitiesResponse>");
}

static void markers(void **state)
{
    static const struct {
        const char *body;
        int result;
    } rows[] = {
        {RESULT(DONE "<IsTruncated>true</IsTruncated><Marker>page1</Marker>"),
         IAM_ERR_MARKER_REPEATED},
        {RESULT(DONE "<Marker>page1</Marker><IsTruncated>true</IsTruncated>"),
         IAM_ERR_MARKER_REPEATED},
        {RESULT(DONE "<IsTruncated>true</IsTruncated>"), IAM_ERR_MARKER_MISSING},
        {RESULT(DONE "<IsTruncated>true</IsTruncated><Marker/>"), IAM_ERR_MARKER_MISSING},
        {RESULT(DONE "<IsTruncated>true</IsTruncated><Marker>&#x100;</Marker>"),
         IAM_ERR_MARKER_INVALID},
        {RESULT(DONE "<IsTruncated>true</IsTruncated><Marker>a&#x1F600;</Marker>"),
         IAM_ERR_MARKER_INVALID},
        {RESULT(DONE "<IsTruncated>true</IsTruncated><Marker>a&#9;</Marker>"),
         IAM_ERR_MARKER_INVALID},
        {RESULT(DONE "<IsTruncated>true</IsTruncated><Marker>&#xA;</Marker>"),
         IAM_ERR_MARKER_INVALID},
        {RESULT(DONE "<IsTruncated>false</IsTruncated><Marker>page1</Marker>"), IAM_OK},
        {RESULT(DONE "<Marker>&#x100;</Marker>"), IAM_ERR_TRUNCATED_MISSING},
        {RESULT(DONE "<Marker>page2</Marker>"), IAM_ERR_TRUNCATED_MISSING},
        {RESULT(DONE "<Marker/>"), IAM_ERR_TRUNCATED_MISSING},
        {RESULT(DONE "<u><IsTruncated>false</IsTruncated></u><Marker>page2</Marker>"),
         IAM_ERR_TRUNCATED_MISSING},
        {RESULT(DONE), IAM_OK},
        {RESULT(DONE "<IsTruncated>0</IsTruncated><Marker>x</Marker>"), IAM_OK},
        {RESULT(DONE "<IsTruncated>1</IsTruncated><Marker>page1</Marker>"),
         IAM_ERR_MARKER_REPEATED},
        {RESULT(DONE "<IsTruncated>false</IsTruncated><IsTruncated>0</IsTruncated>"), IAM_OK},
        /* what is odd about a member on which the end hangs is an error, and never an end */
        {RESULT(DONE "<IsTruncated/>"), IAM_ERR_VALUE},
        {RESULT(DONE "<IsTruncated></IsTruncated><Marker>page2</Marker>"), IAM_ERR_VALUE},
        {RESULT(DONE "<IsTruncated>True</IsTruncated><Marker>page2</Marker>"), IAM_ERR_VALUE},
        {RESULT(DONE "<IsTruncated>FALSE</IsTruncated>"), IAM_ERR_VALUE},
        {RESULT(DONE "<IsTruncated> true </IsTruncated>"), IAM_ERR_VALUE},
        {RESULT(DONE "<IsTruncated>false\n</IsTruncated>"), IAM_ERR_VALUE},
        {RESULT(DONE "<IsTruncated>yes</IsTruncated>"), IAM_ERR_VALUE},
        {RESULT(DONE "<IsTruncated>00</IsTruncated>"), IAM_ERR_VALUE},
        {RESULT(DONE "<IsTruncated>falsetrue</IsTruncated>"), IAM_ERR_VALUE},
        {RESULT(DONE "<IsTruncated>false<b/></IsTruncated>"), IAM_ERR_VALUE},
        {RESULT(DONE "<IsTruncated><b>true</b></IsTruncated>"), IAM_ERR_VALUE},
        {RESULT(DONE "<IsTruncated>false<IsTruncated>true</IsTruncated></IsTruncated>"),
         IAM_ERR_VALUE},
        {RESULT(DONE "<IsTruncated>tr<b/>ue</IsTruncated>"), IAM_ERR_VALUE},
        {RESULT(DONE "<IsTruncated>true</IsTruncated><Marker>page2<b>0</b></Marker>"),
         IAM_ERR_VALUE},
        {RESULT("<JobStatus>COMPLETED<b/></JobStatus>"), IAM_ERR_VALUE},
        {RESULT(DONE "<IsTruncated>false</IsTruncated><IsTruncated>true</IsTruncated>"),
         IAM_ERR_MEMBER},
        {RESULT(DONE "<IsTruncated>true</IsTruncated><IsTruncated>0</IsTruncated>"),
         IAM_ERR_MEMBER},
        {RESULT(DONE "<IsTruncated>true</IsTruncated><Marker>page2</Marker><Marker>page9</Marker>"),
         IAM_ERR_MEMBER},
        {RESULT(DONE "<JobStatus>FAILED</JobStatus>"), IAM_ERR_MEMBER},
        {RESULT(DONE "</GetServiceLastAccessedDetailsWithEntitiesResult>"
                     "<GetServiceLastAccessedDetailsWithEntitiesResult>" DONE
                     "<IsTruncated>true</IsTruncated>"),
         IAM_ERR_MEMBER},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rig r;
        struct script s;
        script_init(&r, &s, 3, 2);
        s.reply = rows[i].body;
        s.odd = 1;
        if (rig_entities(&r) != rows[i].result)
            fail_msg("%s", rows[i].body);
        assert_int_equal(r.number, 2);
        assert_int_equal(r.requests, 2);
        assert_int_equal(r.call->exchange.fault.delivered, rows[i].result < 0 ? 2 : 0);
        rig_end(&r);
    }
    for (unsigned n = 318; n < 324; n++) { /* characters count, not bytes */
        static const char *const characters[] = {"x", "\303\277", "&#xE9;", " "};
        for (size_t c = 0; c < COUNT(characters); c++) {
            static char body[4096];
            struct rig r;
            struct script s;
            long_marker(body, sizeof body, characters[c], n);
            script_init(&r, &s, 2, 2);
            s.reply = body;
            assert_int_equal(rig_entities(&r),
                             n <= 320 ? IAM_ERR_MARKER_REPEATED : IAM_ERR_MARKER_INVALID);
            assert_int_equal(r.requests, n <= 320 ? 2 : 1);
            rig_end(&r);
        }
    }
}

/* A Marker of each character comes back as it was. */
static void serve_character(struct rig *r)
{
    static const char hex[] = "0123456789ABCDEF";
    unsigned c = *(unsigned *)r->context;
    char marker[32], want[32], text[8] = {0};
    const char *got = rig_field(r, "Marker");
    if (r->requests == 1) {
        snprintf(marker, sizeof marker, "&#%u;|&#%u;", c, c);
        rig_page(r, 0, 1, "COMPLETED", marker);
        return;
    }
    bool plain = c < 128 && (strchr("-_.~", (int)c) || (c >= '0' && c <= '9') ||
                             ((c | 32) >= 'a' && (c | 32) <= 'z'));
    if (plain) {
        snprintf(text, sizeof text, "%c", (int)c);
    } else if (c == ' ') {
        snprintf(text, sizeof text, "+");
    } else if (c < 128) {
        snprintf(text, sizeof text, "%%%c%c", hex[c >> 4], hex[c & 15]);
    } else {
        unsigned a = 0xC0 | c >> 6, b = 0x80 | (c & 63);
        snprintf(text, sizeof text, "%%%c%c%%%c%c", hex[a >> 4], hex[a & 15], hex[b >> 4],
                 hex[b & 15]);
    }
    snprintf(want, sizeof want, "%s%%7C%s", text, text);
    if (strcmp(got, want) != 0)
        fail_msg("U+%04X came back as %s", c, got);
    rig_page(r, 1, 1, "COMPLETED", NULL);
}

static void marker_characters(void **state)
{
    (void)state;
    for (unsigned c = 0x20; c < 0x100; c++) {
        struct rig r;
        rig_init(&r);
        r.serve = serve_character;
        r.context = &c;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(rig_entities(&r), IAM_OK);
        assert_int_equal(r.number, 2);
        rig_end(&r);
    }
}

static void page_limits(void **state)
{
    (void)state;
    for (unsigned max = 1; max < 5; max++) {
        for (unsigned pages = 1; pages < 6; pages++) {
            struct rig r;
            struct script s;
            script_init(&r, &s, pages, 2);
            r.call->max_pages = max;
            assert_int_equal(rig_entities(&r), pages <= max ? IAM_OK : IAM_ERR_PAGES);
            assert_int_equal(r.requests, pages <= max ? pages : max);
            assert_int_equal(r.number, 2 * (pages <= max ? pages : max));
            if (pages > max) { /* who allows more goes on from there */
                struct iam_checkpoint place;
                assert_int_equal(iam_call_checkpoint(r.call, &place), IAM_OK);
                r.call->max_pages = 0;
                assert_int_equal(iam_call_resume(r.call, &place), IAM_OK);
                assert_int_equal(rig_run(&r), IAM_OK);
                assert_int_equal(r.number, 2 * pages);
            }
            rig_end(&r);
        }
    }
}

/* What the last operation ended with is forgotten when the next one begins. */
static void serve_refusal(struct rig *r)
{
    rig_error(r, "403 Forbidden", RIG_DATE "x-amzn-RequestId: one\r\n", "AccessDenied");
}

static void fault_forgotten(void **state)
{
    static const struct iam_fault none = {0};
    struct rig r;
    (void)state;
    for (int refused = 0; refused < 2; refused++) {
        rig_init(&r);
        r.serve = serve_refusal;
        assert_int_equal(rig_begin(&r), IAM_OK);
        if (refused) {
            r.request.service_namespace = iam_span_of("no word");
            assert_int_equal(iam_call_entities(r.call, &r.request), IAM_ERR_ARGUMENT);
            assert_int_equal(r.call->exchange.fault.what.n, strlen("ServiceNamespace"));
            r.request.service_namespace = iam_span_of("iam");
        } else {
            assert_int_equal(rig_entities(&r), IAM_ERR_SERVICE);
            assert_int_equal(r.call->exchange.fault.code.n, strlen("AccessDenied"));
        }
        assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
        assert_memory_equal(&r.call->exchange.fault, &none, sizeof none);
        rig_end(&r);
    }
}

/* Pages that lead into a circle of Markers: noticed within about three times the pages until it closes. */
struct circle {
    unsigned before, length;
};

static void serve_circle(struct rig *r)
{
    const struct circle *c = r->context;
    const char *marker = rig_field(r, "Marker");
    unsigned page = marker[0] ? (unsigned)atoi(marker + 1) : 0;
    char next[16];
    page++;
    if (page >= c->before + c->length)
        page = c->before + (page - c->before) % c->length;
    snprintf(next, sizeof next, "c%u", page);
    rig_page(r, 0, 0, "COMPLETED", next);
}

static unsigned after(const struct circle *c, unsigned page)
{
    return page + 1 < c->before + c->length ? page + 1 : c->before;
}

/* Requests until a circle is noticed by Brent's way, on the pages themselves: a Marker that is the last one, or the one
 * kept, which is that of the page whose number was a power of two. */
static unsigned brent(const struct circle *c)
{
    unsigned kept = UINT32_MAX, page = 0, next_power = 1;
    for (unsigned pages = 0;; pages++) {
        unsigned next = after(c, page);
        if ((pages > 0 && next == page) || next == kept)
            return pages + 1;
        if (pages == 0 || pages == next_power) {
            kept = next;
            next_power = pages == 0 ? 1 : 2 * pages;
        }
        page = next;
    }
}

static void circles(void **state)
{
    static const unsigned lengths[] = {1, 2, 3, 4, 5, 7, 8, 9, 16, 63, 64, 65, 100, 257, 1000};
    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        for (unsigned before = 0; before < 40; before += 1 + before / 3) {
            struct circle c = {before, lengths[i]};
            for (int resumed = 0; resumed < 2; resumed++) {
                struct rig r;
                int result;
                rig_init(&r);
                r.serve = serve_circle;
                r.context = &c;
                assert_int_equal(rig_begin(&r), IAM_OK);
                assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
                if (!resumed) {
                    result = rig_run(&r);
                } else { /* by a device that forgets all but its checkpoint after each request */
                    struct iam_checkpoint place;
                    unsigned requests = 0;
                    while ((result = iam_call_next(r.call)) == IAM_AGAIN) {
                        if (r.call->pages != requests) {
                            requests = r.call->pages;
                            assert_int_equal(iam_call_checkpoint(r.call, &place), IAM_OK);
                            assert_int_equal(iam_call_init(r.call, &r.cfg, 1), IAM_OK);
                            assert_int_equal(iam_call_resume(r.call, &place), IAM_OK);
                        } else {
                            rig_serve(&r);
                        }
                        iam_call_time(r.call, r.mono, r.unix_ms);
                    }
                }
                assert_int_equal(result, IAM_ERR_MARKER_REPEATED);
                if (r.requests > 3 * (before + c.length) + 2)
                    fail_msg("%u + %u: %u", before, c.length, r.requests);
                assert_int_equal(r.requests, brent(&c));
                assert_int_equal(r.call->stats.items, 0);
                rig_end(&r);
            }
        }
    }
}

/* Markers of which none comes twice are no circle, whatever they look like: numbers, and what two of
 * them share. */
static void serve_markers(struct rig *r)
{
    static const char *const forms[] = {"%u", "AAAA%08xAAAA", "%08X%08X", "x/%u+=="};
    char next[40];
    snprintf(next, sizeof next, forms[*(size_t *)r->context], r->requests, ~r->requests);
    rig_page(r, 0, 0, "COMPLETED", r->requests < 5000 ? next : NULL);
}

static void no_circles(void **state)
{
    (void)state;
    for (size_t form = 0; form < 4; form++) {
        struct rig r;
        rig_init(&r);
        r.serve = serve_markers;
        r.context = &form;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(rig_entities(&r), IAM_OK);
        assert_int_equal(r.requests, 5000);
        rig_end(&r);
    }
}

/* ---- replies that are another one's ---- */

/* Page `odd` begins as the page before it did: the same reply twice, or its items under new Markers. */
struct repeat {
    unsigned odd, empty; /* pages without items before it */
    bool services;
    const char *created; /* JobCreationDate of page `odd`; NULL: repeats instead */
};

static void serve_repeat(struct rig *r)
{
    const struct repeat *p = r->context;
    const char *marker = rig_field(r, "Marker");
    unsigned page = marker[0] ? (unsigned)atoi(marker + 1) : 0, first = 2 * page;
    bool empty = page < p->odd && page + p->empty >= p->odd;
    char body[2048];
    const char *name =
        p->services ? "GetServiceLastAccessedDetails" : "GetServiceLastAccessedDetailsWithEntities";
    const char *list = p->services ? "ServicesLastAccessed" : "EntityDetailsList";
    const char *open = p->services ? "<member><ServiceName>n" : "<member><EntityInfo><Name>n";
    const char *close = p->services ? "</ServiceName></member>" : "</Name></EntityInfo></member>";
    size_t n = 0;
    if (page == p->odd && p->created == NULL)
        first = 2 * (page - 1 - p->empty);
    n += (size_t)snprintf(
        body, sizeof body,
        "<%sResponse><%sResult><JobStatus>COMPLETED</JobStatus>"
        "<JobCreationDate>%s</JobCreationDate><%s>",
        name, name, page == p->odd && p->created ? p->created : "2018-10-24T19:47:31.466Z", list);
    for (unsigned i = 0; i < 2 && !empty; i++)
        n += (size_t)snprintf(body + n, sizeof body - n, "%s%u%s", open, first + i, close);
    snprintf(body + n, sizeof body - n,
             "</%s><IsTruncated>%s</IsTruncated><Marker>m%u</Marker></%sResult></%sResponse>", list,
             page < 5 ? "true" : "false", page + 1, name, name);
    rig_answer(r, "200 OK", RIG_DATE, body);
}

static void other_pages(void **state)
{
    static const struct {
        const char *created;
        int result;
    } rows[] = {{NULL, IAM_ERR_PAGE_REPEATED},
                {"2018-10-24T19:47:31.467Z", IAM_ERR_CHANGED},
                {"2018-10-25T19:47:31.466Z", IAM_ERR_CHANGED},
                {"2018-10-24T20:47:31.466+01:00", IAM_OK}};
    (void)state;
    for (unsigned variant = 0; variant < 8 * COUNT(rows); variant++) {
        for (unsigned odd = 1; odd < 6; odd++) {
            for (unsigned empty = 0; empty < odd && empty < 3; empty++) {
                const int want = rows[variant / 8].result;
                struct repeat p = {odd, empty, variant & 1, rows[variant / 8].created};
                struct iam_services_request services = {.job_id = iam_span_of(RIG_JOB)};
                struct iam_checkpoint place;
                struct rig r;
                int result;
                rig_init(&r);
                r.serve = serve_repeat;
                r.context = &p;
                r.cfg.structure = variant & 2;
                assert_int_equal(rig_begin(&r), IAM_OK);
                assert_int_equal(p.services ? iam_call_services(r.call, &services)
                                            : iam_call_entities(r.call, &r.request),
                                 IAM_OK);
                do { /* with variant 4: from a checkpoint at every turn between two pages */
                    iam_call_time(r.call, r.mono, r.unix_ms);
                    result = iam_call_next(r.call);
                    if (result == IAM_AGAIN) {
                        if ((variant & 4) && r.call->exchange.stage == IAM_STAGE_SEND &&
                            r.in_n > 0 && rig_whole(&r)) {
                            uint32_t pages = r.call->pages, items = r.call->stats.items;
                            assert_int_equal(iam_call_checkpoint(r.call, &place), IAM_OK);
                            assert_int_equal(iam_call_init(r.call, &r.cfg, 1), IAM_OK);
                            assert_int_equal(iam_call_resume(r.call, &place), IAM_OK);
                            assert_int_equal(r.call->pages, pages);
                            r.call->stats.items = items;
                            rig_forget_reply(&r);
                            continue;
                        }
                        rig_serve(&r);
                    }
                } while (result == IAM_AGAIN || result == IAM_ITEM);
                assert_int_equal(result, want);
                /* nothing of the page that is another's goes out */
                assert_int_equal(r.call->delivered,
                                 want == IAM_OK ? 2 * (6 - empty) : 2 * (odd - empty));
                rig_end(&r);
            }
        }
    }
}

/* No item buffer at all: the first text says what it takes. */
static void no_item_buffer(void **state)
{
    (void)state;
    for (unsigned items = 0; items < 3; items++) {
        for (size_t size = 0; size < 2000; size += 1000) { /* NULL has no size */
            struct rig r;
            struct script s;
            struct iam_config cfg;
            script_init(&r, &s, 1, items);
            cfg = r.cfg;
            cfg.item = NULL;
            cfg.item_size = size;
            assert_int_equal(iam_call_init(r.call, &cfg, 1), IAM_OK);
            assert_int_equal(rig_entities(&r), IAM_ERR_SPACE);
            assert_memory_equal(r.call->exchange.fault.what.p, "item", 4);
            assert_int_equal(r.call->exchange.fault.need, strlen("COMPLETED"));
            rig_end(&r);
        }
    }
}

/* ---- structure ---- */

static void structure(void **state)
{
    static const uint8_t want[] = {IAM_ITEM_LIST,     IAM_ITEM_ENTITY,  IAM_ITEM_ENTITY,
                                   IAM_ITEM_PAGE_END, IAM_ITEM_LIST,    IAM_ITEM_ENTITY,
                                   IAM_ITEM_ENTITY,   IAM_ITEM_PAGE_END};
    struct rig r;
    struct script s;
    (void)state;
    script_init(&r, &s, 2, 2);
    r.call->query.structure = true;
    assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
    for (size_t i = 0; i < COUNT(want); i++) {
        assert_int_equal(rig_next(&r), IAM_ITEM);
        assert_int_equal(r.call->query.decode.item.kind, want[i]);
        if (want[i] == IAM_ITEM_ENTITY)
            rig_check_name(&r);
    }
    assert_int_equal(rig_next(&r), IAM_OK);
    assert_false(r.wrong);
    assert_int_equal(r.call->stats.items, 4);
    rig_end(&r);
    /* a list without members is a list; no list is none */
    for (int i = 0; i < 2; i++) {
        script_init(&r, &s, 1, 0);
        r.call->query.structure = true;
        s.reply = i ? RESULT(DONE) : RESULT(DONE "<EntityDetailsList/>");
        assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
        if (i == 0) {
            assert_int_equal(rig_next(&r), IAM_ITEM);
            assert_int_equal(r.call->query.decode.item.kind, IAM_ITEM_LIST);
        }
        assert_int_equal(rig_next(&r), IAM_ITEM);
        assert_int_equal(r.call->query.decode.item.kind, IAM_ITEM_PAGE_END);
        assert_int_equal(rig_next(&r), IAM_OK);
        rig_end(&r);
    }
}

/* The request id that a body names: whole as far as there is room, else cut, and "..." says so. */
static void serve_request_id(struct rig *r)
{
    const size_t *n = r->context;
    char id[301], body[600];
    memset(id, 'i', *n);
    id[*n] = '\0';
    snprintf(body, sizeof body,
             "<ErrorResponse><Error><Code>NoSuchEntity</Code></Error><RequestId>%s</RequestId>"
             "</ErrorResponse>",
             id);
    rig_answer(r, "404 Not Found", RIG_DATE, body);
}

static void request_ids(void **state)
{
    static const size_t lengths[] = {1, 36, 63, 64, 65, 255, 256, 300};
    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        size_t n = lengths[i],
               kept = n < CONFIG_TINYIAM_REQUEST_ID_MAX ? n : CONFIG_TINYIAM_REQUEST_ID_MAX;
        struct rig r;
        rig_init(&r);
        r.serve = serve_request_id;
        r.context = &n;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(rig_entities(&r), IAM_ERR_SERVICE);
        const struct iam_http *h = &r.call->exchange.http;
        assert_int_equal(h->request_id_len, kept);
        for (size_t k = 0; k < kept; k++)
            assert_int_equal(h->request_id[k], n > kept && k >= kept - 3 ? '.' : 'i');
        rig_end(&r);
    }
}

/* However long a message is: the error is the service's, by its code, with what of the rest has room. */
static void serve_message(struct rig *r)
{
    const size_t *n = r->context;
    char text[1201], body[1500];
    memset(text, 'm', *n);
    text[*n] = '\0';
    snprintf(body, sizeof body,
             "<ErrorResponse><Error><Code>AccessDenied</Code><Message>%s</Message></Error>"
             "<RequestId>0123456789abcdef0123456789abcdef0123</RequestId></ErrorResponse>",
             text);
    rig_answer(r, "403 Forbidden", RIG_DATE, body);
}

static void long_messages(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 1200; n++) {
        struct rig r;
        rig_init(&r);
        r.serve = serve_message;
        r.context = &n;
        r.cfg.item_size = 768;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(rig_entities(&r), IAM_ERR_SERVICE);
        const struct iam_fault *f = &r.call->exchange.fault;
        assert_int_equal(f->code.n, strlen("AccessDenied"));
        assert_in_range(f->message.n, n < 700 ? n : 700, n);
        assert_true(r.call->exchange.http.request_id_len == 36 || n > 700);
        rig_end(&r);
    }
}

/* A connection that was to be closed has ended in its own way: nobody cares any more. */
static void closing_fails(void **state)
{
    static const int errors[] = {IAM_OK, IAM_EOF, IAM_ERR_RESET, IAM_ERR_TLS};
    (void)state;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        struct rig r;
        rig_init(&r);
        r.cfg.max_attempts = 1;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
        iam_call_time(r.call, r.mono, r.unix_ms);
        assert_int_equal(iam_call_next(r.call), IAM_AGAIN);
        rig_serve(&r); /* connected */
        iam_call_time(r.call, r.mono, r.unix_ms);
        assert_int_equal(iam_call_next(r.call), IAM_AGAIN);
        rig_serve(&r); /* sent: now it awaits the reply */
        assert_int_equal(iam_call_entities(r.call, &r.request),
                         IAM_OK); /* something else instead */
        iam_call_time(r.call, r.mono, r.unix_ms);
        assert_int_equal(iam_call_next(r.call), IAM_AGAIN);
        assert_true(iam_call_wants(r.call) & IAM_WANT_CLOSE);
        iam_call_closed(r.call, errors[i], 104);
        iam_call_time(r.call, r.mono, r.unix_ms);
        assert_int_equal(iam_call_next(r.call), IAM_AGAIN);
        assert_true(iam_call_wants(r.call) & IAM_WANT_OPEN);
        assert_int_equal(r.call->exchange.fault.error, IAM_OK);
        rig_end(&r);
    }
}

/* A proxy's page for people need not be XML. A status of 500 and more says enough: it is tried again. */
static void serve_page(struct rig *r)
{
    static const char page[] =
        "<html><body>a < b & c<br></body></html> and on, and on, and on, and on, and on";
    const char *status = r->context;
    if (r->requests == 1)
        rig_answer(r, status, RIG_DATE "Content-Type: text/html\r\n",
                   strcmp(status, "500 Empty") == 0 ? "" : page);
    else
        rig_page(r, 0, 2, "COMPLETED", NULL);
}

static void a_page_for_people(void **state)
{
    static const char *const statuses[] = {"502 Bad Gateway", "500 Internal Server Error",
                                           "500 Empty"};
    (void)state;
    for (size_t k = 0; k < 3 * 29; k++) {
        size_t chunk = 1 + k / 3 * 7;
        struct rig r;
        rig_init(&r);
        r.serve = serve_page;
        r.context = (void *)(uintptr_t)statuses[k % 3];
        r.chunk = chunk;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(rig_entities(&r), IAM_OK);
        assert_int_equal(r.requests, 2);
        assert_int_equal(r.connects, 1); /* the page was read to its end */
        rig_end(&r);
    }
}

/* A sign-in page's redirection: whatever its body is, the fault says where it leads, and it is not tried again. */
static void serve_redirection(struct rig *r)
{
    rig_answer(r, "302 Found", "Location: http://portal.example/\r\n", r->context);
}

static void a_redirection(void **state)
{
    static const struct {
        const char *body;
        int error;
    } cases[] = {{"", IAM_ERR_XML_TRUNCATED},
                 {"<html><br></html>", IAM_ERR_FOREIGN},
                 {"<!DOCTYPE html><html/>", IAM_ERR_XML_DOCTYPE},
                 {"<html>moved</html>", IAM_ERR_SERVICE}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rig r;
        rig_init(&r);
        r.serve = serve_redirection;
        r.context = (void *)(uintptr_t)cases[i].body;
        r.cfg.max_attempts = 1;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(rig_entities(&r), cases[i].error);
        const struct iam_fault *f = &r.call->exchange.fault;
        assert_int_equal(f->status, 302);
        assert_int_equal(f->message.n, 22);
        assert_memory_equal(f->message.p, "http://portal.example/", 22);
        rig_end(&r);
    }
}

static void too_large_a_buffer(void **state)
{
    static struct iam_call c;
    struct iam_config cfg = {.item_size = (size_t)INT32_MAX + 1};
    (void)state;
    assert_int_equal(iam_call_init(&c, &cfg, 1), IAM_ERR_ARGUMENT);
    assert_memory_equal(c.exchange.fault.what.p, "buffer size", 11);
}

/* What is absent, or larger than it counts. */
static void bad_configurations(void **state)
{
    static struct iam_call c;
    static const struct iam_credentials k = {IAM_LITERAL("A"), IAM_LITERAL("S"), {NULL, 0}};
    static const char *const says[] = {"tx",          "rx",        "rx",          "buffer size",
                                       "buffer size", "authority", "credentials", NULL};
    char b[64];
    (void)state;
    for (int i = 0; i < 8; i++) {
        struct iam_config cfg = {.tx = i == 0 ? NULL : b,
                                 .rx = i == 1 ? NULL : b,
                                 .tx_size = i == 3 ? (size_t)INT32_MAX + 1 : sizeof b,
                                 .rx_size = i == 2   ? 0
                                            : i == 4 ? (size_t)INT32_MAX + 1
                                                     : sizeof b,
                                 .authority = {"my_host:8080", i == 5 ? UINT16_MAX + 1 : 12},
                                 .region = iam_span_of("us-east-1"),
                                 .credentials = i == 6 ? NULL : &k};
        int r = iam_call_init(&c, &cfg, 1);
        assert_int_equal(r, says[i] == NULL ? IAM_OK
                            : i == 6        ? IAM_ERR_CREDENTIALS
                                            : IAM_ERR_ARGUMENT);
        const struct iam_fault *f = &c.exchange.fault;
        if (says[i] != NULL) {
            assert_int_equal(f->what.n, strlen(says[i]));
            assert_memory_equal(f->what.p, says[i], f->what.n);
        } else {
            uint16_t port;
            struct iam_span host = iam_exchange_host(&c.exchange, &port);
            assert_int_equal(host.n, 7);
            assert_memory_equal(host.p, "my_host", 7);
            assert_int_equal(port, 8080);
        }
    }
}

/* What it wants, and for how long, at moments when other clients of a loop ask: before the first turn, between the last
 * byte sent and the next turn, in a pause, when it is over. A connection that ends while nobody needs it is no fault. */
static void moments(void **state)
{
    static const char busy[] = "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n";
    struct rig r;
    size_t n;
    (void)state;
    rig_init(&r);
    r.cfg.max_attempts = 2;
    r.cfg.tx_size = 4096;
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
    iam_call_time(r.call, r.mono, r.unix_ms);
    assert_int_equal(iam_call_idle_ms(r.call), 0);
    assert_int_equal(iam_call_next(r.call), IAM_AGAIN);
    assert_int_equal(iam_call_wants(r.call), IAM_WANT_OPEN);
    iam_call_closed(r.call, IAM_OK, 0);
    assert_int_equal(iam_call_wants(r.call), IAM_WANT_OPEN);
    iam_call_opened(r.call);
    assert_int_equal(iam_call_next(r.call), IAM_AGAIN);
    assert_true(iam_call_wants(r.call) & IAM_WANT_SEND);
    (void)iam_call_send_buf(r.call, &n);
    iam_call_send_ack(r.call, n);
    assert_int_equal(iam_call_wants(r.call), 0);
    assert_int_equal(iam_call_next(r.call), IAM_AGAIN);
    assert_int_equal(iam_call_wants(r.call), IAM_WANT_RECV);
    memcpy(iam_call_recv_buf(r.call, &n), busy, sizeof busy - 1);
    iam_call_recv_ack(r.call, sizeof busy - 1);
    assert_int_equal(iam_call_next(r.call), IAM_AGAIN);
    assert_int_equal(r.call->exchange.stage, IAM_STAGE_PAUSE);
    assert_int_equal(iam_call_wants(r.call), 0); /* the connection is kept meanwhile */
    uint32_t ms = iam_call_idle_ms(r.call);
    assert_in_range(ms, 1, 20000);
    iam_call_closed(r.call, IAM_EOF, 0); /* and ends */
    assert_int_equal(r.call->exchange.stage, IAM_STAGE_PAUSE);
    assert_int_equal(iam_call_idle_ms(r.call), ms);
    iam_call_time(r.call, r.mono + ms + 1, r.unix_ms);
    assert_int_equal(iam_call_idle_ms(r.call), 0);
    assert_int_equal(iam_call_next(r.call), IAM_AGAIN);
    assert_int_equal(iam_call_wants(r.call), IAM_WANT_OPEN);
    assert_int_equal(r.call->exchange.attempts, 1);
    rig_end(&r);
}

static void serve_in_progress(struct rig *r)
{
    rig_page(r, 0, 0, "IN_PROGRESS", NULL);
}

/* Time is up in a pause: there may be a connection to close, or none any more. One that has ended in time has ended. */
static void deadline_in_a_pause(void **state)
{
    (void)state;
    for (int lost = 0; lost < 2; lost++) {
        struct rig r;
        rig_init(&r);
        r.serve = serve_in_progress;
        r.cfg.deadline_ms = 60000;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
        do {
            iam_call_time(r.call, r.mono, r.unix_ms);
            assert_int_equal(iam_call_next(r.call), IAM_AGAIN);
            if (r.call->exchange.stage != IAM_STAGE_PAUSE)
                rig_serve(&r);
        } while (r.call->exchange.stage != IAM_STAGE_PAUSE);
        if (lost)
            iam_call_closed(r.call, IAM_EOF, 0);
        iam_call_time(r.call, r.mono + 60001, r.unix_ms);
        assert_int_equal(iam_call_next(r.call), IAM_ERR_TIMEOUT_OPERATION);
        assert_int_equal(iam_call_wants(r.call), lost ? 0 : IAM_WANT_CLOSE);
        rig_end(&r);
    }
}

static void serve_whole(struct rig *r)
{
    rig_page(r, 0, 2, "COMPLETED", NULL);
}

/* It has ended: no deadline changes that, and time counts up to its end, not around it. */
static void long_ago(void **state)
{
    struct rig r;
    (void)state;
    rig_init(&r);
    r.serve = serve_whole;
    r.cfg.deadline_ms = 60000;
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(rig_entities(&r), IAM_OK);
    for (int i = 0; i < 3; i++) {
        r.mono += INT32_MAX;
        iam_call_time(r.call, r.mono, r.unix_ms);
        assert_int_equal(iam_call_next(r.call), IAM_OK);
        assert_int_equal(r.call->exchange.waited,
                         i < 2 ? (uint32_t)(i + 1) * INT32_MAX : UINT32_MAX);
    }
    rig_end(&r);
}

/* The key that signs for one service does not stay for another; one that is asked without a signature has none. */
static void other_service(void **state)
{
    static const struct iam_role_request role = {
        .role_arn = IAM_LITERAL("arn:aws:iam::123456789012:role/r"),
        .session_name = IAM_LITERAL("name"),
        .web_identity_token = IAM_LITERAL("token")};
    struct rig r;
    (void)state;
    rig_init(&r);
    r.serve = serve_whole;
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(rig_entities(&r), IAM_OK);
    assert_true(r.call->query.sigv4.key_valid);
    assert_int_equal(iam_call_entities(r.call, &r.request), IAM_OK);
    assert_true(r.call->query.sigv4.key_valid);
    assert_int_equal(rig_run(&r), 4711); /* the names begin anew */
    assert_int_equal(iam_call_start(r.call, &iam_op_web_identity, &role), IAM_OK);
    assert_false(r.call->query.sigv4.key_valid);
    assert_false(r.call->exchange.keyed);
    rig_end(&r);
}

/* An error whose reply breaks the rules has said nothing, nor has one that its end alone frames. */
static void serve_broken_error(struct rig *r)
{
    static const char error[] =
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>m</Message>"
        "</Error>";
    const char *how = r->context;
    r->after = IAM_EOF;
    if (*how == 'c') { /* nothing ends the chunk */
        rig_printf(r, "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n%zx\r\n%sx\r\n",
                   strlen(error), error);
        return;
    }
    rig_printf(r, "HTTP/1.1 403 Forbidden\r\n%s\r\n%s%s",
               *how == 'l' ? "Content-Length: 500\r\n" : "", error,
               *how == 'w'   ? "</ErrorResponse>"
               : *how == 't' ? "</Wrong>"
                             : "");
}

static void broken_errors(void **state)
{
    static const struct {
        const char *how;
        int result;
        bool said;
    } rows[] = {{"whole", IAM_ERR_SERVICE, true},
                {"chunk", IAM_ERR_HTTP, false},
                {"tag", IAM_ERR_XML_TAG, false},
                {"ends", IAM_ERR_TRUNCATED, false},
                {"length", IAM_ERR_TRUNCATED, true}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rig r;
        rig_init(&r);
        r.cfg.max_attempts = 1;
        r.serve = serve_broken_error;
        r.context = (void *)(uintptr_t)rows[i].how;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(rig_entities(&r), rows[i].result);
        const struct iam_fault *f = &r.call->exchange.fault;
        assert_int_equal(f->status, 403);
        assert_int_equal(f->code.n, rows[i].said ? 12 : 0);
        assert_int_equal(f->message.n, rows[i].said ? 1 : 0);
        rig_end(&r);
    }
}

/* The connection ends before a byte of the reply: it is broken, whatever ended it. */
static void serve_nothing(struct rig *r)
{
    rig_put(r, "", 0);
    r->after = IAM_EOF;
}

static void ended_before_a_reply(void **state)
{
    struct rig r;
    (void)state;
    rig_init(&r);
    r.cfg.max_attempts = 1;
    r.serve = serve_nothing;
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(rig_entities(&r), IAM_ERR_RESET);
    assert_int_equal(r.call->exchange.fault.error, IAM_ERR_RESET);
    assert_int_equal(r.call->exchange.fault.layer, IAM_LAYER_STREAM);
    rig_end(&r);
}

/* The message that does not fit is cut behind the code, within the buffer, at a character, and how long it was is told. */
static void serve_long_message(struct rig *r)
{
    rig_answer(
        r, "403 Forbidden", "",
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"
        "abcdefgh</Message></Error></ErrorResponse>");
}

static void cut_message(void **state)
{
    static const char message[] = "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"
                                  "abcdefgh";
    (void)state;
    for (size_t size = 12; size <= 12 + sizeof message; size++) {
        struct rig r;
        size_t room = size - 12 < sizeof message - 1 ? size - 12 : sizeof message - 1;
        rig_init(&r);
        r.cfg.max_attempts = 1;
        r.cfg.item_size = size;
        r.serve = serve_long_message;
        assert_int_equal(rig_begin(&r), IAM_OK);
        assert_int_equal(rig_entities(&r), IAM_ERR_SERVICE);
        const struct iam_fault *f = &r.call->exchange.fault;
        bool whole = room == sizeof message - 1;
        assert_int_equal(f->code.n, 12);
        assert_memory_equal(f->code.p, "AccessDenied", 12);
        if (room > 0 && room <= 8) /* the last one might go on, and is left out */
            room = (room - 1) / 2 * 2;
        assert_int_equal(f->message.n, room);
        assert_memory_equal(f->message.p, message, room);
        assert_int_equal(f->need, whole ? 0 : 12 + sizeof message - 1);
        rig_end(&r);
    }
}

/* A status below 301 is none of an error, as botocore has it; and what a reply told of the clock does not stand in
 * the failure of the request behind it. */
static void serve_then_nothing(struct rig *r)
{
    if (r->requests == 1)
        rig_answer(r, "300 Multiple Choices", "Date: Wed, 24 Oct 2018 19:48:31 GMT\r\n",
                   rig_body(r->body, RIG_OUT / 2, 0, 1, "COMPLETED", "next"));
}

static void below_301(void **state)
{
    struct rig r;
    (void)state;
    rig_init(&r);
    r.cfg.max_attempts = 1;
    r.cfg.response_ms = 2000;
    r.serve = serve_then_nothing;
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(rig_entities(&r), IAM_ERR_TIMEOUT_RESPONSE);
    assert_int_equal(r.number, 1);
    assert_int_equal(r.requests, 2);
    assert_int_equal(r.call->exchange.fault.skew_ms, 0);
    rig_end(&r);
}

/* Our clock is not set: a failure tells the skew against what the service's first Date taught. */
static void serve_denied(struct rig *r)
{
    if (strncmp(r->in, "GET ", 4) == 0) {
        /* what asks for the time is not signed: no key was made */
        const char *key = (const char *)&r->call->query.sigv4;
        for (size_t i = 0; i < sizeof r->call->query.sigv4; i++)
            assert_int_equal(key[i], 0);
        rig_answer(r, "200 OK", RIG_DATE, "");
    } else {
        rig_error(r, "403 Forbidden", RIG_DATE, "AccessDenied");
    }
}

static void skew_of_no_clock(void **state)
{
    struct rig r;
    (void)state;
    rig_init(&r);
    r.serve = serve_denied;
    r.unix_ms = -1;
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(rig_entities(&r), IAM_ERR_SERVICE);
    assert_int_equal(r.requests, 2);
    assert_true(r.call->exchange.has_skew);
    assert_in_range(r.call->exchange.fault.skew_ms + 1000, 0, 2000);
    rig_end(&r);
}

/* Of several request ids the first one that is none of no characters counts. */
static void serve_request_ids(struct rig *r)
{
    rig_answer(r, "404 Not Found", RIG_DATE,
               "<ErrorResponse><Error><Code>NoSuchEntity</Code></Error><RequestId></RequestId>"
               "<RequestId>two</RequestId><RequestId>three</RequestId></ErrorResponse>");
}

static void several_request_ids(void **state)
{
    struct rig r;
    (void)state;
    rig_init(&r);
    r.serve = serve_request_ids;
    assert_int_equal(rig_begin(&r), IAM_OK);
    assert_int_equal(rig_entities(&r), IAM_ERR_SERVICE);
    assert_int_equal(r.call->exchange.fault.request_id.n, 3);
    assert_memory_equal(r.call->exchange.fault.request_id.p, "two", 3);
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_for_people),
        cmocka_unit_test(a_redirection),
        cmocka_unit_test(too_large_a_buffer),
        cmocka_unit_test(bad_configurations),
        cmocka_unit_test(moments),
        cmocka_unit_test(deadline_in_a_pause),
        cmocka_unit_test(long_ago),
        cmocka_unit_test(other_service),
        cmocka_unit_test(several_request_ids),
        cmocka_unit_test(broken_errors),
        cmocka_unit_test(cut_message),
        cmocka_unit_test(below_301),
        cmocka_unit_test(ended_before_a_reply),
        cmocka_unit_test(skew_of_no_clock),
        cmocka_unit_test(request_ids),
        cmocka_unit_test(long_messages),
        cmocka_unit_test(closing_fails),
        cmocka_unit_test(requests),
        cmocka_unit_test(one_byte_buffers),
        cmocka_unit_test(authorities),
        cmocka_unit_test(settings),
        cmocka_unit_test(every_byte_of_settings),
        cmocka_unit_test(layers),
        cmocka_unit_test(opened_in_time),
        cmocka_unit_test(bad_request),
        cmocka_unit_test(words_of_a_parameter),
        cmocka_unit_test(scopes),
        cmocka_unit_test(empty_pages),
        cmocka_unit_test(again_on_one_client),
        cmocka_unit_test(statistics),
        cmocka_unit_test(without_pages),
        cmocka_unit_test(counts_anew),
        cmocka_unit_test(dropped),
        cmocka_unit_test(polls_grow),
        cmocka_unit_test(statuses),
        cmocka_unit_test(after_completed),
        cmocka_unit_test(not_finished),
        cmocka_unit_test(no_circles),
        cmocka_unit_test(other_pages),
        cmocka_unit_test(markers),
        cmocka_unit_test(marker_characters),
        cmocka_unit_test(page_limits),
        cmocka_unit_test(circles),
        cmocka_unit_test(fault_forgotten),
        cmocka_unit_test(structure),
        cmocka_unit_test(no_item_buffer),
    };
    return cmocka_run_group_tests_name("call", tests, NULL, NULL);
}
