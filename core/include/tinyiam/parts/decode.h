/** @file
 * State of the decoder: body bytes to items and report. Layer: model. Include tinyiam.h, not this. */
#ifndef TINYIAM_PARTS_DECODE_H
#define TINYIAM_PARTS_DECODE_H

#include "xml.h"

#ifdef __cplusplus
extern "C" {
#endif

struct iam_decode {        /* PRIVATE */
    uint8_t ignore;        /* node whose subtree is passed over; 0: none */
    uint8_t item_node;     /* node of the item being read; 0: no item, only its end or the list's */
    bool error_reply;      /* the HTTP status says error: nothing but an error envelope counts */
    bool result, envelope; /* the awaited Result, or an error envelope, has begun */
    bool root;             /* the root element is one that the schema knows */
    bool over;             /* some text of this item did not fit into the item buffer */
    bool again;            /* the member being read came before: both must be equal */
    bool in_item, in_sub, told, fresh, end_pending, has_request_id;
    uint32_t start, used;    /* item buffer: begin of the text being read, end of the item's text */
    uint32_t tail;           /* bytes at its end that hold the report's text */
    uint32_t need, peak;     /* bytes it would have to have; the most that were in use */
    uint16_t seen, sub_seen; /* bits of the members read so far: of this item, of its sub-item */
    struct iam_xml xml;
    struct iam_report report;
    struct iam_item item;
    struct iam_span code, message; /* of an error envelope */
    struct iam_span what;          /* name of the member that an error is about */
};

#ifdef __cplusplus
}
#endif
#endif
