/* Parameters against the model, and the body of a request out of them. */
#include "shape.h"

#include <string.h>

#include <tinyiam/parts/compiler.h>
#include <tinyiam/parts/form.h>
#include <tinyiam/parts/utf8.h>

static struct iam_span span_at(const void *request, const struct iam_param *p)
{
    return *IAM_MEMBER_AT(struct iam_span, request, p->offset);
}

static uint16_t count_at(const void *request, const struct iam_param *p)
{
    return *IAM_MEMBER_AT(uint16_t, request, p->offset);
}

/* What stands behind a name's NUL. */
static const char *behind(const char *name)
{
    return name + strlen(name) + 1;
}

bool iam_word_character(int32_t c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' || c == '-';
}

/* Characters of the text, or -1 if one is outside the parameter's set. */
static int32_t measure(struct iam_span s, uint8_t kind)
{
    const char *p = s.p, *end = s.p + s.n;
    int32_t n = 0;
    for (; p < end; n++) {
        int32_t c = iam_utf8_next(&p, end);
        if (c < 0 || (kind == IAM_PARAM_WORD && !iam_word_character(c)) ||
            (kind == IAM_PARAM_MARKER && (c < 0x20 || c > 0xFF)))
            return -1;
    }
    return n;
}

int iam_param_judge(const struct iam_param *p, int32_t n, struct iam_fault *f)
{
    if (n >= p->min && n <= p->max)
        return IAM_OK;
    f->what = (struct iam_span){p->name, strlen(p->name)};
    f->got = n < 0 ? 0 : (size_t)n;
    f->need = n < 0 ? 0 : n < p->min ? p->min : p->max;
    return IAM_ERR_ARGUMENT;
}

int iam_param_check(const struct iam_param *p, const void *request, struct iam_fault *f)
{
    uint8_t kind = p->kind & 0x7F;
    int32_t n;
    if (kind == IAM_PARAM_COUNT) {
        n = count_at(request, p);
        if (n == 0)
            return IAM_OK;
    } else {
        struct iam_span s = span_at(request, p);
        if (s.p == NULL && !(p->kind & IAM_PARAM_REQUIRED))
            return IAM_OK;
        n = s.p == NULL ? 0 : measure(s, kind);
        if (kind == IAM_PARAM_ENUM && iam_word(s, behind(p->name), &s) == 0)
            n = -1;
    }
    return iam_param_judge(p, n, f);
}

int iam_encode_check(const struct iam_operation *o, const void *request, struct iam_fault *f)
{
    for (uint8_t i = 0; i < o->param_count; i++) {
        const struct iam_param *p = &o->params[i];
        bool rare = (p->kind & 0x7F) >= IAM_PARAM_NAME;
        int r = (rare ? o->rare->check : iam_param_check)(p, request, f);
        if (r < 0)
            return r;
    }
    return IAM_OK;
}

struct iam_span iam_operation_name(const struct iam_operation *o)
{
    const struct iam_xml_node *reply = &o->schema[IAM_NODE_REPLY];
    return (struct iam_span){reply->tag, reply->len - (sizeof "Response" - 1)};
}

/* at: its value in the request. On its own, so that its frame is not below that of a rare kind. */
IAM_SAVES_STACK static void put(struct iam_out *out, const struct iam_param *p, const void *at,
                                const struct iam_span *marker)
{
    uint8_t kind = p->kind & 0x7F;
    const struct iam_span *s = kind == IAM_PARAM_MARKER ? marker : at;
    if (kind == IAM_PARAM_COUNT ? *(const uint16_t *)at == 0 : s->p == NULL)
        return;
    IAM_OUT(out, "&");
    iam_out_text(out, p->name);
    IAM_OUT(out, "=");
    if (kind == IAM_PARAM_COUNT)
        iam_out_uint(out, *(const uint16_t *)at);
    else if (kind == IAM_PARAM_MARKER)
        iam_form_latin1(out, *s);
    else
        iam_form_text(out, *s);
}

void iam_encode_body(struct iam_out *out, const struct iam_operation *o, const void *request,
                     struct iam_span marker)
{
    if (marker.n == 0)
        marker.p = NULL; /* none */
    IAM_OUT(out, "Action=");
    iam_out_span(out, iam_operation_name(o));
    IAM_OUT(out, "&Version=");
    iam_out_text(out, o->service->version);
    for (uint8_t i = 0; i < o->param_count; i++) {
        const struct iam_param *p = &o->params[i];
        if ((p->kind & 0x7F) >= IAM_PARAM_NAME)
            o->rare->put(out, p, request);
        else
            put(out, p, (const char *)request + p->offset, &marker);
    }
}

int iam_encode_sha256(const struct iam_operation *o, const void *request, struct iam_span marker,
                      uint8_t digest[32], uint32_t *n)
{
    struct iam_sha256 sha;
    struct iam_out out = {0};

    iam_sha256_start(&sha);
    out.sha = &sha;
    iam_encode_body(&out, o, request, marker);
    *n = (uint32_t)out.total;
    return iam_sha256_finish(&sha, digest);
}

int iam_marker_latin1(struct iam_span s, char out[IAM_MARKER_MAX])
{
    const char *p = s.p, *end = s.p + s.n;
    int n = 0;
    while (p < end) {
        int32_t c = iam_utf8_next(&p, end);
        if (c < 0x20 || c > 0xFF || n == IAM_MARKER_MAX)
            return -1;
        out[n++] = (char)(unsigned char)c;
    }
    return n > 0 ? n : -1;
}
