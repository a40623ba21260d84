/* The five laws over the sources of credentials: the result is the same however the bytes are split; a reply
 * that breaks off gives no keys; whatever fails, it ends; a buffer too small says how large it must be; nothing
 * is touched outside the buffers. And after each of these runs: no secret is anywhere but where it belongs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "world.h"

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define ROLE_TOKEN "eyJhbGciOiJSUzI1NiJ9.an-identity-token.c2ln"
#define IMDS_TOKEN "AQAEALsWb5Wz-metadata-token=="
#define BASE_SECRET "base/secret/of/the/chain/Kx7Q"
enum { WINDOW = 8 };

enum source { IOT, CONTAINER, IMDS, SSO, ROLE, WEB, SOURCES };
enum framing { LENGTH, CHUNKED, CLOSE };

static struct {
    enum source source;
    enum framing framing;
    size_t cut; /* the document's reply ends after so many bytes, SIZE_MAX: it does not */
    int end;    /* as this says */
    unsigned
        good; /* replies to the document's request that are not cut, after the first one that is */
    size_t document; /* bytes of its last reply */
    unsigned asked;
    char signature[65];
} now;

static const char *document(void)
{
    static const char *const formats[] = {
        WORLD_IOT, WORLD_CONTAINER,         WORLD_IMDS,
        WORLD_SSO, WORLD_STS("AssumeRole"), WORLD_STS("AssumeRoleWithWebIdentity")};
    static char ms[24];
    snprintf(ms, sizeof ms, "%lld", (long long)(WORLD_NOW + 3600000));
    return world_document(formats[now.source], now.source == SSO ? ms : WORLD_UNTIL);
}

static void serve(struct world_stream *s)
{
    const char *body = document(), *signature = strstr(s->in, "Signature=");
    if (signature != NULL)
        snprintf(now.signature, sizeof now.signature, "%.64s", signature + 10);
    if (world_asked(s, "PUT ")) {
        world_answer(s, "200 OK", IMDS_TOKEN);
        return;
    }
    if (world_asked(s, "GET /latest/meta-data/iam/security-credentials/ ")) {
        world_answer(s, "200 OK", "role");
        return;
    }
    if (now.framing == CHUNKED) {
        size_t half = strlen(body) / 2;
        world_printf(s,
                     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n%s\r\n%zx\r\n%.*s\r\n%zx\r\n"
                     "%s\r\n0\r\n\r\n",
                     world_date(s->world), half, (int)half, body, strlen(body) - half, body + half);
    } else if (now.framing == CLOSE) {
        world_printf(s, "HTTP/1.1 200 OK\r\n%s\r\n%s", world_date(s->world), body);
        s->after = IAM_EOF;
    } else {
        world_answer(s, "200 OK", body);
    }
    now.document = s->out_n;
    if (now.asked++ == 0 && now.cut < s->out_n) {
        s->out_n = now.cut;
        s->after = now.end;
    }
}

static int give(void *context, struct iam_creds *p)
{
    (void)context;
    iam_creds_text(p, iam_span_of(ROLE_TOKEN));
    return IAM_OK;
}

