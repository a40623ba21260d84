/* jsonl.h - items as lines of JSON on stdout, the host command's --output jsonl to the byte. */
#ifndef CORTEXM_JSONL_H
#define CORTEXM_JSONL_H

#include <stdbool.h>
#include <tinyiam/types.h>

#include "common/fields.h"

/* An item, as its parts arrive: a service, each of its actions, its end. What the service says of itself behind
 * its actions (item.late) comes behind them in the line, too: nothing is held back here. true: its line is whole. */
bool jsonl_item(const struct iam_item *);
void jsonl_job_id(struct iam_span);
/* Members of any struct as a line. */
void jsonl_row(const struct fields *, const void *of);

#endif
