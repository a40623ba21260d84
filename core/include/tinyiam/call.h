/** @file
 * tinyiam/call.h - the engine under tinyiam.h, for those who bring their own loop and I/O.
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
struct iam_pace;  /* pace.h */
struct iam_creds; /* creds.h */

/** Static keys. The struct and its text are borrowed until the operation ends and never copied, so that the
 * session token may have any length. */
struct iam_credentials {
    struct iam_span access_key_id;     /**< 16..128 characters */
    struct iam_span secret_access_key; /**< any length */
    struct iam_span session_token;     /**< any length; empty or absent: there is none */
};

/** What a client needs to know. Needed are buffers, stream, system, credentials (or a provider) and, with an
 * endpoint of one's own, region; every other field may stay zero. */
struct iam_config {
    /** What an exchange needs comes first; its own configuration begins with the same (parts/exchange.h). Two
     * buffers of the caller's, in use until the client is ended: tx and rx carry pieces of requests and
     * replies. Any size from 1 byte works, larger ones are faster (with 1,460 a usual request is one TCP
     * segment). They are zeroised when an operation ends, and by iam_call_end(). */
    void *tx;
    size_t tx_size;
    void *rx;
    size_t rx_size;
    struct iam_stream *stream; /**< port.h; only iam_step() and its like use it */
    /** Deadlines in milliseconds, at most 2^31 - 1. Where one is 0 the default of config.h holds; deadline_ms has
     * none: 0 means that there is no limit. This first one is for TCP and TLS together. */
    uint32_t connect_ms;
    uint32_t response_ms; /**< from the request's last byte to the reply's first */
    uint32_t idle_ms;     /**< between two bytes of a request or a reply */
    uint32_t exchange_ms; /**< one request and its whole reply */
    uint32_t deadline_ms; /**< the whole operation: all pages, polls, pauses, retries */
    /** An endpoint of one's own, as "host", "host:port" or "[IPv6]:port" in lower case. region is then needed,
     * and is what requests are signed for. Empty: the endpoint follows from region. */
    struct iam_span authority;
    struct iam_span user_agent; /**< value of the User-Agent header; empty: it is not sent */
    /** Before each request: may it go out yet? One for all clients that share an account's budget; it has to
     * outlive them. NULL: each goes as soon as it can. */
    struct iam_pace *pace;
    uint8_t max_attempts; /**< requests for one page, the first included; 1: no retry; 0: default */
    uint8_t retry_rules;  /**< enum iam_retry_rules (parts/retry.h); 0: IAM_RETRY_2_1 */
    bool plain;           /**< the stream is not TLS. Changes the default port (80), nothing else */

    bool structure; /**< also hand out the items of types.h that are structure */
    /** The third buffer: the text of one item together with a Marker and an error message. 1,024 bytes are usual,
     * 4,096 hold the longest entity of the service's model; what does not fit is IAM_ERR_SPACE. Zeroised by
     * iam_call_end(). NULL: there is none. */
    void *item;
    size_t item_size;
    struct iam_system *system;                 /**< port.h; likewise */
    const struct iam_credentials *credentials; /**< static keys; ignored if there is a provider */
    struct iam_creds *provider; /**< creds.h: fetches keys, and renews them; NULL: static keys */
    struct iam_span region;  /**< "eu-west-1"; empty: the commercial partition's global endpoint */
    unsigned endpoint_flags; /**< IAM_ENDPOINT_FIPS | IAM_ENDPOINT_DUALSTACK */
    struct iam_span path; /**< sent as it is: begins with '/', URI-encoded (RFC 3986); empty: "/" */
    /** Pause between two looks at a job: the first one, from which it grows, and the longest one. */
    uint32_t poll_first_ms, poll_max_ms;
    /** How long a report may be IN_PROGRESS, counted from the first look at it; after that the operation ends
     * with IAM_ERR_TIMEOUT_JOB. One that is resumed from a checkpoint begins to count anew. */
    uint32_t job_ms;
    uint32_t max_pages; /**< of one list, then IAM_ERR_PAGES; 0: config.h's default */
    /** The fourth buffer, of an audit (audit.h): its state, and names of services. It holds no secrets. NULL: there is
     * none. Of more than 65,535 bytes so many are used. */
    void *batch;
    size_t batch_size;
};

/** A place in a list, made by iam_client_checkpoint(): plain bytes without secrets, to be kept anywhere and resumed
 * on any client, for as long as the service knows the job, or the Marker. Of a list about a job it holds JobId
 * and namespace, and needs nothing else; of any other list it holds a digest of the request, which has to be
 * given again. A version and a checksum in it tell what is outdated or damaged. */
