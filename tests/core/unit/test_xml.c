/* The tokenizer as an enemy sees it: every document at every split, both tiers, the end of each piece
 * at the end of mapped memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "step.h"
#include "wire/xml_scan.h"
#include "xml_schema.h"
#include "xml_vectors.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define R "<R>"
#define RE "</R>"

typedef int next_fn(struct iam_xml *, const char **, const char *, struct iam_span *);
static next_fn *const tiers[] = {iam_xml_next, iam_xml_bytes};

/* What was reported: \1name opens, \2 begins a run of text, \3 closes. Runs that touch are one. */
struct log {
    char s[40000];
    size_t n;
    int result;
    size_t offset; /* of the byte where an error showed */
};

struct reader {
    next_fn *next;
    struct iam_xml x;
    struct guard page;
    struct log log;
    bool in_text;
};

static void put(struct log *l, const char *p, size_t n)
{
    assert_true(l->n + n < sizeof(l->s));
    memcpy(l->s + l->n, p, n);
    l->n += n;
}

static void log_event(struct reader *r, int event, struct iam_span text)
{
    const struct iam_xml_node *node = &x_schema[r->x.node];
    bool value = event == IAM_XML_VALUE;

    assert_true(r->x.node > 0 && r->x.node < X_COUNT);
    if (event == IAM_XML_OPEN || value) {
        put(&r->log, "\1", 1);
        put(&r->log, node->tag, node->len);
        r->in_text = false;
    }
    if (event == IAM_XML_TEXT || (value && text.n > 0)) {
        assert_true(text.n > 0);
        assert_int_equal(node->kind, IAM_XML_LEAF);
        if (!r->in_text)
            put(&r->log, "\2", 1);
        put(&r->log, text.p, text.n);
        r->in_text = true;
    }
    if (event == IAM_XML_CLOSE || value) {
        put(&r->log, "\3", 1);
        r->in_text = false;
    }
}

static void begin(struct reader *r, next_fn *next)
{
    iam_xml_init(&r->x, x_schema);
    r->next = next;
    r->log.n = 0;
    r->log.offset = 0;
    r->log.result = 0;
    r->in_text = false;
}

/* One piece, at the end of mapped memory. */
static void feed(struct reader *r, const char *s, size_t n)
{
    const char *at, *p, *end;
    struct iam_span text;
    int event, turns = 0;

    assert_true(n <= r->page.n);
    if (r->log.result < 0)
        return;
    at = p = (char *)r->page.p + r->page.n - n;
    end = at + n;
    memcpy(r->page.p + r->page.n - n, s, n);
    do {
        const char *before = p;
        text.p = NULL;
        text.n = 99;
        event = r->next(&r->x, &p, end, &text);
        assert_true(p >= before && p <= end);
        turns = p == before ? turns + 1 : 0;
        assert_true(turns < 4);
        if (event > 0)
            log_event(r, event, text);
    } while (event > 0);
    r->log.offset += (size_t)(p - at);
    if (event < 0) {
        r->log.result = event;
        /* it sticks */
        p = at;
        assert_int_equal(r->next(&r->x, &p, end, &text), event);
        assert_int_equal(r->next(&r->x, &end, end, &text), event);
        assert_int_equal(iam_xml_finish(&r->x), event);
    } else {
        assert_ptr_equal(p, end);
    }
}

static const struct log *finish(struct reader *r)
{
    if (r->log.result == 0)
        r->log.result = iam_xml_finish(&r->x);
    r->log.s[r->log.n] = '\0';
    return &r->log;
}

static const struct log *whole(struct reader *r, next_fn *next, const char *s, size_t n)
{
    begin(r, next);
    feed(r, s, n);
    return finish(r);
}

/* Before an error a last run of text may or may not have come. */
static void expect_same(const char *doc, const struct log *a, const struct log *b, size_t split)
{
    size_t n = a->n < b->n ? a->n : b->n;

    if (a->result != b->result ||
        ((a->result == 0 || a->result == IAM_ERR_XML_TRUNCATED) && a->n != b->n) ||
        memcmp(a->s, b->s, n) != 0 || (a->result < 0 && a->offset != b->offset)) {
        fail_msg("%.300s\nsplit %zu: %d at %zu \"%s\"\nwanted %d at %zu \"%s\"", doc, split,
                 b->result, b->offset, b->s, a->result, a->offset, a->s);
    }
}

/* Whole, at each of the places, in steps of 1 to 20, both tiers: all the same. Returns what was read. */
static const struct log *read_all(const char *doc, size_t n)
{
    static struct reader a, b;
    size_t split, step;
    unsigned tier;

    if (a.page.p == NULL) {
        a.page = guard_alloc(65536);
        b.page = guard_alloc(65536);
    }
    whole(&a, iam_xml_bytes, doc, n);
    for (tier = 0; tier < LENGTH(tiers); tier++) {
        for (split = 0; split <= n; split += TEST_STEP_OF(n)) {
            begin(&b, tiers[tier]);
            feed(&b, doc, split);
            feed(&b, doc + split, n - split);
            expect_same(doc, &a.log, finish(&b), split);
        }
        for (step = 1; step < 20; step += TEST_STEP_OF(n)) {
            begin(&b, tiers[tier]);
            for (split = 0; split < n; split += step)
                feed(&b, doc + split, n - split < step ? n - split : step);
            expect_same(doc, &a.log, finish(&b), n + step);
        }
    }
    return &a.log;
}

struct accepted {
    const char *doc, *events;
};

