/* What a name in a JSON document does to the reader, and what iam_json_read() does before and behind its walk, which
 * "json_shape" proves: for any shape of up to 32 members, which is what one may have. */
struct reader;
static _Bool well_formed(struct reader *);
#include "json_shape.h"

static bool well_formed(struct reader *r)
{
    PROVE(is_sound(r) && r->depth == 0 && r->shape == &shape && r->out == out && r->end == in + n,
          "the walk's first turn");
    any_place(r);
    return nondet_bool();
}

int main(void)
{
    any_document();
#ifdef NAME
    struct reader r, was;
    any_place(&r);
    was = r;
    checked = (struct iam_span){in, n};
    know(&r, checked);
    PROVE((was.seen & ~r.seen) == 0 && r.p == was.p && r.depth == was.depth && r.home == was.home,
          "a name moves nothing");
    PROVE(was.error == 0 || r.error == was.error, "errors stick");
    PROVE(r.member == NULL || r.member < members + shape.count, "a member of the shape");
    PROVE(mine >= MEMBERS || r.member != &members[mine] || (is_seen(&r) && !is_seen(&was)),
          "that was not seen before");
#else
    struct iam_span what;
    for (unsigned i = 0; i < MEMBERS; i++) {
        ASSUME(members[i].slot < SLOTS && (members[i].slot == MINE) == (i == mine));
        ASSUME(members[i].slot == THE_REST || members[i].need != IAM_JSON_ONE);
    }
    out[OTHERS] = (struct iam_span){NULL, 0}; /* as MINE, which is any, too */
    if (mine >= shape.count)
        out[MINE] = out[OTHERS];
    int r = iam_json_read(&shape, in, n, out, &what);
    PROVE(r <= 0, "an error, or none");
    PROVE(is_text(out[MINE], in + n) && is_apart(out[MINE], out[OTHERS]),
          "texts lie in the document");
#endif
    REACHED();
    return 0;
}
