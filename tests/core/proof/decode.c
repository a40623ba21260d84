/* The decoder, over any schema. From EVERY state that invariant() allows, every event that the tokenizer may come with
 * next, with text of any length, keeps the invariant; nothing is written but what belongs to the element's place, the
 * request id, and the part of the item buffer that holds no text yet. The loop of iam_decode_next() carries nothing
 * from event to event but the decoder: so this holds for replies of any length. */
#include "decode_elsewhere.h"

static char buffer[MOST], text[MOST];

static bool any_element(unsigned i)
{
    const struct iam_xml_node *n = &schema[i];
    places[i] = place_below(places[n->parent], n->type);
    return is_in_shape(n, &schema[n->parent], places[n->parent], n->parent == DOCUMENT, envelopes);
}

int main(void)
{
    __CPROVER_havoc_object(schema);
    for (unsigned i = 0; i < NODES; i++) {
        static const char tag[63 + 2]; /* and words, for WORDS */
        schema[i].tag = tag;
        schema[i].parent = i > 1 && nondet_bool() ? (uint8_t)(i - 1) : DOCUMENT;
        ASSUME(schema[i].len <= 63);
    }
    schema[DOCUMENT].kind = IAM_XML_BRANCH;
    schema[DOCUMENT].type = IAM_NODE_PLAIN;
    schema[DOCUMENT].member = 0;
    places[DOCUMENT] = (struct element_place){false, false};
    envelopes = nondet_bool();
    bool in_item = !envelopes && nondet_bool();
    places[GRAND] = (struct element_place){in_item, in_item && nondet_bool()};
    ASSUME(schema[GRAND].type != IAM_NODE_ITEM || in_item);
    ASSUME(any_element(PARENT) && any_element(ELEMENT));
    b = (struct iam_sink){buffer, nondet_uint(), &http, nondet_bool()};
    ASSUME(b.n <= MOST);
    kept = nondet_uint();
    input = (struct iam_span){text, nondet_uint()};
    ASSUME(input.n <= MOST);
    if (nondet_bool()) {
        static const struct iam_operation o = {.schema = schema};
        iam_decode_init(&d, &o, envelopes);
        kept = 0;
        PROVE(invariant(), "it begins with such a state");
        return 0;
    }
    __CPROVER_havoc_object(&d);
    d.xml.schema = schema;
    int is = event = (int)(nondet_uint() % 4) + IAM_XML_OPEN;
    const struct iam_xml_node *n = &schema[ELEMENT];
    ASSUME((is != IAM_XML_TEXT && is != IAM_XML_VALUE) || n->kind == IAM_XML_LEAF);
    d.xml.at = is == IAM_XML_OPEN || is == IAM_XML_VALUE ? n->parent : ELEMENT;
    ASSUME(invariant());
    unsigned ignored = d.end_pending ? DOCUMENT : d.ignore;
    bool passed_over = ignored != 0 || d.end_pending;
    const char *p = "";
    int r = iam_decode_next(&d, &b, &p, p);
    if (!passed_over &&
        (is == IAM_XML_OPEN ? n->type == IAM_NODE_ITEM || n->type == IAM_NODE_SUBITEM
                            : is == IAM_XML_CLOSE && n->type == IAM_NODE_SUBLIST))
        kept = 0; /* another item begins */
    PROVE(r < 0 || invariant(), "what it leaves behind");
    PROVE(ignored == 0 || d.ignore == (is == IAM_XML_CLOSE && ignored == ELEMENT ? 0 : ignored),
          "what is passed over is passed over to its end");
    PROVE(r != IAM_ITEM || !d.over, "an item is whole");
    REACHED();
    return 0;
}
