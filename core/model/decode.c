/* Tokens to items and report, by the tables of op_*.c.
 *
 * Item buffer: text of the item under way grows from the front, text of the report (Marker, a FAILED job's
 * Error, the service's error) from the end; scalars are converted at their end tag and take no room. What
 * does not fit is still read to its end, so that the error can name the size that would have done. */
#include "shape.h"

#include <string.h>

#include <tinyiam/parts/compiler.h>
#include <tinyiam/parts/datetime.h>
#include <tinyiam/parts/utf8.h>

/* xs:boolean as it is written without white space: the first two are true. */
static const char boolean_words[] = "true\0001\0false\0000\0";

void iam_decode_init(struct iam_decode *d, const struct iam_operation *o, bool error_reply)
{
    memset(d, 0, sizeof *d);
    d->error_reply = error_reply;
    iam_xml_init(&d->xml, error_reply ? iam_envelopes : o->schema);
}

static struct iam_span tag_name(const struct iam_xml_node *n)
{
    return (struct iam_span){n->tag, n->len};
}

static int wrong(struct iam_decode *d, const struct iam_xml_node *n, int error)
{
    d->what = tag_name(n);
    return error;
}

static void *place(struct iam_decode *d, const struct iam_xml_node *n)
{
    return (char *)d + 4u * n->offset;
}

/* ---- text ---- */

static void append(struct iam_decode *d, const struct iam_sink *b, struct iam_span s)
{
    size_t room = b->n - d->tail - d->used, n = s.n;
    if (d->over)
        room = n = 0;
    if (n > room) {
        d->over = true;
        n = d->envelope ? room : 0; /* an error's message is kept as far as it goes */
    }
    if (n > 0)
        memcpy(b->p + d->used, s.p, n);
    d->used += (uint32_t)s.n;
}

uint8_t iam_word(struct iam_span s, const char *words, struct iam_span *to)
{
    uint8_t i = 1;
    for (; *words != '\0'; words += strlen(words) + 1, i++)
        if (iam_span_is(s, words)) {
            *to = (struct iam_span){words, s.n};
            return i;
        }
    return 0;
}

/* Text of an error envelope that did not fit: what did, cut at a character. */
static uint32_t cut(struct iam_decode *d, const struct iam_sink *b)
{
    uint32_t n = (uint32_t)b->n - d->tail - d->start;
    while (n > 0 && ((unsigned char)b->p[d->start + n - 1] & 0xC0) == 0x80)
        n--;
    if (n > 0 && (unsigned char)b->p[d->start + n - 1] >= 0xC0)
        n--;
    d->over = false;
    return n;
}

static void keep_text(struct iam_decode *d, const struct iam_sink *b, struct iam_span *to)
{
    uint32_t n = d->used - d->start;
    if (d->in_item) {
        *to = (struct iam_span){n > 0 ? b->p + d->start : "", n};
        return; /* stays where it is */
    }
    if (d->over && d->envelope && to != &d->code) /* part of a code is another one */
        n = cut(d, b);
    if (!d->over) {
        if (n > 0)
            memmove(b->p + b->n - d->tail - n, b->p + d->start, n);
        d->tail += n;
        *to = (struct iam_span){n > 0 ? b->p + b->n - d->tail : "", n};
    }
    d->used = d->start;
}

static void keep_request_id(struct iam_decode *d, struct iam_http *h, struct iam_span s)
{
    size_t max = sizeof h->request_id;
    if (d->has_request_id || s.n == 0)
        return;
    d->has_request_id = true;
    h->request_id_len = (uint8_t)(s.n < max ? s.n : max);
    memcpy(h->request_id, s.p, h->request_id_len);
    if (s.n > max)
        memcpy(h->request_id + max - 3, "...", 3);
}

/* int() of Python as far as digits go: white space around, a sign, leading zeros. */
static bool parse_int(struct iam_span s, int64_t *to)
{
    s = iam_span_trim(s);
    bool negative = s.n > 0 && s.p[0] == '-';
    if (s.n > 0 && (s.p[0] == '-' || s.p[0] == '+'))
        s.p++, s.n--;
    if (s.n == 0)
        return false;
    uint64_t v = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned digit = (unsigned)(unsigned char)s.p[i] - '0';
        if (digit > 9 || v > (UINT64_MAX - 9) / 10)
            return false;
        v = v * 10 + digit;
    }
    *to = (int64_t)(negative ? 0 - v : v);
    return v == 0 || (*to < 0) == negative; /* else it has wrapped */
}

