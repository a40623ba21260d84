#include <tinyiam/parts/retry.h>

#include <string.h>

enum {
    BACKOFF_MAX_MS = 20000,
    BACKOFF_THROTTLED_MS = 1000,
    BACKOFF_MS = 50,
    RETRY_AFTER_SPAN_MS = 5000,
    COST_THROTTLED = 5,
    COST = 14,
    COST_2_0 = 5,
    COST_TIMEOUT_2_0 = 10,
    ROUND_TRIP_MAX_MS = 15 * 60000
};

/* Names end in NUL, lists in an empty name. The spelling with "Exception" at the end counts too; a name
 * that has it here counts only so (LimitExceeded is IAM's word for a limit on resources). */
static const char throttling_codes[] = "Throttling\0"
                                       "Throttled\0"
                                       "RequestThrottled\0"
                                       "TooManyRequests\0"
                                       "ProvisionedThroughputExceeded\0"
                                       "TransactionInProgress\0"
                                       "RequestLimitExceeded\0"
                                       "BandwidthLimitExceeded\0"
                                       "LimitExceededException\0"
                                       "SlowDown\0"
                                       "PriorRequestNotComplete\0"
                                       "EC2Throttled\0";
static const char transient_codes[] = "RequestTimeout\0"
                                      "IDPCommunicationError\0";
static const char skew_codes[] = "RequestTimeTooSkewed\0"
                                 "RequestExpired\0"
                                 "RequestInTheFuture\0"
                                 "InvalidSignature\0"
                                 "SignatureDoesNotMatch\0"
                                 "AuthFailure\0";

static bool listed(const char *list, struct iam_span code)
{
    static const char suffix[] = "Exception";
    size_t n;
    for (; (n = strlen(list)) != 0; list += n + 1) {
        if (code.n < n || memcmp(code.p, list, n) != 0)
            continue;
        if (code.n == n ||
            (code.n == n + sizeof suffix - 1 && memcmp(code.p + n, suffix, sizeof suffix - 1) == 0))
            return true;
    }
    return false;
}

static bool timed_out(int error)
{
    return error <= IAM_ERR_TIMEOUT_CONNECT && error >= IAM_ERR_TIMEOUT_EXCHANGE;
}

/* Did the network fail, rather than the reply? */
static bool connection_failed(int error)
{
    return (error <= IAM_EOF && error >= IAM_ERR_TIMEOUT_EXCHANGE) || error == IAM_ERR_TLS;
}

/* Did a reply come, good or bad? Only then does its status count. */
static bool replied(int error)
{
    return error <= IAM_ERR_HTTP && error >= IAM_ERR_SERVICE;
}

static bool transient_status(unsigned status)
{
    return status >= 500 && status <= 504 && status != 501;
}

/* random of 2^32 - 1 is all of it, 0 nothing. */
static uint32_t part(uint32_t ms, uint32_t random)
{
    return (uint32_t)(((uint64_t)ms * random + ms) >> 32);
}

static uint32_t at_most(uint32_t ms, uint32_t max)
{
    return ms < max ? ms : max;
}

void iam_retry_init(struct iam_retry *r, uint8_t max_attempts, enum iam_retry_rules rules)
{
    memset(r, 0, sizeof *r);
    r->quota = IAM_RETRY_QUOTA;
    r->max_attempts = max_attempts;
    r->rules = (uint8_t)rules;
    r->attempt = 1;
}

void iam_retry_begin(struct iam_retry *r)
{
    r->attempt = 1;
    r->last_cost = 0;
}

void iam_retry_success(struct iam_retry *r)
{
    r->quota = (uint16_t)at_most(r->quota + (r->last_cost ? r->last_cost : 1u), IAM_RETRY_QUOTA);
}

bool iam_retry_next(struct iam_retry *r, int error, uint16_t status, struct iam_span code,
                    bool has_retry_after, uint32_t retry_after_ms, uint32_t random,
                    uint32_t *delay_ms)
{
    bool throttled = error == IAM_ERR_SERVICE && listed(throttling_codes, code);
    bool transient = connection_failed(error) || (replied(error) && transient_status(status)) ||
                     (error == IAM_ERR_SERVICE && listed(transient_codes, code));
    unsigned doublings =
        (unsigned)at_most(r->attempt - 1u, 20); /* 2^20 s is beyond any cap, and fits */
    uint8_t cost;
    uint32_t ms;
    if ((!throttled && !transient) || r->attempt >= r->max_attempts)
        return false;
    if (r->rules == IAM_RETRY_2_0) {
        cost = timed_out(error) ? COST_TIMEOUT_2_0 : COST_2_0;
        ms = at_most(part((uint32_t)BACKOFF_THROTTLED_MS << doublings, random), BACKOFF_MAX_MS);
    } else {
        cost = throttled ? COST_THROTTLED : COST;
        ms = throttled ? BACKOFF_THROTTLED_MS : BACKOFF_MS;
        ms = part(at_most(ms << doublings, BACKOFF_MAX_MS), random);
        if (has_retry_after && retry_after_ms > ms)
            ms = at_most(retry_after_ms, ms + RETRY_AFTER_SPAN_MS);
    }
    if (r->quota < cost)
        return false;
    r->quota = (uint16_t)(r->quota - cost);
    r->last_cost = cost;
    r->attempt++;
    *delay_ms = ms;
    return true;
}

uint32_t iam_poll_delay(uint32_t polls, uint32_t first_ms, uint32_t max_ms, uint32_t random)
{
    uint32_t ms = first_ms ? first_ms : 1;
    for (; polls > 1 && ms < max_ms; polls--) {
        uint32_t more = ms / 2 + (ms & 1);
        ms = more < max_ms - ms ? ms + more : max_ms;
    }
    ms = at_most(ms, max_ms ? max_ms : 1);
    return ms - part(ms / 4, random);
}

bool iam_clock_skew(int64_t date_ms, int64_t unix_ms, uint64_t round_trip_ms, int64_t *skew_ms)
{
    if (round_trip_ms > ROUND_TRIP_MAX_MS)
        return false;
    *skew_ms = date_ms - (unix_ms - (int64_t)(round_trip_ms / 2));
    return true;
}

bool iam_clock_code(struct iam_span code)
{
    return listed(skew_codes, code);
}
