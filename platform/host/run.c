#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tinyiam/tinyiam.h>

#include "keys/keys.h"
#include "net/errors.h"
#include "net/net.h"
#include "net/trace.h"
#include "out/checkpoint_file.h"
#include "out/out.h"
#include "out/progress.h"
#include "text/interrupt.h"
#include "text/say.h"
#include "text/sink.h"
#include "text/token.h"
#include "wanted.h"

#define TICK_MS 100      /* pause after which what is there is shown */
#define KEEP_BYTES 49152 /* into a pipe with a checkpoint: write, and save, from here on */
#define PAGE_ITEMS \
    1000 /* what --all, --wait and entities ask for: the most that the service takes */
#define SAVE_EVERY_MS 1000 /* on pauses within a page, where the output is a regular file */

/* The same few buffers for one entity and for a million. */
static unsigned char tx[16384], rx[32768], item_buffer[65536];

/* A list of the account, as the AWS CLI's paginator has it. */
struct list {
    bool on;
    bool enough;       /* --max-items have been printed, and there are more */
    struct token page; /* the page at hand, and how many of its items have been looked at */
    char first[TOKEN_MARKER_SIZE]; /* the Marker of --starting-token */
    unsigned long skip;            /* items of its page that have been shown before */
    char next[TOKEN_SIZE];         /* NextToken */
};

struct run {
    struct iam_endpoint endpoint; /* by region */
    const struct args *args;
    struct settings *settings;
    struct net_base base;
    struct net net;
    struct keys keys;
    struct iam_client client;
    struct error_context context;
    char action[64]; /* context.action: the operation under way */
    struct sink sink;
    struct out out;
    struct progress progress;
    struct checkpoint checkpoint;
    struct list list;
    struct wanted wanted; /* entities: the namespace, looked for in the report */
    char job_id[37];      /* entities: the report that was generated */
    uint32_t began_ms, saved_ms;
    bool first_shown;
    bool again; /* entities: the report had to be generated twice */
    int failed; /* exit code of something that is not the client's; 0: nothing */
};

static struct run run; /* too large for the stack */

/* ---- signals ---- */

static volatile sig_atomic_t stopped_by;

static void on_signal(int number)
{
    if (stopped_by || interrupt_at_once)
        _exit(128 + number); /* asked twice, or where nothing could be noted: at once */
    stopped_by = number;
}