/* A leaf that is a member of the report itself: where a list ends, and whether it is to be believed, hangs on these. What
 * is odd about one is an error, while botocore takes something or other. */
static bool of_report(const struct iam_decode *d, const struct iam_xml_node *n)
{
    return n->member != 0 && !d->in_item;
}

/* The leaf's text is complete in [start, used) of the buffer, unless it did not fit. */
static int leaf(struct iam_decode *d, const struct iam_sink *b, const struct iam_xml_node *n)
{
    struct iam_span s = {NULL, d->used - d->start};
    uint32_t all = d->used + d->tail;
    void *to = place(d, n);
    bool *flag;
    uint8_t *number, which;

    d->fresh = true;
    if (d->xml.skipped && of_report(d, n))
        goto bad; /* an element inside, and perhaps more text behind it */
    if (d->over) {
        if (all > d->need) {
            d->need = all;
            d->what = tag_name(n);
        }
        if (n->type != IAM_NODE_TEXT) {
            d->over = !d->envelope; /* an error without its request id is that error all the same */
            goto done;
        }
        if (d->in_item)
            goto kept; /* it may begin behind the buffer, and nobody will see it */
    } else if (all > d->peak) {
        d->peak = all;
    }
    s.p = b->p + d->start;
    switch (n->type) {
    case IAM_NODE_TEXT:
        keep_text(d, b, to);
        goto kept;
    case IAM_NODE_TIME:
        if (iam_time_parse(s, to) < 0)
            goto bad;
        break;
    case IAM_NODE_BOOL:
        flag = to;
        which = iam_word(s, boolean_words, &s);
        /* botocore takes all but "true" for false, and a list ends early */
        if (which == 0 || (d->again && flag[0] != (which <= 2)))
            goto bad;
        flag[0] = which <= 2;
        flag[1] = true;
        break;
    case IAM_NODE_INT:
        flag = (bool *)((int64_t *)to + 1);
        *flag = parse_int(s, to);
        if (!*flag)
            goto bad;
        break;
    case IAM_NODE_REQUEST_ID:
        keep_request_id(d, b->http, s);
        break;
    default: /* a name out of a few: unknown ones are kept as they came */
        number = (uint8_t *)((struct iam_span *)to + 1);
        *number = iam_word(s, n->tag + n->len + 2, to); /* a constant: no buffer is used */
        if (*number == 0) {
            keep_text(d, b, to);
            goto kept;
        }
    }
done:
    d->used = d->start;
kept:
    return d->over && !d->in_item ? IAM_ERR_SPACE : IAM_AGAIN;
bad:
    return wrong(d, n, d->again ? IAM_ERR_MEMBER : IAM_ERR_VALUE);
}

/* ---- structure ---- */

/* First of its kind under its parent? Where a value is there twice nobody knows which is true: an error. Of
 * structures the first counts. */
static bool first(struct iam_decode *d, const struct iam_xml_node *n)
{
    if (n->member == 0) {
        if (n->type == IAM_NODE_TEXT)
            return ((const struct iam_span *)place(d, n))->p == NULL;
        return !(n->type == IAM_NODE_RESULT && d->result);
    }
    uint16_t bit = (uint16_t)(1u << n->member);
    uint16_t *mask = d->in_sub ? &d->sub_seen : d->in_item ? &d->seen : &d->report.present;
    if (*mask & bit)
        return n->type == IAM_NODE_LIST || n->type == IAM_NODE_SUBLIST;
    *mask |= bit;
    if (!d->in_item) {
        uint8_t i = 0;
        while (d->report.order[i] != 0)
            i++;
        d->report.order[i] = n->member;
    }
    return true;
}

