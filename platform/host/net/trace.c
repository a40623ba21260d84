/* --debug: what goes over a connection, without its secrets. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <tinyiam/tinyiam.h>

#include "text/say.h"

#define FIRST_WORDS "tinyiam: debug: "

void trace_say(const char *format, ...)
{
    char text[1024];
    struct say s;
    va_list list;
    va_start(list, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): false, see the line above */
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    say_begin(&s, FIRST_WORDS);
    say_string(&s, text);
    say_end(&s);
}

/* ---- what may be seen ---- */

static bool is_word(struct iam_span s, const char *others, size_t most)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!(c >= '0' && c <= '9') && !((c | 32) >= 'a' && (c | 32) <= 'z') &&
            (c == '\0' || !strchr(others, c)))
            return false;
    }
    return s.n >= 1 && s.n <= most;
}

/* RFC 9110, 5.6.2 */
static bool is_token(struct iam_span s)
{
    return is_word(s, "!#$%&'*+-.^_`|~", (size_t)-1);
}

static bool is_version(struct iam_span s)
{
    return s.n == 8 && memcmp(s.p, "HTTP/", 5) == 0 && s.p[6] == '.' && s.p[5] >= '0' &&
           s.p[5] <= '9' && s.p[7] >= '0' && s.p[7] <= '9';
}

static bool is_text(struct iam_span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] == 0x7F)
            return false;
    return true;
}

/* Up to the next blank, which goes too. */
static struct iam_span take_word(struct iam_span *s)
{
    const char *blank = memchr(s->p, ' ', s->n);
    struct iam_span word = {s->p, blank ? (size_t)(blank - s->p) : s->n};
    s->p += word.n + (blank != NULL);
    s->n -= word.n + (blank != NULL);
    return word;
}

/* METHOD PATH?QUERY HTTP/1.1, without the query: a container's may hold a token. */
static bool tell_request(struct say *s, struct iam_span line)
{
    struct iam_span method = take_word(&line), target = take_word(&line);
    const char *query = target.n ? memchr(target.p, '?', target.n) : NULL;
    struct iam_span path = {target.p, query ? (size_t)(query - target.p) : target.n};
    if (!is_word(method, "", 16) || path.n == 0 || *path.p != '/' || !is_text(target) ||
        !is_version(line))
        return false;
    say_text(s, method);
    say_add(s, " ");
    say_text(s, path);
    say_add(s, "%s ", query ? "?(hidden)" : "");
    say_text(s, line);
    return true;
}

/* HTTP/1.1 404 Not Found. Of the reason only what looks like words. */
static bool tell_status(struct say *s, struct iam_span line)
{
    struct iam_span version = take_word(&line), status = take_word(&line);
    if (!is_version(version) || status.n != 3 || !is_word(status, "", 3) ||
        strspn(status.p, "0123456789") < 3 || !is_text(line))
        return false;
    say_text(s, version);
    say_add(s, " ");
    say_text(s, status);
    while (line.n) {
        struct iam_span word = take_word(&line);
        size_t letters = 0;
        while (letters < word.n && (word.p[letters] | 32) >= 'a' && (word.p[letters] | 32) <= 'z')
            letters++;
        if (letters < word.n || word.n > 14)
            return true;
        say_add(s, " ");
        say_text(s, word);
    }
    return true;
}

static bool is_one_of(struct iam_span name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (name.n == strlen(list[i]) && strncasecmp(name.p, list[i], name.n) == 0)
            return true;
    return false;
}

/* "AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=" */
static size_t up_to_signature(struct iam_span value)
{
    static const char first[] = "AWS4-HMAC-SHA256 Credential=", last[] = "Signature=";
    if (value.n >= sizeof first - 1 && memcmp(value.p, first, sizeof first - 1) == 0)
        for (size_t i = sizeof first - 1; i + sizeof last - 1 <= value.n; i++)
            if (memcmp(value.p + i, last, sizeof last - 1) == 0)
                return i + sizeof last - 1;
    return 0;
}

enum field { FIELD_NONE, FIELD_SAID, FIELD_OTHER };

