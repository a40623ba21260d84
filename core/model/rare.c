/* Kinds of parameters that only some operations have: names and ids of STS, booleans, lists of words
 * (Name.member.1=s3&Name.member.2=ec2). */
#include "shape.h"

#include <string.h>

#include <tinyiam/parts/form.h>
#include <tinyiam/parts/utf8.h>

struct words {
    const struct iam_span *at;
    uint16_t n;
};

static const struct words *words_at(const void *request, const struct iam_param *p)
{
    return IAM_MEMBER_AT(struct words, request, p->offset);
}

static uint8_t choice_at(const void *request, const struct iam_param *p)
{
    return ((const uint8_t *)request)[p->offset];
}

static int check_words(const struct iam_param *p, const struct words *w, struct iam_fault *f)
{
    const struct iam_param one = {p->name, IAM_PARAM_WORD | IAM_PARAM_REQUIRED, 0, 1, 64};
    int r = iam_param_judge(p, w->n, f);
    for (uint16_t i = 0; r == IAM_OK && i < w->n; i++)
        r = iam_param_check(&one, &w->at[i], f);
    return r;
}

/* Characters of a NAME or an ID, which has so many others beside those of a WORD; -1: one that is none of them. */
static int32_t measure(struct iam_span s, size_t others)
{
    const char *p = s.p, *end = s.p + s.n;
    int32_t n = 0;
    for (; p < end; n++) {
        int32_t c = iam_utf8_next(&p, end);
        if (!iam_word_character(c) && (c < 0 || c > 0x7F || memchr("+=,.@:/", c, others) == NULL))
            return -1;
    }
    return n;
}

static int check(const struct iam_param *p, const void *request, struct iam_fault *f)
{
    uint8_t kind = p->kind & 0x7F;
    if (kind == IAM_PARAM_WORDS)
        return check_words(p, words_at(request, p), f);
    if (kind == IAM_PARAM_BOOL)
        return iam_param_judge(p, choice_at(request, p) <= IAM_CHOICE_TRUE ? 0 : -1, f);
    struct iam_span s = *IAM_MEMBER_AT(struct iam_span, request, p->offset);
    if (s.p == NULL && !(p->kind & IAM_PARAM_REQUIRED))
        return IAM_OK;
    return iam_param_judge(p, s.p == NULL ? 0 : measure(s, kind == IAM_PARAM_NAME ? 5 : 7), f);
}

static void put(struct iam_out *out, const struct iam_param *p, const void *request)
{
    static const struct iam_span choices[] = {{NULL, 0}, IAM_LITERAL("false"), IAM_LITERAL("true")};
    uint8_t kind = p->kind & 0x7F;
    const struct iam_span *at = IAM_MEMBER_AT(struct iam_span, request, p->offset);
    uint32_t n = 1;
    if (kind == IAM_PARAM_WORDS) {
        n = words_at(request, p)->n;
        at = words_at(request, p)->at;
    } else if (kind == IAM_PARAM_BOOL) {
        at = &choices[choice_at(request, p)];
    }
    for (uint32_t i = 1; i <= n; i++, at++) {
        if (at->p == NULL)
            continue;
        iam_out_text(out, "&");
        iam_out_text(out, p->name);
        if (kind == IAM_PARAM_WORDS) {
            iam_out_text(out, ".member.");
            iam_out_uint(out, i);
        }
        iam_out_text(out, "=");
        iam_form_text(out, *at);
    }
}

const struct iam_rare_kinds iam_rare_kinds = {check, put};
