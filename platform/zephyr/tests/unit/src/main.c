/* ztests.h is made by CMakeLists.txt: one test for each program of tests/unit. */
#include <zephyr/ztest.h>

#include "ztests.h"

ZTEST_SUITE(tinyiam, NULL, NULL, NULL, NULL, NULL);
