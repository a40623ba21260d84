/* The reader of JSON, for documents that lie in the room of a provider of keys. */
#ifndef TINYIAM_TESTS_CREDS_JSON_READ_H
#define TINYIAM_TESTS_CREDS_JSON_READ_H

#include "creds_invariant.h"

#include <tinyiam/parts/json.h>

/* As "json_shape" proves: each text lies in the document, none in another. */
int iam_json_read(const struct iam_json_shape *shape, char *document, size_t n,
                  struct iam_span *text, struct iam_span *what)
{
    uint32_t begin = (uint32_t)(document - p.room);
    PROVE(n == 0 || __CPROVER_w_ok(document, n), "the document lies in the room");
    for (unsigned i = 0; i < shape->count; i++) {
        struct iam_span s = any_inside(begin, begin + (uint32_t)n);
        for (unsigned k = 0; k < i; k++)
            ASSUME(apart(s, text[shape->members[k].slot]));
        text[shape->members[i].slot] = s;
    }
    *what = nondet_bool() ? IAM_SPAN("Token") : IAM_SPAN("");
    return nondet_bool() ? IAM_OK : nondet_bool() ? IAM_ERR_MEMBER : IAM_ERR_JSON;
}

#endif
