/* The three operations as tables, from IAM's service model 2010-05-08
 * (tests/vectors/facts/iam_sla_shapes.json; tests/unit/test_model.c compares). */
#include "shape.h"

#define AT(type_, field) ((uint8_t)offsetof(struct type_, field))

#if CONFIG_TINYIAM_OP_GENERATE
static const struct iam_param generate_params[] = {
    {"Arn", IAM_PARAM_TEXT | IAM_PARAM_REQUIRED, AT(iam_generate_request, arn), 20, 2048},
    {"Granularity", IAM_PARAM_LEVEL, AT(iam_generate_request, granularity), 1, 64},
};
#endif
#if CONFIG_TINYIAM_OP_SERVICES
static const struct iam_param services_params[] = {
    {"JobId", IAM_PARAM_TEXT | IAM_PARAM_REQUIRED, AT(iam_services_request, job_id), 36, 36},
    {"MaxItems", IAM_PARAM_COUNT, AT(iam_services_request, max_items), 1, 1000},
    {"Marker", IAM_PARAM_MARKER, AT(iam_services_request, marker), 1, IAM_MARKER_MAX},
};
#endif
static const struct iam_param entities_params[] = {
    {"JobId", IAM_PARAM_TEXT | IAM_PARAM_REQUIRED, AT(iam_entities_request, job_id), 36, 36},
    {"ServiceNamespace", IAM_PARAM_WORD | IAM_PARAM_REQUIRED,
     AT(iam_entities_request, service_namespace), 1, 64},
    {"MaxItems", IAM_PARAM_COUNT, AT(iam_entities_request, max_items), 1, 1000},
    {"Marker", IAM_PARAM_MARKER, AT(iam_entities_request, marker), 1, IAM_MARKER_MAX},
};

/* Every element that is known, once; children of one parent stand in the order of the service's
 * replies. Error envelopes: IAM's, the bare one of S3, that of EC2. */
/* clang-format off */
enum {
    DOCUMENT,
    ERR, ERR_ERROR, ERR_CODE, ERR_MESSAGE, ERR_REQUEST_ID,
    BARE, BARE_CODE, BARE_MESSAGE, BARE_REQUEST_ID,
    EC2, EC2_ERRORS, EC2_ERROR, EC2_CODE, EC2_MESSAGE, EC2_REQUEST_ID, EC2_REQUEST_ID_2,
    ENT, ENT_RESULT, ENT_TRUNCATED, ENT_COMPLETION, ENT_CREATION, ENT_STATUS, ENT_LIST, ENT_MARKER,
    ENT_ERROR, ENT_ERROR_CODE, ENT_ERROR_MESSAGE, ENT_MEMBER, ENT_INFO, ENT_ARN, ENT_ID, ENT_NAME,
    ENT_PATH, ENT_TYPE, ENT_LAST, ENT_META, ENT_REQUEST_ID,
#if CONFIG_TINYIAM_OP_SERVICES
    SVC, SVC_RESULT, SVC_TRUNCATED, SVC_COMPLETION, SVC_CREATION, SVC_STATUS, SVC_JOB_TYPE, SVC_LIST,
    SVC_MARKER, SVC_ERROR, SVC_ERROR_CODE, SVC_ERROR_MESSAGE, SVC_MEMBER, SVC_NAME, SVC_LAST,
    SVC_NAMESPACE, SVC_ENTITY, SVC_REGION, SVC_TOTAL, SVC_ACTIONS, SVC_ACTION, ACT_NAME, ACT_ENTITY,
    ACT_TIME, ACT_REGION, SVC_META, SVC_REQUEST_ID,
#endif
#if CONFIG_TINYIAM_OP_GENERATE
    GEN, GEN_RESULT, GEN_JOB_ID, GEN_META, GEN_REQUEST_ID,
#endif
    NODES
};
/* clang-format on */
#if CONFIG_TINYIAM_OP_SERVICES
#define NEXT_SVC SVC
#else
#define NEXT_SVC NEXT_GEN
#endif
#if CONFIG_TINYIAM_OP_GENERATE
#define NEXT_GEN GEN
#else
#define NEXT_GEN ERR
#endif

_Static_assert(sizeof(struct iam_decode) <= 4 * 255,
               "iam_xml_node.offset counts in units of 4 bytes");
/* the second term does not compile for a field that is not aligned to 4 bytes */
#define IN(field)                                       \
    ((uint8_t)(offsetof(struct iam_decode, field) / 4 + \
               0 / (offsetof(struct iam_decode, field) % 4 == 0)))
