/* One request and its reply over one connection: what a call and a provider of credentials stand on.
 * Layer: flow. Include tinyiam.h, not this.
 *
 *   IDLE -> (PAUSE ->) CONNECT -> SEND -> RECEIVE -> REPLIED    the owner decides what comes next
 *                        ^                   |
 *                        +----- again? ------+-> FAILED
 *
 * An exchange knows HTTP, deadlines and when to try again; what is written and how the reply is read is its
 * protocol's: a query (parts/query.h) or a document (parts/document.h), which begin with an exchange. Its bytes
 * are moved by the functions below. Plain memory: what lies beside it in its owner is found by its distance, so
 * that a copy of the owner is a snapshot. */
#ifndef TINYIAM_PARTS_EXCHANGE_H
#define TINYIAM_PARTS_EXCHANGE_H

#include "../endpoint.h"
#include "http.h"
#include "retry.h"

#ifdef __cplusplus
extern "C" {
#endif

enum iam_want {
    IAM_WANT_OPEN = 1,
    IAM_WANT_SEND = 2,
    IAM_WANT_RECV = 4,
    IAM_WANT_CLOSE = 8,
    IAM_WANT_KEYS = 16,
    IAM_WANT_ASK = 32 /* of a provider only: the application knows (creds.h) */
};

/* What has been done so far. */
struct iam_stats {
    uint64_t bytes_out, bytes_in, body_bytes; /* HTTP bytes, TLS and TCP apart */
    uint32_t pages, items, polls, requests, retries, connections, clock_corrections;
    uint32_t tx_peak, rx_peak, item_peak; /* most bytes of each caller's buffer in use */
};

struct iam_stream;
struct iam_protocol;

/* Whom it talks to and how long it waits: the owner's configuration, as far as an exchange needs it. */
struct iam_exchange_config {
    /* the beginning of struct iam_config, in its order */
    void *tx;
    size_t tx_size;
    void *rx;
    size_t rx_size;
    struct iam_stream *stream; /* port.h; not used by the engine */
    uint32_t connect_ms, response_ms, idle_ms, exchange_ms, deadline_ms;
    struct iam_span
        authority; /* p == NULL: the text lies in the owner, authority_at bytes from here on */
    struct iam_span user_agent;
    uint8_t max_attempts, retry_rules;
    bool plain;
    /* and what its owner says */
    uint16_t authority_at;
    uint16_t stats_at; /* likewise of the owner's struct iam_stats; 0: nobody counts */
};

/* PRIVATE, but for what is marked; what is small and often used in front, where Thumb code reaches it in 16
 * bits */
struct iam_exchange {
    uint8_t stage; /* enum iam_stage, in core/flow/flow.h */
    uint8_t attempts;
    bool connected, close, reused, replaced;
    bool waiting, ticking, timed, clock_learned;
    bool skew_tried, has_skew, keyed, need_keys; /* keyed: no request without the owner's word */
    uint16_t port, host_n;                       /* of the authority: as connected to */
    uint16_t authority_n;                        /* as sent; 0: there is none */
    uint32_t rx_pos, rx_n, body_end; /* unread bytes of rx; end of the body's run in it */
    uint32_t tx_pos, tx_n;           /* window in tx */
    uint32_t tx_done, tx_total;      /* bytes of the request sent, and in all */
    uint32_t mono, sent_ms;          /* last value given; when the request went out */
    /* milliseconds spent waiting: since the last progress, in this exchange */
    uint32_t waited, exchanged;
    uint32_t random;
    const struct iam_protocol *protocol;
    struct iam_exchange_config cfg;
    struct iam_retry retry;
    uint64_t now;         /* monotonic milliseconds, 64 bits wide */
    int64_t unix_ms;      /* last value given; < 0: unset */
    int64_t clock_offset; /* added to unix_ms, or to now where the clock is unset */
    int64_t skew_ms;      /* of the last reply; valid with has_skew */
    uint64_t resume_at, operation_by;
    struct iam_http http;
    struct iam_fault fault; /* PUBLIC: of the last failure */
};

unsigned iam_exchange_wants(const struct iam_exchange *);
uint32_t iam_exchange_idle_ms(const struct iam_exchange *);
/* Whom to connect to; no brackets around IPv6. */
struct iam_span iam_exchange_host(const struct iam_exchange *, uint16_t *port);
const void *iam_exchange_send_buf(struct iam_exchange *, size_t *n);
void iam_exchange_send_ack(struct iam_exchange *, size_t n);
void *iam_exchange_recv_buf(struct iam_exchange *, size_t *n);
void iam_exchange_recv_ack(struct iam_exchange *, size_t n);
void iam_exchange_opened(struct iam_exchange *);
void iam_exchange_closed(struct iam_exchange *, int error, int native);

#ifdef __cplusplus
}
#endif
#endif