static void begin(struct world *w, size_t keys, size_t tx, size_t rx, uint8_t attempts)
{
    static const enum iam_creds_kind kinds[] = {IAM_CREDS_IOT,         IAM_CREDS_CONTAINER,
                                                IAM_CREDS_IMDS,        IAM_CREDS_SSO,
                                                IAM_CREDS_ASSUME_ROLE, IAM_CREDS_WEB_IDENTITY};
    struct iam_creds_config c = {.kind = kinds[now.source], .max_attempts = attempts, .ask = give};
    now.asked = 0;
    now.signature[0] = 0;
    world_init(w, serve);
    w->keys_size = keys;
    w->tx_size = tx;
    w->rx_size = rx;
    if (now.source == IOT) {
        c.endpoint = iam_span_of("iot.example.com");
        c.from.iot.role_alias = iam_span_of("alias");
    } else if (now.source == CONTAINER) {
        c.from.container.relative_uri = iam_span_of("/creds");
    } else if (now.source == SSO) {
        c.endpoint = iam_span_of("portal.example.com");
        c.from.sso.role_name = iam_span_of("role");
        c.from.sso.account_id = iam_span_of("123456789012");
    } else if (now.source >= ROLE) {
        struct iam_creds_config base = {.kind = IAM_CREDS_STATIC};
        base.from.fixed.access_key_id = iam_span_of("AKIDBASE");
        base.from.fixed.secret_access_key = iam_span_of(BASE_SECRET);
        assert_int_equal(world_creds(w, 1, &base), IAM_OK);
        c.from.sts.base = w->creds[1];
        c.from.sts.region = iam_span_of("eu-west-1");
        c.from.sts.role.role_arn = iam_span_of("arn:aws:iam::123456789012:role/r");
        c.from.sts.role.session_name = iam_span_of("session");
    }
    assert_int_equal(world_creds(w, 0, &c), IAM_OK);
}

/* ---- secrets ---- */

static unsigned occurrences(const void *where, size_t n, const char *what)
{
    const unsigned char *p = where;
    unsigned found = 0;
    size_t m = strlen(what);
    guard_look(where, n);
    for (size_t i = 0; i + WINDOW <= n; i++)
        for (size_t k = 0; k + WINDOW <= m; k += WINDOW)
            found += p[i] == (unsigned char)what[k] && p[i + 1] == (unsigned char)what[k + 1] &&
                     memcmp(p + i, what + k, WINDOW) == 0;
    return found;
}

/* has_keys: the keys in use are in the keys buffer, each once, and nowhere else. */
static void clean(struct world *w, bool has_keys)
{
    static const char *const secrets[] = {WORLD_SECRET, WORLD_TOKEN, ROLE_TOKEN, IMDS_TOKEN,
                                          BASE_SECRET};
    for (size_t i = 0; i < COUNT(secrets); i++) {
        unsigned whole = (unsigned)(strlen(secrets[i]) / WINDOW);
        assert_int_equal(occurrences(w->memory[0].p, w->memory[0].n, secrets[i]), 0);
        assert_int_equal(occurrences(w->tx[0].p, w->tx[0].n, secrets[i]), 0);
        assert_int_equal(occurrences(w->rx[0].p, w->rx[0].n, secrets[i]), 0);
        assert_int_equal(occurrences(w->keys[0].p, w->keys[0].n, secrets[i]),
                         has_keys && i < 2 ? whole : 0);
    }
    if (now.signature[0] != 0)
        assert_int_equal(occurrences(w->tx[0].p, w->tx[0].n, now.signature), 0);
    for (size_t i = has_keys ? w->creds[0]->used : 0; i < w->keys[0].n; i++)
        assert_int_equal(w->keys[0].p[i], 0);
}

static void end(struct world *w)
{
    iam_creds_end(w->creds[0]);
    for (size_t i = 0; i < w->memory[0].n; i++)
        assert_int_equal(w->memory[0].p[i], 0);
    clean(w, false);
    for (size_t i = 0; i < w->rx[0].n; i++)
        assert_int_equal(w->rx[0].p[i], 0);
    world_end(w);
}

static void same(struct iam_span s, const char *text)
{
    assert_int_equal(s.n, strlen(text));
    assert_memory_equal(s.p, text, s.n);
}

static void has_keys(struct world *w)
{
    const struct iam_creds *p = w->creds[0];
    same(p->keys.access_key_id, WORLD_ID);
    same(p->keys.secret_access_key, WORLD_SECRET);
    same(p->keys.session_token, WORLD_TOKEN);
    clean(w, true);
}

static void has_none(struct world *w, int result)
{
    assert_true(result < 0);
    assert_int_equal(w->creds[0]->keys.access_key_id.n, 0);
    assert_int_equal(w->creds[0]->exchange.fault.error, result);
    assert_int_equal(w->open_now, 0);
    clean(w, false);
}

