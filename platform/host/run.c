/* The commands that call one operation: from the arguments to the exit code. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <tinyiam/tinyiam.h>

#include "calls/caller.h"
#include "calls/stats.h"
#include "calls/waiting.h"
#include "out/checkpoint_file.h"
#include "out/out.h"
#include "out/progress.h"
#include "text/say.h"
#include "text/sink.h"
#include "text/stop.h"
#include "text/temporary.h"
#include "text/token.h"
#include "text/wanted.h"

#define TICK_MS 100        /* pause after which what is there is shown */
#define KEEP_BYTES 49152   /* into a pipe with a checkpoint: write, and save, from here on */
#define SAVE_EVERY_MS 1000 /* on pauses within a page, where the output is a regular file */

/* A list of the account, as the AWS CLI's paginator has it. */
struct list {
    bool on;
    bool cut;          /* --max-items have been printed, and there are more */
    bool enough;       /* no more is to be read */
    uint64_t before;   /* items that earlier runs with the same checkpoint have printed */
    struct token page; /* the page at hand, and how many of its items have been looked at */
    char first[TOKEN_MARKER_SIZE]; /* the Marker of --starting-token */
    unsigned long skip;            /* items of its page that have been shown before */
    char next[TOKEN_SIZE];         /* NextToken */
};

struct run {
    const struct args *args;
    struct settings *settings;
    struct caller caller;
    struct line line;
    struct iam_client *client; /* the line's */
    struct sink sink;
    struct out out;
    struct progress progress;
    struct waiting waiting;
    struct checkpoint checkpoint;
    struct iam_checkpoint resumed; /* where this run began, which the client borrows */
    struct list list;
    struct wanted wanted; /* entities: the namespace, looked for in the report */
    char job_id[37];      /* entities: the report that was generated */
    uint32_t saved_ms;
    bool first_shown;
    bool again; /* entities: the report had to be generated twice */
    int failed; /* exit code of something that is not the client's; 0: nothing */
};

static struct run run; /* too large for the stack */

/* ---- set-up ---- */

static uint32_t now_ms(const struct run *r)
{
    return caller_now_ms(&r->caller);
}

static enum iam_scope scope(const struct args *a)
{
    bool all = command_defs[a->command].kind == ON_LIST ? !args_one_page(a) : args_has(a, OPT_ALL);
    return all ? IAM_SCOPE_ALL : args_has(a, OPT_WAIT) ? IAM_SCOPE_PAGE_WAIT : IAM_SCOPE_PAGE;
}

/* As many as a page takes, unless told otherwise: one page of its own is as the AWS CLI has it, and so are
 * the pages of a list that shows them: in NextToken where it is cut short, in the columns of text. */
static uint16_t page_size(const struct run *r, const struct iam_operation *op,
                          enum iam_scope how_much)
{
    bool shown = r->list.on && (args_has(r->args, OPT_MAX_ITEMS) || r->out.ops->pages);
    return how_much == IAM_SCOPE_PAGE || shown ? 0 : param_of(op, "MaxItems")->max;
}

/* An operation with the parameters that were given. job_id: NULL: it is among them. from: the place to go on
 * at, or NULL. */
static int start_operation(struct run *r, const struct iam_operation *op, const char *job_id,
                           enum iam_scope how_much, const struct iam_checkpoint *from)
{
    union iam_request q;
    char *at = (char *)&q;
    uint16_t items;
    args_request(r->args, op, &q);
    if (job_id) {
        struct iam_span id = iam_span_of(job_id);
        memcpy(at + op->params[0].offset, &id, sizeof id);
    }
    if (op->scope) {
        memcpy(at + op->scope, &how_much, sizeof how_much);
        memcpy(&items, at + op->max_items, sizeof items);
        items = items ? items : page_size(r, op, how_much);
        memcpy(at + op->max_items, &items, sizeof items);
    }
    if (r->list.first[0]) {
        struct iam_span marker = iam_span_of(r->list.first);
        memcpy(at + op->marker, &marker, sizeof marker);
    }
    return from ? iam_resume_list(r->client, op, &q, from) : iam_start(r->client, op, &q);
}

