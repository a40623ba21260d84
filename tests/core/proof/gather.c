/* gather() of creds.c: three texts, which lie anywhere in the room or elsewhere, go to one place of it, one behind
 * the other. Its loop is cut at each turn, of which the first i have moved what they took: in any state that is_sound()
 * allows. Of any byte of any text it is known where it is: it has to be in its text still. */
#include "creds_invariant.h"

static struct iam_span text[3], was, *any; /* any: one of them, as it was */
static size_t byte, nth;                   /* where in the room its nth byte lies now */
static uint32_t front, turn_at, moved;     /* where a turn began to put, how much it has put */
static bool is_lost;

void *memmove(void *to, const void *from, size_t n)
{
    size_t f = __CPROVER_POINTER_OFFSET(from), t = __CPROVER_POINTER_OFFSET(to);
    PROVE(__CPROVER_r_ok(from, n) && __CPROVER_w_ok(to, n), "what is moved has room");
    PROVE(__CPROVER_same_object(from, p.room) && __CPROVER_same_object(to, p.room), "in the room");
    moved += (uint32_t)n;
    if (byte >= f && byte - f < n)
        byte = byte - f + t;
    else if (byte >= t && byte - t < n)
        is_lost = true;
    return to;
}

/* The texts that wait, from in[i] on, lie behind at, the others before it. */
static bool is_sound(struct iam_span *in[3], int i, uint32_t at)
{
    for (int k = 0; k < 3; k++) {
        bool waits = false;
        for (int j = i; j < 3; j++)
            waits = waits || in[j] == &text[k];
        if (in_room(text[k]) && !inside(text[k], waits ? at : front, waits ? p.room_size : at))
            return false;
    }
    return at >= front && at <= p.room_size && apart(text[0], text[1]) && apart(text[0], text[2]) &&
           apart(text[1], text[2]) && any->n == was.n &&
           (in_room(was)
                ? in_room(*any) && !is_lost && byte == __CPROVER_POINTER_OFFSET(any->p) + nth
                : any->p == was.p);
}

static void any_turn(struct iam_span *in[3], int i, uint32_t *at)
{
    PROVE(i == 0 || (is_sound(in, i, *at) && *at == turn_at + moved), "what a turn leaves behind");
    for (int k = 0; k < 3; k++) {
        text[k] = nondet_bool() ? any_inside(0, p.room_size) : IAM_SPAN("Code");
        in[k] = &text[k];
    }
    any = nondet_bool()   ? &text[0]
          : nondet_bool() ? &text[1]
                          : &text[2],
    was = *any, nth = nondet_uint();
    ASSUME(nth < was.n);
    byte = __CPROVER_POINTER_OFFSET(was.p) + nth, is_lost = false;
    *at = i == 0 ? front : nondet_uint();
    ASSUME(is_sound(in, i, *at));
    turn_at = *at, moved = 0;
}

#define TURN any_turn(in, i, &at);
#include "core/flow/creds.c"

int main(void)
{
    struct iam_span *in[3];
    front = nondet_uint();
    any_room();
    ASSUME(front <= p.room_size);
    uint32_t end = gather(&p, in, front);
    PROVE(is_sound(in, 3, end) && end == turn_at + moved, "and there they lie, and fill it");
    REACHED();
    return 0;
}
