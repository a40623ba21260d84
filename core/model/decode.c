/* Tokens to items and report, by the tables of iam.c.
 *
 * Item buffer: text of the item under way grows from the front, text of the report (Marker, a FAILED job's
 * Error, the service's error) from the end; scalars are converted at their end tag and take no room. What
 * does not fit is still read to its end, so that the error can name the size that would have done. */
#include "shape.h"

#include <string.h>

#include <tinyiam/parts/datetime.h>
#include <tinyiam/parts/utf8.h>

static const char *const status_names[] = {"IN_PROGRESS", "COMPLETED", "FAILED"};
static const char *const type_names[] = {"USER", "ROLE", "GROUP"};
static const char *const level_names[] = {"SERVICE_LEVEL", "ACTION_LEVEL", "ACTION_LEVEL"};

void iam_decode_init(struct iam_decode *d, const struct iam_operation *o, bool error_reply)
{
    memset(d, 0, sizeof *d);
    d->awaited = o->root;
    d->error_reply = error_reply;
    iam_xml_init(&d->xml, o->service->schema);
}

static struct iam_span tag_name(const struct iam_xml_node *n)
{
    return (struct iam_span){n->tag, n->len};
}

static void *place(struct iam_decode *d, const struct iam_xml_node *n)
{
    return (char *)d + 4u * n->offset;
}

/* ---- text ---- */

static void append(struct iam_decode *d, struct iam_buffer b, struct iam_span s)
{
    if (s.n == 0)
        return;
    if (!d->over && s.n <= b.n - d->tail - d->used) {
        memcpy(b.p + d->used, s.p, s.n);
    } else if (!d->over) {
        size_t room = b.n - d->tail - d->used;
        if (d->envelope && room > 0) /* an error's message is kept as far as it goes */
            memcpy(b.p + d->used, s.p, room);
        d->over = true;
    }
    d->used += (uint32_t)s.n;
}

/* Name is one of the three: the constant, so that no buffer is used; else 0. */
static uint8_t known(struct iam_span s, const char *const names[3])
{
    for (uint8_t i = 0; i < 3; i++)
        if (iam_span_is(s, names[i]))
            return (uint8_t)(i + 1);
    return 0;
}

/* Text of an error envelope that did not fit: what did, cut at a character. */
static uint32_t cut(struct iam_decode *d, struct iam_buffer b)
{
    uint32_t n = (uint32_t)b.n - d->tail - d->start;
    while (n > 0 && ((unsigned char)b.p[d->start + n - 1] & 0xC0) == 0x80)
        n--;
    if (n > 0 && (unsigned char)b.p[d->start + n - 1] >= 0xC0)
        n--;
    d->over = false;
    return n;
}

static void keep_text(struct iam_decode *d, struct iam_buffer b, struct iam_span *to)
{
    uint32_t n = d->used - d->start;
    if (d->in_item) {
        *to = (struct iam_span){n > 0 ? b.p + d->start : "", n};
        return; /* stays where it is */
    }
    if (d->over && d->envelope)
        n = cut(d, b);
    if (!d->over) {
        if (n > 0)
            memmove(b.p + b.n - d->tail - n, b.p + d->start, n);
        d->tail += n;
        *to = (struct iam_span){n > 0 ? b.p + b.n - d->tail : "", n};
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
    int64_t v = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned digit = (unsigned)(unsigned char)s.p[i] - '0';
        if (digit > 9 || v > (INT64_MAX - 9) / 10)
            return false;
        v = v * 10 + (int)digit;
    }
    *to = negative ? -v : v;
    return true;
}

/* The leaf's text is complete in [start, used) of the buffer, unless it did not fit. */
static int leaf(struct iam_decode *d, struct iam_buffer b, const struct iam_xml_node *n,
                struct iam_http *h)
{
    struct iam_span s = {b.p + d->start, d->used - d->start};
    void *to = place(d, n);
    uint8_t which;

