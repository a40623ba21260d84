#define _GNU_SOURCE /* memmem */
#include "starve.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool client;

void starve_client(bool on)
{
    client = on;
}

#if STARVE_WORKS

void *__libc_calloc(size_t, size_t);
void __libc_free(void *);

#define SLOTS 16384u
static struct {
    void *p;
    size_t n;
} slots[SLOTS]; /* by address, open */
static size_t limit = SIZE_MAX, held, leaked, sought_n;
static const void *sought;

size_t starve_holding(const void *secret, size_t n)
{
    size_t i, found = 0;

    sought = secret;
    sought_n = n;
    for (i = 0; i < SLOTS; i++)
        found += slots[i].n >= n && memmem(slots[i].p, slots[i].n, secret, n) != NULL;
    return found;
}

size_t starve_leaked(void)
{
    return leaked;
}

void starve_limit(size_t bytes)
{
    size_t i;

    limit = bytes;
    held = leaked = 0;
    sought = NULL;
    for (i = 0; i < SLOTS; i++) {
        slots[i].p = NULL;
        slots[i].n = 0;
    }
}

static size_t slot_of(const void *p)
{
    return (size_t)((uintptr_t)p >> 4) * 2654435761u % SLOTS;
}

void *calloc(size_t count, size_t size)
{
    size_t n = count * size;
    size_t i;
    void *p;

    if (!client || limit == SIZE_MAX)
        return __libc_calloc(count, size);
    if (n > limit - held)
        return NULL;
    p = __libc_calloc(count, size);
    for (i = slot_of(p); slots[i].n != 0; i = (i + 1) % SLOTS) {
    }
    slots[i].p = p;
    slots[i].n = n;
    held += n;
    return p;
}

/* Slots are never closed up: a freed one keeps its address with a size of 0. */
void free(void *p)
{
    size_t i;

    if (p != NULL && held > 0) {
        size_t seen = 0;
        for (i = slot_of(p); slots[i].p != NULL && seen < SLOTS; i = (i + 1) % SLOTS, seen++) {
            if (slots[i].p == p && slots[i].n > 0) {
                held -= slots[i].n;
                leaked += sought != NULL && slots[i].n >= sought_n &&
                          memmem(p, slots[i].n, sought, sought_n) != NULL;
                slots[i].n = 0;
                break;
            }
        }
    }
    __libc_free(p);
}

#else

void starve_limit(size_t bytes)
{
    (void)bytes;
}

#endif
