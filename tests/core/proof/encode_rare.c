/* The kinds of parameters that only some operations have: ANY row, over any request that has its member where it says;
 * what the check lets through is written. */
#include "rows.h"

static uint8_t kind;

/* Words lie in an array of any length. */
#define JUDGE CONTRACT(i <= w->n, w->n - i, i, r, *f)
#define WRITE                                                                                    \
    CONTRACT(i >= 1 && i - 1 <= n && at == __CPROVER_loop_entry(at) + (i - 1), n + 1 - i, i, at, \
             out->total)

#include "core/model/rare.c"

void iam_form_text(struct iam_out *out, struct iam_span text)
{
    if (kind != IAM_PARAM_WORDS) /* each of those is one of the caller's */
        iam_out_span(out, text);
}

/* "encode" proves these. */
int iam_param_judge(const struct iam_param *p, int32_t n, struct iam_fault *f)
{
    (void)f;
    return n >= p->min && n <= p->max ? IAM_OK : IAM_ERR_ARGUMENT;
}

int iam_param_check(const struct iam_param *p, const void *at, struct iam_fault *f)
{
    PROVE(__CPROVER_r_ok(at, sizeof(struct iam_span)), "a word of the list");
    (void)p, (void)f;
    return any_verdict();
}

bool iam_word_character(int32_t c)
{
    return c >= 0 && c < 0x80 && nondet_bool();
}

int main(void)
{
    struct iam_out out = {0};
    struct iam_fault f;
    uint16_t n = nondet_uint();
    any_rows();
    kind = row[0].kind & 0x7F;
    ASSUME(kind >= IAM_PARAM_NAME && kind <= IAM_PARAM_WORDS);
    if (kind == IAM_PARAM_WORDS)
        members[0] = (struct iam_span){any_bytes(n * sizeof(struct iam_span)), n};
    if (iam_rare_kinds.check(&row[0], members, &f) == IAM_OK)
        iam_rare_kinds.put(&out, &row[0], members);
    REACHED();
    return 0;
}
