/* The documents that hold keys: a few shapes of the same members. */
#include "flow.h"

#include <string.h>

#include <tinyiam/parts/datetime.h>
#include <tinyiam/parts/json.h>
#include <tinyiam/parts/utf8.h>

enum { ID, SECRET, TOKEN, EXPIRATION, CODE, MESSAGE, SLOTS };

static const struct iam_json_member iot[] = {
    {"accessKeyId", ID, IAM_JSON_REQUIRED},
    {"secretAccessKey", SECRET, IAM_JSON_REQUIRED},
    {"sessionToken", TOKEN, IAM_JSON_REQUIRED},
    {"expiration", EXPIRATION, IAM_JSON_REQUIRED},
};
static const struct iam_json_member container[] = {
    {"AccessKeyId", ID, IAM_JSON_REQUIRED},
    {"SecretAccessKey", SECRET, IAM_JSON_REQUIRED},
    {"Token", TOKEN, IAM_JSON_REQUIRED},
    {"Expiration", EXPIRATION, IAM_JSON_REQUIRED},
};
/* With a Code that is not Success there are no keys. Some that play EC2 send none. */
static const struct iam_json_member imds[] = {
    {"Code", CODE, IAM_JSON_OPTIONAL},      {"Message", MESSAGE, IAM_JSON_OPTIONAL},
    {"AccessKeyId", ID, IAM_JSON_REQUIRED}, {"SecretAccessKey", SECRET, IAM_JSON_REQUIRED},
    {"Token", TOKEN, IAM_JSON_REQUIRED},    {"Expiration", EXPIRATION, IAM_JSON_REQUIRED},
};
static const struct iam_json_member process[] = {
    {"Version", 0, IAM_JSON_ONE},
    {"AccessKeyId", ID, IAM_JSON_REQUIRED},
    {"SecretAccessKey", SECRET, IAM_JSON_REQUIRED},
    {"SessionToken", TOKEN, IAM_JSON_OPTIONAL},
    {"Expiration", EXPIRATION, IAM_JSON_OPTIONAL},
};
static const struct iam_json_shape shapes[] = {
    [IAM_DOCUMENT_IOT] = {"credentials", iot, 4},
    [IAM_DOCUMENT_CONTAINER] = {NULL, container, 4},
    [IAM_DOCUMENT_IMDS] = {NULL, imds, 6},
    [IAM_DOCUMENT_PROCESS] = {NULL, process, 5},
};

static const char *const names[][3] = {
    [IAM_DOCUMENT_IOT] = {"accessKeyId", "secretAccessKey", "sessionToken"},
    [IAM_DOCUMENT_CONTAINER] = {"AccessKeyId", "SecretAccessKey", "Token"},
    [IAM_DOCUMENT_IMDS] = {"AccessKeyId", "SecretAccessKey", "Token"},
    [IAM_DOCUMENT_PROCESS] = {"AccessKeyId", "SecretAccessKey", "SessionToken"},
};

static const struct iam_json_member said[] = {
    {"code", 0, IAM_JSON_OPTIONAL},
    {"Code", 1, IAM_JSON_OPTIONAL},
    {"message", 2, IAM_JSON_OPTIONAL},
    {"Message", 3, IAM_JSON_OPTIONAL},
};
static const struct iam_json_shape said_shape = {NULL, said, 4};

/* The source says why it has no keys. */
static int refused(struct iam_creds *p, const struct iam_span text[])
{
    iam_creds_wrong(p, IAM_ERR_SERVICE, "Code");
    p->exchange.fault.code = text[CODE];
    p->exchange.fault.message = text[MESSAGE];
    return IAM_ERR_SERVICE;
}

int iam_creds_document(struct iam_creds *p, enum iam_document_shape kind, struct iam_role_keys *k)
{
    struct iam_span text[SLOTS], what, until;
    int r = iam_json_read(&shapes[kind], p->room + p->begin, p->filled - p->begin, text, &what);
    if (kind == IAM_DOCUMENT_IMDS && (r == IAM_OK || r == IAM_ERR_MEMBER) && text[CODE].n > 0 &&
        !iam_span_is(text[CODE], "Success"))
        return refused(p, text);
    if (r < 0) {
        iam_creds_wrong(p, r, NULL);
        p->exchange.fault.what = what;
        return r;
    }
    k->access_key_id = text[ID];
    k->secret_access_key = text[SECRET];
    k->session_token = text[TOKEN];
    /* lasting keys come by the others, too, with null for what they have not */
    r = iam_creds_check(p, k, names[kind], kind == IAM_DOCUMENT_IOT);
    if (r < 0)
        return r;
    until = text[EXPIRATION];
    if ((until.p != NULL || kind != IAM_DOCUMENT_PROCESS) &&
        iam_time_parse(until, &k->expiration) < 0)
        return iam_creds_wrong(p, IAM_ERR_VALUE,
                               kind == IAM_DOCUMENT_IOT ? "expiration" : "Expiration");
    return IAM_OK;
}

void iam_creds_said(struct iam_creds *p)
{
    struct iam_fault *f = &p->exchange.fault;
    struct iam_span text[4], what;
    if (p->filled <= p->begin ||
        iam_json_read(&said_shape, p->room + p->begin, p->filled - p->begin, text, &what) < 0)
        return;
    if (text[0].n + text[1].n > 0)
        f->code = text[0].n > 0 ? text[0] : text[1];
    if (text[2].n + text[3].n > 0)
        f->message = text[2].n > 0 ? text[2] : text[3];
}
