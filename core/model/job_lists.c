/* The lists about a job, for a checkpoint that stands alone. Linked only where one is resumed. */
#include "shape.h"

enum { COUNT = 2 };
const struct iam_operation *const iam_job_lists[COUNT] = {&iam_op_entities, &iam_op_services};
const uint8_t iam_job_list_count = COUNT;
