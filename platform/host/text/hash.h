/* FNV-1a: tells texts apart, finds damage, deals ARNs out to shards. It is no secret, and no signature. */
#ifndef HOST_HASH_H
#define HOST_HASH_H

#include <stdint.h>

#include <tinyiam/types.h>

#define HASH32 2166136261u
#define HASH64 14695981039346656037u

/* Continued from h, HASH32 at first. */
static inline uint32_t hash32(uint32_t h, struct iam_span text)
{
    for (size_t i = 0; i < text.n; i++)
        h = (h ^ (unsigned char)text.p[i]) * 16777619u;
    return h;
}

/* The same of 64 bits, HASH64 at first. */
static inline uint64_t hash64(uint64_t h, struct iam_span text)
{
    for (size_t i = 0; i < text.n; i++)
        h = (h ^ (unsigned char)text.p[i]) * 1099511628211u;
    return h;
}

#endif