/* clang-format off */
static const struct accepted accepted[] = {
    /* around the root */
    {"<R/>", "\1R\3"},
    {"<R />", "\1R\3"},
    {"<R></R>", "\1R\3"},
    {"<R\n\t\r ></R \r\n\t>", "\1R\3"},
    {"\xef\xbb\xbf<R/>", "\1R\3"},
    {" \r\n\t<R/>\r\n\t ", "\1R\3"},
    {"\xef\xbb\xbf <R/>", "\1R\3"},
    {"<!--a--><R/><!--b-->", "\1R\3"},
    {"<?p q?><R/><?p?>", "\1R\3"},
    {"<?xml version='1.0'?><R/>", "\1R\3"},
    {"\xef\xbb\xbf<?xml version='1.0'?><R/>", "\1R\3"},
    {"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<R/>", "\1R\3"},
    {"<?xml\tversion = '1.1'\n encoding\r=\n'utf-8'\tstandalone = 'no' ?><R/>", "\1R\3"},
    {"<?xml version='1.0' encoding='us-Ascii'?><R/>", "\1R\3"},
    {"<?xml version='1.0' encoding='US-ASCII' standalone='no'?><R><a>&#xeb;</a></R>",
     "\1R\1a\2\xc3\xab\3\3"},
    {"<?xml version='1.0' encoding='UTF-8'?><R><a>\xc3\xab</a></R>", "\1R\1a\2\xc3\xab\3\3"},
    {"<?xml version='1.0' standalone='yes'?><R><a>\xc3\xab</a></R>", "\1R\1a\2\xc3\xab\3\3"},
    {"<?xml version='1.0' standalone='yes'?><R/>", "\1R\3"},
    {"<?xml version='1.0'?><?xml-stylesheet href='x'?><R/>", "\1R\3"},
    {"<?xmlx?><?xm l?><R/>", "\1R\3"},
    {"<R/><!-- ] ]]> & < > -->", "\1R\3"},
    {"<R/><?p ? > ?? ?\?>", "\1R\3"},
    {"<?p ]]>&<!--?><R/>", "\1R\3"},
    {"<!----><R/><!--->-->", "\1R\3"},
    {"<!-- - - --><R/>", "\1R\3"},
    /* unknown root: skipped */
    {"<html><body>x<br/></body></html>", ""},
    {"<r/>", ""},
    {"<Rx/>", ""},
    {"<p:q></p:q>", ""},
    /* leaves */
    {R "<a>x</a>" RE, "\1R\1a\2x\3\3"},
    {R "<a></a><a/><a />" RE, "\1R\1a\3\1a\3\1a\3\3"},
    {R "<abc>1</abc><ab>2</ab><a>3</a>" RE, "\1R\1abc\2" "1\3\1ab\2" "2\3\1a\2" "3\3\3"},
    {R "<abcd>1</abcd><Abc>2</Abc><abx/><ac/><b/><B_/>" RE, "\1R\3"},
    {R "\n <a>x</a>\n <a>y</a>\n" RE "\n", "\1R\1a\2x\3\1a\2y\3\3"},
    {R " xa>1 /R> xB> x/B> /a> <a>x</a>xa>" RE, "\1R\1a\2x\3\3"},
    {R " text <a>x</a> more text of a branch: > ] ]] ]>" RE, "\1R\1a\2x\3\3"},
    {R "<B><x23456789_123456789_123456789_123456789_123456789_123456789_123>v</"
       "x23456789_123456789_123456789_123456789_123456789_123456789_123></B>" RE,
     "\1R\1B\1x23456789_123456789_123456789_123456789_123456789_123456789_123\2v\3\3\3"},
    {R "<B><x23456789_123456789_123456789_123456789_123456789_123456789_1234/></B>" RE, "\1R\1B\3\3"},
    {R "<B><x23456789_123456789_123456789_123456789_123456789_123456789_12></"
       "x23456789_123456789_123456789_123456789_123456789_123456789_12></B>" RE, "\1R\1B\3\3"},
    {R "<B/><B></B>" RE, "\1R\1B\3\1B\3\3"},
    {R "<a >x</a ><a\n>y</a\t>" RE, "\1R\1a\2x\3\1a\2y\3\3"},
    {R "<a> a  b </a>" RE, "\1R\1a\2 a  b \3\3"},
    {R "<a>0123456789 0123456789 0123456789 0123456789</a>" RE,
     "\1R\1a\2" "0123456789 0123456789 0123456789 0123456789\3\3"},
    {R "<a>x>y=?]]z]]]</a>" RE, "\1R\1a\2x>y=?]]z]]]\3\3"},
    {R "<a>]</a><a>]]</a><a>]] ></a><a>]&gt;</a><a>]]&gt;</a>" RE,
     "\1R\1a\2]\3\1a\2]]\3\1a\2]] >\3\1a\2]>\3\1a\2]]>\3\3"},
    {R "<a>abcdefghijklmnopq]]</a><a>abcdefg]]]]x></a>" RE, "\1R\1a\2" "abcdefghijklmnopq]]\3\1a\2" "abcdefg]]]]x>\3\3"},
    {R "<a>]<!---->]></a>" RE, "\1R\1a\2]]>\3\3"},
    {R "<a>]]<?p?>></a>" RE, "\1R\1a\2]]>\3\3"},
    {"<ErrorResponse><Error><Cessage>x</Cessage><Mode/><Message>y</Message></Error></ErrorResponse>",
     "\1" "ErrorResponse\1" "Error\1" "Message\2y\3\3\3"},
    /* comments, PIs, CDATA inside a value */
    {R "<a>x<!-- y -->z<?p q?>w</a>" RE, "\1R\1a\2xzw\3\3"},
    {R "<a><![CDATA[<&>]]></a>" RE, "\1R\1a\2<&>\3\3"},
    {R "<a>x<![CDATA[y]]>z</a>" RE, "\1R\1a\2xyz\3\3"},
    {R "<a><![CDATA[]]></a>" RE, "\1R\1a\3\3"},
    {R "<a><![CDATA[]]]></a><a><![CDATA[]]]]></a><a><![CDATA[]]]]]></a>" RE,
     "\1R\1a\2]\3\1a\2]]\3\1a\2]]]\3\3"},
    {R "<u><![CDATA[]a]]></u><u><![CDATA[]]b]]]></u><u>]a]]b</u>" RE, "\1R\3"},
    {R "<a><![CDATA[]x]]y]] >]]></a>" RE, "\1R\1a\2]x]]y]] >\3\3"},
    {R "<a><![CDATA[]\xc3\xab]]\xc3\xab]\r\n]]\r]]></a>" RE, "\1R\1a\2]\xc3\xab]]\xc3\xab]\n]]\n\3\3"},
    {R "<a><![CDATA[]]]]><![CDATA[>]]></a>" RE, "\1R\1a\2]]>\3\3"},
    {R "<a><![CDATA[]]>]]<![CDATA[]]>></a>" RE, "\1R\1a\2]]>\3\3"},
    {R "<![CDATA[ ]] ]>\r\n]\xc3\xab]]><a>x</a><u><![CDATA[]]]</u>]]]]></u>" RE, "\1R\1a\2x\3\3"},
    {R "<a><![CDATA[x]]]]>></a>" RE, "\1R\1a\2x]]>\3\3"},
    /* children of a leaf */
    {R "<a>x<b>y</b>z</a>" RE, "\1R\1a\2x\3\3"},
    {R "<a>x<b/>z&lt;<![CDATA[w]]></a><a>v</a>" RE, "\1R\1a\2x\3\1a\2v\3\3"},
    {R "<a>x<a>y</a>z</a>" RE, "\1R\1a\2x\3\3"},
    {R "<a><b/>z</a>" RE, "\1R\1a\3\3"},
    {R "<a>x<b>y<c>z</c></b>\r\n</a>" RE, "\1R\1a\2x\3\3"},
    /* unknown parts */
    {R "<u><a>1</a><B/></u><a>2</a>" RE, "\1R\1a\2" "2\3\3"},
    {R "<u a='1' b=\"2\"><v:w x:y=''/></u><a>2</a>" RE, "\1R\1a\2" "2\3\3"},
    {R "<B><a>not here</a></B><a>2</a>" RE, "\1R\1B\3\1a\2" "2\3\3"},
    {R "<R>x</R>" RE, "\1R\3"},
    {R "<u>&amp;&#65;&#x41;\r\n]]\xf0\x9f\x98\x80</u>" RE, "\1R\3"},
    /* references */
    {R "<a>&amp;&lt;&gt;&quot;&apos;</a>" RE, "\1R\1a\2&<>\"'\3\3"},
    {R "<a>x&amp;y&amp;amp;z</a>" RE, "\1R\1a\2x&y&amp;z\3\3"},
    {R "<a>&#65;&#x41;&#x4a;&#x4A;&#0000000000000065;&#x00000000000041;</a>" RE, "\1R\1a\2" "AAJJAA\3\3"},
    {R "<a>&#9;&#10;&#13;&#x20;</a>" RE, "\1R\1a\2\t\n\r \3\3"},
    {R "<a>&#x7f;&#x80;&#x7ff;&#x800;&#xd7ff;&#xe000;&#xE7FD;&#xfffd;&#x10000;&#x10FFFF;&#x1fffe;</a>" RE,
     "\1R\1a\2\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xee\x9f\xbd\xef\xbf\xbd"
     "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\xf0\x9f\xbf\xbe\3\3"},
    {R "<a>&#93;&#93;&gt;]]&gt;&#93;]></a>" RE, "\1R\1a\2]]>]]>]]>\3\3"},
    {R "&amp;&#65;<a>x</a>" RE, "\1R\1a\2x\3\3"},
    /* line ends */
    {R "<a>x\r\ny\rz\n\rw\r\r\n</a>" RE, "\1R\1a\2x\ny\nz\n\nw\n\n\3\3"},
    {R "<a>x\r</a><a>\nb</a>" RE, "\1R\1a\2x\n\3\1a\2\nb\3\3"},
    {R "<a>x\r<!---->\ny</a>" RE, "\1R\1a\2x\n\ny\3\3"},
    {R "<a>\r<![CDATA[\n\r]]>\n</a>" RE, "\1R\1a\2\n\n\n\n\3\3"},
    {R "<a>x\r&#10;y&#13;\nz</a>" RE, "\1R\1a\2x\n\ny\r\nz\3\3"},
    {R "<a>\r\n</a><a>\r</a>\r<a>\n</a>" RE, "\1R\1a\2\n\3\1a\2\n\3\1a\2\n\3\3"},
    {R "<a>]\r]\r\n]]\r></a>" RE, "\1R\1a\2]\n]\n]]\n>\3\3"},
    /* attributes */
    {"<R xmlns='http://x/' xmlns:p=\"y\" a=\"&lt;&#65;>'\" b = '\"/>' ><a c='1'>x</a></R>", "\1R\1a\2x\3\3"},
    {"<R a='1' b='2' c='3' d='4' e='5' f='6' g='7' h='8'/>", "\1R\3"},
    {"<R a='1'\tb='2'\nc='3'\r/>", "\1R\3"},
    {R "<a p:b=''/>" RE, "\1R\1a\3\3"},
    {R "<a _='' A='' a-b.c1=''>x</a>" RE, "\1R\1a\2x\3\3"},
    {R "<u a='\xc3\xab' \xc3\xab='&#xe000;'/>" RE, "\1R\3"},
    {R "<a b='\r\n\t ]]>'>x</a>" RE, "\1R\1a\2x\3\3"},
    /* prefixes */
    {"<p:R xmlns:p='x'><p:a>x</p:a><q:B><p:x/></q:B></p:R>", "\1R\1a\2x\3\1B\3\3"},
    {"<p:R><a>x</a><p:u></p:u></p:R>", "\1R\1a\2x\3\3"},
    {"<p:R><u><a></a></u><p:a/></p:R>", "\1R\1a\3\3"},
    {R "<a:a>x</a:a><a:b>y</a:b><b:a>z</b:a>" RE, "\1R\1a\2x\3\1a\2z\3\3"},
    {R "<p:a>y</p:a><a>x&amp;</a ><u/><a>z]</a\n>" RE, "\1R\1a\2y\3\1a\2x&\3\1a\2z]\3\3"},
    {"<p:R><B>\n</B><a>0123456789</a><a>x&amp;</a ></p:R>", "\1R\1B\3\1a\2" "0123456789\3\1a\2x&\3\3"},
    {R "<\xc3\xab:a>x</\xc3\xab:a>" RE, "\1R\1a\2x\3\3"},
    /* UTF-8 */
    {R "<a>\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbd\xf0\x90\x80\x80\xf4\x8f\xbf\xbf</a>" RE,
     "\1R\1a\2\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbd\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\3\3"},
    {R "<a>\xef\xbb\xbf</a>" RE, "\1R\1a\2\xef\xbb\xbf\3\3"},
    {R "<u\xc2\xb7\xcc\x80\xe2\x80\xbf/><\xc3\x80/><\xe2\x80\x8c/><\xf0\x90\x80\x80/><\xf3\xaf\xbf\xbf/>" RE, "\1R\3"},
    {R "<a\xc3\xab>x</a\xc3\xab>" RE, "\1R\3"},
};

