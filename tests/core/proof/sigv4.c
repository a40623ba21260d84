/* Signatures: from EVERY state that INVARIANT allows the key, the signature and its header: nothing is read but the
 * request, no hash begins twice or goes on without a beginning, what is refused is an error. */
#include "sigv4_elsewhere.h"

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
    first = h, kept = told = named = 0, is_built = key_lies = false;
    int rc = iam_sigv4_sign(&s, &r, signature);
    PROVE(!key_lies, "no key is left on the stack");
    PROVE(rc != IAM_OK || memcmp(s.day, r.date, 8) == 0, "the key is that day's");
    PROVE(rc != IAM_OK || ((!is_built || s.prefix_valid == kept + 1) &&
                           s.prefix_valid - 1u + told == r.header_count),
          "each header is signed once");
    PROVE(rc != IAM_OK || named == r.header_count, "and its name");
    PROVE(INVARIANT && (rc == IAM_OK || rc == IAM_ERR_CRYPTO), "what it leaves behind");
    PROVE(rc == IAM_OK ? !broken && s.key_valid && s.prefix_valid
                       : s.native != 0 && !s.key_valid && !s.prefix_valid,
          "what was refused is an error, and then all is forgotten");
    named = 0;
    iam_sigv4_authorization(&o, &r, signature);
    PROVE(named == r.header_count, "which is told");
    iam_sigv4_clear(&s);
    PROVE(INVARIANT && !s.key_valid, "all is forgotten");
    REACHED();
    return 0;
}
