/* Documents made from the schema, and damaged where tokenizers err: next to the borders of tags. */
#ifndef TINYIAM_TESTS_XML_MAKE_H
#define TINYIAM_TESTS_XML_MAKE_H

#include "xml_log.h"

struct xml_make {
    char *p;
    size_t n, room;
    uint64_t random;
    bool indented;
    const char *prefix;
};

static inline uint32_t make_random(struct xml_make *m, uint32_t below)
{
    m->random = m->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((m->random >> 33) % below);
}

static inline void make_put(struct xml_make *m, const char *s, size_t n)
{
    if (n <= m->room - m->n) {
        memcpy(m->p + m->n, s, n);
        m->n += n;
    }
}

static inline void make_say(struct xml_make *m, const char *s)
{
    make_put(m, s, strlen(s));
}

#define MAKE_PICK(m, list) ((list)[make_random((m), (uint32_t)(sizeof(list) / sizeof((list)[0])))])

static inline void make_space(struct xml_make *m, unsigned depth)
{
    static const char *const spaces[] = {" ",  "\n",   "\r\n", "\r",    "\t",
                                         "  ", " \n ", "\n\n", "      "};

    if (make_random(m, 12) == 0) {
        make_say(m, MAKE_PICK(m, spaces));
    } else if (m->indented) {
        make_say(m, "\n");
        while (depth-- > 0)
            make_say(m, "  ");
    }
}

static inline void make_misc(struct xml_make *m)
{
    static const char *const misc[] = {
        "<!-- x -->",     "<!---->",     "<!-- - > ]]> & < -->",
        "<?p?>",          "<?p q?>",     "<?pi ? > ??\?>",
        "<?xmlx a='b'?>", "<!--\r\n-->", "<?\xc3\xa9 \xe2\x82\xac?>"};

    make_say(m, MAKE_PICK(m, misc));
}

static inline void make_text(struct xml_make *m)
{
    static const char *const runs[] = {
        "x",
        "value",
        "2018-10-24T19:10:00Z",
        "arn:aws:iam::123456789012:user/AWSExampleUser01",
        "a b",
        " ",
        "]",
        "]]",
        ">",
        "]>",
        "] ]>",
        "\n",
        "\r",
        "\r\n",
        "\r\r\n",
        "\t",
        "&amp;",
        "&lt;",
        "&gt;",
        "&quot;&apos;",
        "&#65;",
        "&#x10FFFF;",
        "&#13;",
        "&#10;",
        "&#x20AC;",
        "\xc3\xa9",
        "\xe2\x82\xac",
        "\xf0\x9f\x98\x80",
        "=?!\"#$%'",
        "0123456",
        "01234567",
        "0123456789abcde",
        "0123456789abcdef",
        "0123456789abcdef0",
        "<![CDATA[]]>",
        "<![CDATA[x]]>",
        "<![CDATA[<&>]]]]>",
        "<![CDATA[\r\n]\r]]>",
        "<![CDATA[]]]>",
    };
    unsigned count = make_random(m, 4);

    if (make_random(m, 3) != 0) {
        make_say(m, MAKE_PICK(m, runs));
        return;
    }
    while (count-- > 0) {
        make_say(m, MAKE_PICK(m, runs));
        if (make_random(m, 8) == 0)
            make_misc(m);
    }
}

static inline void make_attributes(struct xml_make *m)
{
    static const char *const attributes[] = {
        " a='1'",    " b=\"2\"",      " c = '&lt;&#65;'", "\n d\t=\r'>'",
        " p:e='/>'", " f='\xc3\xa9'", " \xc3\xa9=''",     " g='\"'",
        " h=\"'\"",  " xmlns='y'",    " a.b-c='\r\n'",    " _=''",
    };
    unsigned count = make_random(m, 10) == 0 ? make_random(m, 9) : 0;
    unsigned at = make_random(m, 12);

    while (count-- > 0) {
        make_say(m, attributes[at]);
        at = make_random(m, 20) == 0 ? at : (at + 1) % 12;
    }
    if (make_random(m, 16) == 0)
        make_say(m, " ");
}

