/* Who is called: the endpoint that was asked for, or the region's. */
#include "flow.h"

#include <string.h>

struct iam_span iam_call_authority(const struct iam_call *c)
{
    return (struct iam_span){c->cfg.authority.n > 0 ? c->cfg.authority.p : c->endpoint,
                             c->authority_n};
}

static bool authority_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= ':') || (c >= '-' && c <= '.') || c == '_' ||
           c == '[' || c == ']';
}

/* "host", "host:port", "[v6]", "[v6]:port" to host and port; the scheme's own port is not sent. */
static bool split_authority(struct iam_call *c, struct iam_span a)
{
    uint16_t standard = c->cfg.plain ? 80 : 443;
    char stop = a.p[0] == '[' ? ']' : ':';
    uint32_t port = 0;
    size_t i = 0, n;

    if (a.n > UINT16_MAX)
        return false;
    for (size_t k = 0; k < a.n; k++)
        if (!authority_character(a.p[k]))
            return false;
    while (i < a.n && a.p[i] != stop)
        i++;
    c->host_n = (uint16_t)i;
    if (stop == ']') {
        if (i == a.n)
            return false;
        c->host_n = (uint16_t)(i - 1);
        i++;
    }
    n = i;
    if (c->host_n == 0 || (i < a.n && (a.p[i] != ':' || a.n - i > 6 || a.n - i < 2)))
        return false;
    while (++i < a.n) {
        if (a.p[i] < '0' || a.p[i] > '9')
            return false;
        port = port * 10 + (uint32_t)(a.p[i] - '0');
    }
    if (port > 65535 || (n < a.n && port == 0))
        return false;
    c->port = port != 0 ? (uint16_t)port : standard;
    c->authority_n = (uint16_t)(c->port == standard ? n : a.n);
    return true;
}

bool iam_call_path_is_valid(struct iam_span s)
{
    static const uint32_t set[3] = {0x2FFFFFF2u, 0x87FFFFFFu, 0x47FFFFFEu}; /* from ' ' on */
    for (size_t i = 0; i < s.n; i++) {
        unsigned c = (unsigned char)s.p[i] - 32u;
        if (c >= 96 || !(set[c >> 5] >> (c & 31) & 1))
            return false;
    }
    return s.n == 0 || s.p[0] == '/';
}

int iam_call_address(struct iam_call *c)
{
    struct iam_span a = c->cfg.authority;
    if (a.n > 0) {
        if (!iam_region_is_valid(c->cfg.region))
            return IAM_ERR_REGION;
        c->signing_region = c->cfg.region;
    } else {
#if CONFIG_TINYIAM_ENDPOINTS
        struct iam_endpoint e;
        if (iam_endpoint_resolve(c->cfg.region, c->cfg.endpoint_flags, &e) < 0)
            return IAM_ERR_REGION;
        memcpy(c->endpoint, e.host, sizeof c->endpoint);
        a = (struct iam_span){c->endpoint, strlen(c->endpoint)};
        c->signing_region = e.signing_region;
#else
        return IAM_ERR_ARGUMENT;
#endif
    }
    return split_authority(c, a) ? IAM_OK : IAM_ERR_ARGUMENT;
}

struct iam_span iam_call_host(const struct iam_call *c, uint16_t *port)
{
    const char *p = iam_call_authority(c).p;
    *port = c->port;
    return (struct iam_span){p + (*p == '['), c->host_n};
}