struct refused {
    int error;
    const char *doc;
    size_t n; /* 0: strlen */
};

#define BODY(s) "<R><a>x</a>" s "</R>"
#define BOTH(error, s) {error, R "<a>" s "</a>" RE, 0}, {error, R "<u>" s "</u>" RE, 0}, {error, R s RE, 0}
#define RAW(error, s) {error, s, sizeof(s) - 1}

static const struct refused refused[] = {
    RAW(IAM_ERR_XML_TRUNCATED, ""),
    {IAM_ERR_XML_TRUNCATED, " \n", 0},
    {IAM_ERR_XML_TRUNCATED, "\xef\xbb\xbf", 0},
    {IAM_ERR_XML_TRUNCATED, "\xef\xbb", 0},
    {IAM_ERR_XML_TRUNCATED, "<?xml version='1.0'?>", 0},
    {IAM_ERR_XML_TRUNCATED, "<R/", 0},
    {IAM_ERR_XML_TRUNCATED, "<R/><!--", 0},
    {IAM_ERR_XML_TRUNCATED, "<R/><?p", 0},
    {IAM_ERR_XML_TRUNCATED, "<R><a>x</a>", 0},
    /* not XML, or more than one document */
    {IAM_ERR_XML, "{\"a\":1}", 0},
    {IAM_ERR_XML, "x<R/>", 0},
    {IAM_ERR_XML, "\xef\xbb\xbf\xef\xbb\xbf<R/>", 0},
    {IAM_ERR_XML, " \xef\xbb\xbf<R/>", 0},
    {IAM_ERR_XML, "\xef\xbb\xbe<R/>", 0},
    {IAM_ERR_XML_UTF8, "\xef\xbb<R/>", 0},
    {IAM_ERR_XML, "<R/>x", 0},
    {IAM_ERR_XML, "<R/><R/>", 0},
    {IAM_ERR_XML, "<R/></R>", 0},
    {IAM_ERR_XML, "</R>", 0},
    {IAM_ERR_XML, "<u/>&amp;", 0},
    {IAM_ERR_XML, "&amp;<R/>", 0},
    {IAM_ERR_XML, "<![CDATA[x]]><R/>", 0},
    {IAM_ERR_XML, "<R/><![CDATA[x]]>", 0},
    {IAM_ERR_XML, "<R/>\xc3\xab", 0},
    {IAM_ERR_XML_TRUNCATED, "<", 0},
    /* document type and entity declarations */
    {IAM_ERR_XML_DOCTYPE, "<!D", 0},
    {IAM_ERR_XML_DOCTYPE, "<!DOCTYPE R [<!ENTITY a 'b'>]><R/>", 0},
    {IAM_ERR_XML_DOCTYPE, "<!doctype html><R/>", 0},
    {IAM_ERR_XML_DOCTYPE, "<?xml version='1.0'?>\n<!DOCTYPE R SYSTEM 'x'><R/>", 0},
    {IAM_ERR_XML_DOCTYPE, BODY("<!ENTITY a 'b'>"), 0},
    {IAM_ERR_XML_DOCTYPE, "<R/><!DOCTYPE R>", 0},
    {IAM_ERR_XML, BODY("<! >"), 0},
    {IAM_ERR_XML, BODY("<!>"), 0},
    {IAM_ERR_XML, BODY("<![INCLUDE[x]]>"), 0},
    {IAM_ERR_XML, BODY("<![cdata[x]]>"), 0},
    {IAM_ERR_XML, BODY("<![CDATA x]]>"), 0},
    /* declaration */
    {IAM_ERR_XML, " <?xml version='1.0'?><R/>", 0},
    {IAM_ERR_XML, "<!----><?xml version='1.0'?><R/>", 0},
    {IAM_ERR_XML, "<?xml version='1.0'?><?xml version='1.0'?><R/>", 0},
    {IAM_ERR_XML, "<R><?xml version='1.0'?></R>", 0},
    {IAM_ERR_XML, "<R/><?xml version='1.0'?>", 0},
    {IAM_ERR_XML, "<?XML version='1.0'?><R/>", 0},
    {IAM_ERR_XML, "<R><?xMl p?></R>", 0},
    {IAM_ERR_XML, "<?xml?><R/>", 0},
    {IAM_ERR_XML, "<?xml ?><R/>", 0},
    {IAM_ERR_XML, "<?xml encoding='utf-8'?><R/>", 0},
    {IAM_ERR_XML, "<?xml version='1.0'encoding='utf-8'?><R/>", 0},
    {IAM_ERR_XML, "<?xml version='1.0' version='1.0'?><R/>", 0},
    {IAM_ERR_XML, "<?xml version='1.0' standalone='yes' encoding='utf-8'?><R/>", 0},
    {IAM_ERR_XML, "<?xml version='1.0' standalone='yes' standalone='yes'?><R/>", 0},
    {IAM_ERR_XML, "<?xml version='1.0' standalone='YES'?><R/>", 0},
    {IAM_ERR_XML, "<?xml version='1.0' standalone=''?><R/>", 0},
    {IAM_ERR_XML, "<?xml version='1.0' standalone='yess'?><R/>", 0},
    {IAM_ERR_XML, "<?xml version='1.0' foo='x'?><R/>", 0},
    {IAM_ERR_XML, "<?xml version='1.0' ? ><R/>", 0},
    {IAM_ERR_XML, "<?xml version='1.0' ?\?><R/>", 0},
    {IAM_ERR_XML, "<?xml version=1.0?><R/>", 0},
    {IAM_ERR_XML, "<?xml version='2.0'?><R/>", 0},
    {IAM_ERR_XML, "<?xml version='1.'?><R/>", 0},
    {IAM_ERR_XML, "<?xml version='1'?><R/>", 0},
    {IAM_ERR_XML, "<?xml version=''?><R/>", 0},
    {IAM_ERR_XML, "<?xml version='1.0a'?><R/>", 0},
    {IAM_ERR_XML, "<?xml version=' 1.0'?><R/>", 0},
    {IAM_ERR_XML, "<?xml version='1.0000000000000000000000000000000000000000x'?><R/>", 0},
    {IAM_ERR_XML, "<?xml version='1.0\"?><R/>", 0},
    {IAM_ERR_XML, "<?xml Version='1.0'?><R/>", 0},
    {IAM_ERR_XML, "<?xml version:x='1.0'?><R/>", 0},
    {IAM_ERR_XML_ENCODING, "<?xml version='1.0' encoding='utf-8\r'?><R/>", 0},
    {IAM_ERR_XML_ENCODING, "<?xml version='1.0' encoding='UTF-16'?><R/>", 0},
    {IAM_ERR_XML_ENCODING, "<?xml version='1.0' encoding='utf8'?><R/>", 0},
    {IAM_ERR_XML_ENCODING, "<?xml version='1.0' encoding=''?><R/>", 0},
    {IAM_ERR_XML_ENCODING, "<?xml version='1.0' encoding='utf-8x'?><R/>", 0},
    {IAM_ERR_XML_ENCODING, "<?xml version='1.0' encoding='utf-'?><R/>", 0},
    {IAM_ERR_XML_ENCODING, "<?xml version='1.0' encoding='windows-1252'?><R/>", 0},
    {IAM_ERR_XML_ENCODING, "<?xml version='1.0' encoding='ISO-8859-15'?><R/>", 0},
    {IAM_ERR_XML_ENCODING, "<?xml version='1.0' encoding='ISO-8859-1'?><R/>", 0},
    {IAM_ERR_XML_ENCODING, "<?xml version='1.0' encoding='iso-8859-1'?><R/>", 0},
    {IAM_ERR_XML_ENCODING, "<?xml version='1.0' encoding='latin1'?><R/>", 0},
    {IAM_ERR_XML_ENCODING, "<?xml version='1.0' encoding='us'?><R/>", 0},
    {IAM_ERR_XML_ENCODING, "<?xml version='1.0' encoding='US-ASCII'?><R><a>\xc3\xab</a></R>", 0},
    {IAM_ERR_XML_ENCODING, "<?xml version='1.0' encoding='us-ascii'?><R><u>a\xc3\xab</u></R>", 0},
    {IAM_ERR_XML_ENCODING, "<?xml version='1.0' encoding='us-ascii'?><R x='\xc3\xab'/>", 0},
    {IAM_ERR_XML_ENCODING, "<?xml version='1.0' encoding='us-ascii'?><!--\xc3\xab--><R/>", 0},
    {IAM_ERR_XML_ENCODING,
     "<?xml version='1.0' encoding='us-ascii' standalone='yes'?><R/><?p \xff?>", 0},
    {IAM_ERR_XML_ENCODING, "<?xml version='1.0' encoding='a23456789_123456789_123456789'?><R/>", 0},
    RAW(IAM_ERR_XML_ENCODING, "\xff\xfe<\0R\0/\0>\0"),
    RAW(IAM_ERR_XML_ENCODING, "\xfe\xff\0<\0R\0/\0>"),
    RAW(IAM_ERR_XML_ENCODING, "<\0R\0/\0>\0"),
    RAW(IAM_ERR_XML_ENCODING, "\0<\0R\0/\0>"),
    RAW(IAM_ERR_XML_ENCODING, "\0\0\0<"),
    /* tags */
    {IAM_ERR_XML_TAG, "<R></S>", 0},
    {IAM_ERR_XML_TAG, "<R></Rx>", 0},
    {IAM_ERR_XML_TAG, "<R></r>", 0},
    {IAM_ERR_XML_TAG, R "<a>x</b>" RE, 0},
    {IAM_ERR_XML_TAG, R "<a>x</ab>" RE, 0},
    {IAM_ERR_XML_TAG, R "<abc>x</ab>" RE, 0},
    {IAM_ERR_XML_TAG, R "<abc>x</a>" RE, 0},
    {IAM_ERR_XML_TAG, R "<ab>x</abc>" RE, 0},
    {IAM_ERR_XML_TAG, R "<a>x" RE, 0},
    {IAM_ERR_XML_TAG, R "<B>" RE, 0},
    {IAM_ERR_XML_TAG, R "<u>" RE, 0},
    {IAM_ERR_XML_TAG, R "<u></v>" RE, 0},
    {IAM_ERR_XML_TAG, R "<u><v></u></v>" RE, 0},
    {IAM_ERR_XML_TAG, R "<u></U>" RE, 0},
    {IAM_ERR_XML_TAG, R "<u></u-></R>", 0},
    {IAM_ERR_XML_TAG, R "<p:u></u>" RE, 0},
    {IAM_ERR_XML_TAG, R "<u></p:u>" RE, 0},
    {IAM_ERR_XML_TAG, R "<p:u></q:u>" RE, 0},
    {IAM_ERR_XML_TAG, R "<p:a>x</a>" RE, 0},
    {IAM_ERR_XML_TAG, R "<a>x</p:a>" RE, 0},
    {IAM_ERR_XML_TAG, R "<p:a>x</q:a>" RE, 0},
    {IAM_ERR_XML_TAG, "<p:R></R>", 0},
    {IAM_ERR_XML_TAG, "<R></p:R>", 0},
    {IAM_ERR_XML_TAG, "<p:R><q:B></p:B></q:R>", 0},
    {IAM_ERR_XML_TAG, R "<a><b></a></b>" RE, 0},
    {IAM_ERR_XML_TAG, "<html><body><br></body></html>", 0},
    {IAM_ERR_XML_TAG, R "<\xc3\xab></\xc3\xac>" RE, 0},
    {IAM_ERR_XML, BODY("< u/>"), 0},
    {IAM_ERR_XML, BODY("<>"), 0},
    {IAM_ERR_XML, BODY("</>"), 0},
    {IAM_ERR_XML, BODY("<//u>"), 0},
    {IAM_ERR_XML, BODY("</ u>"), 0},
    {IAM_ERR_XML, BODY("<u/ >"), 0},
    {IAM_ERR_XML, BODY("<u//>"), 0},
    {IAM_ERR_XML, BODY("<u/x>"), 0},
    {IAM_ERR_XML, BODY("<a/x>"), 0},
    {IAM_ERR_XML, BODY("<B/"), 0},
    {IAM_ERR_XML, BODY("<u<v/>"), 0},
    {IAM_ERR_XML, BODY("<a<b/>"), 0},
    {IAM_ERR_XML, BODY("<a&amp;/>"), 0},
    {IAM_ERR_XML, BODY("<1/>"), 0},
    {IAM_ERR_XML, BODY("<-/>"), 0},
    {IAM_ERR_XML, BODY("<./>"), 0},
    {IAM_ERR_XML, BODY("<u!/>"), 0},
    {IAM_ERR_XML, BODY("<u></u x>"), 0},
    {IAM_ERR_XML, BODY("<u></u x='1'>"), 0},
    {IAM_ERR_XML, BODY("<u></u/>"), 0},
    {IAM_ERR_XML, BODY("<a>x</a/>"), 0},
    {IAM_ERR_XML, BODY("<:u/>"), 0},
    {IAM_ERR_XML, BODY("<u:/>"), 0},
    {IAM_ERR_XML, BODY("<u:v:w/>"), 0},
    {IAM_ERR_XML, BODY("<u:1/>"), 0},
    {IAM_ERR_XML, BODY("<::a/>"), 0},
    {IAM_ERR_XML, BODY("<u></u:>"), 0},
    {IAM_ERR_XML, BODY("<u a:='1'/>"), 0},
    {IAM_ERR_XML, BODY("<u :a='1'/>"), 0},
    {IAM_ERR_XML, BODY("<u a:b:c='1'/>"), 0},
    /* attributes */
    {IAM_ERR_XML, BODY("<u a/>"), 0},
    {IAM_ERR_XML, BODY("<u a=/>"), 0},
    {IAM_ERR_XML, BODY("<u a=1/>"), 0},
    {IAM_ERR_XML, BODY("<u a='1'b='2'/>"), 0},
    {IAM_ERR_XML, BODY("<u a='1''/>"), 0},
    {IAM_ERR_XML, BODY("<u a='<'/>"), 0},
    {IAM_ERR_XML, BODY("<u a='1' a='2'/>"), 0},
    {IAM_ERR_XML, BODY("<a b='1' b='2'/>"), 0},
    {IAM_ERR_XML, BODY("<u p:a='1' q='' p:a='2'/>"), 0},
    {IAM_ERR_XML, BODY("<u a='' b='' c='' d='' e='' f='' g='' f=''/>"), 0},
    {IAM_ERR_XML, BODY("<u a='' b='' c='' d='' e='' f='' g='' h='' i='' a=''/>"), 0},
    {IAM_ERR_XML, BODY("<u ='1'/>"), 0},
    {IAM_ERR_XML, BODY("<u 1='1'/>"), 0},
    {IAM_ERR_XML, BODY("<u a b='1'/>"), 0},
    {IAM_ERR_XML, BODY("<u a=''/ >"), 0},
    {IAM_ERR_XML, BODY("<u\"\"/>"), 0},
    {IAM_ERR_XML_REFERENCE, BODY("<u a='&'/>"), 0},
    {IAM_ERR_XML_REFERENCE, BODY("<u a='&x;'/>"), 0},
    {IAM_ERR_XML_REFERENCE, BODY("<u a='&#0;'/>"), 0},
    {IAM_ERR_XML_REFERENCE, BODY("<u a='&amp'/>"), 0},
    {IAM_ERR_XML_UTF8, BODY("<u a='\x01'/>"), 0},
    {IAM_ERR_XML_UTF8, BODY("<u a='\xc0\x80'/>"), 0},
    {IAM_ERR_XML_UTF8, BODY("<u a='\xc3'/>"), 0},
    /* text */
    BOTH(IAM_ERR_XML, "]]>"),
    BOTH(IAM_ERR_XML, "x]]]>"),
    BOTH(IAM_ERR_XML, "abcdefghijklmnopq]]>"),
    BOTH(IAM_ERR_XML, "abcdefghijklmno]]>"),
    BOTH(IAM_ERR_XML, "abcdefghijklmn]]>"),
    BOTH(IAM_ERR_XML, "&amp;]]>"),
    BOTH(IAM_ERR_XML, "<!---->]]>"),
    BOTH(IAM_ERR_XML, "<![CDATA[x]]>]]>"),
    /* comments and PIs */
    BOTH(IAM_ERR_XML, "<!-- -- -->"),
    BOTH(IAM_ERR_XML, "<!-- --->"),
    BOTH(IAM_ERR_XML, "<!- x -->"),
    BOTH(IAM_ERR_XML, "<?>"),
    BOTH(IAM_ERR_XML, "<? p?>"),
    BOTH(IAM_ERR_XML, "<?\?>"),
    BOTH(IAM_ERR_XML, "<?p?x?>"),
    BOTH(IAM_ERR_XML, "<?1?>"),
    BOTH(IAM_ERR_XML, "<?p:q?>"),
    BOTH(IAM_ERR_XML, "<?p>?>"),
    BOTH(IAM_ERR_XML, "<?p<?>"),
    BOTH(IAM_ERR_XML_UTF8, "<!--\x02-->"),
    BOTH(IAM_ERR_XML_UTF8, "<!--\xff-->"),
    BOTH(IAM_ERR_XML_UTF8, "<?p \x1f?>"),
    BOTH(IAM_ERR_XML_UTF8, "<?p \xed\xa0\x80?>"),
    BOTH(IAM_ERR_XML_UTF8, "<![CDATA[\x0b]]>"),
    BOTH(IAM_ERR_XML_UTF8, "<![CDATA[\x80]]>"),
    BOTH(IAM_ERR_XML_UTF8, "<![CDATA[\xc3]]>"),
    /* references */
    BOTH(IAM_ERR_XML_REFERENCE, "&x;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&;"),
    BOTH(IAM_ERR_XML_REFERENCE, "& "),
    BOTH(IAM_ERR_XML_REFERENCE, "&/a>"),
    BOTH(IAM_ERR_XML_REFERENCE, "&a>"),
    BOTH(IAM_ERR_XML_REFERENCE, "&amp"),
    BOTH(IAM_ERR_XML_REFERENCE, "&amp x;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&AMP;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&am;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&amps;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&quota;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&nbsp;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&aaaaaaaaaaaaaaaaamp;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&#;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&#x;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&#X41;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&#xx41;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&#41x;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&#4a;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&#x4g;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&# 65;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&#-65;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&amp#65;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&#0;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&#8;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&#x1f;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&#xD800;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&#xdfff;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&#xfffe;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&#xffff;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&#x110000;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&#4294967361;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&#x100000041;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&#18446744073709551681;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&#x;"),
    BOTH(IAM_ERR_XML_REFERENCE, "&\xc3\xab;"),
    /* characters */
    BOTH(IAM_ERR_XML_UTF8, "\x01"),
    BOTH(IAM_ERR_XML_UTF8, "\x1f"),
    BOTH(IAM_ERR_XML_UTF8, "]]\x08"),
    BOTH(IAM_ERR_XML_UTF8, "\r\x0b"),
    BOTH(IAM_ERR_XML_UTF8, "\r\xc3"),
    BOTH(IAM_ERR_XML_UTF8, "]\xc3"),
    BOTH(IAM_ERR_XML_UTF8, "]]\xf0\x9f"),
    BOTH(IAM_ERR_XML_UTF8, "&amp;\xc3"),
    BOTH(IAM_ERR_XML_UTF8, "<![CDATA[]\xc3"),
    BOTH(IAM_ERR_XML_UTF8, "\x80"),
    BOTH(IAM_ERR_XML_UTF8, "\xc3"),
    BOTH(IAM_ERR_XML_UTF8, "\xc0\xaf"),
    BOTH(IAM_ERR_XML_UTF8, "\xc1\xbf"),
    BOTH(IAM_ERR_XML_UTF8, "\xc3\xc3"),
    BOTH(IAM_ERR_XML_UTF8, "\xe0\x9f\xbf"),
    BOTH(IAM_ERR_XML_UTF8, "\xe2\x82"),
    BOTH(IAM_ERR_XML_UTF8, "\xed\xa0\x80"),
    BOTH(IAM_ERR_XML_UTF8, "\xed\xbf\xbf"),
    BOTH(IAM_ERR_XML_UTF8, "\xef\xbf\xbe"),
    BOTH(IAM_ERR_XML_UTF8, "\xef\xbf\xbf"),
    BOTH(IAM_ERR_XML_UTF8, "\xf0\x8f\xbf\xbf"),
    BOTH(IAM_ERR_XML_UTF8, "\xf0\x9f\x98"),
    BOTH(IAM_ERR_XML_UTF8, "\xf4\x90\x80\x80"),
    BOTH(IAM_ERR_XML_UTF8, "\xf5\x80\x80\x80"),
    BOTH(IAM_ERR_XML_UTF8, "\xf8\x88\x80\x80\x80"),
    BOTH(IAM_ERR_XML_UTF8, "\xfe"),
    BOTH(IAM_ERR_XML_UTF8, "\xff"),
    RAW(IAM_ERR_XML_UTF8, "<R><a>\0</a></R>"),
    RAW(IAM_ERR_XML_UTF8, "<R><a>x</a>\0</R>"),
    RAW(IAM_ERR_XML_UTF8, "<R/>\0"),
    {IAM_ERR_XML_UTF8, "\x01<R/>", 0},
    /* names beyond ASCII */
    {IAM_ERR_XML, BODY("<\xc2\xb7/>"), 0},
    {IAM_ERR_XML, BODY("<\xcc\x80/>"), 0},
    {IAM_ERR_XML, BODY("<u\xc3\x97/>"), 0},
    {IAM_ERR_XML, BODY("<u\xc3\xb7/>"), 0},
    {IAM_ERR_XML, BODY("<u\xcd\xbe/>"), 0},
    {IAM_ERR_XML, BODY("<u\xe2\x80\x80/>"), 0},
    {IAM_ERR_XML, BODY("<u\xe3\x80\x80/>"), 0},
    {IAM_ERR_XML, BODY("<u\xf3\xb0\x80\x80/>"), 0},
    {IAM_ERR_XML, BODY("<u\xc2\xa0/>"), 0},
    {IAM_ERR_XML, BODY("<u \xc3\x97=''/>"), 0},
    {IAM_ERR_XML, BODY("<?\xc3\x97?>"), 0},
};
/* clang-format on */