static void make_content(struct xml_make *m, unsigned k, unsigned depth);

/* k: a node, or 0 for an unknown element. */
static void make_element(struct xml_make *m, unsigned k, unsigned depth)
{
    static const char *const unknown[] = {"u",        "v:w",   "Ar",  "Arnx",      "arn", "Members",
                                          "_",        "a.b-c", "Id",  "member",    "Arn", "abcd",
                                          "\xc3\xa9", "p:Arn", "abc", "IsTruncate"};
    const char *name = k != 0 ? x_schema[k].tag : MAKE_PICK(m, unknown);
    size_t n = k != 0 ? x_schema[k].len : strlen(name);
    const char *prefix = k != 0 ? m->prefix : "";

    if (k != 0 && make_random(m, 40) == 0)
        prefix = "p:";
    make_say(m, "<");
    make_say(m, prefix);
    make_put(m, name, n);
    if (depth == 0) {
        make_say(m, make_random(m, 2) ? " xmlns:p='x' xmlns:v='y'"
                                      : " xmlns='z' xmlns:v='y' xmlns:p=\"x\"");
    }
    make_attributes(m);
    if (make_random(m, 16) == 0) {
        make_say(m, "/>");
        return;
    }
    make_say(m, ">");
    make_content(m, k, depth);
    make_say(m, "</");
    make_say(m, prefix);
    make_put(m, name, n);
    make_say(m, make_random(m, 20) == 0 ? " >" : ">");
}

static void make_content(struct xml_make *m, unsigned k, unsigned depth)
{
    unsigned child, count;

    if (k == 0 || x_schema[k].kind == IAM_XML_LEAF) {
        make_text(m);
        for (count = k == 0 ? make_random(m, 3) : make_random(m, 12) == 0; count > 0 && depth < 8;
             count--) {
            make_element(m, k != 0 && make_random(m, 3) == 0 ? k : 0, depth + 1);
            make_text(m);
        }
        return;
    }
    for (child = x_schema[k].child; child != 0; child = x_schema[child].next) {
        count = x_schema[child].kind == IAM_XML_BRANCH ? make_random(m, 4) : make_random(m, 8) != 0;
        while (count-- > 0 && m->n < XML_DOC_MAX / 8) {
            make_space(m, depth + 1);
            make_element(m, child, depth + 1);
            if (make_random(m, 20) == 0)
                make_element(m, 0, depth + 1);
            if (make_random(m, 20) == 0)
                make_misc(m);
            if (make_random(m, 40) == 0)
                make_text(m);
        }
        if (make_random(m, 10) == 0 && x_schema[child].next != 0)
            child = x_schema[child].next;
    }
    make_space(m, depth);
}

static inline void make_document(struct xml_make *m)
{
    static const unsigned roots[] = {X_RESPONSE, X_RESPONSE, X_ERROR_RESPONSE, X_SHORT, X_SHORT,
                                     X_SHORT,    0};
    static const char *const declarations[] = {
        "<?xml version='1.0'?>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
        "<?xml version = '1.1' encoding='us-ascii' standalone='yes' ?>\r\n",
        "<?xml\tversion='1.0'\nstandalone=\"no\"?>",
        "<?xml version='1.0' encoding='iso-8859-1'?>",
        "<?xml version='1.0' encoding='latin1'?>",
        "<?xml version='2.0'?>",
        "<!DOCTYPE R>",
    };

    m->indented = make_random(m, 2) != 0;
    m->prefix = make_random(m, 8) == 0 ? "p:" : "";
    if (make_random(m, 20) == 0)
        make_say(m, "\xef\xbb\xbf");
    if (make_random(m, 4) == 0)
        make_say(m, MAKE_PICK(m, declarations));
    if (make_random(m, 10) == 0)
        make_misc(m);
    make_space(m, 0);
    make_element(m, MAKE_PICK(m, roots), 0);
    make_space(m, 0);
    if (make_random(m, 20) == 0)
        make_misc(m);
}

