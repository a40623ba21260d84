/* A document of keys, or of why there are none: whatever its reader finds in it, for any shape and any rules. */
#include "spans.h"

#include "creds_json_read.h"

static int read_ms(struct iam_span, struct iam_time *);
#include "core/flow/creds_json.c"

static int read_ms(struct iam_span s, struct iam_time *t)
{
    return iam_time_parse(s, t);
}

int iam_creds_wrong(struct iam_creds *q, int error, const char *what)
{
    q->exchange.fault.what = (struct iam_span){what, what != NULL};
    return q->exchange.fault.error = error;
}

int iam_creds_check(struct iam_creds *q, const struct iam_role_keys *k, const char *const names[3],
                    bool needs)
{
    bool is = is_readable(k->access_key_id) && k->access_key_id.n > 0 &&
              is_readable(k->secret_access_key) && k->secret_access_key.n > 0 &&
              is_readable(k->session_token) && (!needs || k->session_token.n > 0);
    return is ? IAM_OK : iam_creds_wrong(q, IAM_ERR_VALUE, names[nondet_bool()]);
}

int main(void)
{
    struct iam_json_member members[IAM_KEYS_SLOTS];
    struct iam_json_shape shape = {NULL, members, nondet_bool() ? 4 : 6};
    struct iam_fault *f = &p.exchange.fault;
    struct iam_role_keys k = {.access_key_id = {NULL, 0}};
    struct iam_span *keys[3] = {&k.access_key_id, &k.secret_access_key, &k.session_token};
    __CPROVER_havoc_object(&p);
    for (uint8_t i = 0; i < IAM_KEYS_SLOTS; i++)
        members[i] = (struct iam_json_member){"name", i, IAM_JSON_OPTIONAL};
    f->code = f->message = f->what = IAM_SPAN("");
    any_room();
    p.begin = nondet_uint(), p.filled = nondet_uint();
    ASSUME(p.begin <= p.filled && p.filled <= p.room_size);
#ifdef SAID
    iam_creds_said(&p);
#else
    unsigned rules = nondet_uint();
    int r = iam_creds_document(&p, &shape, rules, &k);
    PROVE(r <= 0 && (r == 0 || r == f->error), "keys, or an error that is noted");
    PROVE(r < 0 || all_inside(keys, p.begin, p.filled), "keys lie in it, none in another");
    PROVE(r < 0 || (k.access_key_id.n > 0 && k.secret_access_key.n > 0 &&
                    (k.session_token.n > 0 || !(rules & IAM_KEYS_OF_SESSION)) &&
                    (k.expiration.present || rules & IAM_KEYS_MAY_LAST)),
          "they are there, and end");
#endif
    PROVE(sound_words(p.begin, p.filled), "what is said lies there, or elsewhere");
    REACHED();
    return 0;
}
