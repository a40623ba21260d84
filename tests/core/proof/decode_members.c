/* Which members have been there: first(), of any element in any state. */
#include "proof.h"

#include "core/model/decode.c"

static bool
is_list(const struct iam_report *r) /* each member that came, once, in the order of arrival */
{
    unsigned n = 0, bits = 0;
    for (unsigned i = 0; i < sizeof r->order; i++) {
        if (r->order[i] != 0 && (n != i || r->order[i] >= IAM_MEMBER_COUNT_))
            return false;
        n += r->order[i] != 0;
        bits |= 1u << r->order[i] & ~1u;
    }
    return bits == r->present && (unsigned)__builtin_popcount(bits) == n;
}

int main(void)
{
    struct iam_decode d;
    struct iam_xml_node n;
    n.offset = offsetof(struct iam_decode, code) / 4;
    ASSUME(n.member < (d.in_item ? 16 : IAM_MEMBER_COUNT_) && (!d.in_sub || d.in_item));
    ASSUME(is_list(&d.report));
    unsigned bit = 1u << n.member & ~1u;
    bool list = n.type == IAM_NODE_LIST || n.type == IAM_NODE_SUBLIST, no_text = d.code.p == NULL;
    uint16_t *mask = d.in_sub ? &d.sub_seen : d.in_item ? &d.seen : &d.report.present, old = *mask;
    bool is = first(&d, &n);
    PROVE(is_list(&d.report) && *mask == (old | bit), "a member has been there");
    PROVE(n.member == 0 || is == ((old & bit) == 0 || list),
          "for the first time, or a list goes on");
    PROVE(n.member != 0 || is == (n.type == IAM_NODE_TEXT     ? no_text
                                  : n.type == IAM_NODE_RESULT ? !d.result
                                                              : true),
          "what is no member");
    REACHED();
    return 0;
}
