/* tinyiam/call.h - the engine under tinyiam.h, for those who bring their own loop and I/O.
 *
 * It never blocks and never calls out. One turn of a loop:
 *
 *     iam_call_time(call, mono_ms, unix_ms);
 *     r = iam_call_next(call);              IAM_ITEM: read iam_call_item(); IAM_OK or < 0: finished
 *     w = iam_call_wants(call);             what would make it go on:
 *       IAM_WANT_KEYS   drive config.provider, whose turn it is (creds.h)
 *       IAM_WANT_CLOSE  close the stream, then iam_call_closed(call, IAM_OK, 0)
 *       IAM_WANT_OPEN   connect to iam_call_host(); iam_call_opened(), or _closed() with the error
 *       IAM_WANT_SEND   send iam_call_send_buf(); iam_call_send_ack() the bytes taken
 *       IAM_WANT_RECV   receive into iam_call_recv_buf(); iam_call_recv_ack() the bytes read
 *       (none)          sleep at most iam_call_idle_ms()
 *     any stream error or end: iam_call_closed(call, error, native)
 *
 * Bytes:  request -> encode -> sign -> http write -> [tx] ... [rx] -> http read -> xml -> decode -> item
 * Stages: IDLE -> (PAUSE ->) CONNECT -> SEND -> RECEIVE -> REPLIED -> PAGED -> (next page: CONNECT) -> DONE
 *
 * struct iam_call is plain memory: with the item buffer beside it, a memcpy is a snapshot. */
#ifndef TINYIAM_CALL_H
#define TINYIAM_CALL_H

#include "config.h"
#include "endpoint.h"
#include "parts/query.h"
#include "request.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct iam_system;
struct iam_creds; /* creds.h */

/* Borrowed until the operation ends; never copied (the token may have any length). */
struct iam_credentials {
    struct iam_span access_key_id;     /* 16..128 characters */
    struct iam_span secret_access_key; /* any length */
    struct iam_span session_token;     /* any length; p == NULL or n == 0: none */
};

/* All zero but the buffers, ports and credentials is a valid configuration. */
struct iam_config {
    /* What an exchange needs; its configuration begins with the same (parts/exchange.h). Buffers are the
     * caller's, until the client is ended. Any size from 1 works for tx and rx (larger is faster: 1,460
     * coalesces a usual request into one segment). tx, rx and item are zeroised by iam_call_end(), the first
     * two when an operation ends as well. */
    void *tx;
    size_t tx_size;
    void *rx;
    size_t rx_size;
    struct iam_stream *stream; /* port.h; not used by the engine */
    /* Deadlines in milliseconds, 0: the default of config.h; deadline_ms 0: none. At most 2^31 - 1. */
    uint32_t connect_ms;  /* TCP and TLS */
    uint32_t response_ms; /* from the request's last byte to the reply's first */
    uint32_t idle_ms;     /* between two bytes of a request or a reply */
    uint32_t exchange_ms; /* one request and its whole reply */
    uint32_t deadline_ms; /* the operation: every page, poll, pause and retry */
    /* An endpoint of one's own: then region is required, and is the signing region. */
    struct iam_span
        authority; /* "host", "host:port", "[IPv6]:port"; lower case; empty: by region */
    struct iam_span user_agent; /* empty: no such header */
    uint8_t max_attempts;       /* of one page, the first included; 0: default; 1: no retry */
    uint8_t retry_rules;        /* enum iam_retry_rules; 0: standard_2_1 */
    bool plain;                 /* the stream is not TLS: changes the default port only */

    bool structure; /* also hand out IAM_ITEM_LIST and the kinds after it */
    /* Holds the text of one item, a Marker and an error message: 1,024 is usual, 4,096 holds the longest
     * entity of the service's model; NULL: none. */
    void *item;
    size_t item_size;
    struct iam_system *system;                 /* port.h; not used by the engine */
    const struct iam_credentials *credentials; /* not used with a provider */
    struct iam_creds *provider; /* creds.h: keys that are fetched, and change; or NULL */
    struct iam_span region;     /* "eu-west-1"; empty: the aws partition's global endpoint */
    unsigned endpoint_flags;    /* IAM_ENDPOINT_FIPS | IAM_ENDPOINT_DUALSTACK */
    struct iam_span path; /* sent as it is: begins with '/', URI-encoded (RFC 3986); empty: "/" */
    uint32_t poll_first_ms, poll_max_ms; /* pause between polls of a job: first, and at most */
    /* How long a report may be IN_PROGRESS, from the first look on; then IAM_ERR_TIMEOUT_JOB. Who
     * resumes from a checkpoint waits as long again. */
    uint32_t job_ms;
    uint32_t max_pages; /* 0: default */
};

/* A place in a list, as plain memory without secrets: keep it anywhere, resume on any client. Made by
 * iam_client_checkpoint(); valid until the service forgets the job, or the Marker. Of a list about a job it holds
 * the JobId and the namespace, so that it stands alone; of another list it only knows the request again.
 * Bytes, not fields, are the format: version, length and checksum are checked. */
struct iam_checkpoint {
    uint8_t bytes[488];
};