/* Where the run before has left off, of which its checkpoint knows. */
static void resume_list(struct run *r)
{
    const struct checkpoint_list *kept = &r->checkpoint.list;
    struct list *l = &r->list;
    memcpy(l->page.marker, kept->marker, sizeof l->page.marker);
    l->page.shown = (unsigned long)kept->shown;
    l->skip = (unsigned long)kept->skip;
    l->before = kept->items;
}

static int start(struct run *r)
{
    const struct command_def *def = &command_defs[r->args->command];
    if (r->checkpoint.phase != PHASE_LIST)
        return start_operation(r, def->op, NULL, scope(r->args), NULL);
    if (!r->list.on)
        return iam_resume(r->client, &r->resumed);
    resume_list(r);
    return start_operation(r, def->op, NULL, scope(r->args), &r->resumed);
}

/* ---- at work ---- */

static void save(struct run *r, enum checkpoint_phase phase)
{
    struct checkpoint_list *list = &r->checkpoint.list;
    if (r->failed || !r->checkpoint.path)
        return;
    list->items = r->list.before + r->out.items;
    list->shown = r->list.page.shown;
    list->skip = r->list.skip;
    memcpy(list->marker, r->list.page.marker, sizeof list->marker);
    int rc = phase == PHASE_LIST ? iam_client_checkpoint(r->client, &r->checkpoint.place) : IAM_OK;
    out_save(&r->out, &r->checkpoint.state);
    r->failed =
        rc < 0 ? say_error(CODE_OTHER, "The checkpoint could not be made: %s", iam_result_text(rc))
               : checkpoint_save(&r->checkpoint, phase, &r->sink);
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
    bool whole = reply->item && kind == (reply->item->sub ? IAM_ITEM_END : reply->item->kind);
    bool first = whole && !r->first_shown && r->sink.n;
    r->checkpoint.moved = true;
    r->first_shown |= first;
    if (first || (kind == IAM_ITEM_PAGE_END && r->checkpoint.path) ||
        (whole && r->checkpoint.path && !r->sink.regular && r->sink.n >= KEEP_BYTES))
        show(r, 0);
}

static void on_pause(struct run *r)
{
    /* rows that wait for others, so that columns fit them all, go on waiting: on a terminal, where the progress is seen
     * and a name is not to be cut for a column that could have gone, and in a file with a checkpoint, which is to
     * hold the same bytes, however often a run was killed before */
    if (!r->sink.terminal && (!r->checkpoint.path || !r->sink.regular))
        out_pause(&r->out);
    show(r, SAVE_EVERY_MS);
}

static void print_item(struct run *r)
{
    const struct iam_item *item = iam_client_item(r->client);
    enum iam_item_kind kind = item->kind;
    out_item(&r->out, item, iam_client_report(r->client));
    after_item(r, kind);
}

/* Enough has been printed; NextToken says where the rest begins. A format that shows the page itself needs its end. */
static void cut_short(struct run *r, bool between_pages)
{
    size_t n = token_encode(&r->list.page, between_pages, r->list.next);
    r->out.next_token = (struct iam_span){r->list.next, n};
    r->list.cut = true;
    r->list.enough = between_pages || r->out.how != OUT_EACH;
}

static bool is_limit(const struct run *r)
{
    return args_has(r->args, OPT_MAX_ITEMS) &&
           r->list.before + r->out.items >= (uint64_t)r->args->number[OPT_MAX_ITEMS];
}

