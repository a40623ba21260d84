/* The session of `aws login`, and its renewing. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "login.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <tinyiam/endpoint.h>
#include <tinyiam/tinyiam.h>

#include "dpop.h"
#include "text/json.h"
#include "text/say.h"

#define FOLDER "~/.aws/login/cache"
#define REFRESH_S 300 /* less is left: as the AWS CLI does */
#define LOCK_MS 30000 /* another run refreshes it just now */
#define PATH "/v1/token"
#define LOADING "Error loading login session token: "

/* ---- hosts ---- */

static bool ends(const char *text, size_t n, const char *with)
{
    size_t k = strlen(with);
    return n >= k && memcmp(text + n - k, with, k) == 0;
}

/* signin.REGION and the partition's suffix, as other services have it, is for FIPS, for dual-stack, and for partitions
 * that have no web site of the kind. host: 160 bytes. */
static bool find_host(const struct settings *s, char *host)
{
    static const struct {
        const char *suffix, *web;
    } webs[] = {{".amazonaws.com", ".signin.aws.amazon.com"},
                {".amazonaws.com.cn", ".signin.amazonaws.cn"},
                {".amazonaws.eu", ".signin.amazonaws-eusc.eu"}};
    char plain[128];
    unsigned dual = s->endpoint_flags & IAM_ENDPOINT_DUALSTACK;
    int n = iam_endpoint_regional("signin", iam_span_of(s->region), dual, plain, sizeof plain);
    if (n < 0)
        return false;
    const char *rest = memchr(plain, '.', (size_t)n);
    int rest_n = (int)(plain + n - rest), region_n;
    snprintf(host, 160, "signin%s%.*s", s->endpoint_flags & IAM_ENDPOINT_FIPS ? "-fips" : "",
             rest_n, rest);
    if (s->endpoint_flags & (IAM_ENDPOINT_FIPS | IAM_ENDPOINT_DUALSTACK))
        return true;
    for (size_t i = 0; i < sizeof webs / sizeof *webs; i++) {
        if (!ends(rest, (size_t)rest_n, webs[i].suffix))
            continue;
        region_n = rest_n - 1 - (int)strlen(webs[i].suffix);
        snprintf(host, 160, "%.*s%s", region_n, rest + 1,
                 strncmp(rest + 1, "us-gov-", 7) == 0 ? ".signin.amazonaws-us-gov.com"
                                                      : webs[i].web);
    }
    return true;
}

/* ---- the file ---- */

static bool find_path(struct login *l)
{
    const char *given = getenv("AWS_LOGIN_CACHE_DIRECTORY"), *session = l->from->login_session;
    return *l->path ||
           state_path(given ? given : FOLDER, STATE_SHA256, iam_span_of(session), l->path);
}

static bool read_keys(char *document, size_t n, struct iam_credentials *keys,
                      struct iam_span *until, struct iam_span *account)
{
    static const struct iam_json_member members[] = {
        {"accessKeyId", 0, IAM_JSON_REQUIRED},  {"secretAccessKey", 1, IAM_JSON_REQUIRED},
        {"sessionToken", 2, IAM_JSON_REQUIRED}, {"expiresAt", 3, IAM_JSON_OPTIONAL},
        {"accountId", 4, IAM_JSON_OPTIONAL},
    };
    static const struct iam_json_shape shape = {"accessToken", members, 5};
    struct iam_span text[5], what;
    if (iam_json_read(&shape, document, n, text, &what) < 0)
        return false;
    *keys = (struct iam_credentials){text[0], text[1], text[2]};
    *until = text[3];
    if (account)
        *account = text[4];
    for (int i = 0; i < 3; i++)
        if (!text[i].n || !iam_span_within(text[i], '!', '~'))
            return false;
    return true;
}

static bool read_rest(struct login *l)
{
    static const struct iam_json_member members[] = {
        {"clientId", 0, IAM_JSON_REQUIRED},
        {"refreshToken", 1, IAM_JSON_REQUIRED},
        {"dpopKey", 2, IAM_JSON_REQUIRED},
    };
    static const struct iam_json_shape shape = {NULL, members, 3};
    struct iam_span text[3], what;
    int r = iam_json_read(&shape, l->outer, l->n, text, &what);
    l->client_id = text[0];
    l->refresh = text[1];
    l->pem = text[2];
    return r == IAM_OK && text[0].n && text[1].n && text[2].n;
}

static bool is_json(const struct login *l)
{
    static const struct iam_json_shape nothing = {NULL, NULL, 0};
    struct iam_span what;
    char *copy = malloc(l->n + 1);
    if (!copy)
        say_no_memory();
    memcpy(copy, l->file, l->n);
    int r = iam_json_read(&nothing, copy, l->n, NULL, &what);
    explicit_bzero(copy, l->n);
    free(copy);
    return r == IAM_OK;
}

