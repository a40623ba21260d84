/* Reports of an audit over several clients on one thread. */
#include "jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "denied.h"
#include "text/say.h"
#include "text/words.h"

/* IAM takes no signature that is older than this, or as much ahead of its clock. */
#define SIGNED_WITHIN_MS (INT64_C(15) * 60 * 1000)
/* How often before it is given up: an ARN that is begun anew; keys that are refused, with nothing read in between, once
 * for each line more; ARNs that are all denied; ARNs in a row whose replies do not come. */
enum { AGAIN_MOST = 16, REFUSED_MOST = 3, DENIED_MOST = 8, LOST_MOST = 8 };

void jobs_begin(struct jobs *j, struct caller *caller, struct turns *turns, const struct ask *ask,
                unsigned open_most)
{
    memset(j, 0, sizeof *j);
    j->caller = caller;
    j->turns = turns;
    j->ask = ask;
    j->open_most = open_most;
    j->next = turns->first;
    j->lines = 1;
    j->jobs = calloc(open_most, sizeof *j->jobs);
    if (!j->jobs)
        say_no_memory();
}

static struct iam_client *client_of(const struct jobs *j, unsigned line)
{
    return &j->caller->lines[line].client;
}

/* ---- the ends of a job ---- */

static void leave(struct jobs *j, struct job *job)
{
    for (unsigned i = 0; i < j->caller->count; i++)
        if (j->on[i] == job)
            j->on[i] = NULL;
}

/* Printed is nothing before it is known whether all of them are denied. */
static void judge_denied(struct jobs *j)
{
    bool open = j->denied > 0 && j->read == 0 && j->denied < DENIED_MOST;
    j->turns->wait = open && (j->open > 0 || j->next < j->turns->input->n);
}

static void finish(struct jobs *j, struct job *job)
{
    leave(j, job);
    job->state = JOB_FREE;
    j->open--;
    judge_denied(j);
    struct turn turn = job->report.turn;
    job->report.turn = (struct turn){0};
    report_drop(&job->report);
    turns_give(j->turns, job->number, &turn);
    if (!j->turns->wait)
        turns_print(j->turns);
}

static void unknown(struct jobs *j, struct job *job, struct iam_span code, struct iam_span message)
{
    report_unknown(&job->report, code, message);
    finish(j, job);
}

/* The name of our own error, and what it says; of which member, parameter or buffer. */
static void unknown_to_us(struct jobs *j, struct job *job, const struct iam_client *client, int r)
{
    struct iam_span what = iam_client_fault(client)->what;
    char text[400];
    int n = snprintf(text, sizeof text, "%s%s%.*s", iam_result_text(r), what.n ? ": " : "",
                     what.n < 200 ? (int)what.n : 200, what.n ? what.p : "");
    unknown(j, job, iam_span_of(iam_result_name(r)), (struct iam_span){text, (size_t)n});
}

/* Replies that contradict themselves: nothing of what they say is printed. */
static void untrue(struct jobs *j, struct job *job)
{
    unknown(j, job, IAM_SPAN("Contradiction"), iam_span_of(job->report.wrong));
}

static void whole(struct jobs *j, struct job *job)
{
    struct turn *turn = &job->report.turn;
    if (!job->report.wrong && !names_add(&j->ids, (struct iam_span){job->id, sizeof job->id}))
        job->report.wrong = "its report has the JobId of another ARN's";
    if (job->report.wrong) {
        untrue(j, job);
        return;
    }
    j->read++;
    j->lost = j->refused = 0;
    turn->arn.young = audit_is_young(j->now_us, &job->create_date, j->ask->unused_for_s);
    if (turn->arn.young && !j->ask->marks) { /* as if it had never been asked for */
        report_drop(&job->report);
        turn->arn.young = true;
    }
    finish(j, job);
}

/* ---- the beginnings ---- */

static struct iam_audit_request request(const struct jobs *j, const struct job *job)
{
    return (struct iam_audit_request){.arn = {job->arn, job->arn_n},
                                      .what = j->ask->rows == AUDIT_ENTITIES  ? IAM_AUDIT_ENTITIES
                                              : j->ask->rows == AUDIT_ACTIONS ? IAM_AUDIT_ACTIONS
                                                                              : IAM_AUDIT_SERVICES,
                                      .namespaces = j->ask->namespaces,
                                      .namespace_count = j->ask->namespace_count,
                                      .every_service = true}; /* for what may have been meant */
}

static int start(struct jobs *j, struct job *job, unsigned line)
{
    const struct iam_audit_request q = request(j, job);
    int r;
    j->on[line] = job;
    job->state = JOB_RUNS;
    if (job->resumes)
        r = iam_audit_resume(client_of(j, line), &q, &job->place[job->at]);
    else
        r = iam_audit_start(client_of(j, line), &q);
    return r;
}

