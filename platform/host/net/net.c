/* Connections: sockets, proxy and TLS on top of each other. */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/version.h>

#include <tinyiam/port_config.h>

#define LARGE_BUNDLE 32768 /* bytes; a system's has 200 KB */

#define PEM_MAX (16 << 20)

/* 0, or an exit code: "not found" and "not what it should be" need different advice. What is no file may keep
 * whoever opens it waiting for ever (a FIFO), and is not read by mbedTLS anyway. */
static int probe_file(const char *what, const char *path, const char *from)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const char *wrong = fd < 0 || fstat(fd, &st) < 0 ? strerror(errno)
                        : S_ISDIR(st.st_mode)        ? "it is a folder"
                        : !S_ISREG(st.st_mode)       ? "it is no regular file"
                        : st.st_size > PEM_MAX       ? "it is larger than 16 MiB"
                                                     : NULL;
    if (fd >= 0)
        close(fd);
    return wrong ? say_error(CODE_OTHER, "Could not find %s, invalid path: %s (%s: %s)", what, path,
                             from, wrong)
                 : 0;
}

static int intake_open(struct iam_stream *stream, struct iam_span host, uint16_t port)
{
    struct net_intake *in = (struct net_intake *)stream;
    int r = in->below->ops->open(in->below, host, port);
    stream->native = in->below->native;
    if (r == IAM_ERR_RESOLVE && stream->native == 0)
        stream->native = in->resolve->code;
    stream->connects = in->below->connects;
    if (in->connects != stream->connects) { /* another connection: nothing of the one before */
        in->at = in->n = in->heard_n = 0;
        in->asked = false;
        in->before = in->tls ? in->tls->handshakes : 0;
    }
    in->connects = stream->connects;
    return r;
}

static int intake_send(struct iam_stream *stream, const void *p, size_t n)
{
    struct net_intake *in = (struct net_intake *)stream;
    int r = in->below->ops->send(in->below, p, n);
    stream->native = in->below->native;
    in->asked |= r > 0;
    return r;
}

/* The large bundle, once. */
static int read_ca(void *shared, int *native)
{
    struct net_shared *n = shared;
    const char *file = n->ca_file;
    n->ca_file = NULL;
    if (file)
        n->ca_error = iam_tls_ca_file(&n->ca, file, native);
    return n->ca_error;
}

static void keep_heard(struct net_intake *in)
{
    size_t room = sizeof in->heard - in->heard_n, n = in->n < room ? in->n : room;
    memcpy(in->heard + in->heard_n, in->ahead, n);
    in->heard_n += n;
}

static int intake_recv(struct iam_stream *stream, void *p, size_t n)
{
    struct net_intake *in = (struct net_intake *)stream;
    int r = in->shared->resumes ? 0 : read_ca(in->shared, &stream->native);
    if (r < 0)
        return r;
    if (in->at == in->n && n > 0) {
        r = in->below->ops->recv(in->below, in->ahead, sizeof in->ahead);
        stream->native = in->below->native;
        if (r <= 0)
            return r;
        in->turns += in->asked && in->tls && in->tls->handshakes == in->before;
        in->asked = false;
        in->at = 0;
        in->n = (size_t)r;
        keep_heard(in);
    }
    if (n == 0 && in->at == in->n) /* counts as a wait for bytes */
        return in->below->ops->recv(in->below, p, 0);
    n = n < in->n - in->at ? n : in->n - in->at;
    memcpy(p, in->ahead + in->at, n);
    in->at += n;
    return (int)n;
}

static void intake_close(struct iam_stream *stream)
{
    struct net_intake *in = (struct net_intake *)stream;
    in->below->ops->close(in->below);
    in->at = in->n = 0;
}

static void intake_wait(struct iam_stream *stream, struct iam_wait *w)
{
    const struct net_intake *in = (struct net_intake *)stream;
    iam_stream_wait(in->below, w);
    if (in->at < in->n || in->shared->ca_error < 0)
        w->ms = 0; /* what has been read ahead, no poll sees */
}