static void test_accepted(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < LENGTH(accepted); i++) {
        const struct log *l = read_all(accepted[i].doc, strlen(accepted[i].doc));
        if (l->result != 0 || strcmp(l->s, accepted[i].events) != 0) {
            fail_msg("%s\n%d at %zu \"%s\"\nwanted \"%s\"", accepted[i].doc, l->result, l->offset,
                     l->s, accepted[i].events);
        }
    }
}

static void test_refused(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < LENGTH(refused); i++) {
        const struct refused *r = &refused[i];
        const struct log *l = read_all(r->doc, r->n != 0 ? r->n : strlen(r->doc));
        if (l->result != r->error) {
            fail_msg("#%zu %s\n%d at %zu \"%s\"\nwanted %d", i, r->doc, l->result, l->offset, l->s,
                     r->error);
        }
    }
}

/* Characters beyond ASCII in names, around each turn of the recommendation's list. */
static void test_names(void **state)
{
    static const uint32_t begin[][2] = {
        {0xc0, 0xd6},     {0xd8, 0xf6},     {0xf8, 0x2ff},    {0x370, 0x37d},
        {0x37f, 0x1fff},  {0x200c, 0x200d}, {0x2070, 0x218f}, {0x2c00, 0x2fef},
        {0x3001, 0xd7ff}, {0xf900, 0xfdcf}, {0xfdf0, 0xfffd}, {0x10000, 0xeffff},
    };
    static const uint32_t more[][2] = {{0xb7, 0xb7}, {0x300, 0x36f}, {0x203f, 0x2040}};
    size_t i, k;
    uint32_t c;

    (void)state;
    for (c = 0x80; c < 0x110000; c += c >= 0x11000 && (c & 0xffff) < 0xfff0 ? 0xfff : 1) {
        bool first = false, later;
        char doc[32], s[8];
        struct iam_xml x;
        struct iam_span text;
        size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        const char *p;

        for (i = 0; i < LENGTH(begin); i++)
            first = first || (c >= begin[i][0] && c <= begin[i][1]);
        later = first;
        for (i = 0; i < LENGTH(more); i++)
            later = later || (c >= more[i][0] && c <= more[i][1]);
        for (i = n - 1, k = c; i > 0; i--, k >>= 6)
            s[i] = (char)(0x80 | (k & 0x3f));
        s[0] = (char)((0xf00u >> n & 0xff) | k);
        s[n] = '\0';
        for (i = 0; i < 2; i++) {
            bool valid = (c < 0xd800 || c > 0xdfff) && (c & ~1u) != 0xfffe;
            int r;

            snprintf(doc, sizeof(doc), i == 0 ? "<%s/>" : "<u%s/>", s);
            iam_xml_init(&x, x_schema);
            p = doc;
            r = iam_xml_next(&x, &p, doc + strlen(doc), &text);
            if (r != (!valid ? IAM_ERR_XML_UTF8 : (i == 0 ? first : later) ? 0 : IAM_ERR_XML))
                fail_msg("U+%04X at %zu: %d", (unsigned)c, i, r);
        }
    }
}