/* PRIVATE; what is small and often used in front, where Thumb code reaches it in 16 bits. exchange is the same
 * as query.exchange. */
struct iam_call {
    uint8_t scope; /* enum iam_scope */
    uint8_t held;  /* kind of the item before which the list was announced */
    bool list_told, end_told, completed, finished;
    uint32_t job;                        /* made by these keys: a hash; 0: none */
    uint32_t pages, polls, delivered;    /* pages before this one; items handed out in all */
    uint32_t page_items, page_delivered; /* of this page: seen in this reply; handed out */
    uint32_t looked, creation; /* milliseconds since a job's first look; when it was made, hashed */
    uint32_t poll_first_ms, poll_max_ms, job_ms, max_pages;
    uint64_t attempt_digest, page_digest; /* of the items seen in this reply; of those handed out */
    uint64_t page_first, mark; /* of the last page's first item; a Marker, to notice circles */
    union {
        struct iam_exchange exchange;
        struct iam_query query;
    };
    struct iam_system *system;
    struct iam_stats stats;
    union iam_request request;
    char endpoint[IAM_ENDPOINT_MAX];
    char marker[IAM_MARKER_MAX]; /* of the page being asked for; Latin-1: one byte a character */
};

/* Copies the configuration. IAM_OK, IAM_ERR_ARGUMENT, IAM_ERR_REGION. seed: any unpredictable number. */
#define iam_call_init IAM_SIZED(iam_call_init) /* config.h */
int iam_call_init(struct iam_call *, const struct iam_config *, uint32_t seed);
/* Begins an operation of request.h; request is the struct that goes with it, which is copied (text in it
 * is borrowed until the operation ends). IAM_OK, IAM_ERR_ARGUMENT, IAM_ERR_STATE. */
int iam_call_start(struct iam_call *, const struct iam_operation *, const void *request);
/* The same with the compiler's eye on the request. */
static inline int iam_call_entities(struct iam_call *c, const struct iam_entities_request *q)
{
    return iam_call_start(c, &iam_op_entities, q);
}
static inline int iam_call_services(struct iam_call *c, const struct iam_services_request *q)
{
    return iam_call_start(c, &iam_op_services, q);
}
static inline int iam_call_generate(struct iam_call *c, const struct iam_generate_request *q)
{
    return iam_call_start(c, &iam_op_generate, q);
}
static inline int iam_call_users(struct iam_call *c, const struct iam_list_request *q)
{
    return iam_call_start(c, &iam_op_users, q);
}
static inline int iam_call_groups(struct iam_call *c, const struct iam_list_request *q)
{
    return iam_call_start(c, &iam_op_groups, q);
}
static inline int iam_call_roles(struct iam_call *c, const struct iam_list_request *q)
{
    return iam_call_start(c, &iam_op_roles, q);
}
static inline int iam_call_policies(struct iam_call *c, const struct iam_policies_request *q)
{
    return iam_call_start(c, &iam_op_policies, q);
}

void iam_call_time(struct iam_call *, uint32_t mono_ms, int64_t unix_ms);
int iam_call_next(struct iam_call *);
/* Its bytes are its exchange's: see parts/exchange.h. */
static inline unsigned iam_call_wants(const struct iam_call *c)
{
    return iam_exchange_wants(&c->exchange);
}
static inline uint32_t iam_call_idle_ms(const struct iam_call *c)
{
    return iam_exchange_idle_ms(&c->exchange);
}
static inline struct iam_span iam_call_host(const struct iam_call *c, uint16_t *port)
{
    return iam_exchange_host(&c->exchange, port);
}
static inline const void *iam_call_send_buf(struct iam_call *c, size_t *n)
{
    return iam_exchange_send_buf(&c->exchange, n);
}
static inline void iam_call_send_ack(struct iam_call *c, size_t n)
{
    iam_exchange_send_ack(&c->exchange, n);
}
static inline void *iam_call_recv_buf(struct iam_call *c, size_t *n)
{
    return iam_exchange_recv_buf(&c->exchange, n);
}
static inline void iam_call_recv_ack(struct iam_call *c, size_t n)
{
    iam_exchange_recv_ack(&c->exchange, n);
}
static inline void iam_call_opened(struct iam_call *c)
{
    iam_exchange_opened(&c->exchange);
}
static inline void iam_call_closed(struct iam_call *c, int error, int native)
{
    iam_exchange_closed(&c->exchange, error, native);
}
/* Zeroises derived keys and buffers; the stream must be closed by then or is closed by the caller. */
void iam_call_end(struct iam_call *);

/* See struct iam_checkpoint. resume: a list about a job, out of the checkpoint alone, whose text is then
 * borrowed until the operation ends. resume_list: any list, with the request as it was at its start (its
 * Marker does not count). IAM_OK, or IAM_ERR_CHECKPOINT: damaged, or of another operation or request. */
int iam_call_checkpoint(const struct iam_call *, struct iam_checkpoint *);
int iam_call_resume(struct iam_call *, const struct iam_checkpoint *);
int iam_call_resume_list(struct iam_call *, const struct iam_operation *, const void *request,
                         const struct iam_checkpoint *);

#ifdef __cplusplus
}
#endif
#endif