static const struct iam_stream_ops intake_ops = {intake_open, intake_send, intake_recv,
                                                 intake_close, intake_wait};

/* Is it a file that may be read later, while the server is awaited: a large one that begins like certificates in PEM? Any
 * other is read at once, so that what is wrong with it is said before a connection is made. */
static bool is_large_bundle(const char *path)
{
    char line[256];
    struct stat st;
    bool found = false;
    FILE *f = stat(path, &st) == 0 && st.st_size > LARGE_BUNDLE ? fopen(path, "r") : NULL;
    while (f && !found && fgets(line, sizeof line, f))
        found = strncmp(line, "-----BEGIN CERTIFICATE-----", 27) == 0;
    if (f)
        fclose(f);
    return found;
}

/* A name for the certificates in a file, where sessions are kept from run to run: the file as it lies there. Reading
 * all of it would take three times what a resumed handshake takes. Whoever changes what it holds, or puts another in
 * its place, changes one of these; the last he cannot choose. */
static int name_ca(struct net_shared *n, const char *path)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return say_error(CODE_OTHER, "%s could not be read: %s", path, strerror(errno));
    const int64_t all[] = {(int64_t)st.st_ino, (int64_t)st.st_size, st.st_mtim.tv_sec,
                           st.st_mtim.tv_nsec, st.st_ctim.tv_sec,   st.st_ctim.tv_nsec};
    memcpy(n->trust, all, sizeof all);
    snprintf(n->trust + sizeof all, sizeof n->trust - sizeof all, "%s", path);
    return 0;
}

static int load_ca(struct net_shared *n)
{
    const struct settings *s = n->base->settings;
    int native = 0, r;
    if (!s->ca_file)
        return say_error(CODE_OTHER,
                         "Could not find a suitable TLS CA certificate bundle. Install the package "
                         "ca-certificates, or name a file with --ca-bundle");
    r = probe_file("a suitable TLS CA certificate bundle", s->ca_file, s->ca_from);
    if (r == 0 && n->way.keeps)
        r = name_ca(n, s->ca_file);
    if (r)
        return r;
    if (is_large_bundle(s->ca_file)) {
        n->ca_file = s->ca_file;
        return 0;
    }
    r = iam_tls_ca_file(&n->ca, s->ca_file, &native);
    if (r == IAM_ERR_TLS_MEMORY)
        say_no_memory();
    if (r < 0)
        return say_error(CODE_OTHER,
                         "Could not find a suitable TLS CA certificate bundle: %s (%s) %s (mbedTLS "
                         "-0x%04X)",
                         s->ca_file, s->ca_from,
                         native == MBEDTLS_ERR_X509_FILE_IO_ERROR
                             ? "cannot be read"
                             : "holds no certificate in PEM that can be read",
                         (unsigned)-native);
    return 0;
}

static int parse_key(struct net_shared *n, const char *path)
{
#if MBEDTLS_VERSION_MAJOR == 3 /* 4.x asks PSA */
    return mbedtls_pk_parse_keyfile(&n->key, path, NULL, net_random, &n->base->posix.system);
#else
    return mbedtls_pk_parse_keyfile(&n->key, path, NULL);
#endif
}

#if MBEDTLS_VERSION_MAJOR == 3 /* 4.x asks PSA */
#define CHECK_PAIR(crt, key, system) mbedtls_pk_check_pair(crt, key, net_random, system)
#else
#define CHECK_PAIR(crt, key, system) mbedtls_pk_check_pair(crt, key)
#endif