/* An item of a list: unless it was shown before, or is one too many. */
static void print_listed(struct run *r)
{
    const struct iam_report *report = iam_client_report(r->client);
    enum iam_item_kind kind = iam_client_item(r->client)->kind;
    struct list *l = &r->list;
    if (kind == r->out.reply->item->kind) {
        if (l->page.shown < l->skip)
            l->page.shown++;
        else if (l->cut)
            return;
        else if (is_limit(r))
            cut_short(r, false);
        else
            l->page.shown++, print_item(r);
        return;
    }
    print_item(r);
    if (kind != IAM_ITEM_PAGE_END)
        return;
    l->enough = l->cut;
    if (l->cut)
        return;
    size_t n = report->marker.n < sizeof l->page.marker ? report->marker.n : 0;
    memset(&l->page, 0, sizeof l->page);
    if (n)
        memcpy(l->page.marker, report->marker.p, n);
    l->skip = 0;
    if (is_limit(r) && report->is_truncated)
        cut_short(r, true);
}

static void look_at_service(struct run *r)
{
    const struct iam_item *item = iam_client_item(r->client);
    if (item->kind == IAM_ITEM_SERVICE)
        wanted_look(&r->wanted, &item->u.service);
}

/* To the end of one operation: IAM_OK, an error of the client's, or IAM_AGAIN for one of ours (failed,
 * stop_asked(), the sink's). */
static int work(struct run *r, void (*on_item)(struct run *))
{
    for (uint32_t turns = 0;; turns++) {
        int rc = iam_run(r->client, TICK_MS);
        if (rc == IAM_ITEM) { /* whatever else happened: a place kept now lies behind this item */
            on_item(r);
        } else if (rc == IAM_AGAIN) {
            keys_keep(&r->caller.keys);
            on_pause(r);
        } else {
            keys_keep(&r->caller.keys);
            return rc;
        }
        if (stop_asked() || r->failed || r->sink.error || out_error(&r->out) ||
            (rc == IAM_AGAIN && !sink_is_read(&r->sink)))
            return IAM_AGAIN;
        if (r->list.enough)
            return IAM_OK;
        if (rc == IAM_AGAIN || turns % 64 == 0) {
            uint32_t now = now_ms(r);
            waiting_look(&r->waiting, r->client, r->progress.began_ms, now);
            progress_tick(&r->progress, &r->sink, now);
            if (r->args->command == COMMAND_ENTITIES &&
                caller_late(&r->caller)) /* three operations share it */
                return IAM_ERR_TIMEOUT_OPERATION;
        }
    }
}

/* ---- the end ---- */

/* Formats that show the list only: what is around it must not get lost. */
static void note_more(const struct run *r)
{
    struct say s;
    if (!r->out.ops->list_only && r->out.how != OUT_EACH)
        return;
    say_begin(&s, "tinyiam: ");
    if (out_more(&r->out, iam_client_report(r->client), &s))
        say_end(&s);
}

/* A report that is not COMPLETED has no list: 0 only where its status has been printed, and no more was
 * asked for than one look at it, which is what the AWS CLI does. Else the exit code, the reason said. */
static int no_list(const struct run *r)
{
    const struct iam_report *p = iam_client_report(r->client);
    bool shown = r->out.ops->status;
    bool one_look = r->args->command != COMMAND_ENTITIES && scope(r->args) == IAM_SCOPE_PAGE;
    if (!r->out.def->op->of_job || p->status == IAM_JOB_COMPLETED || (shown && one_look))
        return 0;
    return p->status == IAM_JOB_FAILED ? errors_job_failed(p) : errors_job_status(p);
}

/* Who ends his pager has seen enough, as with the AWS CLI. */
static int output_failed(const struct run *r)
{
    return sink_was_left(&r->sink) ? 0 : errors_output(r->sink.error);
}

static int finish(struct run *r)
{
    out_end(&r->out, iam_client_report(r->client));
    if (out_error(&r->out))
        return temporary_failed(out_error(&r->out));
    sink_leave(&r->sink);
    if (r->list.on || iam_client_report(r->client)->status == IAM_JOB_COMPLETED)
        save(r, PHASE_DONE);
    if (r->failed)
        return r->failed;
    if (!sink_close(&r->sink) && !sink_was_left(&r->sink))
        return output_failed(r);
    int code = no_list(r);
    if (code == 0)
        note_more(r);
    return code;
}