/* Puts s in the place of cut bytes at at. */
static inline void make_splice(struct xml_make *m, size_t at, size_t cut, const char *s, size_t n)
{
    cut = cut < m->n - at ? cut : m->n - at;
    if (m->n - cut + n > m->room)
        return;
    memmove(m->p + at + n, m->p + at + cut, m->n - at - cut);
    memcpy(m->p + at, s, n);
    m->n = m->n - cut + n;
}

/* A place, most likely next to a border. */
static inline size_t make_place(struct xml_make *m)
{
    size_t at = make_random(m, (uint32_t)m->n + 1), i;

    if (make_random(m, 8) == 0)
        return at;
    for (i = at; i < m->n && strchr("<>/&;]\r'\"?-", m->p[i]) == NULL; i++) {
    }
    i += make_random(m, 4);
    i = i < 1 ? 0 : i - 1;
    return i < m->n ? i : m->n;
}

static inline void make_damage(struct xml_make *m)
{
    static const char *const bits[] = {
        "<",
        ">",
        "/",
        "&",
        ";",
        "]",
        "]]",
        "]]>",
        "<![CDATA[",
        "<!--",
        "-->",
        "--",
        "-",
        "<?",
        "?>",
        "?",
        "!",
        "=",
        "'",
        "\"",
        " ",
        "\t",
        "\r",
        "\n",
        "\r\n",
        ":",
        "p:",
        "q:",
        "a",
        "b",
        "</",
        "/>",
        "<a>",
        "</a>",
        "<a/>",
        "<R>",
        "</R>",
        "<Arn>",
        "</Arn>",
        "<u>",
        "</u>",
        "<u/>",
        "Arn",
        "Name",
        "member",
        "&amp;",
        "&#13;",
        "&#x0;",
        "&#xD800;",
        "&#;",
        "&x;",
        "&amp",
        "\x01",
        "\x7f",
        "\x80",
        "\xc3",
        "\xc3\xa9",
        "\xe2\x82",
        "\xe2\x82\xac",
        "\xf0\x9f\x98\x80",
        "\xed\xa0\x80",
        "\xef\xbf\xbe",
        "\xef\xbb\xbf",
        "\xc2\xb7",
        "\xc3\x97",
        "\xcd\xb0",
        "\xe2\x81\xb0",
        "\xf0\x90\x80\x80",
        "\xc0\x80",
        "\xf5",
        "\xfe",
        "\xff",
        "<?xml version='1.0'?>",
        "<?xml?>",
        "<!DOCTYPE R>",
        " a='1'",
        " a='1' a='2'",
        " xmlns='x'",
        " xmlns:p='x'",
        "xml",
        "version",
        "<!---->",
        "<?p?>",
        "<a>x</a>\n<ab>y</ab>",
        "0123456789abcdef",
    };
    size_t at = make_place(m), n;
    const char *s = MAKE_PICK(m, bits);
    char copy[64], c;

    switch (make_random(m, 8)) {
    case 0:
        make_splice(m, at, 1 + make_random(m, 3), "", 0);
        break;
    case 1:
        make_splice(m, at, 1, s, strlen(s));
        break;
    case 2: /* a stretch once more, here or elsewhere */
        n = 1 + make_random(m, sizeof(copy));
        n = n < m->n - at ? n : m->n - at;
        memcpy(copy, m->p + at, n);
        make_splice(m, make_random(m, 2) ? at : make_place(m), 0, copy, n);
        break;
    case 3:
        c = (char)make_random(m, 256);
        make_splice(m, at, make_random(m, 2), &c, 1);
        break;
    case 4:
        if (make_random(m, 4) == 0)
            m->n = at;
        break;
    case 5:
        make_splice(m, at, make_random(m, 12), "", 0);
        break;
    default:
        make_splice(m, at, 0, s, strlen(s));
    }
}

#endif
