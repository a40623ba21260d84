/* Sessions of TLS: kept for the next connection to the same server, and over a deep sleep; see
 * tinyiam/port_tls.h. */
#include "tls_session.h"

#include "tls_compat.h"

#include <tinyiam/parts/bytes.h>
#include <tinyiam/parts/sha256.h>
#include <tinyiam/port_config.h>

#include <string.h>

#define AGE_MAX_MS (24u * 60u * 60u * 1000u) /* RFC 5246, F.1.4 */

/* The versions of TLS that are offered, a bit each; what Kconfig turns off is not defined. */
#if CONFIG_TINYIAM_TLS12 && CONFIG_TINYIAM_TLS13
#define VERSIONS 3u
#elif CONFIG_TINYIAM_TLS12
#define VERSIONS 2u
#else
#define VERSIONS 1u
#endif

/* A saved session: digest of all that it is bound to and of what follows; when it was made (little-endian
 * milliseconds since 1970, < 0: unknown); what mbedTLS makes of it. */
enum { SAVED_DIGEST = 32, SAVED_TIME = 8, SAVED_HEAD = SAVED_DIGEST + SAVED_TIME };

static uint32_t now_ms(const struct iam_tls_shared *s)
{
    return s->config.system->ops->mono_ms(s->config.system);
}

static void forget(struct iam_tls_session *e)
{
    if (e->there) {
        mbedtls_ssl_session_free(&e->session);
        e->there = false;
    }
}

void tls_session_forget_all(struct iam_tls_shared *s)
{
    for (size_t i = 0; i < s->config.session_count; i++)
        forget(&s->config.sessions[i]);
}

int tls_session_server(struct iam_span name, uint16_t port, uint8_t server[32])
{
    const uint8_t end[] = {0, (uint8_t)(port >> 8), (uint8_t)port}; /* there is no 0 in a name */
    struct iam_sha256 sha;

    iam_sha256_start(&sha);
    iam_sha256_update(&sha, name.p, name.n);
    iam_sha256_update(&sha, end, sizeof end);
    return iam_sha256_finish(&sha, server);
}

/* A session of that server, and for room, sooner than that, a free place; NULL: neither. */
static struct iam_tls_session *find(const struct iam_tls_shared *s, const uint8_t *server,
                                    bool room)
{
    struct iam_tls_session *found = NULL;

    for (size_t i = 0; i < s->config.session_count; i++) {
        struct iam_tls_session *e = &s->config.sessions[i];
        if (!e->there) {
            if (room)
                return e;
        } else if (memcmp(e->server, server, sizeof e->server) == 0) {
            found = e;
        }
    }
    return found;
}

/* Room for one more: a free place, else that of a session of the same server, else that of each in turn. NULL:
 * there is none. */
static struct iam_tls_session *room(struct iam_tls_shared *s, const uint8_t *server)
{
    struct iam_tls_session *e = find(s, server, true);

    if (e == NULL && s->config.session_count != 0)
        e = &s->config.sessions[s->next++ % s->config.session_count];
    if (e != NULL) {
        forget(e);
        mbedtls_ssl_session_init(&e->session);
        memcpy(e->server, server, sizeof e->server);
        e->made_ms = now_ms(s);
    }
    return e;
}

void tls_session_keep(struct iam_tls *t)
{
    struct iam_tls_session *e = t->brief ? NULL : room(t->shared, t->server);

    if (e == NULL)
        return;
    if (!t->saw_certificate)
        e->made_ms =
            t->made_ms; /* resumed: the server has shown its certificate no later than that */
    e->there = true;    /* whatever part of it was copied before a failure is to be freed */
    if (mbedtls_ssl_get_session(&t->ssl, &e->session) != 0)
        forget(e);
}

void iam_tls_session_share(struct iam_tls *t)
{
    if (t->keep && tls_compat_is_tls12(&t->ssl))
        tls_session_keep(t);
}

int tls_session_offer(struct iam_tls *t)
{
    struct iam_tls_session *e;
    int code = 0;

    t->offered = false;
    t->made_ms = now_ms(t->shared);
    e = find(t->shared, t->server, false);
    if (e != NULL) {
        if (t->made_ms - e->made_ms < AGE_MAX_MS) {
            t->made_ms = e->made_ms;
            code = mbedtls_ssl_set_session(&t->ssl, &e->session);
            t->offered = code == 0;
        }
        forget(e);
    } else {
        (void)room(t->shared, t->server); /* before the handshake, which needs the memory */
    }
    return code;
}

/* ---- over a deep sleep ---- */

/* A number and then a text, so that no two rows of them look alike. */
static void put(struct iam_sha256 *sha, uint32_t number, const void *p, size_t n)
{
    uint8_t bytes[8];

    iam_put_le(bytes, number, 4);
    iam_put_le(bytes + 4, n, 4);
    iam_sha256_update(sha, bytes, sizeof bytes);
    iam_sha256_update(sha, p, n);
}