/* From the beginning, when a line is free. */
static void begin_anew(struct jobs *j, struct job *job)
{
    leave(j, job);
    report_drop(&job->report);
    job->state = JOB_READY;
    job->resumes = job->granting = false;
    job->again++;
}

/* What needs no request: text that is no ARN; one that is younger than the threshold, whose rows would be left out. */
static bool is_known(struct jobs *j, struct job *job, const struct input_entry *entry)
{
    if (!entry->type.p) {
        unknown(j, job, IAM_SPAN(INPUT_BAD_CODE), IAM_SPAN(INPUT_BAD_MESSAGE));
        return true;
    }
    if (!j->now_us || !audit_is_young(j->now_us, &entry->create_date, j->ask->unused_for_s))
        return false;
    if (j->ask->marks)
        return false;
    job->report.turn.arn.young = true;
    finish(j, job);
    return true;
}

static struct job *free_job(struct jobs *j)
{
    for (unsigned i = 0; i < j->open_most; i++)
        if (j->jobs[i].state == JOB_FREE)
            return &j->jobs[i];
    return NULL;
}

/* The next ARN that something has to be asked about; NULL: there is none now, or the input cannot be read. */
static struct job *next_job(struct jobs *j)
{
    struct input *input = j->turns->input;
    struct input_entry entry;
    struct job *job;
    while (j->next < input->n && j->open < j->open_most && turns_have_room(j->turns, j->next) &&
           (job = free_job(j)) != NULL) {
        if (!input_get(input, j->next, &entry))
            return NULL;
        memset(job, 0, sizeof *job);
        job->number = j->next++;
        job->arn_n = entry.arn.n < sizeof job->arn ? entry.arn.n : sizeof job->arn;
        memcpy(job->arn, entry.arn.p, job->arn_n);
        job->is_policy = span_is(entry.type, "POLICY");
        job->create_date = entry.create_date;
        report_begin(&job->report, j->ask, &j->turns->hold);
        job->state = JOB_READY;
        j->open++;
        if (!is_known(j, job, &entry))
            return job;
    }
    return NULL;
}

/* What a free line does next: a job to be begun anew, the one whose look is due longest, then an ARN more. */
static struct job *due_job(struct jobs *j, uint32_t now)
{
    struct job *best = NULL;
    for (unsigned i = 0; i < j->open_most; i++) {
        struct job *job = &j->jobs[i];
        if (job->state == JOB_READY)
            return job;
        if (job->state == JOB_ASIDE && (int32_t)(now - job->due_ms) >= 0 &&
            (!best || (int32_t)(best->due_ms - job->due_ms) > 0))
            best = job;
    }
    return best ? best : next_job(j);
}

/* One line fetches keys and opens a connection first. Each that has had a reply has a TLS session for one more: two,
 * four, eight follow, and only the first one shakes hands in full. */
static void open_more(struct jobs *j)
{
    unsigned lines = j->lines;
    for (unsigned i = 0; i < lines; i++)
        if (iam_client_stats(client_of(j, i))->bytes_in == 0)
            return;
    for (unsigned i = 0; i < lines && j->lines < j->caller->count; i++) {
        net_share_session(&j->caller->lines[i].net);
        j->lines++;
    }
}

static bool is_idle(const struct jobs *j)
{
    for (unsigned i = 0; i < j->lines; i++)
        if (!j->on[i])
            return true;
    return false;
}

/* Gives every free line something to do. */
static void fill(struct jobs *j)
{
    if (j->lines < j->caller->count)
        open_more(j);
    if (!is_idle(j))
        return;
    for (unsigned i = 0; i < j->lines; i++) {
        struct job *job = j->on[i] ? NULL : due_job(j, caller_now_ms(j->caller));
        int r = job ? start(j, job, i) : IAM_OK;
        if (r == IAM_ERR_CHECKPOINT)
            begin_anew(j, job);
        else if (r < 0)
            unknown_to_us(j, job, client_of(j, i), r);
    }
}

/* ---- items ---- */

/* A report that is not ready leaves its line to others. */
static bool set_aside(struct jobs *j)
{
    bool any = false;
    for (unsigned i = 0; i < j->caller->count; i++) {
        struct job *job = j->on[i];
        uint32_t ms;
        if (!job || job->granting || !iam_audit_waits(client_of(j, i), &ms) ||
            iam_audit_checkpoint(client_of(j, i), &job->place[job->at ^ 1]) < 0)
            continue;
        job->at ^= 1;
        job->resumes = true;
        job->due_ms = caller_now_ms(j->caller) + ms;
        job->state = JOB_ASIDE;
        j->on[i] = NULL;
        any = true;
    }
    return any;
}