/* What the looking finds while a request is under way, and while a reply is. */
static void looking_finds(void **state)
{
    struct world w;
    bool in_tx = false, in_keys = false, in_rx = false;
    (void)state;
    memset(&now, 0, sizeof now);
    now.cut = SIZE_MAX;
    now.source = WEB;
    begin(&w, 1024, 4096, 4096, 1);
    w.chunk = 50;
    w.send_chunk = 50;
    for (int r = IAM_AGAIN; r == IAM_AGAIN;) {
        r = iam_creds_run(w.creds[0], &w.system, 0);
        w.mono++;
    }
    end(&w);
    begin(&w, 1024, 4096, 4096, 1);
    struct iam_creds *p = w.creds[0];
    for (int r = IAM_AGAIN; r == IAM_AGAIN;) { /* the same by hand, a piece at a time */
        struct iam_stream *s = &w.streams[0].stream;
        size_t n;
        iam_creds_time(p, w.mono, w.unix_ms);
        r = iam_creds_next(p);
        unsigned wants = iam_creds_wants(p);
        in_tx |= occurrences(w.tx[0].p, w.tx[0].n, ROLE_TOKEN) > 0;
        in_keys |= occurrences(w.keys[0].p, w.keys[0].n, WORLD_SECRET) > 0;
        in_rx |= occurrences(w.rx[0].p, w.rx[0].n, WORLD_SECRET) > 0;
        if (wants & IAM_WANT_ASK) {
            assert_int_equal(give(NULL, p), IAM_OK);
        } else if (wants & IAM_WANT_CLOSE) {
            s->ops->close(s);
            iam_exchange_closed(&p->exchange, IAM_OK, 0);
        } else if (wants & IAM_WANT_OPEN) {
            uint16_t port;
            struct iam_span host = iam_exchange_host(&p->exchange, &port);
            assert_int_equal(s->ops->open(s, host, port), IAM_OK);
            iam_exchange_opened(&p->exchange);
        } else if (wants & IAM_WANT_SEND) {
            const void *data = iam_exchange_send_buf(&p->exchange, &n);
            iam_exchange_send_ack(&p->exchange, (size_t)s->ops->send(s, data, n));
        } else if (wants & IAM_WANT_RECV) {
            void *room = iam_exchange_recv_buf(&p->exchange, &n);
            iam_exchange_recv_ack(&p->exchange, (size_t)s->ops->recv(s, room, n));
            in_rx |= occurrences(w.rx[0].p, w.rx[0].n, WORLD_SECRET) > 0;
        }
    }
    assert_true(in_tx && in_keys && in_rx);
    has_keys(&w);
    end(&w);
}

/* ---- laws ---- */

static void split(void **state)
{
    (void)state;
    memset(&now, 0, sizeof now);
    now.cut = SIZE_MAX;
    for (int source = IOT; source < SOURCES; source++) {
        for (int framing = LENGTH; framing <= CLOSE; framing++) {
            struct world w;
            now.source = (enum source)source;
            now.framing = (enum framing)framing;
            begin(&w, 1024, 100, 100, 1);
            assert_int_equal(world_run(&w, 0), IAM_OK);
            has_keys(&w);
            end(&w);
            for (size_t chunk = 1; chunk < 40; chunk++) {
                begin(&w, 1024, chunk, 1 + chunk * 3, 1);
                w.chunk = chunk;
                w.send_chunk = 1 + chunk * 7 % 11;
                assert_int_equal(world_run(&w, 0), IAM_OK);
                has_keys(&w);
                end(&w);
            }
            for (size_t at = 1; at < now.document; at++) {
                begin(&w, 1024, 512, 2048, 1);
                w.split = at;
                assert_int_equal(world_run(&w, 0), IAM_OK);
                has_keys(&w);
                end(&w);
            }
        }
    }
}

