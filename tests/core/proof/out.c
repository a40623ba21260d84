/* The sink of all text that is generated. From EVERY state that INVARIANT allows a put of any length keeps it, whatever
 * the window, and takes each byte to its place there: the same in whatever pieces it is put, through whatever windows
 * it is looked at. */
#include "out_invariant.h"

/* The bytes of the stream from its window's end on, which is skip + n: to that end. */
static void *copy(char *to, const char *from, size_t n)
{
    PROVE(__CPROVER_r_ok(from, n) && __CPROVER_w_ok(to, n), "what is put lies somewhere, has room");
    PROVE(n == 0 || (to == o->p + o->n && from == put.p + (o->skip + o->n - before)),
          "each byte goes to its place");
    copied += n;
    return to;
}
#define memcpy(to, from, n) copy(to, from, n)

#include "core/base/out.c"

void iam_sha256_update(struct iam_sha256 *h, const void *p, size_t n)
{
    PROVE(h == o->sha && (n == 0 || __CPROVER_r_ok(p, n)), "what is hashed can be read");
}

int main(void)
{
    struct iam_sha256 sha;
    struct iam_out sink;
    size_t n = nondet_size();
    o = &sink;
    ASSUME(n <= MOST && sink.cap <= MOST && sink.skip <= MOST);
    sink.p = nondet_bool() ? any_bytes(sink.cap) : NULL;
    sink.sha = nondet_bool() ? &sha : NULL;
    struct iam_span s = {any_bytes(n), n};
    ASSUME(INVARIANT && sink.total <= MOST);
    before = sink.total;
#ifdef PUT
    put = s;
    size_t had = sink.n;
    copied = 0;
    iam_out_span(o, s);
    PROVE(INVARIANT && sink.total == before + n && sink.n == had + copied, "what it leaves behind");
#elif defined(HEX)
    ASSUME(n == 32);
    iam_out_hex(o, (const uint8_t *)s.p, n);
    iam_out_uint(o, nondet_uint());
    PROVE(sink.total - before > 64 && sink.total - before <= 74, "all is counted");
#else
    iam_out_escaped(o, s, nondet_bool() ? 0x100 : 0x80);
#endif
    REACHED();
    return 0;
}