    if (d->used + d->tail > d->peak && !d->over)
        d->peak = d->used + d->tail;
    if (d->over && d->used + d->tail > d->need) {
        d->need = d->used + d->tail;
        d->what = tag_name(n);
    }
    d->fresh = true;
    if (n->type == IAM_NODE_TEXT) {
        keep_text(d, b, to);
    } else if (!d->over) {
        switch (n->type) {
        case IAM_NODE_TIME:
            if (iam_time_parse(s, to) < 0)
                goto bad;
            break;
        case IAM_NODE_BOOL:
            *(bool *)to = iam_span_is(s, "true"); /* nothing else is true: botocore */
            break;
        case IAM_NODE_INT:
            if (!parse_int(s, to))
                goto bad;
            d->item.u.service.has_total = true;
            break;
        case IAM_NODE_REQUEST_ID:
            keep_request_id(d, h, s);
            break;
        default: { /* a name out of three: unknown ones are kept as they came */
            const char *const *names = n->type == IAM_NODE_STATUS ? status_names
                                       : n->type == IAM_NODE_TYPE ? type_names
                                                                  : level_names;
            which = known(s, names);
            if (n->type == IAM_NODE_STATUS)
                d->report.status = which ? (enum iam_job_status)(which + 1) : IAM_JOB_OTHER;
            else if (n->type == IAM_NODE_TYPE)
                d->item.u.entity.type = (enum iam_entity_type)which;
            if (which == 0) {
                keep_text(d, b, to);
                goto kept;
            }
            *(struct iam_span *)to = (struct iam_span){names[which - 1], strlen(names[which - 1])};
        }
        }
        d->used = d->start;
    } else {
        d->used = d->start;
    }
kept:
    if (d->over && !d->in_item)
        return IAM_ERR_SPACE;
    return IAM_AGAIN;
bad:
    d->what = tag_name(n);
    return IAM_ERR_VALUE;
}

/* ---- structure ---- */

