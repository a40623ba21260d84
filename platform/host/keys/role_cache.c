#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "role_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <mbedtls/md.h>

#include "config/settings.h"
#include "net/trace.h"
#include "text/replace.h"
#include "text/say.h"
#include "text/values.h"

#define JSMN_STATIC
#define JSMN_STRICT
#include <jsmn.h>

#define FOLDER "~/.aws/cli/cache"
#define TOKENS_MAX 512 /* the AWS CLI keeps the heads of the reply, too */
#define SHA1_SIZE 20

/* Under --debug. Always false. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static bool
tell(const struct role_cache *c, const char *format, ...)
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

/* ---- a small printer: as Python's json.dumps ---- */

struct text {
    char *p;
    size_t n, size;
    bool bad; /* it did not fit, or cannot be written in ASCII alone */
};

static void put(struct text *t, const char *p, size_t n)
{
    t->bad |= n > t->size - t->n;
    if (!t->bad) {
        memcpy(t->p + t->n, p, n);
        t->n += n;
    }
}

static void put_word(struct text *t, const char *word)
{
    put(t, word, strlen(word));
}

static void put_string(struct text *t, struct iam_span s)
{
    static const char plain[] = "\"\\\n\r\t\b\f", letters[] = "\"\\nrtbf";
    char out[8];
    put_word(t, "\"");
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        const char *special = memchr(plain, c, sizeof plain - 1);
        t->bad |= c >= 0x80;
        if (special)
            snprintf(out, sizeof out, "\\%c", letters[special - plain]);
        else
            snprintf(out, sizeof out, c < 0x20 ? "\\u%04x" : "%c", c);
        put_word(t, out);
    }
    put_word(t, "\"");
}

/* A member of an object, behind another one or the first. */
static void put_member(struct text *t, const char *name, struct iam_span value)
{
    if (value.p == NULL)
        return;
    if (t->n && t->p[t->n - 1] != '{')
        put_word(t, ", ");
    put_word(t, "\"");
    put_word(t, name);
    put_word(t, "\": ");
    put_string(t, value);
}

/* ---- whose entry ---- */

