/* STS: a role's keys for another's signature, or for a token of an identity provider. */
#include "flow.h"

#include <string.h>

#include <tinyiam/parts/utf8.h>

static bool is_web(const struct iam_creds *p)
{
    return p->cfg.kind == IAM_CREDS_WEB_IDENTITY;
}

static const struct iam_operation *operation(const struct iam_creds *p)
{
    return is_web(p) ? &iam_op_web_identity : &iam_op_assume_role;
}

/* A ring of providers would wait for itself. */
static bool is_ring(const struct iam_creds *p, const struct iam_creds *base)
{
    while (base != NULL && base != p)
        base = base->cfg.kind == IAM_CREDS_ASSUME_ROLE ? base->cfg.from.sts.base : NULL;
    return base == p;
}

int iam_creds_sts_init(struct iam_creds *p, struct iam_config *c)
{
    struct iam_role_request role = p->cfg.from.sts.role;
    struct iam_span region = p->cfg.from.sts.region;
    int r;

    if (is_web(p))
        role.web_identity_token = IAM_SPAN("later");
    r = iam_encode_check(operation(p), &role, &p->call.fault);
    if (r < 0) {
        struct iam_span what = p->call.fault.what;
        iam_creds_wrong(p, r, NULL);
        p->call.fault.what = what;
        return r;
    }
    if (!is_web(p) && (p->cfg.from.sts.base == NULL || is_ring(p, p->cfg.from.sts.base)))
        return iam_creds_wrong(p, IAM_ERR_ARGUMENT, "base");
    if (!is_web(p))
        c->provider = p->cfg.from.sts.base;
    c->plain = p->cfg.plain;
    if (c->authority.p != NULL) {
        c->region = region;
        return IAM_OK;
    }
    r = iam_sts_endpoint(&region, p->cfg.from.sts.endpoint_flags, p->host);
    if (r < 0)
        return iam_creds_wrong(p, IAM_ERR_REGION, "region");
    c->authority = (struct iam_span){p->host, (size_t)r};
    c->region = region;
    return IAM_OK;
}

int iam_creds_sts_begin(struct iam_creds *p)
{
    if (is_web(p))
        p->cfg.from.sts.role.web_identity_token = p->text;
    p->call.cfg.item = (char *)p->cfg.keys + p->used;
    p->call.cfg.item_size = p->cfg.keys_size - p->used;
    return iam_call_start(&p->call, operation(p), &p->cfg.from.sts.role);
}

/* Keys that STS does not take are no keys: whoever gave them is to look for others. */
static void blame_base(struct iam_creds *p)
{
    struct iam_span code = p->call.fault.code;
    if (!is_web(p) &&
        (iam_span_is(code, "ExpiredToken") || iam_span_is(code, "ExpiredTokenException") ||
         iam_span_is(code, "InvalidClientTokenId")))
        iam_creds_renew(p->cfg.from.sts.base);
}

int iam_creds_sts_end(struct iam_creds *p, int result, struct iam_role_keys *k)
{
    static const char *const names[] = {"AccessKeyId", "SecretAccessKey", "SessionToken"};
    p->cfg.from.sts.role.web_identity_token = (struct iam_span){NULL, 0};
    if (result == IAM_ERR_SERVICE)
        blame_base(p);
    if (result < 0)
        return result;
    if (p->call.page_items != 1)
        return iam_creds_wrong(p, IAM_ERR_MEMBER, "Credentials");
    *k = p->call.decode.item.u.keys;
    if (k->access_key_id.p == NULL)
        return iam_creds_wrong(p, IAM_ERR_MEMBER, "AccessKeyId");
    if (k->secret_access_key.p == NULL)
        return iam_creds_wrong(p, IAM_ERR_MEMBER, "SecretAccessKey");
    if (k->session_token.p == NULL)
        return iam_creds_wrong(p, IAM_ERR_MEMBER, "SessionToken");
    if (!k->expiration.present)
        return iam_creds_wrong(p, IAM_ERR_MEMBER, "Expiration");
    return iam_creds_check(p, k, names, true);
}
