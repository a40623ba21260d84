/** @file
 * When to try again: three small answers over plain numbers: the retry of a failed attempt, the pause
 * between two polls of a job, and the clock's correction. No clocks, no I/O, integers only.
 * Layer: flow.
 *
 *   init -> begin -> attempt -+-> success                  (next page: begin)
 *                    ^        +-> iam_retry_next() true:  wait *delay_ms, attempt
 *                    +--------+                    false: the error is final  (next job: begin)
 *
 * Rules: AWS SDKs and Tools Reference Guide, "Retry behavior", standard mode;
 * tests/vectors/facts/retry_vectors.json holds both generations. */
#ifndef TINYIAM_PARTS_RETRY_H
#define TINYIAM_PARTS_RETRY_H

#include "../types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**                      IAM_RETRY_2_1 (of 2026)            IAM_RETRY_2_0
 * backoff, attempt i    random * min(base * 2^(i-1), 20 s) likewise
 *   base                throttled 1 s, else 50 ms          1 s
 * quota a retry costs   throttled 5, else 14               timed out 10, else 5
 * x-amz-retry-after     moved into [backoff, backoff + 5 s] ignored
 * Both: at most max_attempts; 500 of quota at first and at most; a success gives back what its last
 * retry cost, or 1 if there was none; a retry that the quota cannot pay does not happen. */
enum iam_retry_rules { IAM_RETRY_2_1 = 0, IAM_RETRY_2_0 };

#define IAM_RETRY_QUOTA 500

/** Plain memory. The quota is shared by all pages and jobs of a client; the rest is about one request. */
struct iam_retry {
    uint16_t quota;       /**< 0..IAM_RETRY_QUOTA */
    uint8_t attempt;      /**< number of the attempt under way, from 1 */
    uint8_t max_attempts; /**< 1: never retry */
    uint8_t rules;        /**< enum iam_retry_rules */
    uint8_t last_cost;    /**< of this request's last retry; 0: none yet */
};

void iam_retry_init(struct iam_retry *, uint8_t max_attempts, enum iam_retry_rules);
/** Before the first attempt of every request (page, poll). */
void iam_retry_begin(struct iam_retry *);
/** A reply with a 2xx status was read whole. Once a request. */
void iam_retry_success(struct iam_retry *);
/** The attempt failed. true: go again in *delay_ms; the new attempt is counted and paid for. false:
 * the error is final.
 *   error   enum iam_result, < 0; IAM_ERR_SERVICE for an error reply
 *   status  of the reply, looked at only if the error is the reply's; code: the service's, likewise
 *   random  32 unpredictable bits: the fraction of the backoff that is waited (all ones: all of it)
 *
 * Retried: no connection, a connection lost, time-outs (all but the deadline over everything), TLS
 * failures but never a refused certificate; statuses 500 502 503 504, whatever their body was; the
 * service's throttling and transient codes, where X and XException are one class (query services
 * use the short spelling). Not retried: everything else, a damaged or foreign reply with another
 * status included. */
bool iam_retry_next(struct iam_retry *, int error, uint16_t status, struct iam_span code,
                    bool has_retry_after, uint32_t retry_after_ms, uint32_t random,
                    uint32_t *delay_ms);

/** Pause before the next poll of a job: first_ms after poll 1, half as much again after each further
 * one, up to max_ms; of that, random (as above) takes off up to a quarter. At least 1. */
uint32_t iam_poll_delay(uint32_t polls, uint32_t first_ms, uint32_t max_ms, uint32_t random);

/** Server's clock minus ours at the middle of an exchange, in ms: what to add to ours. unix_ms is
 * our clock (the one that signed) when the head of the reply was there; with 0 the result is the
 * server's time at that moment. Not for a Date that came with an Age field: it is a cache's. false:
 * more than 15 minutes between sending and receiving tell nothing. */
bool iam_clock_skew(int64_t date_ms, int64_t unix_ms, uint64_t round_trip_ms, int64_t *skew_ms);
/** Is it a service's error code that a wrong clock causes? Only after such a one is a skew corrected. */
bool iam_clock_code(struct iam_span code);
/** Is it a service's error code that asks for fewer requests? */
bool iam_throttled_code(struct iam_span code);
/** Is it a service's error code that fetching other keys may cure: the present ones have expired, or are unknown? */
bool iam_keys_code(struct iam_span code);

#ifdef __cplusplus
}
#endif
#endif
