/* Signatures: a header of any length, and from EVERY state that INVARIANT allows the key, the signature and its header:
 * nothing is read but the request, no hash begins twice or goes on without a beginning, what is refused is an error. */
#include "sinks.h"

static void put_header(struct iam_out *, const struct iam_header *);
static void put_path(struct iam_out *, struct iam_span);

#define WORDS                                                                  \
    CONTRACT(INSIDE(p, header->value.p, end) &&                                \
                 (before == (const char *)":" || before == (const char *)" "), \
             end - p, p, word, before, o->total)
#define WORD CONTRACT(INSIDE(p, word, end), end - p, p)
#define PAD CONTRACT(i <= 64, 64 - i, i, __CPROVER_object_upto(block, 64))

#include "core/wire/sigv4.c"

static void put_header(struct iam_out *o, const struct iam_header *header)
{
#ifdef HEADER
    put_header_code(o, header);
#endif
    iam_out_span(o, header->name);
    iam_out_span(o, header->value);
}

static void put_path(struct iam_out *o, struct iam_span p)
{
    PROVE(p.n >= 1, "a path has a byte");
    iam_out_span(o, p);
}

#ifdef HEADER
int main(void)
{
    struct iam_out o = {0};
    struct iam_header header = {any_span(), any_span()};
    put_header(&o, &header);
    REACHED();
    return 0;
}
#else
int main(void)
{
    enum { headers = 4 };
    struct iam_header h[headers] = {{any_span(), any_span()},
                                    {any_span(), any_span()},
                                    {any_span(), any_span()},
                                    {any_span(), any_span()}};
    struct iam_span any = any_span(), secret = any_span();
    uint8_t *payload = any_bytes(32), *signature = nondet_bool() ? payload : any_bytes(32);
    struct iam_sigv4_request r = {any,    secret, any,           any, any,
                                  any,    any,    any_bytes(16), h,   nondet_uint() % (headers + 1),
                                  payload};
    struct iam_out o = {0};
    __CPROVER_havoc_object(&s);
    ASSUME(INVARIANT && s.prefix_valid <= r.header_count + 1);
    broken = s.key_valid && memcmp(s.day, r.date, 8) == 0 &&
             (s.inner.error || s.outer.error || (s.prefix_valid && s.prefix.error));
    int rc = iam_sigv4_sign(&s, &r, signature);
    PROVE(INVARIANT && (rc == IAM_OK || rc == IAM_ERR_CRYPTO), "what it leaves behind");
    PROVE(rc == IAM_OK ? !broken && s.key_valid && s.prefix_valid
                       : s.native != 0 && !s.key_valid && !s.prefix_valid,
          "what was refused is an error, and then all is forgotten");
    iam_sigv4_authorization(&o, &r, signature);
    iam_sigv4_clear(&s);
    PROVE(INVARIANT && !s.key_valid, "all is forgotten");
    REACHED();
    return 0;
}
#endif
