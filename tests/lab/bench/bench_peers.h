/* Other parsers over the same page: handlers that count and nothing else. A parser is there with its
 * macro: BENCH_EXPAT, BENCH_LIBXML2. */
#ifndef TINYIAM_TESTS_BENCH_PEERS_H
#define TINYIAM_TESTS_BENCH_PEERS_H

#include <string.h>

#include "bench_read.h"

#ifdef BENCH_EXPAT
#include <expat.h>

static void expat_open(void *user, const char *name, const char **attributes)
{
    (void)name;
    (void)attributes;
    ((struct bench_sum *)user)->events++;
}

static void expat_close(void *user, const char *name)
{
    (void)name;
    ((struct bench_sum *)user)->events++;
}

static void expat_text(void *user, const char *s, int n)
{
    (void)s;
    ((struct bench_sum *)user)->text += (uint32_t)n;
}

__attribute__((noinline)) static struct bench_sum bench_expat(const char *s, size_t n, size_t piece)
{
    struct bench_sum sum = {0, 0, 0};
    XML_Parser parser = XML_ParserCreate("UTF-8");
    enum XML_Status status = XML_STATUS_OK;

    XML_SetUserData(parser, &sum);
    XML_SetElementHandler(parser, expat_open, expat_close);
    XML_SetCharacterDataHandler(parser, expat_text);
    while (n > 0 && status == XML_STATUS_OK) {
        size_t now = n < piece ? n : piece;
        status = XML_Parse(parser, s, (int)now, n == now);
        s += now;
        n -= now;
    }
    XML_ParserFree(parser);
    sum.result = status == XML_STATUS_OK ? 0 : IAM_ERR_XML;
    return sum;
}
#endif

#ifdef BENCH_LIBXML2
#include <libxml/parser.h>

static void libxml2_open(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                         int namespaces, const xmlChar **ns, int attributes, int defaulted,
                         const xmlChar **values)
{
    (void)name;
    (void)prefix;
    (void)uri;
    (void)namespaces;
    (void)ns;
    (void)attributes;
    (void)defaulted;
    (void)values;
    ((struct bench_sum *)user)->events++;
}

static void libxml2_close(void *user, const xmlChar *name, const xmlChar *prefix,
                          const xmlChar *uri)
{
    (void)name;
    (void)prefix;
    (void)uri;
    ((struct bench_sum *)user)->events++;
}

static void libxml2_text(void *user, const xmlChar *s, int n)
{
    (void)s;
    ((struct bench_sum *)user)->text += (uint32_t)n;
}

__attribute__((noinline)) static struct bench_sum bench_libxml2(const char *s, size_t n,
                                                                size_t piece)
{
    struct bench_sum sum = {0, 0, 0};
    xmlSAXHandler sax;
    xmlParserCtxtPtr context;
    int error = 0;

    memset(&sax, 0, sizeof(sax));
    sax.initialized = XML_SAX2_MAGIC;
    sax.startElementNs = libxml2_open;
    sax.endElementNs = libxml2_close;
    sax.characters = libxml2_text;
    context = xmlCreatePushParserCtxt(&sax, &sum, NULL, 0, NULL);
    while (n > 0 && error == 0) {
        size_t now = n < piece ? n : piece;
        error = xmlParseChunk(context, s, (int)now, n == now);
        s += now;
        n -= now;
    }
    xmlFreeParserCtxt(context);
    sum.result = error == 0 ? 0 : IAM_ERR_XML;
    return sum;
}
#endif

static struct bench_sum bench_peer(const char *parser, const char *s, size_t n, size_t piece,
                                   struct bench_sum none)
{
    (void)s;
    (void)n;
    (void)piece;
#ifdef BENCH_EXPAT
    if (strcmp(parser, "expat") == 0)
        return bench_expat(s, n, piece);
#endif
#ifdef BENCH_LIBXML2
    if (strcmp(parser, "libxml2") == 0)
        return bench_libxml2(s, n, piece);
#endif
    return none;
}

#endif
