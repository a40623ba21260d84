/* The client at work: one loop over network and client, asleep between events. */
#include "app.h"
#include "audit.h"
#include "clock.h"
#include "console.h"
#include "jsonl.h"
#include "net.h"
#include "startup.h"

#include <mbedtls/platform.h>
#include <string.h>

#define GROW_MAX 8192u /* no item of the service's model needs more */

/* What survives a reset of the CPU: where the list was. Two places in turn, as the one that was resumed
 * from is read until the list ends. */
#define KEPT_MAGIC 0x4B454550u
static STARTUP_KEEP struct {
    uint32_t magic;
    uint32_t latest;
    struct iam_checkpoint checkpoint[2];
} kept;

/* ---- requests ---- */

/* An operation with the parameters that were given. */
static int start_operation(const struct iam_operation *op, enum iam_scope scope)
{
    union iam_request request;
    options_request(&app.options, op, &request);
    if (op->scope != 0)
        memcpy((char *)&request + op->scope, &scope, sizeof scope);
    return iam_start(&app.client, op, &request);
}

static int start(void)
{
    const struct options *o = &app.options;
    enum iam_scope scope = o->all ? IAM_SCOPE_ALL : o->wait ? IAM_SCOPE_PAGE_WAIT : IAM_SCOPE_PAGE;
    const struct command_row *command = options_command(o->command);
    if (kept.magic == KEPT_MAGIC && kept.latest < 2) {
        kept.magic = 0;
        return iam_resume(&app.client, &kept.checkpoint[kept.latest]);
    }
    if (OPTIONS_AUDIT && o->command == COMMAND_AUDIT)
        return audit_start();
    return start_operation(command->first != NULL ? command->first : command->op, scope);
}

int work_open(const struct iam_config *config)
{
    app.began_ms = clock_ms();
    int r = iam_client_init(&app.client, config);
    if (r == IAM_OK)
        r = start();
    return r == IAM_OK ? EXIT_DONE : tell_result(r);
}

/* ---- items ---- */

static bool keep_place(void)
{
    uint32_t next = (kept.latest & 1) ^ 1;
    if (iam_client_checkpoint(&app.client, &kept.checkpoint[next]) != IAM_OK)
        return false;
    kept.latest = next;
    return true;
}

/* For the proof that nothing is lost and nothing comes twice. */
static void reset_when_due(void)
{
    uint32_t after = app.options.reset_after;
    if (after != 0 && app.items % after == 0 && keep_place()) {
        kept.magic = KEPT_MAGIC;
        startup_restart();
    }
}

/* entities looks for its namespace among the report's services. */
static bool looking(void)
{
    return app.options.command == COMMAND_ENTITIES &&
           iam_client_operation(&app.client) == &iam_op_services;
}

/* 0, or an exit code after saying why. */
static int take_item(const struct iam_item *item)
{
    if (OPTIONS_AUDIT && app.options.command == COMMAND_AUDIT)
        return audit_item(item);
    if (looking()) {
        struct iam_span wanted = iam_span_of(app.options.service_namespace);
        struct iam_span found = item->u.service.namespace_;
        app.found |= item->kind == IAM_ITEM_SERVICE && found.n == wanted.n &&
                     memcmp(found.p, wanted.p, wanted.n) == 0;
        return 0;
    }
    if (jsonl_item(item)) {
        app.items++;
        reset_when_due();
    }
    return 0;
}

static void trace_request(uint32_t number)
{
    static uint32_t told;
    if (app.options.debug && number != told && console_begin(CONSOLE_TRACE)) {
        told = number;
        console_text(&console_err, "request ");
        console_number(&console_err, number);
        console_text(&console_err, " after ms ");
        console_number(&console_err, clock_ms() - app.began_ms);
        console_text(&console_err, ", handshakes ");
        console_number(&console_err, app.tls.stream.handshakes);
        console_text(&console_err, ", items ");
        console_number(&console_err, app.items);
        console_end();
    }
}

static bool is_late(void)
{
    uint32_t deadline = app.options.deadline_ms;
    return deadline != 0 && clock_ms() - app.began_ms >= deadline;
}

/* To the end of one operation. */
static int run_operation(void)
{
    for (;;) {
        bool still;
        int r = app_turn(&still);
        trace_request(iam_client_stats(&app.client)->requests);
        if (r == IAM_ITEM) {
            int code = take_item(iam_client_item(&app.client));
            if (code != 0)
                return code;
            if (console_out.error)
                return IAM_ERR_IO;
        } else if (r != IAM_AGAIN) {
            return r;
        } else if (is_late()) {
            return IAM_ERR_TIMEOUT_OPERATION; /* entities: two operations share it */
        } else if (still) {
            net_wait(iam_idle_ms(&app.client));
        }
    }
}

/* An item that does not fit: once more from this place, with room in the TLS arena, which holds less now than
 * in a handshake. false: there is none, or that was not it; or it is an audit, whose room is what it was. */
static bool grow(void)
{
    const struct iam_fault *fault = iam_client_fault(&app.client);
    size_t need = fault->need;
    struct iam_config config;
    if (OPTIONS_AUDIT && app.options.command == COMMAND_AUDIT)
        return false;
    if (need <= sizeof app.item || need > GROW_MAX || app.large_item != NULL || !keep_place())
        return false;
    app.large_item_size = (need + need / 2 + 7) & ~(size_t)7; /* the next one may be longer still */
    app.large_item = mbedtls_calloc(1, app.large_item_size);
    if (app.large_item == NULL || settings_apply(&config) != EXIT_DONE)
        return false;
    iam_client_end(&app.client);
    return iam_client_init(&app.client, &config) == IAM_OK &&
           iam_resume(&app.client, &kept.checkpoint[kept.latest]) == IAM_OK;
}

static int run_list(void)
{
    int r = run_operation();
    while (r == IAM_ERR_SPACE && grow())
        r = run_operation();
    return r;
}

/* entities, with the report that it has generated: its services first, whose requests wait for it as well,
 * and then the list of one that is among them. */
static int list_report(void)
{
    app.options.job_id = app.job_id;
    int r = start_operation(&iam_op_services, IAM_SCOPE_ALL);
    if (r == IAM_OK)
        r = run_list();
    if (r != IAM_OK)
        return r;
    if (!app.found)
        return console_fail(EXIT_USAGE, "not in the report: ", app.options.service_namespace);
    r = start_operation(&iam_op_entities, IAM_SCOPE_ALL);
    return r == IAM_OK ? run_list() : r;
}

int work_run(void)
{
    const struct options *o = &app.options;
    int r = run_list();
    if (OPTIONS_AUDIT && o->command == COMMAND_AUDIT && r < 0 && audit_unknown(r)) {
        (void)tell_result(r);
        return EXIT_UNKNOWN;
    }
    if (r != IAM_OK || iam_client_operation(&app.client) != &iam_op_generate)
        return r;
    struct iam_span id = iam_client_report(&app.client)->job_id;
    if (o->command == COMMAND_GENERATE) {
        jsonl_job_id(id);
        return r;
    }
    if (id.n != sizeof app.job_id - 1)
        return IAM_ERR_FOREIGN; /* no report was named */
    memcpy(app.job_id, id.p, sizeof app.job_id - 1);
    return list_report();
}
