/* Each kind of source: how the library's provider is configured for it, and what it asks us while it fetches. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "step.h"
#include "text/json.h"
#include "text/say.h"

#define TOKEN_FILE_MAX 65536u
#define SLICE_MS 100

static int said(struct keys *k, int code)
{
    k->code = code;
    return IAM_ERR_CREDENTIALS;
}

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

/* Could be a word of a sentence, or of a page? A secret is longer, or has digits in it. */
static bool is_plain(struct iam_span word)
{
    for (size_t i = 0; i < word.n; i++)
        if (!((word.p[i] | 32) >= 'a' && (word.p[i] | 32) <= 'z') &&
            (!word.p[i] || !strchr(".,:;!?'-()<>\"", word.p[i])))
            return false;
    return word.n < 16;
}

/* The beginning of what it printed, which is no document: it may hold a secret all the same. */
static void say_output(struct say *s, const struct process *p)
{
    struct iam_span line = {p->out, p->out_n};
    size_t shown = 0;
    while (line.n && *line.p && strchr(" \t\r\n", *line.p))
        line.p++, line.n--;
    const char *end = line.n ? memchr(line.p, '\n', line.n) : NULL;
    line.n = end ? (size_t)(end - line.p) : line.n;
    say_add(s, "it printed %zu bytes", p->out_n);
    while (line.n && shown < 12) {
        size_t k = 0;
        while (k < line.n && line.p[k] != ' ')
            k++;
        say_add(s, shown++ ? " " : ", which begin with: ");
        if (is_plain((struct iam_span){line.p, k}))
            say_text(s, (struct iam_span){line.p, k});
        else
            say_add(s, "(hidden)");
        k += k < line.n;
        line.p += k;
        line.n -= k;
    }
}

/* What is wrong with the document, in the AWS CLI's words where it has some: the version before all else. */
static int bad_output(const struct keys_step *step, const struct process *p,
                      const struct iam_fault *f)
{
    const struct source *source = &step->keys->chain.source;
    bool json = f->error != IAM_ERR_FOREIGN && f->error != IAM_ERR_JSON;
    struct iam_span out = {p->out, p->out_n},
                    version = json ? json_find(out, "Version") : (struct iam_span){NULL, 0};
    struct say s;
    char name[256];
    process_name(source->command, name, sizeof name);
    say_begin(&s, SAY_ERROR "Error when retrieving credentials from custom-process: ");
    if (json && (version.n != 1 || *version.p != '1')) {
        if (version.n >= 2 && *version.p == '"')
            version = (struct iam_span){version.p + 1, version.n - 2};
        say_add(&s, "Unsupported version '");
        say_text(&s, version.p ? version : IAM_SPAN("<Version key not provided>"));
        say_add(&s, "' for credential process provider, supported versions: 1");
    } else if (f->error == IAM_ERR_MEMBER && json_find(out, f->what.p).p == NULL) {
        say_add(&s, "Missing required key in response: '");
        say_text(&s, f->what);
        say_add(&s, "'");
    } else if (f->error == IAM_ERR_VALUE && f->what.n > 10 &&
               memcmp(f->what.p, "Expiration", 10) == 0) {
        struct iam_span until = json_find(out, "Expiration");
        say_add(&s, "its keys expired at ");
        say_text(&s, (struct iam_span){until.p + 1, until.n >= 2 ? until.n - 2 : 0});
        say_add(&s, ": log in again");
    } else {
        say_add(&s, "%s", iam_result_text(f->error));
        say_add(&s, f->what.n ? " (" : "");
        say_text(&s, f->what);
        say_add(&s, f->what.n ? ")" : "");
    }
    if (!json) {
        say_add(&s, ": ");
        say_output(&s, p);
    }
    say_add(&s, " (");
    say_string(&s, source->where);
    say_add(&s, ", command ");
    say_string(&s, name);
    say_add(&s, "%s)", process_hint(source->command));
    say_end(&s);
    return CODE_OTHER;
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
        if (rc < 0)
            rc = process_failed(step, creds,
                                bad_output(step, &step->process, &creds->exchange.fault));
    } else {
        rc = process_failed(step, creds, rc);
    }
    process_end(&step->process);
    return rc;
}

