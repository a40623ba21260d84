/* TLS on mbedTLS as a stream over a stream; see tinyiam/port_tls.h. */
#include <tinyiam/port_tls.h>

#include "tls_built.h"
#include "tls_ciphers.h"
#include "tls_compat.h"
#include "tls_keys.h"
#include "tls_session.h"
#include "tls_verify.h"

#include <limits.h>
#include <string.h>

#include <mbedtls/asn1.h>
#include <mbedtls/platform.h>

#include <tinyiam/parts/compiler.h>

/* IDLE -> CONNECTING -> HANDSHAKE -> OPEN; any -> FAILED; close: any -> IDLE */
enum { STATE_IDLE, STATE_CONNECTING, STATE_HANDSHAKE, STATE_OPEN, STATE_FAILED };

/* One call takes no more than this from below, so that a peer that floods us with records that carry
 * nothing cannot keep us inside mbedTLS: four records of the largest size. */
#define BUDGET_BYTES 66000u
#define ALERT_VERSION 70 /* protocol_version, RFC 8446, 6.2 */
/* What is allocated to find out whether memory is short: less than a handshake needs. */
#define PROBE_BYTES 6144u

static int fail(struct iam_tls *t, int error, int native)
{
    t->stream.native = native;
    t->error = error;
    t->state = STATE_FAILED;
    return error;
}

/* A code of mbedTLS that says: out of memory. High and low part may come from different modules. */
static bool is_memory(int code)
{
    static const uint16_t modules[] = {0x7F00, 0x2880, 0x3F80, 0x5180, 0x6180, 0x4D80, 0x1180};
    unsigned value = 0u - (unsigned)code;
    size_t i;

    if (TLS_COMPAT_NO_MEMORY(code) || (value & 0x7Fu) == 0x10u || (value & 0x7Fu) == 0x6Au)
        return true;
    for (i = 0; i < sizeof modules / sizeof *modules; i++)
        if ((value & 0xFF80u) == modules[i])
            return true;
    return false;
}

/* mbedTLS 2.28 calls a public key invalid when there was no memory for it. Then there is none for this
 * either, which is less than what the rest of a handshake takes. */
static bool is_starved_key(int code)
{
#if MBEDTLS_VERSION_MAJOR == 3 /* it says what it means */
    (void)code;
    return false;
#else
    void *volatile probe; /* or a compiler may leave out both calls, and call it a success */
    unsigned module = (0u - (unsigned)code) & 0xFF80u;
    bool none;

    if (module != 0x3B00 && module != 0x7F80) /* 4.x: the second, where PSA has no other */
        return false;
    probe = mbedtls_calloc(1, PROBE_BYTES);
    none = probe == NULL;
    mbedtls_free(probe);
    return none;
#endif
}

bool tls_keys_starved(int code)
{
    return is_memory(code) || is_starved_key(code);
}

/* A certificate that mbedTLS could not read: a code of its X.509 module, or in 4.x of ASN.1 alone. */
static bool is_unreadable(int code)
{
    return (code <= -0x2080 && code > -0x3080) || (code <= -0x60 && code >= -0x6E);
}

static bool would_block(int code)
{
    return code == MBEDTLS_ERR_SSL_WANT_READ || code == MBEDTLS_ERR_SSL_WANT_WRITE;
}

/* ---- between mbedTLS and the stream below ---- */

static int below_send(void *context, const unsigned char *data, size_t n)
{
    struct iam_tls *t = context;
    int result = t->config.below->ops->send(t->config.below, data, n);

    t->held = result > 0 ? n - (size_t)result : n; /* n is all that mbedTLS has to send */
    if (result > 0)
        return result;
    if (result == 0) {
        t->blocked = true;
        return MBEDTLS_ERR_SSL_WANT_WRITE;
    }
    t->below_error = result;
    return MBEDTLS_ERR_SSL_CONN_EOF;
}

