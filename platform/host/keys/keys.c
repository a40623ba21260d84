#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "keys.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "net/errors.h"
#include "process.h"
#include "prompt.h"
#include "role_cache.h"
#include "text/say.h"

#define KEYS_SIZE 65536u /* document and keys of one step */
#define TOKEN_FILE_MAX 65536u
#define SLICE_MS 100
#define TX_SIZE 16384u
#define RX_SIZE 32768u

struct keys_step {
    struct iam_creds creds; /* in front */
    struct keys *keys;
    struct keys_step *next;      /* who is based on this one, or NULL */
    const char *action, *source; /* as in struct error_context */
    struct net_shared shared;
    struct net net;
    struct net_way way;
    bool has_net;
    struct process process;
    int process_code; /* exit code of the run that failed; 0: none did */
    const char *token_file;
    char *token; /* its content */
    size_t token_n;
    struct url url; /* where one is given as a URL */
    char authority[320], session_name[80], mfa[32];
    const struct role *role;        /* that it assumes, or NULL */
    struct role_cache cache;        /* no path: the AWS CLI would not keep these keys */
    struct role_cache_entry *entry; /* read, and not yet in use; or NULL */
    bool restored, kept;            /* in use are keys of the cache; the cache has those in use */
    char key_id[132];               /* of the keys that were saved, or were to be */
    char keys_room[KEYS_SIZE];
};

const char *keys_from(const struct keys *k)
{
    return k->chain.source.where ? k->chain.source.where : "none";
}

static int said(struct keys *k, int code)
{
    k->code = code;
    return IAM_ERR_CREDENTIALS;
}

static struct error_context context_of(const struct keys_step *);

/* ---- what is asked of us ---- */

/* Whoever runs the command once wants the helper run once, and hears once why it failed: one that counts
 * failures locks the account. Where keys are still good the command goes on with them to their end. */
static int process_failed(struct keys_step *step, const struct iam_creds *creds, int code)
{
    step->process_code = code;
    if (creds->state == IAM_CREDS_DUE)
        return IAM_ERR_CREDENTIALS;
    return said(step->keys, code);
}

/* How long one is waited for that we cannot hurry. */
static uint32_t patience(const struct keys *k)
{
    uint32_t deadline = k->settings->deadline_ms;
    return deadline && deadline < PROCESS_WAIT_MS ? deadline : PROCESS_WAIT_MS;
}

static int ask_process(void *context, struct iam_creds *creds)
{
    struct keys_step *step = context;
    struct keys *k = step->keys;
    if (step->process_code)
        return process_failed(step, creds, step->process_code);
    int rc = process_run(&step->process, k->chain.source.command, k->chain.source.where,
                         patience(k), k->stop);
    if (rc == 0) {
        rc = iam_creds_give_document(creds,
                                     (struct iam_span){step->process.out, step->process.out_n});
        if (args_has(k->args, OPT_DEBUG))
            trace_say("* credential_process printed %zu bytes", step->process.out_n);
        if (rc < 0) {
            struct error_context e = context_of(step);
            rc = process_failed(step, creds, errors_fault(&e, &creds->exchange.fault));
        }
    } else {
        rc = process_failed(step, creds, rc);
    }
    process_end(&step->process);
    return rc;
}

static void drop_token(struct keys_step *step)
{
    if (step->token)
        explicit_bzero(step->token, TOKEN_FILE_MAX);
    free(step->token);
    step->token = NULL;
}

static int token_failed(struct keys *k, const char *path, const char *why)
{
    return said(k, say_error(CODE_OTHER,
                             "Error when retrieving credentials from %s: the token file %s %s",
                             k->chain.source.method, path, why));
}

