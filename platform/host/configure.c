/* Where each setting comes from, in the columns of `aws configure list` since 2.31, whose rows come first and are the
 * same to the byte. */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "configure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tinyiam/tinyiam.h>

#include "keys/keys.h"
#include "net/proxy.h"
#include "text/terminal.h"

#define NOT_SET "<not set>"

/* What stands in files and variables, and the end of a key that a source gave, as terminal.h shows it. */
static void put_text(const char *text, unsigned width)
{
    struct terminal_char shown;
    size_t n = strlen(text);
    unsigned columns = terminal_columns((struct iam_span){text, n});
    for (size_t i = 0; i < n;) {
        i += terminal_char(text + i, n - i, &shown);
        fwrite(shown.p, 1, shown.n, stdout);
    }
    printf("%*s", columns < width ? (int)(width - columns) : 0, "");
}

static void row(const char *name, const char *value, const char *type, const char *location)
{
    put_text(name, 10);
    printf(" : ");
    put_text(value, 24);
    printf(" : ");
    put_text(type, 16);
    printf(" : ");
    put_text(location, 0);
    putchar('\n');
}

static void missing(const char *name)
{
    row(name, NOT_SET, "None", "None");
}

/* ****************ABCD, as the AWS CLI shows a key: the end of it, whatever its length. */
static void masked(const char *name, struct iam_span value, const char *type, const char *location)
{
    char text[32] = "****************";
    size_t n = value.n < 4 ? value.n : 4;
    if (value.n == 0) {
        missing(name);
        return;
    }
    memcpy(text + 16, value.p + value.n - n, n);
    row(name, text, type, location);
    explicit_bzero(text, sizeof text);
}

/* As it is set: the AWS CLI shows it so, and that one for the other file, too. */
static const char *config_file(void)
{
    const char *given = getenv("AWS_CONFIG_FILE");
    return given ? given : "~/.aws/config";
}

static const char *file_of(const struct settings *s, const char *key)
{
    return ini_get(&s->shared, s->selected.shared_at, key) ? s->shared_path : config_file();
}

/* A setting with the usual four places; NULL: it has no such. */
struct place {
    const char *name;
    enum option option; /* OPT_COUNT: none */
    const char *variables[2];
    const char *key;
    const char *otherwise; /* in use where nothing is set */
    const char
        *both; /* the location where either variable is set, as the AWS CLI shows it; or NULL */
};

static void show(const struct settings *s, const struct args *a, const struct place *p)
{
    if (p->option != OPT_COUNT && args_has(a, p->option) && *a->text[p->option]) {
        row(p->name, a->text[p->option], "manual", option_defs[p->option].name);
        return;
    }
    for (size_t i = 0; i < 2; i++)
        if (p->variables[i] && settings_env(p->variables[i])) {
            row(p->name, settings_env(p->variables[i]), "env", p->both ? p->both : p->variables[i]);
            return;
        }
    const char *v = p->key ? settings_value(s, s->selected, p->key) : NULL;
    if (v && *v)
        row(p->name, v, "config-file", p->both ? config_file() : file_of(s, p->key));
    else if (p->otherwise)
        row(p->name, p->otherwise, "default", "");
    else
        missing(p->name);
}

static void show_profile(const struct settings *s, const struct args *a)
{
    if (args_has(a, OPT_PROFILE))
        row("profile", s->profile, "manual", "--profile");
    else if (s->profile_named)
        row("profile", s->profile, "env", "['AWS_PROFILE', 'AWS_DEFAULT_PROFILE']");
    else
        missing("profile");
}

/* Which source it was stands in rows of our own, behind the AWS CLI's: show_source(). */
static void show_keys(const struct keys *k)
{
    const struct iam_credentials *c = &k->provider->keys;
    const char *type = chain_method(&k->chain);
    masked("access_key", c->access_key_id, type, "");
    masked("secret_key", c->secret_access_key, type, "");
}

static void show_source(const struct keys *k)
{
    const struct source *f = &k->chain.source;
    const char *type = chain_method(&k->chain);
    bool env = f->kind == SOURCE_KEYS && !k->chain.role_n && strcmp(type, "env") == 0;
    masked("session_token", k->provider->keys.session_token, type, env ? f->token_key : "");
    row("keys_from", type, type, env ? f->id_key : keys_from(k));
    for (size_t i = 0; i < k->chain.role_n; i++)
        row("role_arn", k->chain.roles[i].arn, "config-file", k->chain.roles[i].profile);
    if (f->kind == SOURCE_WEB_IDENTITY)
        row("role_arn", f->role_arn, "web-identity", f->token_file);
}

