/* Sessions of roles in the AWS CLI's cache. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "role_cache.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <tinyiam/post.h>

#include "config/settings.h"
#include "net/trace.h"
#include "text/json.h"
#include "text/say.h"
#include "text/values.h"

#define FOLDER "~/.aws/cli/cache"

/* Under --debug. Always false. */
SAY_FORMAT(2, 3)
static bool tell(const struct role_cache *c, const char *format, ...)
{
    char why[200];
    va_list list;
    va_start(list, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): false, see the line above */
    vsnprintf(why, sizeof why, format, list);
    va_end(list);
    if (c->debug)
        trace_say("* role session %s: %s", c->path, why);
    return false;
}

/* ---- whose entry ---- */

/* Names in order, as the AWS CLI hashes them. */
static void put_place(struct role_cache *c, const struct json *j)
{
    const struct iam_span text = {j->p, j->n};
    if (j->bad || !state_path(FOLDER, STATE_SHA1, text, c->path) || c->path[0] != '/')
        c->path[0] = '\0';
}

/* arn:PARTITION:iam::ACCOUNT:role/NAME */
static void find_account(const char *arn, char out[16])
{
    for (int i = 0; i < 4 && arn; i++)
        arn = strchr(arn, ':') ? strchr(arn, ':') + 1 : NULL;
    size_t n = arn ? strspn(arn, "0123456789") : 0;
    out[0] = '\0';
    if (n == 12 && arn[n] == ':')
        snprintf(out, 16, "%.12s", arn);
}

/* A session name that the AWS CLI makes up itself is no part of the key. */
void role_cache_open(struct role_cache *c, const struct role_cache_args *a, bool debug)
{
    char room[8192], seconds[40];
    struct json j;
    memset(c, 0, sizeof *c);
    c->debug = debug;
    find_account(a->arn, c->account);
    json_begin(&j, room, sizeof room);
    json_word(&j, "{");
    if (a->duration_s) {
        snprintf(seconds, sizeof seconds, "\"DurationSeconds\": %ld", a->duration_s);
        json_word(&j, seconds);
    }
    json_member(&j, "ExternalId", iam_span_of(a->external_id));
    json_member(&j, "RoleArn", iam_span_of(a->arn));
    json_member(&j, "RoleSessionName",
                iam_span_of(a->session_name && *a->session_name ? a->session_name : NULL));
    json_member(&j, "SerialNumber", iam_span_of(a->mfa_serial));
    json_word(&j, "}");
    put_place(c, &j);
}

void role_cache_open_sso(struct role_cache *c, const struct role_cache_sso *a, bool debug)
{
    char room[8192];
    struct json j;
    memset(c, 0, sizeof *c);
    c->debug = debug;
    c->sso = true;
    snprintf(c->account, sizeof c->account, "%s", a->account);
    json_begin(&j, room, sizeof room);
    j.compact = true;
    json_word(&j, "{");
    json_member(&j, "accountId", iam_span_of(a->account));
    json_member(&j, "roleName", iam_span_of(a->role));
    json_member(&j, "sessionName", iam_span_of(a->session));
    json_member(&j, "startUrl", iam_span_of(a->session ? NULL : a->start_url));
    json_word(&j, "}");
    put_place(c, &j);
}

/* ---- reading ---- */

/* botocore may write the zone of a time as UTC. */
static int read_time(struct iam_span s, struct iam_time *to)
{
    if (s.n > 3 && memcmp(s.p + s.n - 3, "UTC", 3) == 0)
        s.n -= 3;
    return iam_time_parse(s, to);
}

static int read_keys(struct role_cache_entry *e, size_t n)
{
    static const struct iam_json_member members[] = {
        {"AccessKeyId", 0, IAM_JSON_REQUIRED},
        {"SecretAccessKey", 1, IAM_JSON_REQUIRED},
        {"SessionToken", 2, IAM_JSON_REQUIRED},
        {"Expiration", 3, IAM_JSON_REQUIRED},
    };
    static const struct iam_json_shape shape = {"Credentials", members, 4};
    struct iam_creds_config c = {
        .kind = IAM_CREDS_APPLICATION, .keys = e->keys, .keys_size = sizeof e->keys};
    struct iam_span text[4], what;
    struct iam_time until;
    int r = iam_json_read(&shape, e->document, n, text, &what);
    if (r == IAM_OK)
        r = read_time(text[3], &until);
    if (r == IAM_OK)
        r = iam_creds_init(&e->creds, &c, 1);
    if (r < 0)
        return r;
    iam_creds_time(&e->creds, 0, (int64_t)time(NULL) * 1000);
    if (iam_creds_next(&e->creds) != IAM_AGAIN)
        return IAM_ERR_STATE;
    const struct iam_credentials keys = {text[0], text[1], text[2]};
    return iam_creds_give(&e->creds, &keys, &until);
}

static bool ends_soon(const struct iam_time *t)
{
    return t->us < ((int64_t)time(NULL) + ROLE_CACHE_WINDOW_S) * 1000000;
}

bool role_cache_load(const struct role_cache *c, struct role_cache_entry *e)
{
    size_t n;
    if (!*c->path)
        return false;
    const char *wrong = state_read(c->path, STATE_PRIVATE, e->document, &n);
    if (wrong)
        return *wrong ? tell(c, "passed over: %s", wrong) : tell(c, "none is kept");
    if (read_keys(e, n) != IAM_OK || !e->creds.expiration.present || !e->creds.keys.session_token.n)
        return tell(c, "passed over: damaged, or long expired");
    if (ends_soon(&e->creds.expiration))
        return tell(c, "expired, or about to");
    tell(c, "found");
    return true;
}

/* ---- writing ---- */

/* IAM Identity Center's in whole seconds and with a Z, as its own provider writes them. */
static struct iam_span expiration_text(const struct role_cache *c, const struct iam_time *t,
                                       char text[40])
{
    time_t seconds = (time_t)(t->us / 1000000);
    struct tm civil;
    if (!c->sso)
        return time_text(t, text);
    if (!gmtime_r(&seconds, &civil))
        return (struct iam_span){NULL, 0};
    return (struct iam_span){text, strftime(text, 40, "%Y-%m-%dT%H:%M:%SZ", &civil)};
}

bool role_cache_save(const struct role_cache *c, const struct iam_credentials *keys,
                     const struct iam_time *expiration)
{
    char until[40];
    if (!*c->path || !expiration->present)
        return false;
    if (ends_soon(expiration))
        return tell(c, "not kept: it ends within %d minutes", ROLE_CACHE_WINDOW_S / 60);
    size_t size =
        512 + 2 * (keys->access_key_id.n + keys->secret_access_key.n + keys->session_token.n);
    struct json j;
    char *room = malloc(size);
    if (!room)
        say_no_memory();
    json_begin(&j, room, size);
    json_word(&j,
              c->sso ? "{\"ProviderType\": \"sso\", \"Credentials\": {" : "{\"Credentials\": {");
    json_member(&j, "AccessKeyId", keys->access_key_id);
    json_member(&j, "SecretAccessKey", keys->secret_access_key);
    json_member(&j, "SessionToken", keys->session_token);
    json_member(&j, "Expiration", expiration_text(c, expiration, until));
    json_member(&j, "AccountId", iam_span_of(*c->account ? c->account : NULL));
    json_word(&j, "}}");
    const char *wrong =
        j.bad || j.n > STATE_MAX ? "too long" : state_write(c->path, STATE_PRIVATE, j.p, j.n);
    explicit_bzero(room, size);
    free(room);
    if (wrong)
        return tell(c, "not kept: %s", wrong);
    tell(c, "kept");
    return true;
}
