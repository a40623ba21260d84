/* The token of `aws sso login`, and its refreshing. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "sso.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <tinyiam/endpoint.h>
#include <tinyiam/tinyiam.h>

#include "text/json.h"
#include "text/say.h"

#define FOLDER "~/.aws/sso/cache"
#define REFRESH_S 900 /* less is left: as the AWS CLI does */
#define AGAIN_S 60    /* between two refreshes that fail */
#define LOCK_MS 30000 /* another run refreshes it just now */

/* ---- hosts ---- */

static int find_host(struct sso *s, enum service service, struct endpoint *e, struct iam_span *host)
{
    bool portal = service == SERVICE_SSO;
    char *room = portal ? s->portal : s->oidc;
    const struct settings *settings = s->way->settings;
    int rc = settings_endpoint(settings, service, e);
    if (rc == 0)
        rc = settings_no_path(e);
    if (rc)
        return rc;
    int n = iam_endpoint_regional(portal ? "portal.sso" : "oidc", iam_span_of(s->from->sso_region),
                                  settings->endpoint_flags, room, sizeof s->portal);
    if (n < 0)
        return say_error(CODE_OTHER,
                         "Provided region_name '%s' doesn't match a supported format. (sso_region, "
                         "profile %s)",
                         s->from->sso_region, s->from->profile);
    *host = e->given ? e->url.authority : (struct iam_span){room, (size_t)n};
    return 0;
}

int sso_portal(struct sso *s, struct endpoint *e, struct iam_span *host)
{
    return find_host(s, SERVICE_SSO, e, host);
}

/* ---- the token's file ---- */

static const char *name_of(const struct sso *s)
{
    return s->from->sso_session ? s->from->sso_session : s->from->sso_start_url;
}

static bool find_path(struct sso *s)
{
    return *s->path || state_path(FOLDER, STATE_SHA1, iam_span_of(name_of(s)), s->path);
}

/* "2026-11-27T15:43:56Z"; older files end in "UTC". */
static bool seconds_of(struct iam_span s, int64_t *seconds)
{
    struct iam_time t;
    if (s.n > 3 && memcmp(s.p + s.n - 3, "UTC", 3) == 0)
        s.n -= 3;
    if (iam_time_parse(s, &t) < 0)
        return false;
    *seconds = t.us / 1000000;
    return true;
}

/* One that a header field can hold. */
static bool is_token(struct iam_span s)
{
    return s.n && iam_span_within(s, '!', '~');
}

static int load(struct sso *s, bool quiet, int64_t *expires_s)
{
    static const struct iam_json_member members[] = {
        {"accessToken", 0, IAM_JSON_OPTIONAL},  {"expiresAt", 1, IAM_JSON_OPTIONAL},
        {"clientId", 2, IAM_JSON_OPTIONAL},     {"clientSecret", 3, IAM_JSON_OPTIONAL},
        {"refreshToken", 4, IAM_JSON_OPTIONAL}, {"registrationExpiresAt", 5, IAM_JSON_OPTIONAL},
    };
    static const struct iam_json_shape shape = {NULL, members, 6};
    struct iam_span text[6], what;
    size_t n = 0;
    int r = IAM_ERR_FOREIGN;
    explicit_bzero(s->text, sizeof s->text);
    explicit_bzero(s->reply, sizeof s->reply);
    memset(text, 0, sizeof text);
    if (find_path(s) && !state_read_held(&s->held, s->path, STATE_ANY, s->text, &n))
        r = iam_json_read(&shape, s->text, n, text, &what);
    s->token = text[0];
    s->expires = text[1];
    s->client_id = text[2];
    s->client_secret = text[3];
    s->refresh = text[4];
    s->registration = text[5];
    bool good = r == IAM_OK && is_token(s->token) && seconds_of(s->expires, expires_s);
    if (good || quiet)
        return good ? 0 : CODE_OTHER;
    if (r == IAM_ERR_FOREIGN || r == IAM_ERR_JSON)
        return say_error(CODE_OTHER,
                         "Error loading SSO Token: Token for %s does not exist (log in: aws sso "
                         "login --profile %s)",
                         name_of(s), s->from->profile);
    return say_error(CODE_OTHER,
                     "Error loading SSO Token: Token for %s is invalid (log in: aws sso login "
                     "--profile %s)",
                     s->from->sso_start_url, s->from->profile);
}

static void save(struct sso *s)
{
    size_t size = 4096 + 6 * (s->token.n + s->client_id.n + s->client_secret.n + s->refresh.n +
                              strlen(s->from->sso_start_url));
    char *room = malloc(size);
    struct json j;
    if (!room)
        say_no_memory();
    json_begin(&j, room, size);
    json_word(&j, "{");
    json_member(&j, "startUrl", iam_span_of(s->from->sso_start_url));
    json_member(&j, "region", iam_span_of(s->from->sso_region));
    json_member(&j, "accessToken", s->token);
    json_member(&j, "expiresAt", s->expires);
    json_member(&j, "clientId", s->client_id);
    json_member(&j, "clientSecret", s->client_secret);
    json_member(&j, "registrationExpiresAt", s->registration);
    json_member(&j, "refreshToken", s->refresh);
    json_word(&j, "}");
    const char *wrong =
        j.bad ? "too long" : state_write_held(&s->held, s->path, STATE_ANY, j.p, j.n);
    if (wrong)
        say_note("The refreshed token of %s could not be kept in %s: %s", name_of(s), s->path,
                 wrong);
    explicit_bzero(room, size);
    free(room);
}

