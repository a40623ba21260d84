/* A document of keys, or of why there are none: whatever its reader finds in it, for any shape and any rules. */
#include "spans.h"

#include "creds_invariant.h"

static int read_ms(struct iam_span, struct iam_time *);
#include "core/flow/creds_json.c"

static int read_ms(struct iam_span s, struct iam_time *t)
{
    return iam_time_parse(s, t);
}

/* As "json_shape" proves: each text lies in the document, none in another. */
int iam_json_read(const struct iam_json_shape *shape, char *document, size_t n,
                  struct iam_span *text, struct iam_span *what)
{
    uint32_t begin = (uint32_t)(document - p.room);
    PROVE(n == 0 || __CPROVER_w_ok(document, n), "the document lies in the room");
    for (unsigned i = 0; i < shape->count; i++) {
        struct iam_span s = any_inside(begin, begin + (uint32_t)n);
        for (unsigned k = 0; k < i; k++)
            ASSUME(apart(s, text[shape->members[k].slot]));
        text[shape->members[i].slot] = s;
    }
    *what = nondet_bool() ? IAM_SPAN("Token") : IAM_SPAN("");
    return nondet_bool() ? IAM_OK : nondet_bool() ? IAM_ERR_MEMBER : IAM_ERR_JSON;
}

int iam_creds_wrong(struct iam_creds *q, int error, const char *what)
{
    q->exchange.fault.what = (struct iam_span){what, what != NULL};
    return q->exchange.fault.error = error;
}

int iam_creds_check(struct iam_creds *q, const struct iam_role_keys *k, const char *const names[3],
                    bool needs)
{
    (void)needs;
    is_readable(k->access_key_id), is_readable(k->secret_access_key);
    return is_readable(k->session_token) ? IAM_OK
                                         : iam_creds_wrong(q, IAM_ERR_VALUE, names[nondet_bool()]);
}

int main(void)
{
    struct iam_json_member members[IAM_KEYS_SLOTS];
    struct iam_json_shape shape = {NULL, members, nondet_bool() ? 4 : 6};
    struct iam_fault *f = &p.exchange.fault;
    struct iam_role_keys k = {.access_key_id = {NULL, 0}};
    struct iam_span *keys[3] = {&k.access_key_id, &k.secret_access_key, &k.session_token};
    struct iam_span *words[3] = {&f->code, &f->message, &f->what};
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
    int r = iam_creds_document(&p, &shape, nondet_uint(), &k);
    PROVE(r <= 0 && (r == 0 || r == f->error), "keys, or an error that is noted");
    PROVE(r < 0 || all_inside(keys, p.begin, p.filled),
          "keys lie in the document, none in another");
#endif
    PROVE(all_inside(words, p.begin, p.filled), "what is said, too");
    for (int i = 0; i < 3; i++)
        is_readable(*keys[i]), is_readable(*words[i]);
    REACHED();
    return 0;
}