/* Every byte at every place of a text that is wider than what is read at once. */
static void test_places(void **state)
{
    static struct reader a, b;
    unsigned c, at, length;

    (void)state;
    a.page = guard_alloc(256);
    b.page = guard_alloc(256);
    for (c = 0; c < 256; c++) {
        for (length = 17; length < 50; length += 16) {
            for (at = 0; at < length; at++) {
                char doc[128];
                size_t n = 0;
                unsigned i;

                memcpy(doc, "<R>\n  <a>", 9);
                for (n = 9, i = 0; i < length; i++)
                    doc[n++] = (char)(i == at ? c : 'a' + i % 26);
                memcpy(doc + n, "</a>\n</R>", 9);
                n += 9;
                expect_same(doc, whole(&a, iam_xml_bytes, doc, n), whole(&b, iam_xml_next, doc, n),
                            n);
                /* in the white space of the branch */
                doc[3 + at % 6] = (char)c;
                expect_same(doc, whole(&a, iam_xml_bytes, doc, n), whole(&b, iam_xml_next, doc, n),
                            n);
            }
        }
    }
    guard_free(&a.page);
    guard_free(&b.page);
}

enum { LONGEST = 63 };

/* A schema of leaves in <R>, with names of each length. */
struct lengths {
    char tags[LONGEST + 1][LONGEST + 2]; /* of n bytes and '>' at n */
    struct iam_xml_node schema[LONGEST + 2];
};