static int load(struct login *l, bool quiet)
{
    const char *session = l->from->login_session;
    struct iam_span until = {NULL, 0};
    bool there = find_path(l) && !state_read_held(&l->held, l->path, STATE_ANY, l->file, &l->n) &&
                 is_json(l);
    if (!there)
        return quiet ? CODE_OTHER
                     : say_error(CODE_OTHER,
                                 LOADING "Unable to load a existing login session for session %s, "
                                         "Please reauthenticate with 'aws login'. (aws login "
                                         "--profile %s)",
                                 session, l->from->profile);
    memcpy(l->inner, l->file, l->n);
    memcpy(l->outer, l->file, l->n);
    if (read_keys(l->inner, l->n, &l->keys, &until, &l->account) && read_rest(l) &&
        iam_time_parse(until, &l->expiration) == IAM_OK)
        return 0;
    return quiet ? CODE_OTHER
                 : say_error(CODE_OTHER,
                             LOADING "Failed to load access token from token cache, missing one or "
                                     "more required fields. (aws login --profile %s)",
                             l->from->profile);
}

/* ---- writing ---- */

/* The file with these two values in place of what it has, the rest as it stands. */
static void save(struct login *l, const char *until)
{
    size_t size = 2 * STATE_MAX + 6 * STATE_MAX, at = 0;
    char *room = malloc(size), *access = malloc(size), *text = malloc(size);
    const struct iam_span file = {l->file, l->n}, old[2] = {json_find(file, "accessToken"),
                                                            json_find(file, "refreshToken")};
    struct json a, b;
    if (!room || !access || !text)
        say_no_memory();
    json_begin(&a, access, size);
    json_word(&a, "{");
    json_member(&a, "accessKeyId", l->keys.access_key_id);
    json_member(&a, "secretAccessKey", l->keys.secret_access_key);
    json_member(&a, "sessionToken", l->keys.session_token);
    json_member(&a, "accountId", l->account);
    json_member(&a, "expiresAt", iam_span_of(until));
    json_word(&a, "}");
    json_begin(&b, text, size);
    json_string(&b, l->refresh);
    bool turned = old[1].p < old[0].p, good = old[0].p && old[1].p && !a.bad && !b.bad;
    const struct iam_span fresh[2] = {{a.p, a.n}, {b.p, b.n}};
    const char *from = file.p;
    for (int i = 0; i < 2 && good; i++) {
        const int k = turned ? 1 - i : i;
        memcpy(room + at, from, (size_t)(old[k].p - from));
        at += (size_t)(old[k].p - from);
        memcpy(room + at, fresh[k].p, fresh[k].n);
        at += fresh[k].n;
        from = old[k].p + old[k].n;
    }
    if (good) {
        memcpy(room + at, from, (size_t)(file.p + file.n - from));
        at += (size_t)(file.p + file.n - from);
    }
    const char *wrong =
        good ? state_write_held(&l->held, l->path, STATE_ANY, room, at) : "it is too long";
    if (wrong)
        say_note("The refreshed session could not be kept in %s: %s", l->path, wrong);
    explicit_bzero(room, size);
    explicit_bzero(access, size);
    explicit_bzero(text, size);
    free(room);
    free(access);
    free(text);
}

/* ---- refreshing ---- */

static bool is_due(const struct login *l, int left_s)
{
    return l->expiration.us <= ((int64_t)time(NULL) + left_s) * 1000000;
}

static int refused(struct login *l, struct post *p, const struct post_call *c)
{
    static const struct iam_json_member members[] = {{"error", 0, IAM_JSON_OPTIONAL},
                                                     {"message", 1, IAM_JSON_OPTIONAL}};
    static const struct iam_json_shape shape = {NULL, members, 2};
    static const struct {
        const char *error, *words;
    } known[] = {
        {"TOKEN_EXPIRED", "Your session has expired. Please reauthenticate using 'aws login'."},
        {"USER_CREDENTIALS_CHANGED",
         "Unable to refresh login credentials because of a change in your password. Please "
         "reauthenticate with your new password using 'aws login'."},
        {"INSUFFICIENT_PERMISSIONS",
         "Unable to create or refresh login credentials due to insufficient permissions. You may "
         "be missing permission for the 'signin:CreateOAuth2Token' action."},
    };
    struct iam_fault *f = &p->exchange.document.exchange.fault;
    struct iam_span text[2] = {{NULL, 0}, {NULL, 0}}, what;
    if (f->error == IAM_ERR_SERVICE) {
        (void)iam_json_read(&shape, p->reply, p->n, text, &what);
        f->message = text[1];
        if (iam_span_is(f->code, "AccessDeniedException")) {
            if (iam_span_is(text[0], known[0].error) && load(l, true) == 0 && !is_due(l, REFRESH_S))
                return 0; /* a tool that knows of no lock was faster */
            for (size_t i = 0; i < sizeof known / sizeof *known; i++)
                if (iam_span_is(text[0], known[i].error))
                    return say_error(CODE_OTHER, "%s (aws login --profile %s)", known[i].words,
                                     l->from->profile);
            return say_error(CODE_OTHER,
                             "An unspecified error happened when resolving AWS credentials or "
                             "refreshing a login session profile. (aws login --profile %s)",
                             l->from->profile);
        }
    }
    return post_explain(p, l->way, c, "CreateOAuth2Token", l->from->where);
}