/* The service's clock, by the reply at hand. The first one is the page's, for those who print one. */
static void note_clock(struct jobs *j, struct job *job, const struct iam_client *client)
{
    int64_t skew = iam_client_skew_ms(client);
    if (skew > SIGNED_WITHIN_MS || skew < -SIGNED_WITHIN_MS) {
        /* neither a threshold nor a young ARN may be judged by it */
        job->report.wrong = "the Date of a reply is far from the time for which IAM took its "
                            "request; is a cache in between, or the clock here wrong?";
        return;
    }
    j->now_us = iam_client_unix_ms(client) * 1000;
    if (!j->turns->out->options.now_us)
        j->turns->out->options.now_us = j->now_us;
}

/* A list that is empty is there, and empty: one that is missing says nothing. */
static void check_list(struct job *job, const struct iam_client *client)
{
    if (!(iam_client_report(client)->present & 1u << IAM_MEMBER_LIST))
        job->report.wrong = "a reply has no list";
}

static void take_item(struct jobs *j, struct job *job, unsigned line)
{
    const struct iam_client *client = client_of(j, line);
    const struct iam_item *item = iam_client_item(client);
    note_clock(j, job, client);
    if (item->kind == IAM_ITEM_PAGE_END) {
        j->pages++;
        check_list(job, client);
    }
    if (item->kind == IAM_ITEM_SERVICE)
        namespaces_look(j->namespaces, &item->u.service);
    if (job->granting)
        grants_item(j->grants[line], item);
    else
        report_item(&job->report, item, iam_audit_namespace(client), j->now_us);
}

/* Services that are not used: which policies grant them? Where there is nothing (more) to ask the ARN is whole. */
static int ask_grants(struct jobs *j, struct job *job, unsigned line)
{
    int r = grants_ask(j->grants[line], &j->caller->lines[line],
                       (struct iam_span){job->arn, job->arn_n});
    if (r == IAM_ITEM)
        whole(j, job);
    return r == IAM_ITEM ? IAM_OK : r;
}

static int begin_grants(struct jobs *j, struct job *job, unsigned line)
{
    if (!j->grants[line] && (j->grants[line] = calloc(1, sizeof *j->grants[line])) == NULL)
        say_no_memory();
    if (job->is_policy || !grants_begin(j->grants[line], &job->report)) {
        whole(j, job);
        return IAM_OK;
    }
    job->granting = true;
    return ask_grants(j, job, line);
}

/* An operation has come to its end. */
static int ended(struct jobs *j, struct job *job, unsigned line)
{
    note_clock(j, job, client_of(j, line));
    check_list(job, client_of(j, line));
    if (job->granting)
        grants_answered(j->grants[line]);
    else
        memcpy(job->id, iam_audit_job(client_of(j, line)).p, sizeof job->id);
    if (job->report.wrong) {
        untrue(j, job);
        return IAM_OK;
    }
    if (job->granting)
        return ask_grants(j, job, line);
    if (j->ask->rows == AUDIT_GRANTS)
        return begin_grants(j, job, line);
    whole(j, job);
    return IAM_OK;
}

/* ---- what goes wrong ---- */

static bool is_code(const struct iam_fault *f, const char *code)
{
    return span_is(f->code, code);
}

/* Does it concern whoever asks, whatever is asked about? */
static bool is_for_all(const struct iam_fault *f)
{
    switch (f->error) {
    case IAM_ERR_CREDENTIALS:
    case IAM_ERR_CRYPTO:
    case IAM_ERR_REGION:
    case IAM_ERR_CLOCK:
    case IAM_ERR_RESOLVE:
    case IAM_ERR_CONNECT:
    case IAM_ERR_TIMEOUT_CONNECT:
    case IAM_ERR_TIMEOUT_OPERATION:
    case IAM_ERR_PROXY:
        return true;
    case IAM_ERR_SERVICE:
        return f->status == 403 && !is_code(f, "AccessDenied") &&
               !is_code(f, "AccessDeniedException");
    default:
        return f->layer == IAM_LAYER_TLS;
    }
}

/* The row of an ARN that could not be read. */
static void give_up(struct jobs *j, struct job *job, const struct iam_client *client, int r)
{
    const struct iam_fault *f = iam_client_fault(client);
    const struct iam_report *report = iam_client_report(client);
    if (r == IAM_ERR_JOB_FAILED)
        unknown(j, job, report->error_code.n ? report->error_code : IAM_SPAN("FAILED"),
                report->error_message);
    else if (r == IAM_ERR_SERVICE)
        unknown(j, job, f->code, f->message);
    else
        unknown_to_us(j, job, client, r);
}

