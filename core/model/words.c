/* A parameter that is a list of words: Name.member.1=s3&Name.member.2=ec2. Linked with the operations that have one. */
#include "shape.h"

#include <tinyiam/parts/form.h>

struct words {
    const struct iam_span *at;
    uint16_t n;
};

static const struct words *words_at(const void *request, const struct iam_param *p)
{
    return IAM_MEMBER_AT(struct words, request, p->offset);
}

static int check(const struct iam_param *p, const void *request, struct iam_fault *f)
{
    const struct words *w = words_at(request, p);
    const struct iam_param count = {p->name, IAM_PARAM_COUNT, 0, p->min, p->max};
    const struct iam_param word = {p->name, IAM_PARAM_WORD | IAM_PARAM_REQUIRED, 0, 1, 64};
    if (w->n == 0 && p->kind & IAM_PARAM_REQUIRED) {
        /* as a text that is too short */
        const struct iam_span none = {NULL, 0};
        return iam_param_check(&word, &none, f);
    }
    int r = iam_param_check(&count, &w->n, f);
    for (uint16_t i = 0; r == IAM_OK && i < w->n; i++)
        r = iam_param_check(&word, &w->at[i], f);
    return r;
}

static void put(struct iam_out *out, const struct iam_param *p, const void *request)
{
    const struct words *w = words_at(request, p);
    for (uint16_t i = 0; i < w->n; i++) {
        iam_out_text(out, "&");
        iam_out_text(out, p->name);
        iam_out_text(out, ".member.");
        iam_out_uint(out, i + 1u);
        iam_out_text(out, "=");
        iam_form_text(out, w->at[i]);
    }
}

const struct iam_words_kind iam_words = {check, put};
