/* The small cmocka of tests/programs/cortexm/unit asks a firmware's host for the time; here nobody needs it. */
#ifndef TINYIAM_TESTS_SEMIHOST_H
#define TINYIAM_TESTS_SEMIHOST_H

#include <stdint.h>

static inline uint32_t semihost_clock(void)
{
    return 0;
}

#endif