static int below_recv(void *context, unsigned char *room, size_t n)
{
    struct iam_tls *t = context;
    int result;

    if (n > t->budget)
        n = t->budget; /* 0: says to the stream below that we wait for bytes, and reads none */
    result = t->config.below->ops->recv(t->config.below, room, n);
    if (result > 0) {
        tls_keys_watch(t, room, (size_t)result);
        t->budget -= (uint32_t)result;
        t->alert = result == 2 ? room[1] : 0; /* the whole of an alert behind its record's head */
        return result;
    }
    if (result == 0) {
        t->blocked = true;
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    t->below_error = result;
    return MBEDTLS_ERR_SSL_CONN_EOF;
}

static int entropy(void *context, unsigned char *out, size_t n)
{
    struct iam_system *system = context;
    return system->ops->entropy(system, out, n) == IAM_OK ? 0 : -1;
}

/* ---- certificates ---- */

/* Checks the signature of a certificate once more, to hear the code that chain verification swallows:
 * with too little memory it calls a good certificate untrusted. The hash does not matter, the memory
 * that the check takes is the same. */
static bool check_starves(const mbedtls_x509_crt *crt, mbedtls_x509_crt *issuers)
{
    unsigned char hash[32];
    unsigned char *p = crt->tbs.p + crt->tbs.len;
    const unsigned char *end = crt->raw.p + crt->raw.len;
    size_t n = 0;
    mbedtls_x509_crt *issuer;

    memset(hash, 1, sizeof hash); /* not 0: mbedTLS treats that as a special case */
    if (mbedtls_asn1_get_tag(&p, end, &n, MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE) != 0)
        return false;
    p += n;
    if (mbedtls_asn1_get_bitstring_null(&p, end, &n) != 0)
        return false;
    for (issuer = issuers; issuer != NULL; issuer = issuer->next)
        if (issuer->subject_raw.len == crt->issuer_raw.len && issuer->subject_raw.p != NULL &&
            memcmp(issuer->subject_raw.p, crt->issuer_raw.p, crt->issuer_raw.len) == 0 &&
            is_memory(mbedtls_pk_verify(&issuer->pk, MBEDTLS_MD_SHA256, hash, sizeof hash, p, n)))
            return true;
    return false;
}

/* For every certificate of the chain, the server's own (depth 0) last; unless attach has put another
 * callback in its place. */
static int on_certificate(void *context, mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
    struct iam_tls *t = ((struct iam_tls_shared *)context)->working;

    *flags |= tls_verify_certificate(t, crt, depth);
    t->saw_certificate = depth == 0;
    if (tls_keys_late(crt, depth, flags) && (*flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) != 0 &&
        !t->starved) {
        mbedtls_x509_crt *roots = tls_keys_roots(t, crt);
        t->starved = check_starves(crt, roots) || check_starves(crt, crt->next);
        tls_keys_roots_end(roots);
    }
    return 0;
}

/* ---- the stream ---- */

/* Turns the code of a failed call of mbedTLS into the stream's error. */
static int fail_code(struct iam_tls *t, int code)
{
    bool handshake = t->state == STATE_HANDSHAKE;

    if (code == MBEDTLS_ERR_SSL_CONN_EOF || code == 0) {
        if (t->below_error == IAM_EOF || t->below_error == 0)
            return fail(t, handshake ? IAM_ERR_RESET : IAM_ERR_TRUNCATED, MBEDTLS_ERR_SSL_CONN_EOF);
        return fail(t, t->below_error, t->config.below->native);
    }
    t->keep = false;
    if (is_memory(code))
        return fail(t, IAM_ERR_TLS_MEMORY, code);
    if (code == TLS_COMPAT_BAD_VERSION ||
        (code == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE && t->alert == ALERT_VERSION))
        return fail(t, IAM_ERR_TLS_VERSION, code);
    return fail(t, tls_keys_too_large(t, code) ? IAM_ERR_TLS_RECORD : IAM_ERR_TLS, code);
}

static int fail_handshake(struct iam_tls *t, int code)
{
    uint32_t flags = mbedtls_ssl_get_verify_result(&t->ssl);
    /* all bits are set as long as nothing was verified */
    bool judged = flags != 0 && flags <= INT_MAX;

    t->keep = false;
    if (t->error != 0) /* a callback of ours has set the reason already */
        return fail(t, t->error, t->stream.native);
    if (t->starved || is_starved_key(code))
        return fail(t, IAM_ERR_TLS_MEMORY, code);
    if (judged)
        return fail(t, IAM_ERR_TLS_VERIFY, (int)flags);
    if (is_unreadable(code) && !is_memory(code))
        return fail(t, IAM_ERR_TLS_VERIFY, code);
    return fail_code(t, code);
}

/* Keeps the name that the server's certificate has to be for. */
static int begin(struct iam_tls *t, struct iam_span host, uint16_t port)
{
    struct iam_span name = t->config.server_name.p != NULL ? t->config.server_name : host;

    t->stream.native = 0;
    if (!t->shared->ready)
        return fail(t, IAM_ERR_TLS_SETUP, 0);
    if (name.n > 0 && name.p[name.n - 1] == '.')
        name.n--; /* the root of the name tree is never part of a certificate's name */
    if (name.n == 0 || name.n > IAM_TLS_NAME_MAX || memchr(name.p, 0, name.n) != NULL)
        return fail(t, IAM_ERR_TLS_SETUP, 0);
    if (tls_session_server(name, port, t->server) != IAM_OK)
        return fail(t, IAM_ERR_TLS_SETUP, 0);
    if (!tls_verify_ask(t, name) && memchr(name.p, ':', name.n) != NULL)
        return fail(t, IAM_ERR_TLS_SETUP, 0); /* an address with a zone, or a port in the name */
    t->state = STATE_CONNECTING;
    return IAM_AGAIN;
}

/* For SNI. None for an address (RFC 6066); mbedTLS verifies none then, and tls_verify.c does. mbedTLS keeps a
 * copy; ours lies in a frame of its own, under which no handshake runs. */
IAM_SAVES_STACK static int send_name(struct iam_tls *t)
{
    const mbedtls_asn1_buf *asked = &t->asked.buf;
    char name[IAM_TLS_NAME_MAX + 1];

    memcpy(name, asked->p, asked->len);
    name[asked->len] = '\0';
    return mbedtls_ssl_set_hostname(&t->ssl, asked->p == t->address ? NULL : name);
}

static int begin_handshake(struct iam_tls *t)
{
    int code;

    t->state = STATE_HANDSHAKE;
    t->stream.connects++;
    t->below_error = 0;
    t->saw_certificate = false;
    t->brief = false;
    t->limits_n = 0;
    t->starved = false;
    t->keep = false;
    t->ended = false;
    t->held = 0;
    t->unsent = 0;
    t->tried = 0;
    tls_keys_begin(t);
    code = mbedtls_ssl_setup(&t->ssl, &t->shared->conf);
    if (code == 0)
        code = send_name(t);
    if (code == 0) {
        code = tls_session_offer(t);
        code = is_memory(code) ? code : 0;
    }
    if (code != 0)
        return fail(t, is_memory(code) ? IAM_ERR_TLS_MEMORY : IAM_ERR_TLS_SETUP, code);
    mbedtls_ssl_set_bio(&t->ssl, t, below_send, below_recv, NULL);
    return IAM_AGAIN;
}

/* Gives back the connection and what mbedTLS holds for it. */
static void hang_up(struct iam_tls *t)
{
    t->config.below->ops->close(t->config.below);
    mbedtls_ssl_free(&t->ssl);
    mbedtls_ssl_init(&t->ssl);
}

#if IAM_TLS_CAN_FIND
static bool has_roots(struct iam_tls *t)
{
    (void)t; /* they are looked up */
    return true;
}
#else
/* Are the roots there by the time that they are looked at? */
static bool has_roots(struct iam_tls *t)
{
    const struct iam_tls_shared_config *c = &t->shared->config;
    int result, native = 0;

    if (c->complete == NULL || !tls_compat_at_certificate(&t->ssl))
        return true;
    result = c->complete(c->complete_context, &native);
    if (result < 0)
        (void)fail(t, result, native);
    return result >= 0;
}
#endif

/* One step of the handshake, so that the caller can do other things in between. */
static int go_on_with_handshake(struct iam_tls *t)
{
    int code;
    uint32_t flags;

    t->budget = BUDGET_BYTES;
    t->shared->working = t;
    do {
        t->blocked = false;
        if (!has_roots(t))
            return t->error;
        code = mbedtls_ssl_handshake_step(&t->ssl);
    } while (would_block(code) && !t->blocked);
    if (would_block(code))
        return IAM_AGAIN;
    if (code == MBEDTLS_ERR_SSL_CRYPTO_IN_PROGRESS || (code == 0 && !tls_compat_is_over(&t->ssl)))
        return IAM_AGAIN; /* not blocked: wait says ms 0, and the next step follows at once */
    if (code != 0 && !t->shared->only_tls12 &&
        tls_compat_without_tls13(&t->shared->conf, &t->ssl, code)) {
        t->shared->only_tls12 = true;
        hang_up(t);
        t->state = STATE_CONNECTING;
        return IAM_AGAIN;
    }
    if (code != 0)
        return fail_handshake(t, code);
    /* mbedTLS has verified, or it resumes a session that was; that a certificate was looked at is
     * checked here once more, whatever the library may have been built or configured to skip */
    flags = mbedtls_ssl_get_verify_result(&t->ssl);
    if (flags == 0 && !t->saw_certificate) {
        flags = t->shared->config.attach != NULL ? tls_verify_peer(t)
                : t->offered                     ? 0
                                                 : MBEDTLS_X509_BADCERT_SKIP_VERIFY;
    }
    if (flags != 0) {
        return fail(t, IAM_ERR_TLS_VERIFY,
                    flags <= INT_MAX ? (int)flags : MBEDTLS_X509_BADCERT_SKIP_VERIFY);
    }
    t->stream.handshakes++;
    if (t->offered && !t->saw_certificate && t->shared->config.attach == NULL)
        t->stream.resumed++;
    t->keep = true;
    t->state = STATE_OPEN;
    return IAM_OK;
}

static int connect_below(struct iam_tls *t, struct iam_span host, uint16_t port)
{
    int result = t->config.below->ops->open(t->config.below, host, port);

    if (result < 0)
        return fail(t, result, t->config.below->native);
    return result == IAM_OK ? begin_handshake(t) : IAM_AGAIN;
}

static int tls_open(struct iam_stream *stream, struct iam_span host, uint16_t port)
{
    struct iam_tls *t = (struct iam_tls *)stream;
    int result = IAM_AGAIN;

    if (t->state == STATE_IDLE)
        result = begin(t, host, port);
    do {
        if (t->state == STATE_CONNECTING)
            result = connect_below(t, host, port);
        if (t->state != STATE_HANDSHAKE)
            break;
        result = go_on_with_handshake(t);
    } while (t->state == STATE_CONNECTING); /* once at most, see tls_compat_without_tls13 */
    if (t->state == STATE_FAILED)
        return t->error;
    return t->state == STATE_OPEN ? IAM_OK : result;
}

/* mbedtls_ssl_write, again where it stopped for a ticket and not for the stream below. */
static int write_record(struct iam_tls *t, const void *data, size_t n)
{
    int code;

    t->budget = BUDGET_BYTES;
    do {
        t->blocked = false;
        code = mbedtls_ssl_write(&t->ssl, data, n);
        if (TLS_COMPAT_IS_TICKET(code))
            tls_session_keep(t);
    } while (TLS_COMPAT_IS_TICKET(code) || (would_block(code) && !t->blocked));
    return code;
}

/* As long as mbedTLS holds bytes that could not leave, it takes any write for the one that made them.
 * They may be of a warning that it sends while it reads, and it may get rid of them while it reads: so
 * they are sent first, and nothing is left to its guess. */
static int tls_send(struct iam_stream *stream, const void *data, size_t n)
{
    struct iam_tls *t = (struct iam_tls *)stream;
    int most;
    int code = 0;

    if (t->state != STATE_OPEN)
        return t->state == STATE_FAILED ? t->error : IAM_ERR_STATE;
    if (n < t->unsent)
        return IAM_ERR_STATE;
    if (t->held != 0) {
        code = write_record(t, data, 0);
        if (code < 0)
            return would_block(code) ? 0 : fail_code(t, code);
    }
    if (t->unsent != 0) {
        n = t->unsent;
        t->unsent = 0;
        return (int)n;
    }
    if (n == 0)
        return 0;
    most = mbedtls_ssl_get_max_out_record_payload(&t->ssl);
    if (most < 0)
        return fail_code(t, most);
    n = n < (size_t)most ? n : (size_t)most;
    code = write_record(t, data, n);
    if (would_block(code)) {
        t->unsent = n;
        return 0;
    }
    return code > 0 ? code : fail_code(t, code);
}

static int tls_recv(struct iam_stream *stream, void *room, size_t n)
{
    struct iam_tls *t = (struct iam_tls *)stream;
    int code;

    if (t->state != STATE_OPEN)
        return t->state == STATE_FAILED ? t->error : IAM_ERR_STATE;
    if (t->ended)
        return IAM_EOF;
    t->budget = n == 0 ? 0 : BUDGET_BYTES;
    if (n == 0) {
        (void)t->config.below->ops->recv(t->config.below, room, 0);
        return 0;
    }
    for (;;) {
        t->blocked = false;
        code = mbedtls_ssl_read(&t->ssl, room, n > INT_MAX ? INT_MAX : n);
        if (code > 0)
            return code;
        if (TLS_COMPAT_IS_TICKET(code))
            tls_session_keep(t);
        else if (!would_block(code))
            break;
        else if (t->blocked)
            return 0;
        /* a ticket or an alert that says nothing was read: there may be more behind it */
    }
    if (code == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
        t->ended = true;
        return IAM_EOF;
    }
    return fail_code(t, code);
}

static void tls_close(struct iam_stream *stream)
{
    struct iam_tls *t = (struct iam_tls *)stream;

    if (t->shared == NULL)
        return;
    if (t->keep && tls_compat_is_tls12(&t->ssl))
        tls_session_keep(t);
    if (t->state == STATE_OPEN) {
        (void)mbedtls_ssl_close_notify(
            &t->ssl); /* as far as it can be sent at once: it is not waited for */
    }
    hang_up(t);
    t->keep = false;
    t->error = 0;
    t->state = STATE_IDLE;
}

/* mbedTLS reads records whole: what does not fit the caller's room waits in there, unseen by any poll. */
static void tls_wait(struct iam_stream *stream, struct iam_wait *w)
{
    struct iam_tls *t = (struct iam_tls *)stream;

    iam_stream_wait(t->config.below, w);
    if (t->state == STATE_FAILED || (t->state >= STATE_HANDSHAKE && !t->blocked))
        w->ms = 0;
}

static const struct iam_stream_ops tls_ops = {tls_open, tls_send, tls_recv, tls_close, tls_wait};

/* ---- set-up ---- */

static int configure(struct iam_tls_shared *s)
{
    static const char *const alpn[] = {"http/1.1", NULL};
    const struct iam_tls_shared_config *c = &s->config;
    int code = tls_compat_start();

    if (code == 0) {
        code =
            mbedtls_ssl_config_defaults(&s->conf, MBEDTLS_SSL_IS_CLIENT,
                                        MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
    }
    if (code == 0)
        code = tls_compat_random(s, entropy, c->system);
    if (code != 0)
        return code;
    tls_compat_limits(&s->conf);
    mbedtls_ssl_conf_ciphersuites(&s->conf, c->ciphersuites);
    if (c->session_count == 0)
        tls_compat_no_tickets(&s->conf);
    else
        tls_compat_tickets(&s->conf);
    code = mbedtls_ssl_conf_alpn_protocols(&s->conf, (const char **)alpn);
    if (code == 0 && c->own_certificate != NULL)
        code = mbedtls_ssl_conf_own_cert(&s->conf, c->own_certificate, c->own_key);
    mbedtls_ssl_conf_verify(&s->conf, on_certificate, s);
    if (code == 0 && c->attach != NULL) {
        if (c->ca != NULL)
            mbedtls_ssl_conf_ca_chain(&s->conf, c->ca, NULL);
        code = c->attach(&s->conf);
    } else {
        tls_keys_trust(s);
    }
    /* last, whatever attach did: SHA-256, RSA of 2048 bits and P-256 at least; verification required */
    mbedtls_ssl_conf_cert_profile(&s->conf, &mbedtls_x509_crt_profile_next);
    mbedtls_ssl_conf_authmode(&s->conf, MBEDTLS_SSL_VERIFY_REQUIRED);
    return code;
}

int iam_tls_shared_init(struct iam_tls_shared *s, const struct iam_tls_shared_config *config)
{
    memset(s, 0, sizeof *s);
    s->config = *config;
    if (s->config.ciphersuites == NULL)
        s->config.ciphersuites = tls_ciphers();
    mbedtls_ssl_config_init(&s->conf);
    tls_compat_random_init(s);
    if (config->system == NULL ||
        (config->ca == NULL && config->attach == NULL && !tls_keys_can_find(config)))
        return IAM_ERR_TLS_SETUP;
    s->native = configure(s);
    if (s->native != 0)
        return is_memory(s->native) ? IAM_ERR_TLS_MEMORY : IAM_ERR_TLS_SETUP;
    s->ready = true;
    return IAM_OK;
}

void iam_tls_shared_free(struct iam_tls_shared *s)
{
    tls_session_forget_all(s);
    mbedtls_ssl_config_free(&s->conf);
    tls_compat_random_free(s);
    memset(s, 0, sizeof *s);
}

int iam_tls_init(struct iam_tls *t, const struct iam_tls_config *config)
{
    memset(t, 0, sizeof *t);
    t->stream.ops = &tls_ops;
    if (config->below == NULL || config->shared == NULL)
        return IAM_ERR_TLS_SETUP;
    t->config = *config;
    t->shared = config->shared;
    mbedtls_ssl_init(&t->ssl);
    return IAM_OK;
}

void iam_tls_free(struct iam_tls *t)
{
    tls_close(&t->stream);
    memset(t, 0, sizeof *t);
}

int iam_tls_ca_parse(mbedtls_x509_crt *ca, const void *certificates, size_t n, int *native)
{
    int code = tls_compat_start(); /* mbedTLS 4.x reads no key before PSA is started */

    if (code == 0)
        code = tls_roots_parse(ca, certificates, n);
    *native = code;
    if (code >= 0)
        return IAM_OK; /* > 0: the number of certificates that could not be read */
    return is_memory(code) ? IAM_ERR_TLS_MEMORY : IAM_ERR_TLS_SETUP;
}
