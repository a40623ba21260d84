/* A source of keys, OF, with the parameters of its kind: any, in the middle of a fetch; and what the sources ask. */
#ifndef TINYIAM_TESTS_CREDS_ANY_SOURCE_H
#define TINYIAM_TESTS_CREDS_ANY_SOURCE_H

#include "creds_elsewhere.h"

static struct iam_creds base;

int iam_encode_check(const struct iam_operation *o, const void *request, struct iam_fault *f)
{
    PROVE(request == &p.from.sts.role && f == &p.exchange.fault, "its own");
    (void)o;
    return nondet_bool() ? IAM_OK : IAM_ERR_ARGUMENT;
}

static struct iam_span any_text(void) /* of the application */
{
    uint32_t n = nondet_uint() >> 1;
    return (struct iam_span){any_bytes(n), n};
}

static void any_source(void)
{
    struct iam_fault *f = &p.exchange.fault;
    any_provider(KIND);
    p.source = &OF;
    if (KIND != IAM_CREDS_IMDS)
        p.text = any_text(), p.path = any_text();
    if (OF.is_query) { /* what the decoder gives lies in its room */
        struct iam_role_keys *k = &p.query.decode.item.u.keys;
        any_three(&f->code, &f->message, &f->what, p.used, p.room_size);
        if (p.part == 1)
            any_three(&k->access_key_id, &k->secret_access_key, &k->session_token, p.used,
                      p.room_size);
        p.from.sts.base = KIND == IAM_CREDS_ASSUME_ROLE ? &base : NULL;
        ASSUME(sound_clock(&base));
    } else { /* what it does not say is zero */
        memset(p.document.path, 0, sizeof p.document.path);
        memset(p.document.value, 0, sizeof p.document.value);
        if (KIND == IAM_CREDS_IOT)
            p.from.iot.role_alias = any_text(), p.from.iot.thing_name = any_text();
        else if (KIND == IAM_CREDS_CONTAINER)
            p.from.container.authorization = any_text();
        else if (KIND == IAM_CREDS_SSO)
            p.from.sso.token = any_text();
        ASSUME(p.begin <= p.filled && p.filled <= p.room_size);
    }
}

#endif
