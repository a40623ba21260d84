/* A query: a form sent by POST and signed, items read out of the XML that comes. Layer: flow. Include tinyiam.h,
 * not this. */
#ifndef TINYIAM_PARTS_QUERY_H
#define TINYIAM_PARTS_QUERY_H

#include "../request.h"
#include "decode.h"
#include "exchange.h"
#include "sigv4.h"

#ifdef __cplusplus
extern "C" {
#endif

struct iam_creds;
struct iam_credentials;

struct iam_query { /* PRIVATE */
    struct iam_exchange exchange;
    bool probing; /* an unsigned request whose only purpose is the Date of its reply */
    bool ignore_body, structure;
    uint8_t began_n;
    uint16_t request_at, marker_at; /* where they lie in the owner, from here on */
    uint16_t marker_n;              /* Latin-1 */
    uint32_t session;               /* whose keys signed: a hash; 0: nobody's */
    char *item;
    size_t item_size;
    const struct iam_operation *operation;
    const struct iam_credentials *credentials;
    struct iam_creds *provider; /* who keeps them, or NULL */
    struct iam_span signing_region, path;
    struct iam_decode decode;
    struct iam_sigv4 sigv4;
    union {
        uint8_t signature[32]; /* of the request */
        char began[32];        /* its reply's body, began_n bytes of it */
    };
    char date[17], status_text[3];
};

#ifdef __cplusplus
}
#endif
#endif
