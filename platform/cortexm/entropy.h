/* entropy.h - unpredictable bytes. QEMU ONLY: read from the host through semihosting. On a board this is
 * the TRNG, and the one thing that must not be left as it is. */
#ifndef CORTEXM_ENTROPY_H
#define CORTEXM_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

/* 0, or < 0: none could be had. */
int entropy_read(void *to, size_t n);
uint32_t entropy_u32(void);

#endif
