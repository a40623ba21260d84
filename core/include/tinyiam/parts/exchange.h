/** @file
 * One request and its reply over one connection: what a call and a provider of credentials stand on.
 * Layer: flow. Include tinyiam.h, not this.
 *
 *   IDLE -> (PAUSE ->) CONNECT -> SEND -> RECEIVE -> REPLIED    the owner decides what comes next
 *                        ^                   |
 *                        +----- again? ------+-> FAILED
 *
 * An exchange knows HTTP, deadlines and when to try again. What is written, and how the reply is read, is the
 * matter of its protocol: a query (parts/query.h) or a document (parts/document.h), structs that begin with an
 * exchange. The functions below move its bytes. It points to nothing inside its owner, but keeps distances in
 * bytes, so that a copy of the owner's memory is a snapshot that works. */
#ifndef TINYIAM_PARTS_EXCHANGE_H
#define TINYIAM_PARTS_EXCHANGE_H

#include "../endpoint.h"
#include "http.h"
#include "retry.h"

#ifdef __cplusplus
extern "C" {
#endif

enum iam_want {
    IAM_WANT_OPEN = 1,  /**< connect to iam_exchange_host() */
    IAM_WANT_SEND = 2,  /**< send iam_exchange_send_buf() */
    IAM_WANT_RECV = 4,  /**< receive into iam_exchange_recv_buf() */
    IAM_WANT_CLOSE = 8, /**< close the stream */
    IAM_WANT_KEYS = 16, /**< drive the provider of credentials */
    IAM_WANT_ASK = 32   /**< only a provider says so: ask the application (creds.h) */
};

/** What has been done since the client was initialised. */
struct iam_stats {
    uint64_t bytes_out, bytes_in, body_bytes; /**< of HTTP, without what TLS and TCP add */
    uint32_t pages, items, polls, requests, retries, connections, clock_corrections;
    uint32_t tx_peak, rx_peak, item_peak; /**< most bytes of each caller's buffer in use */
};

struct iam_pace;
struct iam_stream;
struct iam_protocol;

/** Whom it talks to and how long it waits: the owner's configuration, as far as an exchange needs it. */
struct iam_exchange_config {
    /* the beginning of struct iam_config, in its order */
    void *tx;
    size_t tx_size;
    void *rx;
    size_t rx_size;
    struct iam_stream *stream; /**< port.h; not used by the engine */
    uint32_t connect_ms, response_ms, idle_ms, exchange_ms, deadline_ms;
    /** Host and port. p == NULL: n bytes of text that lie authority_at bytes behind the exchange's beginning. */
    struct iam_span authority;
    struct iam_span user_agent;
    struct iam_pace *pace;
    uint8_t max_attempts, retry_rules;
    bool plain;
    /* and what its owner says */
    uint16_t authority_at;
    uint16_t stats_at; /* likewise of the owner's struct iam_stats; 0: nobody counts */
};

/* PRIVATE, except what is marked. Small members that are used often stand in front, where Thumb code reaches
 * them with shorter instructions. */
struct iam_exchange {
    uint8_t stage; /* enum iam_stage, in core/flow/flow.h */
    uint8_t attempts;
    bool connected, close, reused;
    bool waiting, ticking, timed;
    uint8_t clock_learned; /* counts what has changed clock_offset; 0: nothing has */
    bool skew_tried, has_skew;
    bool keyed; /* requests are signed: none is written before the owner has given keys */
    bool need_keys;
    uint8_t part;         /* the part of the request that comes next, or goes on */
    uint16_t host_n;      /* length of the name of what is connected to */
    uint16_t authority_n; /* length of the Host header's value; 0: there is none */
    bool tx_more;         /* there is more of the request than what is in tx */
    /* of who drives it: the last turn has left work that no network event will announce */
    bool busy;
    uint32_t rx_pos, rx_n;  /* the unread bytes of rx: from, to */
    uint32_t body_end;      /* where the piece of the body in rx ends */
    uint32_t tx_pos, tx_n;  /* the unsent bytes of tx: from, to */
    uint32_t tx_done;       /* bytes of the request that were sent */
    uint32_t part_at;       /* where that part of it begins */
    uint32_t mono, sent_ms; /* the last mono_ms given; when the request went out */
    uint32_t waited;        /* milliseconds since the last progress */
    uint32_t exchanged;     /* milliseconds since this exchange began */
    uint32_t random;
    uint32_t place; /* what the pace notes of this request; 0: it has not been asked */
    const struct iam_protocol *protocol;
    struct iam_exchange_config cfg;
    struct iam_retry retry;
    uint16_t port;        /* of what is connected to */
    uint64_t now;         /* monotonic milliseconds, 64 bits wide */
    int64_t unix_ms;      /* the last value given; < 0: our clock is not set */
    int64_t clock_offset; /* what is added to unix_ms, or to now where our clock is not set */
    int64_t skew_ms;      /* server's clock minus ours by the last reply; valid with has_skew */
    uint64_t resume_at, operation_by;
    struct iam_http http;
    struct iam_fault fault; /**< PUBLIC: of the last failure */
};

/** What would make it go on, as bits of enum iam_want; 0: only time does. */
unsigned iam_exchange_wants(const struct iam_exchange *);
/** The next turn is due after so many milliseconds, if nothing else happens. */
uint32_t iam_exchange_idle_ms(const struct iam_exchange *);
/** Whom to connect to: a name, or an address without brackets. Valid until the connection is made. */
struct iam_span iam_exchange_host(const struct iam_exchange *, uint16_t *port);
/** The next *n bytes to be sent; then tell how many the stream took. */
const void *iam_exchange_send_buf(struct iam_exchange *, size_t *n);
void iam_exchange_send_ack(struct iam_exchange *, size_t n);
/** Room for *n bytes to be received; then tell how many came. */
void *iam_exchange_recv_buf(struct iam_exchange *, size_t *n);
void iam_exchange_recv_ack(struct iam_exchange *, size_t n);
/** The stream is connected. */
void iam_exchange_opened(struct iam_exchange *);
/** The stream is closed, or has failed and is to be closed: error is IAM_OK or the stream's (IAM_EOF too), native
 * the port's own code. */
void iam_exchange_closed(struct iam_exchange *, int error, int native);

#ifdef __cplusplus
}
#endif
#endif
