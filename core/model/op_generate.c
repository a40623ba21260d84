/* GenerateServiceLastAccessedDetails: begins a report. */
#include "table.h"

static const struct iam_param params[] = {
    {"Arn", IAM_PARAM_TEXT | IAM_PARAM_REQUIRED, AT(iam_generate_request, arn), 20, 2048},
    {"Granularity\0SERVICE_LEVEL\0ACTION_LEVEL\0", IAM_PARAM_ENUM,
     AT(iam_generate_request, granularity), 1, 64},
};

enum { DOCUMENT, REPLY, RESULT, JOB_ID, METADATA };

static const struct iam_xml_node schema[NODES] = {
    FRAME("GenerateServiceLastAccessedDetails", JOB_ID),
    [JOB_ID] = TEXT("JobId", RESULT, 0, report.job_id, IAM_MEMBER_JOB_ID),
};

const struct iam_operation iam_op_generate = {
    .service = &iam_model,
    .schema = schema,
    .makes_job = true,
    REQUEST(iam_generate_request, params),
};
