/* Bytes that a device keeps, as they have to stay: what another build of the same version has written is read. Who
 * changes what they mean gives them another version. Rows are what is not zero: from where on, and hex. */
#ifndef TINYIAM_TESTS_FROZEN_H
#define TINYIAM_TESTS_FROZEN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct frozen {
    unsigned at;
    const char *hex;
};

static inline void frozen_bytes(const struct frozen *rows, size_t count, uint8_t *to, size_t size)
{
    memset(to, 0, size);
    for (size_t i = 0; i < count; i++) {
        size_t n = strlen(rows[i].hex) / 2;
        if (rows[i].at + n > size)
            abort();
        for (size_t k = 0; k < n; k++) {
            char digits[3] = {rows[i].hex[2 * k], rows[i].hex[2 * k + 1], 0};
            to[rows[i].at + k] = (uint8_t)strtoul(digits, NULL, 16);
        }
    }
}

static inline void frozen_same(const uint8_t *got, const uint8_t *want, size_t size)
{
    bool same = true;
    for (size_t i = 0; i < size; i++)
        if (got[i] != want[i]) {
            fprintf(stderr, "byte %zu: %02x, not %02x\n", i, got[i], want[i]);
            same = false;
        }
    assert_true(same);
}

#endif