static void watch_signals(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

/* ---- set-up ---- */

static struct iam_span span(const char *text)
{
    return text ? (struct iam_span){text, strlen(text)} : (struct iam_span){NULL, 0};
}

static uint32_t now_ms(struct run *r)
{
    return r->base.posix.system.ops->mono_ms(&r->base.posix.system);
}

/* Who is called. */
static int find_endpoint(struct run *r)
{
    const struct settings *s = r->settings;
    r->context.authority = s->iam.url.authority;
    r->context.path = s->iam.url.path;
    r->context.plain = s->iam.given && s->iam.url.plain;
    if (!s->iam.given) {
        if (iam_endpoint_resolve(span(s->region), s->endpoint_flags, &r->endpoint) < 0)
            return say_error(CODE_OTHER,
                             "Provided region_name '%s' doesn't match a supported format.",
                             s->region);
        r->context.authority = span(r->endpoint.host);
    }
    return 0;
}

static bool stopped(void)
{
    return stopped_by != 0;
}

/* Says what went wrong; returns the exit code. */
static int explain(struct run *r, const struct iam_fault *f)
{
    if (f->error == IAM_ERR_CREDENTIALS && f->native)
        return keys_fault(&r->keys);
    enum source_kind kind = r->keys.chain.source.kind;
    r->context.fetched =
        (r->keys.chain.role_n || kind == SOURCE_WEB_IDENTITY || kind == SOURCE_IOT) &&
        !keys_kept(&r->keys);
    return errors_fault(&r->context, f);
}

static int open_client(struct run *r)
{
    const struct settings *s = r->settings;
    struct iam_config c = {
        .tx = tx,
        .tx_size = sizeof tx,
        .rx = rx,
        .rx_size = sizeof rx,
        .item = item_buffer,
        .item_size = sizeof item_buffer,
        .stream = r->net.stream,
        .system = &r->base.posix.system,
        .provider = r->keys.provider,
        .region = span(s->region),
        .endpoint_flags = s->iam.given ? 0 : s->endpoint_flags, /* one's own is taken as it is */
        .structure = true,
        .plain = s->iam.given && s->iam.url.plain,
        .connect_ms = s->connect_ms,
        .response_ms = s->read_ms,
        .idle_ms = s->read_ms,
        .deadline_ms = s->deadline_ms,
        .job_ms = s->job_ms,
        .max_attempts = s->max_attempts,
        .retry_rules = s->retry_rules,
        .user_agent = IAM_SPAN("tinyiam/" IAM_VERSION),
    };
    if (s->iam.given) {
        c.authority = s->iam.url.authority;
        c.path = s->iam.url.path;
    }
    if (s->read_ms > CONFIG_TINYIAM_EXCHANGE_MS)
        c.exchange_ms = s->read_ms; /* who is that patient means the whole reply, too */
    int rc = iam_client_init(&r->client, &c);
    return rc < 0 ? explain(r, iam_client_fault(&r->client)) : 0;
}

static void trace_settings(const struct run *r)
{
    const struct settings *s = r->settings;
    trace_say("tinyiam %s, command %s", IAM_VERSION, command_defs[r->args->command].name);
    trace_say("profile %s, region %s (%s), output %s", s->profile, s->region ? s->region : "none",
              s->region_from, s->output_from);
    trace_say("endpoint %.*s (%s)", (int)r->context.authority.n, r->context.authority.p,
              s->iam.given ? s->iam.from : "region");
    trace_say("credentials from %s", keys_from(&r->keys));
    for (size_t i = 0; i < r->keys.chain.role_n; i++)
        trace_say("assuming %s (profile %s)", r->keys.chain.roles[i].arn,
                  r->keys.chain.roles[i].profile);
    if (s->iam.given && s->iam.url.plain)
        trace_say("no certificates: plain http (loopback)");
    else
        trace_say("certificates of %s (%s)", s->ca_file, s->ca_from);
}

static enum iam_scope scope(const struct args *a)
{
    bool all = command_defs[a->command].kind == ON_LIST ? !args_one_page(a) : args_has(a, OPT_ALL);
    return all ? IAM_SCOPE_ALL : args_has(a, OPT_WAIT) ? IAM_SCOPE_PAGE_WAIT : IAM_SCOPE_PAGE;
}

/* As many as a page takes, unless told otherwise: one page of its own is as the AWS CLI has it, and so are
 * the pages of a list that shows them: in NextToken where it is cut short, in the columns of text. */
static uint16_t page_size(const struct run *r, enum iam_scope how_much)
{
    bool shown =
        r->list.on && (args_has(r->args, OPT_MAX_ITEMS) || r->settings->output == OUT_TEXT);
    return how_much == IAM_SCOPE_PAGE || shown ? 0 : PAGE_ITEMS;
}

/* Errors name the operation. */
static void name(struct run *r, const struct iam_operation *op)
{
    struct iam_span text = iam_operation_name(op);
    size_t n = text.n < sizeof r->action ? text.n : sizeof r->action - 1;
    memcpy(r->action, text.p, n);
    r->action[n] = '\0';
}

/* An operation with the parameters that were given. job_id: NULL: it is among them. */
static int start_operation(struct run *r, const struct iam_operation *op, const char *job_id,
                           enum iam_scope how_much)
{
    union iam_request q;
    char *at = (char *)&q;
    uint16_t items;
    args_request(r->args, op, &q);
    if (job_id) {
        struct iam_span id = span(job_id);
        memcpy(at + op->params[0].offset, &id, sizeof id);
    }
    if (op->scope) {
        memcpy(at + op->scope, &how_much, sizeof how_much);
        memcpy(&items, at + op->max_items, sizeof items);
        items = items ? items : page_size(r, how_much);
        memcpy(at + op->max_items, &items, sizeof items);
    }
    if (r->list.first[0]) {
        struct iam_span marker = span(r->list.first);
        memcpy(at + op->marker, &marker, sizeof marker);
    }
    name(r, op);
    return iam_start(&r->client, op, &q);
}

static int start(struct run *r)
{
    const struct command_def *def = &command_defs[r->args->command];
    name(r, def->op);
    if (r->checkpoint.phase == PHASE_LIST)
        return iam_resume(&r->client, &r->checkpoint.resumed);
    return start_operation(r, def->first ? def->first : def->op, NULL, scope(r->args));
}

/* ---- at work ---- */

static void save(struct run *r, enum checkpoint_phase phase)
{
    if (r->failed || !r->checkpoint.path)
        return;
    r->failed = checkpoint_save(&r->checkpoint, phase, &r->client, &r->sink, &r->out);
    r->saved_ms = now_ms(r);
}

/* May the place be kept here, and is it another one than before? */
static bool can_save(const struct run *r)
{
    return r->checkpoint.path && r->checkpoint.moved && r->out.any && out_settled(&r->out);
}

/* What is there goes out; into a pipe only what a checkpoint follows, for it cannot be taken back. */
static void show(struct run *r, uint32_t save_every_ms)
{
    if (can_save(r) && (!r->sink.regular || now_ms(r) - r->saved_ms >= save_every_ms))
        save(r, PHASE_LIST);
    else if (!r->checkpoint.path || r->sink.regular)
        sink_flush(&r->sink);
}

/* Between two items: the first one is shown at once, and the place kept where it is due. */
static void after_item(struct run *r, enum iam_item_kind kind)
{
    const struct reply *reply = r->out.reply;
    bool whole = reply->item && kind == (reply->sub ? IAM_ITEM_END : reply->item->kind);
    bool first = whole && !r->first_shown && r->sink.n;
    r->checkpoint.moved = true;
    r->first_shown |= first;
    if (first || (kind == IAM_ITEM_PAGE_END && r->checkpoint.path) ||
        (whole && r->checkpoint.path && !r->sink.regular && r->sink.n >= KEEP_BYTES))
        show(r, 0);
}

static void on_pause(struct run *r)
{
    out_pause(&r->out);
    show(r, SAVE_EVERY_MS);
}

static void print_item(struct run *r)
{
    const struct iam_item *item = iam_client_item(&r->client);
    enum iam_item_kind kind = item->kind;
    out_item(&r->out, item, iam_client_report(&r->client));
    after_item(r, kind);
}

/* Enough has been printed; NextToken says where the rest begins. */
static void cut_short(struct run *r, bool between_pages)
{
    size_t n = token_encode(&r->list.page, between_pages, r->list.next);
    r->out.next_token = (struct iam_span){r->list.next, n};
    r->list.enough = true;
}

static bool is_limit(const struct run *r)
{
    return args_has(r->args, OPT_MAX_ITEMS) &&
           r->out.items >= (uint64_t)r->args->number[OPT_MAX_ITEMS];
}

/* An item of a list: unless it was shown before, or is one too many. */
static void print_listed(struct run *r)
{
    const struct iam_report *report = iam_client_report(&r->client);
    enum iam_item_kind kind = iam_client_item(&r->client)->kind;
    struct list *l = &r->list;
    if (kind == r->out.reply->item->kind) {
        if (l->page.shown < l->skip)
            l->page.shown++;
        else if (is_limit(r))
            cut_short(r, false);
        else
            l->page.shown++, print_item(r);
        return;
    }
    print_item(r);
    if (kind != IAM_ITEM_PAGE_END)
        return;
    size_t n = report->marker.n < sizeof l->page.marker ? report->marker.n : 0;
    memset(&l->page, 0, sizeof l->page);
    if (n)
        memcpy(l->page.marker, report->marker.p, n);
    l->skip = 0;
    if (is_limit(r) && report->is_truncated)
        cut_short(r, true);
}

static void ignore_item(struct run *r)
{
    (void)r;
}

static void look_at_service(struct run *r)
{
    const struct iam_item *item = iam_client_item(&r->client);
    if (item->kind == IAM_ITEM_SERVICE)
        wanted_look(&r->wanted, &item->u.service);
}

/* To the end of one operation: IAM_OK, an error of the client's, or IAM_AGAIN for one of ours (failed,
 * stopped_by, the sink's). */
static int work(struct run *r, void (*on_item)(struct run *))
{
    for (uint32_t turns = 0;; turns++) {
        int rc = iam_run(&r->client, TICK_MS);
        if (rc == IAM_ITEM) { /* whatever else happened: a place kept now lies behind this item */
            on_item(r);
        } else if (rc == IAM_AGAIN) {
            keys_keep(&r->keys);
            on_pause(r);
        } else {
            keys_keep(&r->keys);
            return rc;
        }
        if (stopped_by || r->failed || r->sink.error || out_error(&r->out))
            return IAM_AGAIN;
        if (r->list.enough)
            return IAM_OK;
        if (rc == IAM_AGAIN || turns % 64 == 0) {
            uint32_t now = now_ms(r);
            progress_tick(&r->progress, &r->client, &r->out, now);
            if (r->settings->deadline_ms && now - r->began_ms >= r->settings->deadline_ms &&
                r->args->command == COMMAND_ENTITIES) /* three operations share it */
                return IAM_ERR_TIMEOUT_OPERATION;
        }
    }
}

/* ---- the end ---- */

/* Formats that show the list only: what is around it must not get lost. */
static void note_more(const struct run *r)
{
    struct say s;
    if (r->settings->output != OUT_JSONL && r->settings->output != OUT_CSV)
        return;
    say_begin(&s, "tinyiam: ");
    if (out_more(&r->out, iam_client_report(&r->client), &s))
        say_end(&s);
}

/* A report that is not COMPLETED has no list: 0 only where its status has been printed, and no more was
 * asked for than one look at it, which is what the AWS CLI does. Else the exit code, the reason said. */
static int no_list(const struct run *r)
{
    const struct iam_report *p = iam_client_report(&r->client);
    bool shown = r->settings->output == OUT_JSON || r->settings->output == OUT_TEXT;
    bool one_look = r->args->command != COMMAND_ENTITIES && scope(r->args) == IAM_SCOPE_PAGE;
    if (!r->out.def->op->of_job || p->status == IAM_JOB_COMPLETED || (shown && one_look))
        return 0;
    return p->status == IAM_JOB_FAILED ? errors_job_failed(p) : errors_job_status(p);
}

static int temporary_failed(const struct run *r)
{
    return say_error(CODE_OTHER, "The temporary file failed: %s (TMPDIR names the folder for it)",
                     strerror(out_error(&r->out)));
}

static int finish(struct run *r)
{
    out_end(&r->out, iam_client_report(&r->client));
    if (out_error(&r->out))
        return temporary_failed(r);
    sink_flush(&r->sink);
    if (iam_client_report(&r->client)->status == IAM_JOB_COMPLETED)
        save(r, PHASE_DONE);
    if (r->failed)
        return r->failed;
    if (!sink_close(&r->sink))
        return errors_output(r->sink.error);
    int code = no_list(r);
    if (code == 0)
        note_more(r);
    return code;
}

/* The report of entities outlives a run that did not end well. */
static void note_job(const struct run *r)
{
    if (r->job_id[0])
        say_note("The report stays: tinyiam get-service-last-accessed-details-with-entities --all "
                 "--job-id %s --service-namespace %s",
                 r->job_id, r->args->text[OPT_SERVICE_NAMESPACE]);
}

static int interrupted(struct run *r)
{
    show(r, 0);
    progress_hide(&r->progress);
    note_job(r);
    return 128 + (int)stopped_by;
}

static int conclude(struct run *r, int rc)
{
    if (stopped_by)
        return interrupted(r);
    if (r->failed)
        return r->failed;
    if (out_error(&r->out))
        return temporary_failed(r);
    if (r->sink.error)
        return errors_output(r->sink.error);
    if (rc == IAM_OK || rc == IAM_ERR_JOB_FAILED) {
        int code = finish(r);
        return r->sink.error == EINTR ? interrupted(r) : code;
    }
    out_pause(&r->out);
    show(r, 0); /* the document stays open */
    if (r->keys.code)
        return r->keys.code; /* said already */
    struct iam_fault fault = *iam_client_fault(&r->client);
    if (rc == IAM_ERR_TIMEOUT_OPERATION) {
        fault.error = rc;
        fault.layer = IAM_LAYER_STREAM;
    }
    int code = fault.error < 0
                   ? explain(r, &fault)
                   : say_error(CODE_OTHER, "%s (%s)", iam_result_text(rc), iam_result_name(rc));
    note_job(r);
    return code;
}

/* Most memory that was resident, in KiB; 0: not known. getrusage() would count what called exec, too. */
static unsigned long peak_memory(void)
{
    char line[128];
    unsigned long kib = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = strtoul(line + 6, NULL, 10);
    if (f)
        fclose(f);
    return kib;
}

static void put_stats(struct run *r)
{
    const struct iam_stats *s = iam_client_stats(&r->client);
    const struct iam_stream *t = r->net.stream;
    unsigned long long pages = r->out.pages ? r->out.pages : 1;
    const struct {
        const char *name;
        unsigned long long value;
    } rows[] = {
        {"pages", r->out.pages},
        {r->out.reply->many, r->out.items},
        {"polls", s->polls},
        {"requests", s->requests},
        {"retries", s->retries},
        {"connections", s->connections},
        {"handshakes", t->handshakes},
        {"resumed_handshakes", t->resumed},
        {"clock_corrections", s->clock_corrections},
        {"bytes_in", s->bytes_in},
        {"bytes_out", s->bytes_out},
        {"body_bytes", s->body_bytes},
        {"page_bytes_in", s->bytes_in / pages},
        {"page_bytes_out", s->bytes_out / pages},
        /* TCP one, TLS 1.2 two, or one where it resumes; the reply to a request one */
        {"round_trips", s->connections + t->handshakes * 2ull - t->resumed + s->requests},
        {"output_bytes", r->sink.taken - r->sink.n},
        {"tx_peak", s->tx_peak},
        {"rx_peak", s->rx_peak},
        {"item_peak", s->item_peak},
        {"milliseconds", now_ms(r) - r->began_ms},
        {"peak_memory_kib", peak_memory()},
    };
    char line[1024];
    size_t n = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        n += (size_t)snprintf(line + n, sizeof line - n, "%s\"%s\": %llu", i ? ", " : "{",
                              rows[i].name, rows[i].value);
    /* TLS takes its memory from the heap here, not from an arena */
    n += (size_t)snprintf(line + n, sizeof line - n, ", \"tls_arena_peak\": null}\n");
    progress_hide(&r->progress);
    if (write(STDERR_FILENO, line, n) < 0)
        return; /* nobody listens */
}

/* ---- all of it ---- */

/* Only the session that generated a report may read it. Where its keys have ended before anything was
 * printed, the new ones generate another. */
static bool begin_again(struct run *r, int rc)
{
    if (rc != IAM_ERR_SESSION || r->out.items > 0 || r->again)
        return false;
    r->again = true;
    say_note("The session has ended while the report was awaited: generating it once more");
    r->job_id[0] = '\0';
    return true;
}

/* 36 letters, digits and hyphens: it is suggested in a command, so nothing else is taken. */
static bool take_job_id(struct run *r, struct iam_span id)
{
    if (id.n != sizeof r->job_id - 1)
        return false;
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
              c == '-'))
            return false;
    }
    memcpy(r->job_id, id.p, id.n);
    r->job_id[id.n] = '\0';
    return true;
}

