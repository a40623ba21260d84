/* The command audit: many ARNs, from their list to the last line. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "audit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/audit_checkpoint.h"
#include "audit/jobs.h"
#include "audit/namespaces.h"
#include "audit_options.h"
#include "calls/stats.h"
#include "calls/waiting.h"
#include "out/out.h"
#include "out/progress.h"
#include "text/stop.h"
#include "text/temporary.h"
#include "text/terminal.h"
#include "text/words.h"

#define TICK_MS 100
#define SAVE_EVERY_MS 250 /* the output is a regular file: it can be cut back */

struct audit {
    const struct args *args;
    struct settings *settings;
    struct audit_options options;
    struct caller caller;
    struct sink sink;
    struct progress progress;
    struct waiting *waiting; /* of each line */
    struct input input;
    struct audit_checkpoint checkpoint;
    struct audit_out out;
    struct turns turns;
    struct jobs jobs;
    struct namespaces namespaces;
    uint64_t shown; /* ARNs that were printed when the output was flushed last */
    uint32_t saved_ms;
    char account[13];
    int failed; /* exit code of something that is not a client's; 0: nothing */
};

static struct audit audit; /* too large for the stack */

/* ---- set-up ---- */

/* "37/200 ARNs, 8 open, 812 requests, 4.8/s, 3 throttled, about 2 min left" */
static int describe_work(const struct audit *a, uint32_t gone, char *line, size_t size)
{
    const struct caller *c = &a->caller;
    unsigned long requests = 0, throttled = c->pace.throttled;
    uint64_t done = a->turns.first, all = a->input.n, begun = done - a->checkpoint.first;
    for (unsigned i = 0; i < c->count; i++)
        if (c->lines[i].open)
            requests += iam_client_stats(&c->lines[i].client)->requests;
    if (!a->turns.ring)
        return snprintf(line, size, "%llu ARNs listed, %lu requests", (unsigned long long)all,
                        requests);
    unsigned long tenths = gone ? (unsigned long)(requests * 10000ull / gone) : 0;
    int n = snprintf(line, size, "%llu/%llu ARNs, %u open, %lu requests, %lu.%lu/s",
                     (unsigned long long)done, (unsigned long long)all, a->jobs.open, requests,
                     tenths / 10, tenths % 10);
    if (throttled && n < (int)size)
        n += snprintf(line + n, size - (size_t)n, ", %lu throttled", throttled);
    if (begun && n < (int)size) {
        uint64_t left = (all - done) * (gone / 1000) / begun;
        n += left < 120 ? snprintf(line + n, size - (size_t)n, ", about %llu s left",
                                   (unsigned long long)left)
                        : snprintf(line + n, size - (size_t)n, ", about %llu min left",
                                   (unsigned long long)(left + 30) / 60);
    }
    return n;
}

/* With what the line that has waited longest waits for. */
static int describe(void *of, uint32_t gone, char *line, size_t size)
{
    struct audit *a = of;
    struct caller *c = &a->caller;
    uint32_t now = caller_now_ms(c), longest = 0;
    unsigned best = c->count;
    for (unsigned i = 0; i < c->count; i++) {
        const struct waiting *w = &a->waiting[i];
        if (w->kind == WAIT_REPORT || w->kind == WAIT_RATE || !waiting_long(w, now) ||
            waiting_ms(w, now) < longest)
            continue;
        longest = waiting_ms(w, now);
        best = i;
    }
    int n = describe_work(a, gone, line, size);
    if (best == c->count || n < 0 || n + 2 >= (int)size)
        return n;
    memcpy(line + n, "; ", 3);
    return n + 2 +
           waiting_text(&a->waiting[best], c, &c->lines[best].client, now, line + n + 2,
                        size - (size_t)n - 2);
}

static void tick(void *of)
{
    struct audit *a = of;
    uint32_t now = caller_now_ms(&a->caller);
    for (unsigned i = 0; i < a->caller.count; i++)
        if (a->caller.lines[i].open)
            waiting_look(&a->waiting[i], &a->caller.lines[i].client, a->progress.began_ms, now);
    progress_tick(&a->progress, &a->sink, now);
}

