/** @file
 * Civil time without libc. Layer: base. */
#ifndef TINYIAM_PARTS_DATETIME_H
#define TINYIAM_PARTS_DATETIME_H

#include "../time.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Reads the forms of iam_time_parse()'s row "RFC 7231" only: for the Date field and its like
 * (RFC 9110 5.6.7). Second 60, a leap second, is taken as the second after it. Years of two digits are
 * read as above and not, as the RFC says, relative to today: the date is what our clock is
 * corrected by. Does not set t->present. */
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