/* entities: the report; its services, of which the namespace has to be one (these requests wait for the
 * report, too); then its pages. All on the same connection. */
static int generate_first(struct run *r)
{
    int rc = work(r, ignore_item);
    if (rc != IAM_OK)
        return rc;
    if (!take_job_id(r, iam_client_report(&r->client)->job_id)) {
        r->failed = say_error(CODE_OTHER, "The service gave no JobId for the report");
        return IAM_AGAIN;
    }
    wanted_begin(&r->wanted, r->args->text[OPT_SERVICE_NAMESPACE]);
    rc = start_operation(r, &iam_op_services, r->job_id, IAM_SCOPE_ALL);
    if (rc == IAM_OK)
        rc = work(r, look_at_service);
    if (rc != IAM_OK)
        return rc;
    if (!r->wanted.found) {
        r->failed = wanted_missing(&r->wanted, r->job_id);
        return IAM_AGAIN;
    }
    rc = start_operation(r, &iam_op_entities, r->job_id, IAM_SCOPE_ALL);
    return rc < 0 ? rc : work(r, print_item);
}

static int generate_and_list(struct run *r)
{
    int rc = generate_first(r);
    if (begin_again(r, rc) && (rc = start(r)) == IAM_OK)
        rc = generate_first(r);
    return rc;
}

