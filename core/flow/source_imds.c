/* EC2's instance metadata, version 2: a token by PUT, the role's name, the role's keys. In config.keys they
 * stand one behind the other: token, name, document. */
#include "flow.h"

#include <string.h>

#include <tinyiam/parts/utf8.h>

enum { TOKEN, ROLE, KEYS };
enum { TIMEOUT_MS = 1000, ATTEMPTS = 1 };
#define PATH "/latest/meta-data/iam/security-credentials/"

static int init(struct iam_creds *p, struct iam_exchange_config *c)
{
    (void)p;
    c->plain = true;
    if (c->authority.p == NULL)
        c->authority = IAM_SPAN("169.254.169.254");
    if (c->connect_ms == 0)
        c->connect_ms = TIMEOUT_MS;
    if (c->response_ms == 0)
        c->response_ms = TIMEOUT_MS;
    if (c->max_attempts == 0)
        c->max_attempts = ATTEMPTS;
    return IAM_OK;
}

static int begin(struct iam_creds *p)
{
    if (p->part == TOKEN)
        p->text = p->path = (struct iam_span){NULL, 0};
    p->document.path[0] = p->part == TOKEN ? IAM_SPAN("/latest/api/token") : IAM_SPAN(PATH);
    p->document.path[1] = p->path;
    p->document.name[0] = "x-aws-ec2-metadata-token-ttl-seconds: ";
    p->document.value[0] = p->part == TOKEN ? IAM_SPAN("21600") : IAM_SPAN("");
    p->document.name[1] = "x-aws-ec2-metadata-token: ";
    p->document.value[1] = p->text;
    return iam_creds_fetch(p, p->part == TOKEN ? "PUT" : "GET");
}

/* May it do without a token? */
static bool has_no_token(const struct iam_creds *p, int result)
{
    uint16_t status = p->exchange.http.status;
    return p->from.imds.v1 &&
           ((result == IAM_ERR_SERVICE && (status == 403 || status == 404 || status == 405)) ||
            result == IAM_ERR_TIMEOUT_RESPONSE);
}

/* With a Code that is not Success there are no keys. Some that play EC2 send none. */
static const struct iam_json_member members[] = {
    {"AccessKeyId", IAM_KEYS_ID, IAM_JSON_REQUIRED},
    {"SecretAccessKey", IAM_KEYS_SECRET, IAM_JSON_REQUIRED},
    {"Token", IAM_KEYS_TOKEN, IAM_JSON_REQUIRED},
    {"Expiration", IAM_KEYS_EXPIRATION, IAM_JSON_REQUIRED},
    {"Code", IAM_KEYS_CODE, IAM_JSON_OPTIONAL},
    {"Message", IAM_KEYS_MESSAGE, IAM_JSON_OPTIONAL},
};
static const struct iam_json_shape shape = {NULL, members, 6};

static int end(struct iam_creds *p, int result, struct iam_role_keys *k)
{
    struct iam_span body = {p->room + p->begin, p->filled - p->begin};
    if (p->part == TOKEN && result < 0 && has_no_token(p, result)) {
        p->part = ROLE;
        return IAM_AGAIN;
    }
    if (result < 0) {
        if (p->exchange.fault.what.n == 0)
            p->exchange.fault.what = p->part == TOKEN  ? IAM_SPAN("token")
                                     : p->part == ROLE ? IAM_SPAN("role name")
                                                       : IAM_SPAN("keys");
        return result;
    }
    if (p->part == KEYS)
        return iam_creds_document(p, &shape, 0, k);
    if (p->part == ROLE) {
        body = iam_span_trim(body);
        if (!iam_creds_is_word(body, "+=,.@-"))
            return iam_creds_wrong(p, body.n == 0 ? IAM_ERR_FOREIGN : IAM_ERR_VALUE, "role name");
        p->path = body;
    } else {
        if (body.n == 0 || !iam_span_within(body, '!', '~'))
            return iam_creds_wrong(p, IAM_ERR_VALUE, "token");
        p->text = body;
    }
    p->part++;
    p->begin = p->filled;
    return IAM_AGAIN;
}

const struct iam_source iam_source_imds = {.init = init, .begin = begin, .end = end};