static int load_own(struct net_shared *n)
{
    const struct net_way *w = &n->way;
    int rc = probe_file("the device's certificate", w->cert, "--iot-cert"), native = 0;
    if (rc == 0)
        rc = probe_file("the device's key", w->key, "--iot-key");
    if (rc)
        return rc;
    if (iam_tls_ca_file(&n->own, w->cert, &native) < 0)
        return say_error(CODE_OTHER,
                         "%s (--iot-cert) holds no certificate in PEM that can be read (mbedTLS "
                         "-0x%04X)",
                         w->cert, (unsigned)-native);
    native = parse_key(n, w->key);
    if (native != 0)
        return say_error(CODE_OTHER,
                         "%s (--iot-key) holds no private key in PEM that can be read%s (mbedTLS "
                         "-0x%04X)",
                         w->key,
                         native == MBEDTLS_ERR_PK_PASSWORD_REQUIRED
                             ? ": it is encrypted, and would need a password"
                             : "",
                         (unsigned)-native);
    if (CHECK_PAIR(&n->own.pk, &n->key, &n->base->posix.system) != 0)
        return say_error(CODE_OTHER, "The key in %s (--iot-key) is not the one of %s (--iot-cert)",
                         w->key, w->cert);
    return 0;
}

/* 0, or an exit code. */
#if IAM_TLS_CAN_FIND
/* The bundle is read when roots are looked for first; then they are found in ca. */
static int find_ca(void *shared, const mbedtls_x509_crt *child, mbedtls_x509_crt **found)
{
    int native = 0;
    (void)child, (void)found;
    return read_ca(shared, &native) < 0 ? native : 0;
}
#endif

static int share_tls(struct net_shared *n, struct net_tls *tls, bool own)
{
    struct iam_tls_shared_config config = {
        .system = &n->base->posix.system,
        .ca = &n->ca,
#if IAM_TLS_CAN_FIND
        .find = find_ca,
        .find_context = n,
#else
        .complete = read_ca,
        .complete_context = n,
#endif
        .sessions = tls->sessions,
        .session_count = n->way.connections
    };
    if (n->way.keeps)
        config.trust = (struct iam_span){n->trust, sizeof n->trust};
    if (own) {
        config.own_certificate = &n->own;
        config.own_key = &n->key;
    }
    int r = iam_tls_shared_init(&tls->shared, &config);
    if (r == IAM_ERR_TLS_MEMORY)
        say_no_memory();
    if (tls->shared.native == MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED)
        return say_error(CODE_OTHER, "TLS could not be set up: this system gives no random numbers "
                                     "(getentropy)");
    if (r < 0)
        return say_error(CODE_OTHER, "TLS could not be set up (%s, mbedTLS -0x%04X)",
                         iam_result_name(r), (unsigned)-tls->shared.native);
    return 0;
}

void net_base_init(struct net_base *b, const struct settings *s)
{
    b->settings = s;
    iam_posix_init(&b->posix);
}

int net_shared_open(struct net_shared *n, struct net_base *base, const struct net_way *w)
{
    int rc = 0;
    memset(n, 0, sizeof *n);
    n->base = base;
    n->way = *w;
    n->way.connections = w->connections ? w->connections : 1;
    mbedtls_x509_crt_init(&n->ca);
    mbedtls_x509_crt_init(&n->own);
    mbedtls_pk_init(&n->key);
    if (!w->plain)
        rc = load_ca(n);
    if (!w->plain && rc == 0 && w->cert)
        rc = load_own(n);
    if (!w->plain && rc == 0 && !w->straight)
        rc = proxy_find(&n->via, w->authority);
    if (rc == 0 && n->via.from && !n->via.url.plain) {
        n->has_proxy_tls = true;
        rc = share_tls(n, &n->proxy_tls, false);
    }
    if (!w->plain && rc == 0) {
        n->has_tls = true;
        rc = share_tls(n, &n->tls, w->cert != NULL);
    }
    if (w->trace && rc == 0 && n->via.from)
        trace_say("proxy %s://%.*s (%s)", n->via.url.plain ? "http" : "https",
                  (int)n->via.url.authority.n, n->via.url.authority.p, n->via.from);
    return rc;
}

void net_shared_close(struct net_shared *n)
{
    if (n->has_tls)
        iam_tls_shared_free(&n->tls.shared);
    if (n->has_proxy_tls)
        iam_tls_shared_free(&n->proxy_tls.shared);
    if (n->base) {
        mbedtls_x509_crt_free(&n->ca);
        mbedtls_x509_crt_free(&n->own);
        mbedtls_pk_free(&n->key);
    }
    explicit_bzero(&n->via, sizeof n->via);
    memset(n, 0, sizeof *n);
}

