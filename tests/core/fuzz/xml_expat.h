/* What expat reads in a document, seen through the schema, and why it may differ from the tokenizer.
 * Loaded when the program runs: without expat the comparison is left out. */
#ifndef TINYIAM_TESTS_XML_EXPAT_H
#define TINYIAM_TESTS_XML_EXPAT_H

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "xml_log.h"

#if __has_include(<expat.h>)
#include <expat.h>

struct expat_api {
    __typeof__(&XML_ParserCreate) create;
    __typeof__(&XML_ParserCreateNS) create_ns;
    __typeof__(&XML_ParserFree) free;
    __typeof__(&XML_SetUserData) user;
    __typeof__(&XML_SetElementHandler) element;
    __typeof__(&XML_SetCharacterDataHandler) text;
    __typeof__(&XML_Parse) parse;
    __typeof__(&XML_GetErrorCode) error;
    __typeof__(&XML_GetCurrentByteIndex) index;
};

struct expat_walk {
    struct xml_log *log;
    unsigned at;    /* innermost open known element */
    unsigned depth; /* unknown elements open in it */
    bool fresh;     /* it has had no child yet */
    char separator; /* between namespace or prefix and local name */
};

static void expat_open(void *user, const char *name, const char **attributes)
{
    struct expat_walk *w = user;
    const char *local = strrchr(name, w->separator);
    unsigned k = w->depth != 0 ? 0 : x_schema[w->at].child;
    size_t n;

    (void)attributes;
    local = local != NULL ? local + 1 : name;
    n = strlen(local);
    while (k != 0 && (x_schema[k].len != n || memcmp(x_schema[k].tag, local, n) != 0))
        k = x_schema[k].next;
    w->fresh = k != 0;
    if (k == 0) {
        w->depth++;
    } else {
        w->at = k;
        xml_log_open(w->log, k);
    }
}

static void expat_close(void *user, const char *name)
{
    struct expat_walk *w = user;

    (void)name;
    w->fresh = false;
    if (w->depth != 0) {
        w->depth--;
    } else {
        w->at = x_schema[w->at].parent;
        xml_log_close(w->log);
    }
}

static void expat_text(void *user, const char *s, int n)
{
    struct expat_walk *w = user;

    if (w->depth == 0 && w->fresh && x_schema[w->at].kind == IAM_XML_LEAF)
        xml_log_text(w->log, s, (size_t)n);
}

/* Through memcpy, as ISO C has no conversion from an object's pointer to a function's. */
static bool expat_symbol(void *library, const char *name, void *to, size_t n)
{
    void *p = dlsym(library, name);

    memcpy(to, &p, n);
    return p != NULL;
}

static const struct expat_api *expat_load(void)
{
    static struct expat_api api;
    static int state; /* 0: not tried, 1: there, -1: not there */

    if (state == 0) {
        void *l = dlopen("libexpat.so.1", RTLD_NOW);
        state =
            l != NULL && expat_symbol(l, "XML_ParserCreate", &api.create, sizeof(api.create)) &&
                    expat_symbol(l, "XML_ParserCreateNS", &api.create_ns, sizeof(api.create_ns)) &&
                    expat_symbol(l, "XML_ParserFree", &api.free, sizeof(api.free)) &&
                    expat_symbol(l, "XML_SetUserData", &api.user, sizeof(api.user)) &&
                    expat_symbol(l, "XML_SetElementHandler", &api.element, sizeof(api.element)) &&
                    expat_symbol(l, "XML_SetCharacterDataHandler", &api.text, sizeof(api.text)) &&
                    expat_symbol(l, "XML_Parse", &api.parse, sizeof(api.parse)) &&
                    expat_symbol(l, "XML_GetErrorCode", &api.error, sizeof(api.error)) &&
                    expat_symbol(l, "XML_GetCurrentByteIndex", &api.index, sizeof(api.index))
                ? 1
                : -1;
    }
    return state > 0 ? &api : NULL;
}

/* With namespaces, as botocore uses it, or without. Returns expat's error code; the log as far as read. */
static int expat_read(const struct expat_api *api, bool namespaces, const char *doc, size_t n,
                      struct xml_log *log, size_t *offset)
{
    struct expat_walk w = {log, 0, 0, false, namespaces ? '}' : ':'};
    XML_Parser parser = namespaces ? api->create_ns("UTF-8", '}') : api->create("UTF-8");
    int error = 0;

    xml_log_begin(log);
    api->user(parser, &w);
    api->element(parser, expat_open, expat_close);
    api->text(parser, expat_text);
    if (api->parse(parser, doc, (int)n, 1) != XML_STATUS_OK) {
        error = (int)api->error(parser);
        *offset = (size_t)api->index(parser);
    }
    api->free(parser);
    log->result = error == 0 ? 0 : IAM_ERR_XML;
    return error;
}

/* The written list of reasons for which the two may differ. */
enum xml_reason {
    XML_AGREE,
    XML_DOCTYPE,   /* refused here, always */
    XML_ENCODING,  /* declared encodings other than UTF-8, or US-ASCII and a byte that is not */
    XML_VERSION,   /* expat takes any version in the declaration, here it is 1.N */
    XML_NAMESPACE, /* prefixes need no declaration here: names are compared without them */
    XML_EDITION, /* name characters: expat has the fourth edition's, here are the fifth's, which are more */
    XML_ATTRIBUTES, /* doubled attributes are told among the first IAM_XML_ATTRIBUTES names as written */
    XML_DIFFER
};
static const char *const xml_reasons[] = {"agree",     "doctype", "encoding",   "version",
                                          "namespace", "edition", "attributes", "differ"};

