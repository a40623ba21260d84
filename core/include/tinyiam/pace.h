/** @file
 * tinyiam/pace.h - how fast may requests follow each other? One budget for any number of clients.
 *
 * IAM answers too many requests with an error (Throttling), and counts them for the whole account. Clients that
 * have the same pace share one budget, which is the application's to keep as long as they:
 *
 *     static struct iam_pace pace;
 *     iam_pace_init(&pace, IAM_PACE_AUDIT, 0);
 *     config.pace = &pace;                     of each of them
 *
 * Each client then asks the pace before a request goes out (and before it connects for one), waits where it has to,
 * and tells the pace what came back. Clients that wait are served in the order in which they asked. The struct knows
 * two laws. Neither holds anything back (but for max_rate) until the first reply that says "throttled".
 *
 *   adaptive  what the AWS SDKs call retry mode "adaptive": after botocore's retries/adaptive.py, throttling.py and
 *             bucket.py. After a throttling the rate is 0.7 of what it was, and comes back along a cubic curve.
 *   audit     gentler, for a long job that has the account's budget to share. The first throttling halves the
 *             rate measured so far, and a second of silence follows; then the rate grows by 8 % a success until
 *             it is throttled once more. Now it is known: 0.95 of what was answered in between, and from there
 *             slowly up, 0.01 requests a second for each success, more the longer none was throttled. Where nothing
 *             was answered between two throttlings, the search begins anew. A request that was throttled is sent
 *             again when its turn comes, as often as it takes: it counts neither against max_attempts (nor in
 *             fault.attempts) nor as a retry that costs quota, and only deadline_ms ends it.
 *
 * In virtual time (tests/core/unit/test_pace.c prints it), at a limit of 5 requests a second and a
 * burst of 15, with 1 to 8 callers: audit is throttled for 1.4 to 3.4 % of its requests and takes
 * 1.01 of the least time that any client can need; adaptive for 8.1 to 10.6 %.
 *
 * A device that sleeps between requests has a pace of its own, with a max_rate of 1: the first request is free, and
 * iam_idle_ms() says at the next one that it is due in days. A checkpoint made then begins with the page after the one
 * that has come (platform/cortexm/wake.c).
 *
 * Plain memory, no clock of its own, integers only. Not for several threads at once. A program that sets no
 * config.pace links nothing of it. Layer: flow. */
#ifndef TINYIAM_PACE_H
#define TINYIAM_PACE_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

enum iam_pace_law { IAM_PACE_ADAPTIVE = 0, IAM_PACE_AUDIT };

/** Rates are millionths of a request a second: 5/s is 5,000,000. What is above 4,000/s counts as that. */
#define IAM_PACE_ONE 1000000u
#define IAM_PACE_MOST 4000000000u

struct iam_exchange; /* parts/exchange.h */
/** What an exchange calls, through its pace, so that a program without one does not link them. Who wants to see it
 * may put functions in front of these (the command's --debug does). */
struct iam_pace_ops {
    /** A request is due. true: it has to wait; the exchange's pause has begun. */
    bool (*hold)(struct iam_exchange *);
    /** A reply has come; exchange.fault.code is empty after a success. true: it does not count as an attempt. */
    bool (*tell)(struct iam_exchange *);
};

struct iam_pace {
    const struct iam_pace_ops *ops;
    /* PRIVATE. Moments, in milliseconds of .mono, 64 bits wide: */
    uint64_t now;
    uint64_t filled;       /* until when tokens have been added */
    uint64_t throttled;    /* of the last throttling */
    uint64_t counted;      /* since when replies are counted */
    uint64_t silent_until; /* before it nothing may go out */
    uint64_t short_at;     /* when there was no token, as far as anybody has asked */
    /* Rates, in millionths of a request a second: */
    uint32_t rate;                /* that is allowed now */
    uint32_t measured;            /* at which replies have come */
    uint32_t rate_at_throttling;  /* that was measured at the last throttling */
    uint32_t most;                /* max_rate; 0: no limit */
    uint32_t tokens, tokens_most; /* credit for requests, in millionths of one: now, and at most */
    uint32_t count;         /* replies since .counted; by the audit's law only the unthrottled */
    uint32_t successes;     /* since the last throttling */
    uint32_t zero_point_ms; /* how long the cubic curve takes back to rate_at_throttling */
    uint32_t given, served; /* places in the queue: the last one given, the last one that is over */
    uint32_t mono;          /* the last mono_ms */
    uint8_t law;
    bool begun, limited, searching;
};

/** The struct's memory may hold anything before. max_rate: the audit's law stays below it from the first request on,
 * in IAM_PACE_ONE (5 a second: 5 * IAM_PACE_ONE); 0: no limit. */
void iam_pace_init(struct iam_pace *, enum iam_pace_law, uint32_t max_rate);
/** May a request go out? A client calls this and iam_pace_tell() by itself; they are here for other programs that
 * share its budget. mono_ms: as for iam_call_time(), of the same clock in all calls; it may wrap. *place: a number
 * for each request, 0 at first, in which the pace notes its place in the queue. Returns 0: the request may go out,
 * and has been counted (asked again with this place, the answer stays); else the milliseconds after which to ask
 * again, at least 1. A request that is not asked for again is passed over. */
uint32_t iam_pace_ask(struct iam_pace *, uint32_t mono_ms, uint32_t *place);
/** A reply has come. throttled: it was an error that asks for fewer requests, as Throttling does. */
void iam_pace_tell(struct iam_pace *, uint32_t mono_ms, bool throttled);

#ifdef __cplusplus
}
#endif
#endif
