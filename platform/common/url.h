/* url.h - an endpoint's URL, taken apart. */
#ifndef COMMON_URL_H
#define COMMON_URL_H

#include <stdbool.h>
#include <stdint.h>

#include <tinyiam/types.h>

struct url {
    struct iam_span authority; /* "host", "host:port", "[IPv6]:port"; lower case */
    struct iam_span host;      /* IPv6 without brackets */
    struct iam_span path;      /* begins with '/' */
    uint16_t port;             /* 0: the scheme's own */
    bool plain;                /* http */
    char text[600];            /* what the spans point into */
};
/* NULL, or what is wrong with it. */
const char *url_parse(struct url *, const char *);
bool url_is_loopback(struct iam_span host);

#endif