/* node: of an item; 0: kind is structure's. */
static int hand_out(struct iam_decode *d, uint8_t node, enum iam_item_kind kind)
{
    if (d->over) /* need and what were noted at the leaf */
        return IAM_ERR_SPACE;
    d->item_node = node;
    d->item.kind = node != 0 ? (enum iam_item_kind)d->xml.schema[node].member : kind;
    d->fresh = false;
    return IAM_ITEM;
}

/* Functions of a few callers are kept apart where copies of them cost flash. */
IAM_SAVES_FLASH static void clear_item(struct iam_decode *d)
{
    memset(&d->item, 0, sizeof d->item);
    d->used = 0;
    d->fresh = false;
}

IAM_SAVES_FLASH static int open_node(struct iam_decode *d, const struct iam_xml_node *n)
{
    if (n->parent == 0) {
        d->root = true;
        d->envelope = d->error_reply;
        return IAM_AGAIN;
    }
    if (n->type == IAM_NODE_ITEM) {
        clear_item(d);
        d->in_item = true;
        d->told = false;
        d->seen = 0;
        return IAM_AGAIN;
    }
    if (n->type == IAM_NODE_SUBITEM) {
        clear_item(d);
        d->sub_seen = 0;
        return IAM_AGAIN;
    }
    d->again = !first(d, n);
    if (d->again && n->type != IAM_NODE_BOOL) {
        if (n->type == IAM_NODE_RESULT || (n->member != 0 && n->kind == IAM_XML_LEAF))
            return wrong(d, n, IAM_ERR_MEMBER);
        d->ignore = d->xml.node;
        return IAM_AGAIN;
    }
    d->start = d->used;
    if (n->type >= IAM_NODE_TEXT) /* a leaf, as most are */
        return IAM_AGAIN;
    if (n->type == IAM_NODE_RESULT)
        d->result = true;
    if (n->type == IAM_NODE_GROUP)
        *(bool *)place(d, n) = true;
    if (n->type == IAM_NODE_SUBLIST) {
        d->in_sub = true;
        /* A service is handed out before the first of its actions. Where its list of actions comes in two pieces, and
         * members of the service (d->fresh) stand between them, it is handed out before each. */
        if (!d->told || d->fresh) {
            *(bool *)place(d, n) = !d->told;
            d->told = true;
            return hand_out(d, n->parent, IAM_ITEM_NONE);
        }
    }
    return IAM_AGAIN;
}

static int close_node(struct iam_decode *d, const struct iam_xml_node *n, bool structure)
{
    switch (n->type) {
    case IAM_NODE_SUBITEM:
        return hand_out(d, d->xml.node, IAM_ITEM_NONE);
    case IAM_NODE_SUBLIST:
        d->in_sub = false;
        clear_item(d);
        ((bool *)place(d, n))[1] = true;
        return structure ? hand_out(d, 0, IAM_ITEM_SUBLIST_END) : IAM_AGAIN;
    case IAM_NODE_ITEM:
        d->in_item = false;
        d->end_pending = structure && (n->offset & IAM_ITEM_HAS_END);
        if (!d->told || d->fresh)
            return hand_out(d, d->xml.node, IAM_ITEM_NONE);
        return IAM_AGAIN;
    default:
        return IAM_AGAIN;
    }
}

static int token(struct iam_decode *d, const struct iam_sink *b, int event, struct iam_span text)
{
    const struct iam_xml_node *n = &d->xml.schema[d->xml.node];
    int r = IAM_AGAIN;
    if (d->ignore != 0) {
        if (event == IAM_XML_CLOSE && d->ignore == d->xml.node)
            d->ignore = 0;
        return r;
    }
    if (event == IAM_XML_OPEN || event == IAM_XML_VALUE) {
        d->xml.skipped = false;
        r = open_node(d, n);
        if (event == IAM_XML_OPEN || r < 0)
            return r;
        if (d->ignore != 0) {
            d->ignore = 0; /* opened and closed in one */
            return r;
        }
    }
    if (event != IAM_XML_CLOSE)
        append(d, b, text);
    if (event == IAM_XML_TEXT)
        return r;
    return n->kind == IAM_XML_LEAF ? leaf(d, b, n) : close_node(d, n, b->structure);
}

