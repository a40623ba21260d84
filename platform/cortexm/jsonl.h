/* jsonl.h - an entity as one line of JSON, the host command's --output jsonl to the byte. */
#ifndef CORTEXM_JSONL_H
#define CORTEXM_JSONL_H

#include "console.h"

#include <tinyiam/types.h>

void jsonl_entity(struct console *, const struct iam_entity *);

#endif