static const struct lengths *make_lengths(void)
{
    static struct lengths l;
    unsigned n, i;

    l.schema[0] = (struct iam_xml_node){"", 0, IAM_XML_BRANCH, 0, 1, 0, 0, 0, 0};
    l.schema[1] = (struct iam_xml_node){IAM_XML_TAG("R"), IAM_XML_BRANCH, 0, 2, 0, 0, 0, 0};
    for (n = 1; n <= LONGEST; n++) {
        for (i = 0; i < n; i++)
            l.tags[n][i] = (char)('a' + (i * 7 + n) % 26);
        l.tags[n][n] = '>';
        l.schema[n + 1] = (struct iam_xml_node){
            l.tags[n], (uint8_t)n, IAM_XML_LEAF, 1, 0, (uint8_t)(n < LONGEST ? n + 2 : 0), 0, 0, 0};
    }
    return &l;
}

/* <R><open>value</close></R>, tags with their '>', at the end of mapped memory: is it node n + 1's? */
static bool is_known(const struct lengths *l, next_fn *next, unsigned n, const char *open,
                     const char *close, int result)
{
    char doc[200];
    struct guard g;
    const char *p, *end;
    struct iam_xml x;
    struct iam_span text = {NULL, 0};
    int event;
    bool known = false;

    snprintf(doc, sizeof(doc), "<R>\n<%.*svalue</%.*s\n</R>\n", (int)n + 1, open, (int)n + 1,
             close);
    g = guard_copy(doc, strlen(doc));
    p = (char *)g.p;
    end = p + g.n;
    iam_xml_init(&x, l->schema);
    while ((event = next(&x, &p, end, &text)) > 0) {
        known |= x.node == n + 1;
        if (event == IAM_XML_TEXT || event == IAM_XML_VALUE)
            assert_memory_equal(text.p, "value", 5);
    }
    assert_int_equal(event, result);
    guard_free(&g);
    return known;
}

/* Known names of every length, and one byte of theirs that differs. */
static void test_lengths(void **state)
{
    const struct lengths *l = make_lengths();
    unsigned n, i, tier, where;

    (void)state;
    for (n = 1; n <= LONGEST; n++) {
        /* where: 1 in the start tag, 2 in the end tag, 3 in both */
        for (i = 0; i <= n; i++) {
            for (where = i == n ? 0 : 1; where <= (i == n ? 0 : 3); where++) {
                char open[LONGEST + 2], close[LONGEST + 2];

                memcpy(open, l->tags[n], sizeof(open));
                memcpy(close, l->tags[n], sizeof(close));
                open[i] = where & 1 ? 'Z' : open[i];
                close[i] = where & 2 ? 'Z' : close[i];
                for (tier = 0; tier < LENGTH(tiers); tier++)
                    assert_int_equal(is_known(l, tiers[tier], n, open, close,
                                              where == 1 || where == 2 ? IAM_ERR_XML_TAG : 0),
                                     (where & 1) == 0);
            }
        }
    }
}

/* Names whose middle has moved by a byte: a compare by words has to take both at the same place. */
static void test_moved(void **state)
{
    const struct lengths *l = make_lengths();
    unsigned n, from, to, tier, by;

    (void)state;
    for (n = 3; n <= LONGEST; n++) {
        for (from = 1; from <= 8 && from + 1 < n; from++) {
            for (to = n - 1; to + 8 > n && to > from; to--) {
                for (by = 0; by <= 2; by += 2) {
                    char tag[LONGEST + 2];

                    memcpy(tag, l->tags[n], sizeof(tag));
                    memcpy(tag + from, l->tags[n] + from + by - 1, to - from);
                    for (tier = 0; tier < LENGTH(tiers); tier++)
                        assert_false(is_known(l, tiers[tier], n, tag, tag, 0));
                }
            }
        }
    }
}

