/* The documents that hold keys: the shape is the source's, here is what they have in common. */
#include "flow.h"

#include <string.h>

#include <tinyiam/parts/datetime.h>
#include <tinyiam/parts/utf8.h>

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
    p->exchange.fault.code = text[IAM_KEYS_CODE];
    p->exchange.fault.message = text[IAM_KEYS_MESSAGE];
    return IAM_ERR_SERVICE;
}

#if CONFIG_TINYIAM_CREDS_SSO
/* Digits, as far as they are whole seconds of the calendar that a provider counts in. */
static int read_ms(struct iam_span s, struct iam_time *to)
{
    int64_t ms = 0;
    for (size_t i = 0; i < s.n; i++) {
        /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): what has a length has a text */
        char c = s.p[i];
        if (c < '0' || c > '9' || i > 14)
            return IAM_ERR_VALUE;
        ms = ms * 10 + (c - '0');
    }
    *to = (struct iam_time){.us = ms * 1000, .present = true};
    return ms / 1000 <= INT64_C(253402300799) ? IAM_OK : IAM_ERR_VALUE; /* the year 9999 */
}
#else
#define read_ms iam_time_parse
#endif

int iam_creds_document(struct iam_creds *p, const struct iam_json_shape *shape, unsigned rules,
                       struct iam_role_keys *k)
{
    struct iam_span text[IAM_KEYS_SLOTS], what, until;
    const char *names[3];
    memset(text, 0, sizeof text);
    int r = iam_json_read(shape, p->room + p->begin, p->filled - p->begin, text, &what);
    if ((r == IAM_OK || r == IAM_ERR_MEMBER) && text[IAM_KEYS_CODE].n > 0 &&
        !iam_span_is(text[IAM_KEYS_CODE], "Success"))
        return refused(p, text);
    if (r < 0) {
        iam_creds_wrong(p, r, NULL);
        p->exchange.fault.what = what;
        return r;
    }
    k->access_key_id = text[IAM_KEYS_ID];
    k->secret_access_key = text[IAM_KEYS_SECRET];
    k->session_token = text[IAM_KEYS_TOKEN];
    for (int i = 0; i < 3; i++)
        names[i] = shape->members[i].name;
    r = iam_creds_check(p, k, names, rules & IAM_KEYS_OF_SESSION);
    if (r < 0)
        return r;
    until = text[IAM_KEYS_EXPIRATION];
    if (until.p == NULL && rules & IAM_KEYS_MAY_LAST)
        return IAM_OK;
    r = rules & IAM_KEYS_IN_MS ? read_ms(until, &k->expiration)
                               : iam_time_parse(until, &k->expiration);
    return r < 0 ? iam_creds_wrong(p, IAM_ERR_VALUE, shape->members[IAM_KEYS_EXPIRATION].name) : r;
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
