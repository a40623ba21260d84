/* The chain of credentials of a profile: who assumes which role with whose keys. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "text/say.h"

struct finder {
    const struct settings *s;
    struct chain *chain;
    const char **visited; /* profiles, the selected one first */
    size_t visited_n, visited_room, role_room;
    bool *in_config, *in_shared; /* for each section of a file: its profile was visited */
};

/* Has room for one more than n. */
static void *grown(void *p, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return p;
    *room = n ? n * 2 : 8;
    void *more = realloc(p, *room * size);
    if (!more)
        say_no_memory();
    return more;
}

/* A profile is known by its sections: no two have one in common. */
static void visit(struct finder *f, const char *name)
{
    struct profile p = settings_profile(f->s, name);
    f->visited = grown(f->visited, f->visited_n, &f->visited_room, sizeof *f->visited);
    f->visited[f->visited_n++] = name;
    f->in_config[p.config_at] = f->in_shared[p.shared_at] = true;
}

static bool was_visited(const struct finder *f, struct profile p)
{
    return (p.config_at && f->in_config[p.config_at]) || (p.shared_at && f->in_shared[p.shared_at]);
}

/* ---- keys ---- */

static bool filled(const char *v)
{
    return v && *v && *v != '\n';
}

/* 0: none there; 1: found; else an exit code. */
static int from_environment(struct source *f)
{
    f->id = settings_env("AWS_ACCESS_KEY_ID");
    if (!f->id)
        return 0;
    f->secret = settings_env("AWS_SECRET_ACCESS_KEY");
    if (!f->secret)
        return say_error(CODE_OTHER,
                         "Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY");
    f->token_key = "AWS_SECURITY_TOKEN"; /* the older name goes first, as in the AWS CLI */
    if ((f->token = settings_env(f->token_key)) == NULL)
        f->token = settings_env(f->token_key = "AWS_SESSION_TOKEN");
    f->kind = SOURCE_KEYS;
    f->method = "env";
    f->where = "environment";
    f->id_key = "AWS_ACCESS_KEY_ID";
    f->secret_key = "AWS_SECRET_ACCESS_KEY";
    return 1;
}

static int from_section(struct source *f, const struct ini *ini, size_t at, const char *profile,
                        const char *method, const char *path)
{
    const char *id = ini_get(ini, at, "aws_access_key_id");
    const char *secret = ini_get(ini, at, "aws_secret_access_key");
    const char *token = ini_get(ini, at, "aws_security_token");
    if (!filled(id))
        return 0;
    if (!filled(secret))
        return say_error(CODE_OTHER,
                         "Partial credentials found in %s, missing: aws_secret_access_key (profile "
                         "%s in %s)",
                         method, profile, path);
    f->token_key = token ? "aws_security_token" : "aws_session_token";
    if (!token)
        token = ini_get(ini, at, "aws_session_token");
    f->kind = SOURCE_KEYS;
    f->method = method;
    f->id = id;
    f->secret = secret;
    f->token = filled(token) ? token : NULL;
    f->id_key = "aws_access_key_id";
    f->secret_key = "aws_secret_access_key";
    snprintf(f->text, sizeof f->text, "%s, profile %s in %s", method, profile, path);
    f->where = f->text;
    return 1;
}

static int web_identity(const struct settings *s, struct source *f, const char *profile,
                        const char *file, const char *role, const char *name)
{
    if (!role || !*role)
        return say_error(CODE_OTHER,
                         "The provided profile or the current environment is configured to assume "
                         "role with web identity but has no role ARN configured. Ensure that the "
                         "profile has the role_arn configuration set or the AWS_ROLE_ARN env var "
                         "is set. (profile %s in %s)",
                         profile, s->config_path);
    f->kind = SOURCE_WEB_IDENTITY;
    f->method = "assume-role-with-web-identity";
    f->token_file = file;
    f->role_arn = role;
    f->session_name = name;
    f->profile = profile;
    snprintf(f->text, sizeof f->text, "web identity, token file %s", file);
    f->where = f->text;
    return 1;
}

/* A variable of web identity: set counts, even if it is empty; else the profile's. */
static const char *either(const char *variable, bool variables, const char *value)
{
    const char *v = variables ? getenv(variable) : NULL;
    return v ? v : value;
}

