/** @file
 * What compilers are told beyond C11, all of it: no other file of core/ or port/ has a word that only some compilers know
 * (a test holds them to that). Layer: base.
 *
 * A compiler that does not know them is asked for nothing: it inlines as it likes, and the tokenizer reads by memcpy() and
 * looks for a bit in a loop. `tests/run size` prints flash and the deepest chain of calls: take a macro away, and
 * see what it saves. */
#ifndef TINYIAM_PARTS_COMPILER_H
#define TINYIAM_PARTS_COMPILER_H

/** IAM_PLAIN_C11, defined for the whole build: nothing beyond C11 even where the compiler has it. */
#if defined(__GNUC__) && !defined(IAM_PLAIN_C11)
#define IAM_NOINLINE __attribute__((noinline))
/** Of a struct: aligned to 1, and over any type: one load from any address, where the machine has it. */
#define IAM_ANYWHERE __attribute__((packed, may_alias))
/** How many zeros are below the lowest bit, above the highest; bits is not 0, of unsigned or unsigned long long size. */
#define IAM_ZEROS_BELOW(bits) \
    ((unsigned)(sizeof(bits) > 4 ? __builtin_ctzll(bits) : __builtin_ctz((unsigned)(bits))))
#define IAM_ZEROS_ABOVE(bits) \
    ((unsigned)(sizeof(bits) > 4 ? __builtin_clzll(bits) : __builtin_clz((unsigned)(bits))))
/** x86: has this processor "aes", ...? */
#if defined(__x86_64__) || defined(__i386__)
#define IAM_CPU_HAS(feature) __builtin_cpu_supports(feature)
#endif
#else
#define IAM_NOINLINE
#endif

/** Its frame is gone again when its caller calls deeper: without it the deepest chain is longer by that frame. */
#define IAM_SAVES_STACK IAM_NOINLINE
/** It is called from several places, or GCC's code around it grows: one copy is smaller. */
#define IAM_SAVES_FLASH IAM_NOINLINE
/** The usual way through its caller does not need it, and no registers for it. */
#define IAM_SAVES_TIME IAM_NOINLINE

#endif
