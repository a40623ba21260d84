/* Clients with their connections, from the settings. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "caller.h"

#include <string.h>

#include "text/say.h"
#include "text/stop.h"

uint32_t caller_now_ms(const struct caller *c)
{
    struct iam_system *s = (struct iam_system *)&c->base.posix.system;
    return s->ops->mono_ms(s);
}

bool caller_late(const struct caller *c)
{
    uint32_t most = c->settings->deadline_ms;
    return most && caller_now_ms(c) - c->began_ms >= most;
}

/* Who is called. */
static int find_endpoint(struct caller *c)
{
    const struct settings *s = c->settings;
    c->authority = s->iam.url.authority;
    c->path = s->iam.url.path;
    if (s->iam.given)
        return 0;
    if (iam_endpoint_resolve(iam_span_of(s->region), s->endpoint_flags, &c->endpoint) < 0)
        return say_error(CODE_OTHER, "Provided region_name '%s' doesn't match a supported format.",
                         s->region);
    c->authority = iam_span_of(c->endpoint.host);
    return 0;
}

static bool is_plain(const struct caller *c)
{
    return c->settings->iam.given && c->settings->iam.url.plain;
}

const char *caller_action(struct line *line)
{
    const struct iam_operation *op = iam_client_operation(&line->client);
    struct iam_span text = op ? iam_operation_name(op) : (struct iam_span){"", 0};
    size_t n = text.n < sizeof line->action ? text.n : sizeof line->action - 1;
    memcpy(line->action, text.p, n);
    line->action[n] = '\0';
    return line->action;
}

int caller_explain(struct caller *c, struct line *line, const struct iam_fault *f)
{
    enum source_kind kind = c->keys.chain.source.kind;
    const struct error_context context = {
        .action = caller_action(line),
        .settings = c->settings,
        .authority = c->authority,
        .path = c->path,
        .plain = is_plain(c),
        .net = &line->net,
        .is_list = command_defs[c->args->command].kind == ON_LIST,
        .checkpoint = c->args->text[OPT_CHECKPOINT],
        .keys_from = keys_from(&c->keys),
        .fetched = (c->keys.chain.role_n || kind == SOURCE_WEB_IDENTITY || kind == SOURCE_IOT) &&
                   !keys_kept(&c->keys)};
    if (f->error == IAM_ERR_CREDENTIALS && f->native)
        return keys_fault(&c->keys);
    return errors_fault(&context, f);
}

static void trace_settings(const struct caller *c)
{
    const struct settings *s = c->settings;
    trace_say("tinyiam %s, command %s", IAM_VERSION, command_defs[c->args->command].name);
    trace_say("profile %s, region %s (%s), output %s", s->profile, s->region ? s->region : "none",
              s->region_from, s->output_from);
    trace_say("endpoint %.*s (%s)", (int)c->authority.n, c->authority.p,
              s->iam.given ? s->iam.from : "region");
    trace_say("credentials from %s", keys_from(&c->keys));
    for (size_t i = 0; i < c->keys.chain.role_n; i++)
        trace_say("assuming %s (profile %s)", c->keys.chain.roles[i].arn,
                  c->keys.chain.roles[i].profile);
    if (is_plain(c))
        trace_say("no certificates: plain http (loopback)");
    else
        trace_say("certificates of %s (%s)", s->ca_file, s->ca_from);
}

static void take_sessions(struct caller *c)
{
    const struct url *own = c->settings->iam.given ? &c->settings->iam.url : NULL;
    c->sessions.path = c->args->text[OPT_TLS_SESSIONS];
    c->sessions.host = own ? own->host : c->authority;
    c->sessions.port = own && own->port ? own->port : 443;
    sessions_take(&c->sessions, &c->net);
}

