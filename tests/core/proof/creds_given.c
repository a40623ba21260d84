/* The end of a fetch that the application answers itself, with any keys, any document, or none; keys of an earlier run;
 * and a fetch that is dropped. */
#include "creds_end.h"

static struct iam_span any_text(void)
{
    uint32_t n = nondet_uint() >> 1;
    return nondet_bool() ? (struct iam_span){NULL, 0} : (struct iam_span){any_bytes(n), n};
}

static bool has_none(void)
{
    return p.used == 0 && p.keys.access_key_id.n == 0 && p.keys.secret_access_key.n == 0;
}

static int answered(void)
{
    struct iam_credentials keys = {any_text(), any_text(), any_text()};
    struct iam_time until = {.us = (int64_t)nondet_uint64(), .present = nondet_bool()};
    const struct iam_time *expiration = nondet_bool() ? &until : NULL;
#ifdef RESTORE
    p.step = STEP_IDLE;
    return iam_creds_restore(&p, &keys, expiration);
#elif defined DOCUMENT
    (void)expiration;
    return iam_creds_give_document(&p, keys.access_key_id);
#else
    if (nondet_bool())
        return iam_creds_give(&p, &keys, expiration);
    iam_creds_refuse(&p, IAM_ERR_CREDENTIALS);
    return IAM_ERR_CREDENTIALS;
#endif
}

int main(void)
{
    static struct iam_creds from;
    any_provider(IAM_CREDS_APPLICATION);
    p.source = NULL, p.step = STEP_ASK, p.begin = p.used;
    byte = nondet_uint(), byte_is_wiped = false;
    ASSUME(byte < p.room_size);
    from = p;
#ifdef DROP
    if (nondet_bool())
        iam_creds_drop(&p);
    else
        iam_creds_end(&p);
    PROVE(byte_is_wiped || byte < p.used, "nothing of it lasts");
#else
    int r = answered();
    PROVE(r <= IAM_OK, "it has ended");
    PROVE(r == IAM_OK || has_kept(&from) || has_none(), "an error keeps the old keys, or none");
#ifdef RESTORE
    PROVE(r == IAM_OK ? p.state == IAM_CREDS_FRESH : r == IAM_ERR_STATE || has_none(), "in use");
    PROVE(r == IAM_ERR_STATE || byte_is_wiped || byte < p.used, "nothing else lasts");
#else
    has_ended(r, &from);
#endif
#endif
    REACHED();
    return 0;
}
