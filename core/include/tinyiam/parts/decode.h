/* State of the decoder: body bytes to items and report. Layer: model. Include tinyiam.h, not this. */
#ifndef TINYIAM_PARTS_DECODE_H
#define TINYIAM_PARTS_DECODE_H

#include "xml.h"

#ifdef __cplusplus
extern "C" {
#endif

struct iam_decode {        /* PRIVATE */
    uint8_t ignore;        /* node whose subtree is passed over; 0: none */
    uint8_t item_node;     /* of the item at hand; 0: it is structure */
    bool error_reply;      /* only error envelopes count */
    bool result, envelope; /* the awaited Result, or an error envelope, has begun */
    bool root;             /* a root that is known has begun */
    bool over;             /* some text of this item did not fit */
    bool again;            /* the member at hand has been there: it must be the same */
    bool in_item, in_sub, told, fresh, end_pending, has_request_id;
    uint32_t start, used,
        tail;                /* text of an item grows from the front, of the report from the end */
    uint32_t need, peak;     /* bytes the item buffer should have had; most it did have */
    uint16_t seen, sub_seen; /* members of this item, and of its sub-item, so far */
    struct iam_xml xml;
    struct iam_report report;
    struct iam_item item;
    struct iam_span code, message; /* of an error envelope */
    struct iam_span what;          /* name of the member that is at fault */
};

#ifdef __cplusplus
}
#endif
#endif
