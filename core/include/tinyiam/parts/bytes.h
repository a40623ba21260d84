/** @file
 * Numbers made of bytes. Layer: base. */
#ifndef TINYIAM_PARTS_BYTES_H
#define TINYIAM_PARTS_BYTES_H

#include "../types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The hash FNV-1a of 32 bits, continued from h (IAM_FNV at first). It tells texts apart and finds damage; it is
 * no protection against somebody who tries. */
#define IAM_FNV 2166136261u
uint32_t iam_fnv(uint32_t h, const void *, size_t);
/** The hash of a text. It is never 0, so that 0 can stand for "none". */
uint32_t iam_hash(struct iam_span);
/** Writes and reads a number as n bytes, least significant first; n is at most 8. */
void iam_put_le(uint8_t *, uint64_t, int n);
uint64_t iam_get_le(const uint8_t *, int n);

#ifdef __cplusplus
}
#endif
#endif
