/* IAM Identity Center: a token that somebody has logged in for, against the keys of a role. */
#include "flow.h"

#include <string.h>

#include <tinyiam/parts/utf8.h>

static int init(struct iam_creds *p, struct iam_exchange_config *c)
{
    (void)c;
    if (p->from.sso.role_name.n == 0)
        return iam_creds_wrong(p, IAM_ERR_ARGUMENT, "role_name");
    if (p->from.sso.account_id.n == 0)
        return iam_creds_wrong(p, IAM_ERR_ARGUMENT, "account_id");
    return IAM_OK;
}

/* As in a form, but for the blank, which is %20 here. */
static void put_escaped(struct iam_out *out, struct iam_span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == ' ')
            iam_out_text(out, "%20");
        else
            iam_out_escaped(out, (struct iam_span){s.p + i, 1}, 0x100);
}

static void put_query(const struct iam_document *d, struct iam_out *out)
{
    const struct iam_creds *p = (const struct iam_creds *)d; /* it begins with the document */
    iam_out_text(out, "?role_name=");
    put_escaped(out, p->from.sso.role_name);
    iam_out_text(out, "&account_id=");
    put_escaped(out, p->from.sso.account_id);
}

static int begin(struct iam_creds *p)
{
    struct iam_span token = p->text.n > 0 ? p->text : p->from.sso.token;
    if (token.n == 0 || !iam_span_within(token, '!', '~'))
        return iam_creds_wrong(p, IAM_ERR_VALUE, "token");
    p->document.path[0] = IAM_SPAN("/federation/credentials");
    p->document.put_query = put_query;
    p->document.typed = true;
    p->document.name[0] = "x-amz-sso_bearer_token: ";
    p->document.value[0] = token;
    return iam_creds_fetch(p, "GET");
}

static const struct iam_json_member members[] = {
    {"accessKeyId", IAM_KEYS_ID, IAM_JSON_REQUIRED},
    {"secretAccessKey", IAM_KEYS_SECRET, IAM_JSON_REQUIRED},
    {"sessionToken", IAM_KEYS_TOKEN, IAM_JSON_REQUIRED},
    {"expiration", IAM_KEYS_EXPIRATION, IAM_JSON_NUMBER},
};
static const struct iam_json_shape shape = {"roleCredentials", members, 4};

static int end(struct iam_creds *p, int result, struct iam_role_keys *k)
{
    return result < 0 ? result
                      : iam_creds_document(p, &shape, IAM_KEYS_OF_SESSION | IAM_KEYS_IN_MS, k);
}

const struct iam_source iam_source_sso = {
    .init = init, .begin = begin, .end = end, .asks = IAM_ASKS_IF_GIVEN};