/* Keys that have ended in the middle: what was open is begun anew with those that follow, if any do. */
static bool goes_on_with_other_keys(struct jobs *j, const struct job *job,
                                    const struct iam_fault *f, int r)
{
    bool refused = r == IAM_ERR_SERVICE && iam_keys_code(f->code);
    if (job->again >= AGAIN_MOST)
        return false;
    if (!refused)
        return r == IAM_ERR_SESSION || r == IAM_ERR_CHECKPOINT;
    (void)keys_renew(&j->caller->keys, f);
    return j->caller->keys.code == 0 && ++j->refused <= REFUSED_MOST + j->lines;
}

static int failed(struct jobs *j, struct job *job, unsigned line, int r)
{
    const struct iam_client *client = client_of(j, line);
    const struct iam_fault *f = iam_client_fault(client);
    bool generating = iam_audit_job(client).n == 0 && !job->granting;
    j->line = line;
    if (job->granting)
        grants_drop(j->grants[line]);
    if (goes_on_with_other_keys(j, job, f, r)) {
        begin_anew(j, job);
        return IAM_OK;
    }
    if (is_for_all(f) || (r == IAM_ERR_SERVICE && iam_keys_code(f->code)))
        return r;
    j->lost = f->layer == IAM_LAYER_STREAM ? j->lost + 1 : 0;
    if (j->lost >= LOST_MOST)
        return r;
    if (r == IAM_ERR_SERVICE && f->status == 403) {
        denied_note(&j->told, &j->caller->lines[line]);
        j->denied += generating;
        if (j->denied >= DENIED_MOST && j->read == 0)
            return r;
    }
    give_up(j, job, client, r);
    return IAM_OK;
}

/* ---- a turn ---- */

/* Until something comes, or is due. */
static void wait(struct jobs *j, uint32_t ms)
{
    struct iam_stream *streams[NET_CONNECTIONS_MAX];
    struct iam_system *s = &j->caller->base.posix.system;
    uint32_t now = caller_now_ms(j->caller);
    size_t n = 0;
    for (unsigned i = 0; i < j->caller->count; i++) {
        uint32_t idle = j->on[i] ? iam_idle_ms(client_of(j, i)) : UINT32_MAX;
        struct iam_stream *stream = j->on[i] ? iam_client_stream(client_of(j, i)) : NULL;
        ms = idle < ms ? idle : ms;
        if (stream)
            streams[n++] = stream;
    }
    for (unsigned i = 0; i < j->open_most && is_idle(j); i++)
        if (j->jobs[i].state == JOB_ASIDE) {
            int32_t left = (int32_t)(j->jobs[i].due_ms - now);
            ms = left <= 0 ? 0 : (uint32_t)left < ms ? (uint32_t)left : ms;
        }
    j->waited = true;
    if (ms > 0)
        s->ops->idle(s, streams, n, ms);
}

int jobs_turn(struct jobs *j, uint32_t ms)
{
    struct iam_client *clients[NET_CONNECTIONS_MAX];
    unsigned n = j->caller->count;
    int r;
    j->waited = false;
    fill(j);
    if (j->open == 0 && j->next == j->turns->input->n)
        return IAM_OK;
    for (unsigned i = 0; i < n; i++)
        clients[i] = j->on[i] ? client_of(j, i) : NULL;
    r = iam_run_any(clients, n, &j->which, 0);
    unsigned line = (unsigned)j->which;
    if (line >= n) { /* all are set aside */
        j->which = 0;
        wait(j, ms);
        return IAM_AGAIN;
    }
    if (r == IAM_AGAIN) {
        if (!set_aside(j))
            wait(j, ms);
        return IAM_AGAIN;
    }
    if (r == IAM_ITEM) {
        take_item(j, j->on[line], line);
        return IAM_AGAIN;
    }
    struct job *job = j->on[line];
    r = r == IAM_OK ? ended(j, job, line) : failed(j, job, line, r);
    if (r < 0 && job->granting && j->on[line] == job)
        r = failed(j, job, line, r);
    return r < 0 ? r : IAM_AGAIN;
}

int jobs_explain(struct jobs *j, int error)
{
    struct line *line = &j->caller->lines[j->line];
    struct iam_fault fault = *iam_client_fault(&line->client);
    if (j->caller->keys.code)
        return j->caller->keys.code; /* said already */
    if (error == IAM_ERR_TIMEOUT_OPERATION) {
        fault.error = error;
        fault.layer = IAM_LAYER_STREAM;
    }
    return caller_explain(j->caller, line, &fault);
}

void jobs_end(struct jobs *j)
{
    for (unsigned i = 0; j->jobs && i < j->open_most; i++)
        if (j->jobs[i].state != JOB_FREE)
            report_drop(&j->jobs[i].report);
    for (unsigned i = 0; i < NET_CONNECTIONS_MAX; i++) {
        if (j->grants[i])
            grants_drop(j->grants[i]);
        free(j->grants[i]);
    }
    names_end(&j->ids);
    free(j->jobs);
    memset(j, 0, sizeof *j);
}
