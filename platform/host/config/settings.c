/* Settings: options, environment, profile, in that order. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "settings.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "text/values.h"
#include "text/words.h"

static const char *const ca_files[] = {
    "/etc/ssl/certs/ca-certificates.crt",                /* Debian, Ubuntu, Arch, Alpine */
    "/etc/pki/tls/certs/ca-bundle.crt",                  /* Fedora, RHEL, Amazon Linux */
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* newer Fedora */
    "/etc/ssl/ca-bundle.pem",                            /* openSUSE */
    "/etc/ssl/cert.pem",                                 /* macOS, BSDs */
    "/usr/local/share/certs/ca-root-nss.crt",            /* FreeBSD */
    "/opt/homebrew/etc/ca-certificates/cert.pem",
};

const char *settings_env(const char *name)
{
    const char *v = getenv(name);
    return v && *v ? v : NULL;
}

static bool is_true(const char *v)
{
    return v && strcasecmp(v, "true") == 0;
}

struct profile settings_profile(const struct settings *s, const char *name)
{
    return (struct profile){ini_profile(&s->config, name), ini_section(&s->shared, name)};
}

const char *settings_value(const struct settings *s, struct profile p, const char *key)
{
    const char *v = ini_get(&s->shared, p.shared_at, key);
    if (!v)
        v = ini_get(&s->config, p.config_at, key);
    return v && *v != '\n' ? v : NULL; /* a nested block is no value */
}

const char *settings_place(const struct settings *s, const char *profile, const char *key)
{
    static char text[sizeof s->config_path + 32];
    struct profile p = settings_profile(s, profile);
    size_t line = ini_line(&s->shared, p.shared_at, key);
    const char *path = line ? s->shared_path : s->config_path;
    if (!line)
        line = ini_line(&s->config, p.config_at, key);
    snprintf(text, sizeof text, line ? "%s line %zu" : "%s", path, line);
    return text;
}

/* Of the selected profile; an empty one counts as none. */
static const char *filled(const struct settings *s, const char *key)
{
    const char *v = settings_value(s, s->selected, key);
    return v && *v ? v : NULL;
}

bool settings_path(const char *given, char *out, size_t size)
{
    char vars[1024], name[128];
    size_t n = 0;
    for (const char *p = given; *p;) {
        bool brace = p[0] == '$' && p[1] == '{';
        const char *word = p + 1 + brace;
        size_t k =
            p[0] != '$' ? 0
            : brace
                ? strcspn(word, "}")
                : strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
        const char *value = NULL;
        if (k && k < sizeof name && (!brace || word[k] == '}')) {
            memcpy(name, word, k);
            name[k] = '\0';
            value = getenv(name);
        }
        size_t add = value ? strlen(value) : 1;
        if (n + add >= sizeof vars)
            return false;
        memcpy(vars + n, value ? value : p, add);
        n += add;
        p = value ? word + k + brace : p + 1;
    }
    vars[n] = '\0';
    const char *home = NULL, *rest = vars;
    if (vars[0] == '~') {
        size_t k = strcspn(vars, "/");
        if (k == 1)
            home = getenv("HOME");
        if (!home && k < sizeof name) {
            memcpy(name, vars + 1, k - 1);
            name[k - 1] = '\0';
            struct passwd *pw = k == 1 ? getpwuid(getuid()) : getpwnam(name);
            home = pw ? pw->pw_dir : NULL;
        }
        if (home)
            rest = vars + k;
    }
    return snprintf(out, size, "%s%s", home ? home : "", rest) < (int)size;
}

#define CONFIG_FILE "AWS_CONFIG_FILE", "~/.aws/config"
#define SHARED_FILE "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"

static bool find_file(const char *variable, const char *usual, char *path, size_t size)
{
    const char *given = getenv(variable);
    return settings_path(given ? given : usual, path, size);
}

static int load_file(struct ini *ini, const char *variable, const char *usual, char *path,
                     size_t size)
{
    size_t line = 0;
    if (!find_file(variable, usual, path, size))
        return say_error(CODE_OTHER, "Unable to parse config file: the path in %s is too long",
                         variable);
    switch (ini_load(ini, path, &line)) {
    case INI_UNREADABLE:
        return say_error(CODE_OTHER, "Unable to parse config file: %s cannot be read", path);
    case INI_BROKEN:
        if (line)
            return say_error(CODE_OTHER, "Unable to parse config file: %s (line %zu)", path, line);
        return say_error(CODE_OTHER, "Unable to parse config file: %s", path);
    default:
        return 0;
    }
}