/* Members of a section that the profile has as well, of another value: the first one's exit code, after saying so. */
static int check_members(const struct settings *s, struct profile p, size_t session, size_t section)
{
    const struct ini *ini = &s->config;
    for (size_t i = 0; i < ini->entry_n; i++) {
        const struct ini_entry *e = &ini->entries[i];
        bool counts = e->section == section && ini_get(ini, session, e->key) == e->value;
        const char *its = counts ? settings_value(s, p, e->key) : NULL;
        if (its && strcmp(its, e->value) != 0)
            return say_error(CODE_OTHER,
                             "The value for %s is inconsistent between profile (%s) and "
                             "sso-session (%s). (%s line %zu)",
                             e->key, its, e->value, s->config_path, e->line);
    }
    return 0;
}

/* The members of the session are laid over the profile's: its own, then those of DEFAULT. */
static int check_session(const struct settings *s, struct profile p, size_t session)
{
    int rc = check_members(s, p, session, session);
    return rc ? rc : check_members(s, p, session, 0);
}

/* What has to be there, in the order in which the AWS CLI names what is not. */
static int check_sso(const struct source *f)
{
    const struct {
        const char *key, *value;
    } needed[] = {{"sso_role_name", f->sso_role},
                  {"sso_account_id", f->sso_account},
                  {"sso_start_url", f->sso_start_url},
                  {"sso_region", f->sso_region}};
    struct say list;
    say_begin(&list, "");
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!needed[i].value)
            say_add(&list, "%s%s", list.n ? ", " : "", needed[i].key);
    if (list.n)
        return say_error(CODE_OTHER,
                         "The profile \"%s\" is configured to use SSO but is missing required "
                         "configuration: %.*s",
                         f->profile, (int)list.n, list.text);
    return 1;
}

/* 0: the profile has nothing of it (a session or a start URL alone is for aws sso login); 1; or an exit code. */
static int from_sso(const struct settings *s, struct source *f, const char *name, struct profile p)
{
    const struct ini *ini = &s->config;
    f->sso_role = settings_value(s, p, "sso_role_name");
    f->sso_account = settings_value(s, p, "sso_account_id");
    if (!f->sso_role && !f->sso_account)
        return 0;
    f->profile = name;
    f->sso_session = settings_value(s, p, "sso_session");
    f->sso_start_url = settings_value(s, p, "sso_start_url");
    f->sso_region = settings_value(s, p, "sso_region");
    if (f->sso_session) {
        size_t at = ini_typed_section(ini, "sso-session", f->sso_session);
        if (!at)
            return say_error(CODE_OTHER, "The specified sso-session does not exist: \"%s\"",
                             f->sso_session);
        int rc = check_session(s, p, at);
        if (rc)
            return rc;
        const char *url = ini_get(ini, at, "sso_start_url"),
                   *region = ini_get(ini, at, "sso_region"),
                   *role = ini_get(ini, at, "sso_role_name"),
                   *account = ini_get(ini, at, "sso_account_id");
        f->sso_lacks = url && region ? NULL
                       : region      ? "['sso_start_url']"
                       : url         ? "['sso_region']"
                                     : "['sso_start_url', 'sso_region']";
        f->sso_start_url = url ? url : f->sso_start_url;
        f->sso_region = region ? region : f->sso_region;
        f->sso_role = role ? role : f->sso_role;
        f->sso_account = account ? account : f->sso_account;
    }
    f->kind = SOURCE_SSO;
    f->method = "sso";
    snprintf(f->text, sizeof f->text, "sso, profile %s in %s", name,
             settings_place(s, name, f->sso_role ? "sso_role_name" : "sso_account_id"));
    f->where = f->text;
    return check_sso(f);
}

static int from_login(const struct settings *s, struct source *f, const char *name,
                      struct profile p)
{
    f->login_session = settings_value(s, p, "login_session");
    if (!f->login_session)
        return 0;
    f->profile = name;
    f->kind = SOURCE_LOGIN;
    f->method = "login";
    snprintf(f->text, sizeof f->text, "login, profile %s in %s", name,
             settings_place(s, name, "login_session"));
    f->where = f->text;
    return 1;
}