#if CONFIG_TINYIAM_XML_FAST
/* The fast tier reads a leaf at once, whatever the lengths of its name and text, where an input holds it whole. */
static void test_at_once(void **state)
{
    const struct lengths *l = make_lengths();
    unsigned n, length, i;

    (void)state;
    for (n = 1; n <= LONGEST; n++) {
        for (length = 0; length < 70; length++) {
            char value[80], doc[400];
            const char *p = doc, *end;
            struct iam_xml x;
            struct iam_span text = {NULL, 0};
            int tag = (int)n + 1;

            for (i = 0; i < length; i++)
                value[i] = " -.0123456789:AZaz/"[(i + n) % 19];
            snprintf(doc, sizeof(doc), "<R>\n  <%.*s%.*s</%.*s\r\n\t<%.*s</%.*s</R>", tag,
                     l->tags[n], (int)length, value, tag, l->tags[n], tag, l->tags[n], tag,
                     l->tags[n]);
            end = doc + strlen(doc);
            iam_xml_init(&x, l->schema);
            assert_int_equal(iam_xml_next(&x, &p, end, &text), IAM_XML_OPEN);
            assert_ptr_equal(p, doc + 3);
            for (i = 0; i < 2; i++) {
                assert_int_equal(iam_xml_next(&x, &p, end, &text), IAM_XML_VALUE);
                assert_int_equal(x.node, n + 1);
                assert_int_equal(text.n, i == 0 ? length : 0);
            }
            assert_int_equal(iam_xml_next(&x, &p, end, &text), IAM_XML_CLOSE);
            assert_ptr_equal(p, end);
        }
    }
}

/* Text that is plain and no more is read at once as far as the input is as wide as one read, and to its very end. */
static void test_at_once_to_the_end(void **state)
{
    unsigned times, n;

    (void)state;
    for (times = 1; times <= 3; times++) {
        char doc[100] = "<R><a>";
        struct guard g;
        const char *p, *end;
        struct iam_xml x;
        struct iam_span text;

        n = times * (unsigned)IAM_XML_WIDE - 4;
        memset(doc + 6, '(', n);
        memcpy(doc + 6 + n, "</a>", 4);
        g = guard_copy(doc, 6 + n + 4);
        p = (const char *)g.p;
        end = p + g.n;
        iam_xml_init(&x, x_schema);
        assert_int_equal(iam_xml_next(&x, &p, end, &text), IAM_XML_OPEN);
        assert_int_equal(iam_xml_next(&x, &p, end, &text), IAM_XML_VALUE);
        assert_int_equal(text.n, n);
        assert_ptr_equal(p, end);
        guard_free(&g);
    }
}

/* What lies whole in an input is the fast tier's, whose mark is the element that it guesses to come next; the byte
 * machine guesses none. Pieces end with a token, and the smallest have the four bytes that it takes. */
static void test_by_the_fast_tier(void **state)
{
    static const struct {
        const char *piece;
        int event;
        unsigned node, guess;
    } rows[] = {
        {"<ErrorResponse>", IAM_XML_OPEN, X_ERROR_RESPONSE, X_ERROR},
        {"\n  <Error>", IAM_XML_OPEN, X_ERROR, X_CODE},
        {" <Code>AccessDenied</Code>", IAM_XML_VALUE, X_CODE, X_MESSAGE},
        {"\r\n\t                       <Message>a</Message>", IAM_XML_VALUE, X_MESSAGE, 0},
        {"</Error>", IAM_XML_CLOSE, X_ERROR, X_ERROR_REQUEST},
        {"<RequestId>r</RequestId>", IAM_XML_VALUE, X_ERROR_REQUEST, 0},
        {"</ErrorResponse>", IAM_XML_CLOSE, X_ERROR_RESPONSE, 0},
        {NULL, 0, 0, 0},
        {"<R>\n", IAM_XML_OPEN, X_SHORT, X_SHORT_ABC},
        {" <B>\n", IAM_XML_OPEN, X_SHORT_B, X_SHORT_LONG}, /* not the one that was guessed */
        {"\n                </B>", IAM_XML_CLOSE, X_SHORT_B, X_SHORT_ABC},
        {"<B>\n", IAM_XML_OPEN, X_SHORT_B, X_SHORT_LONG},
        {"</B>", IAM_XML_CLOSE, X_SHORT_B, X_SHORT_ABC},
        {"<abc></abc>", IAM_XML_VALUE, X_SHORT_ABC, X_SHORT_A},
        {"<a></a>", IAM_XML_VALUE, X_SHORT_A, X_SHORT_AB},
        {"<abc>0123456789abcdef</abc>", IAM_XML_VALUE, X_SHORT_ABC, X_SHORT_A},
        {"<ab>0123456789abcdef0</ab>", IAM_XML_VALUE, X_SHORT_AB, X_SHORT_B},
        {"<a>text", IAM_XML_OPEN, X_SHORT_A, 0},
        {"</a>", IAM_XML_CLOSE, X_SHORT_A, X_SHORT_AB},
        {"<a>&amp;", IAM_XML_OPEN, X_SHORT_A, 0},
        {"</a>\n", IAM_XML_CLOSE, X_SHORT_A, X_SHORT_AB},
        {"</R >", IAM_XML_CLOSE, X_SHORT, 0},
    };
    struct iam_xml x;
    size_t i;

    (void)state;
    iam_xml_init(&x, x_schema);
    for (i = 0; i < LENGTH(rows); i++) {
        struct iam_span text;
        struct guard g;
        const char *p, *end;

        if (rows[i].piece == NULL) {
            assert_int_equal(iam_xml_finish(&x), IAM_OK);
            iam_xml_init(&x, x_schema);
            continue;
        }
        g = guard_copy(rows[i].piece, strlen(rows[i].piece));
        p = (const char *)g.p;
        end = p + g.n;
        if (iam_xml_next(&x, &p, end, &text) != rows[i].event || x.node != rows[i].node)
            fail_msg("%s: not the event", rows[i].piece);
        if (i != 0 && rows[i - 1].piece != NULL && x.guess != rows[i].guess)
            fail_msg("%s: by the byte machine", rows[i].piece);
        assert_true(p == end || *p != '>'); /* not in the middle of a tag */
        while (p < end)
            assert_true(iam_xml_next(&x, &p, end, &text) >= 0);
        guard_free(&g);
    }
    assert_int_equal(iam_xml_finish(&x), IAM_OK);
}
#endif

/* Nothing is read before an input begins: it lies behind a page that is not mapped. */
static void test_before(void **state)
{
    static const char doc[] = "<R>\n <a>plain]]x&amp;text</a> <!-- -- > --><u>x</u></R>";
    size_t page = (size_t)sysconf(_SC_PAGESIZE), cut, n = sizeof(doc) - 1;
    char *m = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    static struct reader all;
    unsigned tier;

    (void)state;
    assert_true(m != MAP_FAILED && mprotect(m + page, page, PROT_READ | PROT_WRITE) == 0);
    all.page = guard_alloc(256);
    for (tier = 0; tier < LENGTH(tiers); tier++) {
        int result = whole(&all, tiers[tier], doc, n)->result;

        for (cut = 0; cut < n; cut++) {
            const char *p = doc, *end = m + page + n - cut;
            struct iam_xml x;
            struct iam_span text;
            int event;

            iam_xml_init(&x, x_schema);
            while ((event = tiers[tier](&x, &p, doc + cut, &text)) > 0)
                ;
            if (event < 0)
                break;
            p = memcpy(m + page, doc + cut, n - cut);
            while ((event = tiers[tier](&x, &p, end, &text)) > 0)
                ;
            assert_int_equal(event, result);
        }
    }
    guard_free(&all.page);
    munmap(m, 3 * page);
}

/* Cut anywhere, a document is truncated, never refused; what had come is the beginning of the rest. */
static void test_cut(void **state)
{
    static struct reader a, b;
    size_t i, cut;

    (void)state;
    a.page = guard_alloc(4096);
    b.page = guard_alloc(4096);
    for (i = 0; i < LENGTH(accepted); i++) {
        const char *doc = accepted[i].doc;
        size_t n = strlen(doc);
        const struct log *all = whole(&a, iam_xml_next, doc, n);
        unsigned tier;

        while (n > 0 && strchr(" \t\r\n", doc[n - 1]) != NULL)
            n--;
        for (tier = 0; tier < LENGTH(tiers); tier++) {
            for (cut = 0; cut < n; cut++) {
                const struct log *l = whole(&b, tiers[tier], doc, cut);
                if (l->result != IAM_ERR_XML_TRUNCATED && strstr(doc + cut, "<") != doc + cut)
                    fail_msg("%s cut at %zu: %d", doc, cut, l->result);
                assert_true(l->n <= all->n);
                assert_memory_equal(l->s, all->s, l->n);
            }
        }
    }
    guard_free(&a.page);
    guard_free(&b.page);
}

