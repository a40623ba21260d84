/* What a tokenizer reports about a document, in a form that can be compared: \1name opens, \2 begins a
 * run of text, \3 closes; runs that touch are one. */
#ifndef TINYIAM_TESTS_XML_LOG_H
#define TINYIAM_TESTS_XML_LOG_H

#include <stdlib.h>
#include <string.h>

#include "guard.h"
#include "wire/xml_scan.h"
#include "xml_schema.h"

enum { XML_DOC_MAX = 16384 };

typedef int xml_next(struct iam_xml *, const char **, const char *, struct iam_span *);

struct xml_log {
    char s[8 * XML_DOC_MAX];
    size_t n;
    bool in_text;
    int result;
    size_t offset; /* of the byte where an error showed */
};

static inline void xml_log_begin(struct xml_log *l)
{
    l->n = 0;
    l->in_text = false;
    l->result = 0;
    l->offset = 0;
}

static inline void xml_log_put(struct xml_log *l, const char *p, size_t n)
{
    if (l->n + n > sizeof(l->s))
        abort();
    memcpy(l->s + l->n, p, n);
    l->n += n;
}

static inline void xml_log_open(struct xml_log *l, unsigned k)
{
    xml_log_put(l, "\1", 1);
    xml_log_put(l, x_schema[k].tag, x_schema[k].len);
    l->in_text = false;
}

static inline void xml_log_text(struct xml_log *l, const char *p, size_t n)
{
    if (!l->in_text && n > 0) {
        xml_log_put(l, "\2", 1);
        l->in_text = true;
    }
    xml_log_put(l, p, n);
}

static inline void xml_log_close(struct xml_log *l)
{
    xml_log_put(l, "\3", 1);
    l->in_text = false;
}

/* The same to the reader; before an error the last run of text may be missing. */
static inline bool xml_log_same(const struct xml_log *a, const struct xml_log *b)
{
    const struct xml_log *more = a->n > b->n ? a : b;
    size_t n = a->n < b->n ? a->n : b->n, i;

    if (a->result != b->result || a->offset != b->offset || memcmp(a->s, b->s, n) != 0)
        return false;
    for (i = n; i < more->n; i++)
        if (a->result == 0 || a->result == IAM_ERR_XML_TRUNCATED || more->s[i] == 1 ||
            more->s[i] == 3)
            return false;
    return true;
}

/* One piece of input, at the end of mapped memory. False: it cannot be so. */
static inline bool xml_log_feed(struct xml_log *l, struct iam_xml *x, xml_next *next, const char *s,
                                size_t n)
{
    static struct guard page;
    struct iam_span text;
    const char *at, *p, *end, *before;
    int event;

    if (page.p == NULL)
        page = guard_alloc(2 * XML_DOC_MAX);
    at = p = (char *)page.p + page.n - n;
    end = at + n;
    memcpy(page.p + page.n - n, s, n);
    do {
        before = p;
        text.p = NULL;
        text.n = SIZE_MAX;
        event = next(x, &p, end, &text);
        if (p < before || p > end || event > IAM_XML_VALUE ||
            (event == IAM_XML_TEXT && text.n == 0) ||
            (event > 0 && (x->node == 0 || x->node >= X_COUNT)) ||
            (event == IAM_XML_VALUE && x_schema[x->node].kind != IAM_XML_LEAF))
            return false;
        if (event == IAM_XML_OPEN || event == IAM_XML_VALUE)
            xml_log_open(l, x->node);
        if (event == IAM_XML_TEXT || event == IAM_XML_VALUE)
            xml_log_text(l, text.p, text.n);
        if (event == IAM_XML_CLOSE || event == IAM_XML_VALUE)
            xml_log_close(l);
    } while (event > 0);
    l->offset += (size_t)(p - at);
    if (event < 0)
        l->result = event;
    return event < 0 || p == end;
}

static inline bool xml_log_read(struct xml_log *l, xml_next *next, const char *doc, size_t n)
{
    struct iam_xml x;
    bool fine;

    xml_log_begin(l);
    iam_xml_init(&x, x_schema);
    fine = xml_log_feed(l, &x, next, doc, n);
    if (l->result == 0)
        l->result = iam_xml_finish(&x);
    return fine;
}

/* Characters of names beyond ASCII, as the recommendation lists them: 2 may begin one, 1 go on, 0 no. */
static inline int xml_name_beyond(uint32_t c)
{
    static const uint32_t begin[][2] = {{0xc0, 0xd6},     {0xd8, 0xf6},     {0xf8, 0x2ff},
                                        {0x370, 0x37d},   {0x37f, 0x1fff},  {0x200c, 0x200d},
                                        {0x2070, 0x218f}, {0x2c00, 0x2fef}, {0x3001, 0xd7ff},
                                        {0xf900, 0xfdcf}, {0xfdf0, 0xfffd}, {0x10000, 0xeffff}};
    size_t i;

    for (i = 0; i < sizeof(begin) / sizeof(begin[0]); i++)
        if (c >= begin[i][0] && c <= begin[i][1])
            return 2;
    return c == 0xb7 || (c >= 0x300 && c <= 0x36f) || (c >= 0x203f && c <= 0x2040);
}

#endif
