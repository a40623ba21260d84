/* The client at work between sleeps, in place of work.c: the image tinyiam_wake. It wakes by a reset, goes on with its
 * list and its session of TLS, takes one page of --max-items entities, keeps place and session, and sleeps. With --all
 * it takes every page in one sitting. A product sets its RTC's alarm where this one resets itself, and has the memory
 * KEEP where standby leaves the power on, or in flash: 4 KB, in which the session is a secret. */
#include "app.h"
#include "clock.h"
#include "console.h"
#include "jsonl.h"
#include "net.h"
#include "startup.h"

#include <string.h>
#include <tinyiam/pace.h>

#define NAP_MS 3600000u /* who has nothing to do for an hour sleeps; retries come sooner */
#define FAILURES_MAX 3  /* wakes in a row without an answer */
#define RTC_STEP_MS \
    1000 /* an RTC of whole seconds, read right after the sleep, is behind by less */

#define KEPT_MAGIC 0x57414B45u
static STARTUP_KEEP struct {
    uint32_t magic;
    uint32_t wakes, failures;
    uint32_t latest; /* the place that is whole; the other one may have been cut short */
    int64_t unix_ms; /* when it went to sleep */
    struct iam_checkpoint place[2];
    size_t session_n; /* 0: there is none, and the next handshake is a full one */
    unsigned char session[2800];
} kept;

/* The budget of a wake as a pace: the first request is free, and the next one is due in days. So the client holds it
 * back where the page has come whole, and a checkpoint made then begins with the page after it. */
static struct iam_pace budget;
static uint64_t woken, asleep; /* in cycles: when it was, and for how long it has waited since */

/* From the place that was kept; where it is damaged, from the list's beginning. */
static int go_on(const struct options *o)
{
    union iam_request request;
    if (kept.magic != KEPT_MAGIC || kept.latest > 1 || kept.session_n > sizeof kept.session)
        memset(&kept, 0, sizeof kept); /* the power was off */
    kept.wakes++;
    if (kept.magic == KEPT_MAGIC) {
        int r = iam_resume(&app.client, &kept.place[kept.latest]);
        if (r != IAM_ERR_CHECKPOINT)
            return r;
        if (console_begin(CONSOLE_NOTE)) {
            console_text(&console_err, "the place in the list is lost, it begins anew");
            console_end();
        }
    }
    options_request(o, &iam_op_entities, &request);
    request.entities.scope = IAM_SCOPE_ALL;
    return iam_start(&app.client, &iam_op_entities, &request);
}

int work_open(const struct iam_config *config)
{
    const struct options *o = &app.options;
    const struct command_row *command = options_command(o->command);
    struct iam_config own = *config;

    woken = clock_cycles();
    app.began_ms = clock_ms();
    if (command->first != NULL || command->op != &iam_op_entities)
        return console_fail(EXIT_USAGE, "this image lists entities, not: ", command->name);
    iam_pace_init(&budget, IAM_PACE_AUDIT, 1);
    own.pace = o->all ? NULL : &budget;
    int r = iam_client_init(&app.client, &own);
    if (r == IAM_OK)
        r = go_on(o);
    return r == IAM_OK ? EXIT_DONE : tell_result(r);
}

/* IAM_OK: the list is complete; IAM_AGAIN: the budget is used up; or an error. */
static int read_page(void)
{
    for (;;) {
        bool still;
        int r = app_turn(&still);
        if (r == IAM_ITEM) {
            app.items += jsonl_item(iam_client_item(&app.client));
        } else if (r != IAM_AGAIN || iam_idle_ms(&app.client) >= NAP_MS) {
            return r;
        } else if (still) {
            uint64_t began = clock_cycles();
            net_wait(iam_idle_ms(&app.client));
            asleep += clock_cycles() - began;
        }
    }
}

static void put(const char *name, int64_t value)
{
    console_text(&console_err, name);
    console_number(&console_err, value);
}

static void tell_wake(void)
{
    const struct iam_stats *s = iam_client_stats(&app.client);
    uint64_t cycles = clock_cycles() - woken - asleep;
    put("{\"wake\":", kept.wakes);
    put(",\"entities\":", app.items);
    put(",\"requests\":", s->requests);
    put(",\"handshakes\":", app.tls.stream.handshakes);
    put(",\"resumed\":", app.tls.stream.resumed);
    put(",\"awake_us\":", (int64_t)(cycles / (BOARD_CPU_HZ / 1000000u)));
    put(",\"session_size\":", (int64_t)kept.session_n);
    console_text(&console_err, "}\n");
    console_flush(&console_err);
}

/* The place first: should the power fail now, a handshake in full is all that it costs. */
static bool keep_place(void)
{
    uint32_t next = kept.latest ^ 1;
    if (iam_client_checkpoint(&app.client, &kept.place[next]) != IAM_OK)
        return false;
    kept.latest = next;
    kept.magic = KEPT_MAGIC;
    return true;
}

static void keep_session(struct iam_span host, uint16_t port)
{
    kept.session_n = 0;
    if (iam_tls_session_save(&app.shared, host, port, kept.session, sizeof kept.session,
                             &kept.session_n) != IAM_OK)
        kept.session_n = 0; /* the server gives none, or it is larger */
}

/* It may be there again at the next wake: nothing of the list is lost. */
static bool is_passing(int result)
{
    return result < 0 && iam_client_fault(&app.client)->layer == IAM_LAYER_STREAM &&
           ++kept.failures < FAILURES_MAX;
}

/* No ticket is to be from the future. A clock that is further behind was set right meanwhile, or what was kept is
 * damaged: it stays as it is, or every wake after this one would live in a time that is wrong. */
static void catch_up(void)
{
    int64_t now = clock_unix_ms();
    if (now >= 0 && now < kept.unix_ms && now >= kept.unix_ms - RTC_STEP_MS)
        clock_set_unix_ms(kept.unix_ms);
}

int work_run(void)
{
    uint16_t port;
    struct iam_span host = iam_call_host(&app.client.call, &port);
    catch_up();
    if (kept.session_n != 0) /* one that is refused costs a full handshake, no more */
        (void)iam_tls_session_restore(&app.shared, host, port, kept.session, kept.session_n);
    int r = read_page();
    console_flush(&console_out);
    if (console_out.error) /* what nobody has got is not passed: the next list begins anew */
        r = IAM_ERR_IO;
    bool sleeps = !console_out.error && (r == IAM_AGAIN || is_passing(r)) && keep_place();
    app.tls.stream.ops->close(&app.tls.stream); /* now its session may be used again */
    if (r == IAM_AGAIN)
        kept.failures = 0;
    if (r == IAM_AGAIN || r == IAM_OK)
        keep_session(host, port);
    for (int i = 0; i < 3; i++) { /* the end of the connection goes out */
        net_poll();
        net_wait(1);
    }
    kept.unix_ms = clock_unix_ms();
    tell_wake();
    if (sleeps)
        startup_restart();
    kept.magic = 0; /* the next list begins with a request of its own, and the same session */
    return r == IAM_AGAIN ? IAM_ERR_STATE : r;
}
