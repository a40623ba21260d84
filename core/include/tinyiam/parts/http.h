/** @file
 * HTTP/1.1 reply reader (RFC 9112), incremental: any split, single bytes included. Layer: wire.
 *
 *   status line -> field* -> [1xx: again] -> HEAD -> BODY* -> END
 *
 *   h.began == false: nothing of the reply has come. A connection that ends there lost nothing.
 *
 * Reads Content-Length, chunked (extensions and trailers checked and skipped) and close-delimited bodies; 204
 * and 304 have none; 1xx are skipped, 101 is an error (nobody asked to change the protocol).
 * HTTP/1.0 is understood, its connection ends unless it says keep-alive.
 *
 * Refused, because two readers could see two different replies in it: a line that ends in a bare LF
 * or holds a bare CR (RFC 9112 2.2 lets a recipient take a bare LF; it need not, and
 * two readers that differ there differ in everything after), obsolete folding, white space before
 * the colon, a name that is no token, control bytes in the head; Content-Length that is not digits
 * only, or given twice with different values (repeats of one value are taken, RFC 9110 8.6);
 * Transfer-Encoding other than one "chunked" (and empty elements), with Content-Length, or in HTTP/1.0; a
 * Content-Encoding (identity was asked for); a chunk's line that is not RFC 9112's to the letter, chunks
 * not closed by CRLF. */
#ifndef TINYIAM_PARTS_HTTP_H
#define TINYIAM_PARTS_HTTP_H

#include "../config.h"
#include "../types.h"

#ifdef __cplusplus
extern "C" {
#endif

enum iam_http_event {
    IAM_HTTP_MORE = 0, /**< input used up; feed more */
    IAM_HTTP_HEAD,     /**< the final head is complete: status and the fields below are valid */
    IAM_HTTP_BODY,     /**< *body is a run of body bytes inside the input, never empty */
    IAM_HTTP_END       /**< the reply is complete; bytes after it are left in the input */
};

/** Bytes of a header field's value that are kept: "Sun, 06 Nov 1994 08:49:37 GMT" is the longest that has to be. Of
 * an RFC 850 date ("Sunday, ...") only the first three letters of the day are kept, so that it fits too. */
#define IAM_HTTP_VALUE_MAX 29

/** The state of the reader, 176 bytes without pointers. After an error, what was read until then stays valid. */
struct iam_http {
    /* PRIVATE; in front, where Thumb code reaches it with shorter instructions */
    uint64_t left; /* bytes to come of body or chunk; in the head: Content-Length */
    uint32_t room; /* bytes that head, trailers or chunk line may still have */
    uint8_t state, field, value_len, flags;
    int8_t error;
    uint8_t interim;
    char value[IAM_HTTP_VALUE_MAX]; /* name, then value (list element) of the field being read */
    /* PUBLIC, from IAM_HTTP_HEAD on */
    bool began : 1;      /**< at least one byte of this reply has arrived; valid at any time */
    bool keep_alive : 1; /**< the connection may be used again after END */
    bool aged : 1;       /**< an Age field was there: Date is a cache's, not the server's clock */
    bool has_retry_after : 1; /**< x-amz-retry-after was digits only, and fits */
    bool has_date : 1;
    bool has_error_type : 1; /**< reason is x-amzn-ErrorType; with CONFIG_TINYIAM_CREDS_SSO only */
    bool has_location : 1; /**< reason is Location: where a redirection, or a sign-in page, leads */
    uint32_t retry_after_ms; /**< x-amz-retry-after; valid with has_retry_after */
    uint16_t status;         /**< 100..999; 0 before the status line was read */
    uint8_t reason_len, request_id_len;
    int64_t date_us;                        /**< Date, unix microseconds; valid with has_date */
    uint64_t body_seen;                     /**< body bytes handed out so far */
    char reason[CONFIG_TINYIAM_REASON_MAX]; /**< reason phrase; one that was cut ends in "..." */
    /** x-amzn-RequestId or x-amz-request-id; one that was cut ends in "..." */
    char request_id[CONFIG_TINYIAM_REQUEST_ID_MAX];
};

#define iam_http_init IAM_SIZED(iam_http_init) /* config.h */
/** To be called before every reply, also before the next one on the same connection. */
void iam_http_init(struct iam_http *);
/** Consumes from *p up to end; returns an event, or an error of the HTTP band, which sticks. Call
 * until it says IAM_HTTP_MORE (then *p == end) or IAM_HTTP_END: END may come without any input
 * left. Sets *body for IAM_HTTP_BODY only. Errors:
 *   IAM_ERR_HTTP         not a reply as described above
 *   IAM_ERR_HTTP_LIMIT   beyond CONFIG_TINYIAM_HTTP_HEAD_MAX (each interim head, the head, the
 *                        trailers), _HTTP_INTERIM_MAX, _HTTP_CHUNK_LINE_MAX or _BODY_MAX
 *   IAM_ERR_HTTP_LENGTH  a length of the body or of a chunk that is no number (or none of 64 bits),
 *                        or that contradicts another one
 *   IAM_ERR_HTTP_ENCODING  a Content-Encoding: its name is in value, value_len bytes of it */
int iam_http_next(struct iam_http *, const char **p, const char *end, struct iam_span *body);
/** The stream has ended in an orderly way. IAM_HTTP_END if that ends a close-delimited body (or END
 * had come already); IAM_EOF if nothing of the reply had arrived; else IAM_ERR_TRUNCATED, or the
 * error before. */
int iam_http_eof(struct iam_http *);

#ifdef __cplusplus
}
#endif
#endif