static void cut(void **state)
{
    static const int ends[] = {IAM_EOF, IAM_ERR_RESET, IAM_ERR_TRUNCATED};
    (void)state;
    memset(&now, 0, sizeof now);
    for (int source = IOT; source < SOURCES; source++) {
        for (int framing = LENGTH; framing <= CLOSE; framing++) {
            now.source = (enum source)source;
            now.framing = (enum framing)framing;
            now.document = SIZE_MAX;
            for (now.cut = 0; now.cut < now.document; now.cut += framing == LENGTH ? 1 : 5) {
                for (size_t e = now.cut % 3; e < COUNT(ends); e += 2) {
                    struct world w;
                    now.end = ends[e];
                    begin(&w, 1024, 512, 2048, 1);
                    int r = world_run(&w, 0);
                    /* a kept connection may have died before: that is no attempt */
                    if (r == IAM_OK && source == IMDS && now.cut == 0)
                        has_keys(&w);
                    else
                        has_none(&w, r);
                    end(&w);
                    begin(&w, 1024, 512, 2048, 2);
                    r = world_run(&w, 0);
                    /* what a close-delimited body loses shows in the document only, and is final */
                    if (r == IAM_OK)
                        has_keys(&w);
                    else if (framing == CLOSE && (r == IAM_ERR_JSON || r == IAM_ERR_FOREIGN))
                        has_none(&w, r);
                    else
                        fail_msg("source %d, cut at %zu: %d", source, now.cut, r);
                    end(&w);
                }
            }
        }
    }
}

static void faults(void **state)
{
    static const int errors[] = {IAM_EOF,         IAM_ERR_RESET,      IAM_ERR_IO,
                                 IAM_ERR_TLS,     IAM_ERR_TLS_VERIFY, IAM_ERR_TLS_MEMORY,
                                 IAM_ERR_CONNECT, IAM_ERR_RESOLVE,    IAM_ERR_TRUNCATED};
    (void)state;
    memset(&now, 0, sizeof now);
    now.cut = SIZE_MAX;
    for (int source = IOT; source < SOURCES; source++) {
        now.source = (enum source)source;
        for (size_t e = 0; e < COUNT(errors); e++) {
            unsigned calls = UINT32_MAX;
            for (unsigned at = 1; at <= calls; at++) {
                for (uint8_t attempts = 1; attempts < 4; attempts += 2) {
                    struct world w;
                    begin(&w, 1024, 200, 300, attempts);
                    w.chunk = 100;
                    w.fail_at = at;
                    w.fail_with = errors[e];
                    int r = world_run(&w, 0);
                    calls = w.io < at ? w.io : calls;
                    if (r == IAM_OK)
                        has_keys(&w);
                    else
                        has_none(&w, r);
                    assert_true(attempts == 1 || r == IAM_OK || errors[e] <= IAM_ERR_TLS_VERIFY);
                    w.fail_at = 0;
                    world_sleep(&w, 1000); /* and the next time all is well */
                    assert_int_equal(world_run(&w, 0), IAM_OK);
                    has_keys(&w);
                    end(&w);
                }
            }
        }
    }
}

