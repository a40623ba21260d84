/* The decoder, over the schema of each operation. From EVERY state that invariant() allows, every event that the
 * tokenizer may come with next, with text of any length, keeps the invariant; nothing is written but the report, the
 * item, the request id, and the part of the item buffer that holds no text yet. What is not proved: that
 * iam_decode_init() meets the invariant (it clears the decoder), and where a table's offset lies in struct iam_decode,
 * which table.h holds. The loop of iam_decode_next() carries nothing from event to event but the decoder: so this holds for
 * replies of any length. */
#include "proof.h"

#include <tinyiam/parts/utf8.h>

static uint32_t cut(struct iam_decode *, const struct iam_sink *);
static void append(struct iam_decode *, const struct iam_sink *, struct iam_span);
static void keep_text(struct iam_decode *, const struct iam_sink *, struct iam_span *);
static bool parse_int(struct iam_span, int64_t *);
static bool first(struct iam_decode *, const struct iam_xml_node *);
#include SCHEMA
#include "core/model/decode.c"

#ifdef ENVELOPES
enum { IS_ERROR = 1 };
#else
enum { IS_ERROR = 0 };
#endif

enum { MOST = INT32_MAX };
static struct iam_decode *now;
static struct iam_sink b;
static char buffer[MOST], text[MOST];
static struct iam_span input;
static uint32_t kept; /* text of the item at hand ends here */
static int event;     /* the tokenizer's next, and its node; then the input is used up */
static unsigned node;

/* ---- not proved here: that they do no more than this ---- */

static bool readable(struct iam_span s)
{
    return s.n == 0 || __CPROVER_r_ok(s.p, s.n);
}

/* Nothing in here looks at what is copied. */
void *memcpy(void *to, const void *from, size_t n)
{
    PROVE(__CPROVER_r_ok(from, n) && __CPROVER_w_ok(to, n),
          "what is copied is there, and room for it");
    PROVE(!__CPROVER_same_object(to, b.p) ||
              ((char *)to >= b.p + kept && (char *)to + n <= b.p + (b.n - now->tail)),
          "text that is kept stays as it is");
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    return memcpy(to, from, n);
}

bool iam_span_is(struct iam_span s, const char *word)
{
    PROVE(readable(s) && __CPROVER_r_ok(word, 1), "text can be read");
    return nondet_bool();
}

int iam_time_parse(struct iam_span s, struct iam_time *t)
{
    PROVE(readable(s), "text can be read");
    t->present = nondet_bool();
    return nondet_bool() ? IAM_OK : IAM_ERR_VALUE;
}

static bool parse_int(struct iam_span s, int64_t *to)
{
    PROVE(readable(s), "text can be read");
    *to = 0;
    return nondet_bool();
}

static uint32_t cut(struct iam_decode *d, const struct iam_sink *to)
{
    uint32_t n = nondet_uint();
    PROVE(d->tail <= to->n && d->start <= to->n - d->tail, "what is cut lies in the buffer");
    ASSUME(n <= to->n - d->tail - d->start);
    d->over = false;
    return n;
}

/* What is between calls true of the text: all of it has had room, or it is noted that it had not. */
static bool text_fits(const struct iam_decode *d)
{
    return d->tail <= b.n && (d->over || d->used <= b.n - d->tail);
}

/* And while a leaf is read, which begins behind what is kept. */
static bool leaf_fits(const struct iam_decode *d)
{
    return text_fits(d) && (d->over ? d->in_item || (d->start >= kept && d->start <= b.n - d->tail)
                                    : d->start >= kept && d->start <= d->used);
}

static void append(struct iam_decode *d, const struct iam_sink *to, struct iam_span s)
{
    PROVE(leaf_fits(d), "text is read in a leaf");
#ifdef PARTS
    append_code(d, to, s);
    return;
#endif
    d->used = nondet_uint();
    d->over = d->over || nondet_bool();
    ASSUME(leaf_fits(d));
}

static void keep_text(struct iam_decode *d, const struct iam_sink *to, struct iam_span *s)
{
    PROVE(leaf_fits(d) && (!d->over || !d->in_item), "text is read in a leaf");
#ifdef PARTS
    keep_text_code(d, to, s);
    return;
#endif
    s->p = nondet_bool() ? NULL : b.p;
    s->n = nondet_uint();
    if (d->in_item)
        return;
    d->over = d->over && !d->envelope;
    d->tail = nondet_uint();
    d->used = d->start;
    ASSUME(leaf_fits(d));
}

static bool first(struct iam_decode *d, const struct iam_xml_node *n)
{
    (void)d;
    if (n->type == IAM_NODE_LIST || n->type == IAM_NODE_SUBLIST ||
        (n->member == 0 && n->type != IAM_NODE_TEXT && n->type != IAM_NODE_RESULT))
        return true;
    return nondet_bool();
}

/* An event of the schema's tree: elements lie in each other, and text in a leaf that is open. */
int iam_xml_next(struct iam_xml *x, const char **p, const char *end, struct iam_span *text)
{
    int is = event;
    (void)p, (void)end;
    event = IAM_XML_MORE;
    if (is == IAM_XML_TEXT || is == IAM_XML_VALUE)
        *text = input;
    if (is != IAM_XML_MORE)
        x->node = (uint8_t)node;
    if (is == IAM_XML_OPEN)
        x->at = (uint8_t)node;
    if (is == IAM_XML_CLOSE)
        x->at = x->schema[node].parent;
    x->skipped = nondet_bool();
    return is;
}

/* ---- the invariant ---- */