/* The report of entities outlives a run that did not end well. */
static void note_job(const struct run *r)
{
    if (r->job_id[0] && !say_is_for_programs())
        say_note("The report stays: tinyiam get-service-last-accessed-details-with-entities --all "
                 "--job-id %s --service-namespace %s",
                 r->job_id, r->args->text[OPT_SERVICE_NAMESPACE]);
}

/* Before what is wrong is said; into a pipe with a checkpoint goes only what that follows. */
static void leave(struct run *r)
{
    if (!r->checkpoint.path)
        sink_leave(&r->sink);
}

static int interrupted(struct run *r)
{
    if (!r->checkpoint.path)
        out_pause(&r->out);
    show(r, 0);
    leave(r);
    progress_hide(&r->progress);
    note_job(r);
    return stop_code();
}

static int conclude(struct run *r, int rc)
{
    if (stop_asked())
        return interrupted(r);
    if (r->failed)
        return r->failed;
    if (out_error(&r->out))
        return temporary_failed(out_error(&r->out));
    if (r->sink.error)
        return output_failed(r);
    if (rc == IAM_OK || rc == IAM_ERR_JOB_FAILED) {
        int code = finish(r);
        return r->sink.error == EINTR ? interrupted(r) : code;
    }
    out_pause(&r->out);
    show(r, 0); /* the document stays open */
    leave(r);
    if (r->caller.keys.code)
        return r->caller.keys.code; /* said already */
    struct iam_fault fault = *iam_client_fault(r->client);
    if (rc == IAM_ERR_TIMEOUT_OPERATION) {
        fault.error = rc;
        fault.layer = IAM_LAYER_STREAM;
    }
    int code = fault.error < 0
                   ? caller_explain(&r->caller, &r->line, &fault)
                   : say_error(CODE_OTHER, "%s (%s)", iam_result_text(rc), iam_result_name(rc));
    note_job(r);
    return code;
}

static void put_stats(struct run *r)
{
    const struct stats_row rows[] = {{"pages", r->out.pages}, {r->out.reply->many, r->out.items}};
    stats_put(&r->caller, rows, sizeof rows / sizeof *rows, &r->sink);
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
    return true;
}

/* 36 letters, digits and hyphens: it is suggested in a command, so nothing else is taken. */
static void take_job_id(struct run *r, struct iam_span id)
{
    r->job_id[0] = '\0';
    if (id.n != sizeof r->job_id - 1)
        return;
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
              c == '-'))
            return;
    }
    memcpy(r->job_id, id.p, id.n);
    r->job_id[id.n] = '\0';
}

/* entities: an audit of the one ARN, of whose services the namespace has to be one; then that one's entities, page by
 * page as their own list has them. All on the same connection. */
static int audit_first(struct run *r)
{
    const struct iam_audit_request q = {.arn = iam_span_of(r->args->text[OPT_ARN])};
    wanted_begin(&r->wanted, r->args->text[OPT_SERVICE_NAMESPACE]);
    int rc = iam_audit_start(r->client, &q);
    if (rc == IAM_OK)
        rc = work(r, look_at_service);
    take_job_id(r, iam_audit_job(r->client));
    if (rc != IAM_OK)
        return rc;
    if (!r->wanted.found) {
        r->failed = wanted_missing(&r->wanted, r->job_id);
        return IAM_AGAIN;
    }
    rc = start_operation(r, &iam_op_entities, r->job_id, IAM_SCOPE_ALL, NULL);
    return rc < 0 ? rc : work(r, print_item);
}

static int audit_and_list(struct run *r)
{
    int rc = audit_first(r);
    return begin_again(r, rc) ? audit_first(r) : rc;
}

