/** @file
 * AWS Signature Version 4, header form, of one POST with an in-memory-described body. Layer: wire.
 * The canonical request is streamed into the hash, never stored; header values are read where the
 * caller keeps them, at any length. Signing key (as HMAC midstates) and the hash of the canonical
 * request's constant beginning (method, path, query, then content-type and host as far as they lead
 * the list) are kept and used again. A new day is noticed here; any other change is the caller's to
 * tell, by iam_sigv4_clear(). An unchanged 700-byte token costs 18 SHA-256 compressions, the body's
 * hash apart.
 * Rule: AWS, "Signature Version 4 signing process". Vectors:
 * tests/vectors/facts/sigv4_iam_vectors.json. */
#ifndef TINYIAM_PARTS_SIGV4_H
#define TINYIAM_PARTS_SIGV4_H

#include "out.h"

#ifdef __cplusplus
extern "C" {
#endif

struct iam_header {
    struct iam_span name;  /**< lower case */
    struct iam_span value; /**< any length; trimmed and runs of spaces folded while hashing */
};

/* PRIVATE; zero-initialised is valid */
struct iam_sigv4 {
    struct iam_sha256 inner, outer; /* HMAC midstates of the signing key */
    struct iam_sha256 prefix;       /* canonical request up to the first header that changes */
    int native;                     /**< PUBLIC: after IAM_ERR_CRYPTO the crypto library's code */
    char day[8];                    /* the day that the kept key is for, "20181024" */
    uint8_t key_valid;              /* inner and outer hold a key */
    uint8_t prefix_valid;           /* 0: no prefix is kept; else 1 + the number of headers in it */
};

struct iam_sigv4_request {
    struct iam_span access_key, secret_key;
    struct iam_span region, service; /**< "us-east-1", "iam" */
    struct iam_span method;          /**< "POST" or "GET" */
    struct iam_span path;            /**< as sent, URI-encoded, "/" if empty; made canonical here */
    struct iam_span query;           /**< canonical query string, or empty */
    const char *date;                /**< "20181024T194731Z", 16 characters */
    /** sorted by name, lower case; host and every x-amz-* among them */
    const struct iam_header *headers;
    size_t header_count;
    const uint8_t *payload_sha256; /**< 32 bytes; may be where the signature is written */
};

/** Writes the 32 bytes of the signature. IAM_OK, or IAM_ERR_CRYPTO: then all is forgotten as by
 * clear. */
int iam_sigv4_sign(struct iam_sigv4 *, const struct iam_sigv4_request *, uint8_t signature[32]);
/** Its two halves, which need less stack one after the other than one inside the other: derive the
 * key of the request's day (18 compressions) and hash the request's constant beginning, unless they
 * are kept; then sign with what is there. */
int iam_sigv4_key(struct iam_sigv4 *, const struct iam_sigv4_request *);
int iam_sigv4_sign_with_key(struct iam_sigv4 *, const struct iam_sigv4_request *,
                            uint8_t signature[32]);
/** The value of the Authorization header for that signature. */
void iam_sigv4_authorization(struct iam_out *, const struct iam_sigv4_request *,
                             const uint8_t signature[32]);
/** Forgets and zeroises key and prefix: on any change of secret key, region, service, method, path,
 * query, content-type or host. Access key, session token and all other headers may change without
 * it. */
void iam_sigv4_clear(struct iam_sigv4 *);

#ifdef __cplusplus
}
#endif
#endif
