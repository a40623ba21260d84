/* AWS IoT's credential provider: a device's certificate for the keys of a role. */
#include "flow.h"

int iam_creds_iot_init(struct iam_creds *p, struct iam_config *c)
{
    (void)c;
    if (!iam_creds_is_word(p->cfg.from.iot.role_alias, "=,@-"))
        return iam_creds_wrong(p, IAM_ERR_ARGUMENT, "role_alias");
    if (p->cfg.from.iot.thing_name.n > 0 && !iam_creds_is_word(p->cfg.from.iot.thing_name, ":-"))
        return iam_creds_wrong(p, IAM_ERR_ARGUMENT, "thing_name");
    return IAM_OK;
}

int iam_creds_iot_begin(struct iam_creds *p)
{
    p->ask.method = "GET";
    p->ask.path[0] = IAM_SPAN("/role-aliases/");
    p->ask.path[1] = p->cfg.from.iot.role_alias;
    p->ask.path[2] = IAM_SPAN("/credentials");
    p->ask.name[0] = "x-amzn-iot-thingname: ";
    p->ask.value[0] = p->cfg.from.iot.thing_name;
    return iam_call_start(&p->call, &iam_fetch, NULL);
}

int iam_creds_iot_end(struct iam_creds *p, int result, struct iam_role_keys *k)
{
    return result < 0 ? result : iam_creds_document(p, IAM_DOCUMENT_IOT, k);
}
