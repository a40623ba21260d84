/* A request's parameters against the model, and its body out of them: ANY rows of parameters over any request that has
 * its members where they say. */
#include "rows.h"

#include "core/model/encode.c"

void iam_form_text(struct iam_out *out, struct iam_span text)
{
    iam_out_span(out, text);
}

void iam_form_latin1(struct iam_out *out, struct iam_span text)
{
    iam_out_span(out, text);
}

uint8_t iam_word(struct iam_span text, const char *words, struct iam_span *to)
{
    PROVE(text.n == 0 || __CPROVER_r_ok(text.p, text.n), "the text can be read");
    PROVE(__CPROVER_r_ok(words, 1), "and the words");
    __CPROVER_havoc_object(to);
    return (uint8_t)nondet_uint();
}

/* Kinds of which "encode_rare" speaks. */
static int check_rare(const struct iam_param *p, const void *request, struct iam_fault *f)
{
    PROVE(p - row >= 0 && p - row < rows && request == members, "a row of the operation");
    (void)f;
    return any_verdict();
}

static void put_rare(struct iam_out *out, const struct iam_param *p, const void *request)
{
    PROVE(p - row >= 0 && p - row < rows && request == members, "a row of the operation");
    out->total++;
}

int main(void)
{
    static const struct iam_service_model service = {{"iam", 3}, "2010-05-08"};
    static const struct iam_rare_kinds rare = {check_rare, put_rare};
    struct iam_xml_node schema[2];
    struct iam_operation o = {.service = &service, .params = row, .schema = schema, .rare = &rare};
    struct iam_fault f;
    uint8_t digest[32];
    uint32_t n;
    any_rows();
    o.param_count = nondet_uint() % (rows + 1);
    ASSUME(schema[IAM_NODE_REPLY].len >= 8);
    schema[IAM_NODE_REPLY].tag = any_bytes(schema[IAM_NODE_REPLY].len + 1u);
    broken = false;
    if (iam_encode_check(&o, members, &f) == IAM_OK) {
        int r = iam_encode_sha256(&o, members, any_span(), digest, &n);
        PROVE(r == (broken ? IAM_ERR_CRYPTO : IAM_OK), "what the library refuses is an error");
    }
    REACHED();
    return 0;
}
