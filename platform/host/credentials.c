#define _DEFAULT_SOURCE /* explicit_bzero */
#include <string.h>
#include <strings.h>

#include "settings.h"

#define EXPORT_HINT "Until then: eval \"$(aws configure export-credentials --format env%s%s)\""

static struct iam_span span(const char *text)
{
    return text ? (struct iam_span){text, strlen(text)} : (struct iam_span){NULL, 0};
}

static int not_yet(const struct settings *s, const char *what)
{
    return say_error(CODE_SETTINGS,
                     "Profile %s takes its credentials from %s, which is not supported yet by this "
                     "version of tinyiam. " EXPORT_HINT,
                     s->profile, what, " --profile ", s->profile);
}

static void use(struct settings *s, const char *id, const char *secret, const char *token,
                const char *from)
{
    s->credentials.access_key_id = span(id);
    s->credentials.secret_access_key = span(secret);
    s->credentials.session_token = span(token && *token ? token : NULL);
    s->credentials_from = from;
}

/* 0: none there; 1: found; else an exit code. */
static int from_environment(struct settings *s)
{
    const char *id = settings_env("AWS_ACCESS_KEY_ID"),
               *secret = settings_env("AWS_SECRET_ACCESS_KEY");
    const char *token =
        settings_env("AWS_SECURITY_TOKEN"); /* the older name goes first, as in the AWS CLI */
    if (id) {
        if (!secret)
            return say_error(CODE_OTHER,
                             "Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY");
        use(s, id, secret, token ? token : settings_env("AWS_SESSION_TOKEN"), "environment");
        return 1;
    }
    if (settings_env("AWS_WEB_IDENTITY_TOKEN_FILE"))
        return say_error(CODE_SETTINGS,
                         "AWS_WEB_IDENTITY_TOKEN_FILE is set: credentials by web identity are not "
                         "supported yet by this version of tinyiam. " EXPORT_HINT,
                         "", "");
    return 0;
}

static int from_section(struct settings *s, const struct ini *ini, size_t at, const char *from)
{
    const char *id = ini_get(ini, at, "aws_access_key_id");
    const char *secret = ini_get(ini, at, "aws_secret_access_key");
    const char *token = ini_get(ini, at, "aws_security_token");
    if (!id || !*id || *id == '\n')
        return 0;
    if (!secret || !*secret || *secret == '\n')
        return say_error(
            CODE_OTHER,
            "Partial credentials found in %s, missing: aws_secret_access_key (profile %s)", from,
            s->profile);
    use(s, id, secret, token ? token : ini_get(ini, at, "aws_session_token"), from);
    return 1;
}

static int from_profile(struct settings *s)
{
    const char *role = settings_profile_value(s, "role_arn");
    const char *identity = settings_profile_value(s, "web_identity_token_file");
    if (role && !identity) {
        if (!settings_profile_value(s, "source_profile") &&
            !settings_profile_value(s, "credential_source"))
            return say_error(CODE_OTHER,
                             "Partial credentials found in assume-role, missing: source_profile or "
                             "credential_source (profile %s)",
                             s->profile);
        return not_yet(s, "role_arn");
    }
    if (identity)
        return not_yet(s, "web_identity_token_file");
    if (settings_profile_value(s, "sso_session") || settings_profile_value(s, "sso_start_url") ||
        settings_profile_value(s, "sso_account_id"))
        return not_yet(s, "IAM Identity Center (sso)");
    int rc = from_section(s, &s->shared, s->shared_at, "shared-credentials-file");
    if (rc)
        return rc;
    if (settings_profile_value(s, "login_session"))
        return not_yet(s, "aws login");
    if (settings_profile_value(s, "credential_process"))
        return not_yet(s, "credential_process");
    return from_section(s, &s->config, s->config_at, "config-file");
}

int settings_credentials(struct settings *s, const struct args *a)
{
    int rc = args_has(a, OPT_PROFILE) ? 0 : from_environment(s);
    if (rc == 0)
        rc = from_profile(s);
    if (rc)
        return rc == 1 ? 0 : rc;
    if (settings_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") ||
        settings_env("AWS_CONTAINER_CREDENTIALS_FULL_URI"))
        return say_error(CODE_SETTINGS,
                         "The container's credentials (AWS_CONTAINER_CREDENTIALS_*) are not "
                         "supported yet by this version of tinyiam. " EXPORT_HINT,
                         "", "");
    const char *disabled = settings_env("AWS_EC2_METADATA_DISABLED");
    bool off = disabled && strcasecmp(disabled, "true") == 0;
    return say_error(
        CODE_SETTINGS,
        "An error occurred (NoCredentials): Unable to locate credentials. You can configure "
        "credentials by running \"aws login\".%s",
        off ? ""
            : " (Credentials of an EC2 instance are not supported yet by this version of "
              "tinyiam.)");
}

void settings_end(struct settings *s)
{
    ini_end(&s->config);
    ini_end(&s->shared);
    explicit_bzero(&s->credentials, sizeof s->credentials);
}