/* What a profile says by itself, roles with a source apart. */
static int from_profile(const struct settings *s, struct source *f, const char *name,
                        bool variables)
{
    struct profile p = settings_profile(s, name);
    const char *file = either("AWS_WEB_IDENTITY_TOKEN_FILE", variables,
                              settings_value(s, p, "web_identity_token_file"));
    if (file && *file)
        return web_identity(
            s, f, name, file, either("AWS_ROLE_ARN", variables, settings_value(s, p, "role_arn")),
            either("AWS_ROLE_SESSION_NAME", variables, settings_value(s, p, "role_session_name")));
    int rc = from_sso(s, f, name, p);
    if (rc == 0)
        rc = from_section(f, &s->shared, p.shared_at, name, "shared-credentials-file",
                          s->shared_path);
    if (rc == 0)
        rc = from_login(s, f, name, p);
    if (rc)
        return rc;
    f->command = settings_value(s, p, "credential_process");
    if (f->command) {
        f->kind = SOURCE_PROCESS;
        f->method = "custom-process";
        snprintf(f->text, sizeof f->text, "credential_process of profile %s in %s", name,
                 settings_place(s, name, "credential_process"));
        f->where = f->text;
        return 1;
    }
    return from_section(f, &s->config, p.config_at, name, "config-file", s->config_path);
}

static int from_container(struct source *f)
{
    if (!getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") &&
        !getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI"))
        return 0;
    f->kind = SOURCE_CONTAINER;
    f->method = "container-role";
    f->where = settings_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
                   ? "container endpoint, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
                   : "container endpoint, AWS_CONTAINER_CREDENTIALS_FULL_URI";
    return 1;
}

bool chain_imds_is_off(void)
{
    const char *v = settings_env("AWS_EC2_METADATA_DISABLED");
    return v && strcasecmp(v, "true") == 0;
}

static int from_instance(struct source *f)
{
    if (chain_imds_is_off())
        return 0;
    f->kind = SOURCE_IMDS;
    f->method = "iam-role";
    f->where = "EC2 instance metadata";
    return 1;
}

/* ---- roles ---- */

static bool has_static(const struct settings *s, struct profile p)
{
    return settings_value(s, p, "aws_access_key_id") ||
           settings_value(s, p, "aws_secret_access_key");
}

static bool has_role(const struct settings *s, struct profile p)
{
    return settings_value(s, p, "role_arn") && !settings_value(s, p, "web_identity_token_file");
}

static int loop(const struct finder *f, const char *name)
{
    struct say list;
    say_begin(&list, "");
    for (size_t i = 0; i < f->visited_n; i++)
        say_add(&list, "%s'%s'", i ? ", " : "", f->visited[i]);
    return say_error(CODE_OTHER,
                     "Infinite loop in credential configuration detected. Attempting to load from "
                     "profile %s which has already been visited. Visited profiles: [%.*s] (%s)",
                     name, (int)list.n, list.text,
                     settings_place(f->s, f->visited[f->visited_n - 1], "source_profile"));
}

/* May the profile be the source of another one? 0, or an exit code. */
static int check_source(const struct finder *f, const char *parent, const char *name)
{
    struct profile p = settings_profile(f->s, name);
    if (!p.config_at && !p.shared_at)
        return say_error(CODE_OTHER,
                         "The source_profile \"%s\" referenced in the profile \"%s\" does not "
                         "exist. (%s)",
                         name, parent, settings_place(f->s, parent, "source_profile"));
    if (was_visited(f, p) && (strcmp(name, parent) != 0 || !has_static(f->s, p)))
        return loop(f, name);
    return 0;
}

static int named_source(const struct finder *f, const char *profile, const char *name)
{
    struct source *to = &f->chain->source;
    int rc;
    if (strcmp(name, "Environment") == 0)
        rc = from_environment(to);
    else if (strcmp(name, "EcsContainer") == 0)
        rc = from_container(to);
    else if (strcmp(name, "Ec2InstanceMetadata") == 0)
        rc = from_instance(to);
    else
        return say_error(CODE_OTHER,
                         "The credential source \"%s\" referenced in profile \"%s\" is not valid. "
                         "(%s; valid: Environment, EcsContainer, Ec2InstanceMetadata)",
                         name, profile, settings_place(f->s, profile, "credential_source"));
    if (rc == 0)
        return say_error(CODE_OTHER,
                         "Error when retrieving credentials from %s: No credentials found in "
                         "credential_source referenced in profile %s",
                         name, profile);
    return rc == 1 ? 0 : rc;
}

static void add_role(struct finder *f, const char *name, struct profile p)
{
    struct chain *c = f->chain;
    struct role r = {.profile = name, .arn = settings_value(f->s, p, "role_arn")};
    const char *duration = settings_value(f->s, p, "duration_seconds");
    r.session_name = settings_value(f->s, p, "role_session_name");
    r.external_id = settings_value(f->s, p, "external_id");
    r.mfa_serial = settings_value(f->s, p, "mfa_serial");
    if (duration && !args_integer(duration, &r.duration_s))
        r.duration_s = 0; /* what is no number is passed over, as by the AWS CLI */
    c->roles = grown(c->roles, c->role_n, &f->role_room, sizeof *c->roles);
    c->roles[c->role_n++] = r; /* the selected profile's first; turned round in the end */
}

static int own_source(struct finder *f, const char *name)
{
    int rc = from_profile(f->s, &f->chain->source, name, false);
    if (rc == 0)
        return say_error(CODE_OTHER, "The source profile \"%s\" must have credentials. (%s, %s)",
                         name, f->s->config_path, f->s->shared_path);
    return rc == 1 ? 0 : rc;
}

/* From the selected profile towards the source, a role a turn. 0, or an exit code. */
static int through_roles(struct finder *f, const char *name)
{
    for (;;) {
        struct profile p = settings_profile(f->s, name);
        const char *next = settings_value(f->s, p, "source_profile");
        const char *source = settings_value(f->s, p, "credential_source");
        if (next && source)
            return say_error(CODE_OTHER,
                             "The profile \"%s\" contains both source_profile and "
                             "credential_source. (%s)",
                             name, settings_place(f->s, name, "credential_source"));
        if (!next && !source)
            return say_error(CODE_OTHER,
                             "Partial credentials found in assume-role, missing: source_profile or "
                             "credential_source (profile %s in %s)",
                             name, settings_place(f->s, name, "role_arn"));
        add_role(f, name, p);
        if (source)
            return named_source(f, name, source);
        int rc = check_source(f, name, next);
        if (rc)
            return rc;
        visit(f, next);
        p = settings_profile(f->s, next);
        if (has_static(f->s, p) || !has_role(f->s, p))
            return own_source(f, next);
        name = next;
    }
}

/* ---- the chain ---- */

static int from_iot(struct chain *c, const struct args *a)
{
    static const enum option needed[] = {OPT_IOT_ROLE_ALIAS, OPT_IOT_CERT, OPT_IOT_KEY};
    if (!args_has(a, OPT_IOT_ENDPOINT))
        return 0;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!args_has(a, needed[i]) || !*a->text[needed[i]])
            return say_error(CODE_USAGE,
                             "An error occurred (ParamValidation): the following arguments are "
                             "required: %s goes with --iot-endpoint",
                             option_defs[needed[i]].name);
    c->source.kind = SOURCE_IOT;
    c->source.method = "iot";
    snprintf(c->source.text, sizeof c->source.text, "AWS IoT's credential provider %s",
             a->text[OPT_IOT_ENDPOINT]);
    c->source.where = c->source.text;
    return 1;
}

