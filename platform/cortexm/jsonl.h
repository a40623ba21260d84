/* jsonl.h - items as lines of JSON on stdout, the host command's --output jsonl to the byte. */
#ifndef CORTEXM_JSONL_H
#define CORTEXM_JSONL_H

#include <tinyiam/types.h>

void jsonl_entity(const struct iam_entity *);
void jsonl_job_id(struct iam_span);

/* A service is one line, as its parts arrive: itself, each action, its end. What the service says of itself
 * behind its actions (item.late) comes behind them in the line, too: nothing is held back here. */
void jsonl_service(const struct iam_service *);
void jsonl_action(const struct iam_action *);
void jsonl_service_end(void);

#endif
