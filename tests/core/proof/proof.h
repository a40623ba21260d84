/* What every harness needs: values that may be anything, and the three ways to speak of them. */
#ifndef TINYIAM_TESTS_PROOF_H
#define TINYIAM_TESTS_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Any value of the type: CBMC knows functions without a body that are called nondet_*. */
extern unsigned nondet_uint(void);
extern uint64_t nondet_uint64(void);
extern size_t nondet_size(void);
extern _Bool nondet_bool(void);

#define ASSUME(what) __CPROVER_assume(what)
#define PROVE(what, text) __CPROVER_assert(what, text)

/* The end of a harness: what was assumed can be met, or everything before it would hold for nothing. prove
 * demands that this "fails". */
#ifdef FAULT /* prove --faults: something else has to fail */
#define REACHED()
#else
#define REACHED() __CPROVER_assert(0, "REACHED")
#endif

/* Memory of exactly n bytes with any content: a byte before or behind it is out of bounds. */
static inline void *any_bytes(size_t n)
{
    void *p = malloc(n);
    ASSUME(p != NULL);
    return p;
}

/* p lies in [from, end], and both in one object. */
#define INSIDE(p, from, end)                                            \
    (__CPROVER_same_object(p, from) && __CPROVER_same_object(p, end) && \
     __CPROVER_POINTER_OFFSET(from) <= __CPROVER_POINTER_OFFSET(p) &&   \
     __CPROVER_POINTER_OFFSET(p) <= __CPROVER_POINTER_OFFSET(end))

/* A loop's contract: what it changes, what holds at each turn, what grows smaller. prove puts it behind the
 * loop's head, in a copy of the source. */
#define CONTRACT(invariant, smaller, ...) \
    __CPROVER_assigns(__VA_ARGS__) __CPROVER_loop_invariant(invariant) __CPROVER_decreases(smaller)

#endif
