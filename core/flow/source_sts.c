/* STS: a role's keys for another's signature, or for a token of an identity provider. */
#include "flow.h"

#include <string.h>

#if CONFIG_TINYIAM_CREDS_STS

static bool is_web(const struct iam_creds *p)
{
    return p->kind == IAM_CREDS_WEB_IDENTITY;
}

static const struct iam_operation *operation(const struct iam_creds *p)
{
    return is_web(p) ? &iam_op_web_identity : &iam_op_assume_role;
}

/* A ring of providers would wait for itself. */
static bool is_ring(const struct iam_creds *p, const struct iam_creds *base)
{
    while (base != NULL && base != p)
        base = iam_creds_base(base);
    return base == p;
}

static int check(struct iam_creds *p, const struct iam_role_request *role)
{
    struct iam_fault *f = &p->exchange.fault;
    int r = iam_encode_check(operation(p), role, f);
    if (r < 0) {
        f->error = r;
        f->layer = IAM_LAYER_CALLER;
    }
    return r;
}

static int init(struct iam_creds *p, struct iam_exchange_config *c)
{
    struct iam_role_request role = p->from.sts.role;
    struct iam_query *q = &p->query;
    struct iam_creds *base = p->from.sts.base;
    int r;

    if (is_web(p))
        role.web_identity_token = IAM_SPAN("later");
    r = check(p, &role);
    if (r < 0)
        return r;
    if (!is_web(p)) {
        if (base == NULL || is_ring(p, base))
            return iam_creds_wrong(p, IAM_ERR_ARGUMENT, "base");
        q->provider = base;
        q->credentials = &base->keys;
    }
    q->operation = operation(p);
    q->path.p = "/";
    q->path.n = 1;
    q->request_at = offsetof(struct iam_creds, from.sts.role);
    q->signing_region = p->from.sts.region;
    if (c->authority.p != NULL)
        return iam_region_is_valid(q->signing_region)
                   ? IAM_OK
                   : iam_creds_wrong(p, IAM_ERR_REGION, "region");
    r = iam_sts_endpoint(&q->signing_region, p->from.sts.endpoint_flags, p->host, sizeof p->host);
    if (r < 0)
        return iam_creds_wrong(p, IAM_ERR_REGION, "region");
    c->authority = (struct iam_span){NULL, (size_t)r};
    c->authority_at = offsetof(struct iam_creds, host);
    return IAM_OK;
}

static int begin(struct iam_creds *p)
{
    if (is_web(p))
        p->from.sts.role.web_identity_token = p->text;
    p->query.item = p->room + p->used;
    p->query.item_size = p->room_size - p->used;
    p->exchange.keyed = !is_web(p);
    iam_query_forget(&p->query);
    iam_exchange_begin(&p->exchange);
    int r = check(p, &p->from.sts.role);
    if (r < 0)
        p->exchange.stage = IAM_STAGE_IDLE;
    return r;
}

/* Keys that STS does not take are no keys: whoever gave them is to look for others. */
static void blame_base(struct iam_creds *p)
{
    if (!is_web(p) && iam_keys_code(p->exchange.fault.code))
        iam_creds_renew(p->from.sts.base);
}

static int end(struct iam_creds *p, int result, struct iam_role_keys *k)
{
    static const char *const names[] = {"AccessKeyId", "SecretAccessKey", "SessionToken"};
    p->from.sts.role.web_identity_token = (struct iam_span){NULL, 0};
    if (result == IAM_ERR_SERVICE)
        blame_base(p);
    if (result < 0)
        return result;
    if (p->part != 1)
        return iam_creds_wrong(p, IAM_ERR_MEMBER, "Credentials");
    *k = p->query.decode.item.u.keys;
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

const struct iam_source iam_source_assume_role = {
    .init = init, .begin = begin, .end = end, .is_query = true};
const struct iam_source iam_source_web_identity = {
    .init = init, .begin = begin, .end = end, .is_query = true, .asks = IAM_ASKS_ALWAYS};

#endif