static bool expat_is_namespace(int error)
{
    return error == XML_ERROR_UNBOUND_PREFIX || error == XML_ERROR_UNDECLARING_PREFIX ||
           error == XML_ERROR_RESERVED_PREFIX_XML || error == XML_ERROR_RESERVED_PREFIX_XMLNS ||
           error == XML_ERROR_RESERVED_NAMESPACE_URI;
}

/* Is the tag around offset one in which a doubled attribute may go unseen? */
static bool expat_many_attributes(const char *doc, size_t n, size_t offset)
{
    size_t i, equals = 0;
    char quote = 0;

    while (offset > 0 && (offset >= n || doc[offset] != '<'))
        offset--;
    for (i = offset; i < n; i++)
        if (quote != 0)
            quote = doc[i] == quote ? 0 : quote;
        else if (doc[i] == '"' || doc[i] == '\'')
            quote = doc[i];
        else if (doc[i] == '=')
            equals++;
        else if (doc[i] == ':')
            return true; /* two prefixes of one namespace */
        else if (doc[i] == '>')
            break;
    return equals > IAM_XML_ATTRIBUTES;
}

/* The document with each character beyond ASCII that may be in a name in the place of which the fourth
 * edition's are. False: there is none. */
static bool expat_fourth_edition(const char *doc, size_t n, char *out, size_t *out_n)
{
    size_t i, o = 0;
    bool any = false;

    for (i = 0; i < n;) {
        const unsigned char *s = (const unsigned char *)doc + i;
        size_t len = s[0] < 0xc2 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 1, k;
        uint32_t c = len == 1 ? s[0] : s[0] & (0x7fu >> len);

        for (k = 1; k < len && i + k < n && (s[k] & 0xc0) == 0x80; k++)
            c = c << 6 | (s[k] & 0x3f);
        if (len > 1 && k == len && xml_name_beyond(c) != 0) {
            out[o++] = '\xc3' - (xml_name_beyond(c) == 1);
            out[o++] = xml_name_beyond(c) == 1 ? '\xb7' : '\xa9';
            any = true;
        } else {
            memcpy(out + o, s, k);
            o += k;
        }
        i += k;
    }
    *out_n = o;
    return any;
}

/* Does the error lie in a declaration that expat took? */
static bool expat_declaration(const char *doc, size_t n, size_t offset)
{
    size_t at = n >= 3 && memcmp(doc, "\xef\xbb\xbf", 3) == 0 ? 3 : 0, i;

    for (i = at; i < n && i < offset && doc[i] != '>'; i++) {
    }
    return n - at > 5 && memcmp(doc + at, "<?xml", 5) == 0 && i == offset;
}

/* Compares what was read with expat; fourth: doc is already in the fourth edition. */
static enum xml_reason expat_compare(const char *doc, size_t n, const struct xml_log *ours,
                                     bool fourth)
{
    static struct xml_log log;
    static char other[2 * XML_DOC_MAX];
    const struct expat_api *api = expat_load();
    enum xml_reason reason = XML_AGREE;
    size_t other_n, offset = 0;
    int error;

    if (api == NULL)
        return XML_AGREE;
    if (ours->result == IAM_ERR_XML_DOCTYPE)
        return XML_DOCTYPE;
    if (ours->result == IAM_ERR_XML_ENCODING)
        return XML_ENCODING;
    error = expat_read(api, true, doc, n, &log, &offset);
    /* the separator is no part of a namespace for expat */
    if (expat_is_namespace(error) || (error == XML_ERROR_SYNTAX && memchr(doc, '}', n) != NULL)) {
        reason = XML_NAMESPACE;
        error = expat_read(api, false, doc, n, &log, &offset);
        if (error == 0 && ours->result == IAM_ERR_XML)
            return reason; /* colons */
    }
    if (ours->result < 0) {
        return error != 0                                ? reason
               : expat_declaration(doc, n, ours->offset) ? XML_VERSION
                                                         : XML_DIFFER;
    }
    if (error == XML_ERROR_DUPLICATE_ATTRIBUTE && expat_many_attributes(doc, n, offset))
        return XML_ATTRIBUTES;
    if (error == XML_ERROR_INVALID_TOKEN && !fourth &&
        expat_fourth_edition(doc, n, other, &other_n)) {
        static struct xml_log again;
        xml_log_read(&again, iam_xml_bytes, other, other_n);
        reason = expat_compare(other, other_n, &again, true);
        return reason == XML_DIFFER ? XML_DIFFER : XML_EDITION;
    }
    log.offset = ours->offset;
    return error == 0 && xml_log_same(ours, &log) ? reason : XML_DIFFER;
}
static inline bool expat_there(void)
{
    return expat_load() != NULL;
}
#else
static inline bool expat_there(void)
{
    return false;
}

enum xml_reason { XML_AGREE, XML_DIFFER };
static const char *const xml_reasons[] = {"agree", "differ"};

static enum xml_reason expat_compare(const char *doc, size_t n, const struct xml_log *ours,
                                     bool fourth)
{
    (void)doc;
    (void)n;
    (void)ours;
    (void)fourth;
    return XML_AGREE;
}
#endif

#endif
