/* Whose keys sign: sources as providers that hand over to each other. */
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

#include "prompt.h"
#include "step.h"
#include "text/say.h"

#define TX_SIZE 16384u
#define RX_SIZE 32768u

const char *keys_from(const struct keys *k)
{
    return k->chain.source.where ? k->chain.source.where : "none";
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
    return step_set_sts(step, c, role->session_name);
}

/* ---- sessions of earlier runs ---- */

static void drop_entry(struct keys_step *step)
{
    step_drop(step->entry, sizeof *step->entry);
    step->entry = NULL;
}

static void load_session(struct keys_step *step)
{
    step->entry = step_fresh(sizeof *step->entry);
    if (!role_cache_load(&step->cache, step->entry))
        drop_entry(step);
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
    } else if (f->kind != SOURCE_SSO || step->next) {
        return;
    }
    if (a.arn)
        role_cache_open(&step->cache, &a, k->way.debug);
    else
        role_cache_open_sso(
            &step->cache,
            &(struct role_cache_sso){f->sso_account, f->sso_role, f->sso_session, f->sso_start_url},
            k->way.debug);
    load_session(step);
}

#define FIRST_RUN_MS 30000 /* that another run may take to get it */

/* Of several runs that find no session one fetches it, and the others wait for that: of the last step, which is whose
 * keys are used. */
