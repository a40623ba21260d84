/* Numbers made of bytes. Layer: base. */
#ifndef TINYIAM_PARTS_BYTES_H
#define TINYIAM_PARTS_BYTES_H

#include "../types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* FNV-1a, 32 bits: goes on from h. Tells things apart and finds damage; it keeps no secrets. */
#define IAM_FNV 2166136261u
uint32_t iam_fnv(uint32_t h, const void *, size_t);
/* The same of a text, where 0 stands for none. */
uint32_t iam_hash(struct iam_span);
/* n bytes, little end first, at most 8. */
void iam_put_le(uint8_t *, uint64_t, int n);
uint64_t iam_get_le(const uint8_t *, int n);

#ifdef __cplusplus
}
#endif
#endif
