#include "starve.h"

#include <stdint.h>
#include <stdlib.h>

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
static size_t limit = SIZE_MAX, held;

void starve_limit(size_t bytes)
{
    size_t i;

    limit = bytes;
    held = 0;
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

    if (!client || limit == SIZE_MAX) {
        return __libc_calloc(count, size);
    }
    if (n > limit - held) {
        return NULL;
    }
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
