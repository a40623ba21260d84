/* Debian's compiler brings a stdint.h of its own, with which newlib's inttypes.h leaves 64 bits out. */
#ifndef CORTEXM_INTTYPES_H
#define CORTEXM_INTTYPES_H

#include <stdint.h>

#define PRId64 "lld"
#define PRIu64 "llu"
#define PRIx64 "llx"
#define PRId32 "ld"
#define PRIu32 "lu"
#define PRIx32 "lx"

#endif