/* A session of an earlier run may have been revoked. What begins with a report of its own begins anew. */
static bool renewed(struct run *r, int rc)
{
    bool generates = r->args->command == COMMAND_GENERATE || r->args->command == COMMAND_ENTITIES;
    if (rc >= 0 || !generates || r->out.items > 0 || r->checkpoint.phase == PHASE_LIST ||
        !keys_renew(&r->keys, iam_client_fault(&r->client)))
        return false;
    r->job_id[0] = '\0';
    return true;
}

static int to_the_end(struct run *r)
{
    int rc = start(r);
    if (rc == IAM_OK)
        rc = r->args->command == COMMAND_ENTITIES ? generate_and_list(r)
                                                  : work(r, r->list.on ? print_listed : print_item);
    return rc;
}

static int run_client(struct run *r)
{
    int rc = to_the_end(r);
    if (renewed(r, rc))
        rc = to_the_end(r);
    if (rc == IAM_ERR_CHECKPOINT)
        return say_error(
            CODE_OTHER,
            "The checkpoint %s is damaged, or of another version: remove it to begin again",
            r->checkpoint.path);
    return conclude(r, rc);
}

/* Where the list begins: --starting-token. 0, or an exit code. */
static int begin_list(struct run *r)
{
    const char *token = r->args->text[OPT_STARTING_TOKEN];
    struct list *l = &r->list;
    l->on = command_defs[r->args->command].kind == ON_LIST && !args_one_page(r->args);
    if (!token)
        return 0;
    if (!token_decode(token, &l->page))
        return say_error(CODE_USAGE, "Bad starting token: it is too long");
    memcpy(l->first, l->page.marker, sizeof l->first);
    l->skip = l->page.shown;
    l->page.shown = 0;
    return 0;
}

