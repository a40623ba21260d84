/** @file
 * tinyiam/creds.h - where keys come from, and until when they may be used: providers of credentials.
 * Layer: flow.
 *
 *     struct iam_creds creds;                       1.6 KB on a 32-bit machine
 *     iam_creds_init(&creds, &from, seed);          kind, parameters, buffers, stream
 *     config.provider = &creds;                     of the client: it fetches keys when it needs some
 *
 * Without a client, iam_creds_run() of tinyiam.h runs it until it has keys. Without the ports, it is the loop of
 * call.h over creds.exchange, with iam_creds_time(), iam_creds_next() and iam_creds_wants().
 *
 *   NONE --fetch--> FRESH --15 to 10 minutes before the end--> DUE --the end--> NONE
 *                     ^                                         |
 *                     +---------------- fetch ------------------+
 *
 * The client fetches before an operation's first request where keys are DUE, and while a job is open only
 * where there are none any more: IAM shows a report to the session that made it, so that other keys in
 * the middle of a job are IAM_ERR_SESSION. Where a fetch fails, keys that are still valid stay in use, and
 * the source is left alone for a pause that doubles from 1 s to 5 min, less a random part of up to a half.
 * The moment of DUE lies at random between 15 and 10 minutes before the end, so that a fleet of devices does
 * not ask all at once; of keys that live for less than 30 minutes, half to a third of their life before it.
 *
 * A provider serves one client, or another provider, at a time. tx and rx may be the client's own: the two
 * never use them at the same time. No two connections of a client and its providers are open at once.
 * Plain memory like struct iam_call; secrets lie in the keys buffer only (and on their way in rx and tx),
 * and are zeroised when they are replaced, after a failure, and at the end. */
#ifndef TINYIAM_CREDS_H
#define TINYIAM_CREDS_H

#include "call.h"
#include "parts/document.h"

