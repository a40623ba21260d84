/* What AWS CLI v2 prints with --output yaml and yaml-stream: mappings sorted by their keys, so that what comes last in a
 * reply may stand first. Items wait until the document is complete, which is also why none is ever half: in YAML a
 * document that was cut looks whole. yaml-stream is a list of the replies, each written when it is complete. */
#include "out.h"
#include "text/yaml.h"

/* Several members of a mapping whose keys come before `end` in the alphabet; NULL: all that are left. Takes them away
 * from bits. */
static void put_fields(struct yaml *y, const struct fields *fields, uint32_t *bits, const void *of,
                       const char *end)
{
    char buf[40];
    while (*bits) {
        uint32_t rest = *bits;
        const struct field *f = out_next_field(fields, &rest);
        if (end && strcmp(f->name, end) > 0)
            return;
        *bits = rest;
        struct iam_span value = out_value(f, of, buf);
        if (f->type == FIELD_INTEGER)
            yaml_word(y, f->name, value);
        else
            yaml_text(y, f->name, value);
    }
}

/* A mapping as a member of a list; the line ends behind it. */
static void put_empty(struct yaml *y)
{
    sink_spaces(y->sink, y->indent - 2);
    SINK_LITERAL(y->sink, "- {}\n");
}

static void put_group(struct yaml *y, const struct fields *fields, uint32_t bits, const void *of)
{
    struct yaml inner = {.sink = y->sink, .indent = y->indent + 2};
    if (!bits) {
        yaml_word(y, fields->group, IAM_SPAN("{}"));
        return;
    }
    yaml_open(y, fields->group);
    put_fields(&inner, fields, &bits, of, NULL);
}

/* An item, but for the members of the list inside it, which follow it: the list's name comes last by the alphabet.
 * subs: how many they are. */
static void put_item(const struct out *o, unsigned indent, const struct iam_item *item,
                     uint32_t subs)
{
    const struct fields *fields = o->reply->item;
    struct yaml y = {.sink = o->sink, .indent = indent, .dash = true};
    uint32_t all = fields_present(fields, item), inner = (1u << fields->grouped) - 1;
    uint32_t bits = all & ~inner;
    if (fields->grouped && *((const bool *)item + fields->group_at)) {
        put_fields(&y, fields, &bits, item, fields->group);
        put_group(&y, fields, all & inner, item);
    }
    put_fields(&y, fields, &bits, item, NULL);
    if (out_has_list(o, item) && subs)
        yaml_open(&y, fields->sub_list);
    else if (out_has_list(o, item))
        yaml_word(&y, fields->sub_list, IAM_SPAN("[]"));
    else if (y.dash)
        put_empty(&y);
}

static void put_sub(const struct out *o, unsigned indent, const struct iam_item *item)
{
    const struct fields *fields = o->reply->item->sub;
    struct yaml y = {.sink = o->sink, .indent = indent, .dash = true};
    uint32_t bits = fields_present(fields, item);
    if (!bits)
        put_empty(&y);
    put_fields(&y, fields, &bits, item, NULL);
}

static void put_list(struct out *o, struct yaml *y)
{
    struct iam_item item;
    uint32_t subs;
    if (o->held.records == 0) {
        yaml_word(y, o->reply->list, IAM_SPAN("[]"));
        return;
    }
    yaml_open(y, o->reply->list);
    spool_rewind(&o->held);
    while (spool_next(&o->held, &item, &subs))
        if (item.kind == o->reply->item->kind)
            put_item(o, y->indent + 2, &item, subs);
        else
            put_sub(o, y->indent + 4, &item);
    spool_clear(&o->held);
}

static void put_error(struct yaml *y, const struct iam_report *r)
{
    struct yaml inner = {.sink = y->sink, .indent = y->indent + 2};
    if (!r->error_code.p && !r->error_message.p) {
        yaml_word(y, "Error", IAM_SPAN("{}"));
        return;
    }
    yaml_open(y, "Error");
    if (r->error_code.p)
        yaml_text(&inner, "Code", r->error_code);
    if (r->error_message.p)
        yaml_text(&inner, "Message", r->error_message);
}

static void put_member(struct out *o, struct yaml *y, const struct iam_report *r, unsigned m)
{
    char buf[40];
    if (m == IAM_MEMBER_LIST)
        put_list(o, y);
    else if (m == IAM_MEMBER_ERROR)
        put_error(y, r);
    else if (m == IAM_MEMBER_IS_TRUNCATED)
        yaml_word(y, "IsTruncated", out_member(o, r, m, buf));
    else
        yaml_text(y, out_member_name(o, m), out_member(o, r, m, buf));
}

/* Of the members of these bits the first one by the alphabet, in whose place NextToken may come. */
static unsigned next_member(const struct out *o, uint16_t bits)
{
    unsigned best = 0;
    for (unsigned m = 1; m < IAM_MEMBER_COUNT_; m++)
        if (bits & 1u << m &&
            (best == 0 || strcmp(out_member_name(o, m), out_member_name(o, best)) < 0))
            best = m;
    return best;
}

static void put_document(struct out *o, const struct iam_report *r, struct yaml *y)
{
    static const char token[] = "NextToken";
    uint16_t bits = out_members(o, r);
    bool more = o->next_token.n > 0 && o->how != OUT_EACH;
    while (bits || more) {
        unsigned m = next_member(o, bits);
        if (more && (m == 0 || strcmp(token, out_member_name(o, m)) < 0)) {
            yaml_text(y, token, o->next_token);
            more = false;
        } else {
            put_member(o, y, r, m);
            bits &= (uint16_t) ~(1u << m);
        }
    }
}

/* ---- what comes in ---- */

static void item(struct out *o, const struct iam_item *i)
{
    spool_add(&o->held, i, (uint32_t)o->subs.records);
}

static void sub(struct out *o, const struct iam_item *i)
{
    spool_add(&o->held, i, 0);
}

static void item_end(struct out *o)
{
    (void)o;
}

static void end(struct out *o, const struct iam_report *r)
{
    struct yaml y = {.sink = o->sink};
    put_document(o, r, &y);
}

static bool settled(const struct out *o)
{
    return o->held.records == 0 && !o->any;
}

const struct out_ops out_yaml = {
    .item = item, .sub = sub, .item_end = item_end, .end = end, .settled = settled, .status = true};

/* ---- yaml-stream ---- */

enum {
    WRITTEN = 0
}; /* index into state.v: has a reply been? Then the one at a checkpoint's place has */

static void put_reply(struct out *o, const struct iam_report *r)
{
    struct yaml y = {.sink = o->sink, .indent = 2, .dash = true};
    put_document(o, r, &y);
    o->state.v[WRITTEN] = 1;
}

/* Who goes on from a checkpoint begins at the end of the page that was written last, and hears of it again. */
static void page_end(struct out *o)
{
    if (o->pages > 1 || !o->state.v[WRITTEN])
        put_reply(o, o->report);
}

static void stream_end(struct out *o, const struct iam_report *r)
{
    if (!o->state.v[WRITTEN])
        put_reply(o, r);
}

/* A place behind the beginning of the next page would be taken for the end of the last one. */
static bool stream_settled(const struct out *o)
{
    return o->at_page_end;
}

const struct out_ops out_yaml_stream = {.item = item,
                                        .sub = sub,
                                        .item_end = item_end,
                                        .page_end = page_end,
                                        .end = stream_end,
                                        .settled = stream_settled,
                                        .status = true,
                                        .pages = true,
                                        .each = true};