/* With what may have been meant: a profile of a name like it, or a section of the config file that lacks a word. */
static int no_profile(const struct settings *s)
{
    struct nearest near = nearest_begin(s->profile);
    const char *found = NULL;
    if (ini_section(&s->config, s->profile))
        return say_error(CODE_OTHER,
                         "The config profile (%s) could not be found. %s has a section [%s]: did "
                         "you mean [profile %s]?",
                         s->profile, s->config_path, s->profile, s->profile);
    for (size_t i = 1; i < s->config.section_n; i++)
        if (s->config.profiles[i] && nearest_try(&near, s->config.profiles[i]))
            found = s->config.profiles[i];
    for (size_t i = 1; i < s->shared.section_n; i++)
        if (nearest_try(&near, s->shared.sections[i]))
            found = s->shared.sections[i];
    if (found)
        return say_error(CODE_OTHER,
                         "The config profile (%s) could not be found. Maybe you meant: %s",
                         s->profile, found);
    return say_error(CODE_OTHER, "The config profile (%s) could not be found", s->profile);
}

static void select_profile(struct settings *s, const struct args *a)
{
    s->profile = a->text[OPT_PROFILE];
    if (!s->profile)
        s->profile = settings_env("AWS_PROFILE");
    if (!s->profile)
        s->profile = settings_env("AWS_DEFAULT_PROFILE");
    s->profile_named = s->profile != NULL;
    if (!s->profile)
        s->profile = "default";
    s->selected = settings_profile(s, s->profile);
}

int settings_files(struct settings *s)
{
    int rc = load_file(&s->config, CONFIG_FILE, s->config_path, sizeof s->config_path);
    return rc ? rc : load_file(&s->shared, SHARED_FILE, s->shared_path, sizeof s->shared_path);
}

static int load_profile(struct settings *s, const struct args *a)
{
    int rc = settings_files(s);
    if (rc)
        return rc;
    select_profile(s, a);
    if (s->profile_named && !s->selected.config_at && !s->selected.shared_at)
        return no_profile(s);
    return 0;
}

/* A host name label: anything else could lead to another host. */
static bool good_region(const char *r)
{
    size_t n = strlen(r), digits = 0;
    for (size_t i = 0; i < n; i++) {
        bool digit = r[i] >= '0' && r[i] <= '9';
        bool letter = (r[i] >= 'a' && r[i] <= 'z') || (r[i] >= 'A' && r[i] <= 'Z');
        if (!digit && !letter && r[i] != '-')
            return false;
        digits += digit;
    }
    return n > 0 && n <= 63 && digits < n && r[0] != '-' && r[n - 1] != '-';
}

static int load_region(struct settings *s, const struct args *a)
{
    static const char *const names[] = {"AWS_REGION", "AWS_DEFAULT_REGION"};
    s->region = a->text[OPT_REGION] && *a->text[OPT_REGION] ? a->text[OPT_REGION] : NULL;
    s->region_from = "--region";
    for (size_t i = 0; i < 2 && !s->region; i++) {
        s->region = settings_env(names[i]);
        s->region_from = names[i];
    }
    if (!s->region) {
        s->region = filled(s, "region");
        s->region_from = s->region ? "profile" : "none";
    }
    if (s->region && !good_region(s->region))
        return say_error(CODE_OTHER,
                         "Provided region_name '%s' doesn't match a supported format. (%s)",
                         s->region, s->region_from);
    return 0;
}

static const struct {
    const char *name, *variable; /* of its block in a services section */
} services[SERVICE_COUNT] = {
    [SERVICE_IAM] = {"iam", "AWS_ENDPOINT_URL_IAM"},
    [SERVICE_STS] = {"sts", "AWS_ENDPOINT_URL_STS"},
    [SERVICE_SSO] = {"sso", "AWS_ENDPOINT_URL_SSO"},
    [SERVICE_OIDC] = {"sso_oidc", "AWS_ENDPOINT_URL_SSO_OIDC"},
    [SERVICE_SIGNIN] = {"signin", "AWS_ENDPOINT_URL_SIGNIN"},
};

/* endpoint_url = of the service's block in the [services NAME] that the profile names. */
static const char *service_url(struct settings *s, enum service service)
{
    const char *name = filled(s, "services");
    size_t at = name ? ini_typed_section(&s->config, "services", name) : 0;
    const char *block = ini_get(&s->config, at, services[service].name);
    struct iam_span url =
        block && *block == '\n' ? ini_nested(block, "endpoint_url") : (struct iam_span){NULL, 0};
    return url.n ? s->urls[service].copy = strndup(url.p, url.n) : NULL;
}

