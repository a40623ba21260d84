/* What fuzz_NAME.c share where they stand alone: chance, damage, a file as input, the command line. */
#ifndef TINYIAM_FUZZ_RUN_H
#define TINYIAM_FUZZ_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline uint32_t fuzz_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33);
}

struct fuzz_damage {
    size_t keep;        /* bytes in front that stay: they choose how the rest is fed */
    uint32_t most, cut; /* of changes; of bytes taken out by one of them */
    const char *const *pieces;
    uint32_t count; /* of pieces to put in */
};

/* Changes n bytes of to, which has room for cap; the new n. */
static inline size_t fuzz_damage(uint8_t *to, size_t n, size_t cap, const struct fuzz_damage *how,
                                 uint64_t *random)
{
    for (uint32_t left = fuzz_random(random) % how->most; left; left--) {
        size_t at = how->keep + fuzz_random(random) % (n - how->keep + 1), len;
        const char *text = how->pieces[fuzz_random(random) % how->count];
        uint32_t what = fuzz_random(random) % 4;
        if (what == 0 && at < n) {
            to[at] = (uint8_t)fuzz_random(random);
        } else if (what == 1 && at < n) {
            len = 1 + fuzz_random(random) % how->cut;
            len = len < n - at ? len : n - at;
            memmove(to + at, to + at + len, n - at - len);
            n -= len;
        } else {
            len = strlen(text);
            if (n + len > cap)
                break;
            memmove(to + at + len, to + at, n - at);
            memcpy(to + at, text, len);
            n += len;
        }
    }
    return n;
}

/* Runs what the file holds, up to cap bytes; an exit code. */
static inline int fuzz_file(const char *name, uint8_t *data, size_t cap)
{
    FILE *f = fopen(name, "rb");
    if (f == NULL) {
        perror(name);
        return 2;
    }
    size_t n = fread(data, 1, cap, f);
    fclose(f);
    return LLVMFuzzerTestOneInput(data, n);
}

struct fuzz_options {
    unsigned long seconds, seed;
};

/* --seconds N, --seed N, taken from argv[*at] on; false: another word stands there. */
static inline bool fuzz_option(struct fuzz_options *o, int argc, char **argv, int *at)
{
    unsigned long *to = strcmp(argv[*at], "--seconds") == 0 ? &o->seconds
                        : strcmp(argv[*at], "--seed") == 0  ? &o->seed
                                                            : NULL;
    if (to == NULL || *at + 1 >= argc)
        return false;
    *to = strtoul(argv[++*at], NULL, 10);
    return true;
}

#endif