static enum field tell_field(struct say *s, struct iam_span line, enum trace_login login)
{
    static const char *const shown[] = {"accept",
                                        "accept-encoding",
                                        "connection",
                                        "content-encoding",
                                        "content-length",
                                        "content-type",
                                        "date",
                                        "host",
                                        "keep-alive",
                                        "retry-after",
                                        "server",
                                        "transfer-encoding",
                                        "user-agent",
                                        "via",
                                        "x-amz-date",
                                        "x-amz-request-id",
                                        "x-amzn-errortype",
                                        "x-amzn-iot-thingname",
                                        "x-amzn-requestid",
                                        "x-aws-ec2-metadata-token-ttl-seconds"};
    static const char *const named[] = {"authorization",
                                        "cookie",
                                        "location",
                                        "proxy-authenticate",
                                        "proxy-authorization",
                                        "set-cookie",
                                        "www-authenticate",
                                        "x-amz-security-token",
                                        "x-aws-ec2-metadata-token",
                                        "x-amz-sso_bearer_token",
                                        "dpop"};
    const char *colon = line.n ? memchr(line.p, ':', line.n) : NULL;
    if (!colon)
        return FIELD_NONE;
    struct iam_span name = {line.p, (size_t)(colon - line.p)};
    bool show = is_one_of(name, shown, sizeof shown / sizeof *shown);
    if (!is_token(name) || !is_text(line))
        return FIELD_NONE;
    if (!show && !is_one_of(name, named, sizeof named / sizeof *named))
        return FIELD_OTHER;
    struct iam_span value = {colon + 1, line.n - name.n - 1};
    while (value.n && (*value.p == ' ' || *value.p == '\t')) {
        value.p++;
        value.n--;
    }
    if (!show)
        value.n = login == TRACE_SIGNED && name.n == 13 ? up_to_signature(value) : 0;
    say_text(s, name);
    say_add(s, ": ");
    say_text(s, value);
    say_add(s, show ? "" : value.n ? " (hidden)" : "(hidden)");
    return FIELD_SAID;
}

/* ---- following a side ---- */

/* A whole line, or the beginning of one that is cut. */
static void take_line(struct trace_side *side, char arrow, enum trace_login login)
{
    struct iam_span line = {side->line, side->n};
    struct say s;
    enum field said;
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    if (side->part == TRACE_FIELDS && line.n == 0) {
        side->part = TRACE_BODY;
        side->bytes = 0;
        return;
    }
    say_begin(&s, FIRST_WORDS);
    say_add(&s, "%c ", arrow);
    if (side->part == TRACE_FIRST_LINE)
        said = (arrow == '>' ? tell_request : tell_status)(&s, line) ? FIELD_SAID : FIELD_NONE;
    else
        said = tell_field(&s, line, login);
    if (said == FIELD_SAID) {
        say_add(&s, "%s", side->cut ? " ..." : "");
        say_end(&s);
    }
    side->others += said == FIELD_OTHER;
    side->part = said == FIELD_NONE ? TRACE_OTHER : TRACE_FIELDS;
}

static void follow(struct trace *t, struct trace_side *side, const char *p, size_t n)
{
    char arrow = side == &t->out ? '>' : '<';
    for (size_t i = 0; i < n; i++) {
        if (side->part >= TRACE_BODY) {
            side->bytes += n - i;
            return;
        }
        side->bytes++;
        if (p[i] != '\n') {
            if (side->n < sizeof side->line)
                side->line[side->n++] = p[i];
            else
                side->cut = true;
            continue;
        }
        take_line(side, arrow, t->login);
        side->bytes = side->part == TRACE_FIELDS ? 0 : side->bytes;
        side->n = 0;
        side->cut = false;
    }
}

/* The other side speaks: what this one said is complete. */
static void finish(struct trace *t, struct trace_side *side)
{
    char arrow = side == &t->out ? '>' : '<';
    if (side->others)
        trace_say("%c [%u other field%s]", arrow, side->others, side->others == 1 ? "" : "s");
    if (side->part == TRACE_BODY)
        trace_say("%c [%llu bytes of body]", arrow, side->bytes);
    else if (side->part == TRACE_OTHER || side->n)
        trace_say("%c [%llu bytes that are no HTTP head]", arrow, side->bytes);
    explicit_bzero(side, sizeof *side);
}