#ifdef __cplusplus
extern "C" {
#endif

enum iam_creds_kind {
    IAM_CREDS_STATIC = 0,   /**< keys that never change */
    IAM_CREDS_APPLICATION,  /**< the application gives them when it is asked */
    IAM_CREDS_IOT,          /**< AWS IoT's credential provider, by the device's certificate */
    IAM_CREDS_CONTAINER,    /**< ECS and EKS: an HTTP endpoint that the environment names */
    IAM_CREDS_IMDS,         /**< the role of an EC2 instance, IMDSv2 */
    IAM_CREDS_ASSUME_ROLE,  /**< STS, signed with the keys of another provider */
    IAM_CREDS_WEB_IDENTITY, /**< STS, by an OpenID Connect token; unsigned */
    /** IAM Identity Center's portal, by the token of a login; CONFIG_TINYIAM_CREDS_SSO, off by default */
    IAM_CREDS_SSO
};

/** Over what kind of stream a provider talks to its source. */
enum iam_creds_stream {
    IAM_CREDS_NO_STREAM = 0, /**< STATIC, APPLICATION */
    IAM_CREDS_PLAIN,         /**< TCP: IMDS, a container's http endpoint, config.plain */
    IAM_CREDS_TLS,           /**< STS, a container's https endpoint */
    IAM_CREDS_MUTUAL_TLS     /**< IOT: iam_tls_shared_config.own_certificate */
};

/** What a provider is made of, by its kind. Text is borrowed until iam_creds_end(). */
union iam_creds_from {
    struct iam_credentials fixed; /**< STATIC */
    struct {
        struct iam_span role_alias; /**< 1..128 of A-Z a-z 0-9 _ = , @ - */
        struct iam_span thing_name; /**< 1..128 of A-Z a-z 0-9 _ : -; absent: it is not sent */
    } iot;
    struct {
        /** AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, "/v2/credentials/..."; goes before full_uri */
        struct iam_span relative_uri;
        /** AWS_CONTAINER_CREDENTIALS_FULL_URI; http:// for 127.0.0.0/8, [::1], localhost, 169.254.170.2 (ECS),
         * 169.254.170.23 and [fd00:ec2::23] (EKS); https:// for any host */
        struct iam_span full_uri;
        /** Value of the Authorization header, or absent. Not used where config.ask is given. */
        struct iam_span authorization;
    } container;
    struct {
        bool v1; /**< go on without a token where the instance has none to give (IMDSv1) */
    } imds;
    struct {
        struct iam_creds *base;  /**< ASSUME_ROLE: its keys sign. No circles of providers */
        struct iam_span region;  /**< empty: the commercial partition's global endpoint */
        unsigned endpoint_flags; /**< IAM_ENDPOINT_FIPS | IAM_ENDPOINT_DUALSTACK */
        struct iam_role_request role;
    } sts;
    struct {
        struct iam_span role_name, account_id;
        struct iam_span token; /**< of the login. Not used where config.ask is given. */
    } sso;
};

/** All zero but the kind, its parameters and the buffers is valid. Text is borrowed until iam_creds_end(). */
struct iam_creds_config {
    enum iam_creds_kind kind;
    /** Scratch as in struct iam_config; unused by STATIC and APPLICATION. */
    void *tx, *rx;
    size_t tx_size, rx_size;
    /** Room for the keys, unused by STATIC. The source's document is received here as well: beside the bytes
     * of the session token about 400 for JSON, 200 for STS, 456 for IMDS. If there is room for it behind the
     * keys in use, these survive a failed fetch; otherwise they are given up when the new ones arrive. A
     * buffer that is too small is IAM_ERR_SPACE with fault.what "keys", and the bytes in fault.need. */
    void *keys;
    size_t keys_size;
    struct iam_stream *stream; /**< port.h; not used by the engine */
    /** Called at every fetch of APPLICATION, and of WEB_IDENTITY, CONTAINER and SSO for their token: it calls
     * iam_creds_give() or iam_creds_text() and returns IAM_OK; IAM_AGAIN: not yet, call again; or an error. */
    int (*ask)(void *context, struct iam_creds *);
    void *context;
    /** "host", "host:port", "[IPv6]:port", lower case. IOT: needed, the account's own endpoint
     * (iot:DescribeEndpoint, iot:CredentialProvider). SSO: needed, iam_endpoint_regional() tells
     * it. IMDS: p NULL is 169.254.169.254. STS: p NULL is the region's endpoint. */
    struct iam_span endpoint;
    bool plain;                       /**< STS at an endpoint of one's own, without TLS */
    uint32_t connect_ms, response_ms; /**< 0: IMDS 1,000, container 2,000, else as in iam_config */
    uint8_t max_attempts;             /**< of a request; 0: IMDS 1, else 3 */
    struct iam_span user_agent;
    union iam_creds_from from; /**< the member that belongs to kind */
};

/** The functions below as pointers: a program without providers does not link them. */
struct iam_creds_ops {
    /** The clock of the exchange that has been told the time: of the call, in iam_call_time(). */
    void (*time)(struct iam_creds *, struct iam_exchange *);
    int (*next)(struct iam_creds *);
    unsigned (*wants)(const struct iam_creds *);
    void (*drop)(struct iam_creds *);
    void (*renew)(struct iam_creds *);
    void (*refuse)(struct iam_creds *, int error);
};

/** Room for the longest host name of STS. */
#define IAM_STS_HOST_MAX 104

enum iam_creds_state { IAM_CREDS_NONE = 0, IAM_CREDS_DUE, IAM_CREDS_FRESH, IAM_CREDS_FAILED };

struct iam_source;
struct iam_creds {
    /** PUBLIC: the exchange under way, and what it carries: parts/exchange.h moves its bytes.
     * exchange.fault is the provider's; its text lies in config.keys, behind the keys in use, and is valid
     * until the next fetch begins, whoever shares tx and rx. */
    union {
        struct iam_exchange exchange;
        struct iam_document document;
#if CONFIG_TINYIAM_CREDS_STS
        struct iam_query query;
#endif
    };
    /** PUBLIC: in use; its text lies in the keys buffer. Absent (n 0): there are none. */
    struct iam_credentials keys;
    struct iam_time expiration; /**< as the source wrote it; absent: the source named no end */
    int error;     /**< of the last fetch, in state FAILED the reason; 0: it went well */
    uint8_t state; /**< enum iam_creds_state */

    /* PRIVATE */
    uint8_t step, part, failures, kind; /* kind: enum iam_creds_kind */
    bool answered;                      /* the application has answered IAM_WANT_ASK */
    const struct iam_creds_ops *ops;
    const struct iam_source *source; /* NULL: no exchange is needed */
    char *room;                      /* config.keys */
    uint32_t room_size;
    int (*ask)(void *context, struct iam_creds *);
    void *context;
    union iam_creds_from from;
    struct iam_span text;   /* given by iam_creds_text(); IMDS: its token */
    struct iam_span path;   /* of a container's endpoint; IMDS: the role */
    uint64_t got_at;        /* monotonic milliseconds: when the keys came */
    uint64_t retry_at;      /* monotonic milliseconds: no fetch before that */
    int64_t got_unix;       /* when they came by the caller's clock; < 0: it was unset */
    int64_t life_ms;        /* milliseconds from got_at until the keys end; INT64_MAX: never */
    int64_t due_ms;         /* likewise, until they are due */
    uint32_t used;          /* bytes of the room that the keys in use take */
    uint32_t begin, filled; /* the document in room: where it begins, where its bytes end so far */
    uint32_t need;          /* bytes that the room has to have */
    uint32_t pause;         /* milliseconds that begin at the next iam_creds_time(); 0: none do */
#if CONFIG_TINYIAM_CREDS_STS
    char host[IAM_STS_HOST_MAX];
#endif
};

/** The provider whose keys sign the requests of this one; NULL: they are not signed. */
static inline struct iam_creds *iam_creds_base(const struct iam_creds *p)
{
    return p->kind == IAM_CREDS_ASSUME_ROLE ? p->from.sts.base : NULL;
}

#if CONFIG_TINYIAM_CREDS_STS
#define iam_creds_init IAM_SIZED(iam_creds_init_with_sts) /* config.h */
#else
#define iam_creds_init IAM_SIZED(iam_creds_init)
#endif
/** Copies the configuration and checks its parameters. seed: any unpredictable number, from which pauses are drawn.
 * IAM_OK; or IAM_ERR_ARGUMENT, IAM_ERR_REGION, IAM_ERR_CREDENTIALS, with the name in exchange.fault.what. */
int iam_creds_init(struct iam_creds *, const struct iam_creds_config *, uint32_t seed);
/** Zeroises keys, buffers and struct. It does not close the stream: that is the caller's. */
void iam_creds_end(struct iam_creds *);

/** What kind of stream the configuration needs. */
enum iam_creds_stream iam_creds_stream_kind(const struct iam_creds *);

/** The clock, as in call.h, of this one and those it is based on: state is up to date afterwards. Call it at
 * least every 24 days. iam_call_time() does it for the providers of a call; what one of them, or the call, has
 * learned of the clock from a reply then holds for all, and for other calls that have the same provider. */
void iam_creds_time(struct iam_creds *, uint32_t mono_ms, int64_t unix_ms);
/** The service no longer takes these keys (ExpiredToken): the next turn fetches. */
void iam_creds_renew(struct iam_creds *);
/** Keys of an earlier run that the application has kept, copied to config.keys: in use as if they had just
 * been fetched, so that a report stays readable after a restart. Any kind but STATIC, before the first
 * fetch, after iam_creds_time() has told the time. IAM_OK; or IAM_ERR_STATE, IAM_ERR_SPACE, IAM_ERR_VALUE
 * (ended, or no keys): none are in use then, and the next turn fetches. */
int iam_creds_restore(struct iam_creds *, const struct iam_credentials *,
                      const struct iam_time *expiration);
/** One turn: fetches where there are no keys or they are due. IAM_OK: keys may be used (they are fresh, or
 * still good though the fetch failed: error). IAM_AGAIN: see iam_creds_wants(). < 0: there are none. */
int iam_creds_next(struct iam_creds *);
/** What would make it go on: as iam_exchange_wants(&creds->exchange), or IAM_WANT_ASK: call config.ask. */
unsigned iam_creds_wants(const struct iam_creds *);
/** Drops a fetch that is under way. */
void iam_creds_drop(struct iam_creds *);

/** Answers to IAM_WANT_ASK.
 * CONTAINER, WEB_IDENTITY, SSO: the token (its file's whole content), borrowed until the fetch has ended. */
void iam_creds_text(struct iam_creds *, struct iam_span);
/** APPLICATION: keys, copied to config.keys; expiration NULL or absent: they do not end. IAM_OK,
 * IAM_ERR_SPACE, IAM_ERR_VALUE. */
int iam_creds_give(struct iam_creds *, const struct iam_credentials *,
                   const struct iam_time *expiration);
/** APPLICATION: the document of a credential_process (Version 1), copied likewise; secrets in it are the
 * caller's to zeroise. Errors also: IAM_ERR_FOREIGN, IAM_ERR_JSON, IAM_ERR_MEMBER (exchange.fault.what). */
int iam_creds_give_document(struct iam_creds *, struct iam_span json);
/** Any kind: there is no answer. */
void iam_creds_refuse(struct iam_creds *, int error);

#ifdef __cplusplus
}
#endif
#endif
