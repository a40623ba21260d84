/** @file
 * tinyiam/time.h - times as text. Layer: base. */
#ifndef TINYIAM_TIME_H
#define TINYIAM_TIME_H

#include "types.h"

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

#ifdef __cplusplus
}
#endif
#endif
