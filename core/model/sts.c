/* The service model of STS: what its operations have in common. */
#include "table_sts.h"

const struct iam_service_model iam_sts_model = {IAM_LITERAL("sts"), "2011-06-15"};
