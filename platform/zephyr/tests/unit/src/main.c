/* ztests.h is made by CMakeLists.txt: one test for each program of tests/core/unit. */
#include <zephyr/kernel.h>
#include <zephyr/ztest.h>

#include "semihost.h"
#include "ztests.h"

/* The small cmocka tells how long a test took. */
uint32_t semihost_clock(void)
{
    return k_uptime_get_32() / 10u;
}

ZTEST_SUITE(tinyiam, NULL, NULL, NULL, NULL, NULL);
