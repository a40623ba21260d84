/* The endpoint of ECS and EKS: whatever the environment names, as far as that is a place of theirs. */
#include "flow.h"

#include <string.h>

#include <tinyiam/parts/utf8.h>

enum { RESPONSE_MS = 2000 };

static bool take(struct iam_span *s, const char *text)
{
    size_t n = strlen(text);
    if (s->n < n || memcmp(s->p, text, n) != 0)
        return false;
    s->p += n;
    s->n -= n;
    return true;
}

static bool ends(struct iam_span s)
{
    return s.n == 0 || s.p[0] == ':';
}

/* 127.0.0.0/8: four numbers, none of which another reader could take for octal. */
static bool is_loopback(struct iam_span s)
{
    if (!take(&s, "127"))
        return false;
    for (int i = 0; i < 3; i++) {
        unsigned value = 0, digits = 0;
        if (!take(&s, "."))
            return false;
        while (s.n > 0 && s.p[0] >= '0' && s.p[0] <= '9' && digits < 3) {
            if (digits == 1 && value == 0)
                return false;
            value = value * 10 + (unsigned)(s.p[0] - '0');
            s.p++, s.n--, digits++;
        }
        if (digits == 0 || value > 255)
            return false;
    }
    return ends(s);
}

/* Where a token may go in the clear. */
static bool is_allowed(struct iam_span authority)
{
    static const char *const hosts[] = {"localhost", "169.254.170.2", "169.254.170.23", "[::1]",
                                        "[fd00:ec2::23]"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        struct iam_span s = authority;
        if (take(&s, hosts[i]) && ends(s))
            return true;
    }
    return is_loopback(authority);
}

static bool sound_path(struct iam_span s)
{
    return iam_span_within(s, '!', '~') && (s.n == 0 || memchr(s.p, '#', s.n) == NULL);
}

static int init(struct iam_creds *p, struct iam_exchange_config *c)
{
    struct iam_span path = p->from.container.relative_uri;
    const char *what = "relative_uri";

    c->plain = true;
    c->authority = IAM_SPAN("169.254.170.2");
    if (path.n == 0) {
        struct iam_span url = p->from.container.full_uri;
        what = "full_uri";
        c->plain = take(&url, "http://");
        if (!c->plain && !take(&url, "https://"))
            return iam_creds_wrong(p, IAM_ERR_ARGUMENT, "full_uri: http:// or https://");
        path = url;
        while (path.n > 0 && path.p[0] != '/' && path.p[0] != '?' && path.p[0] != '#')
            path.p++, path.n--;
        c->authority = (struct iam_span){url.p, url.n - path.n};
        if (c->plain && !is_allowed(c->authority))
            return iam_creds_wrong(p, IAM_ERR_ARGUMENT, "full_uri: host not allowed with http://");
    } else if (path.p[0] != '/') {
        return iam_creds_wrong(p, IAM_ERR_ARGUMENT, what);
    }
    if (!sound_path(path))
        return iam_creds_wrong(p, IAM_ERR_ARGUMENT, what);
    p->path = path;
    if (c->connect_ms == 0)
        c->connect_ms = RESPONSE_MS;
    if (c->response_ms == 0)
        c->response_ms = RESPONSE_MS;
    return IAM_OK;
}

static int begin(struct iam_creds *p)
{
    struct iam_span token = p->text.n > 0 ? p->text : p->from.container.authorization;
    /* as it stands, not trimmed: any text that a header may hold */
    if (!iam_span_within(token, ' ', '~'))
        return iam_creds_wrong(p, IAM_ERR_VALUE, "authorization: a character outside space to ~");
    p->document.path[0] = (struct iam_span){"/", p->path.n == 0 || p->path.p[0] == '?'};
    p->document.path[1] = p->path;
    p->document.name[0] = "Accept: ";
    p->document.value[0] = IAM_SPAN("application/json");
    p->document.name[1] = "Authorization: ";
    p->document.value[1] = token;
    return iam_creds_fetch(p, "GET");
}

/* Lasting keys come with null for what they have not. */
static const struct iam_json_member members[] = {
    {"AccessKeyId", IAM_KEYS_ID, IAM_JSON_REQUIRED},
    {"SecretAccessKey", IAM_KEYS_SECRET, IAM_JSON_REQUIRED},
    {"Token", IAM_KEYS_TOKEN, IAM_JSON_REQUIRED},
    {"Expiration", IAM_KEYS_EXPIRATION, IAM_JSON_REQUIRED},
};
static const struct iam_json_shape shape = {NULL, members, 4};

static int end(struct iam_creds *p, int result, struct iam_role_keys *k)
{
    return result < 0 ? result : iam_creds_document(p, &shape, 0, k);
}

const struct iam_source iam_source_container = {
    .init = init, .begin = begin, .end = end, .asks = IAM_ASKS_IF_GIVEN};