#define BRANCH(tag, parent, child, next, type, member)                                 \
    {                                                                                  \
        tag ">", sizeof(tag) - 1, IAM_XML_BRANCH, parent, child, next, type, 0, member \
    }
#define LEAF(tag, parent, next, type, field, member)                                     \
    {                                                                                    \
        tag ">", sizeof(tag) - 1, IAM_XML_LEAF, parent, 0, next, type, IN(field), member \
    }
#define REQUEST_ID(parent) LEAF("RequestId", parent, 0, IAM_NODE_REQUEST_ID, code, 0)

const struct iam_xml_node iam_schema[] = {
    [DOCUMENT] = {"", 0, IAM_XML_BRANCH, 0, ENT, 0, 0, 0, 0},

    [ERR] = BRANCH("ErrorResponse", DOCUMENT, ERR_ERROR, BARE, IAM_NODE_ERROR, 0),
    [ERR_ERROR] = BRANCH("Error", ERR, ERR_CODE, ERR_REQUEST_ID, IAM_NODE_PLAIN, 0),
    [ERR_CODE] = LEAF("Code", ERR_ERROR, ERR_MESSAGE, IAM_NODE_TEXT, code, 0),
    [ERR_MESSAGE] = LEAF("Message", ERR_ERROR, 0, IAM_NODE_TEXT, message, 0),
    [ERR_REQUEST_ID] = REQUEST_ID(ERR),
    [BARE] = BRANCH("Error", DOCUMENT, BARE_CODE, EC2, IAM_NODE_ERROR, 0),
    [BARE_CODE] = LEAF("Code", BARE, BARE_MESSAGE, IAM_NODE_TEXT, code, 0),
    [BARE_MESSAGE] = LEAF("Message", BARE, BARE_REQUEST_ID, IAM_NODE_TEXT, message, 0),
    [BARE_REQUEST_ID] = REQUEST_ID(BARE),
    [EC2] = BRANCH("Response", DOCUMENT, EC2_ERRORS, 0, IAM_NODE_ERROR, 0),
    [EC2_ERRORS] = BRANCH("Errors", EC2, EC2_ERROR, EC2_REQUEST_ID, IAM_NODE_PLAIN, 0),
    [EC2_ERROR] = BRANCH("Error", EC2_ERRORS, EC2_CODE, 0, IAM_NODE_PLAIN, 0),
    [EC2_CODE] = LEAF("Code", EC2_ERROR, EC2_MESSAGE, IAM_NODE_TEXT, code, 0),
    [EC2_MESSAGE] = LEAF("Message", EC2_ERROR, 0, IAM_NODE_TEXT, message, 0),
    [EC2_REQUEST_ID] = LEAF("RequestID", EC2, EC2_REQUEST_ID_2, IAM_NODE_REQUEST_ID, code, 0),
    [EC2_REQUEST_ID_2] = REQUEST_ID(EC2),

    [ENT] = BRANCH("GetServiceLastAccessedDetailsWithEntitiesResponse", DOCUMENT, ENT_RESULT,
                   NEXT_SVC, IAM_NODE_PLAIN, 0),
    [ENT_RESULT] = BRANCH("GetServiceLastAccessedDetailsWithEntitiesResult", ENT, ENT_TRUNCATED,
                          ENT_META, IAM_NODE_RESULT, 0),
    [ENT_TRUNCATED] = LEAF("IsTruncated", ENT_RESULT, ENT_COMPLETION, IAM_NODE_BOOL,
                           report.is_truncated, IAM_MEMBER_IS_TRUNCATED),
    [ENT_COMPLETION] = LEAF("JobCompletionDate", ENT_RESULT, ENT_CREATION, IAM_NODE_TIME,
                            report.job_completion, IAM_MEMBER_JOB_COMPLETION_DATE),
    [ENT_CREATION] = LEAF("JobCreationDate", ENT_RESULT, ENT_STATUS, IAM_NODE_TIME,
                          report.job_creation, IAM_MEMBER_JOB_CREATION_DATE),
    [ENT_STATUS] = LEAF("JobStatus", ENT_RESULT, ENT_LIST, IAM_NODE_STATUS, report.status_text,
                        IAM_MEMBER_JOB_STATUS),
    [ENT_LIST] = BRANCH("EntityDetailsList", ENT_RESULT, ENT_MEMBER, ENT_MARKER, IAM_NODE_LIST,
                        IAM_MEMBER_LIST),
    [ENT_MARKER] =
        LEAF("Marker", ENT_RESULT, ENT_ERROR, IAM_NODE_TEXT, report.marker, IAM_MEMBER_MARKER),
    [ENT_ERROR] = BRANCH("Error", ENT_RESULT, ENT_ERROR_CODE, 0, IAM_NODE_PLAIN, IAM_MEMBER_ERROR),
    [ENT_ERROR_CODE] =
        LEAF("Code", ENT_ERROR, ENT_ERROR_MESSAGE, IAM_NODE_TEXT, report.error_code, 0),
    [ENT_ERROR_MESSAGE] = LEAF("Message", ENT_ERROR, 0, IAM_NODE_TEXT, report.error_message, 0),
    [ENT_MEMBER] = BRANCH("member", ENT_LIST, ENT_INFO, 0, IAM_NODE_ITEM, IAM_ITEM_ENTITY),
    [ENT_INFO] = {"EntityInfo>", 10, IAM_XML_BRANCH, ENT_MEMBER, ENT_ARN, ENT_LAST, IAM_NODE_GROUP,
                  IN(item.u.entity.info), 1},
    [ENT_ARN] = LEAF("Arn", ENT_INFO, ENT_ID, IAM_NODE_TEXT, item.u.entity.arn, 2),
    [ENT_ID] = LEAF("Id", ENT_INFO, ENT_NAME, IAM_NODE_TEXT, item.u.entity.id, 3),
    [ENT_NAME] = LEAF("Name", ENT_INFO, ENT_PATH, IAM_NODE_TEXT, item.u.entity.name, 4),
    [ENT_PATH] = LEAF("Path", ENT_INFO, ENT_TYPE, IAM_NODE_TEXT, item.u.entity.path, 5),
    [ENT_TYPE] = LEAF("Type", ENT_INFO, 0, IAM_NODE_TYPE, item.u.entity.type_text, 6),
    [ENT_LAST] = LEAF("LastAuthenticated", ENT_MEMBER, 0, IAM_NODE_TIME,
                      item.u.entity.last_authenticated, 7),
    [ENT_META] = BRANCH("ResponseMetadata", ENT, ENT_REQUEST_ID, 0, IAM_NODE_PLAIN, 0),
    [ENT_REQUEST_ID] = REQUEST_ID(ENT_META),

#if CONFIG_TINYIAM_OP_SERVICES
    [SVC] = BRANCH("GetServiceLastAccessedDetailsResponse", DOCUMENT, SVC_RESULT, NEXT_GEN,
                   IAM_NODE_PLAIN, 0),
    [SVC_RESULT] = BRANCH("GetServiceLastAccessedDetailsResult", SVC, SVC_TRUNCATED, SVC_META,
                          IAM_NODE_RESULT, 0),
    [SVC_TRUNCATED] = LEAF("IsTruncated", SVC_RESULT, SVC_COMPLETION, IAM_NODE_BOOL,
                           report.is_truncated, IAM_MEMBER_IS_TRUNCATED),
    [SVC_COMPLETION] = LEAF("JobCompletionDate", SVC_RESULT, SVC_CREATION, IAM_NODE_TIME,
                            report.job_completion, IAM_MEMBER_JOB_COMPLETION_DATE),
    [SVC_CREATION] = LEAF("JobCreationDate", SVC_RESULT, SVC_STATUS, IAM_NODE_TIME,
                          report.job_creation, IAM_MEMBER_JOB_CREATION_DATE),
    [SVC_STATUS] = LEAF("JobStatus", SVC_RESULT, SVC_JOB_TYPE, IAM_NODE_STATUS, report.status_text,
                        IAM_MEMBER_JOB_STATUS),
    [SVC_JOB_TYPE] =
        LEAF("JobType", SVC_RESULT, SVC_LIST, IAM_NODE_LEVEL, report.job_type, IAM_MEMBER_JOB_TYPE),
    [SVC_LIST] = BRANCH("ServicesLastAccessed", SVC_RESULT, SVC_MEMBER, SVC_MARKER, IAM_NODE_LIST,
                        IAM_MEMBER_LIST),
    [SVC_MARKER] =
        LEAF("Marker", SVC_RESULT, SVC_ERROR, IAM_NODE_TEXT, report.marker, IAM_MEMBER_MARKER),
    [SVC_ERROR] = BRANCH("Error", SVC_RESULT, SVC_ERROR_CODE, 0, IAM_NODE_PLAIN, IAM_MEMBER_ERROR),
    [SVC_ERROR_CODE] =
        LEAF("Code", SVC_ERROR, SVC_ERROR_MESSAGE, IAM_NODE_TEXT, report.error_code, 0),
    [SVC_ERROR_MESSAGE] = LEAF("Message", SVC_ERROR, 0, IAM_NODE_TEXT, report.error_message, 0),
    [SVC_MEMBER] = BRANCH("member", SVC_LIST, SVC_NAME, 0, IAM_NODE_ITEM, IAM_ITEM_SERVICE),
    [SVC_NAME] = LEAF("ServiceName", SVC_MEMBER, SVC_LAST, IAM_NODE_TEXT, item.u.service.name, 1),
    [SVC_LAST] = LEAF("LastAuthenticated", SVC_MEMBER, SVC_NAMESPACE, IAM_NODE_TIME,
                      item.u.service.last_authenticated, 2),
    [SVC_NAMESPACE] = LEAF("ServiceNamespace", SVC_MEMBER, SVC_ENTITY, IAM_NODE_TEXT,
                           item.u.service.namespace_, 3),
    [SVC_ENTITY] = LEAF("LastAuthenticatedEntity", SVC_MEMBER, SVC_REGION, IAM_NODE_TEXT,
                        item.u.service.last_entity, 4),
    [SVC_REGION] = LEAF("LastAuthenticatedRegion", SVC_MEMBER, SVC_TOTAL, IAM_NODE_TEXT,
                        item.u.service.last_region, 5),
    [SVC_TOTAL] = LEAF("TotalAuthenticatedEntities", SVC_MEMBER, SVC_ACTIONS, IAM_NODE_INT,
                       item.u.service.total_entities, 6),
    [SVC_ACTIONS] =
        BRANCH("TrackedActionsLastAccessed", SVC_MEMBER, SVC_ACTION, 0, IAM_NODE_SUBLIST, 7),
    [SVC_ACTION] = BRANCH("member", SVC_ACTIONS, ACT_NAME, 0, IAM_NODE_SUBITEM, IAM_ITEM_ACTION),
    [ACT_NAME] = LEAF("ActionName", SVC_ACTION, ACT_ENTITY, IAM_NODE_TEXT, item.u.action.name, 1),
    [ACT_ENTITY] = LEAF("LastAccessedEntity", SVC_ACTION, ACT_TIME, IAM_NODE_TEXT,
                        item.u.action.last_entity, 2),
    [ACT_TIME] = LEAF("LastAccessedTime", SVC_ACTION, ACT_REGION, IAM_NODE_TIME,
                      item.u.action.last_accessed, 3),
    [ACT_REGION] =
        LEAF("LastAccessedRegion", SVC_ACTION, 0, IAM_NODE_TEXT, item.u.action.last_region, 4),
    [SVC_META] = BRANCH("ResponseMetadata", SVC, SVC_REQUEST_ID, 0, IAM_NODE_PLAIN, 0),
    [SVC_REQUEST_ID] = REQUEST_ID(SVC_META),
#endif

#if CONFIG_TINYIAM_OP_GENERATE
    [GEN] = BRANCH("GenerateServiceLastAccessedDetailsResponse", DOCUMENT, GEN_RESULT, ERR,
                   IAM_NODE_PLAIN, 0),
    [GEN_RESULT] = BRANCH("GenerateServiceLastAccessedDetailsResult", GEN, GEN_JOB_ID, GEN_META,
                          IAM_NODE_RESULT, 0),
    [GEN_JOB_ID] = LEAF("JobId", GEN_RESULT, 0, IAM_NODE_TEXT, report.job_id, IAM_MEMBER_JOB_ID),
    [GEN_META] = BRANCH("ResponseMetadata", GEN, GEN_REQUEST_ID, 0, IAM_NODE_PLAIN, 0),
    [GEN_REQUEST_ID] = REQUEST_ID(GEN_META),
#endif
};
const uint8_t iam_schema_count = NODES;

const struct iam_service_model iam_model = {"iam", "2010-05-08", iam_schema};

#define MARKED(type_) AT(type_, marker), AT(type_, max_items), AT(type_, scope)
const struct iam_operation iam_operations[IAM_OP_COUNT] = {
    [IAM_OP_ENTITIES] = {"GetServiceLastAccessedDetailsWithEntities", &iam_model, entities_params,
                         4, ENT, MARKED(iam_entities_request), false},
#if CONFIG_TINYIAM_OP_SERVICES
    [IAM_OP_SERVICES] = {"GetServiceLastAccessedDetails", &iam_model, services_params, 3, SVC,
                         MARKED(iam_services_request), false},
#endif
#if CONFIG_TINYIAM_OP_GENERATE
    [IAM_OP_GENERATE] = {"GenerateServiceLastAccessedDetails", &iam_model, generate_params, 2, GEN,
                         0, 0, 0, false},
#endif
};
