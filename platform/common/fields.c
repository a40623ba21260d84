/* What is shown of a report's items. */
#include "fields_row.h"

static const struct field entity[] = {
    {NAME("Arn", "ARN"), AT(entity.arn), FIELD_TEXT, 1, 5},
    {NAME("Name", "NAME"), AT(entity.name), FIELD_TEXT, 2, 4},
    {NAME("Type", "TYPE"), AT(entity.type_text), FIELD_TEXT, 3, 3},
    {NAME("Id", ""), AT(entity.id), FIELD_TEXT, 4, 0},
    {NAME("Path", ""), AT(entity.path), FIELD_TEXT, 5, 0},
    {NAME("LastAuthenticated", "LAST ACCESS (UTC)"), AT(entity.last_authenticated), FIELD_TIME, 6,
     1},
};
const struct fields fields_entity = {
    FIELDS(IAM_ITEM_ENTITY, entity),
    .grouped = 5,
    .group = "EntityInfo",
    .group_at = AT(entity.info),
};

/* Columns of the table: those of its service. */
static const struct field action[] = {
    {NAME("ActionName", ""), AT(action.name), FIELD_TEXT, 1, 4},
    {NAME("LastAccessedEntity", ""), AT(action.last_entity), FIELD_TEXT, 3, 7},
    {NAME("LastAccessedTime", ""), AT(action.last_accessed), FIELD_TIME, 2, 1},
    {NAME("LastAccessedRegion", ""), AT(action.last_region), FIELD_TEXT, 4, 6},
};
static const struct fields fields_action = {FIELDS(IAM_ITEM_ACTION, action)};

static const struct field service[] = {
    {NAME("ServiceName", "SERVICE"), AT(service.name), FIELD_TEXT, 1, 4},
    {NAME("LastAuthenticated", "LAST ACCESS (UTC)"), AT(service.last_authenticated), FIELD_TIME, 3,
     1},
    {NAME("ServiceNamespace", "NAMESPACE"), AT(service.namespace_), FIELD_TEXT, 2, 3},
    {NAME("LastAuthenticatedEntity", "LAST ENTITY"), AT(service.last_entity), FIELD_TEXT, 4, 7},
    {NAME("LastAuthenticatedRegion", "REGION"), AT(service.last_region), FIELD_TEXT, 5, 6},
    {NAME("TotalAuthenticatedEntities", "ENTITIES"), AT(service.total_entities), FIELD_INTEGER, 6,
     5},
};
const struct fields fields_service = {
    FIELDS(IAM_ITEM_SERVICE, service),
    .sub = &fields_action,
    .sub_list = "TrackedActionsLastAccessed",
    .sub_at = AT(service.has_actions),
};

bool field_present(const struct field *f, const void *of)
{
    const void *at = field_at(f, of);
    if (f->type == FIELD_TEXT)
        return ((const struct iam_span *)at)->p != NULL;
    if (f->type == FIELD_TIME)
        return ((const struct iam_time *)at)->present;
    return *((const bool *)at + sizeof(int64_t));
}
IS_BEHIND(service.total_entities, int64_t, service.has_total);
