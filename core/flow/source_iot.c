/* AWS IoT's credential provider: a device's certificate for the keys of a role. */
#include "flow.h"

static int init(struct iam_creds *p, struct iam_exchange_config *c)
{
    (void)c;
    if (!iam_creds_is_word(p->from.iot.role_alias, "=,@-"))
        return iam_creds_wrong(p, IAM_ERR_ARGUMENT, "role_alias");
    if (p->from.iot.thing_name.n > 0 && !iam_creds_is_word(p->from.iot.thing_name, ":-"))
        return iam_creds_wrong(p, IAM_ERR_ARGUMENT, "thing_name");
    return IAM_OK;
}

static int begin(struct iam_creds *p)
{
    p->document.path[0] = IAM_SPAN("/role-aliases/");
    p->document.path[1] = p->from.iot.role_alias;
    p->document.path[2] = IAM_SPAN("/credentials");
    p->document.name[0] = "x-amzn-iot-thingname: ";
    p->document.value[0] = p->from.iot.thing_name;
    return iam_creds_fetch(p, "GET");
}

static const struct iam_json_member members[] = {
    {"accessKeyId", IAM_KEYS_ID, IAM_JSON_REQUIRED},
    {"secretAccessKey", IAM_KEYS_SECRET, IAM_JSON_REQUIRED},
    {"sessionToken", IAM_KEYS_TOKEN, IAM_JSON_REQUIRED},
    {"expiration", IAM_KEYS_EXPIRATION, IAM_JSON_REQUIRED},
};
static const struct iam_json_shape shape = {"credentials", members, 4};

static int end(struct iam_creds *p, int result, struct iam_role_keys *k)
{
    return result < 0 ? result : iam_creds_document(p, &shape, IAM_KEYS_OF_SESSION, k);
}

const struct iam_source iam_source_iot = {.init = init, .begin = begin, .end = end, .mutual = true};