int caller_open(struct caller *c, const struct args *a, struct settings *s, struct line *lines,
                unsigned count)
{
    struct net_way way = {.trace = args_has(a, OPT_DEBUG), .connections = count};
    c->args = a;
    c->settings = s;
    c->lines = lines;
    c->count = count;
    way.plain = is_plain(c);
    way.keeps = args_has(a, OPT_TLS_SESSIONS);
    net_base_init(&c->base, s);
    if (s->adaptive)
        caller_set_pace(c, IAM_PACE_ADAPTIVE, 0);
    int rc = keys_region(s, a, &c->base, stop_asked);
    if (rc == 0)
        rc = settings_need_region(s);
    if (rc == 0)
        rc = find_endpoint(c);
    way.authority = c->authority;
    if (rc == 0)
        rc = keys_open(&c->keys, s, a, &c->base, stop_asked);
    if (rc == 0)
        rc = net_shared_open(&c->net, &c->base, &way);
    if (rc == 0 && way.trace)
        trace_settings(c);
    if (rc == 0)
        take_sessions(c);
    c->began_ms = caller_now_ms(c); /* whoever was asked for a code took his time */
    return rc;
}

static bool count_throttled(struct iam_exchange *e)
{
    struct caller_pace *p = (struct caller_pace *)e->cfg.pace;
    p->throttled += iam_throttled_code(e->fault.code);
    return p->law->tell(e);
}

void caller_set_pace(struct caller *c, enum iam_pace_law law, uint32_t max_rate)
{
    struct caller_pace *p = &c->pace;
    iam_pace_init(&p->pace, law, max_rate);
    p->law = p->pace.ops;
    p->ops = (struct iam_pace_ops){.hold = p->law->hold, .tell = count_throttled};
    p->pace.ops = &p->ops;
    if (args_has(c->args, OPT_DEBUG))
        (void)trace_pace(&p->pace);
    c->paced = true;
}

int caller_open_line(struct caller *c, struct line *line)
{
    const struct settings *s = c->settings;
    struct iam_config config = {.structure = true};
    int rc = net_open(&line->net, &c->net);
    if (rc)
        return rc;
    line->open = true;
    config.tx = line->tx;
    config.tx_size = sizeof line->tx;
    config.rx = line->rx;
    config.rx_size = sizeof line->rx;
    config.item = line->item;
    config.item_size = sizeof line->item;
    config.batch = line->batch;
    config.batch_size = sizeof line->batch;
    config.stream = line->net.stream;
    config.system = &c->base.posix.system;
    config.provider = c->keys.provider;
    config.pace = c->paced ? &c->pace.pace : NULL;
    config.region = iam_span_of(s->region);
    config.endpoint_flags = s->iam.given ? 0 : s->endpoint_flags; /* one's own is taken as it is */
    config.plain = is_plain(c);
    config.connect_ms = s->connect_ms;
    config.response_ms = s->read_ms;
    config.idle_ms = s->read_ms;
    config.job_ms = s->job_ms;
    config.deadline_ms = s->deadline_ms;
    config.max_attempts = s->max_attempts;
    config.retry_rules = s->retry_rules;
    config.user_agent = iam_span_of(s->user_agent);
    if (s->iam.given) {
        config.authority = s->iam.url.authority;
        config.path = s->iam.url.path;
    }
    if (s->read_ms > CONFIG_TINYIAM_EXCHANGE_MS)
        config.exchange_ms = s->read_ms; /* who is that patient means the whole reply, too */
    rc = iam_client_init(&line->client, &config);
    return rc < 0 ? caller_explain(c, line, iam_client_fault(&line->client)) : 0;
}

void caller_close(struct caller *c)
{
    for (unsigned i = 0; i < c->count; i++) {
        struct line *line = &c->lines[i];
        if (!line->open)
            continue;
        iam_client_end(&line->client);
        net_close(&line->net);
        explicit_bzero(line->rx, sizeof line->rx); /* a server may have said a token back */
        explicit_bzero(line->item, sizeof line->item);
        line->open = false;
    }
    sessions_keep(&c->sessions, &c->net);
    net_shared_close(&c->net);
    keys_close(&c->keys);
}