static int open_lines(struct audit *a)
{
    const struct audit_options *o = &a->options;
    unsigned count = o->connections;
    struct line *lines = calloc(count, sizeof *lines);
    a->waiting = calloc(count, sizeof *a->waiting);
    if (!lines || !a->waiting)
        say_no_memory();
    int rc = caller_open(&a->caller, a->args, a->settings, lines, count);
    caller_set_pace(&a->caller, IAM_PACE_AUDIT, o->max_rate);
    for (unsigned i = 0; i < count && rc == 0; i++)
        rc = caller_open_line(&a->caller, &lines[i]);
    return rc;
}

static void open_output(struct audit *a)
{
    const struct audit_options *o = &a->options;
    sink_open(&a->sink, STDOUT_FILENO);
    a->sink.before = progress_hide;
    a->sink.before_arg = &a->progress;
    a->sink.stop = stop_asked;
    out_pager(a->args, a->settings, &a->sink);
    a->out = (struct audit_out){
        .ops = o->format,
        .sink = &a->sink,
        .options = {.rows = o->ask.rows,
                    .unused_for_s = o->ask.unused_for_s,
                    .csv_safe = args_has(a->args, OPT_CSV_SAFE),
                    .header = a->input.shard == 0,
                    .color = out_color(a->args, &a->sink),
                    .width = out_width(&a->sink)},
    };
}

/* The ARNs that are given, and after them those of the account. 0, or an exit code. */
static int read_input(struct audit *a)
{
    const char *value;
    int at = 0, rc = 0;
    if (args_has(a->args, OPT_SHARD))
        rc = input_shard(&a->input, a->args->text[OPT_SHARD]);
    while (rc == 0 && (value = args_each(a->args, OPT_ARN, &at)) != NULL)
        rc = input_add_flag(&a->input, value);
    return rc ? rc : input_check(&a->input);
}

static int read_account(struct audit *a)
{
    struct account *account = &a->options.account;
    account->tick = tick;
    account->tick_arg = a;
    if (!a->options.whole_account)
        return 0;
    return audit_checkpoint_list(&a->checkpoint, account, &a->caller, &a->input);
}

/* Has an earlier run come to its end? */
static bool is_done(const struct audit *a)
{
    return a->checkpoint.found && a->checkpoint.file.phase == PHASE_DONE;
}

static int prepare(struct audit *a)
{
    int rc = audit_options(&a->options, a->args, a->settings);
    if (rc == 0)
        rc = read_input(a);
    open_output(a);
    if (rc == 0)
        rc = audit_checkpoint_open(&a->checkpoint, a->args, a->settings->output, &a->sink);
    if (rc == 0 && is_done(a) && !a->options.whole_account)
        rc = audit_checkpoint_begin(&a->checkpoint, &a->input, &a->sink);
    if (rc || is_done(a))
        return rc;
    say_patience(progress_wanted(a->args));
    rc = open_lines(a);
    progress_begin(&a->progress, progress_wanted(a->args), a->sink.terminal, describe, a,
                   a->caller.began_ms);
    say_hook(progress_hide, &a->progress);
    if (rc)
        return rc;
    stop_watch();
    rc = read_account(a);
    return rc ? rc : audit_checkpoint_begin(&a->checkpoint, &a->input, &a->sink);
}

/* ---- at work ---- */

static void save(struct audit *a, enum checkpoint_phase phase)
{
    if (a->failed || !a->checkpoint.file.path)
        return;
    a->failed = audit_checkpoint_save(&a->checkpoint, phase, &a->turns, &a->namespaces, &a->sink);
    a->saved_ms = caller_now_ms(&a->caller);
    a->shown = a->turns.first;
}

/* What is printed goes out, with the place that lies behind it. */
static void show(struct audit *a, bool now)
{
    bool due = now || !a->sink.regular || caller_now_ms(&a->caller) - a->saved_ms >= SAVE_EVERY_MS;
    if (a->checkpoint.file.path && due && a->turns.first != a->shown)
        save(a, PHASE_LIST);
    else if (!a->checkpoint.file.path || a->sink.regular)
        sink_flush(&a->sink);
}