/* ---- the stream ---- */

static struct trace *self(struct iam_stream *s)
{
    return (struct trace *)(void *)((char *)s - offsetof(struct trace, stream));
}

static int told(struct trace *t, const char *what, int r)
{
    t->stream.native = t->below->native;
    t->stream.connects = t->below->connects;
    t->stream.handshakes = t->below->handshakes;
    t->stream.resumed = t->below->resumed;
    if (r < 0)
        trace_say("* %s: %s (native %d)", what, iam_result_name(r), t->below->native);
    return r;
}

static int open_(struct iam_stream *s, struct iam_span host, uint16_t port)
{
    struct trace *t = self(s);
    uint32_t resumed = t->below->resumed, handshakes = t->below->handshakes;
    if (!t->opening)
        trace_say("* connecting to %.*s port %u", (int)host.n, host.p, (unsigned)port);
    int r = t->below->ops->open(t->below, host, port);
    t->opening = r == IAM_AGAIN;
    if (r == IAM_OK)
        trace_say("* connected%s", t->below->resumed != resumed         ? ", TLS session resumed"
                                   : t->below->handshakes != handshakes ? ", full TLS handshake"
                                                                        : "");
    return told(t, "connecting failed", r);
}

static int send_(struct iam_stream *s, const void *p, size_t n)
{
    struct trace *t = self(s);
    if (t->replied) {
        finish(t, &t->in);
        t->replied = false;
    }
    int r = t->below->ops->send(t->below, p, n);
    if (r > 0)
        follow(t, &t->out, p, (size_t)r);
    return told(t, "sending failed", r);
}

static int recv_(struct iam_stream *s, void *p, size_t n)
{
    struct trace *t = self(s);
    int r = t->below->ops->recv(t->below, p, n);
    if (r > 0) {
        if (!t->replied)
            finish(t, &t->out);
        t->replied = true;
        follow(t, &t->in, p, (size_t)r);
    }
    return r == IAM_EOF ? told(t, "the server closed the connection", r)
                        : told(t, "receiving failed", r);
}

static void close_(struct iam_stream *s)
{
    struct trace *t = self(s);
    if (t->replied)
        finish(t, &t->in);
    t->replied = t->opening = false;
    explicit_bzero(&t->out, sizeof t->out);
    t->below->ops->close(t->below);
    told(t, "", IAM_OK);
}

static void wait_(struct iam_stream *stream, struct iam_wait *w)
{
    iam_stream_wait(((struct trace *)stream)->below, w);
}

struct iam_stream *trace_stream(struct trace *t, struct iam_stream *below, enum trace_login login)
{
    static const struct iam_stream_ops ops = {open_, send_, recv_, close_, wait_};
    memset(t, 0, sizeof *t);
    t->stream.ops = &ops;
    t->below = below;
    t->login = login;
    return &t->stream;
}

/* ---- the pace ---- */

/* Those of the pace itself; all paces have the same. */
static const struct iam_pace_ops *pace_ops;

static bool pace_hold(struct iam_exchange *e)
{
    bool held = pace_ops->hold(e);
    unsigned hundredths = e->cfg.pace->rate / (IAM_PACE_ONE / 100);
    if (held)
        trace_say("* pace: the next request waits %u ms, at %u.%02u requests a second",
                  (unsigned)(e->resume_at - e->now), hundredths / 100, hundredths % 100);
    return held;
}

static bool pace_tell(struct iam_exchange *e)
{
    bool free = pace_ops->tell(e);
    if (iam_throttled_code(e->fault.code))
        trace_say("* pace: throttled");
    return free;
}

struct iam_pace *trace_pace(struct iam_pace *p)
{
    static const struct iam_pace_ops ops = {pace_hold, pace_tell};
    pace_ops = p->ops;
    p->ops = &ops;
    return p;
}
