/* Which way out: straight, or through a proxy, by the rules of the AWS CLI (Python's urllib). */
#ifndef HOST_PROXY_H
#define HOST_PROXY_H

#include <stdbool.h>

#include "config/settings.h"

struct proxy {
    const char *from; /* the variable; NULL: no proxy */
    struct url url;   /* plain: the way to the proxy itself is not TLS */
    bool login;
    char authorization[1400]; /* "Basic ..."; a secret */
};

/* The proxy for https calls to "host" or "host:port". 0, or an exit code after saying what is wrong. */
int proxy_find(struct proxy *, struct iam_span authority);
/* A proxy's URL, with or without scheme and login. NULL, or what is wrong; nothing of a login is said. */
const char *proxy_parse(struct proxy *, const char *url);
/* Does a list as in NO_PROXY name it? Entries are hosts, suffixes with or without a dot in front, with
 * or without a port; "*" alone is everything. */
bool proxy_is_bypassed(const char *list, struct iam_span authority);
/* The value of https_proxy or HTTPS_PROXY, no_proxy or NO_PROXY, whichever counts, and its name; NULL:
 * none. Lower case goes first, and where it is empty there is none. */
const char *proxy_variable(const char *lower, const char *upper, const char **name);

#endif
