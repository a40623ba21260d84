/* A buffer whose end is the end of mapped memory: one byte further, read or written, is a fault.
 *
 *     struct guard g = guard_alloc(n);   g.p .. g.p + g.n, filled with 0xA5
 *     guard_free(&g);
 *
 * guard_copy() is a buffer with the given bytes in it. Nothing is aligned: p is wherever n bytes
 * before the end of a page begin. Before p lies the rest of that page, filled too, with a page that
 * is not mapped in front of it. Under MemorySanitizer nobody has written to these n bytes yet. */
#ifndef TINYIAM_TESTS_GUARD_H
#define TINYIAM_TESTS_GUARD_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MAP_ANONYMOUS /* strict C11 hides it */
#define MAP_ANONYMOUS 0x20
#endif

#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#define GUARD_MSAN
#endif
#endif

struct guard {
    unsigned char *p;
    size_t n;
};

static inline size_t guard_pages(size_t n)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (n / page + 1) * page;
}

/* What was freed last, unreadable until a buffer of as many pages takes it: most tests free one, and ask for the next. */
static struct {
    unsigned char *m;
    size_t body;
} guard_kept;

static inline struct guard guard_alloc(size_t n)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), body = guard_pages(n);
    unsigned char *m = guard_kept.m;
    if (m != NULL && guard_kept.body == body)
        guard_kept.m = NULL;
    else
        m = mmap(NULL, body + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (m == MAP_FAILED || mprotect(m + page, body, PROT_READ | PROT_WRITE) != 0) {
        perror("guard_alloc");
        abort();
    }
    memset(m + page, 0xA5, body);
    struct guard g = {m + page + body - n, n};
#ifdef GUARD_MSAN
    __msan_allocated_memory(g.p, g.n);
#endif
    return g;
}

/* A test is about to look for secrets in all of this memory, whoever has written to it. */
static inline void guard_look(const void *p, size_t n)
{
#ifdef GUARD_MSAN
    __msan_unpoison(p, n);
#endif
    (void)p;
    (void)n;
}

static inline struct guard guard_copy(const void *from, size_t n)
{
    struct guard g = guard_alloc(n);
    if (n)
        memcpy(g.p, from, n);
    return g;
}

/* Did anything write before p? */
static inline int guard_intact(const struct guard *g)
{
    size_t before = guard_pages(g->n) - g->n;
    for (size_t i = 1; i <= before; i++)
        if (g->p[-(ptrdiff_t)i] != 0xA5)
            return 0;
    return 1;
}

static inline void guard_free(struct guard *g)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), body = guard_pages(g->n);
    if (g->p) {
        unsigned char *m = g->p + g->n - body - page;
        if (guard_kept.m != NULL)
            munmap(guard_kept.m, guard_kept.body + 2 * page);
        if (mprotect(m + page, body, PROT_NONE) != 0)
            abort();
        guard_kept.m = m;
        guard_kept.body = body;
    }
    g->p = NULL;
    g->n = 0;
}

#endif