/* A pipe has what it holds when its writer pleases: bytes, 0 at the end, or -1 and errno. */
static ssize_t read_token(struct keys *k, int fd, char *room, size_t n)
{
    struct iam_system *system = &k->base->posix.system;
    uint32_t began = system->ops->mono_ms(system);
    for (;;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        ssize_t got = read(fd, room, n);
        if (got >= 0 || (errno != EAGAIN && errno != EINTR))
            return got;
        if (k->stop && k->stop()) {
            errno = EINTR;
            return -1;
        }
        if (system->ops->mono_ms(system) - began >= patience(k)) {
            errno = ETIMEDOUT;
            return -1;
        }
        (void)poll(&wait, 1, SLICE_MS);
    }
}

/* The whole file, as it is now: it changes while we run. */
static int ask_file(struct keys_step *step)
{
    struct keys *k = step->keys;
    const char *path = step->token_file;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), number;
    ssize_t got = 1;
    if (fd < 0)
        return token_failed(k, path, strerror(errno));
    drop_token(step);
    step->token = malloc(TOKEN_FILE_MAX);
    step->token_n = 0;
    if (!step->token)
        say_no_memory();
    while (got > 0 && step->token_n < TOKEN_FILE_MAX)
        if ((got = read_token(k, fd, step->token + step->token_n, TOKEN_FILE_MAX - step->token_n)) >
            0)
            step->token_n += (size_t)got;
    number = errno;
    close(fd);
    if (got < 0 && number == EINTR)
        return said(k, CODE_INTERRUPT);
    if (got < 0)
        return token_failed(k, path, strerror(number));
    if (step->token_n == 0)
        return token_failed(k, path, "is empty");
    if (step->token_n == TOKEN_FILE_MAX)
        return token_failed(k, path, "is too long");
    iam_creds_text(&step->creds, (struct iam_span){step->token, step->token_n});
    return IAM_OK;
}

static int ask_web_token(void *context, struct iam_creds *creds)
{
    (void)creds;
    return ask_file(context);
}

static int ask_container_token(void *context, struct iam_creds *creds)
{
    (void)creds;
    struct keys_step *step = context;
    int r = ask_file(step);
    if (r == IAM_OK &&
        (memchr(step->token, '\n', step->token_n) || memchr(step->token, '\r', step->token_n)))
        return token_failed(step->keys, step->token_file,
                            "has a line end: the whole content is the Authorization header");
    return r;
}

/* ---- one kind of source each: the provider's configuration ---- */

static int set_iot(struct keys_step *step, struct iam_creds_config *c, const struct args *a)
{
    char text[400];
    const char *given = a->text[OPT_IOT_ENDPOINT], *wrong = "too long";
    if (snprintf(text, sizeof text, "https://%s", given) < (int)sizeof text)
        wrong = strstr(given, "://") ? "the name alone is wanted, without https://"
                                     : url_parse(&step->url, text);
    if (!wrong && step->url.path.n > 1)
        wrong = "a path has no place in it";
    if (wrong)
        return say_error(
            CODE_USAGE,
            "An error occurred (ParamValidation): argument --iot-endpoint: \"%s\": %s. "
            "aws iot describe-endpoint --endpoint-type iot:CredentialProvider tells it",
            given, wrong);
    step->source = "iot";
    c->kind = IAM_CREDS_IOT;
    c->endpoint = step->url.authority;
    c->from.iot.role_alias = iam_span_of(a->text[OPT_IOT_ROLE_ALIAS]);
    c->from.iot.thing_name = iam_span_of(a->text[OPT_IOT_THING_NAME]);
    step->way.cert = a->text[OPT_IOT_CERT];
    step->way.key = a->text[OPT_IOT_KEY];
    return 0;
}