static void await_session(struct keys *k)
{
    struct keys_step *last = k->first;
    while (last->next)
        last = last->next;
    if (!*last->cache.path || last->entry)
        return;
    (void)state_lock(&k->first_run, last->cache.path, k->stop, FIRST_RUN_MS);
    load_session(last);
    if (last->entry)
        state_unlock(&k->first_run);
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
        if (!step->next)
            state_unlock(&k->first_run);
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

/* Whose setting STS's parameter is; NULL: it is no such. */
static const char *place_of(const struct keys_step *step)
{
    static const struct {
        const char *what, *key, *variable;
    } names[] = {{"RoleArn", "role_arn", "AWS_ROLE_ARN"},
                 {"RoleSessionName", "role_session_name", "AWS_ROLE_SESSION_NAME"},
                 {"ExternalId", "external_id", NULL},
                 {"SerialNumber", "mfa_serial", NULL},
                 {"TokenCode", "mfa_serial", NULL},
                 {"DurationSeconds", "duration_seconds", NULL}};
    static char text[1400];
    const struct iam_span what = step->creds.exchange.fault.what;
    const char *profile = step->role ? step->role->profile : step->keys->chain.source.profile;
    for (size_t i = 0; profile && i < sizeof names / sizeof *names; i++) {
        if (what.n != strlen(names[i].what) || memcmp(what.p, names[i].what, what.n) != 0)
            continue;
        bool variable = !step->role && names[i].variable && getenv(names[i].variable);
        snprintf(text, sizeof text, "%s%s%s of profile %s in %s", variable ? names[i].variable : "",
                 variable ? ", or " : "", names[i].key, profile,
                 settings_place(step->keys->settings, profile, names[i].key));
        return text;
    }
    return NULL;
}

struct error_context step_context(const struct keys_step *step)
{
    return (struct error_context){.action = step->action ? step->action : "",
                                  .source = step->source,
                                  .json = step->sso != NULL,
                                  .settings = step->keys->settings,
                                  .authority = step->way.authority,
                                  .plain = step->way.plain,
                                  .net = step->has_net ? &step->net : NULL,
                                  .keys_from = keys_from(step->keys),
                                  .place = place_of(step)};
}

/* What each step asks with, and what it got: for say_hide(). */
static bool secret(const void *keys, size_t number, struct iam_span *to)
{
    enum { OF_STEP = 4, OF_LOGIN = 4 };
    const struct keys_step *step = ((const struct keys *)keys)->first;
    for (; step && number >= OF_STEP + OF_LOGIN; number -= OF_STEP + OF_LOGIN)
        step = step->next;
    if (!step)
        return false;
    const struct iam_creds *c = &step->creds;
    *to = (struct iam_span){NULL, 0};
    if (number >= OF_STEP) {
        if (step->sso)
            (void)sso_secret(step->sso, number - OF_STEP, to);
        if (step->login)
            (void)login_secret(step->login, number - OF_STEP, to);
        return true;
    }
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
    c->user_agent = iam_span_of(k->settings->user_agent);
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
        struct error_context e = step_context(step);
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
    for (size_t i = 0; i < k->chain.role_n; i++) {
        step = add_step(k, step);
        step->role = &k->chain.roles[i];
    }
    k->room = step_fresh(TX_SIZE + RX_SIZE);
    k->provider = &step->creds;
    for (step = k->first; step; step = step->next)
        find_session(step);
    await_session(k);
    for (step = k->first; step && rc == 0; base = step, step = step->next) {
        struct iam_creds_config c = {0};
        rc = base ? set_role(step, &c, base) : step_set_source(step, &c);
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
    k->way = (struct login_way){s, base, args_has(a, OPT_DEBUG), stop};
    int rc = chain_find(&k->chain, s, a);
    if (rc)
        return rc;
    if (k->chain.source.kind == SOURCE_NONE)
        return say_error(CODE_SETTINGS,
                         "An error occurred (NoCredentials): Unable to locate credentials. You can "
                         "configure credentials by running \"aws login\"." SAY_HINT "%s",
                         chain_imds_is_off() ? " (AWS_EC2_METADATA_DISABLED is set.)" : "");
    say_hide(secret, k);
    return open_steps(k);
}

/* Nobody there who could know, an instance without a role, one whose metadata is off: as if there were no source.
 * false: it is something else. */
static bool is_no_instance(const struct keys *k, const struct error_context *c,
                           const struct iam_fault *f, struct say *why)
{
    bool of_role = f->what.n == 9 && memcmp(f->what.p, "role name", 9) == 0;
    if (k->chain.source.kind != SOURCE_IMDS)
        return false;
    say_begin(why, "");
    if (f->status == 0 && f->layer == IAM_LAYER_STREAM) {
        say_add(why, "No EC2 instance metadata at ");
        say_text(why, c->authority);
        say_add(why, " either: %s", iam_result_text(f->error));
        if (f->error == IAM_ERR_TIMEOUT_RESPONSE)
            say_add(why, "; in a container of an instance a hop limit of 1 has that effect");
    } else if (of_role && (f->status == 404 || f->error == IAM_ERR_FOREIGN)) {
        say_add(why, "The instance has no role: no instance profile is attached to it");
    } else if (f->status == 401 || f->status == 403) {
        say_add(why, "EC2 instance metadata at ");
        say_text(why, c->authority);
        say_add(
            why,
            " answers %d: it is off for this instance, its hop limit is too small for a container, "
            "or version 1 alone is there (AWS_EC2_METADATA_V1_DISABLED=false)",
            f->status);
    } else {
        return false;
    }
    return true;
}

static int no_instance(const struct keys *k, const struct say *why)
{
    size_t n = k->chain.role_n;
    if (k->may_lack && n == 0)
        return 0;
    if (n > 0)
        return say_error(CODE_OTHER,
                         "Error when retrieving credentials from Ec2InstanceMetadata: No "
                         "credentials found in credential_source referenced in profile %s (%.*s.)",
                         k->chain.roles[0].profile, (int)why->n, why->text);
    return say_error(CODE_SETTINGS,
                     "An error occurred (NoCredentials): Unable to locate credentials. You can "
                     "configure credentials by running \"aws login\"." SAY_HINT " (%.*s.)",
                     (int)why->n, why->text);
}

int keys_fault(struct keys *k)
{
    if (k->code)
        return k->code;
    for (struct keys_step *step = k->first; step; step = step->next) {
        const struct iam_fault *f = &step->creds.exchange.fault;
        if (step->creds.error == 0 || (f->error == IAM_ERR_CREDENTIALS && step != k->first))
            continue;
        if (step == k->first && step->process_code) /* said, and the keys have ended since */
            return step->process_code;
        struct error_context c = step_context(step);
        struct say why;
        return step == k->first && is_no_instance(k, &c, f, &why) ? no_instance(k, &why)
                                                                  : errors_fault(&c, f);
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
    state_unlock(&k->first_run);
    for (struct keys_step *step = k->first, *next; step; step = next) {
        next = step->next;
        if (step->has_net) {
            net_close(&step->net);
            net_shared_close(&step->shared);
        }
        iam_creds_end(&step->creds);
        process_end(&step->process);
        step_drop_token(step);
        drop_entry(step);
        step_drop(step->uri, step->uri ? strlen(step->uri) : 0);
        step_drop(step->sso, sizeof *step->sso);
        step_drop(step->login, sizeof *step->login);
        explicit_bzero(step, sizeof *step);
        free(step);
    }
    step_drop(k->room, TX_SIZE + RX_SIZE);
    chain_free(&k->chain);
    memset(k, 0, sizeof *k);
}