/* A session of an earlier run may have been revoked. What begins with a report of its own begins anew. */
static bool renewed(struct run *r, int rc)
{
    bool generates = r->args->command == COMMAND_GENERATE || r->args->command == COMMAND_ENTITIES;
    if (rc >= 0 || !generates || r->out.items > 0 || r->checkpoint.phase == PHASE_LIST ||
        !keys_renew(&r->caller.keys, iam_client_fault(r->client)))
        return false;
    return true;
}

static int to_the_end(struct run *r)
{
    if (r->args->command == COMMAND_ENTITIES)
        return audit_and_list(r);
    int rc = start(r);
    return rc == IAM_OK ? work(r, r->list.on ? print_listed : print_item) : rc;
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
    int code = conclude(r, rc);
    sink_end(&r->sink);
    return code;
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

/* Goes on where an earlier run was, or makes the file. 0, or an exit code. */
static int open_checkpoint(struct run *r)
{
    enum option which[OPT_COUNT]; /* what the service is asked, and what is printed of it */
    const struct args *a = r->args;
    struct checkpoint *c = &r->checkpoint;
    bool found;
    size_t n = 0;
    for (int o = 0; o < OPT_COUNT; o++)
        if (option_defs[o].param || o == OPT_STARTING_TOKEN || o == OPT_CSV_SAFE)
            which[n++] = (enum option)o;
    uint64_t request = checkpoint_request(a, r->settings->output, which, n);
    int rc = checkpoint_open(c, a->text[OPT_CHECKPOINT], request, &r->sink, &found);
    if (rc || !c->path)
        return rc;
    if (!found) {
        save(r, PHASE_STARTED);
        return r->failed;
    }
    rc = checkpoint_take_back(c, &r->sink);
    r->resumed = c->place;
    out_load(&r->out, &c->state);
    return rc;
}

/* For the progress line. */
static int describe(void *of, uint32_t gone, char *line, size_t size)
{
    struct run *r = of;
    unsigned long pages = (unsigned long)r->out.pages, items = (unsigned long)r->out.items;
    uint32_t now = now_ms(r);
    if (items == 0)
        return waiting_text(&r->waiting, &r->caller, r->client, now, line, size);
    int n = snprintf(line, size, "%lu page%s, %lu %s, %lu/s, %lu s", pages, pages == 1 ? "" : "s",
                     items, items == 1 ? r->out.reply->one : r->out.reply->many,
                     (unsigned long)((uint64_t)items * 1000 / (gone ? gone : 1)),
                     (unsigned long)gone / 1000);
    if (n < 0 || n + 2 >= (int)size || !waiting_long(&r->waiting, now))
        return n;
    memcpy(line + n, ": ", 3);
    return n + 2 +
           waiting_text(&r->waiting, &r->caller, r->client, now, line + n + 2,
                        size - (size_t)n - 2);
}

static int prepare(struct run *r)
{
    const struct args *a = r->args;
    int rc = begin_list(r);
    say_patience(progress_wanted(a));
    if (rc == 0)
        rc = caller_open(&r->caller, a, r->settings, &r->line, 1);
    if (rc == 0)
        rc = caller_open_line(&r->caller, &r->line);
    if (rc)
        return rc;
    sink_open(&r->sink, STDOUT_FILENO);
    r->sink.before = progress_hide;
    r->sink.before_arg = &r->progress;
    r->sink.stop = stop_asked;
    out_pager(a, r->settings, &r->sink);
    out_begin(&r->out, a, r->settings, &r->sink);
    progress_begin(&r->progress, progress_wanted(a), r->sink.terminal, describe, r,
                   r->caller.began_ms);
    say_hook(progress_hide, &r->progress);
    stop_watch();
    return open_checkpoint(r);
}

int run_command(const struct args *a, struct settings *s)
{
    struct run *r = &run;
    r->args = a;
    r->settings = s;
    r->client = &r->line.client;
    int code = prepare(r);
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
    caller_close(&r->caller);
    out_free(&r->out);
    checkpoint_close(&r->checkpoint);
    explicit_bzero(r, sizeof *r);
    return code;
}
