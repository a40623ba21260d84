/** @file
 * A query: a form sent by POST and signed, items read out of the XML that comes. Layer: flow. Include tinyiam.h,
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
    /* how far behind this struct its owner keeps request and Marker */
    uint16_t request_at, marker_at;
    uint16_t marker_n; /* bytes of the Marker, in Latin-1 */
    uint32_t session;  /* hash of the access key that signs; 0: nothing is signed */
    uint32_t signer;   /* hash of the keys that the signing key in sigv4 was made of */
    uint32_t body_n;   /* bytes of the request's body */
    char *item;
    size_t item_size;
    const struct iam_operation *operation;
    const struct iam_credentials *credentials;
    struct iam_span signing_region, path;
    struct iam_decode decode;
    struct iam_sigv4 sigv4;
    union {
        uint8_t signature[32]; /* of the request, until it is sent */
        char began[32];        /* then the first began_n bytes of the reply's body */
    };
    struct iam_creds *provider; /* the provider that the credentials come from, or NULL */
    char date[17], status_text[3];
};

#ifdef __cplusplus
}
#endif
#endif
