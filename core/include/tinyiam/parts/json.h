/** @file
 * Members of a JSON document, read in one pass where it lies. Layer: wire.
 *
 * All of it is checked: every string (escapes, surrogates, UTF-8, control characters), literal and number.
 * Anything but one object with white space around it is refused.
 *
 * Members that a shape names may come in any order, each once. Others are passed over, as many as there are and
 * whatever they hold: AWS adds some now and then. */
#ifndef TINYIAM_PARTS_JSON_H
#define TINYIAM_PARTS_JSON_H

#include "../types.h"

#ifdef __cplusplus
extern "C" {
#endif

enum iam_json_need {
    IAM_JSON_OPTIONAL = 0, /**< a string, or null, which is as good as absent */
    IAM_JSON_REQUIRED,     /**< the same, but it has to be there */
    IAM_JSON_NUMBER,       /**< required: a number, as it is written */
    IAM_JSON_ONE           /**< required: the number 1; it has no slot */
};
struct iam_json_member {
    const char *name;
    uint8_t slot, need;
};
struct iam_json_shape {
    /** Name of the member that is an object and holds the members; NULL: the document itself does. */
    const char *inside;
    const struct iam_json_member *members;
    uint8_t count; /**< at most 32 */
};

/** Reads the document in place: strings are unescaped where they lie, and text[slot] points to them (p NULL:
 * absent, null, or not come to where it is refused). The bytes of the document are changed, also where it is
 * refused. *what, which lives forever, names the member that an error is about, if it is about one. IAM_OK, or
 *   IAM_ERR_FOREIGN  no JSON object at all
 *   IAM_ERR_JSON     not well-formed, cut short (what: the member it was cut in), or deeper than 256
 *   IAM_ERR_MEMBER   missing, or there twice
 *   IAM_ERR_VALUE    of another type
 * in this order; of several members the first. */
int iam_json_read(const struct iam_json_shape *, char *document, size_t n, struct iam_span *text,
                  struct iam_span *what);

#ifdef __cplusplus
}
#endif
#endif
