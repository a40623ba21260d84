/** @file
 * application/x-www-form-urlencoded values. Layer: wire.
 * A-Z a-z 0-9 - _ . ~ stand for themselves, space becomes '+', every other byte %XX in upper case
 * (as botocore writes it: tests/vectors/facts/form_encoding.json). */
#ifndef TINYIAM_PARTS_FORM_H
#define TINYIAM_PARTS_FORM_H

#include "out.h"

#ifdef __cplusplus
extern "C" {
#endif

void iam_form_text(struct iam_out *, struct iam_span utf8);
/** Text in Latin-1, a byte for each character of U+0000..U+00FF; it is sent as UTF-8. */
void iam_form_latin1(struct iam_out *, struct iam_span latin1);

#ifdef __cplusplus
}
#endif
#endif
