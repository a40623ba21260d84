/** @file
 * A document: fetched by GET (or PUT), kept as bytes. Layer: flow. Include tinyiam.h, not this. */
#ifndef TINYIAM_PARTS_DOCUMENT_H
#define TINYIAM_PARTS_DOCUMENT_H

#include "exchange.h"

#ifdef __cplusplus
extern "C" {
#endif

struct iam_document { /* PRIVATE */
    struct iam_exchange exchange;
    const char *method;       /* "GET" or "PUT" */
    const char *name[2];      /* names of two header fields, as "Accept: "; NULL: none */
    struct iam_span path[3];  /* the path in three pieces */
    struct iam_span value[2]; /* values of the two header fields */
    char *to;                 /* where the body is written */
    uint32_t room;            /* bytes there */
    uint32_t n;               /* bytes of the body so far, also those that found no room */
    char status_text[3];
};

#ifdef __cplusplus
}
#endif
#endif
