/* Values of a reply as text: times, numbers, strings of JSON and YAML. */
#ifndef HOST_VALUES_H
#define HOST_VALUES_H

#include "sink.h"

/* "2018-10-24T19:47:31.466000+00:00" */
struct iam_span time_text(const struct iam_time *, char buf[40]);
struct iam_span integer_text(int64_t, char buf[24]);
/* Text between quotes, escaped as Python's json.dumps(ensure_ascii=False) does. */
void json_text(struct sink *, struct iam_span);
/* The same of YAML: plain where nothing else can be read into it, in quotes elsewhere. One line. */
void yaml_text(struct sink *, struct iam_span);

#endif
