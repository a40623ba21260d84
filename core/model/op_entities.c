/* GetServiceLastAccessedDetailsWithEntities: who used one service. */
#include "table.h"

static const struct iam_param params[] = {
    JOB_PARAM(iam_entities_request),
    {"ServiceNamespace", IAM_PARAM_WORD | IAM_PARAM_REQUIRED,
     AT(iam_entities_request, service_namespace), 1, 64},
    PAGE_PARAMS(iam_entities_request),
};

/* clang-format off */
enum {
    DOCUMENT, REPLY, RESULT, REPORT, LIST,
    MEMBER, INFO, ARN, ID, NAME, PATH, TYPE, LAST,
    METADATA
};
/* clang-format on */

static const struct iam_xml_node schema[NODES] = {
    FRAME("GetServiceLastAccessedDetailsWithEntities", TRUNCATED),
    REPORT_ROWS(LIST),
    [LIST] = LIST_ROW("EntityDetailsList", MEMBER, MARKER),
    [MEMBER] = ITEM_ROW(LIST, INFO, IAM_ITEM_ENTITY, IAM_ITEM_IS_USUAL),
    [INFO] = BRANCH("EntityInfo", MEMBER, ARN, LAST, IAM_NODE_GROUP, IN(item.u.entity.info), 1),
    [ARN] = TEXT("Arn", INFO, ID, item.u.entity.arn, 2),
    [ID] = TEXT("Id", INFO, NAME, item.u.entity.id, 3),
    [NAME] = TEXT("Name", INFO, PATH, item.u.entity.name, 4),
    [PATH] = TEXT("Path", INFO, TYPE, item.u.entity.path, 5),
    [TYPE] = WORDS("Type", INFO, 0, "USER\0ROLE\0GROUP\0", item.u.entity.type_text,
                   item.u.entity.type, 6),
    [LAST] = TIME("LastAuthenticated", MEMBER, 0, item.u.entity.last_authenticated, 7),
};

const struct iam_operation iam_op_entities = {
    .service = &iam_model,
    .schema = schema,
    .number = 2,
    .of_job = true,
    REQUEST(iam_entities_request, params),
    PAGED(iam_entities_request),
};
