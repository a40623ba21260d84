/* Where each setting comes from, in the columns of `aws configure list`: name, value, type, location. */
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
    printf("%*s", columns < width ? (int)(width - columns) : 0, "");
    for (size_t i = 0; i < n;) {
        i += terminal_char(text + i, n - i, &shown);
        fwrite(shown.p, 1, shown.n, stdout);
    }
}

static void row(const char *name, const char *value, const char *type, const char *location)
{
    printf("%24s ", name);
    put_text(value, 24);
    printf(" %16s    ", type);
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

static const char *file_of(const struct settings *s, const char *key)
{
    return ini_get(&s->shared, s->selected.shared_at, key) ? s->shared_path : s->config_path;
}

/* A setting with the usual four places; NULL: it has no such. */
struct place {
    const char *name;
    enum option option; /* OPT_COUNT: none */
    const char *variables[2];
    const char *key;
    const char *otherwise; /* in use where nothing is set */
};

static void show(const struct settings *s, const struct args *a, const struct place *p)
{
    if (p->option != OPT_COUNT && args_has(a, p->option) && *a->text[p->option]) {
        row(p->name, a->text[p->option], "manual", option_defs[p->option].name);
        return;
    }
    for (size_t i = 0; i < 2; i++)
        if (p->variables[i] && settings_env(p->variables[i])) {
            row(p->name, settings_env(p->variables[i]), "env", p->variables[i]);
            return;
        }
    const char *v = p->key ? settings_value(s, s->selected, p->key) : NULL;
    if (v && *v)
        row(p->name, v, "config-file", file_of(s, p->key));
    else if (p->otherwise)
        row(p->name, p->otherwise, "default", "");
    else
        missing(p->name);
}

static void show_profile(const struct settings *s, const struct args *a)
{
    if (args_has(a, OPT_PROFILE))
        row("profile", s->profile, "manual", "--profile");
    else if (settings_env("AWS_PROFILE"))
        row("profile", s->profile, "env", "AWS_PROFILE");
    else if (settings_env("AWS_DEFAULT_PROFILE"))
        row("profile", s->profile, "env", "AWS_DEFAULT_PROFILE");
    else
        missing("profile");
}

static void show_keys(const struct keys *k)
{
    const struct source *f = &k->chain.source;
    const struct iam_credentials *c = &k->provider->keys;
    const char *type = chain_method(&k->chain);
    if (f->kind != SOURCE_KEYS || k->chain.role_n) {
        masked("access_key", c->access_key_id, type, keys_from(k));
        masked("secret_key", c->secret_access_key, type, "");
        masked("session_token", c->session_token, type, "");
    } else {
        bool env = strcmp(type, "env") == 0;
        masked("access_key", c->access_key_id, type, env ? f->id_key : keys_from(k));
        masked("secret_key", c->secret_access_key, type, env ? f->secret_key : "");
        masked("session_token", c->session_token, type, env ? f->token_key : "");
    }
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
    static const struct place places[] = {
        {"use_fips_endpoint",
         OPT_COUNT,
         {"AWS_USE_FIPS_ENDPOINT", NULL},
         "use_fips_endpoint",
         NULL},
        {"use_dualstack_endpoint",
         OPT_COUNT,
         {"AWS_USE_DUALSTACK_ENDPOINT", NULL},
         "use_dualstack_endpoint",
         NULL},
        {"output", OPT_OUTPUT, {"AWS_DEFAULT_OUTPUT", NULL}, "output", "json"},
        {"max_attempts", OPT_MAX_ATTEMPTS, {"AWS_MAX_ATTEMPTS", NULL}, "max_attempts", "3"},
        {"retry_mode", OPT_COUNT, {"AWS_RETRY_MODE", NULL}, "retry_mode", "standard"},
    };
    static const struct place ca = {
        "ca_bundle", OPT_CA_BUNDLE, {"AWS_CA_BUNDLE", NULL}, "ca_bundle", NULL};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        show(s, a, &places[i]);
    if (s->ca_file && strcmp(s->ca_from, "system") == 0)
        row("ca_bundle", s->ca_file, "default", "");
    else
        show(s, a, &ca);
}

static int show_credentials(const struct settings *s, const struct args *a)
{
    struct net_base base;
    struct keys keys;
    struct chain chain;
    int rc = chain_find(&chain, s, a);
    bool any = chain.source.kind != SOURCE_NONE;
    chain_free(&chain);
    if (rc || !any) {
        missing("access_key");
        missing("secret_key");
        return rc;
    }
    net_base_init(&base, s);
    rc = keys_open(&keys, s, a, &base, NULL);
    keys.may_lack = true;
    if (rc == 0)
        rc = keys_fetch(&keys);
    if (rc == 0 && keys.provider->keys.access_key_id.n) {
        show_keys(&keys);
    } else { /* why has been said on stderr; the rest is as good as ever */
        missing("access_key");
        missing("secret_key");
    }
    keys_close(&keys);
    return rc;
}

int configure_list(const struct settings *s, const struct args *a)
{
    static const struct place region = {
        "region", OPT_REGION, {"AWS_REGION", "AWS_DEFAULT_REGION"}, "region", NULL};
    row("Name", "Value", "Type", "Location");
    row("----", "-----", "----", "--------");
    show_profile(s, a);
    int rc = show_credentials(s, a);
    show(s, a, &region);
    show_endpoint("endpoint_url iam", &s->iam);
    show_endpoint("endpoint_url sts", &s->sts);
    show_rest(s, a);
    show_proxies();
    return rc;
}