/* As the AWS CLI sees it: "localhost:1" has one, "127.0.0.1:1" has not. */
static bool has_scheme(const char *url)
{
    size_t n = strspn(url, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-.");
    return n > 0 && url[n] == ':' && (url[0] < '0' || url[0] > '9') && !strchr("+-.", url[0]);
}

/* In the order of the AWS CLI, without --endpoint-url; *from is where. */
static const char *configured_url(struct settings *s, enum service service, const char **from)
{
    const char *url, *ignore = settings_env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    if (!ignore)
        ignore = filled(s, "ignore_configured_endpoint_urls");
    if (is_true(ignore))
        return NULL;
    if ((url = settings_env(*from = services[service].variable)) != NULL ||
        (url = settings_env(*from = "AWS_ENDPOINT_URL")) != NULL)
        return url;
    *from = "services section of the profile";
    if ((url = service_url(s, service)) != NULL)
        return url;
    *from = "endpoint_url of the profile";
    return filled(s, "endpoint_url");
}

int settings_endpoint(const struct settings *s, enum service service, struct endpoint *e)
{
    const char *url = s->urls[service].text, *from = s->urls[service].from;
    bool by_flag = url && strcmp(from, "--endpoint-url") == 0;
    memset(e, 0, sizeof *e);
    const char *wrong = url ? url_parse(&e->url, url) : NULL;
    if (wrong && by_flag && !has_scheme(url))
        return say_error(CODE_USAGE, PARAM_ERROR "Bad value for --endpoint-url \"%s\": %s", url,
                         wrong);
    if (wrong)
        return say_error(CODE_OTHER, "Invalid endpoint: %s (%s: %s)", url, from, wrong);
    if (url && e->url.plain && !url_is_loopback(e->url.host))
        return say_error(by_flag ? CODE_USAGE : CODE_SETTINGS,
                         "An error occurred (%s): Bad value for --endpoint-url \"%s\": http:// is "
                         "for loopback addresses only, everything else is https:// (%s)",
                         by_flag ? "ParamValidation" : "Configuration", url, from);
    e->given = url != NULL;
    e->text = url;
    e->from = from;
    return 0;
}

int settings_no_path(const struct endpoint *e)
{
    return e->given && e->url.path.n > 1
               ? say_error(CODE_OTHER, "Invalid endpoint: %s (%s: a path has no place in it)",
                           e->text, e->from)
               : 0;
}

void settings_take_region(struct settings *s, struct iam_span region, const char *from)
{
    if (s->region || region.n >= sizeof s->own_region)
        return;
    memcpy(s->own_region, region.p, region.n);
    if (memchr(region.p, '\0', region.n) || !good_region(s->own_region))
        return;
    s->region = s->own_region;
    s->region_from = from;
}

int settings_need_region(const struct settings *s)
{
    if ((!s->iam.given && !s->sts.given) || s->region)
        return 0;
    return say_error(
        CODE_SETTINGS,
        "An error occurred (NoRegion): You must specify a region. You can also "
        "configure your region by running \"aws configure\". What goes to an endpoint of "
        "one's own (%s) is signed for a region: --region us-east-1 is IAM's.",
        s->iam.given ? s->iam.from : s->sts.from);
}

static int load_endpoints(struct settings *s, const struct args *a)
{
    for (int i = 0; i < SERVICE_COUNT; i++)
        s->urls[i].text = configured_url(s, (enum service)i, &s->urls[i].from);
    if (a->text[OPT_ENDPOINT_URL]) {
        s->urls[SERVICE_IAM].text = a->text[OPT_ENDPOINT_URL];
        s->urls[SERVICE_IAM].from = "--endpoint-url";
    }
    int rc = settings_endpoint(s, SERVICE_IAM, &s->iam);
    return rc ? rc : settings_endpoint(s, SERVICE_STS, &s->sts);
}

static void load_endpoint_flags(struct settings *s)
{
    static const struct {
        const char *variable, *key;
        unsigned flag;
    } flags[] = {
        {"AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint", IAM_ENDPOINT_FIPS},
        {"AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint", IAM_ENDPOINT_DUALSTACK},
    };
    for (size_t i = 0; i < 2; i++) {
        const char *v = settings_env(flags[i].variable);
        if (is_true(v ? v : filled(s, flags[i].key)))
            s->endpoint_flags |= flags[i].flag;
    }
}

/* As a shell would have expanded it; what is too long is left as it stands. */
static const char *expanded(struct settings *s, const char *path)
{
    return path && settings_path(path, s->ca_path, sizeof s->ca_path) ? s->ca_path : path;
}

/* The one that is set, be it empty; NULL: none is. *from: where. */
static const char *ca_setting(const struct settings *s, const struct args *a, const char **from)
{
    const char *v = a->text[OPT_CA_BUNDLE];
    *from = "--ca-bundle";
    if (!v)
        v = getenv(*from = "AWS_CA_BUNDLE");
    if (!v) {
        v = settings_value(s, s->selected, "ca_bundle");
        *from = "profile";
    }
    return v ? v : getenv(*from = "REQUESTS_CA_BUNDLE");
}

/* One that is set and names nothing ends what would call somebody: whoever emptied it did not mean these. None at all is
 * an error once TLS is needed: net.c says it. */
static int load_ca(struct settings *s, const struct args *a)
{
    const char *v = ca_setting(s, a, &s->ca_from);
    bool blank = v && v[strspn(v, " \t\r\n\v\f")] == '\0';
    if (blank && command_defs[a->command].kind != ON_CONFIGURE)
        return say_error(
            CODE_OTHER,
            "Invalid CA bundle: the configured value (ca_bundle, AWS_CA_BUNDLE, "
            "REQUESTS_CA_BUNDLE, or verify) resolved to an empty or whitespace-only string. "
            "Provide a valid path to a CA bundle file. (%s)",
            s->ca_from);
    s->ca_file = blank ? NULL : expanded(s, v);
    for (size_t i = 0; i < sizeof ca_files / sizeof *ca_files && !s->ca_file; i++) {
        s->ca_from = "system";
        if (access(ca_files[i], R_OK) == 0)
            s->ca_file = ca_files[i];
    }
    return 0;
}

/* "tinyiam/0.1 app/NAME" for whoever reads CloudTrail; of a name only what a user agent may hold. */
static void load_user_agent(struct settings *s)
{
    static const char first[] = "tinyiam/" IAM_VERSION;
    const char *id = settings_env("AWS_SDK_UA_APP_ID");
    if (!id)
        id = filled(s, "sdk_ua_app_id");
    int n = snprintf(s->user_agent, sizeof s->user_agent, "%s%s%s", first, id ? " app/" : "",
                     id ? id : "");
    size_t end = n < (int)sizeof s->user_agent ? (size_t)n : sizeof s->user_agent - 1;
    for (size_t i = sizeof first - 1 + sizeof " app/" - 1; id && i < end; i++) {
        char c = s->user_agent[i];
        bool letter = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
        if (!letter && !strchr("!$%&'*+-.^_`|~,#", c))
            s->user_agent[i] = '-';
    }
}

/* A name that nobody knows ends what would print it, with the AWS CLI's words; but before the call, not behind it. */
static int load_output(struct settings *s, const struct args *a)
{
    const char *v = a->text[OPT_OUTPUT];
    struct say all;
    s->output_from = "--output";
    if (!v)
        v = settings_env(s->output_from = "AWS_DEFAULT_OUTPUT");
    if (!v) {
        v = filled(s, "output");
        s->output_from = v ? "output of the profile" : "default";
    }
    s->output = v ? format_find(v, a->command) : formats;
    if (s->output)
        return 0;
    s->output = formats;
    if (command_defs[a->command].kind == ON_CONFIGURE)
        return 0;
    say_begin(&all, "");
    args_say_formats(&all, a->command);
    return say_error(CODE_OTHER, "Unknown output type: %s (%s). Valid choices: %.*s", v,
                     s->output_from, (int)all.n, all.text);
}

/* cli_timestamp_format of the profile. The rows of an audit are our own, and so are their times. */
static int load_times(const struct settings *s, const struct args *a)
{
    const char *v = settings_value(s, s->selected, "cli_timestamp_format");
    if (v && strcmp(v, "wire") != 0 && strcmp(v, "iso8601") != 0)
        return say_error(
            CODE_SETTINGS,
            "An error occurred (Configuration): Unknown cli_timestamp_format value: %s, "
            "valid values are \"wire\" or \"iso8601\"",
            v);
    if (v && strcmp(v, "wire") == 0 && command_defs[a->command].kind != ON_AUDIT)
        time_as_it_came();
    return 0;
}

/* An empty one is a wish as well: none. */
static void load_pager(struct settings *s)
{
    s->pager = getenv("AWS_PAGER");
    if (!s->pager)
        s->pager = settings_value(s, s->selected, "cli_pager");
    if (!s->pager)
        s->pager = getenv("PAGER");
    s->pager_named = s->pager != NULL;
    if (!s->pager)
        s->pager = "less";
}

#define PATIENT_ATTEMPTS 8

/* What may take long is not to end by a service that is away for half a second; one page is as the AWS CLI has it. */
static bool is_patient(const struct args *a)
{
    uint8_t kind = command_defs[a->command].kind;
    return kind == ON_ENTITIES || kind == ON_AUDIT ||
           (kind == ON_REPORT && (args_has(a, OPT_ALL) || args_has(a, OPT_WAIT)));
}

static int load_retry(struct settings *s, const struct args *a)
{
    long n = args_has(a, OPT_MAX_ATTEMPTS) ? a->number[OPT_MAX_ATTEMPTS]
             : is_patient(a)               ? PATIENT_ATTEMPTS
                                           : 0;
    const char *v = a->text[OPT_MAX_ATTEMPTS], *mode = settings_env("AWS_RETRY_MODE");
    if (!v && (v = settings_env("AWS_MAX_ATTEMPTS")) == NULL)
        v = filled(s, "max_attempts");
    if (v && !args_has(a, OPT_MAX_ATTEMPTS) && !args_integer(v, &n))
        return say_error(CODE_OTHER,
                         "invalid literal for int() with base 10: '%s' (AWS_MAX_ATTEMPTS or "
                         "max_attempts of the profile)",
                         v);
    if (v && n < 1)
        return say_error(CODE_OTHER,
                         "Value provided to \"max_attempts\": %ld must be an integer greater than "
                         "or equal to one.",
                         n);
    s->max_attempts = (uint8_t)(n > 255 ? 255 : n);
    if (!mode)
        mode = filled(s, "retry_mode");
    if (mode && strcmp(mode, "standard") != 0 && strcmp(mode, "adaptive") != 0)
        return say_error(
            CODE_OTHER,
            "Invalid value provided to \"mode\": \"%s\" must be one of: \"standard\" or "
            "\"adaptive\"",
            mode);
    s->retry_rules = IAM_RETRY_2_1;
    s->adaptive = mode && strcmp(mode, "adaptive") == 0;
    return 0;
}

static uint32_t patience(const struct args *a, enum option o)
{
    if (!args_has(a, o))
        return 0;
    return a->number[o] == 0 ? INT32_MAX
                             : (uint32_t)a->number[o]; /* 0: no limit, as with the AWS CLI */
}

const char *settings_error_format(struct settings *s, const struct args *a)
{
    const char *name = getenv("AWS_CLI_ERROR_FORMAT");
    size_t line;
    if (name || s->profile)
        return name ? name : filled(s, "cli_error_format");
    if (!find_file(CONFIG_FILE, s->config_path, sizeof s->config_path) ||
        ini_load(&s->config, s->config_path, &line) > INI_ABSENT ||
        !find_file(SHARED_FILE, s->shared_path, sizeof s->shared_path) ||
        ini_load(&s->shared, s->shared_path, &line) > INI_ABSENT)
        return NULL;
    select_profile(s, a);
    return filled(s, "cli_error_format");
}

int settings_load(struct settings *s, const struct args *a)
{
    int rc;
    memset(s, 0, sizeof *s);
    s->connect_ms = patience(a, OPT_CONNECT_TIMEOUT);
    s->read_ms = patience(a, OPT_READ_TIMEOUT);
    s->job_ms = patience(a, OPT_WAIT_TIMEOUT);
    if (args_has(a, OPT_DEADLINE)) {
        s->deadline_ms = (uint32_t)a->number[OPT_DEADLINE];
        if (s->deadline_ms == 0)
            return say_error(CODE_USAGE,
                             PARAM_ERROR "argument --deadline: more than 0 seconds are needed");
    }
    if ((rc = load_profile(s, a)) != 0 || (rc = load_times(s, a)) != 0 ||
        (rc = load_output(s, a)) != 0 || (rc = load_retry(s, a)) != 0 ||
        (rc = load_region(s, a)) != 0 || (rc = load_endpoints(s, a)) != 0 ||
        (rc = load_ca(s, a)) != 0)
        return rc;
    load_endpoint_flags(s);
    load_user_agent(s);
    load_pager(s);
    return 0;
}

void settings_end(struct settings *s)
{
    ini_end(&s->config);
    ini_end(&s->shared);
    for (int i = 0; i < SERVICE_COUNT; i++)
        free(s->urls[i].copy);
}
