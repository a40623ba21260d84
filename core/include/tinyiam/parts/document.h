/** @file
 * A document: fetched by GET (or PUT, or as the answer to a POST), kept as bytes. Layer: flow. Include tinyiam.h,
 * not this. */
#ifndef TINYIAM_PARTS_DOCUMENT_H
#define TINYIAM_PARTS_DOCUMENT_H

#include "exchange.h"

#ifdef __cplusplus
extern "C" {
#endif

struct iam_out;

struct iam_document { /* PRIVATE */
    struct iam_exchange exchange;
    const char *method;       /* "GET", "PUT" or "POST" */
    const char *name[2];      /* names of two header fields, as "Accept: "; NULL: none */
    struct iam_span path[3];  /* the path in three pieces */
    struct iam_span value[2]; /* values of the two header fields */
    struct iam_span body;     /* of PUT and POST */
    /* Writes what comes behind the path; NULL: nothing. */
    void (*put_query)(const struct iam_document *, struct iam_out *);
    bool typed;    /* an error's code is x-amzn-ErrorType, where the reply has it */
    char *to;      /* where the body is written */
    uint32_t room; /* bytes there */
    uint32_t n;    /* bytes of the body so far, also those that found no room */
    char status_text[3];
};

#ifdef __cplusplus
}
#endif
#endif