static int prepare(struct run *r, struct settings *s)
{
    const struct args *a = r->args;
    struct net_way way = {.plain = r->settings->iam.given && r->settings->iam.url.plain,
                          .trace = args_has(a, OPT_DEBUG)};
    const struct keys_room room = {tx, rx, sizeof tx, sizeof rx};
    int rc = begin_list(r);
    net_base_init(&r->base, r->settings);
    if (rc == 0)
        rc = keys_region(s, a, &r->base, stopped);
    if (rc == 0)
        rc = settings_need_region(s);
    if (rc == 0)
        rc = find_endpoint(r);
    if (rc == 0)
        rc = keys_open(&r->keys, r->settings, a, &r->base, &room, stopped);
    way.authority = r->context.authority;
    if (rc == 0)
        rc = net_open(&r->net, &r->base, r->settings, &way);
    if (rc == 0)
        rc = open_client(r);
    if (rc)
        return rc;
    r->context.keys_from = keys_from(&r->keys);
    if (args_has(a, OPT_DEBUG))
        trace_settings(r);
    sink_open(&r->sink, STDOUT_FILENO);
    r->sink.before = progress_hide;
    r->sink.before_arg = &r->progress;
    r->sink.stop = stopped;
    out_begin(&r->out, a, r->settings, &r->sink);
    r->began_ms = now_ms(r);
    progress_begin(&r->progress, !args_has(a, OPT_NO_PROGRESS) && !args_has(a, OPT_DEBUG),
                   r->sink.terminal, r->out.reply->many, r->began_ms);
    say_hook(progress_hide, &r->progress);
    watch_signals();
    return checkpoint_open(&r->checkpoint, a, r->settings->output, &r->sink, &r->out);
}

int run_command(const struct args *a, struct settings *s)
{
    struct run *r = &run;
    r->args = a;
    r->settings = s;
    r->context = (struct error_context){.action = r->action, .settings = s, .net = &r->net};
    name(r, command_defs[a->command].op);
    int code = prepare(r, s);
    if (code == 0) {
        if (r->checkpoint.phase == PHASE_DONE)
            say_note("The checkpoint %s says that all of it has been written: nothing to do",
                     r->checkpoint.path);
        else
            code = run_client(r);
        if (args_has(a, OPT_STATS))
            put_stats(r);
    }
    progress_hide(&r->progress);
    iam_client_end(&r->client);
    net_close(&r->net);
    keys_close(&r->keys);
    out_free(&r->out);
    checkpoint_close(&r->checkpoint);
    explicit_bzero(rx, sizeof rx); /* a server may have said a token back */
    explicit_bzero(item_buffer, sizeof item_buffer);
    explicit_bzero(r, sizeof *r);
    return code;
}
