/* GetServiceLastAccessedDetails: which services were used, and their actions. */
#include "table.h"

static const struct iam_param params[] = {
    JOB_PARAM(iam_services_request),
    PAGE_PARAMS(iam_services_request),
};

/* clang-format off */
enum {
    DOCUMENT, REPLY, RESULT, REPORT, JOB_TYPE, LIST,
    MEMBER, NAME, LAST, NAMESPACE, ENTITY, REGION, TOTAL, ACTIONS,
    ACTION, ACTION_NAME, ACTION_ENTITY, ACTION_TIME, ACTION_REGION,
    METADATA
};
/* clang-format on */

static const struct iam_xml_node schema[NODES] = {
    FRAME("GetServiceLastAccessedDetails", TRUNCATED),
    REPORT_ROWS(JOB_TYPE),
    [JOB_TYPE] = WORDS("JobType", RESULT, LIST, "SERVICE_LEVEL\0ACTION_LEVEL\0", report.job_type,
                       report.granularity, IAM_MEMBER_JOB_TYPE),
    [LIST] = LIST_ROW("ServicesLastAccessed", MEMBER, MARKER),
    [MEMBER] = ITEM_ROW(LIST, NAME, IAM_ITEM_SERVICE, IAM_ITEM_IS_USUAL | IAM_ITEM_HAS_END),
    [NAME] = TEXT("ServiceName", MEMBER, LAST, item.u.service.name, 1),
    [LAST] = TIME("LastAuthenticated", MEMBER, NAMESPACE, item.u.service.last_authenticated, 2),
    [NAMESPACE] = TEXT("ServiceNamespace", MEMBER, ENTITY, item.u.service.namespace_, 3),
    [ENTITY] = TEXT("LastAuthenticatedEntity", MEMBER, REGION, item.u.service.last_entity, 4),
    [REGION] = TEXT("LastAuthenticatedRegion", MEMBER, TOTAL, item.u.service.last_region, 5),
    [TOTAL] = INT("TotalAuthenticatedEntities", MEMBER, ACTIONS, item.u.service.total_entities,
                  item.u.service.has_total, 6),
    [ACTIONS] = BRANCH("TrackedActionsLastAccessed", MEMBER, ACTION, 0, IAM_NODE_SUBLIST,
                       BEHIND(item.u.service.has_actions, bool, item.u.service.late), 7),
    [ACTION] = BRANCH("member", ACTIONS, ACTION_NAME, 0, IAM_NODE_SUBITEM, IAM_ITEM_IS_USUAL,
                      IAM_ITEM_ACTION),
    [ACTION_NAME] = TEXT("ActionName", ACTION, ACTION_ENTITY, item.u.action.name, 1),
    [ACTION_ENTITY] = TEXT("LastAccessedEntity", ACTION, ACTION_TIME, item.u.action.last_entity, 2),
    [ACTION_TIME] = TIME("LastAccessedTime", ACTION, ACTION_REGION, item.u.action.last_accessed, 3),
    [ACTION_REGION] = TEXT("LastAccessedRegion", ACTION, 0, item.u.action.last_region, 4),
};

const struct iam_operation iam_op_services = {
    .service = &iam_model,
    .schema = schema,
    .number = 1,
    .of_job = true,
    REQUEST(iam_services_request, params),
    PAGED(iam_services_request),
};
