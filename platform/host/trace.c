#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <tinyiam/tinyiam.h>

#include "say.h"

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

/* What of a header field's value may be seen; SIZE_MAX: all of it. */
static size_t visible(const char *line, size_t n)
{
    static const char *const hidden[] = {"x-amz-security-token:", "x-aws-ec2-metadata-token:",
                                         "cookie:", "set-cookie:", "proxy-authorization:"};
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (n >= strlen(hidden[i]) && strncasecmp(line, hidden[i], strlen(hidden[i])) == 0)
            return strlen(hidden[i]);
    if (n >= 14 && strncasecmp(line, "authorization:", 14) == 0) {
        for (size_t i = 14; i + 10 <= n; i++)
            if (memcmp(line + i, "Signature=", 10) == 0)
                return i + 10;
        return 14;
    }
    return (size_t)-1;
}

static void tell_line(struct trace_side *side, char arrow)
{
    struct say s;
    size_t n = side->n, seen = visible(side->line, n);
    if (n && side->line[n - 1] == '\r')
        n--;
    say_begin(&s, FIRST_WORDS);
    say_add(&s, "%c ", arrow);
    say_text(&s, (struct iam_span){side->line, seen < n ? seen : n});
    say_add(&s, "%s", seen < n ? " (hidden)" : side->cut ? " ..." : "");
    say_end(&s);
}

static void follow(struct trace_side *side, const char *p, size_t n, char arrow)
{
    for (size_t i = 0; i < n; i++) {
        if (side->body) {
            side->body_bytes += n - i;
            return;
        }
        if (p[i] != '\n') {
            if (side->n < sizeof side->line)
                side->line[side->n++] = p[i];
            else
                side->cut = true;
            continue;
        }
        side->body = side->n == 0 || (side->n == 1 && side->line[0] == '\r');
        if (!side->body)
            tell_line(side, arrow);
        side->n = 0;
        side->cut = false;
    }
}

/* The other side speaks: what this one said is complete. */
static void finish(struct trace_side *side, char arrow)
{
    if (side->body)
        trace_say("%c [%llu bytes of body]", arrow, side->body_bytes);
    memset(side, 0, sizeof *side);
}

static struct trace *self(struct iam_stream *s)
{
    return (struct trace *)(void *)((char *)s - offsetof(struct trace, stream));
}

static int told(struct trace *t, const char *what, int r)
{
    t->stream.native = t->below->native;
    t->stream.busy = t->below->busy;
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
        finish(&t->in, '<');
        t->replied = false;
    }
    int r = t->below->ops->send(t->below, p, n);
    if (r > 0)
        follow(&t->out, p, (size_t)r, '>');
    return told(t, "sending failed", r);
}

static int recv_(struct iam_stream *s, void *p, size_t n)
{
    struct trace *t = self(s);
    int r = t->below->ops->recv(t->below, p, n);
    if (r > 0) {
        if (!t->replied)
            finish(&t->out, '>');
        t->replied = true;
        follow(&t->in, p, (size_t)r, '<');
    }
    return r == IAM_EOF ? told(t, "the server closed the connection", r)
                        : told(t, "receiving failed", r);
}

static void close_(struct iam_stream *s)
{
    struct trace *t = self(s);
    if (t->replied)
        finish(&t->in, '<');
    t->replied = t->opening = false;
    memset(&t->out, 0, sizeof t->out);
    t->below->ops->close(t->below);
    told(t, "", IAM_OK);
}

struct iam_stream *trace_stream(struct trace *t, struct iam_stream *below)
{
    static const struct iam_stream_ops ops = {open_, send_, recv_, close_};
    memset(t, 0, sizeof *t);
    t->stream.ops = &ops;
    t->below = below;
    return &t->stream;
}
