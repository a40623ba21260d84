/* The fast tier: whole tags and whole runs of text that lie in the input, in wide compares with the
 * schema. Whatever is not of that kind goes to the byte machine from where it begins. */
#include <tinyiam/parts/compiler.h>
#include <tinyiam/parts/xml.h>

#include "xml_scan.h"

#if CONFIG_TINYIAM_XML_FAST

/* Over white space, in the main a line end and its indentation. */
static inline const char *skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r')) {
        p++;
        while ((size_t)(end - p) >= IAM_XML_WIDE) {
            iam_xml_bits bits = iam_xml_not_spaces(p);
            if (bits != 0) {
                p += iam_xml_first(bits);
                break;
            }
            p += IAM_XML_WIDE;
        }
    }
    return p;
}

/* Some of what is plain and no part of ]]>: letters, space, and from - to : the digits. */
static inline bool is_common(unsigned c)
{
    return (c | 0x20) - 'a' < 26 || c - '-' <= ':' - '-' || c == ' ';
}

/* To the first byte that is not plain, or, shortly before the end, not common. */
static inline const char *skip_text(const char *p, const char *end)
{
    while ((size_t)(end - p) >= IAM_XML_WIDE) {
        iam_xml_bits bits = iam_xml_stops(p);
        if (bits == 0) {
            p += IAM_XML_WIDE;
            continue;
        }
        p += iam_xml_first(bits);
        if (!iam_xml_is_false((uint8_t)*p))
            return p;
        p++;
    }
    while (p < end && is_common((uint8_t)*p))
        p++;
    return p;
}

/* Does the input go on with the node's tag? By words, which may overlap. */
static inline bool is_tag(const char *p, const char *end, const struct iam_xml_node *node)
{
    const char *tag = node->tag;
    size_t n = node->len + 1u;

    if ((size_t)(end - p) < n)
        return false;
    if (n < 4)
        return iam_xml_load2(p) == iam_xml_load2(tag) && p[n - 1] == tag[n - 1];
    if (((iam_xml_load4(p) ^ iam_xml_load4(tag)) |
         (iam_xml_load4(p + n - 4) ^ iam_xml_load4(tag + n - 4))) != 0)
        return false;
    while (n > 8) {
        n -= 4;
        if (iam_xml_load4(p + n - 4) != iam_xml_load4(tag + n - 4))
            return false;
    }
    return true;
}

/* An end tag: there is </ at p. */
static int end_tag(struct iam_xml *x, const char **pp, const char *p, const char *end,
                   struct iam_span *text)
{
    unsigned k = x->at;
    const struct iam_xml_node *node = &x->schema[k];

    if (node->parent == 0 || x->prefixes != 0 || !is_tag(p + 2, end, node))
        return iam_xml_bytes(x, pp, end, text);
    *pp = p + node->len + 3;
    x->node = (uint8_t)k;
    x->at = node->parent;
    x->guess = node->next != 0 ? node->next : x->schema[node->parent].child;
    x->state = x->home = IAM_XML_CONTENT_OF_BRANCH;
    return IAM_XML_CLOSE;
}

/* The child of the open element whose tag begins at p; 0: none that is known. */
static unsigned find(const struct iam_xml *x, const char *p, const char *end)
{
    unsigned k = x->guess;

    if (k == 0 || !is_tag(p, end, &x->schema[k])) {
        k = x->schema[x->at].child;
        while (k != 0 && !is_tag(p, end, &x->schema[k]))
            k = x->schema[k].next;
    }
    return k;
}

/* A start tag: there is < at p. */
static int start_tag(struct iam_xml *x, const char **pp, const char *p, const char *end,
                     struct iam_span *text)
{
    unsigned k = find(x, p + 1, end);
    const struct iam_xml_node *node = &x->schema[k];
    const char *q;

    if (k == 0)
        return iam_xml_bytes(x, pp, end, text);
    x->node = (uint8_t)k;
    p += node->len + 2;
    if (node->kind == IAM_XML_LEAF) {
        q = skip_text(p, end);
        if (end - q > 2 && iam_xml_load2(q) == iam_xml_load2("</") && is_tag(q + 2, end, node)) {
            *pp = q + node->len + 3;
            text->p = p;
            text->n = (size_t)(q - p);
            x->guess = node->next;
            return IAM_XML_VALUE;
        }
        x->state = x->home = IAM_XML_CONTENT_OF_LEAF;
        x->fold = 0;
    }
    x->at = (uint8_t)k;
    x->guess = node->child;
    *pp = p;
    return IAM_XML_OPEN;
}

/* Four bytes or more. */
IAM_SAVES_TIME static int whole(struct iam_xml *x, const char **pp, const char *end,
                                struct iam_span *text)
{
    const char *p = *pp, *q;

    if (x->state != IAM_XML_CONTENT_OF_BRANCH) {
        if (x->state != IAM_XML_CONTENT_OF_LEAF)
            return iam_xml_bytes(x, pp, end, text);
        q = skip_text(p, end);
        if (q > p) {
            if (q == end ? q[-1] == ']' : *q != '<')
                return iam_xml_bytes(x, pp, end, text);
            *pp = q;
            text->p = p;
            text->n = (size_t)(q - p);
            return IAM_XML_TEXT;
        }
    } else if (*p != '<') {
        *pp = p = skip_space(p, end);
        if (end - p < 4)
            return iam_xml_bytes(x, pp, end, text);
    }
    if (*p != '<')
        return iam_xml_bytes(x, pp, end, text);
    return p[1] == '/' ? end_tag(x, pp, p, end, text) : start_tag(x, pp, p, end, text);
}

/* In the middle of a token, or in an input of few bytes: the next byte of a name or of a text is all that
 * most calls of a caller are about that feeds byte by byte. */
IAM_SAVES_TIME static int trickle(struct iam_xml *x, const char **pp, const char *end,
                                  struct iam_span *text)
{
    const char *p = *pp;

    if (end - p == 1) {
        if (x->state == IAM_XML_NAME) {
            if (x->candidate != 0 && *p != '>' && x->schema[x->candidate].tag[x->pos] == *p) {
                x->pos++;
                *pp = end;
                return IAM_XML_MORE;
            }
        } else if (x->state <= IAM_XML_CONTENT_OF_LEAF && is_common((uint8_t)*p)) {
            *pp = end;
            text->p = p;
            text->n = 1;
            return x->state == IAM_XML_CONTENT_OF_LEAF ? IAM_XML_TEXT : IAM_XML_MORE;
        }
    }
    return iam_xml_bytes(x, pp, end, text);
}

int iam_xml_next(struct iam_xml *x, const char **pp, const char *end, struct iam_span *text)
{
    return end - *pp < 4 ? trickle(x, pp, end, text) : whole(x, pp, end, text);
}

#endif
