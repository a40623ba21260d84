/* What is counted between two attempts: for every state, error, status and every number that a server can send. */
#include "core/flow/again.c"
#include "proof.h"

int main(void)
{
    struct iam_retry r;
    size_t n = nondet_size();
    ASSUME(n <= 10);
    struct iam_span code = {any_bytes(n), n};
    uint32_t delay = 0, random = nondet_uint(), after = nondet_uint();
    uint16_t status = (uint16_t)nondet_uint();
    int error = (int)nondet_uint();
    ASSUME(r.quota <= IAM_RETRY_QUOTA && r.attempt >= 1 && r.attempt <= r.max_attempts &&
           r.rules <= IAM_RETRY_2_0 && r.last_cost <= COST);
    struct iam_retry before = r;

    if (iam_retry_next(&r, error, status, code, nondet_bool(), after, random, &delay)) {
        PROVE(r.attempt == before.attempt + 1 && r.attempt <= r.max_attempts,
              "each attempt is counted");
        PROVE(r.quota < before.quota && r.last_cost == before.quota - r.quota, "and paid for");
        PROVE(delay <= BACKOFF_MAX_MS + RETRY_AFTER_SPAN_MS, "the longest pause");
        PROVE(r.rules != IAM_RETRY_2_0 || delay <= BACKOFF_MAX_MS, "the longest of 2.0");
    } else {
        PROVE(r.attempt == before.attempt && r.quota == before.quota,
              "what is not tried costs nothing");
    }
    iam_retry_success(&r);
    PROVE(r.quota <= IAM_RETRY_QUOTA, "never more than there was");

    uint32_t polls = nondet_uint(), first = nondet_uint(), most = nondet_uint();
    ASSUME(polls <= 20);
    delay = iam_poll_delay(polls, first, most, random);
    PROVE(delay >= 1 && delay <= (most != 0 ? most : 1),
          "a poll's pause is at least 1 and at most what is wanted");

    int64_t skew, date = (int64_t)nondet_uint64(), unix_ms = (int64_t)nondet_uint64();
    uint64_t trip = nondet_uint64();
    /* a Date has four digits of a year, and our clock is one of this age */
    ASSUME(date >= -62135596800000 && date <= 253402300799999 && unix_ms >= 0 &&
           unix_ms <= INT64_MAX / 2);
    if (iam_clock_skew(date, unix_ms, trip, &skew))
        PROVE(trip <= ROUND_TRIP_MAX_MS && unix_ms + skew - date == (int64_t)(trip / 2),
              "the server's clock");
    REACHED();
    return 0;
}