static int find(struct finder *f, const struct args *a)
{
    const struct settings *s = f->s;
    struct chain *c = f->chain;
    bool variables = !args_has(a, OPT_PROFILE); /* named on the command line, it goes before them */
    int rc = from_iot(c, a);
    if (rc == 0 && variables)
        rc = from_environment(&c->source);
    if (rc == 0 && has_role(s, settings_profile(s, s->profile))) {
        rc = through_roles(f, s->profile);
        return rc;
    }
    if (rc == 0)
        rc = from_profile(s, &c->source, s->profile, variables);
    if (rc == 0)
        rc = from_container(&c->source);
    if (rc == 0)
        rc = from_instance(&c->source);
    return rc == 1 ? 0 : rc;
}

int chain_find(struct chain *c, const struct settings *s, const struct args *a)
{
    struct finder f = {.s = s, .chain = c};
    memset(c, 0, sizeof *c);
    f.in_config = calloc(s->config.section_n + 1, sizeof *f.in_config);
    f.in_shared = calloc(s->shared.section_n + 1, sizeof *f.in_shared);
    if (!f.in_config || !f.in_shared)
        say_no_memory();
    visit(&f, s->profile);
    int rc = find(&f, a);
    for (size_t i = 0; i < c->role_n / 2; i++) {
        struct role other = c->roles[i];
        c->roles[i] = c->roles[c->role_n - 1 - i];
        c->roles[c->role_n - 1 - i] = other;
    }
    free(f.visited);
    free(f.in_config);
    free(f.in_shared);
    return rc;
}

void chain_free(struct chain *c)
{
    free(c->roles);
    memset(c, 0, sizeof *c);
}

const char *chain_method(const struct chain *c)
{
    return c->role_n ? "assume-role" : c->source.method;
}