static int set_container(struct keys_step *step, struct iam_creds_config *c)
{
    const char *relative = getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *full = getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    step->source = "container-role";
    c->kind = IAM_CREDS_CONTAINER;
    c->from.container.relative_uri = iam_span_of(relative);
    c->from.container.full_uri = relative ? (struct iam_span){NULL, 0} : iam_span_of(full);
    c->from.container.authorization = iam_span_of(getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN"));
    step->token_file = getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    if (step->token_file)
        c->ask = ask_container_token;
    step->way.straight = true;
    step->way.login = TRACE_BEARER;
    return 0;
}

/* Seconds or a number, from a variable or the profile. false: it is none, and that has been said. */
static bool number(const struct settings *s, const char *variable, const char *key, bool seconds,
                   long *value)
{
    const char *v = settings_env(variable);
    if (!v)
        v = settings_value(s, s->selected, key);
    if (!v || !*v || (seconds ? args_seconds(v, value) : args_integer(v, value)))
        return true;
    (void)say_error(CODE_OTHER,
                    "invalid literal for int() with base 10: '%s' (%s or %s of the profile)", v,
                    variable, key);
    return false;
}

static const char *either(const struct settings *s, const char *variable, const char *key)
{
    const char *v = settings_env(variable);
    if (!v)
        v = settings_value(s, s->selected, key);
    return v && *v ? v : NULL;
}

static int imds_endpoint(struct keys_step *step, struct iam_creds_config *c)
{
    const struct settings *s = step->keys->settings;
    const char *url =
        either(s, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
    const char *mode =
        either(s, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode");
    const char *ipv6 = either(s, "AWS_IMDS_USE_IPV6", "imds_use_ipv6");
    const char *wrong = url ? url_parse(&step->url, url) : NULL;
    if (url && !wrong && !step->url.plain)
        wrong = "the metadata service speaks http:// only";
    if (url && !wrong && step->url.path.n > 1)
        wrong = "a path has no place in it";
    if (wrong)
        return say_error(CODE_OTHER, "Invalid endpoint EC2 Instance Metadata endpoint: %s (%s)",
                         url, wrong);
    if (mode && strcasecmp(mode, "ipv4") != 0 && strcasecmp(mode, "ipv6") != 0)
        return say_error(CODE_OTHER,
                         "Unknown value \"%s\" for AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: ipv4 or "
                         "ipv6",
                         mode);
    bool six = mode ? strcasecmp(mode, "ipv6") == 0 : ipv6 && strcasecmp(ipv6, "true") == 0;
    c->endpoint = url   ? step->url.authority
                  : six ? IAM_SPAN("[fd00:ec2::254]")
                        : IAM_SPAN("169.254.169.254");
    return 0;
}

static int set_imds(struct keys_step *step, struct iam_creds_config *c)
{
    const struct settings *s = step->keys->settings;
    const char *v1_off = either(s, "AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled");
    long ms = 0, attempts = 0;
    step->source = "iam-role";
    step->way.straight = true;
    c->kind = IAM_CREDS_IMDS;
    c->from.imds.v1 = v1_off && strcasecmp(v1_off, "false") == 0;
    if (!number(s, "AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout", true, &ms) ||
        !number(s, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts", false,
                &attempts))
        return CODE_OTHER;
    c->connect_ms = c->response_ms = (uint32_t)ms;
    c->max_attempts = (uint8_t)(attempts < 0 ? 0 : attempts > 255 ? 255 : attempts);
    return imds_endpoint(step, c);
}

/* ---- STS ---- */

static int set_sts(struct keys_step *step, struct iam_creds_config *c, const char *session_name)
{
    const struct settings *s = step->keys->settings;
    if (s->sts.given && s->sts.url.path.n > 1)
        return say_error(CODE_OTHER, "Invalid endpoint: %s (%s: a path has no place in it)",
                         s->sts.text, s->sts.from);
    c->endpoint = s->sts.given ? s->sts.url.authority : (struct iam_span){NULL, 0};
    c->plain = s->sts.given && s->sts.url.plain;
    c->from.sts.region = iam_span_of(s->region);
    c->from.sts.endpoint_flags = s->sts.given ? 0 : s->endpoint_flags;
    if (!session_name) {
        snprintf(step->session_name, sizeof step->session_name, "tinyiam-session-%lld",
                 (long long)time(NULL));
        session_name = step->session_name;
    }
    c->from.sts.role.session_name = iam_span_of(session_name);
    return 0;
}

static int set_web_identity(struct keys_step *step, struct iam_creds_config *c)
{
    const struct source *f = &step->keys->chain.source;
    step->action = "AssumeRoleWithWebIdentity";
    c->kind = IAM_CREDS_WEB_IDENTITY;
    c->ask = ask_web_token;
    step->token_file = f->token_file;
    c->from.sts.role.role_arn = iam_span_of(f->role_arn);
    return set_sts(step, c, f->session_name);
}

/* 0, or an exit code. */
static int ask_mfa(struct keys_step *step)
{
    const struct role *role = step->role;
    char question[2200];
    const char *place = settings_place(step->keys->settings, role->profile, "mfa_serial");
    snprintf(question, sizeof question, "Enter MFA code for %s: ", role->mfa_serial);
    int result = prompt_hidden(question, step->mfa, sizeof step->mfa);
    switch (result) {
    case PROMPT_NO_TERMINAL:
        return say_error(CODE_OTHER,
                         "Profile %s in %s wants a code of the MFA device %s, and there is no "
                         "terminal to ask for it. Another tool can: credential_process",
                         role->profile, place, role->mfa_serial);
    case PROMPT_EMPTY:
    case PROMPT_TOO_LONG:
        return say_error(
            CODE_USAGE,
            "An error occurred (ParamValidation): Parameter validation failed: Invalid "
            "value for parameter TokenCode: %s, a code of six digits is wanted (MFA "
            "device %s, profile %s in %s)",
            result == PROMPT_EMPTY ? "nothing was entered" : "it is too long", role->mfa_serial,
            role->profile, place);
    default:
        return result; /* an answer, or a signal */
    }
}

/* Is there a session of this role, or of one behind it? Then STS is not asked, and no MFA code wanted. */
static bool has_session(const struct keys_step *step)
{
    while (step && !step->entry)
        step = step->next;
    return step != NULL;
}

static int set_role(struct keys_step *step, struct iam_creds_config *c, struct keys_step *base)
{
    const struct role *role = step->role;
    step->action = "AssumeRole";
    c->kind = IAM_CREDS_ASSUME_ROLE;
    c->from.sts.base = &base->creds;
    c->from.sts.role.role_arn = iam_span_of(role->arn);
    c->from.sts.role.external_id = iam_span_of(role->external_id);
    c->from.sts.role.serial_number = iam_span_of(role->mfa_serial);
    if (role->duration_s && (role->duration_s < 900 || role->duration_s > 43200))
        return say_error(
            CODE_USAGE,
            "An error occurred (ParamValidation): Parameter validation failed: Invalid "
            "value for parameter DurationSeconds, value: %ld, valid: 900 to 43200 "
            "(duration_seconds of profile %s in %s)",
            role->duration_s, role->profile,
            settings_place(step->keys->settings, role->profile, "duration_seconds"));
    c->from.sts.role.duration_s = (uint16_t)role->duration_s;
    if (role->mfa_serial && !has_session(step)) {
        int rc = ask_mfa(step);
        if (rc)
            return rc;
        c->from.sts.role.token_code = iam_span_of(step->mfa);
    }
    return set_sts(step, c, role->session_name);
}

/* ---- sessions of earlier runs ---- */

static void drop_entry(struct keys_step *step)
{
    if (step->entry)
        explicit_bzero(step->entry, sizeof *step->entry);
    free(step->entry);
    step->entry = NULL;
}

/* The AWS CLI keeps those of roles, and of a web identity that is not itself the source of a role. */
static void find_session(struct keys_step *step)
{
    const struct keys *k = step->keys;
    const struct source *f = &k->chain.source;
    struct role_cache_args a = {0};
    if (step->role) {
        const struct role *r = step->role;
        a = (struct role_cache_args){r->arn, r->session_name, r->external_id, r->mfa_serial,
                                     r->duration_s};
    } else if (f->kind == SOURCE_WEB_IDENTITY && !step->next) {
        a.arn = f->role_arn;
        a.session_name = f->session_name;
    } else {
        return;
    }
    role_cache_open(&step->cache, &a, args_has(k->args, OPT_DEBUG));
    step->entry = calloc(1, sizeof *step->entry);
    if (!step->entry)
        say_no_memory();
    if (!role_cache_load(&step->cache, step->entry))
        drop_entry(step);
}

/* These are saved, or need not be. */
static void note_key(struct keys_step *step, struct iam_span id)
{
    size_t n = id.n < sizeof step->key_id ? id.n : sizeof step->key_id - 1;
    memset(step->key_id, 0, sizeof step->key_id);
    memcpy(step->key_id, id.p, n);
}

static void use_session(struct keys_step *step)
{
    struct iam_system *s = &step->keys->base->posix.system;
    if (!step->entry)
        return;
    iam_creds_time(&step->creds, s->ops->mono_ms(s), s->ops->unix_ms(s));
    if (iam_creds_restore(&step->creds, &step->entry->creds.keys, &step->entry->creds.expiration) ==
        IAM_OK) {
        step->restored = step->kept = true;
        note_key(step, step->creds.keys.access_key_id);
    }
    drop_entry(step);
}

void keys_keep(struct keys *k)
{
    for (struct keys_step *step = k->first; step; step = step->next) {
        const struct iam_creds *p = &step->creds;
        struct iam_span id = p->keys.access_key_id;
        if (!*step->cache.path || !id.n ||
            (p->state != IAM_CREDS_FRESH && p->state != IAM_CREDS_DUE) ||
            (strlen(step->key_id) == id.n && memcmp(step->key_id, id.p, id.n) == 0))
            continue;
        note_key(step, id);
        step->restored = false;
        step->kept = role_cache_save(&step->cache, &p->keys, &p->expiration);
    }
}

bool keys_kept(const struct keys *k)
{
    const struct keys_step *last = k->first;
    while (last && last->next)
        last = last->next;
    return last && last->kept;
}

bool keys_renew(struct keys *k, const struct iam_fault *fault)
{
    struct iam_system *s = &k->base->posix.system;
    bool refused = iam_keys_code(fault->code), any = false;
    for (struct keys_step *step = k->first; step; step = step->next)
        refused |= step->creds.error && iam_keys_code(step->creds.exchange.fault.code);
    for (struct keys_step *step = k->first; step && refused; step = step->next) {
        if (!step->restored)
            continue;
        any = true;
        step->restored = step->kept = false;
        iam_creds_renew(&step->creds);
    }
    for (struct keys_step *step = k->first; step && any; step = step->next) {
        if (!step->role || !step->role->mfa_serial || *step->mfa)
            continue;
        if ((k->code = ask_mfa(step)) != 0)
            return false;
        step->creds.from.sts.role.token_code = iam_span_of(step->mfa);
    }
    /* who has just been refused asks again after a second */
    uint32_t began = s->ops->mono_ms(s);
    while (any && k->provider->error && s->ops->mono_ms(s) - began < 1000 &&
           !(k->stop && k->stop()))
        s->ops->idle(s, NULL, 0, 50);
    return any;
}

/* ---- all of it ---- */

static int set_source(struct keys_step *step, struct iam_creds_config *c)
{
    const struct source *f = &step->keys->chain.source;
    switch (f->kind) {
    case SOURCE_KEYS:
        c->kind = IAM_CREDS_STATIC;
        c->from.fixed = (struct iam_credentials){iam_span_of(f->id), iam_span_of(f->secret),
                                                 iam_span_of(f->token)};
        return 0;
    case SOURCE_PROCESS:
        step->source = "custom-process";
        c->kind = IAM_CREDS_APPLICATION;
        c->ask = ask_process;
        return 0;
    case SOURCE_WEB_IDENTITY:
        return set_web_identity(step, c);
    case SOURCE_CONTAINER:
        return set_container(step, c);
    case SOURCE_IMDS:
        return set_imds(step, c);
    default:
        return set_iot(step, c, step->keys->args);
    }
}

static struct error_context context_of(const struct keys_step *step)
{
    return (struct error_context){.action = step->action ? step->action : "",
                                  .source = step->source,
                                  .settings = step->keys->settings,
                                  .authority = step->way.authority,
                                  .plain = step->way.plain,
                                  .net = step->has_net ? &step->net : NULL,
                                  .keys_from = keys_from(step->keys)};
}

/* What each step asks with, and what it got: for say_hide(). */
static bool secret(const void *keys, size_t number, struct iam_span *to)
{
    const struct keys_step *step = ((const struct keys *)keys)->first;
    for (; step && number >= 4; number -= 4)
        step = step->next;
    if (!step)
        return false;
    const struct iam_creds *c = &step->creds;
    *to = number == 0                  ? c->keys.session_token
          : number == 1                ? c->keys.secret_access_key
          : number == 2 && step->token ? (struct iam_span){step->token, step->token_n}
          : number == 3 && c->kind == IAM_CREDS_CONTAINER ? c->from.container.authorization
                                                          : (struct iam_span){NULL, 0};
    return true;
}

/* Whom the provider will call: "host", "host:port", "[IPv6]:port". */
static void set_authority(struct keys_step *step)
{
    uint16_t port, usual = step->way.plain ? 80 : 443;
    struct iam_span host = iam_exchange_host(&step->creds.exchange, &port);
    bool six = host.n && memchr(host.p, ':', host.n) != NULL;
    char at[8] = "";
    if (port != usual)
        snprintf(at, sizeof at, ":%u", (unsigned)port);
    snprintf(step->authority, sizeof step->authority, "%s%.*s%s%s", six ? "[" : "", (int)host.n,
             host.p, six ? "]" : "", at);
    step->way.authority = iam_span_of(step->authority);
}

static int open_step(struct keys_step *step, struct iam_creds_config *c)
{
    struct keys *k = step->keys;
    uint32_t seed = 0;
    int rc;
    c->tx = k->room;
    c->tx_size = TX_SIZE;
    c->rx = k->room + TX_SIZE;
    c->rx_size = RX_SIZE;
    c->keys = step->keys_room;
    c->keys_size = sizeof step->keys_room;
    c->context = step;
    c->user_agent = IAM_SPAN("tinyiam/" IAM_VERSION);
    if (c->kind != IAM_CREDS_IMDS && c->kind != IAM_CREDS_CONTAINER) { /* these have their own */
        c->max_attempts = k->settings->max_attempts;
        c->connect_ms = k->settings->connect_ms;
        c->response_ms = k->settings->read_ms;
    }
    (void)k->base->posix.system.ops->entropy(&k->base->posix.system, &seed, sizeof seed);
    int r = iam_creds_init(&step->creds, c, seed);
    enum iam_creds_stream stream = iam_creds_stream_kind(&step->creds);
    step->way.plain = stream == IAM_CREDS_PLAIN;
    if (r == IAM_OK && stream != IAM_CREDS_NO_STREAM)
        set_authority(step);
    if (r == IAM_OK && stream != IAM_CREDS_NO_STREAM) {
        step->way.trace = args_has(k->args, OPT_DEBUG);
        step->has_net = true;
        rc = net_shared_open(&step->shared, k->base, &step->way);
        if (rc == 0)
            rc = net_open(&step->net, &step->shared);
        if (rc)
            return rc;
        c->stream = step->net.stream;
        r = iam_creds_init(&step->creds, c, seed);
    }
    if (r == IAM_ERR_CREDENTIALS)
        return say_error(CODE_SETTINGS, "The credentials are not usable (%s): check %.*s",
                         keys_from(k), (int)step->creds.exchange.fault.what.n,
                         step->creds.exchange.fault.what.p);
    if (r < 0) {
        struct error_context e = context_of(step);
        return errors_fault(&e, &step->creds.exchange.fault);
    }
    return 0;
}

static struct keys_step *add_step(struct keys *k, struct keys_step *after)
{
    struct keys_step *step = calloc(1, sizeof *step);
    if (!step)
        say_no_memory();
    step->keys = k;
    if (after)
        after->next = step;
    else
        k->first = step;
    return step;
}

static int open_steps(struct keys *k)
{
    struct keys_step *step = add_step(k, NULL), *base = NULL;
    int rc = 0;
    if ((k->room = malloc(TX_SIZE + RX_SIZE)) == NULL)
        say_no_memory();
    for (size_t i = 0; i < k->chain.role_n; i++) {
        step = add_step(k, step);
        step->role = &k->chain.roles[i];
    }
    k->provider = &step->creds;
    for (step = k->first; step; step = step->next)
        find_session(step);
    for (step = k->first; step && rc == 0; base = step, step = step->next) {
        struct iam_creds_config c = {0};
        rc = base ? set_role(step, &c, base) : set_source(step, &c);
        if (rc == 0)
            rc = open_step(step, &c);
    }
    for (step = k->first; step && rc == 0; step = step->next)
        use_session(step);
    return rc;
}

int keys_open(struct keys *k, const struct settings *s, const struct args *a, struct net_base *base,
              bool (*stop)(void))
{
    memset(k, 0, sizeof *k);
    k->settings = s;
    k->args = a;
    k->base = base;
    k->stop = stop;
    int rc = chain_find(&k->chain, s, a);
    if (rc)
        return rc;
    if (k->chain.source.kind == SOURCE_NONE)
        return say_error(CODE_SETTINGS,
                         "An error occurred (NoCredentials): Unable to locate credentials. You can "
                         "configure credentials by running \"aws login\".%s",
                         chain_imds_is_off() ? " (AWS_EC2_METADATA_DISABLED is set.)" : "");
    say_hide(secret, k);
    return open_steps(k);
}

/* Nobody there who could know: as if there were no source. */
static bool is_no_instance(const struct keys *k, const struct iam_fault *f)
{
    return k->chain.source.kind == SOURCE_IMDS && k->chain.role_n == 0 && f->status == 0 &&
           f->layer == IAM_LAYER_STREAM;
}

int keys_fault(struct keys *k)
{
    if (k->code)
        return k->code;
    for (struct keys_step *step = k->first; step; step = step->next) {
        const struct iam_fault *f = &step->creds.exchange.fault;
        if (step->creds.error == 0 || (f->error == IAM_ERR_CREDENTIALS && step != k->first))
            continue;
        struct error_context c = context_of(step);
        if (is_no_instance(k, f) && k->may_lack)
            return 0;
        if (is_no_instance(k, f))
            return say_error(CODE_SETTINGS,
                             "An error occurred (NoCredentials): Unable to locate credentials. You "
                             "can configure credentials by running \"aws login\". (No EC2 instance "
                             "metadata at %.*s either: %s.)",
                             (int)c.authority.n, c.authority.p, iam_result_text(f->error));
        return errors_fault(&c, f);
    }
    return say_error(CODE_SETTINGS, "No usable credentials (%s)", keys_from(k));
}

int keys_fetch(struct keys *k)
{
    int r;
    while ((r = iam_creds_run(k->provider, &k->base->posix.system, 100)) == IAM_AGAIN)
        if (k->stop && k->stop())
            return CODE_INTERRUPT;
    keys_keep(k);
    return r == IAM_OK && !k->code ? 0 : keys_fault(k);
}

void keys_close(struct keys *k)
{
    say_hide(NULL, NULL);
    for (struct keys_step *step = k->first, *next; step; step = next) {
        next = step->next;
        if (step->has_net) {
            net_close(&step->net);
            net_shared_close(&step->shared);
        }
        iam_creds_end(&step->creds);
        process_end(&step->process);
        drop_token(step);
        drop_entry(step);
        explicit_bzero(step, sizeof *step);
        free(step);
    }
    if (k->room)
        explicit_bzero(k->room, TX_SIZE + RX_SIZE);
    free(k->room);
    chain_free(&k->chain);
    memset(k, 0, sizeof *k);
}
