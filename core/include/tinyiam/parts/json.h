/** @file
 * Members of a small JSON document, over jsmn, with the shape checked afterwards. Layer: wire.
 *
 * jsmn cuts a document into tokens but takes what is no JSON: here every gap between two tokens, every
 * string (escapes, surrogates, UTF-8, control characters), literal and number is checked once more, and
 * anything but one object with white space around it is refused.
 *
 * Members that a shape names may come in any order, each once; others are passed over (AWS adds some now
 * and then), but no name may be there twice. */
#ifndef TINYIAM_PARTS_JSON_H
#define TINYIAM_PARTS_JSON_H

#include "../types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Tokens of one document: every name, every value and the object itself count. It is room for 11 members. */
#define IAM_JSON_TOKENS 24

enum iam_json_need {
    IAM_JSON_OPTIONAL = 0, /**< a string */
    IAM_JSON_REQUIRED,     /**< a string */
    IAM_JSON_ONE           /**< required: the number 1 */
};
struct iam_json_member {
    const char *name;
    uint8_t slot, need;
};
struct iam_json_shape {
    /** Name of the document's only member, an object that holds the members; NULL: the document itself does. */
    const char *inside;
    const struct iam_json_member *members;
    uint8_t count;
};

/** Reads the document in place: strings are unescaped where they lie, and text[slot] points to them (p NULL:
 * absent). The bytes of the document are changed, also where it is refused. *what, which lives forever, names
 * the member that an error is about, if it is about one. IAM_OK, or
 *   IAM_ERR_FOREIGN  no JSON object at all
 *   IAM_ERR_JSON     not well-formed, cut short (what: the member it was cut in), or over IAM_JSON_TOKENS
 *   IAM_ERR_MEMBER   missing, or there twice
 *   IAM_ERR_VALUE    of another type */
int iam_json_read(const struct iam_json_shape *, char *document, size_t n, struct iam_span *text,
                  struct iam_span *what);

#ifdef __cplusplus
}
#endif
#endif