void step_drop(void *p, size_t n)
{
    if (p)
        explicit_bzero(p, n);
    free(p);
}

void step_drop_token(struct keys_step *step)
{
    step_drop(step->token, TOKEN_FILE_MAX);
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
    step_drop_token(step);
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

/* A refresh is brought to its end; then the run ends, if it is to. */
static int or_stopped(const struct keys *k, int rc)
{
    return rc == 0 && k->stop && k->stop() ? CODE_INTERRUPT : rc;
}

/* Keys that are still good go on to their end, whatever becomes of the login meanwhile. */
static int ask_sso(void *context, struct iam_creds *creds)
{
    struct keys_step *step = context;
    bool quiet = creds->state == IAM_CREDS_DUE;
    struct iam_span token;
    int rc = or_stopped(step->keys, sso_token(step->sso, quiet, &token));
    if (rc)
        return quiet ? IAM_ERR_CREDENTIALS : said(step->keys, rc);
    iam_creds_text(creds, token);
    return IAM_OK;
}

static int ask_login(void *context, struct iam_creds *creds)
{
    struct keys_step *step = context;
    bool quiet = creds->state == IAM_CREDS_DUE;
    int rc = or_stopped(step->keys, login_keys(step->login, quiet));
    if (rc)
        return quiet ? IAM_ERR_CREDENTIALS : said(step->keys, rc);
    (void)iam_creds_give(creds, &step->login->keys, &step->login->expiration);
    return IAM_OK;
}

/* ---- one kind of source each: the provider's configuration ---- */

void *step_fresh(size_t size)
{
    void *p = calloc(1, size);
    if (!p)
        say_no_memory();
    return p;
}

static int set_sso(struct keys_step *step, struct iam_creds_config *c)
{
    const struct source *f = &step->keys->chain.source;
    struct endpoint e;
    step->source = "sso";
    step->action = "GetRoleCredentials";
    step->sso = step_fresh(sizeof *step->sso);
    step->sso->from = f;
    step->sso->way = &step->keys->way;
    c->kind = IAM_CREDS_SSO;
    c->ask = ask_sso;
    c->from.sso.role_name = iam_span_of(f->sso_role);
    c->from.sso.account_id = iam_span_of(f->sso_account);
    int rc = sso_portal(step->sso, &e, &c->endpoint);
    if (e.given) {
        step->url = e.url;
        c->endpoint =
            (struct iam_span){step->url.text + (e.url.authority.p - e.url.text), e.url.authority.n};
    }
    c->plain = e.given && e.url.plain;
    return rc;
}

static int set_login(struct keys_step *step, struct iam_creds_config *c)
{
    step->source = "login";
    step->login = step_fresh(sizeof *step->login);
    step->login->from = &step->keys->chain.source;
    step->login->way = &step->keys->way;
    c->kind = IAM_CREDS_APPLICATION;
    c->ask = ask_login;
    return 0;
}

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

/* Scheme and host are the same in letters of either case; malloc'ed. */
static char *lower_host(const char *uri)
{
    char *copy = strdup(uri), *p, *end;
    if (!copy)
        say_no_memory();
    p = strstr(copy, "://");
    end = p ? p + 3 + strcspn(p + 3, "/?#") : copy;
    for (p = copy; p < end; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p + 32);
    return copy;
}

static int set_container(struct keys_step *step, struct iam_creds_config *c)
{
    const char *relative = getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *full = getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (relative && !*relative && full)
        relative = NULL;
    if (full && !relative)
        full = step->uri = lower_host(full);
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

static int imds_endpoint(const struct settings *s, struct url *own, struct iam_creds_config *c)
{
    const char *url =
        either(s, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
    const char *mode =
        either(s, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode");
    const char *ipv6 = either(s, "AWS_IMDS_USE_IPV6", "imds_use_ipv6");
    const char *wrong = url ? url_parse(own, url) : NULL;
    if (url && !wrong && !own->plain)
        wrong = "the metadata service speaks http:// only";
    if (url && !wrong && own->path.n > 1)
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
    c->endpoint = url   ? own->authority
                  : six ? IAM_SPAN("[fd00:ec2::254]")
                        : IAM_SPAN("169.254.169.254");
    return 0;
}

static int imds_config(const struct settings *s, struct url *own, struct iam_creds_config *c)
{
    const char *v1_off = either(s, "AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled");
    long ms = 0, attempts = 0;
    c->kind = IAM_CREDS_IMDS;
    c->from.imds.v1 = v1_off && strcasecmp(v1_off, "false") == 0;
    if (!number(s, "AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout", true, &ms) ||
        !number(s, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts", false,
                &attempts))
        return CODE_OTHER;
    c->connect_ms = c->response_ms = (uint32_t)ms;
    c->max_attempts = (uint8_t)(attempts < 0 ? 0 : attempts > 255 ? 255 : attempts);
    return imds_endpoint(s, own, c);
}

static int set_imds(struct keys_step *step, struct iam_creds_config *c)
{
    step->source = "iam-role";
    step->way.straight = true;
    return imds_config(step->keys->settings, &step->url, c);
}

/* One text of the metadata, or the token for it. false: there is none. */
static bool ask_imds(const struct login_way *w, const struct iam_creds_config *imds,
                     const char *path, const char *token, char out[128])
{
    struct post_call c = {.host = imds->endpoint,
                          .path = path,
                          .method = token ? "GET" : "PUT",
                          .field = token ? "x-aws-ec2-metadata-token: "
                                         : "x-aws-ec2-metadata-token-ttl-seconds: ",
                          .value = token ? token : "21600",
                          .plain = true,
                          .straight = true,
                          .wait_ms = imds->connect_ms ? imds->connect_ms : 1000,
                          .attempts = imds->max_attempts ? imds->max_attempts : 1};
    struct post *p = post_new();
    int code;
    bool good = post_run(p, w, &c, &code) == IAM_OK && p->n > 0 && p->n < 128;
    if (good) {
        memcpy(out, p->reply, p->n);
        out[p->n] = '\0';
        good = strlen(out) == p->n && strpbrk(out, "\r\n") == NULL;
    }
    post_end(p);
    return good;
}

int keys_region(struct settings *s, const struct args *a, struct net_base *base, bool (*stop)(void))
{
    const struct login_way way = {s, base, args_has(a, OPT_DEBUG), stop};
    struct iam_creds_config c = {0};
    struct chain chain;
    struct url own;
    char token[128], zone[128];
    if (s->region)
        return 0;
    int rc = chain_find(&chain, s, a);
    bool asks = rc == 0 && chain.source.kind == SOURCE_IMDS;
    chain_free(&chain);
    if (rc || !asks || (rc = imds_config(s, &own, &c)) != 0)
        return rc;
    if (!ask_imds(&way, &c, "/latest/api/token", NULL, token))
        *token = '\0'; /* version 1 has none */
    if ((*token || c.from.imds.v1) &&
        ask_imds(&way, &c, "/latest/meta-data/placement/availability-zone/", token, zone))
        settings_take_region(s, (struct iam_span){zone, strlen(zone) - 1},
                             "EC2 instance metadata"); /* eu-west-1a */
    explicit_bzero(token, sizeof token);
    return 0;
}

/* ---- STS ---- */

int step_set_sts(struct keys_step *step, struct iam_creds_config *c, const char *session_name)
{
    const struct settings *s = step->keys->settings;
    int rc = settings_no_path(&s->sts);
    if (rc)
        return rc;
    c->endpoint = s->sts.given ? s->sts.url.authority : (struct iam_span){NULL, 0};
    c->plain = s->sts.given && s->sts.url.plain;
    c->from.sts.region = iam_span_of(s->region);
    c->from.sts.endpoint_flags = s->sts.given ? 0 : s->endpoint_flags;
    if (!session_name || !*session_name) {
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
    return step_set_sts(step, c, f->session_name);
}

int step_set_source(struct keys_step *step, struct iam_creds_config *c)
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
    case SOURCE_SSO:
        return set_sso(step, c);
    case SOURCE_LOGIN:
        return set_login(step, c);
    case SOURCE_CONTAINER:
        return set_container(step, c);
    case SOURCE_IMDS:
        return set_imds(step, c);
    default:
        return set_iot(step, c, step->keys->args);
    }
}
