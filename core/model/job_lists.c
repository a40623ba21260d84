/* The lists about a job, for a checkpoint that stands alone. Linked only where one is resumed. */
#include "shape.h"

const struct iam_operation *const iam_job_lists[] = {&iam_op_entities, &iam_op_services};
const uint8_t iam_job_list_count = sizeof iam_job_lists / sizeof *iam_job_lists;
