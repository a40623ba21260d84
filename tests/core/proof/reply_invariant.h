/* An exchange between two turns, and whom it asks. For reply.c. */
#ifndef TINYIAM_TESTS_PROOF_REPLY_INVARIANT_H
#define TINYIAM_TESTS_PROOF_REPLY_INVARIANT_H

#include "copies.h"

#define CLOCK_MOST (INT64_MAX >> 2)
#define DATE_MOST (INT64_C(1) << 48) /* the years 1 to 9999 in milliseconds, and a round trip */
#define IS_OFFSET(ms) ((ms) >= -CLOCK_MOST - DATE_MOST && (ms) <= DATE_MOST)

/* Between two turns; and of a clock that a Date has corrected, or would. */
#define INVARIANT(e)                                                                            \
    ((e)->rx_pos <= (e)->rx_n && (e)->body_end <= (e)->rx_n && (e)->rx_n <= (e)->cfg.rx_size && \
     (e)->now <= CLOCK_MOST && (e)->unix_ms <= CLOCK_MOST && IS_OFFSET((e)->clock_offset) &&    \
     (e)->skew_ms >= -2 * CLOCK_MOST && (e)->skew_ms <= 2 * CLOCK_MOST &&                       \
     (!(e)->has_skew || IS_OFFSET((e)->clock_offset + (e)->skew_ms)))

/* read_reply()'s loop carries nothing but the reader's and the exchange's numbers. */
#define READING                                                                           \
    __CPROVER_assigns(e->rx_pos, e->rx_n, e->body_end, e->has_skew, e->skew_ms, e->close, \
                      e->reused, e->http) __CPROVER_loop_invariant(INVARIANT(e))

#include "core/flow/attempt.c"
#include "core/flow/exchange.c"

/* ---- what is taken for granted ---- */

int iam_http_next(struct iam_http *h, const char **p, const char *end, struct iam_span *body)
{
    size_t n = nondet_size(), run = nondet_size();
    int event = (int)nondet_uint();
    PROVE(INSIDE(*p, *p, end), "reads what is in rx");
    ASSUME(n <= (size_t)(end - *p) && run >= 1 && event <= IAM_HTTP_END);
    *p += event == IAM_HTTP_MORE ? end - *p : (ptrdiff_t)n;
    if (event == IAM_HTTP_BODY) {
        ASSUME(run <= n);
        *body = (struct iam_span){*p - run, run};
    }
    h->has_date = nondet_bool();
    h->date_us = (int64_t)nondet_uint64();
    ASSUME(h->date_us >= -INT64_C(62135596800000000) && h->date_us <= INT64_C(253402387200000000));
    return event;
}

static int read_any(struct iam_exchange *e, const char **p, const char *end)
{
    size_t n = nondet_size();
    (void)e;
    PROVE(INSIDE(*p, *p, end) && *p < end && __CPROVER_r_ok(*p, end - *p),
          "a piece of the body, in rx");
    ASSUME(n <= (size_t)(end - *p));
    *p += n;
    return (int)nondet_uint() % 100;
}

static void head_any(struct iam_exchange *e)
{
    (void)e;
}

static int finish_any(struct iam_exchange *e, int error)
{
    (void)e;
    return error;
}

void iam_http_init(struct iam_http *h)
{
    h->began = false;
}

int iam_http_eof(struct iam_http *h)
{
    int event = (int)nondet_uint();
    ASSUME(event == IAM_HTTP_END || event < 0);
    (void)h;
    return event;
}

void iam_retry_success(struct iam_retry *r)
{
    r->quota = (uint16_t)nondet_uint();
}

void iam_zeroize(void *p, size_t n)
{
    (void)p, (void)n;
}

bool iam_retry_next(struct iam_retry *r, int error, uint16_t status, struct iam_span code, bool has,
                    uint32_t after, uint32_t random, uint32_t *delay)
{
    (void)r, (void)error, (void)status, (void)code, (void)has, (void)after, (void)random;
    *delay = nondet_uint();
    ASSUME(*delay <= 25000); /* "retry" proves it */
    return nondet_bool();
}

bool iam_clock_code(struct iam_span code)
{
    (void)code;
    return nondet_bool();
}

bool iam_clock_skew(int64_t date, int64_t unix_ms, uint64_t trip, int64_t *skew)
{
    if (nondet_bool())
        return false;
    ASSUME(trip <= 15 * 60000); /* "retry" proves it */
    *skew = date - (unix_ms - (int64_t)(trip / 2));
    return true;
}

#endif