/* Names in order, as the AWS CLI hashes them. A session name that it makes up itself is no part of it. */
static bool key_of(const struct role_cache_args *a, char key[2 * SHA1_SIZE + 1])
{
    char room[8192], seconds[40];
    unsigned char sum[SHA1_SIZE];
    struct text t = {room, 0, sizeof room, false};
    const mbedtls_md_info_t *sha1 = mbedtls_md_info_from_type(MBEDTLS_MD_SHA1);
    put_word(&t, "{");
    if (a->duration_s) {
        snprintf(seconds, sizeof seconds, "\"DurationSeconds\": %ld", a->duration_s);
        put_word(&t, seconds);
    }
    put_member(&t, "ExternalId", iam_span_of(a->external_id));
    put_member(&t, "RoleArn", iam_span_of(a->arn));
    put_member(&t, "RoleSessionName",
               iam_span_of(a->session_name && *a->session_name ? a->session_name : NULL));
    put_member(&t, "SerialNumber", iam_span_of(a->mfa_serial));
    put_word(&t, "}");
    if (t.bad || !sha1 || mbedtls_md(sha1, (const unsigned char *)room, t.n, sum) != 0)
        return false;
    for (int i = 0; i < SHA1_SIZE; i++)
        snprintf(key + 2 * i, 3, "%02x", sum[i]);
    return true;
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

void role_cache_open(struct role_cache *c, const struct role_cache_args *a, bool debug)
{
    char folder[1024], key[2 * SHA1_SIZE + 1];
    memset(c, 0, sizeof *c);
    c->debug = debug;
    find_account(a->arn, c->account);
    if (settings_path(FOLDER, folder, sizeof folder) && folder[0] == '/' && key_of(a, key))
        snprintf(c->path, sizeof c->path, "%s/%s.json", folder, key);
}

/* ---- reading ---- */

static bool read_file(const struct role_cache *c, char *room, size_t *n)
{
    struct stat st;
    int fd = open(c->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    ssize_t got = 1;
    *n = 0;
    if (fd < 0)
        return tell(c, "%s", errno == ENOENT ? "none is kept" : strerror(errno));
    const char *wrong = fstat(fd, &st) < 0            ? strerror(errno)
                        : !S_ISREG(st.st_mode)        ? "not a regular file"
                        : st.st_uid != geteuid()      ? "another user's"
                        : st.st_mode & 077            ? "open to other users"
                        : st.st_size > ROLE_CACHE_MAX ? "too long"
                                                      : NULL;
    while (!wrong && got > 0 && *n < ROLE_CACHE_MAX)
        if ((got = read(fd, room + *n, ROLE_CACHE_MAX - *n)) > 0)
            *n += (size_t)got;
    if (got < 0)
        wrong = strerror(errno);
    close(fd);
    return !wrong || tell(c, "passed over: %s", wrong);
}

static bool is_text(const char *p, const jsmntok_t *t, const char *text)
{
    size_t n = (size_t)(t->end - t->start);
    return t->type == JSMN_STRING && n == strlen(text) && memcmp(p + t->start, text, n) == 0;
}

/* botocore may write the zone of a time as UTC. */
static void mend_zone(char *p, const jsmntok_t *t)
{
    if (t->type == JSMN_STRING && t->end - t->start > 3 && memcmp(p + t->end - 3, "UTC", 3) == 0)
        memcpy(p + t->end - 3, "Z\"  ", 4);
}

/* The object that is the document's member "Credentials": the rest may be larger than the library reads. */
static bool find_credentials(char *p, size_t n, struct iam_span *found)
{
    static jsmntok_t t[TOKENS_MAX];
    jsmn_parser parser;
    int names = 0;
    jsmn_init(&parser);
    int count = jsmn_parse(&parser, p, n, t, TOKENS_MAX);
    if (count < 1 || t[0].type != JSMN_OBJECT)
        return false;
    for (size_t i = (size_t)t[0].end; i < n; i++)
        if (!memchr(" \t\r\n", p[i], 4))
            return false;
    for (int i = 1; i + 1 < count;) {
        const jsmntok_t *value = &t[i + 1];
        bool ours = is_text(p, &t[i], "Credentials");
        if (t[i].type != JSMN_STRING || t[i].size != 1)
            return false;
        if (ours) {
            *found = (struct iam_span){p + value->start, (size_t)(value->end - value->start)};
            names += value->type == JSMN_OBJECT ? 1 : 2;
        }
        for (i += 2; i < count && t[i].start < value->end; i++)
            if (ours && i + 1 < count && is_text(p, &t[i], "Expiration"))
                mend_zone(p, &t[i + 1]);
    }
    return names == 1;
}

/* The object has the members of a credential_process's document but one. */
static int read_keys(struct role_cache_entry *e, struct iam_span object)
{
    static const char head[] = "{\"Version\": 1, ";
    struct iam_creds_config c = {
        .kind = IAM_CREDS_APPLICATION, .keys = e->keys, .keys_size = sizeof e->keys};
    char *room = malloc(sizeof head + object.n);
    if (!room)
        say_no_memory();
    memcpy(room, head, sizeof head - 1);
    memcpy(room + sizeof head - 1, object.p + 1, object.n - 1);
    int r = iam_creds_init(&e->creds, &c, 1);
    iam_creds_time(&e->creds, 0, (int64_t)time(NULL) * 1000);
    if (r == IAM_OK && iam_creds_next(&e->creds) == IAM_AGAIN)
        r = iam_creds_give_document(&e->creds,
                                    (struct iam_span){room, sizeof head - 1 + object.n - 1});
    explicit_bzero(room, sizeof head + object.n);
    free(room);
    return r;
}

static bool ends_soon(const struct iam_time *t)
{
    return t->us < ((int64_t)time(NULL) + ROLE_CACHE_WINDOW_S) * 1000000;
}

bool role_cache_load(const struct role_cache *c, struct role_cache_entry *e)
{
    struct iam_span object;
    size_t n;
    if (!*c->path || !read_file(c, e->document, &n))
        return false;
    bool good = find_credentials(e->document, n, &object) && object.n >= 2 &&
                read_keys(e, object) == IAM_OK;
    if (!good || !e->creds.expiration.present || !e->creds.keys.session_token.n)
        return tell(c, "passed over: damaged, or long expired");
    if (ends_soon(&e->creds.expiration))
        return tell(c, "expired, or about to");
    tell(c, "found");
    return true;
}

/* ---- writing ---- */

/* ~/.aws, ~/.aws/cli and the folder itself, as far as they are missing. */
static void make_folders(char *folder)
{
    static const size_t behind[] = {sizeof "cli/cache", sizeof "cache", 0}; /* with a slash */
    size_t n = strlen(folder);
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        char *end = folder + n - behind[i], was = *end;
        *end = '\0';
        (void)mkdir(folder, 0700); /* there already, or the next step fails and says why */
        *end = was;
    }
}

static bool replace(const struct role_cache *c, const struct text *t)
{
    char folder[1200];
    struct stat st;
    snprintf(folder, sizeof folder, "%s", c->path);
    *strrchr(folder, '/') = '\0';
    make_folders(folder);
    if (stat(folder, &st) < 0)
        return tell(c, "not kept: %s", strerror(errno));
    if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid())
        return tell(c, "not kept: not this user's folder");
    replace_sweep(c->path);
    int number = replace_file(c->path, REPLACE_PRIVATE, t->p, t->n);
    if (number)
        return tell(c, "not kept: %s", strerror(number));
    tell(c, "kept");
    return true;
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
    struct text t = {malloc(size), 0, size, false};
    if (!t.p)
        say_no_memory();
    put_word(&t, "{\"Credentials\": {");
    put_member(&t, "AccessKeyId", keys->access_key_id);
    put_member(&t, "SecretAccessKey", keys->secret_access_key);
    put_member(&t, "SessionToken", keys->session_token);
    put_member(&t, "Expiration", time_text(expiration, until));
    put_member(&t, "AccountId", iam_span_of(*c->account ? c->account : NULL));
    put_word(&t, "}}");
    bool good = !t.bad && t.n <= ROLE_CACHE_MAX ? replace(c, &t) : tell(c, "not kept: too long");
    explicit_bzero(t.p, size);
    free(t.p);
    return good;
}
