/* What a failed attempt means: tried again or not, after which pause, with which clock. */
#include <tinyiam/parts/compiler.h>
#include <tinyiam/parts/retry.h>

#include <string.h>

#include <tinyiam/parts/bytes.h>

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

/* Error codes that mean something here, as FNV-1a hashes of their names: a third of the names'
 * size. A stranger's code that hashed alike would be tried again a few times, no more. The spelling
 * with "Exception" at the end counts too; a name that has it here counts only so (LimitExceeded
 * alone is IAM's word for a limit on resources). */
static const uint32_t codes[] = {
    0xC5E7E7B6u, /* Throttling */
    0x53FA2EDBu, /* Throttled */
    0xA1CFCFB6u, /* RequestThrottled */
    0xF6B64460u, /* TooManyRequests */
    0xB3FFA1DEu, /* ProvisionedThroughputExceeded */
    0x711044B3u, /* TransactionInProgress */
    0x8301F2E0u, /* RequestLimitExceeded */
    0x311356A0u, /* BandwidthLimitExceeded */
    0x3A8659E2u, /* LimitExceededException */
    0x8617CFE4u, /* SlowDown */
    0x641F7636u, /* PriorRequestNotComplete */
    0x305F1397u, /* EC2Throttled */
    0x677D3505u, /* RequestTimeout */
    0xAFF4B8CAu, /* IDPCommunicationError */
    0x2EE5C0D8u, /* RequestTimeTooSkewed */
    0xCE7C51D3u, /* RequestExpired */
    0x6AFDAA5Bu, /* RequestInTheFuture */
    0x887ED3DAu, /* InvalidSignature */
    0xB91ADFD2u, /* SignatureDoesNotMatch */
    0x95BD8C77u, /* AuthFailure */
    0x09575D87u, /* ExpiredToken */
    0x00C99FD9u, /* InvalidClientTokenId */
};

/* Where the codes of a meaning end. */
enum { THROTTLING_END = 12, TRANSIENT_END = 14, CLOCK_END = 20, KEYS_END = 22 };
enum meaning { OTHER, KEYS, CLOCK, TRANSIENT, THROTTLED };

static enum meaning listed(uint32_t hash)
{
    unsigned i = 0;
    while (i < sizeof codes / sizeof *codes && codes[i] != hash)
        i++;
    return i < THROTTLING_END  ? THROTTLED
           : i < TRANSIENT_END ? TRANSIENT
           : i < CLOCK_END     ? CLOCK
           : i < KEYS_END      ? KEYS
                               : OTHER;
}

static enum meaning meaning_of(struct iam_span code)
{
    static const char suffix[] = "Exception";
    const size_t suffix_n = sizeof suffix - 1;
    uint32_t hash = IAM_FNV;
    enum meaning m = OTHER;
    for (size_t i = 0; i < code.n; i++) {
        if (code.n - i == suffix_n && memcmp(code.p + i, suffix, suffix_n) == 0)
            m = listed(hash);
        hash = iam_fnv(hash, code.p + i, 1);
    }
    return m != OTHER ? m : listed(hash);
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

IAM_SAVES_FLASH static uint32_t at_most(uint32_t ms, uint32_t max)
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
    enum meaning m = error == IAM_ERR_SERVICE ? meaning_of(code) : OTHER;
    unsigned doublings =
        (unsigned)at_most(r->attempt - 1u, 20); /* 2^20 s is beyond any cap, and fits */
    uint8_t cost;
    uint32_t ms;
    if (connection_failed(error) || (replied(error) && transient_status(status)))
        m = m > TRANSIENT ? m : TRANSIENT;
    if (m < TRANSIENT || r->attempt >= r->max_attempts)
        return false;
    if (r->rules == IAM_RETRY_2_0) {
        cost = timed_out(error) ? COST_TIMEOUT_2_0 : COST_2_0;
        ms = part(at_most((uint32_t)BACKOFF_THROTTLED_MS << doublings, BACKOFF_MAX_MS), random);
    } else {
        cost = m == THROTTLED ? COST_THROTTLED : COST;
        ms = m == THROTTLED ? BACKOFF_THROTTLED_MS : BACKOFF_MS;
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
    return meaning_of(code) == CLOCK;
}

bool iam_throttled_code(struct iam_span code)
{
    return meaning_of(code) == THROTTLED;
}

bool iam_keys_code(struct iam_span code)
{
    return meaning_of(code) == KEYS;
}