/* A copy of the struct, taken after any byte, goes on as the original. */
static void test_snapshot(void **state)
{
    static struct reader a, b;
    size_t i, at;

    (void)state;
    a.page = guard_alloc(4096);
    b.page = guard_alloc(4096);
    for (i = 0; i < LENGTH(accepted); i++) {
        const char *doc = accepted[i].doc;
        size_t n = strlen(doc);

        for (at = 0; at <= n; at++) {
            begin(&a, iam_xml_next);
            feed(&a, doc, at);
            begin(&b, iam_xml_next);
            memcpy(&b.x, &a.x, sizeof(b.x));
            memcpy(&b.log, &a.log, sizeof(b.log));
            b.in_text = a.in_text;
            memset(&a.x, 0x5a, sizeof(a.x));
            feed(&b, doc + at, n - at);
            finish(&b);
            assert_int_equal(b.log.result, 0);
            assert_string_equal(b.log.s, accepted[i].events);
        }
    }
    guard_free(&a.page);
    guard_free(&b.page);
}

/* What Python's parser read, seen through the schema. */
static void expect_events(const char *read, struct log *l)
{
    unsigned at = 0, depth = 0, k;
    const char *p = read;

    l->n = 0;
    while (*p != '\0') {
        size_t n = 1 + strcspn(p + 1, "\1\2\3");
        switch (*p) {
        case 1:
            for (k = depth != 0 ? 0 : x_schema[at].child; k != 0; k = x_schema[k].next)
                if (x_schema[k].len == n - 1 && memcmp(x_schema[k].tag, p + 1, n - 1) == 0)
                    break;
            if (k == 0) {
                depth++;
            } else {
                at = k;
                put(l, p, n);
            }
            break;
        case 2:
            if (depth == 0 && x_schema[at].kind == IAM_XML_LEAF)
                put(l, p, n);
            break;
        default:
            if (depth != 0) {
                depth--;
            } else {
                at = x_schema[at].parent;
                put(l, p, n);
            }
        }
        p += n;
    }
    l->s[l->n] = '\0';
}

static void test_vectors(void **state)
{
    static struct log wanted;
    size_t i;

    (void)state;
    assert_true(LENGTH(xml_cases) > 60);
    for (i = 0; i < LENGTH(xml_cases); i++) {
        const struct log *l = read_all(xml_cases[i].body, xml_cases[i].n);
        if (xml_cases[i].read == NULL) {
            if (l->result >= 0)
                fail_msg("%s: accepted", xml_cases[i].name);
            continue;
        }
        expect_events(xml_cases[i].read, &wanted);
        if (l->result != 0 || strcmp(wanted.s, l->s) != 0) {
            fail_msg("%s: %d at %zu\n\"%s\"\nwanted \"%s\"", xml_cases[i].name, l->result,
                     l->offset, l->s, wanted.s);
        }
    }
}

/* Feeds s count times. */
static int feed_many(struct iam_xml *x, const char *s, size_t count)
{
    static char piece[1460 + 64];
    size_t n = strlen(s), fit = 1460 / n;
    struct iam_span text;
    size_t i;
    int r = 0;

    for (i = 0; i < fit; i++)
        memcpy(piece + i * n, s, n);
    while (count > 0 && r >= 0) {
        size_t now = count < fit ? count : fit;
        const char *p = piece, *end = piece + now * n;
        while ((r = iam_xml_next(x, &p, end, &text)) > 0) {
        }
        count -= now;
    }
    return r;
}

static void test_huge(void **state)
{
    enum { MILLION = 1000000 / TEST_STEP };
    struct iam_xml x;
    char name[64];
    unsigned i;

    (void)state;
    /* depth of a million, in an unknown part */
    iam_xml_init(&x, x_schema);
    assert_int_equal(feed_many(&x, "<R>", 1), 0);
    assert_int_equal(feed_many(&x, "<u>", MILLION), 0);
    assert_int_equal(feed_many(&x, "</u>", MILLION), 0);
    assert_int_equal(feed_many(&x, "</R>", 1), 0);
    assert_int_equal(iam_xml_finish(&x), IAM_OK);
    /* one too many, one too few */
    iam_xml_init(&x, x_schema);
    assert_int_equal(feed_many(&x, "<u>", MILLION), 0);
    assert_int_equal(feed_many(&x, "</u>", MILLION + 1), IAM_ERR_XML);
    iam_xml_init(&x, x_schema);
    assert_int_equal(feed_many(&x, "<u>", MILLION), 0);
    assert_int_equal(feed_many(&x, "</u>", MILLION - 1), 0);
    assert_int_equal(iam_xml_finish(&x), IAM_ERR_XML_TRUNCATED);
    /* the limit */
    if (TEST_STEP == 1) {
        iam_xml_init(&x, x_schema);
        assert_int_equal(feed_many(&x, "<u>", CONFIG_TINYIAM_XML_DEPTH_MAX), 0);
        assert_int_equal(feed_many(&x, "<u>", 1), IAM_ERR_XML_LIMIT);
    }
    /* a name of 3 MB, an attribute of 10 MB, 100,000 attributes, 20,000 unknown elements, 1 MB of ] */
    iam_xml_init(&x, x_schema);
    assert_int_equal(feed_many(&x, "<R><", 1), 0);
    assert_int_equal(feed_many(&x, "abcdefgh", 375000 / TEST_STEP), 0);
    assert_int_equal(feed_many(&x, ":", 1), 0);
    assert_int_equal(feed_many(&x, "abcdefgh", 375000 / TEST_STEP), 0);
    assert_int_equal(feed_many(&x, " a='", 1), 0);
    assert_int_equal(feed_many(&x, "0123456789", MILLION), 0);
    assert_int_equal(feed_many(&x, "'", 1), 0);
    for (i = 0; i < MILLION / 10; i++) {
        snprintf(name, sizeof(name), " b%u=''", i);
        assert_int_equal(feed_many(&x, name, 1), 0);
    }
    assert_int_equal(feed_many(&x, "/>", 1), 0);
    for (i = 0; i < MILLION / 50; i++) {
        snprintf(name, sizeof(name), "<e%u>x</e%u>", i, i);
        assert_int_equal(feed_many(&x, name, 1), 0);
    }
    assert_int_equal(feed_many(&x, "]", MILLION), 0);
    assert_int_equal(feed_many(&x, "<!--x--><a>", 1), 0);
    assert_int_equal(feed_many(&x, "]", MILLION), 0);
    assert_int_equal(feed_many(&x, "</a></R>", 1), 0);
    assert_int_equal(iam_xml_finish(&x), IAM_OK);
}

/* Two end tags change places among 100 unknown elements: no distance hides it. */
static void test_swapped(void **state)
{
    enum { DEPTH = 100 };
    unsigned i, j, k;

    (void)state;
    for (i = 0; i < DEPTH; i += TEST_STEP) {
        for (j = i; j < DEPTH; j += TEST_STEP) {
            struct iam_xml x;
            char tag[16];
            int r = 0;

            iam_xml_init(&x, x_schema);
            for (k = 0; k < DEPTH; k++) {
                snprintf(tag, sizeof(tag), "<n%u>", k);
                assert_int_equal(feed_many(&x, tag, 1), 0);
            }
            for (k = DEPTH; k-- > 0 && r == 0;) {
                snprintf(tag, sizeof(tag), "</n%u>", k == i ? j : k == j ? i : k);
                r = feed_many(&x, tag, 1);
            }
            assert_int_equal(r, i == j ? 0 : IAM_ERR_XML_TAG);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_before),
        cmocka_unit_test(test_snapshot),
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_moved),
#if CONFIG_TINYIAM_XML_FAST
        cmocka_unit_test(test_at_once),
        cmocka_unit_test(test_at_once_to_the_end),
        cmocka_unit_test(test_by_the_fast_tier),
#endif

        cmocka_unit_test(test_huge),
        cmocka_unit_test(test_swapped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