/* errno of a temporary file that failed; 0: none has. */
static int temporary_error(const struct audit *a)
{
    return a->turns.hold.error ? a->turns.hold.error : a->out.error;
}

/* May it go on? */
static bool goes_on(struct audit *a)
{
    return !stop_asked() && !a->failed && !a->sink.error && !temporary_error(a) && !a->input.error;
}

/* The rows that wait for others, so that columns fit them all. */
static void pause_output(struct audit *a)
{
    if (a->turns.begun && a->out.ops->pause)
        a->out.ops->pause(&a->out);
}

static int work(struct audit *a)
{
    uint64_t turns = 0;
    int r = IAM_AGAIN;
    while (r == IAM_AGAIN && goes_on(a)) {
        uint64_t printed = a->turns.first;
        r = jobs_turn(&a->jobs, TICK_MS);
        if (a->turns.first != printed && (a->sink.terminal || !a->sink.regular))
            show(a, false);
        if (++turns % 64 && !a->jobs.waited)
            continue;
        show(a, false);
        (void)sink_is_read(&a->sink);
        keys_keep(&a->caller.keys);
        tick(a);
        if (caller_late(&a->caller))
            r = IAM_ERR_TIMEOUT_OPERATION;
    }
    keys_keep(&a->caller.keys);
    return r;
}

/* ---- the end ---- */

/* A word of a command that can be pasted. */
static void say_word(struct say *s, const char *word)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "-_./:=@,+%";
    if (*word && word[strspn(word, plain)] == '\0')
        say_string(s, word);
    else
        say_quoted(s, iam_span_of(word));
}

/* The command that goes on where this one stopped. */
static void note_rest(struct audit *a)
{
    char name[1024];
    ssize_t n = a->sink.regular ? readlink("/proc/self/fd/1", name, sizeof name - 1) : -1;
    struct say s;
    if (!a->turns.ring)
        return;
    say_begin(&s, "tinyiam: ");
    say_add(&s, "%llu of %llu ARNs are printed. ", (unsigned long long)a->turns.first,
            (unsigned long long)a->input.n);
    if (!a->checkpoint.file.path) {
        say_add(&s, "With --checkpoint FILE (jsonl, csv) the next run would go on there");
        say_end(&s);
        return;
    }
    say_add(&s, "To go on%s: tinyiam", a->input.used_stdin ? ", with the same standard input" : "");
    for (int i = 1; i < a->args->argc; i++) {
        say_add(&s, " ");
        say_word(&s, a->args->argv[i]);
    }
    if (a->sink.regular) {
        name[n > 0 ? n : 0] = '\0';
        say_add(&s, " >> ");
        say_word(&s, n > 0 ? name : "FILE");
    }
    say_end(&s);
}

/* Before what is wrong is said; where a checkpoint follows the output it has its own rules. */
static void show_rest(struct audit *a)
{
    if (a->checkpoint.file.path)
        return;
    pause_output(a);
    sink_leave(&a->sink);
}

static int interrupted(struct audit *a)
{
    show_rest(a);
    show(a, true);
    progress_hide(&a->progress);
    note_rest(a);
    return stop_code();
}

/* The exit code of an audit that is done. odd: namespaces asked for that no report knows: whoever is to fail on what is
 * unused is not to pass on a slip of the finger. */
static int verdict(const struct audit *a, const struct audit_totals *t, uint64_t found, size_t odd)
{
    if (t->gone + t->failed || (odd && a->options.fail_on_unused))
        return CODE_UNKNOWN;
    return a->options.fail_on_unused && found ? CODE_UNUSED : CODE_DONE;
}

