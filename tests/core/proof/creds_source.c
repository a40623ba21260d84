/* Each source of keys, between two exchanges: what it makes of the one that has ended, with any answer, status and error,
 * and how the next one begins. */
#include "creds_any_source.h"

static void begins(void)
{
    const struct iam_document *d = &p.document;
    query_is_forgotten = false;
    int r = OF.begin(&p);
    PROVE(r < 0 || (r == IAM_OK && p.exchange.stage == IAM_STAGE_CONNECT && invariant()), "begins");
    if (OF.is_query) {
        PROVE(p.query.item == p.room + p.used && p.query.item_size == p.room_size - p.used,
              "items have the room behind the keys in use");
        PROVE(query_is_forgotten && (r == IAM_OK || p.exchange.stage == IAM_STAGE_IDLE),
              "nothing of the last one is sent, nor is what does not begin");
    } else if (r == IAM_OK) {
        PROVE(d->to == p.room + p.begin && d->room == p.room_size - p.begin, "room for what comes");
        is_readable(d->path[0]), is_readable(d->path[1]), is_readable(d->path[2]);
        is_readable(d->value[0]), is_readable(d->value[1]);
        PROVE(KIND == IAM_CREDS_SSO         ? same(d->value[0], passed)
              : KIND == IAM_CREDS_CONTAINER ? same(d->value[1], passed)
              : KIND == IAM_CREDS_IMDS      ? p.part != 0 || p.text.n + p.path.n == 0
                                            : true,
              "a header may hold what it says, and that is of this fetch");
    }
}

int main(void)
{
    static struct iam_creds was;
    struct iam_role_keys k = {.access_key_id = {NULL, 0}};
    int result = -(int)(nondet_uint() % 128), r;
    __CPROVER_havoc_object(&base);
    any_source();
    int64_t life = base.life_ms;
    was = p;
    if (nondet_bool()) {
        begins();
    } else {
        r = OF.end(&p, result, &k);
        PROVE(is_answer(r, &k, &was), "keys in the room, a part more, or an error and its words");
        PROVE(result == IAM_OK || r == result || r == IAM_AGAIN, "an error stays one");
        PROVE(r != IAM_AGAIN || ((same(p.text, passed) || same(p.text, was.text)) &&
                                 (same(p.path, passed) || same(p.path, was.path))),
              "what the next request is made of was looked through");
        PROVE(base.life_ms == life || result == IAM_ERR_SERVICE, "keys are blamed by a service");
        PROVE(!OF.is_query || p.from.sts.role.web_identity_token.n == 0, "a token is let go");
    }
    PROVE(has_kept(&was), "the keys in use stay");
    REACHED();
    return 0;
}