int iam_decode_next(struct iam_decode *d, const struct iam_sink *b, const char **p, const char *end)
{
    int r;
    do {
        struct iam_span text = {NULL, 0};
        if (d->end_pending) {
            d->end_pending = false;
            return hand_out(d, 0, IAM_ITEM_END);
        }
        r = iam_xml_next(&d->xml, p, end, &text);
        if (r == IAM_XML_MORE)
            return IAM_AGAIN;
        /* not XML at all, or XML of nobody we know: say so rather than complain of its syntax */
        if (r < 0)
            return !d->root && (r == IAM_ERR_XML || r == IAM_ERR_XML_TAG) ? IAM_ERR_FOREIGN : r;
        r = token(d, b, r, text);
    } while (r == IAM_AGAIN);
    return r;
}

int iam_decode_finish(const struct iam_decode *d)
{
    int r = iam_xml_finish(&d->xml);
    if (r < 0)
        return r;
    return (d->error_reply ? d->envelope : d->result) ? IAM_OK : IAM_ERR_FOREIGN;
}

/* ---- digest ---- */

/* Not a cryptographic hash, and need not be: who could forge a collision is the server, which can say
 * anything anyway. It tells apart what an honest service would send differently. */
IAM_SAVES_FLASH static uint64_t mix(uint64_t h, uint32_t a, uint32_t b)
{
    h = (uint64_t)((uint32_t)h ^ a) * 0x9E3779B1u + ((h >> 32) ^ b) * (uint64_t)0x85EBCA77u;
    return h ^ h << 23;
}

static uint32_t word(const unsigned char *p) /* one load, where a machine can */
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

uint64_t iam_mix_text(uint64_t h, const char *text, size_t n)
{
    const unsigned char *p = (const unsigned char *)text;
    if (p == NULL)
        return mix(h, UINT32_MAX, 0);
    h = mix(h, (uint32_t)n, 1);
    for (; n >= 8; n -= 8, p += 8)
        h = mix(h, word(p), word(p + 4));
    uint64_t rest = 0; /* up to seven bytes: the length is in h, none is mistaken */
    while (n > 0)
        rest = rest << 8 | p[--n];
    return mix(h, (uint32_t)rest, (uint32_t)(rest >> 32));
}

static uint64_t mix_long(uint64_t h, uint64_t v)
{
    return mix(h, (uint32_t)v, (uint32_t)(v >> 32));
}

static uint64_t mix_time(uint64_t h, const struct iam_time *t)
{
    h = mix(h, (uint32_t)(int32_t)t->offset_min, t->present);
    return mix_long(h, (uint64_t)t->us);
}

static uint64_t mix_leaf(uint64_t h, const struct iam_xml_node *n, const void *at)
{
    const struct iam_span *text = at;
    const bool *flag = at;
    switch (n->type) {
    case IAM_NODE_GROUP:
        return mix(h, flag[0], 0);
    case IAM_NODE_BOOL:
    case IAM_NODE_SUBLIST:
        return mix(h, flag[0], flag[1]);
    case IAM_NODE_TIME:
        return mix_time(h, at);
    case IAM_NODE_INT:
        flag = (const bool *)((const int64_t *)at + 1);
        return mix_long(mix(h, *flag, 0), (uint64_t) * (const int64_t *)at);
    default:
        return iam_mix_text(h, text->p, text->n);
    }
}

unsigned iam_item_bits(const struct iam_decode *d)
{
    return d->item_node != 0 ? d->xml.schema[d->item_node].offset : 0;
}

uint64_t iam_item_digest(uint64_t h, const struct iam_decode *d)
{
    const struct iam_xml_node *n = &d->xml.schema[d->item_node];
    h = mix(h, (uint32_t)d->item.kind, 0);
    if (!(iam_item_bits(d) & IAM_ITEM_HAS_DIGEST))
        return h;
    for (n++; n->kind == IAM_XML_LEAF || n->type == IAM_NODE_GROUP || n->type == IAM_NODE_SUBLIST;
         n++) {
        const void *at = (const char *)d + 4u * n->offset;
        const struct iam_span *text = at;
        h = n->type == IAM_NODE_TEXT ? iam_mix_text(h, text->p, text->n) : mix_leaf(h, n, at);
    }
    return h;
}