static void show_endpoint(const char *name, const struct endpoint *e)
{
    if (e->given)
        row(name, e->text,
            strncmp(e->from, "--", 2) == 0     ? "manual"
            : strncmp(e->from, "AWS_", 4) == 0 ? "env"
                                               : "config-file",
            e->from);
    else
        missing(name);
}

static void show_proxies(void)
{
    const char *name, *value = proxy_variable("https_proxy", "HTTPS_PROXY", &name);
    struct proxy p;
    char text[700];
    if (!value) {
        missing("https_proxy");
    } else if (proxy_parse(&p, value) != NULL) {
        row("https_proxy", "<not usable>", "env", name);
    } else {
        snprintf(text, sizeof text, "%s://%s%.*s", p.url.plain ? "http" : "https",
                 p.login ? "***:***@" : "", (int)p.url.authority.n, p.url.authority.p);
        row("https_proxy", text, "env", name);
        explicit_bzero(&p, sizeof p);
    }
    value = proxy_variable("no_proxy", "NO_PROXY", &name);
    if (value)
        row("no_proxy", value, "env", name);
    else
        missing("no_proxy");
}

static void show_rest(const struct settings *s, const struct args *a)
{
#define PLACE(option_, variable, key_, usual)                                                \
    {                                                                                        \
        .name = (key_), .option = (option_), .variables = {(variable), NULL}, .key = (key_), \
        .otherwise = (usual)                                                                 \
    }
    static const struct place places[] = {
        PLACE(OPT_COUNT, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint", NULL),
        PLACE(OPT_COUNT, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint", NULL),
        PLACE(OPT_OUTPUT, "AWS_DEFAULT_OUTPUT", "output", "json"),
        PLACE(OPT_CLI_ERROR_FORMAT, "AWS_CLI_ERROR_FORMAT", "cli_error_format", "enhanced"),
        PLACE(OPT_COUNT, NULL, "cli_timestamp_format", "iso8601"),
        PLACE(OPT_MAX_ATTEMPTS, "AWS_MAX_ATTEMPTS", "max_attempts", "3"),
        PLACE(OPT_COUNT, "AWS_RETRY_MODE", "retry_mode", "standard"),
    };
    static const struct place ca = PLACE(OPT_CA_BUNDLE, "AWS_CA_BUNDLE", "ca_bundle", NULL);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        show(s, a, &places[i]);
    if (s->ca_file && strcmp(s->ca_from, "system") == 0)
        row("ca_bundle", s->ca_file, "default", "");
    else
        show(s, a, &ca);
}

static void no_keys(void)
{
    missing("access_key");
    missing("secret_key");
}

/* A region that no setting names is the machine's, where keys come from there. */
static void show_region(const struct settings *s, const struct args *a)
{
    static const struct place region = {.name = "region",
                                        .option = OPT_REGION,
                                        .variables = {"AWS_REGION", "AWS_DEFAULT_REGION"},
                                        .key = "region",
                                        .both = "['AWS_REGION', 'AWS_DEFAULT_REGION']"};
    if (s->region && s->region == s->own_region)
        row("region", s->region, "imds", "");
    else
        show(s, a, &region);
}

static int fetch_keys(struct keys *k, struct settings *s, const struct args *a,
                      struct net_base *base)
{
    memset(k, 0, sizeof *k);
    int rc = keys_region(s, a, base, NULL);
    if (rc == 0)
        rc = keys_open(k, s, a, base, NULL);
    k->may_lack = true;
    return rc ? rc : keys_fetch(k);
}

/* The four rows of the AWS CLI, and what goes with the keys. */
static int show_credentials(struct settings *s, const struct args *a)
{
    struct net_base base;
    struct keys keys;
    struct chain chain;
    int rc = chain_find(&chain, s, a);
    bool any = chain.source.kind != SOURCE_NONE, have = false;
    chain_free(&chain);
    if (rc == 0 && any) {
        net_base_init(&base, s);
        rc = fetch_keys(&keys, s, a, &base);
        have = rc == 0 && keys.provider->keys.access_key_id.n;
    }
    if (have)
        show_keys(&keys);
    else /* why has been said on stderr; the rest is as good as ever */
        no_keys();
    show_region(s, a);
    if (have)
        show_source(&keys);
    if (any)
        keys_close(&keys);
    return rc;
}

int configure_list(struct settings *s, const struct args *a)
{
    row("NAME", "VALUE", "TYPE", "LOCATION");
    show_profile(s, a);
    int rc = show_credentials(s, a);
    show_endpoint("endpoint_url iam", &s->iam);
    show_endpoint("endpoint_url sts", &s->sts);
    show_rest(s, a);
    show_proxies();
    return rc;
}
