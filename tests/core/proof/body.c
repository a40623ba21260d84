/* A reply's body as the two protocols take it, piece by piece, and what its end amounts to: ANY piece, in ANY state that
 * IS_STATE allows, at any status. What is kept of it has its room; what has none is an error. */
#include "body_parts.h"

int main(void)
{
#ifdef DOCUMENT
    struct iam_document o;
    ASSUME(o.room <= MOST);
    o.to = any_bytes(o.room);
#else
    struct iam_query o;
    ASSUME(o.item_size <= MOST);
    o.item = any_bytes(o.item_size);
#endif
    struct iam_exchange *e = &o.exchange;
    struct iam_span piece = any_span();
    const char *p = piece.p, *end = p + piece.n;
    ASSUME(IS_STATE && piece.n >= 1 && e->http.reason_len <= sizeof e->http.reason);
    if (nondet_bool()) {
#ifdef DOCUMENT
        uint64_t whole = o.n + (uint64_t)piece.n;
        ASSUME(e->http.body_seen >= whole);
        int r = read_body(e, &p, end);
        PROVE(r < 0 || (IS_STATE && o.n == whole),
              "a body without end is an error, else all is counted");
#else
        int r = read_body(e, &p, end);
        PROVE(IS_STATE, "what it leaves behind");
#endif
        PROVE(INSIDE(p, piece.p, end), "takes of the piece");
    } else {
        int r = finish(e, -(int)(nondet_uint() % 100));
#ifdef DOCUMENT
        PROVE(r != IAM_OK || (o.n <= o.room && e->http.status < 300),
              "what has no room is an error");
#else
        (void)r;
#endif
    }
    REACHED();
    return 0;
}