/* ---- refreshing ---- */

/* What the service answers: a token, and for how long. */
static bool take_reply(struct sso *s, const struct post *p, int64_t *expires_s)
{
    static const struct iam_json_member members[] = {
        {"accessToken", 0, IAM_JSON_REQUIRED},
        {"refreshToken", 1, IAM_JSON_OPTIONAL},
        {"expiresIn", 2, IAM_JSON_NUMBER},
    };
    static const struct iam_json_shape shape = {NULL, members, 3};
    static char until[40];
    struct iam_span text[3], what;
    memcpy(s->reply, p->reply, p->n);
    if (iam_json_read(&shape, s->reply, p->n, text, &what) < 0 || !is_token(text[0]) ||
        !state_ends(text[2], expires_s, until))
        return false;
    s->token = text[0];
    s->refresh = text[1];
    s->expires = iam_span_of(until);
    return true;
}

static bool may_refresh(const struct sso *s)
{
    int64_t until, now = time(NULL);
    return s->refresh.n && s->client_id.n && s->client_secret.n && s->registration.n &&
           seconds_of(s->registration, &until) && until > now &&
           (s->tried_s == 0 || now - s->tried_s >= AGAIN_S);
}

/* 0: it went well, or does not matter while the old token lives; else an exit code, after saying why. */
static int refresh(struct sso *s, bool quiet, int64_t *expires_s)
{
    struct post_call c = {.path = "/token", .grace_ms = POST_GRACE_MS};
    struct post *p;
    char room[16384];
    struct json j;
    int code = find_host(s, SERVICE_OIDC, &c.endpoint, &c.host);
    if (code)
        return code;
    s->tried_s = time(NULL);
    json_begin(&j, room, sizeof room);
    json_word(&j, "{");
    json_member(&j, "grantType", IAM_SPAN("refresh_token"));
    json_member(&j, "clientId", s->client_id);
    json_member(&j, "clientSecret", s->client_secret);
    json_member(&j, "refreshToken", s->refresh);
    json_word(&j, "}");
    if (j.bad)
        return 0;
    c.body = (struct iam_span){j.p, j.n};
    p = post_new();
    int r = post_run(p, s->way, &c, &code);
    if (r == IAM_OK && take_reply(s, p, expires_s))
        save(s);
    else if (r != IAM_AGAIN && s->way->debug)
        trace_say("* refreshing the token of %s: %s", name_of(s), iam_result_name(r));
    if (r != IAM_AGAIN)
        code = r < 0 && r != IAM_ERR_SERVICE && r != IAM_ERR_SPACE && !quiet &&
                       *expires_s <= time(NULL)
                   ? post_explain(p, s->way, &c, "CreateToken", s->from->where)
                   : 0;
    post_end(p);
    explicit_bzero(room, sizeof room);
    return code;
}

static int dead(const struct sso *s, bool quiet)
{
    const char *profile = s->from->profile;
    if (quiet)
        return CODE_OTHER;
    if (s->from->sso_session)
        return say_error(CODE_OTHER,
                         "Error when retrieving token from sso: Token has expired and refresh "
                         "failed (log in: aws sso login --profile %s)",
                         profile);
    return say_error(CODE_OTHER,
                     "The SSO session associated with this profile has expired or is otherwise "
                     "invalid. To refresh this SSO session run aws sso login with the "
                     "corresponding profile. (aws sso login --profile %s)",
                     profile);
}

int sso_token(struct sso *s, bool quiet, struct iam_span *token)
{
    struct state_lock lock = {0};
    int64_t expires_s = 0;
    if (s->from->sso_lacks)
        return quiet ? CODE_OTHER
                     : say_error(CODE_OTHER,
                                 "The profile \"%s\" is configured to use the SSO token provider "
                                 "but is missing the following configuration: %s. (section "
                                 "[sso-session %s])",
                                 s->from->profile, s->from->sso_lacks, s->from->sso_session);
    int rc = load(s, quiet, &expires_s);
    if (rc == 0 && s->from->sso_session && expires_s - time(NULL) < REFRESH_S && may_refresh(s)) {
        (void)state_lock(&lock, s->path, s->way->stop, LOCK_MS);
        rc = load(s, quiet, &expires_s); /* another run may have done it meanwhile */
        /* while the old one lives, nobody uses up what he cannot put back */
        bool due = expires_s - time(NULL) < (lock.held ? REFRESH_S : 1);
        if (rc == 0 && due && may_refresh(s))
            rc = refresh(s, quiet, &expires_s);
        if (rc == 0 && expires_s <= time(NULL)) /* or a tool that knows of no lock */
            rc = load(s, quiet, &expires_s);
        state_unlock(&lock);
    }
    if (rc == 0 && expires_s <= time(NULL))
        rc = dead(s, quiet);
    *token = s->token;
    return rc;
}

bool sso_secret(const struct sso *s, size_t number, struct iam_span *to)
{
    const struct iam_span secrets[] = {s->token, s->refresh, s->client_secret};
    if (number >= sizeof secrets / sizeof *secrets)
        return false;
    *to = secrets[number];
    return true;
}
