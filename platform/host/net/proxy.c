/* Which proxy leads to a host, by the environment. */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "proxy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <mbedtls/base64.h>

const char *proxy_variable(const char *lower, const char *upper, const char **name)
{
    const char *value = getenv(lower);
    *name = lower;
    if (!value)
        value = getenv(*name = upper);
    return value && *value ? value : NULL;
}

/* One entry: the text itself, or the end of it behind a dot. */
static bool names(struct iam_span entry, const char *host, size_t n)
{
    if (entry.n > n || strncasecmp(host + n - entry.n, entry.p, entry.n) != 0)
        return false;
    return entry.n == n || host[n - entry.n - 1] == '.';
}

bool proxy_is_bypassed(const char *list, struct iam_span authority)
{
    size_t host_n = authority.n;
    while (host_n && authority.p[host_n - 1] >= '0' && authority.p[host_n - 1] <= '9')
        host_n--;
    host_n = host_n && authority.p[host_n - 1] == ':' ? host_n - 1 : authority.n;
    if (strcmp(list, "*") == 0)
        return true;
    for (const char *p = list; *p;) {
        size_t n = strcspn(p, ",");
        struct iam_span entry = {p, n};
        p += n + (p[n] == ',');
        while (entry.n && strchr(" \t\n\v\f\r", *entry.p)) {
            entry.p++;
            entry.n--;
        }
        while (entry.n && strchr(" \t\n\v\f\r", entry.p[entry.n - 1]))
            entry.n--;
        if (entry.n == 0)
            continue;
        while (entry.n && *entry.p == '.') {
            entry.p++;
            entry.n--;
        }
        if (names(entry, authority.p, host_n) || names(entry, authority.p, authority.n))
            return true;
    }
    return false;
}

static int hex(char c)
{
    return c >= '0' && c <= '9'                 ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                : -1;
}

static size_t unquote(const char *p, size_t n, char *out)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        bool escape = p[i] == '%' && i + 2 < n && hex(p[i + 1]) >= 0 && hex(p[i + 2]) >= 0;
        out[k++] = escape ? (char)(hex(p[i + 1]) * 16 + hex(p[i + 2])) : p[i];
        i += escape ? 2 : 0;
    }
    return k;
}

/* "user:password", percent-encoded, as Basic authentication. */
static bool set_login(struct proxy *p, const char *text, size_t n)
{
    char plain[1000];
    const char *colon = memchr(text, ':', n);
    size_t user = colon ? (size_t)(colon - text) : n, k, made = 0;
    if (n + 1 > sizeof plain)
        return false;
    k = unquote(text, user, plain);
    plain[k++] = ':';
    if (colon)
        k += unquote(colon + 1, n - user - 1, plain + k);
    memcpy(p->authorization, "Basic ", 6);
    int r = mbedtls_base64_encode((unsigned char *)p->authorization + 6,
                                  sizeof p->authorization - 6, &made, (unsigned char *)plain, k);
    explicit_bzero(plain, sizeof plain);
    p->login = r == 0;
    return p->login;
}

const char *proxy_parse(struct proxy *p, const char *given)
{
    char plain[600];
    const char *scheme = "http://", *rest = given, *end, *at = NULL;
    memset(p, 0, sizeof *p);
    if (strncasecmp(given, "http:", 5) == 0 || strncasecmp(given, "https:", 6) == 0) {
        scheme = strncasecmp(given, "https:", 6) == 0 ? "https://" : "http://";
        rest = strchr(given, ':') + 1;
        if (strncmp(rest, "//", 2) != 0)
            return "scheme is missing its //";
    } else if (strstr(given, "://")) {
        return "scheme is neither https nor http";
    }
    rest += strncmp(rest, "//", 2) == 0 ? 2 : 0;
    end = rest + strcspn(rest, "/?#");
    for (const char *c = rest; c < end; c++)
        at = *c == '@' ? c : at;
    if (at && !set_login(p, rest, (size_t)(at - rest)))
        return "user name and password are too long";
    if (at)
        rest = at + 1;
    if (snprintf(plain, sizeof plain, "%s%.*s", scheme, (int)(end - rest), rest) >=
        (int)sizeof plain)
        return "too long";
    const char *wrong = url_parse(&p->url, plain);
    if (!wrong && p->url.port == 0)
        p->url.port = p->url.plain ? 80 : 443;
    return wrong;
}

int proxy_find(struct proxy *p, struct iam_span authority)
{
    const char *name, *value, *unused;
    memset(p, 0, sizeof *p);
    value = proxy_variable("https_proxy", "HTTPS_PROXY", &name);
    if (!value)
        return 0;
    const char *list = proxy_variable("no_proxy", "NO_PROXY", &unused);
    if (list && proxy_is_bypassed(list, authority))
        return 0;
    const char *wrong = proxy_parse(p, value);
    if (wrong)
        return say_error(CODE_OTHER, "The proxy URL in %s is not usable: %s", name, wrong);
    p->from = name;
    return 0;
}
