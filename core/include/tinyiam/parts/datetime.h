/** @file
 * Civil time without libc. Layer: base. */
#ifndef TINYIAM_PARTS_DATETIME_H
#define TINYIAM_PARTS_DATETIME_H

#include "../types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Reads, white space around it ignored:
 *   ISO 8601   2018-10-24T19:47:31.297Z; T, t or a space; fraction of any length after . or ,
 *              seconds, or all of the time, may be missing; Z, +hh:mm, +hhmm, +hh, or nothing = UTC
 *   RFC 7231   Wed, 24 Oct 2018 19:47:31 GMT and its two older forms; RFC 822's: +hhmm, no weekday
 *   epoch      1540410451, -1.5: a bare number is seconds since 1970
 * Years 1..9999, of two digits 1970..2069; second 60 and hour 24 are refused. IAM_OK; or
 * IAM_ERR_VALUE, *t then unspecified. */
int iam_time_parse(struct iam_span, struct iam_time *);
/** Reads the forms of the row "RFC 7231" only: for the Date field and its like (RFC 9110 5.6.7). Second 60, a leap
 * second, is taken as the second after it. Years of two digits are read as above and not, as the RFC says,
 * relative to today: the date is what our clock is corrected by. Does not set t->present. */
int iam_time_parse_http(struct iam_span, struct iam_time *);
/** "20181024T194731Z" and a NUL: 17 bytes. Outside the years 1..9999: 9999-12-31T23:59:59. */
void iam_time_basic(int64_t unix_seconds, char out[17]);
/** Returns n / by, *rest is n % by; by > 0. It takes 64 steps and 50 bytes of flash, where the compiler's own
 * 64-bit division takes 600 bytes. */
uint64_t iam_divide(uint64_t n, uint32_t by, uint32_t *rest);

#ifdef __cplusplus
}
#endif
#endif
