/* What a client waits for, from what would make it go on. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "waiting.h"

#include <stdio.h>

#include "text/terminal.h"

#define PAUSE_MOST_MS \
    120000 /* no pause is that long: whoever has that much time has nothing to do */
#define LONG_MS 1500

static enum wait_kind kind_of(const struct waiting *w, const struct iam_client *client)
{
    unsigned wants = iam_call_wants(&client->call);
    if (!wants && iam_idle_ms(client) > PAUSE_MOST_MS)
        return WAIT_NONE;
    if (iam_client_stats(client)->retries != w->retries)
        return WAIT_AGAIN;
    if (wants & IAM_WANT_KEYS)
        return WAIT_KEYS;
    if (w->report)
        return WAIT_REPORT;
    if (!wants) /* what has come is read at once */
        return iam_idle_ms(client) ? WAIT_RATE : WAIT_NONE;
    return wants & IAM_WANT_OPEN ? WAIT_CONNECT : WAIT_REPLY;
}

/* Has something come? Of the report that is waited for there is one thing less to wait for then. */
static bool take_stats(struct waiting *w, const struct iam_client *client, uint32_t now_ms)
{
    const struct iam_stats *s = iam_client_stats(client);
    const void *action = iam_client_operation(client);
    uint64_t got = s->items + (uint64_t)s->pages;
    bool begun = got != w->got || action != w->action, moved = begun || s->polls != w->polls;
    if (begun)
        w->report = false;
    if (moved)
        w->retries = w->since || got ? s->retries : 0; /* the first look may come late */
    w->got = got;
    w->polls = s->polls;
    w->action = action;
    if (!w->report && s->polls && iam_client_report(client)->status == IAM_JOB_IN_PROGRESS) {
        w->report = true;
        w->report_ms = now_ms;
    }
    w->attempt = s->retries - w->retries + 1;
    return moved;
}

void waiting_look(struct waiting *w, const struct iam_client *client, uint32_t began_ms,
                  uint32_t now_ms)
{
    bool moved = take_stats(w, client, now_ms);
    enum wait_kind kind = kind_of(w, client);
    if (w->since && kind == w->kind && (!moved || kind == WAIT_REPORT))
        return;
    w->since_ms = kind == WAIT_REPORT ? w->report_ms : w->since ? now_ms : began_ms;
    w->since = time(NULL) - (time_t)((now_ms - w->since_ms) / 1000);
    w->kind = kind;
}

bool waiting_long(const struct waiting *w, uint32_t now_ms)
{
    return w->kind == WAIT_AGAIN || waiting_ms(w, now_ms) >= LONG_MS;
}

uint32_t waiting_ms(const struct waiting *w, uint32_t now_ms)
{
    return w->kind == WAIT_NONE ? 0 : now_ms - w->since_ms;
}

/* Why the last attempt failed: the service's code, or the library's words. */
static void put_reason(const struct iam_fault *f, char *text, size_t size)
{
    struct iam_span why = f->code.n ? f->code : iam_span_of(iam_result_text(f->error));
    struct terminal_char shown;
    size_t n = 0;
    for (size_t i = 0; i < why.n && n + sizeof shown.escape < size; n += shown.n) {
        i += terminal_char(why.p + i, why.n - i, &shown);
        memcpy(text + n, shown.p, shown.n);
    }
    text[n] = '\0';
}

static int put_what(const struct waiting *w, struct caller *c, const struct iam_client *client,
                    char *text, size_t size)
{
    char reason[80];
    switch (w->kind) {
    case WAIT_KEYS:
        return snprintf(text, size, "waiting for credentials from %s", keys_from(&c->keys));
    case WAIT_CONNECT:
        return snprintf(text, size, "connecting to %.*s", (int)c->authority.n, c->authority.p);
    case WAIT_REPORT:
        return snprintf(text, size, "the report is IN_PROGRESS");
    case WAIT_AGAIN:
        put_reason(iam_client_fault(client), reason, sizeof reason);
        return snprintf(text, size, "trying again%s%s", *reason ? " after " : "", reason);
    case WAIT_RATE:
        return snprintf(text, size, "fewer requests, as the service has asked,");
    default:
        return snprintf(text, size, "waiting for the reply of %.*s", (int)c->authority.n,
                        c->authority.p);
    }
}

static int put_since(const struct waiting *w, uint32_t now_ms, char *text, size_t size)
{
    struct tm tm;
    char clock[16] = "";
    unsigned s = waiting_ms(w, now_ms) / 1000;
    if (localtime_r(&w->since, &tm))
        (void)strftime(clock, sizeof clock, "%H:%M:%S", &tm);
    if (s < 120)
        return snprintf(text, size, " since %s (%u s)", clock, s);
    return snprintf(text, size, " since %s (%u min %u s)", clock, s / 60, s % 60);
}

static int put_count(const struct waiting *w, const struct caller *c,
                     const struct iam_client *client, char *text, size_t size)
{
    unsigned polls = iam_client_stats(client)->polls;
    unsigned most =
        c->settings->max_attempts ? c->settings->max_attempts : CONFIG_TINYIAM_MAX_ATTEMPTS;
    if (w->kind == WAIT_REPORT)
        return snprintf(text, size, ", looked %u time%s", polls, polls == 1 ? "" : "s");
    if (w->kind == WAIT_AGAIN)
        return snprintf(text, size, ", attempt %u of %u", w->attempt, most);
    return 0;
}

int waiting_text(const struct waiting *w, struct caller *c, const struct iam_client *client,
                 uint32_t now_ms, char *text, size_t size)
{
    int n = put_what(w, c, client, text, size);
    if (n >= 0 && n < (int)size)
        n += put_since(w, now_ms, text + n, size - (size_t)n);
    if (n >= 0 && n < (int)size)
        n += put_count(w, c, client, text + n, size - (size_t)n);
    return n;
}
