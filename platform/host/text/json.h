/* JSON as Python's json.dumps() writes it, ASCII alone, into a buffer: what is hashed, kept or sent has to be the
 * same to the byte. */
#ifndef HOST_JSON_H
#define HOST_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include <tinyiam/types.h>

struct json {
    char *p;
    size_t n, size;
    bool bad;     /* it did not fit, or a text was not UTF-8 */
    bool compact; /* separators without blanks */
};

void json_begin(struct json *, char *room, size_t size);
/* As it stands. */
void json_word(struct json *, const char *);
/* Between quotes, escaped. */
void json_string(struct json *, struct iam_span);
/* A name of the object that is open, with its comma; its value comes next. */
void json_name(struct json *, const char *name);
/* A member whose value is a text; p NULL: none at all. */
void json_member(struct json *, const char *name, struct iam_span value);
/* The value of a member of the outermost object, as it stands in a document that iam_json_read() has found well-formed.
 * p NULL: there is none of this name, in these letters. */
struct iam_span json_find(struct iam_span document, const char *name);

#endif
