/* What a run came to, for people: stderr. */
#include "app.h"
#include "clock.h"
#include "console.h"
#include "keys.h"
#include "net.h"
#include "startup.h"
#include "tls_platform.h"

static void put(const char *text)
{
    console_text(&console_err, text);
}

static void put_span(const char *label, struct iam_span text)
{
    if (text.n > 0) {
        put(label);
        console_safe(&console_err, text);
    }
}

static void put_number(const char *label, int64_t value)
{
    put(label);
    console_number(&console_err, value);
}

/* Between single quotes, into a shell. */
static bool can_be_pasted(struct iam_span text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < ' ' || text.p[i] > '~' || text.p[i] == '\'')
            return false;
    return text.n > 0;
}

/* What a page holds beside its list: the output shows the list only. */
static void note_report(const struct iam_report *p, int result)
{
    if (result != IAM_OK && console_begin(CONSOLE_ERROR)) {
        put_span("The report is ", p->status_text);
        put_span(": ", p->error_code);
        put_span(" ", p->error_message);
        put(", this is no list");
        console_end();
    } else if (result == IAM_OK && p->is_truncated && app.options.command != COMMAND_ENTITIES &&
               !app.options.all && console_begin(CONSOLE_NOTE)) {
        put("There are more: --all prints every page");
        if (can_be_pasted(p->marker)) {
            put_span(", or go on with --marker='", p->marker);
            put("'");
        }
        console_end();
    }
}

static int exit_code(int result)
{
    switch (result) {
    case IAM_OK:
        return EXIT_DONE;
    case IAM_ERR_SERVICE:
    case IAM_ERR_JOB_FAILED:
        return EXIT_SERVICE;
    case IAM_ERR_ARGUMENT:
        return EXIT_USAGE;
    case IAM_ERR_REGION:
        return EXIT_CONFIGURATION;
    case IAM_ERR_CREDENTIALS: /* half a pair is another mistake than none */
        return app.options.access_key_id != NULL && app.options.secret_access_key == NULL
                   ? EXIT_OTHER
                   : EXIT_CONFIGURATION;
    default:
        return EXIT_OTHER;
    }
}

static void explain(int result)
{
    const struct iam_fault *f = iam_client_fault(&app.client);
    if (result == IAM_ERR_CREDENTIALS && keys_fault() != NULL) {
        f = keys_fault();
        result = f->error;
    }
    if (!console_begin(CONSOLE_ERROR))
        return;
    if (result == IAM_ERR_SERVICE) {
        put_span("An error occurred (", f->code);
        put_span(") when calling the ", f == iam_client_fault(&app.client)
                                            ? iam_operation_name(iam_client_operation(&app.client))
                                            : IAM_SPAN("AssumeRoleWithCertificate"));
        put_span(" operation: ", f->message);
    } else {
        put(iam_result_text(result));
        put(" (");
        put(iam_result_name(result));
        put(")");
        put_span(": ", f->what);
        put_span(": ", f->message); /* where a redirection leads */
        put_span(": it begins with ", f->began);
    }
    if (f->native != 0)
        put_number(", native ", f->native);
    if (f->need != 0)
        put_number(", need ", (int64_t)f->need);
    put_span(", request id ", f->request_id);
    console_end();
}

int tell_result(int result)
{
    const struct iam_report *report = iam_client_report(&app.client);
    bool page = result == IAM_OK && iam_client_operation(&app.client) != &iam_op_generate;
    console_flush(&console_out);
    if (result > 0)
        return result;                               /* said already */
    if (page && report->status != IAM_JOB_COMPLETED) /* a page, of a report that has no list */
        result = report->status == IAM_JOB_FAILED ? IAM_ERR_JOB_FAILED : IAM_ERR_JOB_STATUS;
    if (page || result == IAM_ERR_JOB_FAILED)
        note_report(report, result);
    else if (result != IAM_OK)
        explain(result);
    return exit_code(result);
}

static void put_stat(const char *name, uint32_t value)
{
    put(",\"");
    put(name);
    put_number("\":", value);
}

/* One JSON line, as the host command's --stats, with what only a board has. */
void tell_stats(void)
{
    const struct iam_stats *s = iam_client_stats(&app.client);
    struct tls_usage tls;
    struct net_usage net;

    tls_platform_usage(&tls);
    net_usage(&net);
    put_number("{\"pages\":", s->pages);
    put_stat("entities", app.items);
    put_number(",\"bytes_in\":", (int64_t)s->bytes_in);
    put_number(",\"bytes_out\":", (int64_t)s->bytes_out);
    put_stat("requests", s->requests);
    put_stat("retries", s->retries);
    put_stat("connections", app.tls.stream.connects);
    put_stat("handshakes", app.tls.stream.handshakes);
    put_stat("resumed", app.tls.stream.resumed);
    put_stat("tx_peak", s->tx_peak);
    put_stat("rx_peak", s->rx_peak);
    put_stat("item_peak", s->item_peak);
    put_stat("item_size",
             (int64_t)(app.large_item != NULL ? app.large_item_size : sizeof app.item));
    put_stat("arena_size", (uint32_t)tls.size);
    put_stat("arena_peak", (uint32_t)tls.peak);
    put_stat("arena_used", (uint32_t)tls.used);
    put_stat("lwip_peak", net.peak);
    put_stat("lwip_used", net.used);
    put_stat("lwip_failed", net.failed);
    put_stat("stack_peak", (uint32_t)startup_stack_peak());
    put_stat("stack_size", (uint32_t)startup_stack_size());
    put_stat("keys_size", (uint32_t)keys_size());
    put_stat("client_size", sizeof app.client);
    put_stat("buffers_size", sizeof app.tx + sizeof app.rx + sizeof app.item);
    put_stat("turns", app.turns);
    put_stat("ms", clock_ms());
    put("}\n");
    console_flush(&console_err);
}

void tell_help(void)
{
    console_text(&console_out, "tinyiam " IAM_VERSION " on bare metal: [NAME=VALUE]... COMMAND "
                               "[FLAG...]\nThe host command's, with --output jsonl alone:\n");
    for (unsigned c = 1; c < OPTIONS_COMMANDS; c++) {
        console_text(&console_out, options_command((enum command)c)->name);
        console_text(&console_out, "\n");
    }
    console_flush(&console_out);
}
