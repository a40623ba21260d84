/** @file
 * tinyiam/post.h - a JSON document sent by POST, and the one that answers: the exchanges by which the token of a
 * login is refreshed (CreateToken of IAM Identity Center's OIDC service, CreateOAuth2Token of AWS's sign-in).
 * Layer: flow. With CONFIG_TINYIAM_CREDS_SSO only.
 *
 *     iam_post_init(&post, &config, seed);
 *     while ((r = iam_post_run(&post, system, 1000)) == IAM_AGAIN)      of tinyiam.h
 *         ...
 *     post.document.n bytes of answer lie in config.reply
 *     iam_post_end(&post);
 *
 * iam_json_read() of parts/json.h reads what has come, iam_time_parse() of parts/datetime.h its times.
 * Without the ports it is the loop that call.h shows, with iam_post_time() and iam_post_next() in it, and the
 * functions of parts/exchange.h on &post.document.exchange (iam_exchange_wants() ...) for the bytes. Failed attempts
 * are repeated as a client's are. The struct is plain memory. */
#ifndef TINYIAM_POST_H
#define TINYIAM_POST_H

#include "parts/datetime.h"
#include "parts/document.h"
#include "parts/json.h"
#include "parts/utf8.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Text is borrowed until iam_post_end(). */
struct iam_post_config {
    /** Scratch as in struct iam_config. */
    void *tx, *rx;
    size_t tx_size, rx_size;
    struct iam_stream *stream; /**< port.h; not used by the engine */
    struct iam_span endpoint;  /**< "host", "host:port", "[IPv6]:port", lower case */
    struct iam_span path;      /**< "/token" */
    struct iam_span body;      /**< the document; absent: there is none, and no Content-Type */
    const char *method;        /**< NULL: "POST"; "GET", "PUT" */
    const char *field;         /**< one more header field, "DPoP: "; NULL: none */
    struct iam_span value;     /**< its value */
    char *reply;               /**< where the answer is kept, an error's as well */
    size_t reply_size;
    uint32_t connect_ms, response_ms; /**< 0: as in struct iam_config */
    uint8_t max_attempts;             /**< likewise */
    bool plain;                       /**< without TLS */
    struct iam_span user_agent;
};

struct iam_post {
    struct iam_document document; /* PUBLIC: n, and exchange.fault; the rest PRIVATE */
};

#define iam_post_init IAM_SIZED(iam_post_init) /* config.h */
/** Copies the configuration. IAM_OK, or IAM_ERR_ARGUMENT with the name in document.exchange.fault.what. */
int iam_post_init(struct iam_post *, const struct iam_post_config *, uint32_t seed);
/** The clock, as in call.h. */
void iam_post_time(struct iam_post *, uint32_t mono_ms, int64_t unix_ms);
/** One turn. IAM_OK: the answer is there, and the connection closed. IAM_AGAIN: see iam_exchange_wants(). < 0: the
 * error; with IAM_ERR_SERVICE fault.code is x-amzn-ErrorType, or the status in digits, and the answer is there, as
 * much of it as fits. */
int iam_post_next(struct iam_post *);
/** Zeroises scratch and struct; the answer is the caller's to zeroise. It does not close the stream. */
void iam_post_end(struct iam_post *);

#ifdef __cplusplus
}
#endif
#endif