static bool take_reply(struct login *l, const struct post *p, char until[40])
{
    static const struct iam_json_member members[] = {
        {"refreshToken", 0, IAM_JSON_REQUIRED},
        {"expiresIn", 1, IAM_JSON_NUMBER},
    };
    static const struct iam_json_shape shape = {NULL, members, 2};
    struct iam_span text[2], what, none;
    struct iam_credentials keys;
    int64_t end_s;
    memcpy(l->outer, p->reply, p->n);
    memcpy(l->reply, p->reply, p->n);
    if (!read_keys(l->reply, p->n, &keys, &none, NULL) ||
        iam_json_read(&shape, l->outer, p->n, text, &what) < 0 || !text[0].n ||
        !state_ends(text[1], &end_s, until))
        return false;
    l->keys = keys;
    l->pem = (struct iam_span){NULL, 0}; /* it stood where the answer stands now */
    l->refresh = text[0];
    l->expiration = (struct iam_time){.us = end_s * 1000000, .present = true};
    return true;
}

static int refresh(struct login *l, bool quiet)
{
    const struct settings *s = l->way->settings;
    struct post_call c = {.path = PATH, .grace_ms = POST_GRACE_MS};
    char host[160], proof[DPOP_MAX], url[400], until[40], *pem;
    struct json j;
    int code = settings_endpoint(s, SERVICE_SIGNIN, &c.endpoint), r;
    if (code == 0)
        code = settings_no_path(&c.endpoint);
    if (code)
        return code;
    if (!s->region || !find_host(s, host))
        return say_error(CODE_SETTINGS,
                         "An error occurred (NoRegion): You must specify a region. You can also "
                         "configure your region by running \"aws configure\". Or give --region.");
    c.host = iam_span_of(host);
    const struct iam_span at = c.endpoint.given ? c.endpoint.url.authority : c.host;
    snprintf(url, sizeof url, "http%s://%.*s" PATH,
             c.endpoint.given && c.endpoint.url.plain ? "" : "s", (int)at.n, at.p);
    pem = malloc(l->pem.n + 1); /* where it has a NUL, it is no key */
    if (!pem)
        say_no_memory();
    memcpy(pem, l->pem.p, l->pem.n);
    pem[l->pem.n] = '\0';
    bool proven = dpop_make(pem, url, &l->way->base->posix.system, proof);
    explicit_bzero(pem, l->pem.n);
    free(pem);
    if (!proven)
        return quiet ? CODE_OTHER
                     : say_error(CODE_OTHER,
                                 LOADING "Unable to load private key from cached token. (aws login "
                                         "--profile %s)",
                                 l->from->profile);
    size_t size = 256 + 6 * (l->client_id.n + l->refresh.n);
    char *body = malloc(size);
    struct post *p = post_new();
    if (!body)
        say_no_memory();
    json_begin(&j, body, size);
    json_word(&j, "{");
    json_member(&j, "clientId", l->client_id);
    json_member(&j, "refreshToken", l->refresh);
    json_member(&j, "grantType", IAM_SPAN("refresh_token"));
    json_word(&j, "}");
    c.body = (struct iam_span){j.p, j.n};
    c.field = "DPoP: ";
    c.value = proof;
    r = post_run(p, l->way, &c, &code);
    if (r == IAM_OK && take_reply(l, p, until)) {
        save(l, until);
        code = 0;
    } else if (r == IAM_OK) {
        code = quiet ? CODE_OTHER
                     : say_error(CODE_OTHER, LOADING
                                 "Unable to refresh access token due to an invalid service "
                                 "response. Please try running 'aws login' again. If the issue "
                                 "persists, there may be a temporary signin service problem.");
    } else if (r != IAM_AGAIN) {
        code = quiet ? CODE_OTHER : refused(l, p, &c);
    }
    post_end(p);
    explicit_bzero(body, size);
    explicit_bzero(proof, sizeof proof);
    free(body);
    return code;
}

int login_keys(struct login *l, bool quiet)
{
    struct state_lock lock = {0};
    int rc = load(l, quiet);
    if (rc || !is_due(l, REFRESH_S))
        return rc;
    (void)state_lock(&lock, l->path, l->way->stop, LOCK_MS);
    rc = load(l, quiet); /* another run may have done it meanwhile */
    /* while the old ones live, nobody uses up what he cannot put back */
    if (rc == 0 && is_due(l, lock.held ? REFRESH_S : 0))
        rc = refresh(l, quiet);
    state_unlock(&lock);
    return rc;
}

bool login_secret(const struct login *l, size_t number, struct iam_span *to)
{
    const struct iam_span secrets[] = {l->keys.secret_access_key, l->keys.session_token, l->refresh,
                                       l->pem};
    if (number >= sizeof secrets / sizeof *secrets)
        return false;
    *to = secrets[number];
    return true;
}
