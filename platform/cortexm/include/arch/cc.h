/* lwIP's compiler and platform header. */
#ifndef CORTEXM_ARCH_CC_H
#define CORTEXM_ARCH_CC_H

#include <stdint.h>

/* An unpredictable number for ports and sequence numbers (entropy.c). */
uint32_t entropy_u32(void);
#define LWIP_RAND() entropy_u32()

#define LWIP_NO_CTYPE_H 1
#define LWIP_NO_UNISTD_H 1
#define LWIP_PLATFORM_DIAG(x)
#ifdef CORTEXM_LWIP_ASSERT
void startup_assert(const char *text);
#define LWIP_PLATFORM_ASSERT(x) startup_assert(x)
#else
#define LWIP_NOASSERT
#endif

#endif
