/* sigv4.c, of which it is noted which headers are signed, and whether a key lies on the stack; its header and its path are
 * proved by themselves. */
#ifndef TINYIAM_TESTS_SIGV4_ELSEWHERE_H
#define TINYIAM_TESTS_SIGV4_ELSEWHERE_H

#include "sinks.h"

static void put_header(struct iam_out *, const struct iam_header *);
static void put_path(struct iam_out *, struct iam_span);

#define PAD CONTRACT(i <= 64, 64 - i, i, __CPROVER_object_upto(block, 64))

static const struct iam_header *first; /* of the request */
static unsigned kept, told;            /* how many the prefix has, how many came behind it */
static unsigned named;                 /* how many are in the list of names */
static bool is_built, key_lies;        /* the prefix is new; a block of key is on the stack */

static void update(struct iam_sha256 *h, const void *p, size_t n)
{
    key_lies |= h == &s.inner || h == &s.outer;
    iam_sha256_update(h, p, n);
}

static void wipe(void *p, size_t n)
{
    key_lies = false;
    iam_zeroize(p, n);
}
/* The names of headers lie in objects of their own. */
static void put_span(struct iam_out *o, struct iam_span t)
{
    named += __CPROVER_same_object(t.p, first[named & 3].name.p);
    iam_out_span(o, t);
}
#define iam_sha256_update update
#define iam_out_span put_span
#define iam_zeroize wipe

#include "core/wire/sigv4.c"
#undef iam_out_span

static void put_header(struct iam_out *o, const struct iam_header *header)
{
    PROVE(header == first + (o->sha == &s.prefix ? kept++ : s.prefix_valid - 1u + told++),
          "in their order");
    iam_out_span(o, header->name);
    iam_out_span(o, header->value);
}

static void put_path(struct iam_out *o, struct iam_span p)
{
    PROVE(p.n >= 1, "a path has a byte");
    is_built = true;
    iam_out_span(o, p);
}

#endif
