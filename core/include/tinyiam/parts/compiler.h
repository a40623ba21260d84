/** @file
 * What compilers are told beyond C11: where a function is better not inlined, and what that is good for. Layer: base.
 *
 * A compiler that does not know it inlines as it likes, and needs a little more of what is saved. `tests/run size`
 * prints flash and the deepest chain of calls: take a macro away, and see what it saves. */
#ifndef TINYIAM_PARTS_COMPILER_H
#define TINYIAM_PARTS_COMPILER_H

#if defined(__GNUC__)
#define IAM_NOINLINE __attribute__((noinline))
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
