/* Where a list goes on, from ANY state of a call, whatever report the decoder has read. Of circles: pages are numbered
 * from 0, and the Marker behind page P begins a circle of L pages. Induction over pages: if P is 0 or a power of two and
 * L <= P (L is 1 where P is 0), the digest of P's Marker is kept until the circle closes behind page P + L, and there it
 * is noticed. */
#include "one_byte.h"

#include "core/flow/list.c"

static struct iam_call c;
static int length;      /* of the next page's Marker; < 0: it cannot be sent back */
static char sent;       /* its byte at that place */
static uint64_t number; /* its digest */

int iam_marker_latin1(struct iam_span s, char *out)
{
    PROVE(s.n >= 1 && __CPROVER_w_ok(out, IAM_MARKER_MAX), "a Marker, and room");
    if (length > 0 && some < (size_t)length)
        out[some] = sent;
    return length;
}

uint64_t iam_mix_text(uint64_t h, const char *text, size_t n)
{
    PROVE(h == 0 && n == (size_t)length && __CPROVER_r_ok(text, n), "of the whole Marker");
    return number;
}

int main(void)
{
    struct iam_report *r = &c.query.decode.report;
    __CPROVER_havoc_object(&c);
    r->is_truncated = nondet_bool(), r->has_truncated = nondet_bool();
    length = (int)nondet_uint(), sent = (char)nondet_uint(), number = nondet_uint64();
    some = nondet_size();
    ASSUME(length == -1 || (length >= 1 && length <= IAM_MARKER_MAX));
    ASSUME(c.query.marker_n <= IAM_MARKER_MAX);

    uint32_t page = c.pages, begin = nondet_uint(), turn = nondet_uint(); /* P, L */
    uint64_t kept = nondet_uint64(); /* the digest of P's Marker */
    ASSUME((begin & (begin - 1)) == 0 && turn >= 1 && turn <= (begin != 0 ? begin : 1));
    ASSUME(begin <= UINT32_MAX / 4);
#define IN_CIRCLE(at) ((at) > begin && (at) <= begin + turn)
    ASSUME(!IN_CIRCLE(page) || c.mark == kept);
    if (page == begin)
        kept = number;
    bool closes = page == begin + turn;
    ASSUME(!closes || number == kept); /* the same Marker has come again */

    int next = iam_list_follow(&c);
    PROVE(next == IAM_AGAIN || next <= 0, "it goes on, or it ends, or it is an error");
    PROVE(next != IAM_OK || !r->is_truncated, "what is truncated has no end here");
    PROVE(next != IAM_OK || r->has_truncated || r->marker.p == NULL, "and what may be, neither");
    PROVE(next != IAM_AGAIN || !closes, "a circle is noticed where it closes");
    if (next == IAM_AGAIN) {
        PROVE(r->is_truncated && c.pages == page + 1, "one page on");
        PROVE(c.query.marker_n == length && (some >= (size_t)length || c.marker[some] == sent),
              "its Marker is kept as it came");
        PROVE(!IN_CIRCLE(c.pages) || c.mark == kept, "as long as it takes");
    } else {
        PROVE(c.pages == page, "nothing is counted");
    }
    REACHED();
    return 0;
}
