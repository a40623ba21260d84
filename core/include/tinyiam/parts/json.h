/* Members of a small JSON document, over jsmn, with the shape checked afterwards. Layer: wire.
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

/* Names, strings, values and containers of one document, all counted: 11 members and the object itself. */
#define IAM_JSON_TOKENS 24

enum iam_json_need {
    IAM_JSON_OPTIONAL = 0, /* a string */
    IAM_JSON_REQUIRED,     /* a string */
    IAM_JSON_ONE           /* required: the number 1 */
};
struct iam_json_member {
    const char *name;
    uint8_t slot, need;
};
struct iam_json_shape {
    const char *
        inside; /* the document's only member, an object that holds the others; NULL: they are its own */
    const struct iam_json_member *members;
    uint8_t count;
};

/* Reads the document in place: strings are unescaped where they are, text[slot] points to them; p NULL:
 * absent. The text of what is refused is no longer the document. *what, a constant, names the member at
 * fault, as far as there is one. IAM_OK, or
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
