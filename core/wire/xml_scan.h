/* What xml.c and xml_fast.c share. Private to the tokenizer. */
#ifndef TINYIAM_WIRE_XML_SCAN_H
#define TINYIAM_WIRE_XML_SCAN_H

#include <tinyiam/parts/xml.h>

/* The state of the byte machine between tokens of an element's content; the fast tier starts and
 * stops in this one only. */
#define IAM_XML_CONTENT 0

/* The byte machine: handles everything, at any split. Contract of iam_xml_next(). */
int iam_xml_bytes(struct iam_xml *, const char **p, const char *end, struct iam_span *text);

#endif