/* ---- a connection ---- */

/* TLS over what there is so far. */
static int add_tls(struct net *n, struct iam_tls *tls, struct net_tls *with)
{
    struct iam_tls_config config = {.below = n->stream, .shared = &with->shared};
    int r = iam_tls_init(tls, &config);
    n->stream = &tls->stream;
    return r == IAM_OK ? 0
                       : say_error(CODE_OTHER, "TLS could not be set up (%s)", iam_result_name(r));
}

static void add_tunnel(struct net *n)
{
    const struct proxy *via = &n->shared->via;
    struct iam_proxy_config config = {
        .below = n->stream, .host = via->url.host, .port = via->url.port};
    if (via->login)
        config.authorization = iam_span_of(via->authorization);
    iam_proxy_init(&n->tunnel, &config);
    n->stream = &n->tunnel.stream;
}

int net_open(struct net *n, struct net_shared *shared)
{
    struct net_base *base = shared->base;
    struct iam_sockets_config sockets = {.system = &base->posix.system,
                                         .connect_ms = base->settings->connect_ms,
                                         .resolve = resolve_ask,
                                         .context = &n->resolve};
    int rc = 0;
    memset(n, 0, offsetof(struct net, intake.ahead));
    memset(&n->tunnel, 0, sizeof *n - offsetof(struct net, tunnel));
    n->shared = shared;
    iam_sockets_init(&n->sockets, &sockets);
    n->intake.stream.ops = &intake_ops;
    n->intake.below = &n->sockets.stream;
    n->intake.shared = shared;
    n->intake.resolve = &n->resolve;
    n->stream = &n->intake.stream;
    if (shared->has_proxy_tls) {
        n->has_proxy_tls = true;
        rc = add_tls(n, &n->proxy_tls, &shared->proxy_tls);
    }
    if (rc == 0 && shared->via.from)
        add_tunnel(n);
    if (rc == 0 && shared->has_tls) {
        n->has_tls = true;
        n->intake.tls = &n->tls.stream;
        rc = add_tls(n, &n->tls, &shared->tls);
    }
    if (rc == 0 && shared->way.trace)
        n->stream = trace_stream(&n->trace, n->stream, shared->way.login);
    return rc;
}

void net_share_session(struct net *n)
{
    if (n->has_tls)
        iam_tls_session_share(&n->tls);
    if (n->has_proxy_tls)
        iam_tls_session_share(&n->proxy_tls);
}

void net_close(struct net *n)
{
    if (n->stream)
        n->stream->ops->close(n->stream);
    if (n->has_tls)
        iam_tls_free(&n->tls);
    if (n->has_proxy_tls)
        iam_tls_free(&n->proxy_tls);
    resolve_end(&n->resolve);
    explicit_bzero(&n->trace, sizeof n->trace); /* a token went through it */
    explicit_bzero(n->intake.ahead, sizeof n->intake.ahead);
    n->has_tls = n->has_proxy_tls = false;
    n->stream = NULL;
}

const char *net_library(void)
{
    static const char versions[] = ""
#if CONFIG_TINYIAM_TLS12 && defined(MBEDTLS_SSL_PROTO_TLS1_2)
                                   ", TLS 1.2"
#endif
#if CONFIG_TINYIAM_TLS13 && defined(MBEDTLS_SSL_PROTO_TLS1_3)
                                   ", TLS 1.3"
#endif
        ;
    static char text[64];
    char version[18] = MBEDTLS_VERSION_STRING; /* 18: what mbedTLS asks for */
#if defined(MBEDTLS_VERSION_C)
    mbedtls_version_get_string(version); /* of the library that runs, which may be a shared one */
#endif
    snprintf(text, sizeof text, "mbedTLS %s%s", version, versions);
    return text;
}
