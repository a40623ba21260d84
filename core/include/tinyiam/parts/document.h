/* A document: fetched by GET (or PUT), kept as bytes. Layer: flow. Include tinyiam.h, not this. */
#ifndef TINYIAM_PARTS_DOCUMENT_H
#define TINYIAM_PARTS_DOCUMENT_H

#include "exchange.h"

#ifdef __cplusplus
extern "C" {
#endif

struct iam_document { /* PRIVATE */
    struct iam_exchange exchange;
    const char *method, *name[2]; /* "GET"; "Accept: " */
    struct iam_span path[3], value[2];
    char *to; /* where it goes, and the room there */
    uint32_t room;
    uint32_t n; /* bytes of it so far, those that did not fit counted */
    char status_text[3];
};

#ifdef __cplusplus
}
#endif
#endif
