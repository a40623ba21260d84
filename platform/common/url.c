/* An endpoint's URL, taken apart. */
#include "url.h"

#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool letter_digit(char c)
{
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
}

static bool good_host(const char *p, size_t n)
{
    if (n == 0 || n > 253)
        return false;
    for (size_t i = 0, label = 0; i <= n; i++) {
        if (i == n || p[i] == '.') {
            if (label == 0 || label > 63 || p[i - 1] == '-')
                return i == n && label == 0 && n > 1; /* a final dot is fine */
            label = 0;
        } else if (letter_digit(p[i]) || (p[i] == '-' && label > 0) || p[i] == '_') {
            label++;
        } else {
            return false;
        }
    }
    return true;
}

static bool good_ipv6(const char *p, size_t n)
{
    size_t colons = 0;
    for (size_t i = 0; i < n; i++) {
        bool hex = (p[i] >= '0' && p[i] <= '9') || (lower(p[i]) >= 'a' && lower(p[i]) <= 'f');
        colons += p[i] == ':';
        if (!hex && p[i] != ':' && p[i] != '.')
            return false;
    }
    return n >= 2 && n <= 45 && colons >= 2;
}

static bool good_path(const char *p)
{
    for (; *p; p++) {
        if (*p == '%') {
            for (int i = 1; i <= 2; i++)
                if (!((p[i] >= '0' && p[i] <= '9') || (lower(p[i]) >= 'a' && lower(p[i]) <= 'f')))
                    return false;
        } else if (!letter_digit(*p) && !strchr("-._~!$&'()*+,;=:@/", *p)) {
            return false;
        }
    }
    return true;
}

static const char *parse_port(struct url *u, const char *p, size_t n)
{
    unsigned long port = 0;
    if (n == 0)
        return NULL; /* "host:" is the scheme's port */
    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9' || n > 5)
            return "the port is not a number from 1 to 65535";
        port = port * 10 + (unsigned long)(p[i] - '0');
    }
    if (port == 0 || port > 65535)
        return "the port is not a number from 1 to 65535";
    u->port = (uint16_t)port;
    return NULL;
}

const char *url_parse(struct url *u, const char *given)
{
    memset(u, 0, sizeof *u);
    const char *p = strchr(given, ':');
    if (!p || p[1] != '/' || p[2] != '/')
        return "scheme is missing.  Must be of the form http://<hostname>/ or https://<hostname>/";
    size_t scheme = (size_t)(p - given);
    char name[6] = {0};
    for (size_t i = 0; i < scheme && i < 5; i++)
        name[i] = lower(given[i]);
    if ((scheme != 4 || strcmp(name, "http") != 0) && (scheme != 5 || strcmp(name, "https") != 0))
        return "scheme is neither https nor http";
    u->plain = scheme == 4;
    p += 3;

    size_t authority = strcspn(p, "/?#");
    const char *path = p + authority, *bad = NULL;
    if (memchr(p, '@', authority))
        return "a user name or password has no place in it";
    const char *host = p, *colon = NULL;
    size_t host_n;
    if (*p == '[') {
        const char *close = memchr(p, ']', authority);
        host = p + 1;
        host_n = close ? (size_t)(close - host) : 0;
        if (!close || !good_ipv6(host, host_n))
            return "not an IPv6 address between the brackets";
        if (close + 1 < path && close[1] != ':')
            return "something other than a port follows the address";
        colon = close + 1 < path ? close + 1 : NULL;
    } else {
        colon = memchr(p, ':', authority);
        host_n = colon ? (size_t)(colon - p) : authority;
        if (!good_host(host, host_n))
            return "not a host name";
    }
    if (colon && (bad = parse_port(u, colon + 1, (size_t)(path - colon - 1))) != NULL)
        return bad;
    if (path[strcspn(path, "?#")])
        return "a query or fragment has no place in it";
    if (!good_path(path))
        return "characters in the path that need percent-encoding";
    size_t path_n = strlen(path), bracket = host != p;
    if (colon && colon + 1 == path)
        authority--; /* "host:" */
    if (authority + path_n + 1 > sizeof u->text)
        return "too long";
    for (size_t i = 0; i < authority; i++)
        u->text[i] = lower(p[i]);
    memcpy(u->text + authority, path_n ? path : "/", path_n ? path_n : 1);
    u->authority = (struct iam_span){u->text, authority};
    u->host = (struct iam_span){u->text + bracket, host_n};
    u->path = (struct iam_span){u->text + authority, path_n ? path_n : 1};
    return NULL;
}

/* 127.0.0.0/8, ::1 and localhost. */
bool url_is_loopback(struct iam_span host)
{
    if (host.n == 9 && memcmp(host.p, "localhost", 9) == 0)
        return true;
    if (host.n == 3 && memcmp(host.p, "::1", 3) == 0)
        return true;
    if (host.n < 9 || memcmp(host.p, "127.", 4) != 0)
        return false;
    unsigned dots = 0, value = 0, digits = 0;
    for (size_t i = 0; i <= host.n; i++) {
        if (i == host.n || host.p[i] == '.') {
            if (digits == 0 || digits > 3 || value > 255)
                return false;
            dots += i < host.n;
            value = digits = 0;
        } else if (host.p[i] >= '0' && host.p[i] <= '9') {
            value = value * 10 + (unsigned)(host.p[i] - '0');
            digits++;
        } else {
            return false;
        }
    }
    return dots == 3;
}