static void squeeze(void **state)
{
    static const char *const names[] = {"IoT", "container",  "IMDS",
                                        "SSO", "AssumeRole", "web identity"};
    (void)state;
    memset(&now, 0, sizeof now);
    now.cut = SIZE_MAX;
    for (int source = IOT; source < SOURCES; source++) {
        struct world w;
        size_t need = 0, settled;
        now.source = (enum source)source;
        for (size_t keys = 1; need == 0 || keys <= need; keys++) {
            begin(&w, keys, 64, 64, 1);
            int r = world_run(&w, 0);
            if (r == IAM_OK) {
                assert_int_equal(keys,
                                 need); /* what was asked for is enough, and no more than that */
                has_keys(&w);
                /* with no room beside the keys in use, those make room */
                iam_creds_renew(w.creds[0]);
                assert_int_equal(world_run(&w, 0), IAM_OK);
                has_keys(&w);
            } else {
                has_none(&w, r);
                assert_int_equal(r, IAM_ERR_SPACE);
                same(w.creds[0]->exchange.fault.what, "keys");
                assert_true(w.creds[0]->exchange.fault.need > keys);
                if (source != IMDS || keys > strlen(IMDS_TOKEN "role"))
                    need = w.creds[0]->exchange.fault.need;
            }
            end(&w);
        }
        assert_true(need > 0);
        /* the table of core/CREDENTIALS.md: keys + need in n bytes of token */
        print_message("keys buffer, %s: token + %zu, to keep both token * 2 + %zu\n", names[source],
                      need - strlen(WORLD_TOKEN),
                      need + strlen(WORLD_ID WORLD_SECRET) - strlen(WORLD_TOKEN));
        /* keys that are due stay while their successors come, if there is room for both */
        for (size_t keys = need; keys < need + 200; keys += 3) {
            begin(&w, keys, 64, 64, 1);
            assert_int_equal(world_run(&w, 0), IAM_OK);
            settled = w.creds[0]->used;
            world_sleep(&w, 51 * 60000);
            w.fail_at = w.io + 4;
            w.fail_with = IAM_ERR_IO;
            int r = world_run(&w, 0);
            assert_int_equal(r, IAM_OK);
            assert_int_equal(w.creds[0]->error, IAM_ERR_IO);
            has_keys(&w);
            w.fail_at = 0;
            world_sleep(&w, 1000);
            now.asked = 0;
            assert_int_equal(world_run(&w, 0), IAM_OK);
            assert_int_equal(now.asked, keys >= settled + need ? 1 : 2);
            has_keys(&w);
            end(&w);
        }
    }
}

/* Tokens of any length: kept once, and sent. */
static size_t long_n;

static void serve_long(struct world_stream *s)
{
    char *token = malloc(long_n + 1), *body = malloc(long_n + 512);
    assert_true(token != NULL && body != NULL);
    memset(token, 'T', long_n);
    token[long_n] = 0;
    snprintf(body, long_n + 512,
             "{\"AccessKeyId\":\"" WORLD_ID "\",\"SecretAccessKey\":\"" WORLD_SECRET
             "\",\"Token\":\"%s\",\"Expiration\":\"" WORLD_UNTIL "\"}",
             token);
    world_answer(s, "200 OK", body);
    free(token);
    free(body);
}

static void long_tokens(void **state)
{
    static const size_t sizes[] = {1, 700, 4096, 8192, 20000, 60000};
    (void)state;
    memset(&now, 0, sizeof now);
    now.source = CONTAINER;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct world w;
        long_n = sizes[i];
        begin(&w, long_n + 400, 64, 512, 1);
        w.serve = serve_long;
        assert_int_equal(world_run(&w, 0), IAM_OK);
        assert_int_equal(w.creds[0]->keys.session_token.n, long_n);
        assert_int_equal(w.creds[0]->used, long_n + strlen(WORLD_ID WORLD_SECRET));
        end(&w);
        begin(&w, 100, 64, 512, 1);
        w.serve = serve_long;
        assert_int_equal(world_run(&w, 0), IAM_ERR_SPACE);
        assert_in_range(w.creds[0]->exchange.fault.need, long_n + 100, long_n + 400);
        end(&w);
    }
    /* a source without end is left */
    struct world w;
    long_n = 66000;
    begin(&w, 100000, 64, 512, 1);
    w.serve = serve_long;
    assert_int_equal(world_run(&w, 0), IAM_ERR_HTTP_LIMIT);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looking_finds), cmocka_unit_test(split),   cmocka_unit_test(cut),
        cmocka_unit_test(faults),        cmocka_unit_test(squeeze), cmocka_unit_test(long_tokens),
    };
    return cmocka_run_group_tests_name("laws", tests, NULL, NULL);
}
