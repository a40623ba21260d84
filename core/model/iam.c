/* IAM's service model 2010-05-08: what its operations (op_*.c) have in common. */
#include "shape.h"

const struct iam_service_model iam_model = {IAM_LITERAL("iam"), "2010-05-08"};