struct iam_checkpoint {
    uint8_t bytes[488];
};

/* PRIVATE. Small members that are used often stand in front, because Thumb code reaches the first bytes of a
 * struct with shorter instructions. The union gives the query's first member, the exchange, a second name. */
struct iam_call {
    uint8_t scope; /* enum iam_scope */
    uint8_t held;  /* kind of the item that waits while IAM_ITEM_LIST is handed out before it */
    bool list_told, end_told, completed, finished;
    uint16_t batch_size;
    /* An operation made of others asks here what becomes of an item that has come (IAM_ITEM: it is handed out;
     * IAM_AGAIN: passed over), and when one of them has ended (IAM_OK: all has; IAM_AGAIN: the next has begun).
     * Of all others: iam_call_alone(), which takes things as they come. */
    int (*plan)(struct iam_call *, int event);
    uint32_t job; /* hash of the JobId that these keys generated last; 0: none */
    uint32_t pages, polls, delivered; /* pages before this one; polls; items handed out in all */
    uint32_t page_items;              /* items of this page that the present reply has had so far */
    /* items of this page that were handed out, also from earlier replies */
    uint32_t page_delivered;
    uint32_t looked;   /* milliseconds since the first look at the job */
    uint32_t creation; /* hash of the job's creation date */
    /* from here on as in struct iam_config */
    uint32_t poll_first_ms, poll_max_ms, job_ms, max_pages;
    void *batch;
    uint64_t attempt_digest; /* digest of the items that the present reply has had so far */
    uint64_t page_digest;    /* digest of the items of this page that were handed out */
    uint64_t page_first;     /* digest of the first item of the page before */
    uint64_t mark; /* digest of an earlier Marker: when it comes again the pages go in a circle */
    union {
        struct iam_exchange exchange;
        struct iam_query query;
    };
    struct iam_stats stats;
    struct iam_system *system;
    union iam_request request;
    char endpoint[IAM_ENDPOINT_MAX];
    char marker[IAM_MARKER_MAX]; /* of the page being asked for; Latin-1: one byte a character */
};

#define iam_call_init IAM_SIZED(iam_call_init) /* config.h */
/** Copies the configuration; what it points to is borrowed until iam_call_end(). seed: any unpredictable number,
 * from which the length of pauses is drawn. IAM_OK; IAM_ERR_ARGUMENT or IAM_ERR_REGION, with the fault. */
int iam_call_init(struct iam_call *, const struct iam_config *, uint32_t seed);
/** Begins an operation of request.h. request points to the struct of that operation; the struct is copied, text
 * in it is borrowed until the operation ends. IAM_OK, IAM_ERR_ARGUMENT, IAM_ERR_STATE. */
int iam_call_start(struct iam_call *, const struct iam_operation *, const void *request);
/** iam_call_start() for each operation, with the request's type checked by the compiler. */
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
static inline int iam_call_grants(struct iam_call *c, const struct iam_grants_request *q)
{
    return iam_call_start(c, &iam_op_grants, q);
}

/** Tells the time: mono_ms from any origin (it may wrap), unix_ms since 1970, negative while it is not known. Call
 * it before every iam_call_next(), and at least every 24 days. */
void iam_call_time(struct iam_call *, uint32_t mono_ms, int64_t unix_ms);
/** One turn, without I/O. IAM_ITEM: an item is ready; IAM_AGAIN: see iam_call_wants(); IAM_OK: the list is
 * complete; < 0: the operation has failed, and the fault says why. */
int iam_call_next(struct iam_call *);
/** From here to iam_call_closed(): the exchange's functions of parts/exchange.h under the call's name. This one
 * tells what would make it go on, as bits of enum iam_want; 0: only time does. */
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
/** Zeroises derived keys and buffers. It does not close the stream: that is the caller's. */
void iam_call_end(struct iam_call *);

/** See struct iam_checkpoint. iam_call_resume() goes on with a list about a job from the checkpoint alone, which is
 * then borrowed until the operation ends. iam_call_resume_list() goes on with any list, if it is given the
 * request that began it (whatever its Marker). IAM_OK; IAM_ERR_STATE: no list is under way, or it is an audit's; or
 * IAM_ERR_CHECKPOINT: it is damaged, or was made of another operation or request. */
int iam_call_checkpoint(const struct iam_call *, struct iam_checkpoint *);
int iam_call_resume(struct iam_call *, const struct iam_checkpoint *);
int iam_call_resume_list(struct iam_call *, const struct iam_operation *, const void *request,
                         const struct iam_checkpoint *);

#ifdef __cplusplus
}
#endif
#endif
