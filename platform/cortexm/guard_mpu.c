/* The end of the stack by the MPU of Armv6-M and Armv7-M: below it nothing can be read or written. */
#include "startup.h"

#include <stdint.h>

#define MPU_TYPE (*(volatile uint32_t *)0xE000ED90u)
#define MPU_CTRL (*(volatile uint32_t *)0xE000ED94u)
#define MPU_RNR (*(volatile uint32_t *)0xE000ED98u)
#define MPU_RBAR (*(volatile uint32_t *)0xE000ED9Cu)
#define MPU_RASR (*(volatile uint32_t *)0xE000EDA0u)

#define GUARD_SIZE 0x10000u
#define MPU_RASR_64K_NO_ACCESS (1u << 28 | 15u << 1 | 1u)
#define MPU_CTRL_ON 5u /* elsewhere as without an MPU */

/* Whatever the board has below its RAM: an overflow of the stack faults there. */
void startup_guard(const void *limit)
{
    if ((MPU_TYPE >> 8 & 0xFFu) == 0)
        return;
    MPU_RNR = 0;
    MPU_RBAR = (uint32_t)(uintptr_t)limit - GUARD_SIZE;
    MPU_RASR = MPU_RASR_64K_NO_ACCESS;
    MPU_CTRL = MPU_CTRL_ON;
    __asm__ volatile("dsb\n\tisb" ::: "memory");
}