/* First of its kind under its parent? Duplicates are passed over: the first wins. */
static bool first(struct iam_decode *d, const struct iam_xml_node *n)
{
    if (n->member == 0) {
        struct iam_span s = {NULL, 0};
        if (n->type == IAM_NODE_TEXT)
            memcpy(&s, place(d, n), sizeof s);
        return s.p == NULL && !(n->type == IAM_NODE_RESULT && d->result);
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

static int hand_out(struct iam_decode *d, enum iam_item_kind kind)
{
    if (d->over) /* need and what were noted at the leaf */
        return IAM_ERR_SPACE;
    d->item.kind = kind;
    d->fresh = false;
    return IAM_ITEM;
}

static void clear_item(struct iam_decode *d)
{
    memset(&d->item, 0, sizeof d->item);
    d->used = 0;
    d->fresh = false;
}

static int open(struct iam_decode *d, const struct iam_xml_node *n)
{
    if (n->parent == 0) {
        d->root = true;
        bool wanted = n->type == IAM_NODE_ERROR || (!d->error_reply && d->xml.node == d->awaited);
        d->envelope = n->type == IAM_NODE_ERROR;
        d->ignore = wanted ? 0 : d->xml.node;
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
    if (!first(d, n)) {
        d->ignore = d->xml.node;
        return IAM_AGAIN;
    }
    d->start = d->used;
    if (n->type == IAM_NODE_RESULT) {
        d->result = true;
    } else if (n->type == IAM_NODE_GROUP) {
        *(bool *)place(d, n) = true;
    } else if (n->type == IAM_NODE_SUBLIST) {
        d->in_sub = true;
        if (!d->told || d->fresh) { /* fresh: members between two lists of actions */
            d->item.u.service.has_actions = !d->told;
            d->told = true;
            return hand_out(d, IAM_ITEM_SERVICE);
        }
    }
    return IAM_AGAIN;
}

static int close(struct iam_decode *d, const struct iam_xml_node *n, bool structure)
{
    switch (n->type) {
    case IAM_NODE_SUBITEM:
        return hand_out(d, (enum iam_item_kind)n->member);
    case IAM_NODE_SUBLIST:
        d->in_sub = false;
        clear_item(d);
        d->item.u.service.late = true;
        return structure ? hand_out(d, IAM_ITEM_ACTIONS_END) : IAM_AGAIN;
    case IAM_NODE_ITEM:
        d->in_item = false;
        d->end_pending = structure && n->member == IAM_ITEM_SERVICE;
        if (!d->told || d->fresh)
            return hand_out(d, (enum iam_item_kind)n->member);
        return IAM_AGAIN;
    default:
        return IAM_AGAIN;
    }
}

static int token(struct iam_decode *d, struct iam_buffer b, int event, struct iam_span text,
                 bool structure, struct iam_http *h)
{
    const struct iam_xml_node *n = &d->xml.schema[d->xml.node];
    if (d->ignore != 0) {
        if (event == IAM_XML_CLOSE && d->ignore == d->xml.node)
            d->ignore = 0;
        return IAM_AGAIN;
    }
    if (event == IAM_XML_TEXT) {
        append(d, b, text);
        return IAM_AGAIN;
    }
    if (event == IAM_XML_CLOSE)
        return n->kind == IAM_XML_LEAF ? leaf(d, b, n, h) : close(d, n, structure);
    int r = open(d, n);
    if (event == IAM_XML_VALUE) {
        if (d->ignore != 0) {
            d->ignore = 0; /* opened and closed in one */
            return IAM_AGAIN;
        }
        append(d, b, text);
        return leaf(d, b, n, h);
    }
    return r;
}

int iam_decode_next(struct iam_decode *d, struct iam_buffer b, bool structure, struct iam_http *h,
                    const char **p, const char *end)
{
    for (;;) {
        if (d->end_pending) {
            d->end_pending = false;
            return hand_out(d, IAM_ITEM_SERVICE_END);
        }
        struct iam_span text = {NULL, 0};
        int r = iam_xml_next(&d->xml, p, end, &text);
        if (r == IAM_XML_MORE)
            return IAM_AGAIN;
        /* not XML at all, or XML of nobody we know: say so rather than complain of its syntax */
        if (r < 0)
            return !d->root && (r == IAM_ERR_XML || r == IAM_ERR_XML_TAG) ? IAM_ERR_FOREIGN : r;
        r = token(d, b, r, text, structure, h);
        if (r != IAM_AGAIN)
            return r;
    }
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
static uint64_t mix(uint64_t h, uint32_t w)
{
    h = (uint64_t)((uint32_t)h ^ w) * 0x9E3779B1u + (h >> 32);
    return h ^ h << 23;
}

static uint64_t mix_span(uint64_t h, struct iam_span s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    size_t i = 0;
    if (s.p == NULL)
        return mix(h, UINT32_MAX);
    h = mix(h, (uint32_t)s.n);
    for (; i + 4 <= s.n; i += 4)
        h = mix(h, (uint32_t)p[i] | (uint32_t)p[i + 1] << 8 | (uint32_t)p[i + 2] << 16 |
                       (uint32_t)p[i + 3] << 24);
    for (; i < s.n; i++)
        h = mix(h, p[i]);
    return h;
}

static uint64_t mix_time(uint64_t h, const struct iam_time *t)
{
    h = mix(h, t->present ? (uint32_t)(int32_t)t->offset_min : UINT32_MAX);
    return mix(mix(h, (uint32_t)t->us), (uint32_t)((uint64_t)t->us >> 32));
}

uint64_t iam_item_digest(uint64_t h, const struct iam_item *item)
{
    const struct iam_entity *e = &item->u.entity;
    const struct iam_service *s = &item->u.service;
    const struct iam_action *a = &item->u.action;
    h = mix(h, (uint32_t)item->kind);
    switch (item->kind) {
    case IAM_ITEM_ENTITY:
        h = mix_span(mix_span(mix_span(mix_span(h, e->arn), e->name), e->id), e->path);
        return mix_time(mix_span(mix(h, e->info), e->type_text), &e->last_authenticated);
    case IAM_ITEM_SERVICE:
        h = mix_span(mix_span(mix_span(mix_span(h, s->name), s->namespace_), s->last_entity),
                     s->last_region);
        h = mix(mix(h, (uint32_t)s->total_entities), (uint32_t)((uint64_t)s->total_entities >> 32));
        h = mix(h, (uint32_t)(s->has_total | s->has_actions << 1 | s->late << 2));
        return mix_time(h, &s->last_authenticated);
    case IAM_ITEM_ACTION:
        h = mix_span(mix_span(mix_span(h, a->name), a->last_entity), a->last_region);
        return mix_time(h, &a->last_accessed);
    default:
        return h;
    }
}