/* Everything has been read: the sums, for people. */
static int finish(struct audit *a)
{
    const struct audit_totals *t = &a->turns.totals;
    struct say s;
    turns_begin_output(&a->turns);
    a->out.ops->end(&a->out, t);
    if (a->out.error)
        return temporary_failed(temporary_error(a));
    sink_leave(&a->sink);
    save(a, PHASE_DONE);
    if (a->failed)
        return a->failed;
    if (!sink_close(&a->sink) && !sink_was_left(&a->sink))
        return a->sink.error == EINTR ? interrupted(a) : errors_output(a->sink.error);
    audit_checkpoint_done(&a->checkpoint);
    size_t odd = namespaces_say(&a->namespaces);
    if (t->never)
        say_note("%s", AUDIT_NEVER);
    say_begin(&s, "");
    audit_last_line(&s, t, &a->out.options);
    say_end(&s);
    return verdict(a, t, a->turns.found, odd);
}

static int conclude(struct audit *a, int r)
{
    int code;
    if (stop_asked())
        return interrupted(a);
    if (r != IAM_OK)
        show_rest(a);
    if (a->failed)
        code = a->failed;
    else if (temporary_error(a))
        code = temporary_failed(temporary_error(a));
    else if (a->input.error)
        code = input_check(&a->input);
    else if (a->sink.error)
        code = sink_was_left(&a->sink) ? CODE_INTERRUPT : errors_output(a->sink.error);
    else if (r == IAM_OK)
        return finish(a);
    else
        code = jobs_explain(&a->jobs, r);
    show(a, true); /* a document stays open */
    if (a->sink.error != EPIPE || sink_was_left(&a->sink))
        note_rest(a);
    return code;
}

/* The account's number, where all of it is audited: as its own ARNs have it. */
static const char *account_of(struct audit *a)
{
    struct input_entry entry;
    for (uint64_t i = 0; a->options.whole_account && i < a->input.n; i++) {
        if (!input_get(&a->input, i, &entry))
            return NULL;
        const char *p = entry.arn.p, *end = p + entry.arn.n;
        for (int field = 0; field < 4 && p < end; p++)
            field += *p == ':';
        if (end - p > 12 && p[12] == ':') {
            memcpy(a->account, p, 12);
            return a->account;
        }
    }
    return NULL;
}

static int run(struct audit *a)
{
    const struct audit_options *o = &a->options;
    if (a->checkpoint.found)
        a->out.options.header &= a->checkpoint.first == 0;
    a->out.options.account = account_of(a);
    namespaces_begin(&a->namespaces, o->namespaces, o->ask.namespace_count);
    turns_begin(&a->turns, &a->input, &a->out, a->checkpoint.first);
    audit_checkpoint_restore(&a->checkpoint, &a->turns, &a->namespaces);
    a->shown = a->turns.first;
    jobs_begin(&a->jobs, &a->caller, &a->turns, &o->ask, o->open_jobs);
    a->jobs.namespaces = &a->namespaces;
    int code = conclude(a, work(a));
    sink_end(&a->sink);
    if (args_has(a->args, OPT_STATS)) {
        const struct stats_row rows[] = {{"pages", a->jobs.pages},
                                         {"rows", a->turns.totals.rows},
                                         {"arns", a->turns.totals.arns},
                                         {"throttled", a->caller.pace.throttled}};
        stats_put(&a->caller, rows, sizeof rows / sizeof *rows, &a->sink);
    }
    return code;
}

int audit_command(const struct args *args, struct settings *settings)
{
    struct audit *a = &audit;
    a->args = args;
    a->settings = settings;
    int code = prepare(a);
    if (code == 0 && is_done(a)) {
        say_note("The checkpoint %s says that all of it has been written: nothing to do",
                 a->checkpoint.file.path);
        code = verdict(a, &a->checkpoint.totals, a->checkpoint.rows_found,
                       a->namespaces.n && !a->checkpoint.totals.services);
    } else if (code == 0) {
        char *command = words_join(args->argc, args->argv);
        a->out.options.command = command;
        code = run(a);
        free(command);
    }
    progress_hide(&a->progress);
    jobs_end(&a->jobs);
    turns_end(&a->turns);
    namespaces_end(&a->namespaces);
    if (a->out.ops && a->out.ops->free)
        a->out.ops->free(&a->out);
    caller_close(&a->caller);
    free(a->caller.lines);
    free(a->waiting);
    input_end(&a->input);
    audit_checkpoint_close(&a->checkpoint);
    explicit_bzero(a, sizeof *a);
    return code;
}
