/* The walk over a JSON document: over what "json" proves of strings, numbers and blanks, and "json_members" of names. Its
 * loops are cut: a turn begins in every state that is_sound() allows, and has to end in one, further on; so this holds for
 * documents of any length. */
#define WALK
#include "json_shape.h"

static const char *turn_at; /* where, and how, the turn began */
static int error, steps;
static struct iam_span text;

static void any_turn(struct reader *r)
{
    any_place(r);
    turn_at = r->p, error = r->error, text = out[MINE], steps = 0;
}

static bool ends_turn(struct reader *r) /* behind the loop nothing looks at depth */
{
    PROVE(r->p > turn_at && r->p <= r->end, "progress");
    ASSUME(r->p > turn_at && r->p <= r->end); /* so much is known now */
    PROVE(is_sound(r), "what a turn leaves behind");
    PROVE(error == 0 || r->error == error, "errors stick");
    PROVE(text.p == NULL || (out[MINE].p == text.p && out[MINE].n == text.n),
          "a text that was taken stays");
    return false;
}

static bool any_step(struct reader *r) /* of a word: from any place on */
{
    uint32_t on = nondet_uint();
    ASSUME(on < (size_t)(r->end - r->p));
    r->p += on;
    return steps++ == 0;
}

static void any_level(struct reader *r) /* of what ends behind a value: from any container on */
{
    unsigned depth = nondet_uint();
    PROVE(INSIDE(r->p, in, r->end) && r->depth <= DEPTH, "what ends lies in the document");
    ASSUME(depth >= 1 && depth <= r->depth);
    look(r);
    r->depth = depth, r->home = nondet_uint();
}

static void ends_level(struct reader *r)
{
    PROVE(INSIDE(r->p, in, r->end) && r->depth < DEPTH, "one less is open");
    ASSUME(r->depth == 0);
}

static void know(struct reader *r, struct iam_span name)
{
    bool was_seen = is_seen(r);
    PROVE(name.p == checked.p && name.n == checked.n, "a string that was read before");
    r->seen |= nondet_uint();
    r->error = r->error != 0 ? r->error : -(int)(nondet_uint() % 128);
    r->is_inside = nondet_bool();
    if (nondet_bool())
        r->member = &members[0];
    ASSUME(members[0].slot < SLOTS &&
           (members[0].slot == THE_REST || members[0].need != IAM_JSON_ONE));
    ASSUME(r->member == NULL || members[0].slot != MINE || (is_seen(r) && !was_seen));
}

int main(void)
{
    struct reader r;
    any_document();
    bool is = well_formed(&r);
    PROVE(!is || r.p == r.end, "to the end");
    PROVE(is_text(out[MINE], r.end) && is_text(out[OTHERS], r.end) &&
              is_apart(out[MINE], out[OTHERS]),
          "texts lie in the document, whether it is one or not");
    REACHED();
    return 0;
}