/* Is it, or does it lie in, an element of that type? */
static bool within(unsigned k, unsigned type)
{
    while (k != 0 && schema[k].type != type)
        k = schema[k].parent;
    return k != 0;
}

/* May its subtree be passed over? Then it has leaves inside, or is one. */
static bool may_ignore(unsigned k)
{
    return k != 0 && (schema[k].member != 0 || schema[k].kind == IAM_XML_LEAF) &&
           (schema[k].type >= IAM_NODE_GROUP || schema[k].type == IAM_NODE_PLAIN);
}

static bool invariant(const struct iam_decode *d)
{
    unsigned at = d->xml.at;
    bool leaf = at != 0 && schema[at].kind == IAM_XML_LEAF && d->ignore == 0;
    if (d->xml.schema != schema ||
        (d->ignore != 0 &&
         (!may_ignore(d->ignore) || (d->ignore != at && d->ignore != schema[at].parent))) ||
        d->in_item != within(at, IAM_NODE_ITEM) || d->in_sub != within(at, IAM_NODE_SUBLIST))
        return false;
    if (d->error_reply != IS_ERROR || (d->envelope && !IS_ERROR))
        return false;
    if (leaf)
        return leaf_fits(d);
    /* an item that did not fit: it ends in an error before the next begins */
    return text_fits(d) && (d->over ? d->in_item && d->fresh && schema[at].type != IAM_NODE_SUBLIST
                                    : kept <= d->used);
}

/* What there are few of is set, not assumed, so that CBMC sees a constant. */
static void step(struct iam_decode *d, unsigned k, int is, unsigned ignore, bool end_pending)
{
    const char *p = "", *end = p;
    node = k;
    event = is;
    d->xml.schema = schema;
    d->xml.at = is == IAM_XML_OPEN || is == IAM_XML_VALUE ? schema[k].parent : (uint8_t)k;
    d->xml.node = d->xml.at;
    d->in_item = within(d->xml.at, IAM_NODE_ITEM);
    d->in_sub = within(d->xml.at, IAM_NODE_SUBLIST);
    d->ignore = (uint8_t)ignore;
    d->end_pending = end_pending;
    d->error_reply = IS_ERROR;
    ASSUME(invariant(d));
    int r = iam_decode_next(d, &b, &p, end);
    if (ignore == 0 && !end_pending &&
        (is == IAM_XML_OPEN ? schema[k].type == IAM_NODE_ITEM || schema[k].type == IAM_NODE_SUBITEM
                            : is == IAM_XML_CLOSE && schema[k].type == IAM_NODE_SUBLIST))
        kept = 0; /* another item begins */
    PROVE(r < 0 || invariant(d), "what it leaves behind");
    PROVE(r != IAM_ITEM || !d->over, "an item is whole");
    REACHED();
    ASSUME(false);
}

/* A leaf of a type that its parent has had: it differs in its name, and in where the value goes (which table.h sees
 * to). */
static bool is_like_another(unsigned k)
{
    for (unsigned i = 1; i < k; i++)
        if (schema[i].kind == IAM_XML_LEAF && schema[i].parent == schema[k].parent &&
            schema[i].type == schema[k].type)
            return true;
    return false;
}

int main(void)
{
    struct iam_decode d;
    struct iam_http http;
    now = &d;
    b.n = nondet_uint();
    ASSUME(b.n <= MOST);
    b.http = &http;
    b.structure = nondet_bool();
    kept = nondet_uint();
#ifdef PARTS
    struct iam_span to = {NULL, 0};
    b.p = any_bytes(b.n);
    input.n = nondet_uint();
    input.p = any_bytes(input.n);
    ASSUME(leaf_fits(&d));
    uint32_t tail = d.tail, used = d.used, start = d.start;
    bool over = d.over;
    if (nondet_bool()) {
        append(&d, &b, input);
        PROVE(leaf_fits(&d) && d.tail == tail && d.start == start && d.over >= over,
              "what fits, fits");
        PROVE(d.over || d.used == used + input.n, "all of it");
    } else {
        ASSUME(!d.over || !d.in_item);
        keep_text(&d, &b, &to);
        PROVE(leaf_fits(&d) && d.start == start && d.tail >= tail, "what is kept, is kept");
        PROVE(d.in_item ? d.used == used : d.used == start, "the room is free again");
        PROVE(!d.over || (over && !d.envelope), "a message is cut");
        PROVE(d.over || to.n == 0 ||
                  (d.in_item ? to.p == b.p + start && to.n == used - start
                             : to.p == b.p + (b.n - d.tail) && to.n == d.tail - tail),
              "text lies where it is kept");
    }
    REACHED();
#else
    b.p = buffer;
    input.n = nondet_uint();
    input.p = text;
    for (unsigned k = 1; k < NODES; k++) {
        if (is_like_another(k) || !(within(k, IAM_NODE_ITEM) || ALL))
            continue;
        if (nondet_bool())
            step(&d, k, IAM_XML_OPEN, 0, true);
        for (int is = IAM_XML_OPEN; is <= IAM_XML_VALUE; is++) {
            if (schema[k].kind != IAM_XML_LEAF && (is == IAM_XML_TEXT || is == IAM_XML_VALUE))
                continue;
            if (nondet_bool())
                step(&d, k, is, 0, false);
            unsigned at = is == IAM_XML_OPEN || is == IAM_XML_VALUE ? schema[k].parent : k;
            if (may_ignore(at) && nondet_bool())
                step(&d, k, is, at, false);
            if (may_ignore(schema[at].parent) && nondet_bool())
                step(&d, k, is, schema[at].parent, false);
        }
    }
#endif
    return 0;
}