/* All that a session must not be used without, and the bytes of it. */
static int bind_session(struct iam_tls_shared *s, struct iam_span host, uint16_t port,
                        const uint8_t *saved, size_t n, uint8_t digest[SAVED_DIGEST])
{
    static const char what[] = "tinyiam TLS session 1";
    const struct iam_tls_shared_config *c = &s->config;
    struct iam_sha256 sha;
    size_t suites = 0;

    iam_sha256_start(&sha);
    put(&sha, MBEDTLS_VERSION_NUMBER, what, sizeof what);
    put(&sha, VERSIONS, host.p, host.n);
    while (c->ciphersuites[suites] != 0)
        suites++;
    put(&sha, port, c->ciphersuites, suites * sizeof(int));
    for (const mbedtls_x509_crt *crt = c->trust.p == NULL ? c->ca : NULL; crt != NULL;
         crt = crt->next)
        put(&sha, 1, crt->raw.p, crt->raw.len);
    put(&sha, CONFIG_TINYIAM_TLS_CHAIN_MAX << 8 | 2, c->trust.p, c->trust.n);
    for (const mbedtls_x509_crt *crt = c->own_certificate; crt != NULL; crt = crt->next)
        put(&sha, 3, crt->raw.p, crt->raw.len);
    put(&sha, 4, saved + SAVED_DIGEST, n - SAVED_DIGEST);
    return iam_sha256_finish(&sha, digest);
}

/* The host as open() would take it. */
static struct iam_span without_dot(struct iam_span host)
{
    host.n -= host.n > 0 && host.p[host.n - 1] == '.';
    return host;
}

static int usable(const struct iam_tls_shared *s)
{
    bool unseen = s->config.attach != NULL; /* roots that cannot be seen from here */

#if IAM_TLS_CAN_FIND
    unseen = unseen || s->config.find != NULL;
#else
    unseen = unseen || s->config.complete != NULL;
#endif
    return !s->ready || (unseen && s->config.trust.p == NULL) ? IAM_ERR_TLS_SETUP : IAM_OK;
}

static int64_t unix_now(const struct iam_tls_shared *s)
{
    return s->config.system->ops->unix_ms(s->config.system);
}

int iam_tls_session_save(struct iam_tls_shared *s, struct iam_span host, uint16_t port, void *bytes,
                         size_t size, size_t *n)
{
    const struct iam_tls_session *e;
    uint8_t *p = bytes;
    uint8_t server[32];
    size_t length = 0;
    int64_t made = unix_now(s);
    int result = usable(s);

    *n = 0;
    s->native = 0;
    host = without_dot(host);
    if (result == IAM_OK)
        result = tls_session_server(host, port, server);
    if (result != IAM_OK)
        return result;
    e = find(s, server, false);
    if (e == NULL)
        return IAM_ERR_STATE;
    s->native = mbedtls_ssl_session_save(&e->session, size > SAVED_HEAD ? p + SAVED_HEAD : NULL,
                                         size > SAVED_HEAD ? size - SAVED_HEAD : 0, &length);
    if (s->native != 0 && s->native != MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL)
        return IAM_ERR_TLS_SETUP;
    *n = SAVED_HEAD + length;
    if (s->native != 0 || *n > size)
        return IAM_ERR_SPACE;
    made = made < 0 ? -1 : made - (uint32_t)(now_ms(s) - e->made_ms);
    iam_put_le(p + SAVED_DIGEST, (uint64_t)made, SAVED_TIME);
    return bind_session(s, host, port, p, *n, p);
}

/* Milliseconds since the session was made; AGE_MAX_MS: too long ago. */
static uint32_t age_of(const struct iam_tls_shared *s, const uint8_t *saved)
{
    uint64_t made = iam_get_le(saved + SAVED_DIGEST, SAVED_TIME);
    int64_t now = unix_now(s);

    if (now < 0 || (int64_t)made < 0)
        return 0; /* age unknown: the server decides whether it takes the session */
    if (made > (uint64_t)now)
        return made - (uint64_t)now < AGE_MAX_MS ? 0 : AGE_MAX_MS; /* a clock that was set back */
    return (uint64_t)now - made < AGE_MAX_MS ? (uint32_t)((uint64_t)now - made) : AGE_MAX_MS;
}

int iam_tls_session_restore(struct iam_tls_shared *s, struct iam_span host, uint16_t port,
                            const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    struct iam_tls_session *e;
    uint8_t digest[SAVED_DIGEST], server[32];
    int result = usable(s);

    s->native = 0;
    host = without_dot(host);
    if (result == IAM_OK && n <= SAVED_HEAD)
        result = IAM_ERR_VALUE;
    if (result == IAM_OK)
        result = bind_session(s, host, port, p, n, digest);
    if (result == IAM_OK)
        result = tls_session_server(host, port, server);
    if (result != IAM_OK)
        return result;
    if (memcmp(digest, p, sizeof digest) != 0 || age_of(s, p) == AGE_MAX_MS)
        return IAM_ERR_VALUE;
    e = room(s, server);
    if (e == NULL)
        return IAM_ERR_STATE;
    s->native = mbedtls_ssl_session_load(&e->session, p + SAVED_HEAD, n - SAVED_HEAD);
    e->there = true;
    if (s->native != 0) {
        forget(e);
        return s->native == MBEDTLS_ERR_SSL_ALLOC_FAILED ? IAM_ERR_TLS_MEMORY : IAM_ERR_VALUE;
    }
    e->made_ms -= age_of(s, p);
    return IAM_OK;
}
